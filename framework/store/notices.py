"""Notices of an LMS: kept once each, worked on by a job."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from framework.store import course_copies
from framework.store.columns import new_id
from framework.store.sessions import tenant_of
from framework.store.tables import Context, Deployment, Notice


def keep(
    session: Session,
    *,
    deployment_id: uuid.UUID,
    notice_id: str,
    kind: str,
    content: dict[str, Any],
    now: datetime,
) -> uuid.UUID | None:
    """Note a notice. Answers its id here; None when the same one has come before: that delivery does nothing."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = {"tenant_id": tenant_of(session), "id": new_id(), "received_at": now, "done_at": None}
    row = session.execute(
        insert(Notice)
        .values(**made, deployment_id=deployment_id, notice_id=notice_id, kind=kind, content=content)
        .on_conflict_do_nothing(index_elements=["tenant_id", "deployment_id", "notice_id"])
        .returning(Notice.id)
    ).one_or_none()
    return row.id if row else None


def offer(session: Session, deployment_id: uuid.UUID, url: str) -> None:
    """Keep where a deployment's notices are asked for. Wants a directory session."""
    session.get_one(Deployment, deployment_id).notices_url = url


def copy_course(session: Session, kept_id: uuid.UUID, *, now: datetime) -> int:
    """Do what a notice of a course copy asks for: note for the new course what its placements will hold.

    Answers how many. Safe to run again. Nothing of any learner is read.
    """
    notice = session.scalars(sa.select(Notice).where(Notice.id == kept_id)).one()
    context = _context(session, notice.deployment_id, notice.content["context"], notice.content["title"])
    origins: Sequence[str] = notice.content["origins"]
    prepared = course_copies.prepare(session, context, origins, now=now)
    notice.done_at = now
    return prepared


def _context(session: Session, deployment_id: uuid.UUID, lti_id: str, title: str) -> Context:
    found = session.scalar(sa.select(Context).where(Context.deployment_id == deployment_id, Context.lti_id == lti_id))
    if found is None:
        found = Context(deployment_id=deployment_id, lti_id=lti_id, title=title, scopes=[])
        session.add(found)
        session.flush()
    return found
