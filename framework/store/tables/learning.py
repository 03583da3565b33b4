"""What is learned and what was done: editions, progress, attempts, answers, evidence."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from framework.store.tables.row import TenantRow, Versioned, belongs_to


class Edition(TenantRow):
    """The whole content of a framework under one number. Publishing freezes it."""

    __tablename__ = "edition"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "framework_key", "number"),
        sa.UniqueConstraint("tenant_id", "framework_key", "digest"),
    )

    framework_key: Mapped[str]
    number: Mapped[int]
    digest: Mapped[str]
    document: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]


class Progress(Versioned, TenantRow):
    """How far a person is with one activity of a placement's run (a programme has a row for each of its parts)."""

    __tablename__ = "progress"
    __table_args__ = (
        belongs_to("resource_link", "resource_link_id"),
        belongs_to("person", "person_id"),
        belongs_to("identity", "identity_id"),
        sa.UniqueConstraint("tenant_id", "resource_link_id", "run", "person_id", "activity_key"),
        sa.Index(None, "tenant_id", "updated_at", "id"),
        sa.Index(None, "tenant_id", "person_id"),
        sa.Index(None, "tenant_id", "identity_id"),  # the API: the row of a grade that has moved
    )

    resource_link_id: Mapped[uuid.UUID]
    run: Mapped[int]
    person_id: Mapped[uuid.UUID]
    identity_id: Mapped[uuid.UUID]  # whose grade it is
    framework_key: Mapped[str]
    activity_key: Mapped[str]
    status: Mapped[str]  # in_progress, completed
    fraction: Mapped[float]  # 0 to 1, of the newest attempt until the first is finished, then 1
    points: Mapped[float | None]
    maximum: Mapped[float | None]
    counted_attempt_id: Mapped[uuid.UUID | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Attempt(Versioned, TenantRow):
    """One go at an activity; it stays on the edition it began with."""

    __tablename__ = "attempt"
    __table_args__ = (
        belongs_to("progress", "progress_id"),
        belongs_to("edition", "edition_id"),
        sa.UniqueConstraint("tenant_id", "progress_id", "number"),
        sa.Index(
            "uq_attempt_open",
            "tenant_id",
            "progress_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    progress_id: Mapped[uuid.UUID]
    number: Mapped[int]
    edition_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    state: Mapped[str]  # open, submitted
    points: Mapped[float | None]
    maximum: Mapped[float | None]
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    reused_from: Mapped[uuid.UUID | None]  # the attempt elsewhere whose result this one takes over


class Answer(Versioned, TenantRow):
    """The newest and the first answer to one item of an attempt. ``tries`` counts different submissions."""

    __tablename__ = "answer"
    __table_args__ = (
        belongs_to("attempt", "attempt_id"),
        sa.UniqueConstraint("tenant_id", "attempt_id", "item_key"),
    )

    attempt_id: Mapped[uuid.UUID]
    item_key: Mapped[str]
    value: Mapped[Any]
    first_value: Mapped[Any]
    tries: Mapped[int]


class Evidence(TenantRow):
    """What a finished attempt shows of one feature; append-only. It belongs to the person, in any course."""

    __tablename__ = "evidence"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("attempt", "attempt_id"),
        sa.UniqueConstraint("tenant_id", "attempt_id", "feature_key", "kind"),
        sa.Index(None, "tenant_id", "person_id", "framework_key"),
    )

    person_id: Mapped[uuid.UUID]
    framework_key: Mapped[str]
    feature_key: Mapped[str]
    kind: Mapped[str]
    attempt_id: Mapped[uuid.UUID]
    context_id: Mapped[uuid.UUID]
    value: Mapped[float | None]
    at: Mapped[datetime]
