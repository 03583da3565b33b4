"""What is still to be done after a request: grade pushes and tasks. Redis only rings; these rows are the truth."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.tables.row import TenantRow, Versioned, belongs_to

DUE = "state IN ('due', 'check')"
PARKED = "state = 'parked'"


class GradePush(Versioned, TenantRow):
    """One learner's grade for one line item.

    Wanted half (``wanted`` to ``wanted_version``): written by ``framework.journey`` in the transaction of the result.
    Sent half (``sent_version`` on): written by ``workers.gradebook`` alone. States: due (send), check (read the LMS's
    result first), delivered, parked (needs a person; looked at again at ``next_try``), overridden (a teacher's stands).
    """

    __tablename__ = "grade_push"
    __table_args__ = (
        belongs_to("line_item", "line_item_id"),
        belongs_to("identity", "identity_id"),
        sa.UniqueConstraint("tenant_id", "line_item_id", "identity_id"),
        sa.Index(None, "tenant_id", "updated_at", "id"),  # the API: grades that have moved since
        sa.Index(
            "ix_grade_push_due",
            "tenant_id",
            "platform_id",
            "next_try",
            sqlite_where=sa.text(DUE),
            postgresql_where=sa.text(DUE),
        ),
        sa.Index(
            "ix_grade_push_parked",
            "tenant_id",
            "next_try",
            sqlite_where=sa.text(PARKED),
            postgresql_where=sa.text(PARKED),
        ),
    )

    line_item_id: Mapped[uuid.UUID]
    identity_id: Mapped[uuid.UUID]
    platform_id: Mapped[uuid.UUID]
    wanted: Mapped[float]
    maximum: Mapped[float]
    submitted_at: Mapped[datetime]
    comment: Mapped[str | None]
    wanted_version: Mapped[int]

    sent_version: Mapped[int | None]
    sent_value: Mapped[float | None]
    sent_maximum: Mapped[float | None]
    sent_submission: Mapped[datetime | None]  # ``submitted_at`` of the newest attempt that the LMS has had
    maybe_sent: Mapped[float | None]  # part of the maximum that a try without an answer may have left in the LMS
    sent_stamp: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="due")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime]
    tried_at: Mapped[datetime | None]  # when a worker last had it in hand
    lease_until: Mapped[datetime | None]
    error_class: Mapped[str | None]
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]


class Task(TenantRow):
    """Work asked for by name. It is due while ``done`` is behind ``wanted``; asking again only raises ``wanted``."""

    __tablename__ = "task"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "kind", "subject"),
        sa.Index(
            "ix_task_due",
            "tenant_id",
            "next_try",
            sqlite_where=sa.text("state = 'due'"),
            postgresql_where=sa.text("state = 'due'"),
        ),
    )

    kind: Mapped[str]  # see ``framework.store.tasks``
    subject: Mapped[str]
    wanted: Mapped[int] = mapped_column(default=1)
    done: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="due")  # due, done, parked
    attempts: Mapped[int] = mapped_column(default=0)
    next_try: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
