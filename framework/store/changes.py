"""The change feed as programs read it. ``workers.sweep`` numbers the rows after they are committed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.sessions import tenant_of
from framework.store.tables import Change, ChangeFeed


@dataclass(frozen=True, slots=True)
class Changed:
    """One write of one versioned row. ``kind`` is the table's name."""

    seq: int
    kind: str
    object_id: uuid.UUID
    action: str
    version: int
    at: datetime


def read(session: Session, kinds: Sequence[str], after: int, limit: int) -> tuple[list[Changed], bool, int]:
    """Up to ``limit`` changes of these kinds numbered above ``after``: (changes, whether there are more, last number).

    The last number is where to go on: the feed's end once all is read, so that changes of other kinds are passed over
    once and not at every call. The end is read first: a row numbered in between waits for the next call.
    """
    end = session.scalar(sa.select(ChangeFeed.last_seq).where(ChangeFeed.tenant_id == tenant_of(session))) or 0
    rows = session.scalars(
        sa.select(Change)
        .where(Change.seq > after, Change.seq <= end, Change.kind.in_(kinds))
        .order_by(Change.seq)
        .limit(limit + 1)
    ).all()
    changes = [Changed(one.seq or 0, one.kind, one.object_id, one.action, one.version, one.at) for one in rows[:limit]]
    if len(rows) > limit:
        return changes, True, changes[-1].seq
    return changes, False, max(end, after)
