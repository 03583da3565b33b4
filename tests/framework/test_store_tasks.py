"""Tasks: asked for by name, claimed by one, done once nobody has asked again."""

import threading
from datetime import timedelta

import sqlalchemy as sa

from framework.store import tasks
from framework.store.sessions import Store
from framework.store.tables import Task
from tests.builders import AT

LEASE = timedelta(seconds=60)
LATER = AT + timedelta(seconds=61)


def ask(store: Store) -> None:
    with store.transaction(1) as session:
        tasks.request(session, tasks.RECOMPUTE, "someone", now=AT)


def take(store: Store, now: object = AT) -> tasks.ClaimedTask | None:
    with store.transaction(1) as session:
        return tasks.claim(session, tasks.RECOMPUTE, "someone", lease=LEASE, now=now)  # type: ignore[arg-type]  # by the names of its arguments


def row(store: Store) -> Task:
    with store.reading(1) as session:
        return session.scalars(sa.select(Task)).one()


def test_asking_twice_is_one_task(store: Store) -> None:
    ask(store)
    ask(store)
    assert row(store).wanted == 2
    with store.reading(1) as session:
        assert tasks.due(session, AT) == [(tasks.RECOMPUTE, "someone")]


def test_a_claimed_task_is_nobody_elses(store: Store) -> None:
    ask(store)
    assert take(store)
    assert take(store) is None
    with store.reading(1) as session:
        assert tasks.due(session, AT) == []


def test_a_dead_workers_task_is_due_when_its_lease_ends(store: Store) -> None:
    ask(store)
    dead = take(store)
    again = take(store, LATER)
    assert dead and again and again.attempts == 2
    with store.transaction(1) as session:
        assert not tasks.finish(session, dead, now=LATER), "a worker that lost its lease cannot finish another's task"
    assert row(store).state == "due"


def test_a_task_asked_for_meanwhile_is_due_again(store: Store) -> None:
    ask(store)
    claimed = take(store)
    ask(store)
    assert claimed
    with store.transaction(1) as session:
        assert not tasks.finish(session, claimed, now=AT)
    assert take(store) is not None


def test_a_finished_task_is_done(store: Store) -> None:
    ask(store)
    claimed = take(store)
    assert claimed
    with store.transaction(1) as session:
        assert tasks.finish(session, claimed, now=AT)
    assert (row(store).state, row(store).done) == ("done", 1)
    assert take(store) is None


def test_a_failing_task_waits_longer_each_time_and_is_parked_at_the_end(store: Store) -> None:
    ask(store)
    now, waits = AT, []
    for _ in range(tasks.MOST_ATTEMPTS):
        claimed = take(store, now)
        assert claimed
        with store.transaction(1) as session:
            state = tasks.fail(session, claimed, "no answer", now=now)
        waits.append((row(store).next_try - now).total_seconds())
        now = row(store).next_try
    assert state == "parked"
    assert waits == sorted(waits)
    assert waits[0] == 2
    assert take(store, now) is None
    ask(store)
    assert take(store, now), "asking anew wakes a parked task"


def test_twenty_workers_one_claim(store: Store) -> None:
    ask(store)
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(take(store))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20
    assert sum(claimed is not None for claimed in got) == 1


def test_twenty_requests_at_once_are_counted(store: Store) -> None:
    threads = [threading.Thread(target=ask, args=[store]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row(store).wanted == 20
