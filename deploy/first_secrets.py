"""Make the secrets of a new installation in a folder; what is there already stays as it is.

``python first_secrets.py FOLDER``. One secret a file, named as its environment variable; docs/operating.md says more.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote

OWNER_ONLY, READABLE = 0o400, 0o444


def make(folder: Path) -> list[str]:
    """Write the missing files. Answers the names of the new ones. Raises OSError when the folder cannot be written."""
    password = _read(folder / "POSTGRES_PASSWORD") or secrets.token_urlsafe(32)
    wanted = {
        # PostgreSQL runs as another user; only its container and the tool's mount this folder
        "POSTGRES_PASSWORD": (password, READABLE),
        "LQF_DATABASE_URL": (f"postgresql://lqf:{quote(password, safe='')}@db/lqf", OWNER_ONLY),
        "LQF_SECRET_KEY": (secrets.token_urlsafe(48), OWNER_ONLY),
    }
    missing = [name for name in wanted if not (folder / name).exists()]
    for name in missing:
        text, mode = wanted[name]
        part = folder / f".{name}.part"
        part.unlink(missing_ok=True)
        part.touch(mode=mode & 0o600 | 0o200)
        part.write_text(text)
        part.chmod(mode)
        part.rename(folder / name)  # whole or not at all
    return missing


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


if __name__ == "__main__":
    try:
        made = make(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"The secrets cannot be written as user {os.getuid()}: {error}")
    sys.stdout.write(f"Made {', '.join(made)}.\n" if made else "All secrets are there.\n")
