"""Judging through the real store, on both databases, with a date that moves: from the learner's words to the level."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import journey, judging
from framework.assessment import judging as course
from framework.assessment import reflection
from framework.assessment.judging import Marks
from framework.assessment.reflection import Example
from framework.catalogue import Catalogue
from framework.errors import Conflict, Invalid, NotAllowed, NotFound
from framework.judging import Judge, Read
from framework.store import assessors, editions, judgements, standings
from framework.store.attempts import Worker
from framework.store.sessions import Store
from framework.store.tables import Award, Change, Edition, Evidence, ResourceLink, Task
from framework.store.tables import Judgement as JudgementRow
from tests import builders
from tests.framework.editions import shipped, shipped_document

QUALITY = "self-belief"
KEY = f"{QUALITY}.reflection"
FEATURES = [one.key for one in shipped().quality(QUALITY).features]


@dataclass
class Course:
    """A course with a placed reflection: a learner who has explored the quality, a teacher and a colleague."""

    store: Store
    worker: Worker
    teacher: Judge
    colleague: Judge
    today: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    people: dict[str, uuid.UUID] = field(default_factory=dict)

    def passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    def does(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """One transaction, and then what the recompute job does."""
        with self.store.transaction(1) as session:
            done = act(session, *given, **named, now=self.today)
        self.recomputes()
        return done

    def recomputes(self) -> None:
        with self.store.transaction(1) as session:
            journey.recompute(session, self.worker.person_id, now=self.today)

    def writes(self, slot: int, on: date, text: str = "I took the rota nobody wanted.", **others: Any) -> None:
        value = {"text": text, "event_on": on.isoformat(), **others}
        self.does(journey.answer, self.worker, KEY, f"example.{slot}", value)

    def shares(self) -> None:
        self.does(judging.share, self.worker, KEY)

    @property
    def reflection(self) -> judgements.Reflection:
        with self.store.reading(1) as session:
            work = journey.look(session, self.worker, KEY)
            assert work.attempt is not None
            return judgements.reflection(session, work.attempt.id)

    @property
    def read(self) -> Read:
        of = self.reflection
        return Read(course.seen(of.steps), course.shared_digest(of.steps))

    def signs(self, *values: int | None, judge: Judge | None = None, read: Read | None = None, **others: Any) -> Any:
        """The judge marks the first features (None: not seen), having seen it all for a year, and signs."""
        of = self.reflection
        marks = {key: value for key, value in zip(FEATURES, values, strict=False) if value is not None}
        today = self.today.date()
        given: dict[str, Any] = {"signs": True, "comment": "", "known_from": date(today.year - 1, 1, 1)} | others
        said = Marks(marks, dict.fromkeys(marks, "saw"), given.pop("known_from"), today)
        looked_at = [one.key for one in course.shared(of.steps)]
        return self.does(
            judging.mark,
            judge or self.teacher,
            of.attempt_id,
            QUALITY,
            read or self.read,
            said,
            looked_at=looked_at,
            **given,
        )

    def level(self) -> int:
        """The level as pages show it: folded from what there is."""
        with self.store.reading(1) as session:
            return standings.folded(session, self.worker.person_id, shipped(), on=self.today.date())[QUALITY].level

    def unmet(self, level: int) -> set[str]:
        with self.store.reading(1) as session:
            found = standings.folded(session, self.worker.person_id, shipped(), on=self.today.date())[QUALITY]
        award = found.award(level)
        assert award is not None
        return {one.key.rpartition(".")[2] for one in award.conditions if not one.is_met}

    def awards(self) -> list[tuple[int, str, str | None]]:
        with self.store.reading(1) as session:
            rows = session.scalars(sa.select(Award).where(Award.badge_key == QUALITY).order_by(Award.id)).all()
        return [(row.level, row.state, row.reason) for row in rows]


def member(session: Session, placed: builders.Placement, role: str, name: str) -> uuid.UUID:
    person = builders.person(session, name=name)
    identity = builders.identity(session, person, placed.platform)
    builders.membership(session, placed.context, identity, role=role)
    return person.id


@pytest.fixture
def room(store: Store) -> Course:
    placed = builders.placement(store)
    with store.transaction(1) as session:
        editions.publish(session, shipped_document(), now=builders.AT)
        link = builders.link(session, placed.context, activity_key=KEY, title="Reflection")
        teacher = member(session, placed, "instructor", "Margaret Osei")
        colleague = member(session, placed, "instructor", "Ruth Abernathy")
        session.get_one(type(placed.person), (1, placed.person.id)).name = "Priya Nair"
        done = builders.progress(session, placed.link, placed.identity)
        edition_id, _ = editions.current(session)
        attempt = builders.attempt(session, done, session.get_one(Edition, (1, edition_id)), state="submitted")
        for key in FEATURES:
            for kind in ("studied", "scenario"):
                session.add(
                    Evidence(
                        person_id=placed.person.id,
                        framework_key="leadership-qualities",
                        feature_key=key,
                        kind=kind,
                        attempt_id=attempt.id,
                        context_id=placed.context.id,
                        value=None,
                        at=builders.AT,
                    )
                )
    context_id = placed.context.id
    return Course(
        store,
        Worker(link, placed.person.id, placed.identity.id),
        Judge(teacher, "instructor", context_id),
        Judge(colleague, "instructor", context_id),
        people={"context": context_id},
    )


def test_from_two_examples_to_level_1_and_then_2(room: Course) -> None:
    """`judged = judgements.of_person(...)` out of `standings.folded`: no level ever comes."""
    # given one example, shared and signed by the teacher
    room.writes(1, date(2026, 2, 1))
    room.shares()
    assert room.level() == 0
    room.signs(2, 2, 2)

    # then level 1 is there, and what level 2 lacks is named
    assert room.level() == 1
    assert room.unmet(2) == {"examples"}
    assert room.awards() == [(0, "replaced", "A higher level is held now."), (1, "active", None)]

    # when a second example, 28 days later, is added beside the first and signed again
    room.passes(40)
    room.does(judging.reopen, room.worker, KEY)
    room.writes(2, date(2026, 3, 1), "I spoke up at the board.")
    room.shares()
    room.signs(2, 2, 2)

    # then it is level 2
    assert room.level() == 2
    assert [(level, state) for level, state, _ in room.awards()][-1] == (2, "active")


def test_a_changed_text_resets_the_judgement(room: Course) -> None:
    """`and step.number > changed` out of `judging.signatures`: the level stays."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    room.signs(1, 1)
    assert room.level() == 1
    room.passes(1)
    room.does(judging.reopen, room.worker, KEY)
    assert room.level() == 0
    assert room.awards()[-2:] == [
        (1, "withdrawn", "The learner has changed the text that was judged."),
        (0, "active", None),
    ]
    # and nobody reads it until it is shared again
    with pytest.raises(Conflict, match="is changing the text"):
        room.signs(1, 1)
    assert course.shared(room.reflection.steps) == ()


