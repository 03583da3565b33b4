"""Terms in the real store: opening times, attempts, allowances, runs, what counts, and results from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import journey
from framework.errors import Conflict, Invalid, NotFound, NotOpen
from framework.journey import Work
from framework.store import editions, placements, terms
from framework.store.attempts import Worker
from framework.store.sessions import Store
from framework.store.tables import Evidence, GradePush, Progress, ResourceLink, SettingChange
from framework.terms import Terms, read
from tests import builders
from tests.framework.editions import answer_to, shipped_document

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = "self-belief"


@dataclass
class Room:
    """A course with one module placed, its learner and the teacher's person."""

    store: Store
    worker: Worker
    teacher: Worker

    def sets(self, wanted: Terms) -> None:
        with self.store.transaction(1) as session:
            terms.set_for_all(session, self.link(session), wanted, by=self.teacher.person_id, now=NOON)

    def link(self, session: Session) -> ResourceLink:
        return placements.link(session, self.worker.link.id)

    def at(self, session: Session) -> Worker:
        return journey.worker_of(session, self.worker.link.id, self.worker.person_id, self.worker.identity_id)

    def answers(self, *, wrong: int = 0, now: datetime = NOON) -> None:
        """Every part, the first ``wrong`` checks only at the second try."""
        with self.store.transaction(1) as session:
            work = journey.begin(session, self.at(session), KEY, now=now)
            checks = 0
            for item in work.missing:
                if item.kind == "section" and checks < wrong:
                    checks += 1
                    bad = answer_to(work.catalogue, work.activity, item, wrong=True)
                    journey.answer(session, self.at(session), KEY, item.key, bad, now=now)
                value = answer_to(work.catalogue, work.activity, item)
                journey.answer(session, self.at(session), KEY, item.key, value, now=now)

    def finishes(self, *, wrong: int = 0, now: datetime = NOON) -> Work:
        self.answers(wrong=wrong, now=now)
        with self.store.transaction(1) as session:
            return journey.submit(session, self.at(session), KEY, now=now)

    def progress(self) -> Progress:
        with self.store.reading(1) as session:
            return session.scalars(sa.select(Progress).order_by(Progress.run.desc())).first() or pytest.fail("none")


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with store.directory() as session:
        platform = builders.platform(session)
        deployment = builders.deployment(session, platform)
    with store.transaction(1) as session:
        editions.publish(session, shipped_document(), now=NOON)
        context = builders.context(session, deployment, title="Ward leaders")
        link = builders.link(session, context)
        builders.line_item(session, link)
        people = [builders.identity(session, builders.person(session), platform) for _ in range(2)]
        builders.membership(session, context, people[0])
        workers = [Worker(link, one.person_id, one.id) for one in people]
    yield Room(store, *workers)


def test_before_the_opening_and_after_the_close_nothing_is_taken(room: Room) -> None:
    """Red without ``_require_open(session, worker, now=now)`` in journey.answer, begin or submit."""
    room.sets(Terms(opens_at=NOON, closes_at=NOON + DAY))
    with pytest.raises(NotOpen, match="not open yet"):
        room.answers(now=NOON - DAY)
    room.answers(now=NOON)
    with room.store.transaction(1) as session:
        with pytest.raises(NotOpen, match="has closed"):
            journey.answer(session, room.at(session), KEY, "self-belief.1", "a", now=NOON + DAY)
        with pytest.raises(NotOpen, match="is kept"):
            journey.submit(session, room.at(session), KEY, now=NOON + DAY)
        work = journey.look(session, room.at(session), KEY)
    assert work.answers and work.is_open, "what was answered before the close is still there"


def test_a_learner_with_more_time_finishes_after_the_close_and_nobody_else(room: Room) -> None:
    room.sets(Terms(closes_at=NOON + DAY))
    room.answers()
    late = NOON + 2 * DAY
    with room.store.transaction(1) as session:
        terms.allow(session, room.link(session), [room.teacher.person_id], late, 0, by=room.teacher.person_id, now=NOON)
    with room.store.transaction(1) as session, pytest.raises(NotOpen):
        journey.submit(session, room.at(session), KEY, now=NOON + DAY)
    with room.store.transaction(1) as session:
        mine = room.worker.person_id
        terms.allow(session, room.link(session), [mine], late, 0, by=room.teacher.person_id, now=NOON)
    with room.store.transaction(1) as session:
        assert journey.submit(session, room.at(session), KEY, now=NOON + DAY).attempt is not None
    assert room.progress().status == "completed"


def test_attempts_run_out_and_a_teacher_can_allow_another(room: Room) -> None:
    """Red without ``_require_attempt_left(session, worker, progress)``."""
    room.sets(Terms(attempts=1))
    room.finishes()
    with pytest.raises(NotOpen, match="used all your attempts"):
        room.finishes()
    with room.store.transaction(1) as session:
        mine = room.worker.person_id
        terms.allow(session, room.link(session), [mine], None, 1, by=room.teacher.person_id, now=NOON)
    room.finishes()
    with pytest.raises(NotOpen):
        room.finishes()


