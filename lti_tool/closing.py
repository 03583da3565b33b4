"""The end of a visit, told in time: somebody who is still here lets it last longer."""

from datetime import timedelta

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from framework.store import visits
from framework.store.sessions import now
from lti_tool import parts, visit
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("closing", __name__, url_prefix=visit.PREFIX))


@blueprint.post("/stay")
def stay() -> ResponseReturnValue:
    """Somebody is here: the visit ends by disuse later, at its time as before. JSON for script."""
    here: Visit = g.visit
    at = now()
    with parts.store().transaction(here.tenant_id) as session:
        visits.note_seen(session, here.id, now=at)
    idle_end = at + timedelta(minutes=parts.settings().visit_idle_minutes)
    closes_at = min(here.expires_at, idle_end)
    return jsonify(closes_in=int((closes_at - at).total_seconds()), can_stay=idle_end < here.expires_at)