def test_withdrawing_takes_the_level_away_with_the_reason(room: Course) -> None:
    """`and not any(_takes_back(...))` out of `judging.signatures`: the level stays."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    step = room.signs(1, 1)
    room.passes(1)
    with pytest.raises(Invalid, match="Give the reason"):
        room.does(judging.withdraw, room.teacher, room.reflection.attempt_id, QUALITY, step.number, " ")
    assert room.level() == 1
    room.does(judging.withdraw, room.teacher, room.reflection.attempt_id, QUALITY, step.number, "It was her sister.")
    assert room.level() == 0
    assert room.reflection.state == "withdrawn"
    assert room.awards()[-2][1:] == ("withdrawn", "The judge has withdrawn the judgement: It was her sister.")
    # the history is kept
    assert [one.action for one in room.reflection.steps] == ["share", "sign", "withdraw"]


def test_nothing_is_signed_against_another_text(room: Course) -> None:
    """`if judging.shared_digest(of.steps) != read.digest` out of `check_unmoved`: the old page signs the new text
    (with `seen` taken out as well)."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    opened = room.read
    room.does(judging.reopen, room.worker, KEY)
    room.writes(1, date(2026, 2, 1), "Quite another story.")
    room.shares()
    with pytest.raises(Conflict, match="The text has changed since you opened this page"):
        room.signs(1, 1, read=opened)
    assert room.level() == 0
    room.signs(1, 1)
    assert room.level() == 1


