"""What was marked again because a key had been wrong."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from framework.store.tables.row import TenantRow, belongs_to


class Remark(TenantRow):
    """One attempt marked again by the keys of a later edition; append-only. The learner reads it beside the result."""

    __tablename__ = "remark"
    __table_args__ = (
        belongs_to("attempt", "attempt_id"),
        belongs_to("edition", "edition_id"),
        sa.Index(None, "tenant_id", "attempt_id"),
    )

    attempt_id: Mapped[uuid.UUID]
    edition_id: Mapped[uuid.UUID]  # whose keys
    points_before: Mapped[float]
    points_after: Mapped[float]
    reason: Mapped[str]
    at: Mapped[datetime]
