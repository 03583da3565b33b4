"""`lqf worker` and `lqf sweep` as processes: they show that their loops turn."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

START_SECONDS = 20
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(database: str, valkey_url: str, tmp_path: Path) -> Iterator[Start]:
    """``start("sweep", LQF_...=...)``: a process on this test's database and Valkey, stopped at the end."""
    running: list[subprocess.Popen[str]] = []

    def begin(command: str, **more: str) -> subprocess.Popen[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LQF_")},
            "LQF_ENV": "development",
            "LQF_BASE_URL": "http://localhost:8000",
            "LQF_SECRET_KEY": "a secret that only tests know, long enough",
            "LQF_DATA_DIR": str(tmp_path),
            "LQF_DATABASE_URL": database,
            "LQF_REDIS_URL": valkey_url,
            **more,
        }
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "lqf", command],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield begin
    for process in running:
        process.terminate()
        process.communicate(timeout=10)


def wait_for(path: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not path.exists():
        assert time.monotonic() < until, f"no {path.name} within {START_SECONDS} s"
        time.sleep(0.05)


@pytest.mark.parametrize("command", ["worker", "sweep"])
def test_a_loop_shows_that_it_turns(command: str, start: Start, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    start(command, LQF_ALIVE_FILE=str(alive))
    wait_for(alive)
    alive.unlink()  # the first touch only proves that it can be written
    wait_for(alive)


def test_a_file_that_cannot_be_written_stops_the_start(start: Start, tmp_path: Path) -> None:
    process = start("sweep", LQF_ALIVE_FILE=str(tmp_path / "missing" / "alive"))
    _, said = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert said.startswith("lqf: LQF_ALIVE_FILE cannot be written: ")
    assert said.count("\n") == 1