def test_a_second_judge_learns_of_the_first(room: Course) -> None:
    """`if judging.seen(of.steps) != read.seen` out of `check_unmoved`: the second signs unaware."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    opened = room.read
    room.signs(1, 1)
    with pytest.raises(Conflict, match="Another judge has signed it meanwhile"):
        room.signs(2, 2, judge=room.colleague, read=opened)
    room.signs(2, 2, judge=room.colleague)
    assert len(course.signatures(room.reflection.steps)) == 2


def test_of_two_judges_at_the_same_moment_one_hears_of_the_other(room: Course) -> None:
    """`lock=True` out of `judging.mark`: on PostgreSQL both write the same step, and one gets an IntegrityError."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    of, read, start = room.reflection, room.read, threading.Barrier(2)
    said = Marks({FEATURES[0]: 1}, {FEATURES[0]: "saw"}, date(2025, 1, 1), room.today.date())

    def sign(judge: Judge) -> str:
        start.wait()
        try:
            with room.store.transaction(1) as session:
                given: dict[str, Any] = {"looked_at": ["example.1"], "comment": "", "signs": True, "now": room.today}
                judging.mark(session, judge, of.attempt_id, QUALITY, read, said, **given)
        except Conflict as error:
            return str(error)
        return "signed"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(sign, (room.teacher, room.colleague)))
    assert answers[1] == "signed" and answers[0].startswith("Another judge has signed it meanwhile")


def test_two_judges_of_one_course_are_not_independent(room: Course) -> None:
    """`if judge.course_key is None else ""` out of `Practice.chosen`: two teachers of one course give level 3."""
    room.writes(1, date(2026, 1, 1))
    room.writes(2, date(2026, 2, 15), reach="beyond_team", witness="Sam Field", witness_place="outside_line")
    room.shares()
    room.signs(3, 3, 3, 3)
    room.signs(3, 3, 3, 3, judge=room.colleague)
    assert room.level() == 2
    assert room.unmet(3) == {"judges", "features"}


@pytest.mark.one_database
def test_a_colleague_who_marks_one_more_behaviour_takes_nothing_away(room: Course) -> None:
    """`len(several) == 1` turned into `several` in `Practice._together`: the latest judge alone counts."""
    # given two behaviours that the teacher signed
    room.writes(1, date(2026, 1, 1))
    room.writes(2, date(2026, 2, 15))
    room.shares()
    room.signs(2, 2)
    assert room.level() == 1

    # when a colleague signs one more, then it is three, and level 2
    step = room.signs(None, None, 2, judge=room.colleague)
    assert room.level() == 2

    # and when that is withdrawn, the teacher's two are left
    room.does(judging.withdraw, room.colleague, room.reflection.attempt_id, QUALITY, step.number, "Another person.")
    assert (room.level(), room.reflection.state) == (1, "signed")


@pytest.mark.one_database
def test_not_seen_never_lowers(room: Course) -> None:
    """`if value is not None` in `Course.signs` stands for the form; a zero in its place would lower level 2."""
    room.writes(1, date(2026, 1, 1))
    room.writes(2, date(2026, 2, 15))
    room.shares()
    room.signs(2, 2, 2)
    assert room.level() == 2
    room.passes(5)
    room.signs(None, 2)
    assert room.level() == 2


def test_a_witness_is_neither_the_learner_nor_a_judge(room: Course) -> None:
    """`known = next(...)` out of `judging._practice`: the judge bears witness to what they judge."""
    room.writes(1, date(2026, 1, 1), reach="beyond_team", witness="osei, margaret", witness_place="outside_line")
    room.shares()
    room.signs(2, 2, 2)
    assert "examples" in room.unmet(3)


