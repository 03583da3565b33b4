"""Grades to an LMS: this tool's two workers beside pylti1p3, ltijs and one RQ job a score, in one run.

All send to the same stand-in for an LMS, which needs next to no time, with the same PostgreSQL and Valkey.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from rq import Worker

from benchmarks import ground, lms, senders, tools
from benchmarks.ground import Ground
from benchmarks.lms import Lms
from benchmarks.peers import rq_scores
from benchmarks.senders import Clock, Sent
from benchmarks.tables import Table
from framework.store.columns import new_id
from framework.store.grade_pushes import DELIVERED
from framework.store.sessions import now
from framework.store.tables import GradePush, Identity, LineItem, Platform
from tests import builders
from workers.enqueue import Bell

WORKERS = 2
GRADES = 2500  # in each round of this tool at full speed
FAR_MILLISECONDS, FAR_THREADS, FAR_GRADES = 100, 16, 1600
PYLTI_SCORES, RQ_SCORES, LTIJS_SCORES = 60, 500, 800
START_SECONDS, SEND_SECONDS = 60, 120
BARE, FAR = "nothing but HTTP", f"{FAR_MILLISECONDS} ms away, {WORKERS} x {FAR_THREADS} threads"
TARGETS = {"pylti1p3 2.0.0, put_grade": "50", "ltijs 5.9.9, submitScore": "6"}


@dataclass(frozen=True, slots=True)
class Course:
    """One graded activity on one platform, with learners enough for every round."""

    platform: Platform
    line_item: LineItem
    learners: list[Identity]


def run() -> Table:
    """Measure all senders, in about two minutes. This tool is measured before and after each other one."""
    load = os.getloadavg()[0]
    peers: dict[str, Callable[[Ground, Lms], Sent]] = {
        BARE: lambda laid, platform: _bare(laid, platform, 0, 4, GRADES),
        "one RQ job a score": _rq,
        "pylti1p3 2.0.0, put_grade": _pylti,
        "ltijs 5.9.9, submitScore": _ltijs,
    }
    with ground.laid() as laid, lms.running() as platform, workers(laid):
        near = _course(laid, platform, 0, 4, GRADES)
        far = _course(laid, platform, FAR_MILLISECONDS, FAR_THREADS, FAR_GRADES)
        for course in (near, far):
            _push(laid, platform, course, 40)  # warm: imports, connections, the token
        rounds, peer_rows = [_push(laid, platform, near, GRADES)], []
        for name, peer in peers.items():
            sent = _tried(peer, laid, platform)
            rounds.append(_push(laid, platform, near, GRADES))
            peer_rows.append(_peer_row(name, sent, statistics.mean(one.rate for one in rounds[-2:])))
        distant = _push(laid, platform, far, FAR_GRADES)
        bare = _tried(lambda *_: _bare(laid, platform, FAR_MILLISECONDS, FAR_THREADS, FAR_GRADES), laid, platform)
    middle = sorted(rounds, key=lambda sent: sent.rate)[len(rounds) // 2]
    rows = [_row("LQF, the middle round", middle, "1", ""), *peer_rows]
    rows += [_row(f"LQF, {FAR}", distant, "1", ""), _peer_row(f"{BARE}, {FAR}", bare, distant.rate)]
    columns = ("sender, 2 processes", "scores/s", "LQF / it", "wanted", "CPU ms a score", "tokens", "arrived")
    return Table("Grade pushes", columns, tuple(rows), _notes(rounds, distant, load))


@contextmanager
def workers(laid: Ground) -> Iterator[list[int]]:
    """``lqf worker`` as often as ``WORKERS`` says, ready for jobs; answers their process ids."""
    command = [sys.executable, "-m", "lqf", "worker"]
    environment = laid.environment | {"LQF_LOG_LEVEL": "WARNING"}
    started = [subprocess.Popen(command, cwd=senders.ROOT, env=environment) for _ in range(WORKERS)]
    client = laid.valkey.client()
    try:
        _until(lambda: len(Worker.all(client)) == WORKERS, START_SECONDS, "the workers did not start")
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)
        client.close()


def _course(laid: Ground, platform: Lms, milliseconds: int, concurrency: int, learners: int) -> Course:
    with laid.store.directory() as session:
        known = builders.platform(
            session,
            root=platform.url("lms", milliseconds),
            token_url=platform.url("token", milliseconds),
            client_id=f"tool-{milliseconds}",
            concurrency=concurrency,
        )
        deployment = builders.deployment(session, known)
    with laid.store.transaction(1) as session:
        link = builders.link(session, builders.context(session, deployment))
        item = builders.line_item(session, link, url=platform.url("lineitem", milliseconds))
        person = builders.person(session)
        enrolled = [builders.identity(session, person, known, sub=f"{known.id}-{n}") for n in range(learners)]
    return Course(known, item, enrolled)


def _push(laid: Ground, platform: Lms, course: Course, count: int) -> Sent:
    """Make so many grades due, ring for each worker, and wait until all are delivered."""
    _make_due(laid, course, count)
    client = laid.valkey.client()
    pids = [worker.pid for worker in Worker.all(client)]
    client.close()
    bell = Bell(laid.settings.redis)
    clock = Clock(laid, platform, [pid for pid in pids if pid])
    for _ in range(WORKERS):
        bell.push_grades(course.platform.id)
    _until(lambda: _is_done(laid, course.platform.id), SEND_SECONDS, "the grades were not delivered")
    bell.close()
    return clock.stop(count)


def _make_due(laid: Ground, course: Course, count: int) -> None:
    due: dict[str, Any] = {
        "tenant_id": 1,
        "line_item_id": course.line_item.id,
        "platform_id": course.platform.id,
        "wanted": 1.0,
        "maximum": 1.0,
        "submitted_at": now(),
        "wanted_version": 1,
        "next_try": now(),
        "version": 1,
        "updated_at": now(),
    }
    with laid.store.transaction(1) as session:
        session.execute(sa.delete(GradePush).where(GradePush.platform_id == course.platform.id))
        rows = [due | {"id": new_id(), "identity_id": learner.id} for learner in course.learners[:count]]
        session.execute(sa.insert(GradePush), rows)
    laid.postgresql.admin.execute("CHECKPOINT")  # else it falls into one of the rounds
    with laid.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE grade_push"))


def _is_done(laid: Ground, platform_id: uuid.UUID) -> bool:
    with laid.store.reading(1) as session:
        waiting = sa.exists().where(GradePush.platform_id == platform_id, GradePush.state != DELIVERED)
        return not session.scalar(sa.select(waiting))


def _until(is_reached: Callable[[], bool], seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_reached():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(0.02)


def _tried(peer: Callable[[Ground, Lms], Sent], laid: Ground, platform: Lms) -> Sent | str:
    """What a peer reached, or why it did not run."""
    try:
        return peer(laid, platform)
    except (tools.NotRun, subprocess.TimeoutExpired) as error:
        return f"not run: {error}"


def _halves(count: int) -> list[list[str]]:
    people = [str(number) for number in range(count)]
    return [people[at::WORKERS] for at in range(WORKERS)]


def _bare(laid: Ground, platform: Lms, milliseconds: int, threads: int, count: int) -> Sent:
    job = {"threads": threads} | _addresses(platform, milliseconds)
    command = [sys.executable, "-m", "benchmarks.peers.bare_scores"]
    return senders.send(laid, platform, command, [job | {"people": half} for half in _halves(count)], count)


def _pylti(laid: Ground, platform: Lms) -> Sent:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    job = {"redis_url": laid.valkey.url, "private_key": key.decode()} | _addresses(platform)
    command = [sys.executable, "-m", "benchmarks.peers.pylti_scores"]
    return senders.send(
        laid, platform, command, [job | {"people": half} for half in _halves(PYLTI_SCORES)], PYLTI_SCORES
    )


def _rq(laid: Ground, platform: Lms) -> Sent:
    connection = redis.Redis.from_url(laid.valkey.url)
    people = [person for half in _halves(RQ_SCORES) for person in half]
    where = _addresses(platform)
    rq_scores.enqueue(connection, where["line_item_url"], where["token_url"], people)
    connection.close()
    command = [sys.executable, "-m", "benchmarks.peers.rq_scores"]
    return senders.send(laid, platform, command, [{"redis_url": laid.valkey.url}] * WORKERS, RQ_SCORES)


def _ltijs(laid: Ground, platform: Lms) -> Sent:
    node, folder = shutil.which("node"), tools.installed()
    laid.postgresql.create("bench_ltijs_scores")
    job = {"host": laid.postgresql.host, "database": "bench_ltijs_scores"} | _addresses(platform)
    command = [str(node), str(tools.PEERS / "ltijs" / "scores.js")]
    jobs = [job | {"people": half} for half in _halves(LTIJS_SCORES)]
    environment = {"NODE_PATH": str(folder / "node_modules"), "NODE_ENV": "production"}
    return senders.send(laid, platform, command, jobs, LTIJS_SCORES, **environment)


def _addresses(platform: Lms, milliseconds: int = 0) -> dict[str, str]:
    return {"line_item_url": platform.url("lineitem", milliseconds), "token_url": platform.url("token", milliseconds)}


def _peer_row(name: str, sent: Sent | str, ours: float) -> tuple[str, ...]:
    """``ours``: scores a second of this tool around the same time."""
    wanted = TARGETS.get(name, "")
    if isinstance(sent, str):
        return (name, sent, "", wanted, "", "", "")
    ratio = ours / sent.rate
    return _row(name, sent, f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}", wanted)


def _row(name: str, sent: Sent, ratio: str, wanted: str) -> tuple[str, ...]:
    arrived = f"{sent.counts.people} of {sent.count}"
    return (name, f"{sent.rate:,.0f}", ratio, wanted, f"{sent.all_ms:.2f}", str(sent.counts.tokens), arrived)


def _notes(rounds: list[Sent], distant: Sent, load: float) -> tuple[str, ...]:
    rates = ", ".join(f"{sent.rate:,.0f}" for sent in rounds)
    theory = WORKERS * FAR_THREADS * 1000 / FAR_MILLISECONDS
    best = min(rounds, key=lambda sent: sent.all_ms)
    cores = os.cpu_count() or 1
    return (
        f"LQF: {GRADES:,} due rows and two `lqf worker` processes, from the bell to the last settled row. "
        f"Rounds: {rates} a second; wanted: 1,600.",
        f"CPU of LQF's best round: {best.sender_ms:.2f} ms workers, {best.servers_ms:.2f} ms PostgreSQL and Valkey, "
        f"{best.lms_ms:.2f} ms the stand-in. {cores} cores that do nothing else could send "
        f"{1000 * cores / best.all_ms:,.0f} a second at that price.",
        f"At {FAR_MILLISECONDS} ms the threads could do {theory:.0f} a second; {distant.rate / theory:.0%} of that was "
        f"reached (wanted: 85 %).",
        "Nothing but HTTP: as many threads on http.client, without a database: what the machine allowed in this run.",
        "In favour of the peers: no web request triggers their scores, and ltijs has its first token before the start.",
        f"The stand-in and the servers share the cores with the senders; load before the run: {load:.1f}.",
    )
