"""Who is stuck: the rules by which an instructor is told that a learner may need a word. Pure.

A rule looks at one learner in one placement. Nobody is called stuck for what has not been begun and is not due yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from framework.terms import DEFAULT, Terms

QUIET_FOR = timedelta(days=7)  # in progress and untouched, or returned and not shared again
MANY_TRIES = 3

UNFINISHED, OVERDUE, RETURNED, TRIES, QUIET = "unfinished", "overdue", "returned", "tries", "quiet"


@dataclass(frozen=True, slots=True)
class Doing:
    """What one learner has done in one placement, in its present run.

    ``status``: none, in_progress, completed. ``touched_at``: when they last answered, began or finished something.
    ``wrong_tries``: of the question that is still open, the most. ``returned_at``: when a judge gave back what has not
    been shared since. ``terms``: those that hold for this learner, with what they have been allowed.
    """

    status: str = "none"
    touched_at: datetime | None = None
    wrong_tries: int = 0
    returned_at: datetime | None = None
    terms: Terms = field(default=DEFAULT)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody may be stuck. ``since`` is None for tries, ``count`` is theirs."""

    rule: str
    since: datetime | None = None
    count: int = 0


def reasons(doing: Doing, now: datetime) -> tuple[Reason, ...]:
    """Every rule that holds now, the most pressing first; after the close only that it was not finished."""
    held, found = doing.terms, []
    is_finished = doing.status == "completed"
    if not is_finished and held.is_closed(now):
        return (Reason(UNFINISHED, held.closes_at),)
    if not is_finished and held.is_late(now):
        found.append(Reason(OVERDUE, held.due_at))
    if doing.returned_at is not None and doing.returned_at + QUIET_FOR <= now and not held.is_closed(now):
        found.append(Reason(RETURNED, doing.returned_at))
    if doing.wrong_tries >= MANY_TRIES and not held.is_closed(now):
        found.append(Reason(TRIES, count=doing.wrong_tries))
    if doing.status == "in_progress" and doing.touched_at is not None and doing.touched_at + QUIET_FOR <= now:
        found.append(Reason(QUIET, doing.touched_at))
    return tuple(found)


def rank(found: Sequence[Reason]) -> tuple[int, float]:
    """To sort people by, the most pressing first: by their first reason, then by how long it has been so."""
    order = (UNFINISHED, OVERDUE, RETURNED, TRIES, QUIET)
    first = min(found, key=lambda one: order.index(one.rule))
    return order.index(first.rule), first.since.timestamp() if first.since else 0.0
