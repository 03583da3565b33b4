"""A key was wrong: what changes is shown first, then marked again, and the grades go out anew."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from framework import remarking
from framework.errors import Invalid
from framework.store import editions, terms
from framework.store.sessions import Store
from framework.store.tables import Answer, Award, Evidence, GradePush, Remark
from tests.framework.editions import shipped, shipped_document
from tests.framework.test_placement_terms import DAY, KEY, NOON, Room, room  # noqa: F401  # room is a fixture

FRAMEWORK = "leadership-qualities"


@pytest.fixture
def scored(room: Room) -> Iterator[Room]:  # noqa: F811  # the fixture of that name
    """A room whose gradebook shows the score."""
    with room.store.transaction(1) as session:
        terms.set_basis(session, room.link(session), "score", by=room.teacher.person_id, now=NOON)
    yield room


def correct(store: Store, check: int, answer: str) -> None:
    """Publish an edition where another option of a check is the right one."""
    document: dict[str, Any] = shipped_document()
    module = next(one for one in document["modules"] if one["quality"] == KEY)
    module["sections"][check]["check"]["answer"] = answer
    with store.transaction(1) as session:
        editions.publish(session, document, now=NOON + DAY)


def wanted(store: Store) -> float:
    with store.reading(1) as session:
        return session.scalars(sa.select(GradePush.wanted)).one()


def test_the_preview_changes_nothing_and_the_correction_sends_the_grade_again(scored: Room) -> None:
    """Red without ``placements.want_grade`` in remarking.apply."""
    scored.finishes(wrong=1)
    assert wanted(scored.store) == 75.0
    # Given that the option the learner chose first was right after all
    with scored.store.reading(1) as session:
        first = session.scalars(sa.select(Answer.first_value).where(Answer.item_key == "self-belief.1")).one()
    correct(scored.store, 0, str(first)[-1])
    with scored.store.reading(1) as session:
        (change,) = remarking.preview(session, FRAMEWORK, only_upwards=True)
        assert (change.before, change.points, change.counts) == (3.0, 4.0, True)
    assert wanted(scored.store) == 75.0 and scored.progress().points == 3.0
    # When it is applied
    with scored.store.transaction(1) as session:
        before = session.scalar(sa.select(sa.func.count(Evidence.id)))
        _, platforms = remarking.apply(
            session, FRAMEWORK, only_upwards=True, reason="Two answers were right.", now=NOON + 2 * DAY
        )
    # Then points, grade and the learner's note say so, evidence stays, and doing it again finds nothing
    assert len(platforms) == 1 and wanted(scored.store) == 100.0 and scored.progress().points == 4.0
    with scored.store.reading(1) as session:
        note = session.scalars(sa.select(Remark)).one()
        assert (note.points_before, note.points_after, note.reason) == (3.0, 4.0, "Two answers were right.")
        assert session.scalar(sa.select(sa.func.count(Evidence.id))) == before
        assert session.scalar(sa.select(sa.func.count(Award.id))) == 0
        assert remarking.preview(session, FRAMEWORK, only_upwards=False) == ()


def test_only_upwards_leaves_those_that_would_lose(scored: Room) -> None:
    scored.finishes()
    correct(scored.store, 0, "a")
    with scored.store.transaction(1) as session:
        assert remarking.preview(session, FRAMEWORK, only_upwards=True) == ()
        assert [one.points for one in remarking.preview(session, FRAMEWORK, only_upwards=False)] == [3.0]
        changes, _ = remarking.apply(session, FRAMEWORK, only_upwards=False, reason="It was wrong.", now=NOON + DAY)
    assert len(changes) == 1 and wanted(scored.store) == 75.0


def test_an_attempt_of_an_earlier_run_is_corrected_and_the_present_grade_is_left_alone(scored: Room) -> None:
    """Red without ``change.counts`` before want_grade."""
    scored.finishes()
    with scored.store.transaction(1) as session:
        terms.next_run(session, scored.link(session), by=scored.teacher.person_id, now=NOON + DAY)
    scored.finishes(wrong=2, now=NOON + timedelta(hours=30))
    correct(scored.store, 3, "b" if shipped().module(KEY).sections[3].check.answer_key.endswith("a") else "a")
    with scored.store.transaction(1) as session:
        changes, _ = remarking.apply(session, FRAMEWORK, only_upwards=False, reason="It was wrong.", now=NOON + 3 * DAY)
        assert [(one.points, one.counts) for one in changes] == [(3.0, False), (1.0, True)]
    assert wanted(scored.store) == 25.0


def test_a_change_of_words_marks_nothing_again_and_a_reason_is_needed(scored: Room) -> None:
    scored.finishes()
    document = shipped_document()
    document["framework"]["title"] = "Other words"
    with scored.store.transaction(1) as session:
        editions.publish(session, document, now=NOON + DAY)
    with scored.store.transaction(1) as session:
        assert remarking.preview(session, FRAMEWORK, only_upwards=False) == ()
        with pytest.raises(Invalid, match="Say why"):
            remarking.apply(session, FRAMEWORK, only_upwards=False, reason=" ", now=NOON)
