"""What instructors set for a placement beyond the pick: allowances for single learners, and the history of it all."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.tables.row import TenantRow, belongs_to


class LearnerAllowance(TenantRow):
    """More time or further attempts for one learner in one run of a placement."""

    __tablename__ = "learner_allowance"
    __table_args__ = (
        belongs_to("resource_link", "resource_link_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "resource_link_id", "run", "person_id"),
    )

    resource_link_id: Mapped[uuid.UUID]
    run: Mapped[int]
    person_id: Mapped[uuid.UUID]
    closes_at: Mapped[datetime | None]
    extra_attempts: Mapped[int] = mapped_column(default=0)


class SettingChange(TenantRow):
    """One change of a placement's settings, of its run, or of a learner's allowance; append-only."""

    __tablename__ = "setting_change"
    __table_args__ = (
        belongs_to("resource_link", "resource_link_id"),
        sa.Index(None, "tenant_id", "resource_link_id", "at"),
    )

    resource_link_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID | None]  # whose allowance; None: for everybody
    by_person_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
