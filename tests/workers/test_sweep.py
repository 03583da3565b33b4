"""The sweep: finds all that nobody rang for, numbers the feed, ends visits; two do no harm."""

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rq import Queue
from rq.serializers import JSONSerializer

from framework.store import audits, tasks
from framework.store.columns import new_id
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import Audit, Award, Change, Platform, Task, Visit
from tests import builders, servers
from tests.builders import Placement
from workers import enqueue
from workers import sweep as sweep_module
from workers.enqueue import Bell
from workers.sweep import AUDIT_KEPT, Sweep


@pytest.fixture
def placed(store: Store) -> Placement:
    return builders.placement(store)


@pytest.fixture
def bell(valkey: servers.Valkey) -> Bell:
    return Bell(valkey.url)


def rung(valkey: servers.Valkey) -> list[tuple[str, dict[str, Any]]]:
    client = valkey.client()
    jobs = Queue(enqueue.QUEUE, connection=client, serializer=JSONSerializer).jobs
    client.close()
    return sorted((str(job.func_name), job.kwargs) for job in jobs)


@pytest.mark.lti("LTI-101")
def test_work_that_was_committed_but_not_rung_for_is_found(
    store: Store, bell: Bell, placed: Placement, valkey: servers.Valkey
) -> None:
    """Red without ``self._ring_platforms(due_platforms)``: the grade then waits for ever."""
    person = str(placed.person.id)
    with store.transaction(1) as session:
        tasks.request(session, tasks.RECOMPUTE, person, now=now())
        tasks.request(session, tasks.ROSTER, str(placed.context.id), now=now())
        tasks.request(session, tasks.LINE_ITEM, str(placed.line_item.id), now=now())
        builders.grade_push(session, placed.line_item, placed.identity)
    assert Sweep(store, bell).tick()
    assert rung(valkey) == [
        (enqueue.PUSH_GRADES, {"platform_id": str(placed.platform.id)}),
        (enqueue.RECOMPUTE, {"tenant_id": 1, "person_id": person}),
        (enqueue.ROSTER, {"tenant_id": 1, "context_id": str(placed.context.id)}),
    ]


@pytest.mark.parametrize("column", ["next_try", "lease_until"])
def test_what_is_not_due_yet_is_left_alone(
    store: Store, bell: Bell, placed: Placement, valkey: servers.Valkey, column: str
) -> None:
    later = {column: now() + timedelta(minutes=5)}
    with store.transaction(1) as session:
        builders.grade_push(session, placed.line_item, placed.identity, **later)
        session.add(Task(kind=tasks.RECOMPUTE, subject=str(new_id()), **({"next_try": now()} | later)))
    Sweep(store, bell).tick()
    assert rung(valkey) == []


@pytest.mark.parametrize("change", [{"state": "disabled"}, {"paused_until": now() + timedelta(hours=1)}])
def test_a_platform_that_rests_is_not_rung_for(
    store: Store, bell: Bell, placed: Placement, valkey: servers.Valkey, change: dict[str, object]
) -> None:
    with store.transaction(1) as session:
        builders.grade_push(session, placed.line_item, placed.identity)
    with store.directory() as session:
        for name, value in change.items():
            setattr(session.get_one(Platform, placed.platform.id), name, value)
    Sweep(store, bell).tick()
    assert rung(valkey) == []


