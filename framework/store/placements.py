"""Placements: which activity a resource link holds, and what its grade is."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.catalogue import Activity, Catalogue
from framework.catalogue.connection import placeable
from framework.errors import Invalid, NotFound
from framework.store import arrivals, attempts, course_copies, editions, grade_pushes
from framework.store.arrivals import Arrival
from framework.store.attempts import Worker
from framework.store.tables import GradePush, Identity, LineItem, Pick, Progress, ResourceLink

BASES = ("completion", "score", "none")
PROGRAMME, SELF_ASSESSMENT = "programme", "self-assessment"
SELF_ASSESSMENTS = ("none", "first", "both")  # whether a programme begins, or begins and ends, with it


def link(session: Session, link_id: uuid.UUID) -> ResourceLink:
    """A placement by id. Raises NotFound."""
    found = session.scalar(sa.select(ResourceLink).where(ResourceLink.id == link_id))
    if found is None:
        raise NotFound("There is no such activity in this course.")
    return found


def resolve(session: Session, placed: ResourceLink, custom: Mapping[str, str]) -> None:
    """Find the activity of a link by what the launch carries: the pick under ``dl_uuid``, else ``activity_id``, else
    the placement that it was copied from.

    A new dl_uuid on a known link means that a teacher chose again: the new choice counts, learners keep their work.
    A link that says nothing new stays as it is; one that is still open waits for the chooser. A copy takes the
    settings of its original.
    """
    dl_uuid = custom.get("dl_uuid")
    if dl_uuid and dl_uuid != placed.dl_uuid:
        picked = arrivals.pick(session, dl_uuid)
        if picked is not None:
            choose(placed, picked.framework_key, picked.activity_key, dict(picked.settings))
            placed.dl_uuid = dl_uuid
            source = course_copies.picked_before(session, placed, dl_uuid)
            if source is not None and picked.context_id != placed.context_id:
                course_copies.copy(placed, source)
            return
    if placed.activity_key is not None:
        return
    if custom.get("activity_id"):
        _by_activity_id(session, placed, custom["activity_id"])
    source = course_copies.original(session, placed, custom)
    if source is not None and placed.activity_key in (None, source.activity_key):
        course_copies.copy(placed, source)


def holds_something(session: Session, placed: ResourceLink) -> bool:
    """Whether an activity has been chosen that today's content still has."""
    if placed.activity_key is None:
        return False
    try:
        _, catalogue = editions.current(session, placed.framework_key)
        catalogue.activity(placed.activity_key)
    except NotFound:
        return False
    return True


def choose(placed: ResourceLink, framework_key: str, activity_key: str, settings: dict[str, Any]) -> None:
    """Put an activity into a placement."""
    placed.framework_key, placed.activity_key, placed.settings = framework_key, activity_key, settings


def parts(placed: ResourceLink, catalogue: Catalogue) -> tuple[Activity, ...]:
    """The activities a learner works on in this placement: a programme's modules, else the one placed."""
    if placed.activity_key != PROGRAMME:
        return (catalogue.activity(placed.activity_key or ""),)
    chosen = placed.settings.get("qualities") or [quality.key for quality in catalogue.qualities]
    return tuple(catalogue.activity(key) for key in chosen)


def goes_with(placed: ResourceLink, catalogue: Catalogue) -> Activity | None:
    """The self-assessment that a programme has beside its parts. Its completion does not ask for it."""
    if placed.activity_key != PROGRAMME or placed.settings.get("self_assessment") not in ("first", "both"):
        return None
    return next((one for one in catalogue.activities if one.key == SELF_ASSESSMENT), None)


def left_out(placed: ResourceLink, catalogue: Catalogue) -> tuple[Activity, ...]:
    """What a programme had once: no part of it any more, and still open to those who have begun it."""
    if placed.activity_key != PROGRAMME:
        return ()
    known = {one.key for one in catalogue.qualities}
    return tuple(catalogue.activity(key) for key in placed.settings.get("left_out", ()) if key in known)


def reflections(placed: ResourceLink, catalogue: Catalogue) -> tuple[Activity, ...]:
    """The reflections that a learner may go on to from the modules placed, where none of its own is placed."""
    held = (*parts(placed, catalogue), *left_out(placed, catalogue))
    modules = {one.quality_key for one in held if one.kind == "module"}
    return tuple(one for one in catalogue.activities if one.kind == "reflection" and one.quality_key in modules)


