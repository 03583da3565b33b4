"""``make bench``: measure, print each table as it is done, and write docs/benchmarks.md.

``python -m benchmarks [launches] [shares] [pushes] [tokens]`` measures only what is named, and writes nothing.
"""

import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.tables import Table, markdown

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
MEASUREMENTS = ("launches", "shares", "pushes", "tokens")  # modules with ``run() -> Table``
PACKAGES = ("pylti1p3", "Flask", "gunicorn", "SQLAlchemy", "psycopg", "PyJWT", "cryptography", "redis", "rq", "urllib3")


def main(named: list[str]) -> None:
    """Measure what is named, or all of it."""
    if unknown := [name for name in named if name not in MEASUREMENTS]:
        sys.exit(f"There is no measurement {unknown[0]}. There are: {', '.join(MEASUREMENTS)}.")
    began, written = time.monotonic(), []
    for name in MEASUREMENTS:
        if named and name not in named:
            continue
        print(f"- {name}", file=sys.stderr, flush=True)
        table: Table = importlib.import_module(f"benchmarks.{name}").run()
        written.append(markdown(table))
        print(written[-1], flush=True)
    if not named:
        DOCUMENT.write_text("\n".join([_head(time.monotonic() - began), *written]).rstrip() + "\n")
        print(f"- written: docs/{DOCUMENT.name}", file=sys.stderr)


def _head(seconds: float) -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return (
        "# Benchmarks\n\n"
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d} in {seconds / 60:.1f} minutes, on {_machine()}. "
        "Everything ran on this one machine, in one run, the client included: **only ratios mean anything**, and two "
        "runs of the same thing differ by up to 15 %.\n\n"
        f"Versions: Python {platform.python_version()}, {versions}; Node {_node()}.\n"
    )


def _machine() -> str:
    load = f"load {os.getloadavg()[1]:.1f} over 5 minutes" if hasattr(os, "getloadavg") else "load unknown"
    return f"{os.cpu_count()} cores ({platform.system()} {platform.machine()}; {load})"


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        return "not installed"
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip().lstrip("v")


if __name__ == "__main__":
    main(sys.argv[1:])
