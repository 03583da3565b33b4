"""Progress, attempts, answers and evidence of a person in a placement. ``framework.journey`` alone writes them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import assessment
from framework.errors import Stale
from framework.store.tables import Answer, Attempt, Context, Evidence, Progress, ResourceLink


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works where: the keys of one person's progress in one placement."""

    link: ResourceLink
    person_id: uuid.UUID
    identity_id: uuid.UUID


def progress(session: Session, worker: Worker, activity_key: str, *, lock: bool = False) -> Progress | None:
    """How far the worker is with an activity in the placement's present run."""
    query = sa.select(Progress).where(
        Progress.resource_link_id == worker.link.id,
        Progress.run == worker.link.run,
        Progress.person_id == worker.person_id,
        Progress.activity_key == activity_key,
    )
    return session.scalar(query.with_for_update() if lock else query)


def progress_of(session: Session, worker: Worker) -> Mapping[str, Progress]:
    """All the worker's progress in the placement's present run, by activity key."""
    rows = session.scalars(
        sa.select(Progress).where(
            Progress.resource_link_id == worker.link.id,
            Progress.run == worker.link.run,
            Progress.person_id == worker.person_id,
        )
    )
    return {row.activity_key: row for row in rows}


def open_programmes(session: Session, person_id: uuid.UUID, activity_key: str) -> Sequence[Progress]:
    """The programmes that a person has started and not completed, in any course."""
    return session.scalars(
        sa.select(Progress)
        .where(Progress.person_id == person_id, Progress.activity_key == activity_key, Progress.status == "in_progress")
        .with_for_update()
    ).all()


def in_programme(session: Session, placed: ResourceLink, activity_key: str) -> Sequence[uuid.UUID]:
    """The people who have started a programme in its present run and not completed it."""
    return session.scalars(
        sa.select(Progress.person_id).where(
            Progress.resource_link_id == placed.id,
            Progress.run == placed.run,
            Progress.activity_key == activity_key,
            Progress.status == "in_progress",
        )
    ).all()


def newest_attempt(session: Session, progress_id: uuid.UUID, *, lock: bool = False) -> Attempt | None:
    """The open attempt, or else the last submitted one."""
    query = sa.select(Attempt).where(Attempt.progress_id == progress_id).order_by(Attempt.number.desc()).limit(1)
    return session.scalar(query.with_for_update() if lock else query)


def attempt(session: Session, attempt_id: uuid.UUID) -> Attempt:
    """One attempt by its id."""
    return session.scalars(sa.select(Attempt).where(Attempt.id == attempt_id)).one()


def submitted(session: Session, progress_id: uuid.UUID) -> Sequence[Attempt]:
    """Submitted attempts, oldest first."""
    return session.scalars(
        sa.select(Attempt)
        .where(Attempt.progress_id == progress_id, Attempt.state == "submitted")
        .order_by(Attempt.number)
    ).all()


def last_submitted_at(session: Session, progress_id: uuid.UUID) -> datetime | None:
    """When the newest submitted attempt was finished."""
    return session.scalar(
        sa.select(sa.func.max(Attempt.submitted_at)).where(
            Attempt.progress_id == progress_id, Attempt.state == "submitted"
        )
    )


def submitted_of_kind(
    session: Session, person_id: uuid.UUID, framework_key: str, kind: str, *, before: datetime
) -> Sequence[tuple[Attempt, str]]:
    """A person's attempts of a kind, in any course, submitted before a moment: newest first, with the activity key."""
    rows = session.execute(
        sa.select(Attempt, Progress.activity_key)
        .join(Progress, Progress.id == Attempt.progress_id)
        .where(
            Progress.person_id == person_id,
            Progress.framework_key == framework_key,
            Attempt.kind == kind,
            Attempt.state == "submitted",
            Attempt.submitted_at < before,
        )
        .order_by(Attempt.submitted_at.desc())
    )
    return [(attempt, key) for attempt, key in rows]


