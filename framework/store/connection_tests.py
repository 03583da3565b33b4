"""Connection tests: a placement that shows whether the LMS and this tool work together. Facts in, findings out."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.catalogue.connection import CONNECTION_TEST
from framework.errors import NotFound
from framework.store import grade_claims, tasks
from framework.store.arrivals import TAG, Arrival
from framework.store.grade_pushes import Column
from framework.store.tables import (
    ConnectionTest,
    Context,
    Deployment,
    Identity,
    LineItem,
    Person,
    Platform,
    ResourceLink,
    Task,
    Visit,
)

LEARNER = "learner"


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as the LMS told of them, with the newest visit to the test."""

    sub: str
    name: str | None
    email: str | None
    visit: Visit


@dataclass(frozen=True, slots=True)
class Facts:
    """What launches have told, for a run of the test. ``column`` None: no launch has offered the grade service."""

    platform: Platform
    is_active: bool
    memberships_url: str | None
    column: Column | None
    teacher: Someone | None
    learner: Someone | None


def is_one(placed: ResourceLink) -> bool:
    """Whether this placement is a Connection test."""
    return placed.activity_key == CONNECTION_TEST.key


def of(session: Session, link_id: uuid.UUID) -> ConnectionTest | None:
    """The test of a placement, once somebody has opened it."""
    return session.scalar(sa.select(ConnectionTest).where(ConnectionTest.resource_link_id == link_id))


def opened(session: Session, arrival: Arrival, link: ResourceLink, identity: Identity, *, now: datetime) -> None:
    """Somebody has launched the test; a learner's account is what it waits for.

    A guest or an LMS's preview user is none: no LMS takes a grade for them.
    """
    row = of(session, link.id)
    if row is None:
        row = ConnectionTest(resource_link_id=link.id, asked_at=now)
        session.add(row)
    if arrival.role == LEARNER and arrival.sub and not arrival.is_test:
        row.identity_id = identity.id
    elif row.findings is not None:
        return  # a teacher's look changes nothing: the button runs it again
    ask(session, row, now=now)


def ask(session: Session, row: ConnectionTest, *, now: datetime) -> None:
    """Ask for a run; ring afterwards."""
    row.asked_at = now
    tasks.request(session, tasks.CONNECTION_TEST, str(row.resource_link_id), now=now)


def is_running(session: Session, link_id: uuid.UUID) -> bool:
    """Whether a run has been asked for and is not over."""
    query = sa.select(Task.state).where(Task.kind == tasks.CONNECTION_TEST, Task.subject == str(link_id))
    return session.scalar(query) == "due"


def keep(session: Session, link_id: uuid.UUID, findings: dict[str, Any], *, now: datetime) -> None:
    """Keep what has been found so far."""
    row = of(session, link_id)
    if row is not None:
        row.findings, row.tested_at = dict(findings), now


def facts(session: Session, link_id: uuid.UUID) -> Facts:
    """What a run needs to know. Raises NotFound."""
    found = session.execute(
        sa.select(ConnectionTest, ResourceLink, Context)
        .join(ResourceLink, ResourceLink.id == ConnectionTest.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(ConnectionTest.resource_link_id == link_id)
    ).first()
    if found is None:
        raise NotFound("There is no connection test in this place.")
    row, link, context = found
    deployment = session.get_one(Deployment, context.deployment_id)
    platform = session.get_one(Platform, deployment.platform_id)
    item = session.scalar(sa.select(LineItem.id).where(LineItem.resource_link_id == link.id, LineItem.tag == TAG))
    return Facts(
        platform=platform,
        is_active=platform.state == deployment.state == "active",
        memberships_url=context.memberships_url,
        column=grade_claims.column(session, item) if item is not None else None,
        teacher=_newest(session, link_id, Visit.role != LEARNER),
        learner=_newest(session, link_id, Visit.identity_id == row.identity_id) if row.identity_id else None,
    )


def _newest(session: Session, link_id: uuid.UUID, who: sa.ColumnElement[bool]) -> Someone | None:
    found = session.execute(
        sa.select(Visit, Identity.sub, Person.name, Person.email)
        .join(Identity, Identity.id == Visit.identity_id)
        .join(Person, Person.id == Visit.person_id)
        .where(Visit.resource_link_id == link_id, Visit.preview_of.is_(None), who)
        .order_by(Visit.created_at.desc())
        .limit(1)
    ).first()
    return Someone(found[1], found[2], found[3], found[0]) if found is not None else None
