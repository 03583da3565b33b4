"""Course copies: which placement a new link was copied from. Settings come along, learners' data never does.

LTI 1.3 Core, appendix "LTI substitution variables": $ResourceLink.id.history and $Context.id.history, newest first,
comma separated, each id URL-encoded. The tool asks for them as custom parameters; Moodle has the second one alone.
"""

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Context, ResourceLink

LINKS = "resource_link_id_history"
CONTEXTS = ("context_id_history", "previous_context_ids")  # the second is Canvas's own
MOST = 50  # ids of one history: copies of copies


def original(session: Session, placed: ResourceLink, custom: Mapping[str, str]) -> ResourceLink | None:
    """The placement that this one is a copy of, as far as the LMS tells. The nearest ancestor that holds something."""
    near = _deployment(session, placed)
    for lti_id in _ids(custom.get(LINKS, "")):
        found = session.scalars(_chosen(near).where(ResourceLink.lti_id == lti_id)).first()
        if found is not None and found.id != placed.id:
            return found
    for name in CONTEXTS:
        for lti_id in _ids(custom.get(name, "")):
            there = session.scalars(_chosen(near).where(Context.lti_id == lti_id)).all()
            if (match := _match(there, placed, custom)) is not None:
                return match
    return None


def picked_before(session: Session, placed: ResourceLink, dl_uuid: str) -> ResourceLink | None:
    """The placement in another course that holds the same pick: the LMS has copied the link with its parameters."""
    return session.scalars(
        _chosen(_deployment(session, placed))
        .where(ResourceLink.dl_uuid == dl_uuid, ResourceLink.context_id != placed.context_id)
        .order_by(ResourceLink.id)
    ).first()


def copy(placed: ResourceLink, source: ResourceLink) -> None:
    """Let a placement hold what its original holds, with the same settings."""
    placed.framework_key, placed.activity_key = source.framework_key, source.activity_key
    placed.settings, placed.copied_from = dict(source.settings), source.id


def _match(there: Sequence[ResourceLink], placed: ResourceLink, custom: Mapping[str, str]) -> ResourceLink | None:
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