def test_a_level_runs_out_and_says_so(room: Course) -> None:
    room.writes(1, date(2026, 2, 1))
    room.shares()
    room.signs(1, 1)
    with room.store.reading(1) as session:
        person = room.worker.person_id
        last = session.scalars(sa.select(Award.until).where(Award.state == "active")).one()
        assert last is not None and last == date(2029, 3, 2)
        assert standings.run_out(session, last - timedelta(days=1)) == []
        assert standings.run_out(session, last) == []  # the recompute of the signature has not run: asked already
    with room.store.transaction(1) as session:
        session.scalars(sa.select(Task)).one().state = "done"
    with room.store.reading(1) as session:
        assert standings.run_out(session, last) == [person]
    room.passes(3 * 365 + 1)
    room.recomputes()
    assert room.level() == 0
    assert room.awards()[-2] == (1, "withdrawn", "It has run out. A newer judgement renews it.")


def test_a_discussion_counts_once_the_learner_confirms_it(room: Course) -> None:
    """`if step.action == "discuss" and step.number in confirmed` in `judging.shared`: it counts unconfirmed."""
    # given a learner who would rather talk
    room.does(journey.answer, room.worker, KEY, "discussion", True)
    room.shares()
    with pytest.raises(Invalid, match="Write up the discussion first"):
        room.signs(1, 1)

    # when the judge writes it up, the learner finds it wrong once and right then
    told = Example("", "She told of the night of the flood.", date(2026, 2, 10))
    attempt = room.reflection.attempt_id
    first = room.does(judging.write_up, room.teacher, attempt, QUALITY, room.read, told)
    assert room.reflection.state == "to_confirm"
    with pytest.raises(Invalid, match="Say what is wrong"):
        room.does(judging.answer_discussion, room.worker, KEY, first.number, is_right=False, comment="")
    wrong = {"is_right": False, "comment": "It was a fire."}
    room.does(judging.answer_discussion, room.worker, KEY, first.number, **wrong)
    second = room.does(judging.write_up, room.teacher, attempt, QUALITY, room.read, told)
    with pytest.raises(Conflict, match="written anew"):
        room.does(judging.answer_discussion, room.worker, KEY, first.number, is_right=True, comment="")
    room.does(judging.answer_discussion, room.worker, KEY, second.number, is_right=True, comment="")

    # then it is an example like any other
    assert [one.text for one in course.shared(room.reflection.steps)] == [told.text]
    room.signs(1, 1)
    assert room.level() == 1


@pytest.mark.one_database
def test_returned_with_a_comment_and_shared_again(room: Course) -> None:
    room.writes(1, date(2026, 2, 1))
    room.shares()
    attempt = room.reflection.attempt_id
    with pytest.raises(Invalid, match="Say what the learner should add"):
        room.does(judging.send_back, room.teacher, attempt, QUALITY, room.read, "")
    room.does(judging.send_back, room.teacher, attempt, QUALITY, room.read, "When was that?")
    assert room.reflection.state == "returned"
    with pytest.raises(Conflict, match="returned to the learner"):
        room.signs(1, 1)
    room.does(judging.reopen, room.worker, KEY)
    room.shares()
    assert room.reflection.state == "waiting"


def test_a_draft_moves_nothing_and_is_signed_later(room: Course) -> None:
    """`draft is None` taken for true in `sign_draft`'s check: marks about an older text would be signed."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    opened = room.read
    room.signs(1, 1, signs=False)
    assert (room.level(), room.reflection.state, room.read) == (0, "waiting", opened)
    attempt = room.reflection.attempt_id
    with pytest.raises(Conflict, match="no marks of yours"):
        room.does(judging.sign_draft, room.colleague, attempt, QUALITY, opened)
    room.does(judging.sign_draft, room.teacher, attempt, QUALITY, opened)
    assert room.level() == 1
    # a draft about an older text is no draft any more
    room.signs(2, 2, signs=False)
    room.does(judging.reopen, room.worker, KEY)
    room.writes(1, date(2026, 2, 2))
    room.shares()
    assert course.draft_of(room.reflection.steps, str(room.teacher.person_id)) is None


def test_one_step_is_one_transaction(room: Course) -> None:
    """The judgement, the recompute wanted and the change row come together or not at all."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    with pytest.raises(RuntimeError), room.store.transaction(1) as session:
        judging.send_back(
            session, room.teacher, room.reflection.attempt_id, QUALITY, room.read, "Tell me more.", now=room.today
        )
        found = session.scalars(sa.select(JudgementRow).where(JudgementRow.action == "return")).one()
        assert session.scalars(sa.select(Change).where(Change.object_id == found.id)).one().kind == "judgement"
        assert session.scalars(sa.select(Task).where(Task.kind == "recompute")).one().wanted >= 1
        raise RuntimeError
    assert room.reflection.state == "waiting"


