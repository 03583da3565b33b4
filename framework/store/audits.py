"""The audit: who did what to whose data, and refused launches."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from framework.store.tables import Audit


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
