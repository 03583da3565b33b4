"""``GET /v1/awards``: who holds which badge at which level, with the conditions that it rests on."""

import uuid
from typing import Any

import marshmallow as ma

from api import cursors
from api.arguments import QuerySchema, StrictBlueprint
from api.auth import caller, scoped
from api.door import door
from api.releases import record_release
from api.schemas import AwardListSchema, PublicId
from framework.store import awards
from framework.store.awards import AwardFilter
from framework.store.tables import Award

blueprint = StrictBlueprint("Awards", __name__, url_prefix="/v1", description="Who holds which badge, and why.")


class AwardQuery(QuerySchema):
    """Filters of the list. All given ones must hold."""

    award_id = PublicId("awd")
    person_id = PublicId("prs")
    badge = ma.fields.String(
        validate=ma.validate.Length(1, 100),
        metadata={"description": "Key of a quality, cluster or framework.", "example": "self-belief"},
    )
    state = ma.fields.String(
        validate=ma.validate.OneOf(["active", "replaced", "withdrawn"]),
        metadata={"description": "active: held now. replaced: by a higher level. withdrawn: see reason."},
    )
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))
    cursor = ma.fields.String(metadata={"description": "next_cursor of the page before, with the same filters."})


@blueprint.get("/awards")
@blueprint.doc(operationId="listAwards")
@scoped("awards.read")
@blueprint.arguments(AwardQuery, location="query")
@blueprint.response(200, AwardListSchema)
def list_awards(query: dict[str, Any]) -> Any:
    """List awards of badges, those that are not held any more included.

    In the order in which they were made. To keep up, read /v1/changes with type=award and ask for each award_id that
    it names. Level 0 is Explored: somebody has studied, and nobody has judged practice. A level is a judgement for
    development; it is not a test result, and not to be used alone for selection, pay or dismissal.
    """
    place = cursors.resume(query.get("cursor"))
    wanted = AwardFilter(query.get("award_id"), query.get("person_id"), query.get("badge"), query.get("state"))
    with door().store.reading(caller().tenant_id) as session:
        found, has_more = awards.page(session, wanted, uuid.UUID(place["i"]) if place else None, query["limit"])
    record_release("awards", "awards.read", people={one.person_id for one in found}, rows=len(found))
    cursor = cursors.seal({"i": found[-1].id.hex}) if has_more else None
    body = {"data": [_shown(one) for one in found], "page": {"has_more": has_more, "next_cursor": cursor}}
    return body, cursors.link(cursor) if cursor else {}


def _shown(one: Award) -> dict[str, Any]:
    names = ("id", "version", "person_id", "framework_key", "badge_key", "level", "state", "reason", "at", "updated_at")
    basis = one.basis
    return {
        **{name: getattr(one, name) for name in names},
        "kind": basis.get("kind", ""),
        "label": basis.get("label", ""),
        "wording": basis.get("wording", ""),
        "until": basis.get("until"),
        "rules_digest": basis.get("rules_digest", ""),
        "conditions": basis.get("conditions", []),
    }
