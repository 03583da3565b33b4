"""The terms of a placement in words: what a learner reads, what was allowed, and what was changed.

Moments are told in the installation's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from framework.terms import Allowance, Terms
from lti_tool.presenters.wording import counted, day_and_time

MOMENTS = {
    "opens_at": ("Opens", "Learners can start from then on."),
    "due_at": ("Due", "Shown to learners. Work is taken until the close."),
    "closes_at": ("Closes", "After that nothing can be answered or finished."),
}
COUNTS = {"best": "The best one", "latest": "The latest one"}
REVIEWS = {
    "finished": "When they have finished",
    "closed": "After the close, when nobody can answer any more",
}
JUDGES = {"both": "Instructors, and the assessors they name", "assessors": "The named assessors alone"}
REUSE = {
    0: "No, everybody does it here",
    6: "Up to 6 months old",
    12: "Up to 12 months old",
    24: "Up to 2 years old",
    36: "Up to 3 years old",
    60: "Up to 5 years old",
}
EDITIONS = {"any": "From any edition of the content", "same": "From the present edition alone"}
BASES = {
    "completion": "Finished: 1 of 1 point",
    "score": "Score: questions right at the first try",
    "none": "No grade",
}
_WORDS = {
    "opens_at": "Opens",
    "due_at": "Due",
    "closes_at": "Closes",
    "attempts": "Attempts",
    "counts": "Which attempt counts",
    "review": "Answers are shown",
    "judges": "Who judges",
    "reuse_months": "Earlier results",
    "run": "Run",
    "reuse_editions": "Earlier results from",
    "grade": "In the gradebook",
    "extra_attempts": "Further attempts",
    "qualities": "Qualities",
    "self_assessment": "Self-assessment",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One kept change as the store knows it. ``about``: the name of the learner it allows something, else ''."""

    at: datetime
    who: str
    about: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, in words."""

    when: str
    who: str
    what: tuple[str, ...]


def shown_to_learner(held: Terms, zone: ZoneInfo, now: datetime, attempts_so_far: int) -> tuple[str, ...]:
    """What a learner reads about the terms on the first page of an activity."""
    lines = []
    if held.opens_at and held.is_early(now):
        lines.append(f"Opens on {when(held.opens_at, zone)}.")
    if held.closes_at and held.is_closed(now):
        lines.append(f"Closed on {when(held.closes_at, zone)}.")
    else:
        if held.due_at:
            late = " That has passed, and work is still taken." if held.is_late(now) else ""
            lines.append(f"Due on {when(held.due_at, zone)}.{late}")
        if held.closes_at and held.closes_at != held.due_at:
            lines.append(f"Closes on {when(held.closes_at, zone)}.")
    if held.attempts is not None:
        left = max(0, held.attempts - attempts_so_far)
        lines.append(f"{counted(left, 'attempt')} left of {held.attempts}.")
    return tuple(lines)


def allowed(allowance: Allowance | None, zone: ZoneInfo) -> str:
    """What one learner has been given beyond the terms; "" for nothing."""
    if allowance is None:
        return ""
    said = [f"until {when(allowance.closes_at, zone)}"] if allowance.closes_at else []
    if allowance.extra_attempts:
        said.append(f"{counted(allowance.extra_attempts, 'further attempt')}")
    return ", ".join(said)


def when(value: datetime | None, zone: ZoneInfo) -> str:
    return day_and_time(value.astimezone(zone)) if value else ""


def entry(change: Change, zone: ZoneInfo) -> Entry:
    about = f"For {change.about}: " if change.about else ""
    lines = tuple(
        f"{about}{_WORDS.get(name, name)}: {_said(name, change.before.get(name), zone)} → "
        f"{_said(name, change.after.get(name), zone)}"
        for name in change.after
    )
    return Entry(day_and_time(change.at.astimezone(zone)), change.who, lines)


def _said(name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return {"grade": BASES["completion"], "attempts": "any number", "self_assessment": "none"}.get(
            name, "as usual" if name not in MOMENTS else "none"
        )
    if name in MOMENTS:
        return when(datetime.fromisoformat(value), zone)
    tables: Mapping[str, Mapping[Any, str]] = {
        "counts": COUNTS,
        "review": REVIEWS,
        "judges": JUDGES,
        "reuse_months": REUSE,
        "reuse_editions": EDITIONS,
        "grade": BASES,
    }
    return tables.get(name, {}).get(value, str(value))


def zone_words(zone: ZoneInfo) -> str:
    """Whose time the moments of a page are in."""
    return f"Times are those of {zone.key.replace('_', ' ')}."
