"""Register both platforms with the tool by its own command, as an operator would: ``python connect.py URL``.

``URL`` is the door ``/-/registration``. It runs where the command ``lqf`` is; compose mounts this one file there.
"""

import json
import subprocess
import sys
import urllib.request

CONNECTED = "is connected already"  # what `lqf platform add` says of a platform it knows


def main(url: str) -> int:
    """Connect what is not connected yet. Answers 0, or the exit code of the command that failed."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        platforms: list[dict[str, str]] = json.load(answer)["platforms"]
    for platform in platforms:
        options = [word for name, value in platform.items() for word in (f"--{name.replace('_', '-')}", value)]
        added = subprocess.run(["lqf", "platform", "add", *options], capture_output=True, text=True, check=False)  # noqa: S607  # whichever lqf the image has
        sys.stdout.write(added.stdout)
        if added.returncode and CONNECTED not in added.stderr:
            sys.stderr.write(added.stderr)
            return added.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
