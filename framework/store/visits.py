"""Visits as each page looks them up, those that begin inside another one, and how visits come to an end."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Context, Deployment, Person, Platform, Row, Visit

LOOK_BACK = timedelta(days=7)
_KEPT = (
    "carrier",
    "platform_id",
    "deployment_id",
    "context_id",
    "membership_id",
    "identity_id",
    "person_id",
    "resource_link_id",
    "return_url",
    "frame_origin",
    "expires_at",
)


def _columns(kind: type[Row]) -> Any:
    return sa.inspect(kind).local_table.c


_VISIT, _PERSON, _CONTEXT = (_columns(kind) for kind in (Visit, Person, Context))
_PLATFORM, _DEPLOYMENT = (_columns(kind) for kind in (Platform, Deployment))
_OPENED: Any = (  # made once: every page asks
    sa.select(
        *_VISIT,
        _PERSON.name.label("person_name"),
        _PERSON.locale,
        _CONTEXT.title.label("course_title"),
        _PLATFORM.frame_origins,
        sa.and_(_PLATFORM.state == "active", _DEPLOYMENT.state == "active").label("is_connected"),
    )
    .join_from(
        _VISIT.id.table,
        _PERSON.id.table,
        sa.and_(_PERSON.tenant_id == _VISIT.tenant_id, _PERSON.id == _VISIT.person_id),
    )
    .join(_CONTEXT.id.table, sa.and_(_CONTEXT.tenant_id == _VISIT.tenant_id, _CONTEXT.id == _VISIT.context_id))
    .join(_PLATFORM.id.table, _PLATFORM.id == _VISIT.platform_id)
    .join(_DEPLOYMENT.id.table, _DEPLOYMENT.id == _VISIT.deployment_id)
    .where(_VISIT.tenant_id == sa.bindparam("tenant_id"), _VISIT.id == sa.bindparam("visit_id"))
)


def opened(connection: sa.Connection, tenant_id: int, visit_id: uuid.UUID) -> sa.Row[Any] | None:
    """A visit's columns, with ``person_name``, ``locale``, ``course_title``, ``frame_origins`` and ``is_connected``:
    whether platform and deployment are active now."""
    found: sa.Row[Any] | None = connection.execute(_OPENED, {"tenant_id": tenant_id, "visit_id": visit_id}).first()
    return found


def as_learner(session: Session, row: Visit, secret_hash: str, *, now: datetime, **changes: Any) -> Visit:
    """Begin a learner's visit inside another visit; it ends with that one at the latest."""
    begun = Visit(
        **{name: getattr(row, name) for name in _KEPT}
        | {
            "launch_id": uuid.uuid4(),
            "secret_hash": secret_hash,
            "role": "learner",
            "mode": "activity",
            "created_at": now,
        }
        | changes
    )
    session.add(begun)
    return begun


def note_seen(session: Session, visit_id: uuid.UUID, *, now: datetime) -> None:
    """Keep when a visit's page was last asked for."""
    session.execute(
        sa.update(Visit).where(Visit.id == visit_id).values(seen_at=now).execution_options(synchronize_session=False)
    )


def are_over(session: Session, *, now: datetime) -> bool:
    """Whether there are visits to end."""
    return session.scalar(sa.select(Visit.id).where(*_over(now)).limit(1)) is not None


def end_expired(session: Session, *, now: datetime, limit: int = 1000) -> int:
    """Close up to ``limit`` visits whose time is over; answers how many."""
    over = sa.select(Visit.id).where(*_over(now)).limit(limit)
    ended = session.execute(
        sa.update(Visit)
        .where(Visit.id.in_(over), Visit.ended_at.is_(None))
        .values(ended_at=Visit.expires_at)
        .returning(Visit.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def _over(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Not the whole history, every two seconds: whatever is older has been ended long ago."""
    return Visit.ended_at.is_(None), Visit.expires_at.between(now - LOOK_BACK, now)
