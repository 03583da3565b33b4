"""``GET /v1/people``: who is behind the ids of the other lists."""

import uuid
from typing import Any

import marshmallow as ma

from api import cursors
from api.arguments import QuerySchema, StrictBlueprint
from api.auth import caller, scoped
from api.door import door
from api.releases import record_release
from api.schemas import PersonListSchema, PublicId
from framework.store import people
from framework.store.people import PeopleFilter

blueprint = StrictBlueprint("People", __name__, url_prefix="/v1", description="Who is behind an id.")


class PeopleQuery(QuerySchema):
    """Filters of the list. All given ones must hold."""

    person_id = PublicId("prs")
    platform_id = PublicId("plt")
    user_id = ma.fields.String(
        validate=ma.validate.Regexp(r"^[\x21-\x7e]{1,255}$", error="Use the LMS's id: 1 to 255 ASCII characters."),
        metadata={"description": "The LMS's own id of a person; only with platform_id."},
    )
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))
    cursor = ma.fields.String(metadata={"description": "next_cursor of the page before, with the same filters."})

    @ma.validates_schema
    def _user_of_a_platform(self, data: dict[str, Any], **_: Any) -> None:
        if "user_id" in data and "platform_id" not in data:
            raise ma.ValidationError("Send platform_id too: two LMSs may use the same id.", "user_id")


@blueprint.get("/people")
@blueprint.doc(operationId="listPeople")
@scoped("people.read")
@blueprint.arguments(PeopleQuery, location="query")
@blueprint.response(200, PersonListSchema)
def list_people(query: dict[str, Any]) -> Any:
    """List people, with the ids their LMSs know them by.

    In the order in which they first came. To keep up, read /v1/changes with type=person and ask for each person_id
    that it names. Where the LMS sends no names or addresses, there are none here. An erased person keeps the id alone.
    """
    place = cursors.resume(query.get("cursor"))
    wanted = PeopleFilter(query.get("person_id"), query.get("platform_id"), query.get("user_id"))
    with door().store.reading(caller().tenant_id) as session:
        found, has_more = people.page(session, wanted, uuid.UUID(place["i"]) if place else None, query["limit"])
    record_release("people", "people.read", people={one.person.id for one in found}, rows=len(found))
    cursor = cursors.seal({"i": found[-1].person.id.hex}) if has_more else None
    body = {"data": [_shown(one) for one in found], "page": {"has_more": has_more, "next_cursor": cursor}}
    return body, cursors.link(cursor) if cursor else {}


def _shown(one: people.PersonRecord) -> dict[str, Any]:
    names = ("id", "version", "name", "email", "locale", "linked_to", "erased_at", "updated_at")
    return {**{name: getattr(one.person, name) for name in names}, "identities": one.identities}
