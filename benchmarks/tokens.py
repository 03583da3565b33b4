"""Access tokens: how often worker processes ask a platform for one, with Redis and while it is away."""

import subprocess
import sys

from benchmarks import ground, lms
from benchmarks.ground import Ground
from benchmarks.lms import Lms
from benchmarks.senders import ROOT
from benchmarks.tables import Table
from framework.store.tables import Platform
from tests import builders
from tests.workers.token_process import SCOPE_SETS

PROCESSES, THREADS, PLATFORMS = 4, 8, 3
MILLISECONDS = 200  # for an answer of the token endpoint: long enough that all ask at once
SECONDS = 60


def run() -> Table:
    """Count the requests of all processes together."""
    wanted = PLATFORMS * len(SCOPE_SETS)
    with ground.laid() as laid, lms.running() as platform:
        known = _platforms(laid, platform)
        together = _asked(laid, platform, known)
        again = _asked(laid, platform, known)
        laid.valkey.stop()
        alone = _asked(laid, platform, known)
        laid.valkey.start()
    rows = (
        ("nothing kept", str(together), f"at most {wanted}"),
        ("again, in new processes, within the hour", str(again), "0"),
        ("while Redis is away", str(alone), f"at most {wanted * PROCESSES}"),
    )
    asked = PROCESSES * THREADS * wanted
    notes = (
        f"{PROCESSES} processes with {THREADS} threads each ask at once for the tokens of {PLATFORMS} platforms with "
        f"{len(SCOPE_SETS)} sets of scopes: {asked} times in all. A token lives an hour. "
        f"An answer takes {MILLISECONDS} ms.",
        "Wanted: one request for each registration, token URL, set of scopes and hour over all processes; one for each "
        "process while Redis is away. pylti1p3's `put_grade` makes one for each grade.",
    )
    return Table("Token requests", ("tokens", "requests", "wanted"), rows, notes)


def _platforms(laid: Ground, platform: Lms) -> list[Platform]:
    url = platform.url("token", MILLISECONDS)
    with laid.store.directory() as session:
        return [builders.platform(session, client_id=f"tool-{n}", token_url=url) for n in range(PLATFORMS)]


def _asked(laid: Ground, platform: Lms, known: list[Platform]) -> int:
    """Start the processes, let them all ask at once, and count what the platform heard of it."""
    command = [sys.executable, "-m", "tests.workers.token_process", str(THREADS), *(str(one.id) for one in known)]
    processes = [
        subprocess.Popen(
            command,
            env=laid.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it says that Redis is away, which is meant
        )
        for _ in range(PROCESSES)
    ]
    try:
        for process in processes:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        platform.counts()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in processes:
            assert process.wait(SECONDS) == 0
        return platform.counts().tokens
    finally:
        for process in processes:
            process.kill()
            process.communicate()
