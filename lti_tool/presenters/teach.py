"""The instructor's page of a placed activity: who has finished, and whether the grades arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from framework.catalogue import Activity
from lti_tool.presenters.cohort import People
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import counted, short_day

_STATUS = {"completed": ("done", "Finished"), "started": ("open", "In progress"), "none": ("todo", "Not started")}

# What the teacher reads about a grade, by the state of its row.
_GRADE = {
    "": "No grade yet",
    "due": "On its way",
    "check": "Being compared with the gradebook",
    "delivered": "In the gradebook",
    "parked": "Not delivered",
    "overridden": "Set by a teacher, left alone",
}

# Why a grade could not be delivered, by the class of the last error.
_REASONS = {
    "column_missing": "The gradebook column is gone.",
    "column_locked": "The gradebook column is locked.",
    "not_enrolled": "The LMS has no such learner in this course.",
    "not_gradable": "The LMS takes no grade for this person. They may have left the course.",
    "not_allowed": "The LMS does not let this tool write grades here.",
    "not_granted": "The LMS has not switched on grades for this tool.",
    "no_grade_service": "The LMS offers this tool no gradebook here.",
    "not_accepting": "The assignment in the LMS takes no grades now.",
    "unreadable": "The LMS did not show the grade it holds, so it was left alone.",
    "attempts_exhausted": "The LMS allows no more attempts.",
    "no_answer": "The LMS did not answer, however often it was tried.",
    "refused_as_older": "The LMS says that it holds a newer grade.",
}
_REFUSED = "The LMS refused it."


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One learner as the store knows them. ``status``: completed, started or none. ``grade_state`` "" is no row."""

    name: str
    status: str
    fraction: float = 0.0
    finished_at: datetime | None = None
    grade_state: str = ""
    error_class: str = ""


@dataclass(frozen=True, slots=True)
class Learner:
    """One learner on the page, in words."""

    name: str
    state: str
    status: str
    finished: str
    grade: str
    reason: str
    is_trouble: bool


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Who has done the activity. ``learners``: those of one page; ``change`` is None once somebody has started."""

    title: str
    overline: str
    summary: str
    people: People
    learners: tuple[Learner, ...]
    has_grades: bool
    trouble: str
    preview: Form
    own: Form | None
    change: Link | None
    keep: str


def activity(
    placed: Activity,
    title: str,
    rows: Sequence[LearnerRow],
    *,
    basis: str,
    people: People,
    preview_url: str,
    own_url: str = "",
    change_url: str,
) -> ActivityPage:
    """The page. ``own_url``: set for somebody who learns here too; ``change_url``: '' once somebody has started."""
    return ActivityPage(
        title=title,
        overline="Who has done this activity",
        summary=placed.summary,
        people=people,
        learners=tuple(_learner(row) for row in rows),
        has_grades=basis != "none",
        trouble=f"{counted(people.parked, 'grade')} did not reach the gradebook." if people.parked else "",
        preview=Form(preview_url, "See it as a learner"),
        own=Form(own_url, "Do my own work") if own_url else None,
        change=Link("Change activity", change_url) if change_url else None,
        keep="" if change_url else "Learners have started, so the activity stays as it is.",
    )


def _learner(row: LearnerRow) -> Learner:
    state, status = _STATUS[row.status]
    if state == "open":
        status = f"{status}, {round(100 * row.fraction)}%"
    return Learner(
        name=row.name or "Name not shared by the LMS",
        state=state,
        status=status,
        finished=short_day(row.finished_at) if row.finished_at else "",
        grade=_GRADE[row.grade_state],
        reason=_REASONS.get(row.error_class, _REFUSED) if row.grade_state == "parked" else "",
        is_trouble=row.grade_state == "parked",
    )
