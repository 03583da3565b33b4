"""What people judge of a learner's practice, and who may judge in a course."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.columns import JSON
from framework.store.tables.row import TenantRow, Versioned, belongs_to


class Judgement(Versioned, TenantRow):
    """One step in the judging of one reflection; append-only. ``step`` counts from 1 within the attempt.

    ``action``: share, text_changed, confirm, dispute (the learner); draft, sign, return, withdraw, discuss (a judge).
    ``feature_values``: level value by feature key; a feature that was not seen has none. ``basis``: saw, product or
    told, by feature key. ``examples``: of a share those shared, of a discussion those written up (with their texts);
    of a draft or signature the keys and facts of those looked at. ``text_digest``: SHA-256 of what was shared.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("attempt", "attempt_id"),
        sa.UniqueConstraint("tenant_id", "attempt_id", "step"),
        sa.Index(None, "tenant_id", "person_id", "framework_key"),
        sa.Index(None, "tenant_id", "context_id", "at"),
    )

    person_id: Mapped[uuid.UUID]  # whose practice it is
    attempt_id: Mapped[uuid.UUID]
    context_id: Mapped[uuid.UUID]
    framework_key: Mapped[str]
    quality_key: Mapped[str]
    step: Mapped[int]
    action: Mapped[str]
    by_person_id: Mapped[uuid.UUID]
    role: Mapped[str]  # learner, instructor, assessor
    feature_values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    basis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    known_from: Mapped[date | None]
    known_to: Mapped[date | None]
    comment: Mapped[str] = mapped_column(default="")
    examples: Mapped[list[Any]] = mapped_column(JSON, default=list)
    text_digest: Mapped[str] = mapped_column(default="")
    of_step: Mapped[int | None]  # what a withdrawal takes back, a confirmation confirms
    at: Mapped[datetime]


class Assessor(Versioned, TenantRow):
    """A member of a course whom an instructor has named to judge there. ``until``: the last day, None without end."""

    __tablename__ = "assessor"
    __table_args__ = (
        belongs_to("context", "context_id"),
        belongs_to("person", "person_id"),
        sa.Index(
            "uq_assessor_active",
            "tenant_id",
            "context_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    context_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID]
    named_by: Mapped[uuid.UUID]
    named_at: Mapped[datetime]
    until: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
