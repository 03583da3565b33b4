"""``lqf worker`` and ``lqf sweep`` as processes: they say what is wrong, they stop, and kill -9 loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from framework.settings import Settings
from framework.store import tasks
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import GradePush, Task
from tests.workers.conftest import SECRET
from tests.workers.course import Course, Lms, place
from workers.workshop import Workshop

ON_ONE = pytest.mark.parametrize("kind_of_database", ["sqlite"], scope="session")
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"  # where it is set, every start compiles everything anew
ROOT = Path(__file__).parents[2]


class Lqf:
    """Runs ``lqf`` commands on one database and one Valkey; nothing outlives the test."""

    def __init__(self, settings: Settings) -> None:
        self.command = [sys.executable, "-m", "lqf"]
        self._environment = {
            **{name: value for name, value in os.environ.items() if name[:4] != "LQF_" and name != NO_BYTECODE},
            "LQF_ENV": "development",
            "LQF_BASE_URL": settings.base_url,
            "LQF_SECRET_KEY": SECRET,
            "LQF_DATA_DIR": str(settings.data_dir),
            "LQF_DATABASE_URL": settings.database_url,
            "LQF_REDIS_URL": settings.redis_url,
        }
        self._running: list[subprocess.Popen[str]] = []

    def __call__(self, *words: str, **changes: str) -> subprocess.Popen[str]:
        return self.run([*self.command, *words], **changes)

    def run(self, command: list[str], **changes: str) -> subprocess.Popen[str]:
        """Any command in the same environment."""
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment | changes,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._running.append(process)
        return process

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def lqf(settings: Callable[..., Settings]) -> Iterator[Lqf]:
    """``lqf("worker")`` starts a command."""
    runner = Lqf(settings(secret_key=SECRET))
    yield runner
    runner.end()


def ends(process: subprocess.Popen[str], seconds: float = 30) -> tuple[int, str]:
    output, _ = process.communicate(timeout=seconds)
    return process.returncode, output


def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def has_swept(store: Store) -> bool:
    with store.reading(INSTALLATION) as session:
        return session.scalar(sa.select(Task.id).where(Task.kind == tasks.SWEEP)) is not None


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Course:
    return place(lms, store, "moodle", "priya")


@ON_ONE
def test_a_worker_without_redis_waits_and_then_says_so(lqf: Lqf, tmp_path: Path) -> None:
    began = time.monotonic()
    code, output = ends(lqf("worker", LQF_REDIS_URL=f"unix://{tmp_path}/nobody.sock"))
    assert code == 1
    assert output.splitlines()[-1].startswith("lqf: Redis has not answered for 10 s.")
    assert time.monotonic() - began > 9


@pytest.mark.lti("LTI-101")
def test_a_sweep_and_a_worker_bring_a_grade_home_that_nobody_rang_for(lqf: Lqf, course: Course) -> None:
    course.want("priya", 1.0)
    assert ends(lqf("sweep", "--once")) == (0, "")
    worker = lqf("worker")
    until(lambda: course.row("priya").state == "delivered")
    assert course.grade("priya") == 1.0
    worker.send_signal(signal.SIGTERM)
    assert ends(worker)[0] == 0


@pytest.mark.lti("LTI-101")
def test_a_worker_killed_while_it_sends_loses_nothing_and_repeats_nothing(
    lqf: Lqf, course: Course, shop: Workshop, lms: Lms
) -> None:
    lms.fault(endpoint="scores", platform="moodle", delay=3)
    course.want("priya", 1.0)
    shop.bell.push_grades(course.platform.id)
    worker = lqf("worker")
    until(lambda: lms.state("moodle")["faults"] == [])  # the LMS has the score, and takes its time
    worker.kill()
    worker.wait()
    until(lambda: len(course.scores()) == 1)
    assert course.row("priya").state == "due"
    with course.store.transaction(1) as session:  # ... a minute and a half later
        session.get_one(GradePush, (1, course.row("priya").id)).lease_until = now()
    lqf("worker")
    lqf("sweep")
    until(lambda: course.row("priya").state == "delivered")
    assert len(course.scores()) == 1
    assert course.grade("priya") == 1.0


@ON_ONE
def test_a_sweep_stops_when_told_also_where_interrupts_are_ignored(lqf: Lqf, store: Store) -> None:
    """A background job of a script inherits SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = lqf("sweep")
    finally:
        signal.signal(signal.SIGINT, before)
    until(lambda: has_swept(store))
    process.send_signal(signal.SIGINT)
    assert ends(process, 10) == (0, "")


@ON_ONE
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_sweep_ends_with_its_parent_when_asked_to(lqf: Lqf, store: Store) -> None:
    lines = (
        f"import subprocess, time; print(subprocess.Popen({[*lqf.command, 'sweep']!r}).pid, flush=True); time.sleep(60)"
    )
    parent = lqf.run([sys.executable, "-c", lines], LQF_DIE_WITH_PARENT="1")
    assert parent.stdout is not None
    child = Path("/proc", parent.stdout.readline().strip())
    until(lambda: has_swept(store))
    parent.kill()
    parent.wait()
    until(lambda: not child.exists() or "Z" in (child / "stat").read_text().split(")")[-1].split()[:1], 10)
