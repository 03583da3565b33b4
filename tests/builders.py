"""Valid rows with defaults. Each builder takes a session and the row's parents, writes the row and answers it.

Keyword arguments overrule defaults. Directory rows (tenant, platform, deployment) want ``store.directory()``.
"""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.orm import Session

from framework.store.columns import new_id
from framework.store.sessions import Store
from framework.store.tables import (
    Attempt,
    Context,
    Deployment,
    Edition,
    GradePush,
    Identity,
    LineItem,
    Membership,
    Person,
    Platform,
    Progress,
    ResourceLink,
    Row,
    Tenant,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = [AGS + "lineitem", AGS + "lineitem.readonly", AGS + "result.readonly", AGS + "score"]
number = itertools.count(1)
R = TypeVar("R", bound=Row)


def _write(session: Session, kind: type[R], defaults: dict[str, Any], columns: dict[str, Any]) -> R:
    row = kind(**(defaults | columns))
    session.add(row)
    session.flush()
    return row


def tenant(session: Session, **columns: Any) -> Tenant:
    n = next(number) + 1
    return _write(session, Tenant, {"id": n, "key": f"tenant-{n}", "name": f"Tenant {n}", "created_at": AT}, columns)


def platform(session: Session, **columns: Any) -> Platform:
    """An active Moodle. ``root`` says below which URL all its addresses are."""
    root = columns.pop("root", f"https://lms-{next(number)}.example.org")
    defaults = {
        "id": new_id(),
        "tenant_id": 1,
        "name": "Moodle of the trust",
        "issuer": root,
        "client_id": "client-1",
        "auth_url": f"{root}/auth",
        "token_url": f"{root}/token",
        "jwks_url": f"{root}/jwks",
        "audience": f"{root}/token",
        "family": "moodle",
        "created_at": AT,
    }
    return _write(session, Platform, defaults, columns)


def deployment(session: Session, platform: Platform, **columns: Any) -> Deployment:
    defaults = {
        "id": new_id(),
        "platform_id": platform.id,
        "lti_deployment_id": "1",
        "tenant_id": platform.tenant_id,
        "created_at": AT,
    }
    return _write(session, Deployment, defaults, columns)


def context(session: Session, deployment: Deployment, **columns: Any) -> Context:
    n = next(number)
    defaults = {"deployment_id": deployment.id, "lti_id": str(n), "title": f"Course {n}", "scopes": list(SCOPES)}
    return _write(session, Context, defaults, columns)


def link(session: Session, context: Context, **columns: Any) -> ResourceLink:
    defaults = {
        "context_id": context.id,
        "lti_id": str(next(number)),
        "title": "Self-belief",
        "framework_key": "leadership-qualities",
        "activity_key": "self-belief",
    }
    return _write(session, ResourceLink, defaults, columns)


def line_item(session: Session, link: ResourceLink, **columns: Any) -> LineItem:
    defaults = {
        "resource_link_id": link.id,
        "resource_id": link.activity_key or "self-belief",
        "tag": "result",
        "url": f"https://lms.example.org/services/2/lineitems/{next(number)}/lineitem?type_id=1",
        "maximum": 1.0,
        "origin": "coupled",
    }
    return _write(session, LineItem, defaults, columns)


def person(session: Session, **columns: Any) -> Person:
    n = next(number)
    return _write(session, Person, {"name": f"Learner {n}", "email": f"learner-{n}@example.org"}, columns)


def identity(session: Session, person: Person, platform: Platform, **columns: Any) -> Identity:
    defaults = {"person_id": person.id, "platform_id": platform.id, "sub": str(next(number))}
    return _write(session, Identity, defaults, columns)


def membership(session: Session, context: Context, identity: Identity, **columns: Any) -> Membership:
    defaults = {
        "context_id": context.id,
        "identity_id": identity.id,
        "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        "role": "learner",
        "seen_in": "launch",
    }
    return _write(session, Membership, defaults, columns)


def edition(session: Session, **columns: Any) -> Edition:
    n = next(number)
    defaults = {
        "framework_key": "leadership-qualities",
        "number": n,
        "digest": uuid.uuid4().hex,
        "document": {},
        "published_at": AT,
    }
    return _write(session, Edition, defaults, columns)


def progress(session: Session, link: ResourceLink, identity: Identity, **columns: Any) -> Progress:
    defaults = {
        "resource_link_id": link.id,
        "run": 1,
        "person_id": identity.person_id,
        "identity_id": identity.id,
        "framework_key": link.framework_key,
        "activity_key": link.activity_key,
        "status": "in_progress",
        "fraction": 0.0,
        "started_at": AT,
    }
    return _write(session, Progress, defaults, columns)


def attempt(session: Session, progress: Progress, edition: Edition, **columns: Any) -> Attempt:
    defaults = {
        "progress_id": progress.id,
        "number": 1,
        "edition_id": edition.id,
        "kind": "module",
        "state": "open",
        "started_at": AT,
    }
    return _write(session, Attempt, defaults, columns)


def grade_push(session: Session, line_item: LineItem, identity: Identity, **columns: Any) -> GradePush:
    defaults = {
        "line_item_id": line_item.id,
        "identity_id": identity.id,
        "platform_id": identity.platform_id,
        "wanted": 1.0,
        "maximum": 1.0,
        "submitted_at": AT,
        "wanted_version": 1,
        "next_try": AT,
    }
    return _write(session, GradePush, defaults, columns)


class Placement(NamedTuple):
    """One placed activity and one learner in its course, on one platform."""

    platform: Platform
    deployment: Deployment
    context: Context
    link: ResourceLink
    line_item: LineItem
    person: Person
    identity: Identity
    membership: Membership


def placement(store: Store, *, root: str | None = None, **line_item_columns: Any) -> Placement:
    """Write a whole placement into tenant 1; ``root``: where the platform answers."""
    with store.directory() as session:
        lms = platform(session, **({"root": root} if root else {}))
        deployed = deployment(session, lms)
    with store.transaction(1) as session:
        course = context(session, deployed, lineitems_url=f"{lms.issuer}/lineitems?type_id=1")
        placed = link(session, course)
        column = line_item(session, placed, **line_item_columns)
        learner = person(session)
        known = identity(session, learner, lms)
        enrolled = membership(session, course, known)
    return Placement(lms, deployed, course, placed, column, learner, known, enrolled)
