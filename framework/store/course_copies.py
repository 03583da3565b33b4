"""Course copies: which placement a new link was copied from. Settings come along, learners' data never does.

LTI 1.3 Core, appendix "LTI substitution variables": $ResourceLink.id.history and $Context.id.history, newest first,
comma separated, each id URL-encoded. The tool asks for them as custom parameters; Moodle has the second one alone.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Context, CopiedPlacement, ResourceLink
from framework.terms import without_dates

_Source = TypeVar("_Source", ResourceLink, CopiedPlacement)

LINKS = "resource_link_id_history"
CONTEXTS = ("context_id_history", "previous_context_ids")  # the second is Canvas's own
MOST = 50  # ids of one history: copies of copies


def original(
    session: Session, placed: ResourceLink, custom: Mapping[str, str]
) -> ResourceLink | CopiedPlacement | None:
    """What this placement is a copy of, as far as the LMS tells: by the link's own history, by what a notice of the
    copy has prepared, by the course's history. The nearest ancestor that holds something."""
    near = _deployment(session, placed)
    for lti_id in _ids(custom.get(LINKS, "")):
        found = session.scalars(_chosen(near).where(ResourceLink.lti_id == lti_id)).first()
        if found is not None and found.id != placed.id:
            return found
    if (ready := _match(_prepared(session, placed), placed, custom)) is not None:
        return ready
    for name in CONTEXTS:
        for lti_id in _ids(custom.get(name, "")):
            there = session.scalars(_chosen(near).where(Context.lti_id == lti_id)).all()
            if (match := _match(there, placed, custom)) is not None:
                return match
    return None


def picked_before(session: Session, placed: ResourceLink, dl_uuid: str) -> ResourceLink | CopiedPlacement | None:
    """The placement in another course that holds the same pick: the LMS has copied the link with its parameters."""
    ready = [one for one in _prepared(session, placed) if one.dl_uuid == dl_uuid]
    if ready:
        return ready[0]
    return session.scalars(
        _chosen(_deployment(session, placed))
        .where(ResourceLink.dl_uuid == dl_uuid, ResourceLink.context_id != placed.context_id)
        .order_by(ResourceLink.id)
    ).first()


def copy(placed: ResourceLink, source: ResourceLink | CopiedPlacement) -> None:
    """Let a placement hold what its original holds, with the same settings but for dates."""
    placed.framework_key, placed.activity_key = source.framework_key, source.activity_key
    placed.settings = without_dates(source.settings)
    placed.copied_from = source.source_id if isinstance(source, CopiedPlacement) else source.id


def prepare(session: Session, context: Context, origins: Sequence[str], *, now: datetime) -> int:
    """Note what the placements of a copied course will hold, as their originals stand now: the copy's links are not
    known before they are opened. Answers how many are noted in all; what is there already stays."""
    there = session.scalars(_chosen(context.deployment_id).where(Context.lti_id.in_(origins[:MOST]))).all()
    noted = set(session.scalars(sa.select(CopiedPlacement.source_id).where(CopiedPlacement.context_id == context.id)))
    for one in there:
        if one.id not in noted and one.context_id != context.id:
            session.add(
                CopiedPlacement(
                    context_id=context.id,
                    source_id=one.id,
                    title=one.title,
                    framework_key=one.framework_key,
                    activity_key=one.activity_key,
                    dl_uuid=one.dl_uuid,
                    settings=dict(one.settings),
                    created_at=now,
                )
            )
            noted.add(one.id)
    return len(noted)


def _prepared(session: Session, placed: ResourceLink) -> Sequence[CopiedPlacement]:
    """What a notice has prepared for this course and no placement of it holds yet."""
    taken = sa.select(ResourceLink.copied_from).where(
        ResourceLink.context_id == placed.context_id, ResourceLink.copied_from.is_not(None)
    )
    return session.scalars(
        sa.select(CopiedPlacement)
        .where(CopiedPlacement.context_id == placed.context_id, CopiedPlacement.source_id.not_in(taken))
        .order_by(CopiedPlacement.id)
    ).all()


def _match(there: Sequence[_Source], placed: ResourceLink, custom: Mapping[str, str]) -> _Source | None:
    """The one placement of an older course with the same activity, or else with the same title; None if unclear."""
    key = custom.get("activity_id", "").rpartition("/")[2]
    fitting = [one for one in there if one.activity_key == key] if key else list(there)
    named = [one for one in fitting if one.title == placed.title]
    for candidates in (named, fitting if key else []):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _chosen(deployment_id: uuid.UUID) -> sa.Select[ResourceLink]:
    return (
        sa.select(ResourceLink)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Context.deployment_id == deployment_id, ResourceLink.activity_key.is_not(None))
    )


def _deployment(session: Session, placed: ResourceLink) -> uuid.UUID:
    return session.scalars(sa.select(Context.deployment_id).where(Context.id == placed.context_id)).one()


def _ids(history: str) -> list[str]:
    return [unquote(one.strip()) for one in history.split(",") if one.strip()][:MOST]
