"""The instructor's page of a placed activity: who has finished, and whether the grades arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from framework.catalogue import Activity
from lti_tool.presenters.cohort import People
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.gradebook import NO_GRADE, NO_GRADEBOOK, Gradebook, GradeCell, trouble
from lti_tool.presenters.wording import short_day

_STATUS = {"completed": ("done", "Finished"), "started": ("open", "In progress"), "none": ("todo", "Not started")}


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One learner as the store knows them. ``status``: completed, started or none."""

    name: str
    status: str
    fraction: float = 0.0
    finished_at: datetime | None = None
    grade: GradeCell = NO_GRADE


@dataclass(frozen=True, slots=True)
class Learner:
    """One learner on the page, in words."""

    name: str
    state: str
    status: str
    finished: str
    grade: GradeCell


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
    gradebook: Gradebook
    preview: Form
    own: Form | None
    change: Link | None
    questions: Link | None
    keep: str
    settings: Link | None


def activity(
    placed: Activity,
    title: str,
    rows: Sequence[LearnerRow],
    *,
    basis: str,
    people: People,
    gradebook: Gradebook = NO_GRADEBOOK,
    preview_url: str,
    own_url: str = "",
    change_url: str,
    settings_url: str = "",
    questions_url: str = "",
) -> ActivityPage:
    """The page. ``own_url``: set for somebody who learns here too; ``change_url``: '' once somebody has started;
    ``questions_url``: '' for an activity without questions that have right answers."""
    return ActivityPage(
        title=title,
        overline="Who has done this activity",
        summary=placed.summary,
        people=people,
        learners=tuple(_learner(row) for row in rows),
        has_grades=basis != "none",
        trouble=trouble(people.parked) if basis != "none" else "",
        gradebook=gradebook,
        preview=Form(preview_url, "See it as a learner"),
        own=Form(own_url, "Do my own work") if own_url else None,
        change=Link("Change activity", change_url) if change_url else None,
        questions=Link("How the questions work", questions_url) if questions_url else None,
        keep="" if change_url else "Learners have started: what it holds can no longer be changed.",
        settings=Link("Settings", settings_url) if settings_url else None,
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
        grade=row.grade,
    )