def count(session: Session, progress_id: uuid.UUID) -> int:
    """How many attempts there are, the open one among them."""
    asked = sa.select(sa.func.count()).select_from(Attempt).where(Attempt.progress_id == progress_id)
    return session.scalar(asked) or 0


def earlier(
    session: Session, worker: Worker, framework_key: str, activity_key: str, *, since: datetime
) -> tuple[Attempt, str] | None:
    """The newest attempt that the person has submitted at the same activity elsewhere or in an earlier run, with the
    course's title; None where there is none since then. One that was itself taken over does not count."""
    found = session.execute(
        sa.select(Attempt, Context.title)
        .join(Progress, Progress.id == Attempt.progress_id)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(
            Progress.person_id == worker.person_id,
            Progress.framework_key == framework_key,
            Progress.activity_key == activity_key,
            sa.or_(Progress.resource_link_id != worker.link.id, Progress.run != worker.link.run),
            Attempt.state == "submitted",
            Attempt.reused_from.is_(None),
            Attempt.submitted_at >= since,
        )
        .order_by(Attempt.submitted_at.desc())
        .limit(1)
    ).first()
    return None if found is None else (found[0], found[1])


def answers(session: Session, attempt_id: uuid.UUID) -> Mapping[str, assessment.Answer]:
    """The answers of an attempt, by item key."""
    rows = session.scalars(sa.select(Answer).where(Answer.attempt_id == attempt_id))
    return {
        row.item_key: assessment.Answer(row.item_key, row.value, row.first_value, row.tries, row.version)
        for row in rows
    }


def start(session: Session, worker: Worker, framework_key: str, activity_key: str, *, now: datetime) -> Progress:
    """The first progress of a worker in an activity."""
    row = Progress(
        resource_link_id=worker.link.id,
        run=worker.link.run,
        person_id=worker.person_id,
        identity_id=worker.identity_id,
        framework_key=framework_key,
        activity_key=activity_key,
        status="in_progress",
        fraction=0.0,
        started_at=now,
    )
    session.add(row)
    return row


def open_attempt(
    session: Session, of: Progress, number: int, edition_id: uuid.UUID, kind: str, *, now: datetime
) -> Attempt:
    """A new attempt on an edition. The database allows one open attempt per progress."""
    row = Attempt(progress_id=of.id, number=number, edition_id=edition_id, kind=kind, state="open", started_at=now)
    session.add(row)
    of.updated_at = now  # programs read the number of attempts with the progress, so that has changed too
    return row


def put_answer(
    session: Session,
    attempt_id: uuid.UUID,
    item_key: str,
    value: Any,
    *,
    keeps_first: bool = True,
    replaces: int | None = None,
) -> None:
    """Keep an answer: the newest counts for going on, the first one for a score. The same one again changes nothing.

    ``keeps_first`` is off where an earlier wording is nobody's business any more: then it is gone. ``replaces``: the
    version that its writer had before them, 0 for none. Raises Stale where that is not the one stored any more.
    """
    row = session.scalar(
        sa.select(Answer).where(Answer.attempt_id == attempt_id, Answer.item_key == item_key).with_for_update()
    )
    if row is not None and row.value == value:
        return
    if replaces is not None and replaces != (row.version if row is not None else 0):
        raise Stale("This has been answered on another device or in another tab since you opened the page.")
    if row is None:
        session.add(Answer(attempt_id=attempt_id, item_key=item_key, value=value, first_value=value, tries=1))
    else:
        row.value = value
        row.tries += 1
        if not keeps_first:
            row.first_value = value
    session.flush()


def add_evidence(
    session: Session,
    attempt: Attempt,
    worker: Worker,
    framework_key: str,
    evidence: Sequence[assessment.Evidence],
    *,
    at: datetime,
) -> None:
    """Append what a submitted attempt shows."""
    session.add_all(
        Evidence(
            person_id=worker.person_id,
            framework_key=framework_key,
            feature_key=one.feature_key,
            kind=one.kind,
            attempt_id=attempt.id,
            context_id=worker.link.context_id,
            value=one.value,
            at=at,
        )
        for one in evidence
    )
