"""The ways to stand before a visit's placement: as its learner, as somebody who teaches the course, or as a judge.

Each is one database transaction; pages that only read take no write lock.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from framework import journey
from framework.errors import NotAllowed, NotFound
from framework.journey import Work
from framework.judging import Judge
from framework.store import assessors, cohorts, judgements, nudges, placements
from framework.store.attempts import Worker
from framework.store.nudges import Unseen
from framework.store.sessions import now
from framework.store.tables import ResourceLink
from lti_tool import content_language, parts
from lti_tool.visit import Visit


@contextmanager
def learning(*, writes: bool = False) -> Iterator[tuple[Session, Worker]]:
    """The visitor at work in the placement. Raises NotFound where the visit has none."""
    here: Visit = g.visit
    if here.sample is not None and not writes:
        with parts.store().reading(here.tenant_id) as session:
            content_language.choose(session)
            yield session, Worker(_sample(here, here.sample), here.person_id, here.identity_id)
        return
    if here.resource_link_id is None:
        raise NotFound("This page belongs to an activity. Open one from your course.")
    opened = parts.store().transaction if writes else parts.store().reading
    with opened(here.tenant_id) as session:
        content_language.choose(session)
        yield session, journey.worker_of(session, here.resource_link_id, here.person_id, here.identity_id)


def _sample(here: Visit, sample: Mapping[str, Any]) -> ResourceLink:
    """The placement that a preview from the picker stands in: made up for the request, and in no table."""
    return ResourceLink(
        id=here.id,
        context_id=here.context_id,
        lti_id="",
        title=sample["title"],
        framework_key=sample["framework_key"],
        activity_key=sample["activity_key"],
        settings=sample["settings"],
        run=1,
    )


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
        content_language.choose(session)
        yield session, placements.link(session, here.resource_link_id)


@contextmanager
def judging(*, writes: bool = False) -> Iterator[tuple[Session, Judge]]:
    """The visitor as a judge of the course: its teacher, or an assessor named there. Raises NotAllowed for others."""
    here: Visit = g.visit
    opened = parts.store().transaction if writes else parts.store().reading
    with opened(here.tenant_id) as session:
        content_language.choose(session)
        role = judges_as(session, here)
        if not role:
            raise NotAllowed("This page is for the people who judge practice in this course.")
        yield session, Judge(here.person_id, role, here.context_id)


def judges_as(session: Session, here: Visit) -> str:
    """instructor, assessor, or "" for somebody who does not judge in the visit's course. Nobody judges in a preview."""
    if here.is_preview:
        return ""
    if here.role == "instructor":
        return "instructor"
    is_named = assessors.is_assessor(session, here.context_id, here.person_id, on=now().date())
    return "assessor" if is_named else ""


def may_judge(session: Session, here: Visit, identity_id: uuid.UUID) -> bool:
    """Whether a judge may see somebody's work: in a strict course, that of their own sections."""
    return cohorts.may_see(session, here.context_id, identity_id, seen_by=here.membership_id)


def waiting_for(here: Visit) -> int | None:
    """How many reflections of the course wait for this visitor; None for somebody who does not judge there."""
    if here.is_preview or here.mode not in ("activity", "review"):
        return None
    with parts.store().reading(here.tenant_id) as session:
        role = judges_as(session, here)
        if not role:
            return None
        waiting = judgements.waiting(session, here.context_id, here.person_id, role)
        return sum(may_judge(session, here, identity_id) for identity_id in waiting)


def nudge_for(here: Visit) -> Unseen | None:
    """What an instructor of the course has written to this learner, until they put it away."""
    if here.is_preview or here.is_instructor or here.mode != "activity":
        return None
    with parts.store().reading(here.tenant_id) as session:
        return nudges.unseen(session, here.context_id, here.person_id, now=now())
