"""Work asked for by name (kind and subject), claimed by lease, done once nobody has asked again since the claim.

Two workers may ring for one task: the claim is one conditional UPDATE, so only one of them gets it. A worker that
dies keeps its lease until it ends; then the task is due again.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from framework.store.columns import new_id
from framework.store.sessions import tenant_of
from framework.store.tables import Task

RECOMPUTE = "recompute"  # subject: a person's id
ROSTER = "roster"  # subject: a context's id
COURSE_COPY = "course_copy"  # subject: a notice's id
CONNECTION_TEST = "connection_test"  # subject: a placement's id
NOTICE_HANDLER = "notice_handler"  # subject: a deployment's id; asks its LMS to send notices
LINE_ITEM = "line_item"  # subject: a line item's id; a lease for the one who finds or makes the column
MATCH_COLUMN = "match_column"  # subject: a line item's id; compare the column with the LMS's, on request
REMOVE_COLUMN = "remove_column"  # subject: a line item's id; take a column that this tool made out of the LMS
PUSH_GRADES = "push_grades"  # tenant 0; subject: a platform that takes one call at a time
SWEEP = "sweep"  # tenant 0; the sweep's own lease

JOBS = (
    RECOMPUTE,
    ROSTER,
    MATCH_COLUMN,
    REMOVE_COLUMN,
    COURSE_COPY,
    NOTICE_HANDLER,
    CONNECTION_TEST,
)  # the others are leases alone

MOST_ATTEMPTS = 10
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task that is this worker's until ``lease_until``. ``wanted``: the request it answers."""

    id: uuid.UUID
    kind: str
    subject: str
    wanted: int
    attempts: int
    lease_until: datetime


def request(session: Session, kind: str, subject: str, *, now: datetime) -> None:
    """Ask for work, also when it is asked for already, being done, done or parked."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"tenant_id": tenant_of(session), "id": new_id(), "kind": kind, "subject": subject}
    fresh = {"state": "due", "attempts": 0, "next_try": now, "last_error": None}
    session.execute(
        insert(Task)
        .values(**row, **fresh, wanted=1, done=0)
        .on_conflict_do_update(
            index_elements=["tenant_id", "kind", "subject"], set_={**fresh, "wanted": Task.wanted + 1}
        )
    )


def claim(session: Session, kind: str, subject: str, *, lease: timedelta, now: datetime) -> ClaimedTask | None:
    """Take a due task for the time of ``lease``; None when there is none, or another worker has it."""
    row = session.execute(
        sa.update(Task)
        .where(Task.kind == kind, Task.subject == subject, *_is_due(now))
        .values(lease_until=now + lease, attempts=Task.attempts + 1)
        .returning(Task.id, Task.wanted, Task.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row and ClaimedTask(row.id, kind, subject, row.wanted, row.attempts, now + lease)


def finish(session: Session, claimed: ClaimedTask, *, now: datetime) -> bool:
    """Note that the work is done. False, and the task is due again, when it was asked for anew meanwhile."""
    row = session.execute(
        _held(claimed)
        .values(
            done=claimed.wanted,
            state=sa.case((Task.wanted == claimed.wanted, "done"), else_="due"),
            attempts=0,
            next_try=now,
            lease_until=None,
            last_error=None,
        )
        .returning(Task.state)
    ).one_or_none()
    return row is not None and row.state == "done"


def fail(session: Session, claimed: ClaimedTask, error: str, *, now: datetime, final: bool = False) -> str:
    """Note why it failed; try again later, or park it at the cap or when ``final``. Answers the state, '' if lost."""
    wait = min(LONGEST_WAIT, timedelta(seconds=2**claimed.attempts))
    is_last = final or claimed.attempts >= MOST_ATTEMPTS
    row = session.execute(
        _held(claimed)
        .values(
            state=sa.case((Task.wanted == claimed.wanted, "parked" if is_last else "due"), else_="due"),
            next_try=now + wait,
            lease_until=None,
            last_error=error[:500],
        )
        .returning(Task.state)
    ).one_or_none()
    return row.state if row else ""


def due(session: Session, now: datetime, limit: int = 200) -> Sequence[tuple[str, str]]:
    """(kind, subject) of jobs that wait and nobody holds, the longest waiting first."""
    query = sa.select(Task.kind, Task.subject).where(Task.kind.in_(JOBS), *_is_due(now))
    rows = session.execute(query.order_by(Task.next_try).limit(limit))
    return [(row.kind, row.subject) for row in rows]


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    free = sa.or_(Task.lease_until.is_(None), Task.lease_until <= now)
    return (Task.state == "due", Task.next_try <= now, free)


def _held(claimed: ClaimedTask) -> sa.Update:
    """An update that touches the task only while this worker still holds it."""
    return (
        sa.update(Task)
        .where(Task.id == claimed.id, Task.lease_until == claimed.lease_until)
        .execution_options(synchronize_session=False)
    )
