"""Directory tables: tenants, the LMSs they come from, keys, API clients."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.columns import new_id
from framework.store.tables.row import DirectoryRow


def _revision() -> Mapped[int]:
    """A column that every UPDATE raises: who has read the row before can ask whether it still stands."""
    return mapped_column(default=1, server_default="1", onupdate=sa.text("revision + 1"))


class Tenant(DirectoryRow):
    """One customer. Id 0 is the installation itself (audit of launches that no tenant owns, the sweep's lease)."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Platform(DirectoryRow):
    """One registration of this tool in an LMS, found by (issuer, client_id). ``audience``: of client assertions."""

    __tablename__ = "platform"
    __table_args__ = (sa.UniqueConstraint("issuer", "client_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenant.id"))  # for new deployments
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    auth_url: Mapped[str]
    token_url: Mapped[str]
    jwks_url: Mapped[str]
    audience: Mapped[str]
    family: Mapped[str]  # moodle, canvas, brightspace, blackboard, other: decides known quirks
    jwks: Mapped[dict[str, Any] | None]
    jwks_at: Mapped[datetime | None]
    frame_origins: Mapped[list[str]] = mapped_column(default=list)
    service_hosts: Mapped[list[str]] = mapped_column(default=list)  # allowed beside its own and its family's
    refused_hosts: Mapped[list[str] | None]  # named by launches, and not allowed
    concurrency: Mapped[int] = mapped_column(default=4)  # service calls at once
    paused_until: Mapped[datetime | None]
    paused_reason: Mapped[str | None]  # in words; stays after the pause until a grade goes through
    state: Mapped[str] = mapped_column(default="active")  # pending, active, disabled
    checked: Mapped[dict[str, Any] | None]  # what the last self-check found, by name
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revision: Mapped[int] = _revision()


class Deployment(DirectoryRow):
    """One deployment of a registration. Its tenant decides where everything of its launches is kept."""

    __tablename__ = "deployment"
    __table_args__ = (sa.UniqueConstraint("platform_id", "lti_deployment_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("platform.id"))
    lti_deployment_id: Mapped[str]
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenant.id"))
    state: Mapped[str] = mapped_column(default="active")  # pending, active, disabled
    created_at: Mapped[datetime]
    notices_url: Mapped[str | None]  # where this tool asks for notices: the newest launch's claim
    revision: Mapped[int] = _revision()


class ToolKey(DirectoryRow):
    """A signing key of this tool; the private half is sealed with a key derived from LQF_SECRET_KEY."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(primary_key=True)  # RFC 7638 thumbprint
    purpose: Mapped[str]  # lti
    sealed_private_key: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    state: Mapped[str]  # next, active, retired
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class Invite(DirectoryRow):
    """A single-use link that an operator gives to an LMS's administrator. The token itself is not kept.

    ``purpose``: register (connect an LMS, at once if it ``approves``) or administer (open the administrator's pages;
    tenant 0: of the whole installation).
    """

    __tablename__ = "invite"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenant.id"))
    purpose: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    approves: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiClient(DirectoryRow):
    """A program of a tenant's administrators. Two secrets may be valid at once, so that one can be replaced."""

    __tablename__ = "api_client"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    tenant_id: Mapped[int] = mapped_column(sa.ForeignKey("tenant.id"))
    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    secret_hash: Mapped[str]
    other_secret_hash: Mapped[str | None]
    scopes: Mapped[list[str]]
    token_epoch: Mapped[int] = mapped_column(default=0)  # raised to make every token out there invalid
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
