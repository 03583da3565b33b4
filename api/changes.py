"""``GET /v1/changes``: every write, numbered after its commit, so that no reader can miss one."""

from typing import Any

import marshmallow as ma

from api import cursors
from api.arguments import QuerySchema, StrictBlueprint
from api.auth import caller, scoped
from api.door import door
from api.releases import record_release
from api.schemas import ChangeListSchema
from framework.store import changes
from framework.store.changes import Changed
from framework.store.columns import public_id

TYPES: dict[str, tuple[str, str]] = {  # type outside: (table, prefix of its ids)
    "progress": ("progress", "prg"),
    "grade_delivery": ("grade_push", "grd"),
    "person": ("person", "prs"),
    "course": ("context", "crs"),
    "competency": ("competency", "cmp"),
    "award": ("award", "awd"),
}
_OUTSIDE = {table: (name, prefix) for name, (table, prefix) in TYPES.items()}
_SEQ = "chg_{:016d}"

blueprint = StrictBlueprint("Changes", __name__, url_prefix="/v1", description="What was written, in order.")


class Seq(ma.fields.Field[int]):
    """A place in the feed: ``chg_`` and 16 digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        digits = value.removeprefix("chg_") if isinstance(value, str) else ""
        if len(digits) != 16 or not digits.isascii() or not digits.isdigit():
            raise ma.ValidationError("Use next_cursor of an earlier answer, or leave it out to begin.")
        return int(digits)


class ChangesQuery(QuerySchema):
    """Where to go on, and what to hear of."""

    after = Seq(
        metadata={
            "description": "next_cursor of the page before; the beginning when left out.",
            "pattern": "^chg_[0-9]{16}$",
        },
    )
    type = ma.fields.String(validate=ma.validate.OneOf(list(TYPES)), metadata={"description": "One type; else all."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))


@blueprint.get("/changes")
@blueprint.doc(operationId="listChanges")
@scoped("changes.read")
@blueprint.arguments(ChangesQuery, location="query")
@blueprint.response(200, ChangeListSchema)
def list_changes(query: dict[str, Any]) -> Any:
    """List changes in the order of their numbers.

    Numbers are given a few seconds after a change was committed, never before, so a reader who passes next_cursor on
    as `after` misses nothing, deletions included. An object that changed several times comes several times; only its
    present contents can be read. Keep next_cursor also when a page is empty.
    """
    kinds = [TYPES[query["type"]][0]] if "type" in query else [table for table, _ in TYPES.values()]
    with door().store.reading(caller().tenant_id) as session:
        found, has_more, last = changes.read(session, kinds, query.get("after", 0), query["limit"])
    record_release(
        "changes", "changes.read", people={one.object_id for one in found if one.kind == "person"}, rows=len(found)
    )
    cursor = _SEQ.format(last)
    body = {"data": [_shown(one) for one in found], "page": {"has_more": has_more, "next_cursor": cursor}}
    return body, cursors.link(cursor, "after") if has_more else {}


def _shown(one: Changed) -> dict[str, Any]:
    name, prefix = _OUTSIDE[one.kind]
    return {
        "seq": _SEQ.format(one.seq),
        "type": name,
        "action": one.action,
        "id": public_id(prefix, one.object_id),
        "version": one.version,
        "at": one.at,
    }
