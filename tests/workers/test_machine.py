"""``lqf run`` (make run) as people treat it: Ctrl-C, kill -9, a taken port, a program that cannot start."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from framework.settings import Settings
from framework.store.sessions import Store
from framework.store.tables import Edition, Platform

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Run:
    """One ``lqf run`` with its own ports and data, in a process group of its own."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data, self.port, self.lms_port = data, free_port(), free_port()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("LQF_", "LMS_"))}
        self.environment |= {"LQF_DATA_DIR": str(data), "PORT": str(self.port), "LMS_PORT": str(self.lms_port)}
        self.environment |= {"LQF_WEB_WORKERS": "1"} | environment

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lqf", "run"],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_up(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://localhost:{self.port}/health/ready", timeout=2):
                    if len(self.store_rows(Platform)) == 2:  # the last thing it does
                        return
            except (OSError, sa.exc.SQLAlchemyError):
                time.sleep(0.1)
        raise AssertionError(f"not up: {self.ended()}")

    def ended(self) -> str:
        """Wait for the end; answers what was printed."""
        try:
            return self.process.communicate(timeout=START_SECONDS)[0]
        except subprocess.TimeoutExpired:
            self.kill()
            return "it goes on"

    def pids(self) -> list[int]:
        """Every process that was started with this data folder, found in /proc: whoever their parent is now."""
        mark, found = f"LQF_DATA_DIR={self.data}".encode(), []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0") and _state(entry) != b"Z":
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def kill(self) -> None:
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()

    def store_rows(self, table: Any) -> list[Any]:
        store = Store(f"sqlite:///{self.data / 'lqf.db'}")
        opened = store.directory_reading() if table is Platform else store.reading(1)
        with opened as session:
            rows = list(session.scalars(sa.select(table)))
        store.close()
        return rows


def _state(entry: Path) -> bytes:
    return (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]


def no_process_is_left(run: Run, seconds: float = 12) -> bool:
    until = time.monotonic() + seconds
    while run.pids() and time.monotonic() < until:
        time.sleep(0.1)
    return run.pids() == []


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    made: list[Run] = []

    def one(**environment: str) -> Run:
        made.append(Run(tmp_path / f"data-{len(made)}", **environment))
        return made[-1]

    yield one
    for run in made:
        if hasattr(run, "process"):
            run.kill()
            if run.process.stdout:
                run.process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
class TestRun:
    def test_a_killed_worker_comes_back_and_ctrl_c_leaves_no_process(self, make: Callable[..., Run]) -> None:
        run = make()
        run.start()
        run.wait_until_up()
        (worker,) = _running(run, "worker")
        os.kill(worker, signal.SIGKILL)
        until = time.monotonic() + 15
        while _running(run, "worker") in ([], [worker]) and time.monotonic() < until:
            time.sleep(0.1)
        assert _running(run, "worker") not in ([], [worker])
        os.killpg(run.process.pid, signal.SIGINT)
        said = run.ended()
        assert run.process.returncode == 0, said
        assert f"http://localhost:{run.port}/" in said and f"http://127.0.0.1:{run.lms_port}/" in said
        assert no_process_is_left(run)

    def test_kill_9_and_again_loses_nothing(self, make: Callable[..., Run]) -> None:
        """Red without ``preexec_fn=die_with_parent`` in ``workers.machine``: the programs outlive their parent."""
        run = make()
        run.start()
        run.wait_until_up()
        before = [row.id for row in run.store_rows(Platform)]
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.wait()
        assert no_process_is_left(run)
        assert run.process.stdout is not None
        run.process.stdout.close()
        run.start()
        run.wait_until_up()
        assert [row.id for row in run.store_rows(Platform)] == before
        assert len(run.store_rows(Edition)) == 1

    def test_a_program_that_cannot_start_is_named_with_its_last_words(self, make: Callable[..., Run]) -> None:
        run = make(LMS_PUBLIC_URL="nonsense")
        run.start()
        said = run.ended()
        assert run.process.returncode == 1
        assert "demo-lms does not start. The end of its log:" in said
        assert "LMS_PUBLIC_URL must start with http://" in said
        assert no_process_is_left(run)

    def test_a_taken_port_is_one_line(self, make: Callable[..., Run]) -> None:
        run = make()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", run.port))
            taken.listen()
            run.start()
            said = run.ended()
        assert said == (
            f"lqf: Port {run.port} is taken. Stop what uses it, or choose another: PORT={run.port + 10} make run\n"
        )
        assert run.process.returncode == 1


def _running(run: Run, command: str) -> list[int]:
    words = [b"-m", b"lqf", command.encode()]
    return [pid for pid in run.pids() if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:4] == words]


@pytest.mark.parametrize("command", ["web", "worker", "sweep"])
@pytest.mark.parametrize(
    ("revision", "words"),
    [("9999", "newer than this code"), (None, "lqf: The database is empty. Run `lqf migrate` first.\n")],
)
def test_another_schema_is_one_line(
    settings: Callable[..., Settings],
    empty_database: str,
    tmp_path: Path,
    command: str,
    revision: str | None,
    words: str,
) -> None:
    if revision is not None:
        engine = sa.create_engine(empty_database)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE alembic_version (version_num varchar(32))"))
            connection.execute(sa.text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
        engine.dispose()
    chosen = settings(database_url=empty_database)
    environment = {
        **os.environ,
        "LQF_ENV": "development",
        "LQF_BASE_URL": chosen.base_url,
        "LQF_SECRET_KEY": chosen.secret_key.get_secret_value(),
        "LQF_DATABASE_URL": empty_database,
        "LQF_REDIS_URL": chosen.redis,
    }
    done = subprocess.run(
        [sys.executable, "-m", "lqf", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert words in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_a_missing_setting_is_one_line() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LQF_")}
    done = subprocess.run(
        [sys.executable, "-m", "lqf", "web"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith("lqf: LQF_BASE_URL is missing.")
    assert len(done.stderr.splitlines()) == 1
