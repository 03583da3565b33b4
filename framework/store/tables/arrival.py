"""Who came, from where, to do what: written by a launch. Column names are LTI's own words."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from framework.store.tables.row import TenantRow, Versioned, belongs_to


class Context(Versioned, TenantRow):
    """A course. ``lti_id`` is '' for launches that name none."""

    __tablename__ = "context"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "deployment_id", "lti_id"),)

    deployment_id: Mapped[uuid.UUID]
    lti_id: Mapped[str]
    title: Mapped[str]
    memberships_url: Mapped[str | None]
    lineitems_url: Mapped[str | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)  # AGS scopes of the newest launch
    roster_at: Mapped[datetime | None]
    # a whole roster that lacked most of the active people, until the next one agrees: missing, of, at (ISO 8601)
    roster_question: Mapped[dict[str, Any] | None]
    groups_url: Mapped[str | None]  # the context groups service (Course Groups 1.0)
    is_strict: Mapped[bool] = mapped_column(
        server_default=sa.text("false"), default=False
    )  # staff see their own sections


class ResourceLink(Versioned, TenantRow):
    """A placement: one activity in one course. ``run`` counts cohorts; ``activity_key`` is None until chosen."""

    __tablename__ = "resource_link"
    __table_args__ = (
        belongs_to("context", "context_id"),
        sa.UniqueConstraint("tenant_id", "context_id", "lti_id"),
    )

    context_id: Mapped[uuid.UUID]
    lti_id: Mapped[str]
    title: Mapped[str]
    framework_key: Mapped[str | None]
    activity_key: Mapped[str | None]
    dl_uuid: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    run: Mapped[int] = mapped_column(default=1)
    copied_from: Mapped[uuid.UUID | None]


class Pick(TenantRow):
    """What a designer chose in the picker, kept under its ``dl_uuid`` until the link is launched."""

    __tablename__ = "pick"
    __table_args__ = (belongs_to("context", "context_id"), sa.UniqueConstraint("tenant_id", "dl_uuid"))

    context_id: Mapped[uuid.UUID]
    dl_uuid: Mapped[str]
    framework_key: Mapped[str]
    activity_key: Mapped[str]
    title: Mapped[str]
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class LineItem(Versioned, TenantRow):
    """A gradebook column. ``url`` is None until the launch names it or a job has found or made it."""

    __tablename__ = "line_item"
    __table_args__ = (
        belongs_to("resource_link", "resource_link_id"),
        sa.UniqueConstraint("tenant_id", "resource_link_id", "tag"),
    )

    resource_link_id: Mapped[uuid.UUID]
    resource_id: Mapped[str]
    tag: Mapped[str]
    url: Mapped[str | None]
    maximum: Mapped[float]
    origin: Mapped[str | None]  # coupled (the launch named it), found, made; removed (an instructor took it away)
    state: Mapped[str] = mapped_column(default="active")
    matched_at: Mapped[datetime | None]  # when it was last compared with the LMS's, on request
    match_said: Mapped[str | None]  # what came of that, in words


class Person(Versioned, TenantRow):
    """A human being, as one platform knows them until two are linked by their own code or an administrator."""

    __tablename__ = "person"

    name: Mapped[str | None]
    email: Mapped[str | None]
    locale: Mapped[str | None]
    linked_to: Mapped[uuid.UUID | None]
    erased_at: Mapped[datetime | None]


class Identity(TenantRow):
    """How a platform names a person: (platform, sub), never an e-mail address."""

    __tablename__ = "identity"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "platform_id", "sub"),
        sa.Index(None, "tenant_id", "person_id"),
    )

    person_id: Mapped[uuid.UUID]
    platform_id: Mapped[uuid.UUID]
    sub: Mapped[str]
    sourcedid: Mapped[str | None]
    is_test: Mapped[bool] = mapped_column(default=False)


class Membership(Versioned, TenantRow):
    """An identity in a context. ``roles`` are as the LMS sent them; ``role`` is what they come to here."""

    __tablename__ = "membership"
    __table_args__ = (
        belongs_to("context", "context_id"),
        belongs_to("identity", "identity_id"),
        sa.UniqueConstraint("tenant_id", "context_id", "identity_id"),
    )

    context_id: Mapped[uuid.UUID]
    identity_id: Mapped[uuid.UUID]
    roles: Mapped[list[str]]
    role: Mapped[str]  # learner, instructor, designer, mentor, none
    status: Mapped[str] = mapped_column(default="active")
    seen_in: Mapped[str]  # launch, roster
    sections: Mapped[list[str]] = mapped_column(server_default="[]", default=list)  # Section.lti_id of each


class Section(TenantRow):
    """The title of a section or group of a course. Who is in it stands in the memberships, by the LMS's id."""

    __tablename__ = "section"
    __table_args__ = (
        belongs_to("context", "context_id"),
        sa.UniqueConstraint("tenant_id", "context_id", "lti_id"),
    )

    context_id: Mapped[uuid.UUID]
    lti_id: Mapped[str]
    title: Mapped[str]


class Visit(TenantRow):
    """One launch's session. Its unique ``launch_id`` is what consumes the launch's state and nonce."""

    __tablename__ = "visit"
    __table_args__ = (
        belongs_to("context", "context_id"),
        belongs_to("membership", "membership_id"),
        sa.UniqueConstraint("tenant_id", "launch_id"),
        sa.Index(None, "tenant_id", "expires_at"),
    )

    launch_id: Mapped[uuid.UUID]
    secret_hash: Mapped[str]
    carrier: Mapped[str]  # cookie, path
    platform_id: Mapped[uuid.UUID]
    deployment_id: Mapped[uuid.UUID]
    context_id: Mapped[uuid.UUID]
    membership_id: Mapped[uuid.UUID]
    identity_id: Mapped[uuid.UUID]
    person_id: Mapped[uuid.UUID]
    resource_link_id: Mapped[uuid.UUID | None]
    role: Mapped[str]
    mode: Mapped[str]  # activity, guest, deep_linking, review
    preview_of: Mapped[uuid.UUID | None]  # an instructor's or designer's visit that looks at the activity as a learner
    review_of: Mapped[uuid.UUID | None]  # the identity whose work an instructor has been sent to see
    return_url: Mapped[str | None]
    frame_origin: Mapped[str | None]  # origin of the verified return_url
    deep_linking: Mapped[dict[str, Any] | None]  # the request's settings
    sample: Mapped[dict[str, Any] | None]  # what a preview shows that is not placed: activity, title, settings
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # when a page was last asked for, to within a few minutes
