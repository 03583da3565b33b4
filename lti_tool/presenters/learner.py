"""One learner of a course, as their instructor sees them: read only, and from this course alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from framework.assessment import judging
from framework.catalogue import Catalogue
from framework.stuck import Reason
from lti_tool.presenters import stuck
from lti_tool.presenters.course import Cell
from lti_tool.presenters.frame import Link
from lti_tool.presenters.gradebook import GradeCell
from lti_tool.presenters.practice import Event
from lti_tool.presenters.wording import counted, day

_STATUS = {"none": "Not started", "in_progress": "In progress", "completed": "Finished"}
_MARKS = {"none": "todo", "in_progress": "open", "completed": "done"}
_REFLECTION = {
    "waiting": "Shared, waits for a judge",
    "returned": "Returned, with the learner",
    "to_confirm": "A write-up waits for the learner to confirm it",
    "signed": "Signed",
    "withdrawn": "A signature was withdrawn",
    "changing": "The learner is changing the text; nobody else reads it now",
    "private": "Not shared",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """One placement: ``limits`` as the learner reads them, ``allowed`` beyond them, ``stuck`` in words.

    ``reviews``: the finished work that counts, to look at; none where it is the learner's alone.
    """

    title: str
    state: str
    status: str
    attempts: str
    limits: tuple[str, ...]
    allowed: str
    stuck: tuple[str, ...]
    grade: GradeCell | None
    reviews: tuple[Link, ...]
    is_private: bool
    more: Link | None


@dataclass(frozen=True, slots=True)
class Judged:
    """One reflection that was shared in this course. ``link`` is None for somebody who may not judge it."""

    title: str
    state: str
    link: Link | None
    history: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The qualities of one cluster."""

    title: str
    tone: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LearnerPage:
    """All that this course knows of one learner."""

    title: str
    overline: str
    sentence: str
    back: Link
    nudged: str
    placed: tuple[Placed, ...]
    standings: tuple[Standing, ...]
    judged: tuple[Judged, ...]


def placed(
    title: str,
    status: str,
    fraction: float,
    finished_at: datetime | None,
    attempts: int,
    *,
    limits: Sequence[str],
    allowed: str,
    reasons: Sequence[Reason],
    grade: GradeCell | None,
    reviews: Sequence[Link],
    is_private: bool,
    more_url: str = "",
) -> Placed:
    """One placement. ``status``: none, in_progress or completed; ``grade`` is None where nothing is graded.

    ``is_private``: the answers are the learner's alone; ``more_url``: where they are given more time or attempts.
    """
    said = _STATUS[status]
    if status == "in_progress" and fraction:
        said = f"{said}, {round(100 * fraction)}%"
    if finished_at is not None:
        said = f"{said} on {day(finished_at)}"
    return Placed(
        title=title,
        state=_MARKS[status],
        status=said,
        attempts=counted(attempts, "attempt") if attempts else "",
        limits=tuple(limits),
        allowed=f"Allowed: {allowed}." if allowed else "",
        stuck=tuple(stuck.words(one) for one in reasons),
        grade=grade,
        reviews=tuple(reviews),
        is_private=is_private,
        more=Link("Give more time or attempts", more_url) if more_url else None,
    )


def judged(
    catalogue: Catalogue, quality_key: str, steps: Sequence[judging.Step], url: str, events: Sequence[Event]
) -> Judged:
    """One reflection. ``url``: where it is read and judged, '' for somebody who may not."""
    title = catalogue.quality(quality_key).title
    return Judged(
        title=title,
        state=_REFLECTION[judging.state(steps)],
        link=Link("Read and judge", url) if url else None,
        history=tuple(events),
    )


def learner(
    catalogue: Catalogue,
    name: str,
    course_title: str,
    *,
    placements: Sequence[Placed],
    cells: Sequence[Cell],
    reflections: Sequence[Judged],
    nudged_at: datetime | None,
    back_url: str,
) -> LearnerPage:
    """The page. ``cells``: in the order of the framework's qualities."""
    left = iter(cells)
    return LearnerPage(
        title=name,
        overline=course_title,
        sentence=(
            "What this course knows of them. Their own ratings, their drafts and what they did elsewhere are theirs "
            "alone. That you opened this page is recorded."
        ),
        back=Link("Back to the course", back_url),
        nudged=f"Last message on {day(nudged_at)}." if nudged_at else "",
        placed=tuple(placements),
        standings=tuple(
            Standing(cluster.title, place % 6 + 1, tuple(next(left) for _ in cluster.qualities))
            for place, cluster in enumerate(catalogue.clusters)
        ),
        judged=tuple(reflections),
    )
