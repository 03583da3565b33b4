"""What happened: the change feed and the audit."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.tables.row import Row, TenantRow


class Change(TenantRow):
    """One write of a versioned row. ``seq`` is null until the sweep has numbered it, after commit."""

    __tablename__ = "change"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "seq"),
        sa.Index(
            "ix_change_unnumbered",
            "tenant_id",
            "id",
            sqlite_where=sa.text("seq IS NULL"),
            postgresql_where=sa.text("seq IS NULL"),
        ),
    )

    kind: Mapped[str]
    object_id: Mapped[uuid.UUID]
    action: Mapped[str]  # upsert, delete
    version: Mapped[int]
    at: Mapped[datetime]
    seq: Mapped[int | None] = mapped_column(sa.BigInteger())


class ChangeFeed(Row):
    """The last number given out to a tenant's changes; its row lock puts rival sequencers in line."""

    __tablename__ = "change_feed"

    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_seq: Mapped[int] = mapped_column(sa.BigInteger(), default=0)


class Audit(TenantRow):
    """Who did what to whose data, and each refused launch. Tenant 0 holds what no tenant owns."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index(None, "tenant_id", "at"),)

    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    people: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]  # a refused launch's code
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_id: Mapped[str | None]
    at: Mapped[datetime]
