"""The recompute job: once for each request, by one worker, and never lost."""

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from framework import journey
from framework.store import tasks
from framework.store.columns import new_id
from framework.store.sessions import Store, now
from framework.store.tables import Task
from tests import builders, servers
from workers import enqueue, jobs
from workers.workshop import Workshop

PERSON = new_id()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The people that were folded; what folding is, other tests say."""
    folded: list[uuid.UUID] = []

    def recompute(_session: Any, person_id: uuid.UUID, *, now: Any) -> set[uuid.UUID]:
        folded.append(person_id)
        return {PERSON}

    monkeypatch.setattr(journey, "recompute", recompute)
    return folded


def ask(store: Store) -> None:
    with store.transaction(1) as session:
        tasks.request(session, tasks.RECOMPUTE, str(PERSON), now=now())


def task(store: Store) -> Task:
    with store.reading(1) as session:
        return session.scalars(sa.select(Task)).one()


def test_a_request_is_worked_on_once_and_rings_for_grades(
    store: Store, shop: Workshop, calls: list[uuid.UUID], valkey: servers.Valkey
) -> None:
    ask(store)
    jobs.recompute(1, str(PERSON))
    jobs.recompute(1, str(PERSON))
    assert calls == [PERSON]
    assert task(store).state == "done"
    assert shop.bell.waiting() == 1


def test_a_request_that_comes_meanwhile_rings_again(
    store: Store, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for between the claim and the end, as by a submit in another tab."""

    def recompute(session: Any, _person_id: uuid.UUID, *, now: Any) -> set[uuid.UUID]:
        tasks.request(session, tasks.RECOMPUTE, str(PERSON), now=now)
        return set()

    monkeypatch.setattr(journey, "recompute", recompute)
    ask(store)
    jobs.recompute(1, str(PERSON))
    assert task(store).state == "due"
    assert shop.bell.waiting() == 1


def test_what_fails_leaves_nothing_half_done_and_is_tried_again(
    store: Store, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recompute(session: Any, _person_id: uuid.UUID, *, now: Any) -> set[uuid.UUID]:
        builders.person(session, name="half done")
        raise RuntimeError("broken rule")

    monkeypatch.setattr(journey, "recompute", recompute)
    ask(store)
    with pytest.raises(RuntimeError):
        jobs.recompute(1, str(PERSON))
    failed = task(store)
    assert (failed.state, failed.attempts, failed.last_error) == ("due", 1, "RuntimeError: broken rule")
    assert failed.next_try > now()
    with store.reading(1) as session:
        assert session.scalar(sa.text("SELECT count(*) FROM person WHERE tenant_id = 1")) == 0


def test_the_real_fold_of_a_person_without_evidence(store: Store, shop: Workshop) -> None:
    with store.transaction(1) as session:
        person = builders.person(session)
        tasks.request(session, tasks.RECOMPUTE, str(person.id), now=now())
    jobs.recompute(1, str(person.id))
    assert task(store).state == "done"
    assert f"{jobs.recompute.__module__}.{jobs.recompute.__name__}" == enqueue.RECOMPUTE
