"""The audit: who did what to whose data, and refused launches."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Audit

MOST = 1000  # rows that one prune takes


def add(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    people: int = 0,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
    request_id: str | None = None,
) -> Audit:
    """Append one row. ``people``: how many persons' data were touched; ``reason``: a refused launch's code."""
    row = Audit(
        actor=actor,
        action=action,
        subject=subject,
        people=people,
        reason=reason,
        details=details or {},
        request_id=request_id,
        at=now,
    )
    session.add(row)
    return row


def is_old(session: Session, *, before: datetime) -> bool:
    """Whether there are rows from before a moment."""
    return session.scalar(sa.select(Audit.id).where(Audit.at < before).limit(1)) is not None


def prune(session: Session, *, before: datetime) -> None:
    """Forget up to ``MOST`` rows from before a moment."""
    old = sa.select(Audit.id).where(Audit.at < before).limit(MOST)
    session.execute(sa.delete(Audit).where(Audit.id.in_(old)).execution_options(synchronize_session=False))