@pytest.mark.parametrize(("counts", "points"), [("best", 4.0), ("latest", 2.0)])
def test_the_best_or_the_latest_attempt_counts(room: Room, counts: str, points: float) -> None:
    room.sets(Terms(counts=counts))
    room.finishes()
    room.finishes(wrong=2, now=NOON + DAY)
    assert room.progress().points == points


def test_the_next_run_starts_afresh_without_the_old_dates_and_keeps_what_was_done(room: Room) -> None:
    room.sets(Terms(closes_at=NOON + DAY, attempts=1, reuse_months=0))
    room.finishes()
    with room.store.transaction(1) as session:
        terms.next_run(session, room.link(session), by=room.teacher.person_id, now=NOON + 2 * DAY)
    with room.store.reading(1) as session:
        assert read(room.link(session).settings) == Terms(attempts=1, reuse_months=0)
        assert journey.look(session, room.at(session), KEY).attempt is None
    room.finishes(now=NOON + 3 * DAY)
    with room.store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(Progress.id))) == 2


def test_an_earlier_result_is_taken_over_with_its_day_and_its_grade_and_no_new_evidence(room: Room) -> None:
    room.finishes()
    with room.store.transaction(1) as session:
        terms.next_run(session, room.link(session), by=room.teacher.person_id, now=NOON + DAY)
        before = session.scalar(sa.select(sa.func.count(Evidence.id)))
        version = session.scalars(sa.select(GradePush.wanted_version)).one()
    with room.store.transaction(1) as session:
        found = journey.earlier(session, room.at(session), KEY, now=NOON + 5 * DAY)
        assert found is not None and found.course_title == "Ward leaders"
        work = journey.reuse(session, room.at(session), KEY, now=NOON + 5 * DAY)
    assert work.attempt is not None and work.attempt.submitted_at == NOON and work.answers
    with room.store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(Evidence.id))) == before
        assert session.scalars(sa.select(GradePush.submitted_at)).one() == NOON
        assert session.scalars(sa.select(GradePush.wanted_version)).one() >= version
    assert room.progress().status == "completed" and room.progress().finished_at == NOON
    with room.store.transaction(1) as session, pytest.raises(NotFound):
        journey.reuse(session, room.at(session), KEY, now=NOON + 5 * DAY)


@pytest.mark.parametrize(
    ("held", "later"),
    [(Terms(reuse_months=0), DAY), (Terms(reuse_months=1), 40 * DAY), (Terms(reuse_editions="same"), DAY)],
)
def test_an_earlier_result_is_not_offered_where_the_terms_say_no(room: Room, held: Terms, later: timedelta) -> None:
    room.finishes()
    room.sets(held)
    with room.store.transaction(1) as session:
        terms.next_run(session, room.link(session), by=room.teacher.person_id, now=NOON + DAY)
        document = shipped_document()
        document["framework"]["edition"] = "newer"
        editions.publish(session, document, now=NOON + DAY)
    with room.store.reading(1) as session:
        assert journey.earlier(session, room.at(session), KEY, now=NOON + later) is None


def test_every_change_is_kept_with_who_and_what(room: Room) -> None:
    room.sets(Terms(attempts=2))
    room.sets(Terms(attempts=2))
    with room.store.transaction(1) as session:
        by = room.teacher.person_id
        assert terms.set_basis(session, room.link(session), "score", by=by, now=NOON + DAY)
    with room.store.reading(1) as session:
        rows = terms.history(session, room.link(session))
    assert [(row.before, row.after) for row in rows] == [
        ({"grade": None}, {"grade": "score"}),
        ({"attempts": None}, {"attempts": 2}),
    ]
    assert {row.by_person_id for row in rows} == {room.teacher.person_id}


def test_the_scale_of_grades_stays_once_somebody_has_begun(room: Room) -> None:
    room.answers()
    with room.store.transaction(1) as session, pytest.raises(Conflict, match="have begun"):
        terms.set_basis(session, room.link(session), "score", by=room.teacher.person_id, now=NOON)


def test_more_time_needs_a_close_and_a_moment_to_come(room: Room) -> None:
    with room.store.transaction(1) as session:
        mine, by = room.worker.person_id, room.teacher.person_id
        with pytest.raises(Invalid, match="has no close"):
            terms.allow(session, room.link(session), [mine], NOON + DAY, 0, by=by, now=NOON)
    room.sets(Terms(closes_at=NOON + DAY))
    with room.store.transaction(1) as session, pytest.raises(Invalid, match="still to come"):
        terms.allow(session, room.link(session), [mine], NOON - DAY, 0, by=by, now=NOON)
    with room.store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(SettingChange.id))) == 1
