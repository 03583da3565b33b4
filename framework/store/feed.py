"""Numbers the change feed, after commit, so that a reader of ``changes`` misses nothing.

A number given before commit lets a reader pass a slow transaction by: it reads on from a number that is higher than
one which is yet to appear. Here a row gets its number only once it is visible to the sequencer, in one order for all.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from framework.store.sessions import tenant_of
from framework.store.tables import Change, ChangeFeed


def number(session: Session, limit: int = 5000) -> int:
    """Number up to ``limit`` committed changes of the session's tenant; answers how many.

    Two statements, and in this order: the first waits for a rival and takes the lock, the second sees, by its own
    snapshot, all that is committed by then. Under REPEATABLE READ it would not: READ COMMITTED is a must.
    """
    tenant_id = tenant_of(session)
    mine = ChangeFeed.tenant_id == tenant_id
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(ChangeFeed).values(tenant_id=tenant_id, last_seq=0).on_conflict_do_nothing())
    last = session.scalars(
        sa.update(ChangeFeed).where(mine).values(last_seq=ChangeFeed.last_seq).returning(ChangeFeed.last_seq)
    ).one()
    waiting = (
        sa.select(Change.id, sa.func.row_number().over(order_by=Change.id).label("place"))
        .where(Change.tenant_id == tenant_id, Change.seq.is_(None))
        .order_by(Change.id)
        .limit(limit)
        .subquery("waiting")
    )
    numbered = session.execute(
        sa.update(Change)
        .where(Change.tenant_id == tenant_id, Change.id == waiting.c.id)
        .values(seq=last + waiting.c.place)
        .returning(Change.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(sa.update(ChangeFeed).where(mine).values(last_seq=last + len(numbered)))
    return len(numbered)


def is_waiting(session: Session) -> bool:
    """Whether the session's tenant has changes without a number. Cheap: the index holds nothing else."""
    return session.scalar(sa.select(Change.id).where(Change.seq.is_(None)).limit(1)) is not None
