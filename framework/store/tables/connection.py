"""The Connection test of a placement: who opened it, and what was found."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from framework.store.tables.row import TenantRow, belongs_to


class ConnectionTest(TenantRow):
    """One per placement. ``identity_id``: the learner whose account opened it last, None while it waits for one.

    ``findings``: name -> {"result", "said"}, in the order they were found; None before the first run.
    """

    __tablename__ = "connection_test"
    __table_args__ = (
        belongs_to("resource_link", "resource_link_id"),
        belongs_to("identity", "identity_id"),
        sa.UniqueConstraint("tenant_id", "resource_link_id"),
    )

    resource_link_id: Mapped[uuid.UUID]
    identity_id: Mapped[uuid.UUID | None]
    asked_at: Mapped[datetime]
    findings: Mapped[dict[str, Any] | None]
    tested_at: Mapped[datetime | None]
