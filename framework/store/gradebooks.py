"""A placement's gradebook column and its grades: what an instructor looks at and asks for, and what jobs note."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.store import arrivals, grade_pushes, placements, tasks
from framework.store.grade_pushes import CHECK, DUE, NEVER, PARKED
from framework.store.tables import Context, Deployment, GradePush, Identity, LineItem, ResourceLink, Task

COUPLED, FOUND, MADE, REMOVED = "coupled", "found", "made", "removed"
OURS = (FOUND, MADE)  # a found one fits this tool's resource id and tag, so it is one this tool made
COLUMN_REMOVED = "column_removed"
_NEVER_SENT = dict.fromkeys(
    ("sent_version", "sent_value", "sent_maximum", "sent_submission", "sent_stamp", "maybe_sent", "delivered_at")
)


@dataclass(frozen=True, slots=True)
class Grade:
    """One learner's grade row. ``wanted`` of ``maximum`` points; ``last_error`` is for a person."""

    id: uuid.UUID
    wanted: float
    maximum: float
    state: str
    error_class: str
    last_error: str
    tried_at: datetime | None
    next_try: datetime


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A placement's column. ``scopes``: what the newest launch allows. ``work``: the job asked for, '' when done."""

    line_item_id: uuid.UUID
    url: str | None
    origin: str | None
    scopes: frozenset[str]
    matched_at: datetime | None
    said: str
    work: str


def grades(session: Session, placed: ResourceLink) -> Mapping[uuid.UUID, Grade]:
    """The grades of a placement, by person."""
    rows = session.execute(
        sa.select(Identity.person_id, GradePush)
        .join(LineItem, LineItem.id == GradePush.line_item_id)
        .join(Identity, Identity.id == GradePush.identity_id)
        .where(LineItem.resource_link_id == placed.id)
    )
    return {
        person_id: Grade(
            one.id,
            one.wanted,
            one.maximum,
            one.state,
            one.error_class or "",
            one.last_error or "",
            one.tried_at,
            one.next_try,
        )
        for person_id, one in rows
    }


def column(session: Session, placed: ResourceLink) -> ColumnFacts | None:
    """The column of a placement, None where the LMS has never offered one."""
    item = arrivals.line_item(session, placed)
    if item is None:
        return None
    scopes = session.scalar(sa.select(Context.scopes).where(Context.id == placed.context_id)) or []
    work = session.scalar(
        sa.select(Task.kind).where(
            Task.kind.in_((tasks.MATCH_COLUMN, tasks.REMOVE_COLUMN)), Task.subject == str(item.id), Task.state == "due"
        )
    )
    return ColumnFacts(
        item.id, item.url, item.origin, frozenset(scopes), item.matched_at, item.match_said or "", work or ""
    )


def platform_of(session: Session, line_item_id: uuid.UUID) -> uuid.UUID | None:
    """The platform of a column; None when the deployment is not active."""
    return session.scalar(
        sa.select(Deployment.platform_id)
        .join(Context, Context.deployment_id == Deployment.id)
        .join(ResourceLink, ResourceLink.context_id == Context.id)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .where(LineItem.id == line_item_id, Deployment.state == "active")
    )


def resend(session: Session, placed: ResourceLink, grade_id: uuid.UUID | None, *, now: datetime) -> int:
    """Try one grade of a placement again, or all that are parked. Answers how many. Raises NotFound."""
    item = arrivals.line_item(session, placed)
    query = sa.select(GradePush.id).where(GradePush.line_item_id == (item.id if item else uuid.UUID(int=0)))
    query = query.where(GradePush.state == PARKED) if grade_id is None else query.where(GradePush.id == grade_id)
    found = session.scalars(query).all()
    if grade_id is not None and not found:
        raise NotFound("There is no such grade in this activity.")
    for one in found:
        grade_pushes.resend(session, one, now=now)
    return len(found)


def ask(session: Session, placed: ResourceLink, kind: str, *, now: datetime) -> uuid.UUID:
    """Ask for a job on the placement's column (see ``tasks``). Answers the column's id. Raises NotFound."""
    item = arrivals.line_item(session, placed)
    if item is None:
        raise NotFound("The LMS has offered no gradebook for this activity.")
    if kind == tasks.MATCH_COLUMN and item.origin != COUPLED:
        item.maximum, item.resource_id = placements.maximum(placed), placed.activity_key or item.resource_id
    tasks.request(session, kind, str(item.id), now=now)
    return item.id


def note(session: Session, line_item_id: uuid.UUID, said: str, *, now: datetime) -> LineItem:
    """Keep what came of a job on a column, in words."""
    item = session.scalars(sa.select(LineItem).where(LineItem.id == line_item_id).with_for_update()).one()
    item.matched_at, item.match_said = now, said
    return item


def begin_anew(session: Session, line_item_id: uuid.UUID, *, is_empty: bool, now: datetime) -> None:
    """Let every grade go into a column that has taken the place of another: read first, unless it is empty."""
    for row in _rows(session, line_item_id):
        if is_empty:
            _set(row, **_NEVER_SENT)
        _set(row, state=DUE if is_empty else CHECK, attempts=0, next_try=now, error_class=None, last_error=None)


def try_parked(session: Session, line_item_id: uuid.UUID, *, now: datetime) -> None:
    """Let what is parked be tried now."""
    for row in _rows(session, line_item_id):
        if row.state == PARKED:
            _set(row, state=DUE, attempts=0, next_try=now, error_class=None, last_error=None)


def forget_column(session: Session, line_item_id: uuid.UUID, said: str, *, now: datetime) -> None:
    """The column is gone from the LMS, because an instructor wanted that: no grade goes out and none is there."""
    item = note(session, line_item_id, said, now=now)
    item.url, item.origin = None, REMOVED
    for row in _rows(session, line_item_id):
        _set(row, **_NEVER_SENT)
        _set(row, state=PARKED, next_try=NEVER, error_class=COLUMN_REMOVED, last_error=said)


def _rows(session: Session, line_item_id: uuid.UUID) -> list[GradePush]:
    query = sa.select(GradePush).where(GradePush.line_item_id == line_item_id).order_by(GradePush.id)
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _set(row: GradePush, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)
