"""Grades in a worker's hands: claimed for the time of a lease, sent outside any transaction, settled in bulk.

A sender's speed is decided here, so a claim reads columns instead of objects, and a settle writes a whole batch with
one statement of each kind (``framework.store.bulk_writes``). A claim alone is bookkeeping and leaves no change
row; a settle leaves one for each row.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store import approvals
from framework.store.bulk_writes import among, write_many
from framework.store.grade_pushes import CHECK, DUE, OVERRIDDEN, ClaimedGrade, Column, Sent, Wanted, is_due
from framework.store.tables import Context, GradePush, Identity, LineItem, ResourceLink

_CLAIMED = tuple(
    getattr(GradePush, name)
    for name in (
        *("id", "line_item_id", "wanted", "maximum", "submitted_at", "comment", "wanted_version"),
        *("state", "attempts", "next_try", "sent_version", "sent_value", "sent_maximum", "sent_submission"),
        *("sent_stamp", "maybe_sent", "error_class", "last_error", "delivered_at"),
    )
)


def claim(
    session: Session, platform_id: uuid.UUID, *, limit: int, lease: timedelta, now: datetime
) -> list[ClaimedGrade]:
    """Take up to ``limit`` due rows of a platform. The claim notes what may be sent, should this worker die.

    PostgreSQL skips rows another claim holds; SQLite's write transactions stand in line. The update asks again.
    """
    due = [GradePush.platform_id == platform_id, *approvals.may_send(session, platform_id), *is_due(now)]
    rows = session.execute(
        sa.select(*_CLAIMED, Identity.sub)
        .join(Identity, Identity.id == GradePush.identity_id)
        .where(*due)
        .order_by(GradePush.next_try)
        .limit(limit)
        .with_for_update(skip_locked=True, of=GradePush)
    ).all()
    if not rows:
        return []
    mine = session.scalars(
        sa.update(GradePush)
        .where(among(session, GradePush.id, [row.id for row in rows]), *due)
        .values(
            lease_until=now + lease,
            attempts=GradePush.attempts + 1,
            maybe_sent=sa.func.coalesce(GradePush.maybe_sent, GradePush.wanted / sa.func.nullif(GradePush.maximum, 0)),
        )
        .returning(GradePush.id)
        .execution_options(synchronize_session=False)
    ).all()
    taken = set(mine)
    columns = _columns(session, {row.line_item_id for row in rows})
    session.expire_all()  # objects of this session are older than the update
    return [_claimed(row, columns[row.line_item_id], now + lease) for row in rows if row.id in taken]


def trying(session: Session, claimed: ClaimedGrade) -> bool:
    """Note that the wanted grade is about to be sent, where an older try is still noted. False: the lease is lost."""
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
    rows = session.execute(
        sa.select(GradePush.id, GradePush.version, GradePush.wanted_version, GradePush.lease_until)
        .where(among(session, GradePush.id, by_id))
        .order_by(GradePush.id)
        .with_for_update()
    ).all()
    held = [row for row in rows if row.lease_until == by_id[row.id][0].lease_until]
    settled = [(row.id, row.version, _settled(*by_id[row.id], row.wanted_version, now)) for row in held]
    write_many(session, GradePush, settled)
    return len(held)


def _claimed(row: Any, column: Column, until: datetime) -> ClaimedGrade:
    sent = Sent(
        state=row.state,
        attempts=row.attempts + 1,
        next_try=row.next_try,
        version=row.sent_version,
        value=row.sent_value,
        maximum=row.sent_maximum,
        submission=row.sent_submission,
        stamp=row.sent_stamp,
        maybe=row.maybe_sent,
        error_class=row.error_class,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
    )
    wanted = Wanted(row.wanted, row.maximum, row.submitted_at, row.comment, row.wanted_version)
    return ClaimedGrade(row.id, until, row.sub, wanted, sent, column)


def column(session: Session, line_item_id: uuid.UUID) -> Column:
    """A line item with what is needed to find or make it in the LMS."""
    return _columns(session, {line_item_id})[line_item_id]


def _columns(session: Session, line_item_ids: set[uuid.UUID]) -> dict[uuid.UUID, Column]:
    """Each line item once: a whole class has the same one."""
    found = session.execute(
        sa.select(LineItem, ResourceLink.lti_id, ResourceLink.title, Context.lineitems_url, Context.scopes)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(LineItem.id.in_(line_item_ids))
        .execution_options(populate_existing=True)
    )
    return {
        item.id: Column(
            line_item_id=item.id,
            url=item.url,
            origin=item.origin,
            resource_id=item.resource_id,
            tag=item.tag,
            maximum=item.maximum,
            link_lti_id=link_lti_id,
            label=title,
            lineitems_url=lineitems_url,
            scopes=tuple(scopes),
        )
        for item, link_lti_id, title, lineitems_url, scopes in found
    }


def _settled(claimed: ClaimedGrade, sent: Sent, wanted_version: int, now: datetime) -> dict[str, Any]:
    """What a held row shall hold now."""
    known = {
        "lease_until": None,
        "sent_version": sent.version,
        "sent_value": sent.value,
        "sent_maximum": sent.maximum,
        "sent_submission": sent.submission,
        "sent_stamp": sent.stamp,
        "maybe_sent": sent.maybe,
        "delivered_at": sent.delivered_at,
        "tried_at": now,
    }
    if wanted_version == claimed.wanted.version:
        said = {"error_class": sent.error_class, "last_error": sent.last_error}
        return known | said | {"state": sent.state, "attempts": sent.attempts, "next_try": sent.next_try}
    state = CHECK if sent.state in (CHECK, OVERRIDDEN) else DUE
    return known | {"state": state, "attempts": 0, "next_try": now, "error_class": None, "last_error": None}
