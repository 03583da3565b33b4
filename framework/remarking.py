"""When a key was wrong: attempts that were marked by it are marked again by the present edition's keys.

First a preview, then all of them or only those that gain. Grades go out again by the way they always go. Answers and
evidence stay as they are, and no badge depends on a check: studying gives Explored, judgement gives a level.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from framework import journey
from framework.catalogue import Catalogue
from framework.errors import Invalid
from framework.store import attempts, editions, placements, remarks
from framework.store.attempts import Worker
from framework.store.remarks import Marked
from framework.store.tables import Remark

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One attempt whose points change. ``counts``: it is the attempt that counts in its placement's present run."""

    of: Marked
    before: float
    points: float
    counts: bool


def preview(session: Session, framework_key: str, *, only_upwards: bool) -> tuple[Change, ...]:
    """The attempts that would change, oldest first."""
    edition_id, present = editions.current(session, framework_key)
    return tuple(
        change
        for change in _changes(session, framework_key, edition_id, present)
        if change.points > change.before or not only_upwards
    )


def apply(
    session: Session, framework_key: str, *, only_upwards: bool, reason: str, now: datetime
) -> tuple[tuple[Change, ...], set[uuid.UUID]]:
    """Mark them again; answers what changed and the platforms to ring. Raises Invalid without a reason for learners."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(f"Say why in 1 to {LONGEST_REASON} characters: learners read it.", field="reason")
    edition_id, _ = editions.current(session, framework_key)
    changes = preview(session, framework_key, only_upwards=only_upwards)
    due: set[uuid.UUID] = set()
    for change in changes:
        attempt, progress = change.of.attempt, change.of.progress
        session.add(
            Remark(
                attempt_id=attempt.id,
                edition_id=edition_id,
                points_before=change.before,
                points_after=change.points,
                reason=reason,
                at=now,
            )
        )
        attempt.points = change.points
        worker = Worker(change.of.link, progress.person_id, progress.identity_id)
        journey.count(session, worker, progress, now=now)
        if change.counts and progress.activity_key == change.of.link.activity_key:
            platform_id = placements.want_grade(session, worker, progress, now=now)
            due |= {platform_id} if platform_id else set()
    return changes, due


def _changes(session: Session, framework_key: str, edition_id: uuid.UUID, present: Catalogue) -> Iterator[Change]:
    for marked in remarks.marked_by_earlier(session, framework_key, edition_id):
        earlier = editions.catalogue(session, marked.attempt.edition_id)
        keys = _keys(earlier, marked.progress.activity_key)
        changed = {key: answer for key, answer in _keys(present, marked.progress.activity_key).items() if key in keys}
        if not keys or {**keys, **changed} == keys:
            continue
        points = _points(session, marked, {**keys, **changed})
        if points != marked.attempt.points:
            yield Change(marked, marked.attempt.points or 0.0, points, marked.progress.run == marked.link.run)


def _keys(catalogue: Catalogue, activity_key: str) -> Mapping[str, str]:
    """Which option is right, by check; none for an activity that this edition does not have."""
    found = next((one for one in catalogue.modules if one.quality_key == activity_key), None)
    return {} if found is None else {section.key: section.check.answer_key for section in found.sections}


def _points(session: Session, marked: Marked, keys: Mapping[str, str]) -> float:
    answers = attempts.answers(session, marked.attempt.reused_from or marked.attempt.id)
    return float(sum(answers[key].first_value == right for key, right in keys.items() if key in answers))
