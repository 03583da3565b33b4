"""What a person's evidence comes to: a standing per quality, and badges."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from framework.store.tables.row import TenantRow, Versioned, belongs_to


class Competency(Versioned, TenantRow):
    """A person's standing in one quality. ``level`` 0 with ``explored`` true: studied, nobody has judged."""

    __tablename__ = "competency"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "framework_key", "quality_key"),
    )

    person_id: Mapped[uuid.UUID]
    framework_key: Mapped[str]
    quality_key: Mapped[str]
    explored: Mapped[bool]
    level: Mapped[int]
    basis: Mapped[dict[str, Any]]  # conditions, each with what is needed and what there is
    rules_digest: Mapped[str]


class Award(Versioned, TenantRow):
    """A badge a person holds. ``level`` 0 is Explored. One active row per badge."""

    __tablename__ = "award"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.Index(
            "uq_award_active",
            "tenant_id",
            "person_id",
            "framework_key",
            "badge_key",
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        ),
        sa.Index(
            "ix_award_until",
            "tenant_id",
            "until",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        ),
    )

    person_id: Mapped[uuid.UUID]
    framework_key: Mapped[str]
    badge_key: Mapped[str]
    level: Mapped[int]
    edition_id: Mapped[uuid.UUID]
    basis: Mapped[dict[str, Any]]
    state: Mapped[str]  # active, replaced, withdrawn
    reason: Mapped[str | None]
    at: Mapped[datetime]
    until: Mapped[date | None]  # the first day on which it is not held any more, None without end
