"""Who is stuck and why, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from framework.stuck import MANY_TRIES, OVERDUE, QUIET, QUIET_FOR, RETURNED, TRIES, UNFINISHED, Reason
from lti_tool.presenters.cohort import People
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import day

_WORDS = {
    UNFINISHED: "Not finished by the close, {since}",
    OVERDUE: "Overdue since {since}",
    RETURNED: "Returned on {since}, not shared again",
    TRIES: "{count} wrong tries at one question",
    QUIET: "In progress, untouched since {since}",
}
RULES = (
    "An activity is past its due moment, with what they have been allowed, and not finished, or it was not finished by "
    "the close.",
    f"They have given {MANY_TRIES} or more wrong answers to a question that is still open.",
    f"They have begun, and have not touched it for {QUIET_FOR.days} days.",
    f"A reflection was returned, and for {QUIET_FOR.days} days they have not shared it again.",
)


@dataclass(frozen=True, slots=True)
class Person:
    """One learner with why they may be stuck, activity by activity; ``nudged`` says when they last had a nudge."""

    value: str
    name: str
    url: str
    reasons: tuple[tuple[str, tuple[str, ...]], ...]
    nudged: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class StuckPage:
    """Who is stuck in the course, the most pressing first."""

    title: str
    overline: str
    views: tuple[tuple[Link, bool], ...]
    people: People
    rows: tuple[Person, ...]
    rules: tuple[str, ...]
    nudge: Form
    ticking: Link


def words(reason: Reason) -> str:
    """One reason."""
    return _WORDS[reason.rule].format(since=day(reason.since) if reason.since else "", count=reason.count)


def person(
    value: str, name: str, url: str, found: Sequence[tuple[str, Sequence[Reason]]], nudged_at: datetime | None
) -> Person:
    """``found``: the reasons by activity."""
    told = tuple((title, tuple(words(one) for one in reasons)) for title, reasons in found)
    return Person(value, name, url, told, f"Last message on {day(nudged_at)}" if nudged_at else "")


def stuck(
    course_title: str,
    rows: Sequence[Person],
    *,
    people: People,
    shown: tuple[tuple[Link, bool], ...],
    nudge_url: str,
    tick_url: str,
    ticks_all: bool = False,
) -> StuckPage:
    """The page. ``shown``: the course's views; ``tick_url``: the same with all ticked, or with none if they are."""
    return StuckPage(
        title="Who is stuck",
        overline=course_title,
        views=shown,
        people=people,
        rows=tuple(replace(one, is_chosen=ticks_all) for one in rows),
        rules=RULES,
        nudge=Form(nudge_url, "Write to those ticked"),
        ticking=Link("Tick none" if ticks_all else "Tick all", tick_url),
    )