# Who may


@pytest.mark.one_database
def test_nobody_judges_themselves(room: Course) -> None:
    """The `is_same_person` check out of `open_for`: a teacher who learns too signs their own work."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    oneself = Judge(room.worker.person_id, "instructor", room.teacher.context_id)
    with pytest.raises(NotAllowed, match="Nobody judges their own practice"):
        room.signs(4, 4, 4, 4, judge=oneself)


@pytest.mark.one_database
def test_not_by_another_account_either(room: Course) -> None:
    room.writes(1, date(2026, 2, 1))
    room.shares()
    with room.store.transaction(1) as session:
        other = builders.person(session, linked_to=room.worker.person_id).id
    with pytest.raises(NotAllowed, match="your own reflection"):
        room.signs(4, judge=Judge(other, "instructor", room.teacher.context_id))


@pytest.mark.one_database
def test_a_judge_of_another_course_finds_nothing(room: Course) -> None:
    """`of.context_id != judge.context_id` out of `open_for`: every teacher of the tenant may sign."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    with pytest.raises(NotFound):
        room.signs(1, 1, judge=Judge(room.teacher.person_id, "instructor", uuid.uuid4()))


def test_another_tenant_finds_nothing(room: Course) -> None:
    room.writes(1, date(2026, 2, 1))
    room.shares()
    of = room.reflection
    with room.store.directory() as session:
        other = builders.tenant(session).id
    with pytest.raises(NotFound), room.store.transaction(other) as session:
        judgements.reflection(session, of.attempt_id)


@pytest.mark.one_database
def test_what_was_never_shared_is_read_by_nobody(room: Course) -> None:
    """`or not of.steps` out of `open_for`: a judge who guesses the id reads a draft's facts."""
    room.writes(1, date(2026, 2, 1))
    with pytest.raises(NotFound):
        room.signs(1, 1)
    with room.store.reading(1) as session:
        assert judgements.of_course(session, room.teacher.context_id) == []


@pytest.mark.one_database
def test_only_the_signer_or_a_teacher_withdraws(room: Course) -> None:
    room.writes(1, date(2026, 2, 1))
    room.shares()
    step = room.signs(1, 1)
    assessor = Judge(room.colleague.person_id, "assessor", room.teacher.context_id)
    with pytest.raises(NotAllowed):
        room.does(judging.withdraw, assessor, room.reflection.attempt_id, QUALITY, step.number, "No.")
    room.does(judging.withdraw, room.colleague, room.reflection.attempt_id, QUALITY, step.number, "She has left.")
    assert room.level() == 0


