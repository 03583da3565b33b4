"""``lqf doctor``: every trouble of an installation has its line, with what to do, and exit code 1."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

import lqf
from framework.settings import Settings
from framework.store import editions, tasks, tool_keys
from framework.store.sessions import INSTALLATION, Store, now
from tests import builders, own_content
from tests.workers.conftest import SECRET
from workers.enqueue import QUEUE

DOCUMENT = own_content.document()
Doctor = Callable[..., Result]


@pytest.fixture
def doctor(store: Store, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """``doctor(LQF_...=...)``: the command on an installation that has everything but a worker."""
    made = settings()
    for name in ("env", "base_url", "database_url", "redis_url"):
        monkeypatch.setenv(f"LQF_{name.upper()}", str(getattr(made, name)))
    monkeypatch.setenv("LQF_SECRET_KEY", SECRET)
    with store.directory() as session:
        tool_keys.ensure(session, SECRET)
    with store.transaction(1) as session:
        editions.publish(session, DOCUMENT, now=now())
    with store.transaction(INSTALLATION) as session:
        tasks.request(session, tasks.SWEEP, "", now=now())

    def run(**changes: str) -> Result:
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(lqf.commands, ["doctor"], catch_exceptions=False)

    return run


def line(result: Result, name: str) -> str:
    """The line about one thing."""
    return next(line for line in result.output.splitlines() if line[9:].startswith(f"{name}:"))


def test_an_installation_that_has_everything(doctor: Doctor, settings: Callable[..., Settings]) -> None:
    """Red without ``QUEUE in one.queue_names()`` turned round, or any of the lines."""
    client = Redis.from_url(settings().redis)
    worker = SimpleWorker([Queue(QUEUE, connection=client, serializer=JSONSerializer)], connection=client)
    worker.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves these two untyped
    result = doctor()
    worker.register_death()  # type: ignore[no-untyped-call]  # as above
    client.close()
    assert result.exit_code == 0, result.output
    for name in ("Database", "Redis", "Workers", "Signing key", "Content", "Sweep", "Waiting work", "Clock"):
        assert line(result, name).startswith("ok "), result.output
    assert "leadership-qualities, edition 1" in line(result, "Content")
    assert line(result, "Address").startswith("warning")  # development


def test_no_worker_and_no_sweep(doctor: Doctor, store: Store) -> None:
    """Red without ``timedelta(seconds=SWEEP_SECONDS)``."""
    with store.transaction(INSTALLATION) as session:
        tasks.request(session, tasks.SWEEP, "", now=now() - timedelta(hours=1))
    result = doctor()
    assert result.exit_code == 1
    assert line(result, "Workers").startswith("failed") and "lqf worker" in line(result, "Workers")
    assert line(result, "Sweep").startswith("failed") and "lqf sweep" in line(result, "Sweep")


@pytest.mark.one_database
def test_a_setting_that_is_wrong(doctor: Doctor) -> None:
    result = doctor(LQF_ENV="production")
    assert result.exit_code == 1
    assert line(result, "Settings").startswith("failed") and "must begin with https://" in line(result, "Settings")
    assert "Database" not in result.output


@pytest.mark.one_database
def test_a_redis_that_is_away_takes_no_long_time(doctor: Doctor) -> None:
    """Red with redis-py's own retries."""
    began = time.monotonic()
    result = doctor(LQF_REDIS_URL="redis://127.0.0.1:9/0")
    assert time.monotonic() - began < 5
    assert result.exit_code == 1 and line(result, "Redis").startswith("failed")
    assert line(result, "Content").startswith("ok"), "the rest is looked at all the same"


@pytest.mark.one_database
def test_a_database_that_is_away(doctor: Doctor) -> None:
    result = doctor(LQF_DATABASE_URL="postgresql://nobody:x@127.0.0.1:9/none")
    assert result.exit_code == 1
    assert line(result, "Database").startswith("failed") and "LQF_DATABASE_URL" in line(result, "Database")


def test_a_secret_key_that_does_not_open_the_sealed_keys(doctor: Doctor) -> None:
    """Red without ``_key``."""
    result = doctor(LQF_SECRET_KEY="another secret, long enough to be one of those")
    assert result.exit_code == 1 and line(result, "Signing key").startswith("failed"), result.output


def test_a_customer_without_content(doctor: Doctor, store: Store) -> None:
    with store.directory() as session:
        builders.tenant(session, key="second")
    result = doctor()
    assert "lqf content publish --tenant second" in line(result, "Content")


def test_work_that_waits_and_grades_that_need_a_person(doctor: Doctor, store: Store) -> None:
    """Red without ``table.next_try < now() - LATE``."""
    placed = builders.placement(store)
    with store.transaction(1) as session:
        builders.grade_push(session, placed.line_item, placed.identity, state="parked")
        tasks.request(session, tasks.ROSTER, "just asked for", now=now() - timedelta(minutes=1))
    assert line(doctor(), "Waiting work").startswith("warning") and "1 parked" in line(doctor(), "Waiting work")
    with store.transaction(1) as session:
        tasks.request(session, tasks.RECOMPUTE, "somebody", now=now() - timedelta(minutes=10))
    assert line(doctor(), "Waiting work").startswith("failed")


@pytest.mark.one_database
def test_an_address_that_nobody_can_reach(doctor: Doctor) -> None:
    result = doctor(LQF_ENV="production", LQF_BASE_URL="https://localhost")
    assert line(result, "Address").startswith("failed") and result.exit_code == 1
