"""Nudges: what an instructor has written to learners of their course, and who of them has read it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from framework.store.tables.row import TenantRow, belongs_to


class Nudge(TenantRow):
    """One text to several learners. Its id comes from the page it was written on: sent twice, it is kept once."""

    __tablename__ = "nudge"
    __table_args__ = (
        belongs_to("context", "context_id"),
        belongs_to("person", "by_person_id"),
        sa.Index(None, "tenant_id", "context_id", "at"),
    )

    context_id: Mapped[uuid.UUID]
    by_person_id: Mapped[uuid.UUID]
    text: Mapped[str]
    at: Mapped[datetime]


class NudgedPerson(TenantRow):
    """One learner of a nudge. ``seen_at``: when they put it away; ``at`` is the nudge's own moment."""

    __tablename__ = "nudged_person"
    __table_args__ = (
        belongs_to("nudge", "nudge_id"),
        belongs_to("context", "context_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "nudge_id", "person_id"),
        sa.Index(None, "tenant_id", "context_id", "person_id", "at"),
    )

    nudge_id: Mapped[uuid.UUID]
    context_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
