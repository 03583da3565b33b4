"""A developer's script: fetch the style sheet and script of nhsuk-frontend and make them ours to serve.

    python -m lti_tool.vendor_assets

Needs the npm client and a network; nothing here runs when the tool is installed or serves pages. The result,
``static/vendor/nhsuk-frontend-<version>/``, is committed. What changes on the way: the web font and every address on
a foreign host go, asset addresses become relative, and the health service's colours become custom properties that
``static/app.css`` sets (a neutral theme). Logos and icons that stand for the health service are not taken.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "nhsuk-frontend"
VERSION = "10.6.1"
INTEGRITY = "sha512-PZorqQZjZx/A26yJoskCL9z0ib6AtkAyF0o4K/RHr8zRrJyXrUOCnMbjy0VNXsGO4tfTNMwqlkwATKs4a0xayw=="
TARGET = Path(__file__).parent / "static" / "vendor" / f"{PACKAGE}-{VERSION}"

# Colour of the package -> custom property of our theme. Tints that only unused components need are left alone.
THEME = {
    "#212b32": "--theme-ink",
    "#4c6272": "--theme-quiet",
    "#768692": "--theme-quiet",
    "#aeb7bd": "--theme-line-strong",
    "#d8dde0": "--theme-line",
    "#e0e4e6": "--theme-hover",
    "#f0f4f5": "--theme-paper",
    "#005eb8": "--theme-brand",
    "#0055a6": "--theme-brand",
    "#004b93": "--theme-brand-deep",
    "#003d78": "--theme-brand-deep",
    "#002f5c": "--theme-brand-deep",
    "#003087": "--theme-brand-deep",
    "#337ec6": "--theme-brand",
    "#d9e7f4": "--theme-brand-tint",
    "#c7dcef": "--theme-brand-tint",
    "#330072": "--theme-link-visited",
    "#7c2855": "--theme-link-hover",
    "#007f3b": "--theme-button",
    "#00662f": "--theme-button-hover",
    "#00401e": "--theme-button-deep",
    "#d5281b": "--theme-error",
    "#ffeb3b": "--theme-focus",
}
LICENCE = """MIT License

Copyright (c) 2019 NHS.UK

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def main() -> None:
    """Fetch, check, adapt and write the package. Stops with one clear line where something does not match."""
    npm = shutil.which("npm") or sys.exit("npm was not found: install Node.js to refresh the vendored files.")
    with tempfile.TemporaryDirectory() as folder:
        archive = _fetch(npm, Path(folder))
        files = _adapt(archive)
    _write(files)
    sys.stdout.write(f"{TARGET.name}: {len(files)} files, {sum(map(len, files.values())) // 1024} KB\n")


def _fetch(npm: str, folder: Path) -> Path:
    """The package archive, after its SHA-512 was found equal to the pinned one and to what npm reports."""
    command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--json", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        sys.exit(f"npm pack failed: {done.stderr.strip()[:500]}")
    report = json.loads(done.stdout)[0]
    archive = folder / str(report["filename"])
    measured = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if not measured == report["integrity"] == INTEGRITY:
        sys.exit(f"{archive.name} has {measured}, npm reports {report['integrity']}, pinned is {INTEGRITY}.")
    return archive


def _adapt(archive: Path) -> dict[str, bytes]:
    """The files to keep, by their path below the target folder."""
    with tarfile.open(archive) as package:

        def text(name: str) -> str:
            member = package.extractfile(f"package/dist/nhsuk/{name}")
            if member is None:
                sys.exit(f"The package has no file {name} any more.")
            return member.read().decode("utf-8")

        style, images = adapt_style(text("nhsuk-frontend.min.css"))
        files = {f"images/{name}": text(f"assets/images/{name}") for name in images}
        script = re.sub(r"//# sourceMappingURL=\S*\s*$", "", text("nhsuk-frontend.min.js"))
    files |= {"nhsuk-frontend.min.css": style, "nhsuk-frontend.min.js": script}
    files |= {"VERSION": f"{PACKAGE} {VERSION}\n{INTEGRITY}\n", "LICENCE": LICENCE}
    return {name: content.encode("utf-8") for name, content in files.items()}


def adapt_style(style: str) -> tuple[str, list[str]]:
    """The style sheet without its web font and foreign addresses, in theme colours; and the images it asks for."""
    style = re.sub(r"@font-face\{[^}]*\}", "", style)
    style = re.sub(r"/\*# sourceMappingURL=.*?\*/\s*$", "", style)
    style = style.replace("Frutiger W01,arial,sans-serif", "var(--theme-font)")
    style = style.replace("url(/assets/", "url(")
    root, rules = re.split(r"(?<=\})", style, maxsplit=1)
    for colour, name in THEME.items():
        rules = re.sub(rf"{colour}\b", f"var({name})", rules)
    images = sorted(set(re.findall(r"url\(images/([^)]+)\)", rules)))
    return root + rules, images


def _write(files: dict[str, bytes]) -> None:
    """Replace the target folder, with ``SHA256SUMS`` over all its files."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for name, content in files.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    sums = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    (TARGET / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


if __name__ == "__main__":
    main()
