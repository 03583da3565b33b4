"""Who judges practice in a course besides its teachers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import day

_ROLES = {"learner": "learner", "instructor": "teacher", "designer": "designer", "mentor": "mentor"}


@dataclass(frozen=True, slots=True)
class Named:
    """One assessor, with the form that ends it."""

    name: str
    until: str
    end: Form


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of the course who can be named."""

    key: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class AssessorsPage:
    """The assessors of a course, and whom to name."""

    title: str
    lead: str
    named: tuple[Named, ...]
    candidates: tuple[Candidate, ...]
    action: str
    back: Link
    error: str


def page(
    rows: Sequence[tuple[str, str, date | None]],
    members: Sequence[tuple[str, str, str]],
    *,
    me: str,
    action: str,
    queue_url: str,
    error: str = "",
) -> AssessorsPage:
    """The page. ``rows``: (key, name, last day) of assessors; ``members``: (key, name, role) of all in the course."""
    taken = {key for key, _, _ in rows}
    return AssessorsPage(
        title="Assessors",
        lead="An assessor reads what learners of this course share, and signs it as a teacher does. Name somebody who "
        "knows the learners’ work. Nobody judges their own practice.",
        named=tuple(
            Named(
                name,
                f"until {day(until)}" if until else "without end",
                Form(action, "End", (("person", key), ("action", "end"))),
            )
            for key, name, until in rows
        ),
        candidates=tuple(
            Candidate(key, name, _ROLES.get(role, "member"))
            for key, name, role in members
            if key not in taken and key != me and role != "instructor"
        ),
        action=action,
        back=Link("All reflections to judge", queue_url),
        error=error,
    )
