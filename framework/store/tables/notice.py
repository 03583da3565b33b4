"""What an LMS has told without anybody being there (Platform Notification Service 1.0), and what came of it."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.tables.row import TenantRow, belongs_to


class Notice(TenantRow):
    """A verified notice. Its unique ``notice_id`` is what makes a second delivery of it do nothing."""

    __tablename__ = "notice"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "deployment_id", "notice_id"),)

    deployment_id: Mapped[uuid.UUID]
    notice_id: Mapped[str]  # the platform's
    kind: Mapped[str]  # LtiContextCopyNotice; others are noted and left alone
    content: Mapped[dict[str, Any]]  # what the job needs: context, title, origins
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class CopiedPlacement(TenantRow):
    """What a placement of a copied course will hold once its link is opened: its original's choice and settings."""

    __tablename__ = "copied_placement"
    __table_args__ = (
        belongs_to("context", "context_id"),
        sa.UniqueConstraint("tenant_id", "context_id", "source_id"),
    )

    context_id: Mapped[uuid.UUID]  # the copy
    source_id: Mapped[uuid.UUID]  # the original placement
    title: Mapped[str]
    framework_key: Mapped[str]
    activity_key: Mapped[str]
    dl_uuid: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
