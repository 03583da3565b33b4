"""The change feed never misses a row."""

import random
import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from framework.store import feed
from framework.store.sessions import Store
from framework.store.tables import Change, ChangeFeed, Person
from tests import builders


def numbers(store: Store, tenant_id: int = 1) -> list[int | None]:
    with store.reading(tenant_id) as session:
        return list(session.scalars(sa.select(Change.seq).order_by(Change.id)))


def test_changes_are_numbered_in_order_and_go_on_from_the_last_number(store: Store) -> None:
    for _ in range(2):
        with store.transaction(1) as session:
            builders.person(session)
            builders.person(session)
        with store.transaction(1) as session:
            assert feed.is_waiting(session)
            assert feed.number(session) == 2
            assert not feed.is_waiting(session)
            assert feed.number(session) == 0
    assert numbers(store) == [1, 2, 3, 4]


def test_a_long_feed_is_numbered_in_parts(store: Store) -> None:
    with store.transaction(1) as session:
        for _ in range(5):
            builders.person(session)
    with store.transaction(1) as session:
        assert [feed.number(session, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert numbers(store) == [1, 2, 3, 4, 5]


def test_each_tenant_has_a_feed_of_its_own(store: Store) -> None:
    with store.directory() as session:
        other = builders.tenant(session).id
    for tenant_id in (1, other):
        with store.transaction(tenant_id) as session:
            builders.person(session)
    with store.transaction(other) as session:
        assert feed.number(session) == 1
    assert numbers(store, 1) == [None]
    assert numbers(store, other) == [1]


class _GivenUp(Exception):
    """A writer that rolls back."""


class Traffic:
    """Eight writers (some roll back, some commit late), two rival sequencers, and a reader that follows the feed."""

    def __init__(self, store: Store, seconds: float) -> None:
        self.store, self.until = store, time.monotonic() + seconds
        self.is_writing = self.is_numbering = True
        self.read: list[tuple[int, object]] = []
        self.errors: list[BaseException] = []

    def write(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  # a dice, not a secret
        while time.monotonic() < self.until:
            try:
                with self.store.transaction(1) as session:
                    session.add(Person(name=str(seed)))
                    session.flush()
                    time.sleep(chance.choice([0, 0, 0.01, 0.05]))
                    if chance.random() < 0.2:
                        raise _GivenUp
            except _GivenUp:
                pass

    def sequence(self) -> None:
        numbered = 1
        while self.is_writing or numbered:
            with self.store.transaction(1) as session:
                numbered = feed.number(session, 20)
            time.sleep(0.002)

    def follow(self) -> None:
        last = 0
        while self.is_numbering or self._end() > last:
            with self.store.reading(1) as session:
                found = session.execute(
                    sa.select(Change.seq, Change.object_id).where(Change.seq > last).order_by(Change.seq).limit(7)
                ).all()
            self.read += [(row.seq, row.object_id) for row in found]
            last = found[-1].seq if found else last

    def run(self) -> None:
        writers = [self._thread(self.write, seed) for seed in range(8)]
        sequencers = [self._thread(self.sequence) for _ in range(2)]
        reader = self._thread(self.follow)
        for thread in writers:
            thread.join()
        self.is_writing = False
        for thread in sequencers:
            thread.join()
        self.is_numbering = False
        reader.join()

    def _end(self) -> int:
        with self.store.reading(1) as session:
            return session.scalar(sa.select(ChangeFeed.last_seq).where(ChangeFeed.tenant_id == 1)) or 0

    def _thread(self, work: Callable[..., None], *args: object) -> threading.Thread:
        def guarded() -> None:
            try:
                work(*args)
            except Exception as error:  # noqa: BLE001  # the test shows it; a thread would swallow it
                self.errors.append(error)

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread


@pytest.mark.timeout(60)
def test_a_follower_sees_every_committed_write_exactly_once(store: Store) -> None:
    """Red on PostgreSQL without ``SET last_seq = last_seq RETURNING``: a plain SELECT there lets rivals give a number
    twice."""
    traffic = Traffic(store, seconds=2)
    traffic.run()
    assert traffic.errors == []
    with store.reading(1) as session:
        people = set(session.scalars(sa.select(Person.id)))
    assert len(people) > 20
    assert [seq for seq, _ in traffic.read] == list(range(1, len(people) + 1)), "no gap, nothing twice, in order"
    assert {object_id for _, object_id in traffic.read} == people, "all that was committed, nothing else"
