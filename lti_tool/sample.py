"""A look at an activity that is not placed yet, as its learner sees it, in a window of its own.

The picker stands in the LMS's frame, and its cookie is for there alone (partitioned). So its form carries a sealed
word about the visit to the new window, which gets a visit of its own: a learner's, which stores nothing.
"""

import hashlib
import uuid
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from framework.catalogue import Catalogue
from framework.store import audits, editions, visits
from framework.store.sessions import now
from framework.store.tables import Visit as VisitRow
from lti_tool import parts, picking, visit
from lti_tool.presenters import choice
from lti_tool.presenters.choice import PROGRAMME
from lti_tool.visit import COOKIE, Visit, VisitEnded

blueprint = Blueprint("sample", __name__)

PATH = "/lti/preview"
FIELD = "seen_from"  # the field with the sealed visit
ENDED = "The page that you chose from has closed. Open it again from your course."


def token() -> str:
    """The present visit, sealed for the preview's window."""
    here: Visit = g.visit
    return str(_sealer().dumps([here.tenant_id, here.id.hex]))


@blueprint.post(PATH)
def look() -> ResponseReturnValue:
    """Begin the preview. Raises VisitEnded where the visit that it comes from is over."""
    tenant_id, visit_id = _unsealed(request.form.get(FIELD, ""))
    secret = visit.new_secret(tenant_id)
    with parts.store().transaction(tenant_id) as session:
        row = session.get(VisitRow, (tenant_id, visit_id))
        if row is None or row.ended_at is not None or row.expires_at <= now():
            raise VisitEnded(ENDED)
        _, catalogue = editions.current(session)
        key = request.form.get("preview", "")
        begun = visits.as_learner(
            session,
            row,
            visit.hash_secret(secret),
            now=now(),
            preview_of=row.id,
            carrier=COOKIE,
            resource_link_id=None,
            return_url=None,
            frame_origin=None,
            sample=_sample(catalogue, key),
        )
        _note(session, row, key)
    return visit.lead_into(begun.id, secret, COOKIE)


def _note(session: Session, row: VisitRow, key: str) -> None:
    audits.add(session, actor=f"person {row.person_id}", action="preview", subject=key, now=now())


def _sample(catalogue: Catalogue, key: str) -> dict[str, Any]:
    """What the window shows: an activity by its key, or the programme as it is chosen now. Raises NotFound."""
    activity, settings = catalogue.activity(key), {}
    title = activity.title
    if activity.kind == PROGRAMME:
        chosen = choice.known(choice.read(request.form), catalogue)
        title = chosen.option(PROGRAMME, "title") or chosen.title or title
        settings = picking.programme(catalogue, chosen) if chosen.quality_keys else {}
    return {
        "framework_key": catalogue.framework_key,
        "activity_key": activity.key,
        "title": title,
        "settings": settings,
    }


def _unsealed(text: str) -> tuple[int, uuid.UUID]:
    try:
        tenant_id, visit_id = _sealer().loads(text)
        return int(tenant_id), uuid.UUID(visit_id)
    except (BadSignature, ValueError, TypeError):
        raise VisitEnded(ENDED) from None


def _sealer() -> URLSafeSerializer:
    secret = parts.settings().secret_key.get_secret_value()
    return URLSafeSerializer(secret, salt="lti preview", signer_kwargs={"digest_method": hashlib.sha256})
