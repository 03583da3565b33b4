"""Who is stuck: each rule at its edge, with a movable moment."""

from datetime import UTC, datetime, timedelta

import pytest

from framework.stuck import OVERDUE, QUIET, RETURNED, TRIES, UNFINISHED, Doing, Reason, rank, reasons
from framework.terms import Allowance, Terms

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def rules(doing: Doing, now: datetime = NOON) -> list[str]:
    return [one.rule for one in reasons(doing, now)]


def test_nobody_is_stuck_who_has_not_begun_what_is_not_due() -> None:
    assert rules(Doing()) == []
    assert rules(Doing(terms=Terms(due_at=NOON + TICK, closes_at=NOON + DAY))) == []


@pytest.mark.parametrize("status", ["none", "in_progress"])
def test_overdue_begins_with_the_due_moment_and_ends_with_finishing(status: str) -> None:
    due = Terms(due_at=NOON)
    assert rules(Doing(status, terms=due), NOON - TICK) == []
    assert reasons(Doing(status, terms=due), NOON) == (Reason(OVERDUE, NOON),)
    assert rules(Doing("completed", terms=due), NOON + DAY) == []


def test_somebody_with_more_time_is_not_overdue_before_it_has_passed() -> None:
    held = Terms(due_at=NOON - 2 * DAY, closes_at=NOON - DAY).for_learner(Allowance(closes_at=NOON + DAY))
    assert rules(Doing(terms=held)) == []
    assert rules(Doing(terms=held), NOON + DAY) == [UNFINISHED]


def test_after_the_close_it_is_said_once_that_it_was_not_finished() -> None:
    held = Terms(due_at=NOON - 3 * DAY, closes_at=NOON)
    waiting = Doing("in_progress", NOON - 30 * DAY, 5, NOON - 30 * DAY, held)
    assert rules(waiting, NOON - TICK) == [OVERDUE, RETURNED, TRIES, QUIET]
    assert reasons(waiting, NOON) == (Reason(UNFINISHED, NOON),)
    assert rules(Doing("completed", NOON - 30 * DAY, terms=held)) == []


def test_in_progress_and_untouched_for_seven_days() -> None:
    assert rules(Doing("in_progress", NOON - 7 * DAY + TICK)) == []
    assert reasons(Doing("in_progress", NOON - 7 * DAY), NOON) == (Reason(QUIET, NOON - 7 * DAY),)
    assert rules(Doing("completed", NOON - 70 * DAY)) == []
    assert rules(Doing("none", NOON - 70 * DAY)) == []


def test_three_wrong_tries_at_a_question() -> None:
    assert rules(Doing("in_progress", NOON, 2)) == []
    assert reasons(Doing("in_progress", NOON, 3), NOON) == (Reason(TRIES, count=3),)


def test_returned_and_not_shared_again_for_seven_days() -> None:
    assert rules(Doing("completed", NOON, returned_at=NOON - 7 * DAY + TICK)) == []
    assert rules(Doing("completed", NOON, returned_at=NOON - 7 * DAY)) == [RETURNED]
    closed = Terms(closes_at=NOON)
    assert rules(Doing("completed", NOON, returned_at=NOON - 9 * DAY, terms=closed)) == [], "nothing can be done now"


def test_the_most_pressing_and_then_the_longest_come_first() -> None:
    quiet, older = (Reason(QUIET, NOON - 8 * DAY),), (Reason(QUIET, NOON - 9 * DAY),)
    late = (Reason(TRIES, count=3), Reason(OVERDUE, NOON))
    assert sorted([quiet, older, late], key=rank) == [late, older, quiet]
