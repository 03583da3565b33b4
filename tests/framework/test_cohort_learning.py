"""What a course knows of several people, and nudges, on both databases."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from framework import journey, judging
from framework.assessment import judging as steps
from framework.assessment.judging import Marks
from framework.errors import Conflict, Invalid, NotFound
from framework.judging import Judge, Read
from framework.store import cohort_learning, editions, judgements, nudges, placements, terms
from framework.store.attempts import Worker
from framework.store.columns import new_id
from framework.store.sessions import Store
from framework.store.tables import NudgedPerson, ResourceLink
from framework.stuck import Doing
from framework.terms import Terms
from tests import builders
from tests.framework.editions import answer_to, shipped, shipped_document

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = "self-belief"


@dataclass
class Course:
    """A course with a module and its reflection placed, two learners and a teacher; and a second course."""

    store: Store
    context_id: uuid.UUID
    links: tuple[ResourceLink, ...]
    elsewhere: ResourceLink
    learners: tuple[Worker, Worker]
    teacher: Worker

    def at(self, link: ResourceLink, learner: int = 0) -> Worker:
        return Worker(link, self.learners[learner].person_id, self.learners[learner].identity_id)

    def answers(self, link: ResourceLink, *, wrong: int = 0, now: datetime = NOON) -> None:
        """Every part; the first question wrong so many times, and then left."""
        with self.store.transaction(1) as session:
            worker = self.at(placements.link(session, link.id))
            work = journey.begin(session, worker, KEY, now=now)
            for item in work.missing:
                if wrong and item.kind == "section":
                    options = next(one for one in work.catalogue.module(KEY).sections if one.key == item.key).check
                    bad = [one.key for one in options.options if one.key != options.answer_key]
                    for place in range(wrong):
                        journey.answer(session, worker, KEY, item.key, bad[place % len(bad)], now=now)
                    return
                journey.answer(session, worker, KEY, item.key, answer_to(work.catalogue, work.activity, item), now=now)

    def finishes(self, link: ResourceLink, *, now: datetime = NOON) -> None:
        self.answers(link, now=now)
        with self.store.transaction(1) as session:
            journey.submit(session, self.at(placements.link(session, link.id)), KEY, now=now)

    def shares(self, now: datetime) -> None:
        with self.store.transaction(1) as session:
            worker = self.at(placements.link(session, self.links[1].id))
            example = {"text": "I took the rota nobody wanted.", "event_on": "2026-02-01"}
            journey.answer(session, worker, f"{KEY}.reflection", "example.1", example, now=now)
            judging.share(session, worker, f"{KEY}.reflection", now=now)

    def judges(self, action: str, now: datetime) -> None:
        judge = Judge(self.teacher.person_id, "instructor", self.context_id)
        with self.store.transaction(1) as session:
            of = judgements.of_course(session, self.context_id)[0]
            read = Read(steps.seen(of.steps), steps.shared_digest(of.steps))
            if action == "return":
                judging.send_back(session, judge, of.attempt_id, KEY, read, "Say more, please.", now=now)
                return
            features = [one.key for one in shipped().quality(KEY).features]
            marks = Marks(
                dict.fromkeys(features, 1), dict.fromkeys(features, "saw"), NOON.date() - 400 * DAY, NOON.date()
            )
            looked_at = [one.key for one in steps.shared(of.steps)]
            judging.mark(
                session, judge, of.attempt_id, KEY, read, marks, looked_at=looked_at, comment="", signs=True, now=now
            )

    def doing(self, link: ResourceLink, learner: int = 0) -> Doing:
        with self.store.reading(1) as session:
            links = [placements.link(session, one.id) for one in self.links]
            people = [one.person_id for one in self.learners]
            return cohort_learning.doings(session, links, people)[people[learner]][link.id]


@pytest.fixture
def course(store: Store) -> Iterator[Course]:
    with store.directory() as session:
        platform = builders.platform(session)
        deployment = builders.deployment(session, platform)
    with store.transaction(1) as session:
        editions.publish(session, shipped_document(), now=NOON)
        here, there = (builders.context(session, deployment) for _ in range(2))
        links = (builders.link(session, here), builders.link(session, here, activity_key=f"{KEY}.reflection"))
        elsewhere = builders.link(session, there)
        people = [builders.identity(session, builders.person(session), platform) for _ in range(3)]
        workers = [Worker(links[0], one.person_id, one.id) for one in people]
    yield Course(store, here.id, links, elsewhere, (workers[0], workers[1]), workers[2])


def test_a_course_knows_what_was_done_in_it_and_nothing_else(course: Course) -> None:
    """Red without ``Evidence.context_id == context_id`` in cohort_learning.folded."""
    people = [one.person_id for one in course.learners]

    def seen(day: datetime) -> list[tuple[bool, int]]:
        with course.store.reading(1) as session:
            found = cohort_learning.folded(session, shipped(), course.context_id, people, on=day.date())
        return [(found[one][KEY].is_explored, found[one][KEY].level) for one in people]

    course.finishes(course.elsewhere)
    assert seen(NOON) == [(False, 0), (False, 0)]
    course.finishes(course.links[0], now=NOON + DAY)
    assert seen(NOON) == [(False, 0), (False, 0)], "not yet on the day before"
    assert seen(NOON + DAY) == [(True, 0), (False, 0)]
    course.shares(NOON + DAY)
    course.judges("sign", NOON + 2 * DAY)
    with course.store.reading(1) as session:
        found = cohort_learning.folded(session, shipped(), course.context_id, people, on=(NOON + 2 * DAY).date())
        other = cohort_learning.folded(
            session, shipped(), course.elsewhere.context_id, people, on=(NOON + 2 * DAY).date()
        )
    signed, elsewhere = (one[people[0]][KEY].award(1) for one in (found, other))
    assert signed is not None and signed.judge_roles and signed.is_held
    assert elsewhere is not None and not elsewhere.judge_roles, "a judgement of another course is not told here"


def test_what_was_begun_is_that_of_the_present_run(course: Course) -> None:
    people = [one.person_id for one in course.learners]
    course.answers(course.elsewhere)
    with course.store.reading(1) as session:
        assert not cohort_learning.begun(session, course.context_id, shipped().framework_key, people)
    course.answers(course.links[0])
    with course.store.reading(1) as session:
        found = cohort_learning.begun(session, course.context_id, shipped().framework_key, people)
    assert found == {people[0]: {KEY: "in_progress"}}
    with course.store.transaction(1) as session:
        terms.next_run(session, placements.link(session, course.links[0].id), by=course.teacher.person_id, now=NOON)
    with course.store.reading(1) as session:
        assert not cohort_learning.begun(session, course.context_id, shipped().framework_key, people)
    assert course.doing(course.links[0]) == Doing()


def test_what_the_rules_of_the_stuck_look_at(course: Course) -> None:
    """Red without ``if not assessment.settled(...)``, or ``later.action.not_in(...)``, in cohort_learning."""
    with course.store.transaction(1) as session:
        link, held = placements.link(session, course.links[0].id), Terms(closes_at=NOON + 9 * DAY)
        terms.set_for_all(session, link, held, by=course.teacher.person_id, now=NOON)
        more = course.learners[1].person_id
        terms.allow(session, link, [more], NOON + 20 * DAY, 0, by=course.teacher.person_id, now=NOON)
    course.answers(course.links[0], wrong=3)
    first = course.doing(course.links[0])
    assert (first.status, first.wrong_tries, first.terms) == ("in_progress", 3, held)
    assert first.touched_at is not None
    assert course.doing(course.links[0], 1).terms.closes_at == NOON + 20 * DAY
    course.answers(course.links[0], now=NOON + DAY)
    assert course.doing(course.links[0]).wrong_tries == 0, "right in the end"
    course.finishes(course.links[0], now=NOON + DAY)
    assert course.doing(course.links[0]).status == "completed"

    course.shares(NOON + DAY)
    assert course.doing(course.links[1]).returned_at is None
    course.judges("return", NOON + 2 * DAY)
    assert course.doing(course.links[1]).returned_at == NOON + 2 * DAY
    with course.store.transaction(1) as session:
        worker = course.at(placements.link(session, course.links[1].id))
        judging.reopen(session, worker, f"{KEY}.reflection", now=NOON + 3 * DAY)
    assert course.doing(course.links[1]).returned_at == NOON + 2 * DAY, "being changed is not shared"
    course.shares(NOON + 4 * DAY)
    assert course.doing(course.links[1]).returned_at is None


def _nudge(course: Course, people: list[uuid.UUID], now: datetime, nudge_id: uuid.UUID | None = None) -> int:
    with course.store.transaction(1) as session:
        by = course.teacher.person_id
        return len(nudges.write(session, nudge_id or new_id(), course.context_id, people, " Hello ", by=by, now=now))


def test_nobody_is_nudged_twice_in_a_week_of_one_course(course: Course) -> None:
    """Red without ``if not is_recent(before.get(one), now)`` in store/nudges.py."""
    one, two = (learner.person_id for learner in course.learners)
    assert _nudge(course, [one, one], NOON) == 1
    assert _nudge(course, [one, two], NOON + DAY) == 1
    with pytest.raises(Conflict, match="within the last seven days"):
        _nudge(course, [one, two], NOON + 7 * DAY - timedelta(microseconds=1) - DAY)
    assert _nudge(course, [one, two], NOON + 7 * DAY) == 1
    with course.store.transaction(1) as session:
        by = course.teacher.person_id
        there = nudges.write(session, new_id(), course.elsewhere.context_id, [one], "Hello", by=by, now=NOON)
    assert there == (one,), "another course has its own week"


def test_a_nudge_sent_twice_by_one_page_is_kept_once(course: Course) -> None:
    one, same = course.learners[0].person_id, new_id()
    assert _nudge(course, [one], NOON, same) == 1
    assert _nudge(course, [one], NOON + 30 * DAY, same) == 0
    with course.store.transaction(1) as session:
        with pytest.raises(NotFound):
            by = course.teacher.person_id
            nudges.write(session, same, course.elsewhere.context_id, [one], "Hello", by=by, now=NOON)
        with pytest.raises(NotFound):
            nudges.nudge(session, course.elsewhere.context_id, same)
        assert list(nudges.nudge(session, course.context_id, same)[1]) == [one]


def test_two_instructors_at_once_nudge_somebody_once(course: Course) -> None:
    """Red on PostgreSQL without ``.with_for_update()`` in nudges.write."""
    people, by = [course.learners[0].person_id], course.teacher.person_id
    with ThreadPoolExecutor(1) as other:
        with course.store.transaction(1) as session:
            assert nudges.write(session, new_id(), course.context_id, people, "Hello", by=by, now=NOON)
            second = other.submit(_nudge, course, people, NOON)
            wait([second], timeout=0.5)
        with pytest.raises(Conflict):
            second.result()


@pytest.mark.parametrize("text", ["", " \n\x00 ", "x" * 1001])
def test_a_nudge_has_some_words_and_not_too_many(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        nudges.accept(text)
    assert refused.value.field == "text"


def test_a_learner_sees_the_newest_nudge_until_they_put_it_away(course: Course) -> None:
    one, two = (learner.person_id for learner in course.learners)

    def seen(person_id: uuid.UUID, now: datetime) -> nudges.Unseen | None:
        with course.store.reading(1) as session:
            return nudges.unseen(session, course.context_id, person_id, now=now)

    _nudge(course, [one, two], NOON)
    _nudge(course, [one], NOON + 7 * DAY)
    newest = seen(one, NOON + 8 * DAY)
    assert newest is not None and (newest.text, newest.at) == ("Hello", NOON + 7 * DAY)
    assert seen(two, NOON + 28 * DAY) is None, "after four weeks it says nothing any more"
    with course.store.transaction(1) as session:
        for who in (two, course.teacher.person_id):
            nudges.put_away(session, course.context_id, who, newest.id, now=NOON)
    assert seen(one, NOON + 8 * DAY) == newest, "somebody else has put nothing away"
    with course.store.transaction(1) as session:
        nudges.put_away(session, course.context_id, one, newest.id, now=NOON + 8 * DAY)
    assert seen(one, NOON + 8 * DAY) is None
    assert seen(two, NOON + 8 * DAY) is not None
    with course.store.reading(1) as session:
        rows = session.scalars(sa.select(NudgedPerson.seen_at).where(NudgedPerson.person_id == one)).all()
    assert rows == [NOON + 8 * DAY] * 2
