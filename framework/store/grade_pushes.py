"""One row per (line item, learner): the grade that is wanted, and what is known of the LMS's gradebook.

``want`` writes the wanted half in the transaction of the result. A worker claims due rows for the time of a lease,
talks to the LMS outside any transaction, and settles the sent half. The newest wanted grade wins: what was wanted
while another was on its way is due again at once. Rows are written through the ORM, so that change rows are left;
a claim alone is bookkeeping and leaves none.
"""

import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.store import approvals
from framework.store.tables import Context, GradePush, Identity, LineItem, ResourceLink

DUE = "due"
CHECK = "check"
DELIVERED = "delivered"
PARKED = "parked"
OVERRIDDEN = "overridden"


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
    submission: datetime | None = None
    maximum: float | None = None
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


def claim(
    session: Session, platform_id: uuid.UUID, *, limit: int, lease: timedelta, now: datetime
) -> list[ClaimedGrade]:
    """Take up to ``limit`` due rows of a platform. The claim notes what may be sent, should this worker die.

    PostgreSQL skips rows another claim holds; SQLite's write transactions stand in line. The update asks again.
    """
    due = [GradePush.platform_id == platform_id, *approvals.may_send(session, platform_id), *_is_due(now)]
    rows = session.execute(
        _with_column()
        .where(*due)
        .order_by(GradePush.next_try)
def are_to_revive(session: Session, now: datetime) -> bool:
    """Whether something parked is to be looked at again."""
    return bool(session.scalar(sa.select(sa.exists().where(*_is_rested(now)))))


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


        .limit(limit)
        .with_for_update(skip_locked=True, of=GradePush)
        .execution_options(populate_existing=True)
    ).all()
    mine = session.scalars(
        sa.update(GradePush)
        .where(GradePush.id.in_([row.GradePush.id for row in rows]), *due)
        .values(
            lease_until=now + lease,
            attempts=GradePush.attempts + 1,
            maybe_sent=sa.func.coalesce(GradePush.maybe_sent, GradePush.wanted / sa.func.nullif(GradePush.maximum, 0)),
        )
        .returning(GradePush.id)
        .execution_options(synchronize_session=False)
    ).all()
    taken = set(mine)
    claimed = [_claimed(row, now + lease) for row in rows if row.GradePush.id in taken]
    session.expire_all()  # the rows read here are older than the update
    return claimed


def trying(session: Session, claimed: ClaimedGrade) -> bool:
    """Note that the wanted grade is about to be sent, where an older try is still noted. False: the lease is lost."""
def _is_rested(now: datetime) -> list[sa.ColumnElement[bool]]:
    return [GradePush.state == PARKED, GradePush.next_try <= now, _is_free(now)]


    row = session.execute(
        sa.update(GradePush)
        .where(GradePush.id == claimed.id, GradePush.lease_until == claimed.lease_until)
        .values(maybe_sent=claimed.wanted.fraction)
        .returning(GradePush.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None


def settle(session: Session, outcomes: Iterable[tuple[ClaimedGrade, Sent]], *, now: datetime) -> int:
    """Write the sent half of claimed rows and give them free. Answers how many were still held.

    A row that is wanted anew is due at once, whatever became of the older version.
    """
    by_id = {claimed.id: (claimed, sent) for claimed, sent in outcomes}
    rows = session.scalars(
        sa.select(GradePush)
        .where(GradePush.id.in_(by_id))
        .order_by(GradePush.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    held = [row for row in rows if row.lease_until == by_id[row.id][0].lease_until]
    for row in held:
        claimed, sent = by_id[row.id]
        row.lease_until = None
        row.sent_version, row.sent_value, row.sent_maximum = sent.version, sent.value, sent.maximum
        row.sent_stamp, row.maybe_sent, row.delivered_at = sent.stamp, sent.maybe, sent.delivered_at
        if row.wanted_version == claimed.wanted.version:
            row.state, row.attempts, row.next_try = sent.state, sent.attempts, sent.next_try
            row.error_class, row.last_error = sent.error_class, sent.last_error
        else:
            row.state = CHECK if sent.state in (CHECK, OVERRIDDEN) else DUE
            row.attempts, row.next_try = 0, now
    return len(held)


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


def due_platforms(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Platforms of this tenant with grades that wait and nobody holds."""
    return session.scalars(
        sa.select(GradePush.platform_id).where(*approvals.may_send(session), *_is_due(now)).distinct()
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


def _is_due(now: datetime) -> list[sa.ColumnElement[bool]]:
    return [GradePush.state.in_((DUE, CHECK)), GradePush.next_try <= now, _is_free(now)]


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(GradePush.lease_until.is_(None), GradePush.lease_until <= now)


def _locked(session: Session, line_item_id: uuid.UUID, identity_id: uuid.UUID) -> GradePush | None:
    return session.scalar(
        sa.select(GradePush)
        .where(GradePush.line_item_id == line_item_id, GradePush.identity_id == identity_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _with_column() -> sa.Select[GradePush, LineItem, ResourceLink, Context, str]:
    return (
        sa.select(GradePush, LineItem, ResourceLink, Context, Identity.sub)
        .join(LineItem, LineItem.id == GradePush.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Identity, Identity.id == GradePush.identity_id)
    )


def _claimed(row: sa.Row[GradePush, LineItem, ResourceLink, Context, str], until: datetime) -> ClaimedGrade:
    push, item, link, context, sub = row
    return ClaimedGrade(
        id=push.id,
        lease_until=until,
        sub=sub,
        wanted=Wanted(push.wanted, push.maximum, push.submitted_at, push.comment, push.wanted_version),
        sent=Sent(
            state=push.state,
            attempts=push.attempts + 1,
            next_try=push.next_try,
            version=push.sent_version,
            value=push.sent_value,
            maximum=push.sent_maximum,
            stamp=push.sent_stamp,
            maybe=push.maybe_sent,
            error_class=push.error_class,
            last_error=push.last_error,
            delivered_at=push.delivered_at,
        ),
        column=Column(
            line_item_id=item.id,
            url=item.url,
            origin=item.origin,
            resource_id=item.resource_id,
            tag=item.tag,
            maximum=item.maximum,
            link_lti_id=link.lti_id,
            label=link.title,
            lineitems_url=context.lineitems_url,
            scopes=tuple(context.scopes),
        ),
    )