@pytest.mark.one_database
def test_where_assessors_alone_judge_a_teacher_does_not(room: Course) -> None:
    """`if judge.role not in of.judges` out of `open_for`: the placement's terms mean nothing."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    with room.store.transaction(1) as session:
        session.get_one(ResourceLink, (1, room.worker.link.id)).settings = {"judges": "assessors"}
    with pytest.raises(NotAllowed, match="assessors whom the course has named"):
        room.signs(1, 1)
    assessor = Judge(room.colleague.person_id, "assessor", room.teacher.context_id)
    room.signs(1, 1, judge=assessor)
    with room.store.reading(1) as session:
        placed = session.get_one(ResourceLink, (1, room.worker.link.id))
        assert assessors.judges(session, placed, but=room.worker.person_id, on=room.today.date()) == []


@pytest.mark.one_database
def test_after_the_close_what_was_shared_stays(room: Course) -> None:
    """`journey.require_open` out of `judging.reopen`: the text is taken back and can never be shared again."""
    room.writes(1, date(2026, 2, 1))
    room.shares()
    room.worker.link.settings = {"closes_at": (room.today - timedelta(days=1)).isoformat()}
    with pytest.raises(Conflict, match="has closed"):
        room.does(judging.reopen, room.worker, KEY)
    assert room.reflection.state == "waiting"


@pytest.mark.one_database
def test_an_instructor_names_assessors_among_the_members(room: Course) -> None:
    today = room.today.date()

    def is_assessor(person_id: uuid.UUID, on: date = today) -> bool:
        with room.store.reading(1) as session:
            return assessors.is_assessor(session, room.teacher.context_id, person_id, on=on)

    with room.store.transaction(1) as session:
        stranger = builders.person(session).id
    someone = room.worker.person_id
    with pytest.raises(NotFound, match="no such person in this course"):
        room.does(judging.name_assessor, room.teacher, stranger, until=None)
    with pytest.raises(NotAllowed):
        assessor = Judge(room.colleague.person_id, "assessor", room.teacher.context_id)
        room.does(judging.name_assessor, assessor, someone, until=None)
    room.does(judging.name_assessor, room.teacher, someone, until=today + timedelta(days=30))
    assert is_assessor(someone)
    assert not is_assessor(someone, today + timedelta(days=31))
    room.does(judging.name_assessor, room.teacher, someone, until=None)
    assert is_assessor(someone, today + timedelta(days=31))
    room.does(judging.end_assessor, room.teacher, someone)
    assert not is_assessor(someone)


# The parts that need no store


def test_an_example_is_a_draft_until_it_has_a_date() -> None:
    catalogue: Catalogue = shipped()
    activity = catalogue.activity(KEY)
    from framework import assessment
    from framework.assessment import Answer

    def answer(**value: Any) -> Answer:
        accepted = assessment.accept(catalogue, activity, "example.2", value)
        return Answer("example.2", accepted, accepted, 1)

    assert [one.key for one in assessment.missing(catalogue, activity, [])] == ["example.1"]
    assert [one.key for one in assessment.missing(catalogue, activity, [answer(text="So.")])] == ["example.2"]
    assert assessment.missing(catalogue, activity, [answer(text="So.", event_on="2026-02-01")]) == ()
    assert assessment.missing(catalogue, activity, [Answer("discussion", True, True, 1)]) == ()
    for wrong in (
        {"text": " "},
        {"text": "x" * 4001},
        {"text": "So.", "event_on": "2026-02-30"},
        {"text": "So.", "reach": "the_moon"},
        {"text": "So.", "witness": "Sam"},
        {"text": "So.", "witness_place": "in_line"},
    ):
        with pytest.raises(Invalid):
            answer(**wrong)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Osei, Margaret", "margaret osei", True),
        ("Margaret Osei", "Margaret  OSEI", True),
        ("M. Osei", "Margaret Osei", False),
        ("", "", False),
    ],
)
def test_names(one: str, other: str, same: bool) -> None:
    assert reflection.is_same_name(one, other) is same


def test_a_judges_form_is_checked() -> None:
    today = date(2026, 3, 2)
    known = ("2025-12", "2026-03")

    def accept(values: dict[str, str], basis: dict[str, str], known: tuple[str, str] = known) -> Marks:
        return course.accept_marks(shipped(), QUALITY, values, basis, known, today=today)

    first = FEATURES[0]
    good = accept({first: "2", FEATURES[1]: ""}, {first: "told"})
    assert (good.values, good.basis) == ({first: 2}, {first: "told"})
    assert (good.known_from, good.known_to) == (date(2025, 12, 1), today)
    for values, basis, months, field_ in (
        ({}, {}, known, first),
        ({first: "5"}, {first: "saw"}, known, first),
        ({first: "1"}, {}, known, f"basis-{first}"),
        ({first: "1"}, {first: "saw"}, ("", "2026-03"), "known_from"),
        ({first: "1"}, {first: "saw"}, ("2026-03", "2026-02"), "known_from"),
        ({first: "1"}, {first: "saw"}, ("2026-02", "2026-04"), "known_to"),
        ({first: "1"}, {first: "saw"}, ("26-2", "2026-03"), "known_from"),
    ):
        with pytest.raises(Invalid) as caught:
            accept(values, basis, months)
        assert caught.value.field == field_
