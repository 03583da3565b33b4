"""Runs processes that send scores: each says ``ready``, waits for a line, sends and ends. The clock runs in between."""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ground import Ground, children, cpu_seconds
from benchmarks.lms import Counts, Lms
from benchmarks.tools import NotRun

READY_SECONDS, SEND_SECONDS = 60, 120
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one run. CPU times are milliseconds for each score that arrived."""

    count: int
    seconds: float
    counts: Counts
    sender_ms: float
    servers_ms: float
    lms_ms: float

    @property
    def rate(self) -> float:
        """Scores that arrived, per second."""
        return self.counts.people / self.seconds

    @property
    def all_ms(self) -> float:
        """CPU time of all that took part."""
        return self.sender_ms + self.servers_ms + self.lms_ms


class Clock:
    """Times one run: wall time, and CPU time by who used it."""

    def __init__(self, ground: Ground, lms: Lms, senders: Sequence[int]) -> None:
        self._ground, self._lms, self._senders = ground, lms, senders
        self._lms.counts()
        self._cpu = self._used()
        self._began = time.monotonic()

    def stop(self, count: int) -> Sent:
        """``count``: how many scores there were to send."""
        seconds = time.monotonic() - self._began
        used = [1000 * (now - before) for now, before in zip(self._used(), self._cpu, strict=True)]
        counts = self._lms.counts()
        each = [spent / max(1, counts.people) for spent in used]
        return Sent(count, seconds, counts, *each)

    def _used(self) -> tuple[float, float, float]:
        postmaster = self._ground.postmaster
        servers = [postmaster, *children(postmaster), self._ground.valkey.process.pid]
        return cpu_seconds(self._senders), cpu_seconds(servers), cpu_seconds([self._lms.pid])


def send(
    ground: Ground, lms: Lms, command: Sequence[str], jobs: Sequence[dict[str, Any]], count: int, **environment: str
) -> Sent:
    """Run one process for each job, all at once. Raises NotRun when one does not get ready, or fails."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        for job in jobs:  # one after the other: the first may have tables to make
            started.append(_start(command, job, environment))
            if b"ready\n" not in iter(started[-1].stdout.readline, b""):  # type: ignore[union-attr]  # it is a pipe
                raise NotRun("it did not start")
        clock = Clock(ground, lms, [os.getpid()])  # ended children count for their parent
        before = cpu_seconds([process.pid for process in started])
        for process in started:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        failed = [code for process in started if (code := process.wait(SEND_SECONDS))]
        sent = clock.stop(count)
    finally:
        for process in started:
            process.kill()
            process.communicate()
    if failed:
        raise NotRun("it ended with an error")
    spared = 1000 * before / max(1, sent.counts.people)
    return Sent(count, sent.seconds, sent.counts, sent.sender_ms - spared, sent.servers_ms, sent.lms_ms)


def _start(command: Sequence[str], job: dict[str, Any], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("LQF_")}
    return subprocess.Popen(
        command,
        env=own | environment | {"JOB": json.dumps(job)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