def check(session: Session, placed: ResourceLink, activity_key: str) -> str:
    """The framework key of a placement that holds this activity. Raises NotFound."""
    if placed.activity_key is None:
        raise NotFound("Nobody has chosen an activity for this place yet.")
    _, catalogue = editions.current(session, placed.framework_key)
    beside = goes_with(placed, catalogue)
    held = (*parts(placed, catalogue), *left_out(placed, catalogue))
    reachable = (*held, *reflections(placed, catalogue), *([beside] if beside else ()))
    if activity_key not in [one.key for one in reachable]:
        raise NotFound("That activity is not part of this one.")
    return catalogue.framework_key


def basis(placed: ResourceLink) -> str:
    """What the grade shows: completion (1 of 1), score, or none."""
    return str(placed.settings.get("grade", "completion"))


def maximum(placed: ResourceLink) -> float:
    """The maximum of the placement's gradebook column."""
    return 100.0 if basis(placed) == "score" else 1.0


def keep_column(session: Session, arrival: Arrival, placed: ResourceLink, column: LineItem | None) -> None:
    """Remember the placement's gradebook column, unless it has no grade. ``column``: as it was before the launch."""
    if basis(placed) != "none":
        arrivals.keep_line_item(session, arrival, placed, column, maximum(placed))


def want_grade(session: Session, worker: Worker, progress: Progress, *, now: datetime) -> uuid.UUID | None:
    """Write the wanted half of the learner's grade. Answers the platform to ring, None where no grade is due.

    Test users have no grade: their LMS would refuse it.
    """
    item = arrivals.line_item(session, worker.link)
    identity = session.scalars(sa.select(Identity).where(Identity.id == progress.identity_id)).one()
    if item is None or identity.is_test or basis(worker.link) == "none":
        return None
    value = maximum(worker.link)
    if basis(worker.link) == "score" and progress.maximum:
        value = round(100.0 * (progress.points or 0.0) / progress.maximum, 2)
    changed = grade_pushes.want(
        session,
        line_item=item,
        identity_id=identity.id,
        platform_id=identity.platform_id,
        value=value,
        maximum=maximum(worker.link),
        submitted_at=attempts.last_submitted_at(session, progress.id) or progress.finished_at or now,
        comment=None,
        now=now,
    )
    return identity.platform_id if changed else None


def grade_state(session: Session, worker: Worker) -> str:
    """The state of the learner's grade row here; '' when there is none."""
    found = session.scalar(
        sa.select(GradePush.state)
        .join(LineItem, LineItem.id == GradePush.line_item_id)
        .where(LineItem.resource_link_id == worker.link.id, GradePush.identity_id == worker.identity_id)
    )
    return found or ""


def keep_pick(
    session: Session,
    context_id: uuid.UUID,
    dl_uuid: str,
    catalogue: Catalogue,
    activity: Activity,
    title: str,
    settings: dict[str, Any],
    *,
    now: datetime,
) -> None:
    """Keep what the picker chose until its link is launched."""
    session.add(
        Pick(
            context_id=context_id,
            dl_uuid=dl_uuid,
            framework_key=catalogue.framework_key,
            activity_key=activity.key,
            title=title,
            settings=settings,
            created_at=now,
        )
    )


def programme_settings(
    catalogue: Catalogue, qualities: Sequence[str], grade: str, self_assessment: str = "none"
) -> dict[str, Any]:
    """Checked settings of a programme: its qualities in order, and whether a self-assessment goes with it.

    Raises Invalid.
    """
    if self_assessment not in SELF_ASSESSMENTS:
        raise Invalid("Choose whether a self-assessment goes with the programme.", field="self_assessment")
    if grade not in ("completion", "none"):
        raise Invalid("A programme is graded by completion or not at all.", field="grade")
    if not qualities:
        raise Invalid("Choose at least one quality.", field="qualities")
    chosen, known = list(dict.fromkeys(qualities)), {quality.key for quality in catalogue.qualities}
    if not known.issuperset(chosen):
        raise Invalid("One of the chosen qualities is not in this framework.", field="qualities")
    beside = {} if self_assessment == "none" else {"self_assessment": self_assessment}
    return {"qualities": chosen, "grade": grade} | beside


def _by_activity_id(session: Session, placed: ResourceLink, activity_id: str) -> None:
    framework_key, _, activity_key = activity_id.rpartition("/")
    try:
        _, catalogue = editions.current(session, framework_key or None)
        activity = placeable(catalogue, activity_key)
    except NotFound:
        return  # the chooser asks the teacher
    choose(placed, catalogue.framework_key, activity.key, {})
