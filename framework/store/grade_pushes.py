"""One row per (line item, learner): the grade that is wanted, and what is known of the LMS's gradebook.

``want`` writes the wanted half in the transaction of the result. A worker claims due rows, talks to the LMS and
settles the sent half (``framework.store.grade_claims``). The newest wanted grade wins: what was wanted while another
was on its way is due again at once.
"""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.store import approvals
from framework.store.tables import GradePush, LineItem

DUE = "due"
CHECK = "check"
DELIVERED = "delivered"
PARKED = "parked"
OVERRIDDEN = "overridden"
NEVER = datetime(9000, 1, 1, tzinfo=UTC)  # the next try of what waiting does not mend


@dataclass(frozen=True, slots=True)
class Wanted:
    """The grade to be shown: ``value`` of ``maximum`` points. ``version`` rises with every change."""

    value: float
    maximum: float
    submitted_at: datetime
    comment: str | None
    version: int

    @property
    def fraction(self) -> float:
        return self.value / self.maximum if self.maximum else math.inf


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of the LMS's side. ``value`` of ``maximum`` is the last grade it is known to have had from us.

    ``submission``: the time of the newest attempt that it has had. ``stamp``: newest timestamp used.
    ``maybe``: a fraction that a try without an answer may have left there.
    """

    state: str
    attempts: int
    next_try: datetime
    version: int | None = None
    value: float | None = None
    maximum: float | None = None
    submission: datetime | None = None
    stamp: datetime | None = None
    maybe: float | None = None
    error_class: str | None = None
    last_error: str | None = None
    delivered_at: datetime | None = None

    @property
    def fraction(self) -> float | None:
        return None if self.value is None or not self.maximum else self.value / self.maximum


@dataclass(frozen=True, slots=True)
class Column:
    """The line item a grade belongs into, with what is needed to find or make it. ``url`` None: not known yet."""

    line_item_id: uuid.UUID
    url: str | None
    origin: str | None
    resource_id: str
    tag: str
    maximum: float
    link_lti_id: str
    label: str
    lineitems_url: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimedGrade:
    """A row that is this worker's until ``lease_until``; ``sent`` is as it was before the claim."""

    id: uuid.UUID
    lease_until: datetime
    sub: str
    wanted: Wanted
    sent: Sent
    column: Column


def want(
    session: Session,
    *,
    line_item: LineItem,
    identity_id: uuid.UUID,
    platform_id: uuid.UUID,
    value: float,
    maximum: float,
    submitted_at: datetime,
    comment: str | None,
    now: datetime,
) -> bool:
    """Say which grade the LMS shall show. Answers whether that changed anything (then the platform is to be rung).

    A grade that a teacher has overridden goes to ``check``: the LMS's value is read before anything is sent.
    """
    grade = {"wanted": value, "maximum": maximum, "submitted_at": submitted_at, "comment": comment}
    row = _locked(session, line_item.id, identity_id)
    if row is None:
        row = GradePush(line_item_id=line_item.id, identity_id=identity_id, platform_id=platform_id, **grade)
        row.wanted_version, row.state, row.next_try = 1, DUE, now
        try:
            with session.begin_nested():
                session.add(row)
            return True
        except IntegrityError:  # another transaction was first
            row = _locked(session, line_item.id, identity_id)
            if row is None:
                raise
    if all(getattr(row, name) == new for name, new in grade.items()):
        return False
    for name, new in grade.items():
        setattr(row, name, new)
    row.wanted_version += 1
    row.state = CHECK if row.state in (CHECK, OVERRIDDEN) else DUE
    row.attempts, row.next_try, row.error_class, row.last_error = 0, now, None, None
    return True


def resend(session: Session, push_id: uuid.UUID, *, now: datetime) -> uuid.UUID:
    """Try a grade again from the start; answers the platform to ring. Raises NotFound.

    What a teacher has overridden is read first and stands, as long as it differs from what this tool has sent.
    """
    row = session.scalar(sa.select(GradePush).where(GradePush.id == push_id).with_for_update())
    if row is None:
        raise NotFound("There is no such grade.")
    row.state = CHECK if row.state in (CHECK, OVERRIDDEN) else DUE
    row.attempts, row.next_try, row.error_class, row.last_error = 0, now, None, None
    return row.platform_id


def are_to_revive(session: Session, now: datetime) -> bool:
    """Whether something parked is to be looked at again."""
    return session.scalar(sa.select(GradePush.id).where(*_is_rested(now)).limit(1)) is not None


def revive(session: Session, *, now: datetime, limit: int = 500) -> set[uuid.UUID]:
    """Make due what has been parked long enough: its cause may be gone. Answers the platforms to ring."""
    rows = session.scalars(
        sa.select(GradePush)
        .where(*_is_rested(now))
        .order_by(GradePush.next_try)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.state, row.next_try = DUE, now  # what may have been sent is noted in the row, and is read first
    return {row.platform_id for row in rows}


def due_platforms(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Platforms of this tenant with grades that wait and nobody holds."""
    return session.scalars(
        sa.select(GradePush.platform_id).where(*approvals.may_send(session), *is_due(now)).distinct()
    ).all()


def next_due(session: Session, platform_id: uuid.UUID, now: datetime) -> datetime | None:
    """When the next grade of a platform that nobody holds is to be tried; None when there is none."""
    return session.scalar(
        sa.select(sa.func.min(GradePush.next_try)).where(
            GradePush.platform_id == platform_id,
            GradePush.state.in_((DUE, CHECK)),
            _is_free(now),
            *approvals.may_send(session, platform_id),
        )
    )


def is_due(now: datetime) -> list[sa.ColumnElement[bool]]:
    return [GradePush.state.in_((DUE, CHECK)), GradePush.next_try <= now, _is_free(now)]


def _is_rested(now: datetime) -> list[sa.ColumnElement[bool]]:
    return [GradePush.state == PARKED, GradePush.next_try <= now, _is_free(now)]


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(GradePush.lease_until.is_(None), GradePush.lease_until <= now)


def _locked(session: Session, line_item_id: uuid.UUID, identity_id: uuid.UUID) -> GradePush | None:
    return session.scalar(
        sa.select(GradePush)
        .where(GradePush.line_item_id == line_item_id, GradePush.identity_id == identity_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
