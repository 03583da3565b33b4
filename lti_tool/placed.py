"""The two ways to stand before a visit's placement: as its learner, or as somebody who teaches the course.

Each is one database transaction; pages that only read take no write lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import g
from sqlalchemy.orm import Session

from framework import journey
from framework.errors import NotAllowed, NotFound
from framework.journey import Work
from framework.store import placements
from framework.store.attempts import Worker
from framework.store.tables import ResourceLink
from lti_tool import parts
from lti_tool.visit import Visit


@contextmanager
def learning(*, writes: bool = False) -> Iterator[tuple[Session, Worker]]:
    """The visitor at work in the placement. Raises NotFound where the visit has none."""
    here: Visit = g.visit
    if here.resource_link_id is None:
        raise NotFound("This page belongs to an activity. Open one from your course.")
    opened = parts.store().transaction if writes else parts.store().reading
    with opened(here.tenant_id) as session:
        yield session, journey.worker_of(session, here.resource_link_id, here.person_id, here.identity_id)


def look(session: Session, worker: Worker, activity_key: str) -> Work:
    """What the visitor has of an activity; a preview has nothing. Raises NotFound for one that is not placed here."""
    work = journey.look(session, worker, activity_key)
    return replace(work, progress=None, attempt=None, answers={}) if g.visit.is_preview else work


@contextmanager
def teaching(*, writes: bool = False) -> Iterator[tuple[Session, ResourceLink]]:
    """The placement, for instructors and designers alone. Raises NotAllowed for others."""
    here: Visit = g.visit
    if not here.is_instructor or here.resource_link_id is None:
        raise NotAllowed("This page is for the people who teach the course.")
    opened = parts.store().transaction if writes else parts.store().reading
    with opened(here.tenant_id) as session:
        yield session, placements.link(session, here.resource_link_id)