def test_a_long_queue_is_not_made_longer(
    store: Store, bell: Bell, placed: Placement, valkey: servers.Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sweep.MOST_WAITING", 2)
    with store.transaction(1) as session:
        tasks.request(session, tasks.RECOMPUTE, str(placed.person.id), now=now())
    sweep = Sweep(store, bell)
    for _ in range(5):
        sweep.tick()
    assert len(rung(valkey)) == 2


def test_without_redis_the_feed_is_numbered_and_the_silence_said_once(
    store: Store, bell: Bell, placed: Placement, valkey: servers.Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    valkey.stop()
    sweep = Sweep(store, bell)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert sweep.tick()
    assert caplog.text.count("Redis does not answer") == 1
    with store.reading(1) as session:
        assert None not in session.scalars(sa.select(Change.seq)).all()


def test_every_tenants_feed_is_numbered(store: Store, bell: Bell) -> None:
    with store.directory() as session:
        other = builders.tenant(session).id
    for tenant_id in (1, other):
        with store.transaction(tenant_id) as session:
            builders.person(session)
    Sweep(store, bell).tick()
    for tenant_id in (1, other):
        with store.reading(tenant_id) as session:
            assert session.scalars(sa.select(Change.seq)).all() == [1]


def test_visits_end_when_their_time_is_over(store: Store, bell: Bell, placed: Placement) -> None:
    with store.transaction(1) as session:
        for minutes in (-5, 5):
            session.add(
                Visit(
                    launch_id=new_id(),
                    secret_hash="x",
                    carrier="cookie",
                    platform_id=placed.platform.id,
                    deployment_id=placed.deployment.id,
                    context_id=placed.context.id,
                    membership_id=placed.membership.id,
                    identity_id=placed.identity.id,
                    person_id=placed.person.id,
                    role="learner",
                    mode="activity",
                    created_at=now(),
                    expires_at=now() + timedelta(minutes=minutes),
                )
            )
    Sweep(store, bell).tick()
    with store.reading(1) as session:
        visits = session.scalars(sa.select(Visit).order_by(Visit.expires_at)).all()
    assert [visit.ended_at for visit in visits] == [visits[0].expires_at, None]


def test_a_second_sweep_stands_back_until_the_first_is_done_or_dead(store: Store, bell: Bell) -> None:
    with store.transaction(INSTALLATION) as session:
        tasks.request(session, tasks.SWEEP, "", now=now())
        assert tasks.claim(session, tasks.SWEEP, "", lease=timedelta(seconds=30), now=now())
    sweep = Sweep(store, bell)
    assert not sweep.tick()
    with store.transaction(INSTALLATION) as session:
        session.scalars(sa.select(Task)).one().lease_until = now() - timedelta(seconds=1)
    assert sweep.tick()
    assert sweep.tick()


def test_rival_sweeps_number_each_change_once(store: Store, bell: Bell, placed: Placement) -> None:
    sweeps = [Sweep(store, bell) for _ in range(3)]
    errors: list[Exception] = []

    def sweep_on(one: Sweep) -> None:
        try:
            for _ in range(10):
                one.tick()
        except Exception as error:  # noqa: BLE001  # the test shows it; a thread would swallow it
            errors.append(error)

    threads = [threading.Thread(target=sweep_on, args=[one]) for one in sweeps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Sweep(store, bell).tick()
    assert errors == []
    with store.reading(1) as session:
        seqs = session.scalars(sa.select(Change.seq).order_by(Change.seq)).all()
    assert list(seqs) == list(range(1, len(seqs) + 1))


def test_each_kind_of_job_has_its_bell() -> None:
    assert set(sweep_module._RINGS) == set(tasks.JOBS)


@pytest.mark.parametrize("tenant_id", [INSTALLATION, 1])
def test_the_audit_is_forgotten_after_six_years(store: Store, bell: Bell, tenant_id: int) -> None:
    """Red without ``audits.prune(session, before=before)``."""
    with store.transaction(tenant_id) as session:
        for action, age in (("old", AUDIT_KEPT + timedelta(days=1)), ("kept", AUDIT_KEPT - timedelta(days=1))):
            audits.add(session, actor="a", action=action, subject="s", now=now() - age)
    Sweep(store, bell).tick()
    with store.reading(tenant_id) as session:
        assert session.scalars(sa.select(Audit.action)).all() == ["kept"]


def test_an_award_that_has_run_out_is_computed_anew(
    store: Store, bell: Bell, placed: Placement, valkey: servers.Valkey
) -> None:
    """Red without ``if run_out``: a level that has run out stays on programs' lists until its holder does something."""
    with store.transaction(1) as session:
        given = {"framework_key": "f", "badge_key": "b", "edition_id": builders.edition(session).id, "basis": {}}
        yesterday = now() - timedelta(days=1)
        person_id = placed.person.id
        session.add(Award(person_id=person_id, level=1, state="active", at=yesterday, until=yesterday.date(), **given))
    assert Sweep(store, bell).tick()
    assert Sweep(store, bell).tick()
    assert rung(valkey) == [(enqueue.RECOMPUTE, {"tenant_id": 1, "person_id": str(person_id)})]
