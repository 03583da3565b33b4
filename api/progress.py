"""``GET /v1/progress``: who has done what, how far, and whether the grade arrived. The main feed."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import marshmallow as ma
from sqlalchemy.orm import Session

from api import cursors, grades
from api.arguments import QuerySchema, StrictBlueprint
from api.auth import caller, scoped
from api.door import door
from api.releases import record_release
from api.schemas import Instant, ProgressItemSchema, ProgressListSchema, PublicId
from framework.errors import Invalid, NotFound
from framework.store import editions, sections
from framework.store import progress as stored
from framework.store.columns import parse_public_id
from framework.store.progress import Place, ProgressFilter, ProgressRecord
from framework.store.sessions import now

OVERLAP = timedelta(seconds=10)  # longer than any transaction and any difference between our hosts' clocks
KEY = r"^[a-z0-9][a-z0-9._-]{0,99}$"

_About = dict[str, tuple[str | None, str | None]]  # activity key: (kind, quality key)

blueprint = StrictBlueprint("Progress", __name__, url_prefix="/v1", description="Who has done which activity.")


class ProgressQuery(QuerySchema):
    """Filters of the list. All given ones must hold."""

    platform_id = PublicId("plt")
    course_id = PublicId("crs")
    person_id = PublicId("prs")
    activity = ma.fields.String(
        validate=ma.validate.Regexp(KEY, error="Use an activity key, for example self-belief."),
        metadata={"description": "An activity_key."},
    )
    quality = ma.fields.String(
        validate=ma.validate.Regexp(KEY, error="Use the key of a quality, for example self-belief."),
        metadata={"description": "All activities about a quality, by the newest edition of each framework."},
    )
    status = ma.fields.String(validate=ma.validate.OneOf(["in_progress", "completed"]))
    section = ma.fields.String(
        validate=ma.validate.Length(1, 255),
        metadata={"description": "The LMS's id of a section or group; only with course_id."},
    )
    updated_since = Instant(
        metadata={"description": "Rows changed at or after this moment; how to keep up is said with this endpoint."}
    )
    updated_before = Instant(metadata={"description": "Rows changed before this moment."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1000))
    cursor = ma.fields.String(metadata={"description": "next_cursor of the page before, with the same filters."})

    @ma.validates_schema
    def _section_of_a_course(self, data: dict[str, Any], **_: Any) -> None:
        if "section" in data and "course_id" not in data:
            raise ma.ValidationError("Send course_id too: two courses may use the same id.", "section")


@blueprint.get("/progress")
@blueprint.doc(operationId="listProgress")
@scoped("progress.read")
@blueprint.arguments(ProgressQuery, location="query")
@blueprint.response(200, ProgressListSchema)
def list_progress(query: dict[str, Any]) -> Any:
    """List progress, one row per person and activity.

    Rows come by (updated_at, id). A row that changes while you walk comes again later in the same walk, so keep the
    last one you saw of each id. Rows that do not change come exactly once.

    **Keeping up.** Walk once without updated_since and keep meta.as_of. From then on walk with updated_since set to
    the as_of of your last *complete* walk. as_of is 10 seconds before your first page was read, and is the same on all
    pages of a walk. The reason: a row gets its updated_at a moment before others can see it, so a time read off the
    rows or off your own clock would in the end miss one. Nothing newer than as_of is held back: you may get a row
    twice, and never lose one.

    With updated_since you also get rows that are older themselves, but whose grade_delivery has changed since. They
    come last, by the time of that change.

    A row is in the window of its newest change. Titles are as they are now; a new title alone does not bring a row
    again. Deleted rows are told by /v1/changes.
    """
    place = cursors.resume(query.pop("cursor", None))
    as_of = datetime.fromisoformat(place["a"]) if place else now() - OVERLAP
    with door().store.reading(caller().tenant_id) as session:
        wanted = _filter(session, query)
        records, has_more = stored.page(session, wanted, _place(place), query["limit"])
        data = _shown(session, records)
    record_release("progress", "progress.read", people={one.person_id for one in records}, rows=len(records))
    cursor = _cursor(records[-1].place, as_of) if has_more else None
    body = {"data": data, "page": {"has_more": has_more, "next_cursor": cursor}, "meta": {"as_of": as_of}}
    return body, cursors.link(cursor) if cursor else {}


@blueprint.get("/progress/<progress_id>")
@blueprint.doc(operationId="readProgress")
@scoped("progress.read")
@blueprint.response(200, ProgressItemSchema)
def one_progress(progress_id: str) -> Any:
    """Read one row of progress."""
    wanted = ProgressFilter(progress_id=parse_public_id("prg", progress_id))
    if wanted.progress_id is None:
        raise NotFound("There is no such progress.")
    with door().store.reading(caller().tenant_id) as session:
        records, _ = stored.page(session, wanted, None, 1)
        data = _shown(session, records)
    if not data:
        raise NotFound("There is no such progress.")
    record_release(progress_id, "progress.read", people={records[0].person_id}, rows=1)
    return {"data": data[0]}


def _filter(session: Session, query: dict[str, Any]) -> ProgressFilter:
    return ProgressFilter(
        platform_id=query.get("platform_id"),
        context_id=query.get("course_id"),
        person_id=query.get("person_id"),
        activity_key=query.get("activity"),
        activities=_activities(session, query["quality"]) if "quality" in query else None,
        status=query.get("status"),
        section=query.get("section"),
        since=query.get("updated_since"),
        before=query.get("updated_before"),
    )


def _activities(session: Session, quality: str) -> list[tuple[str, str]]:
    """The (framework, activity) keys about a quality. Raises Invalid for a quality that no framework has."""
    found, known = [], False
    for framework_key in editions.frameworks(session):
        _, catalogue = editions.current(session, framework_key)
        known = known or any(one.key == quality for one in catalogue.qualities)
        found += [(framework_key, one.key) for one in catalogue.activities if one.quality_key == quality]
    if not known:
        raise Invalid(f"There is no quality called {quality}.", field="quality")
    return found


def _shown(session: Session, records: Sequence[ProgressRecord]) -> list[dict[str, Any]]:
    """Records with what only their edition knows: type and quality of the activity."""
    editions_used = {one.edition_id for one in records if one.edition_id}
    abouts: dict[uuid.UUID | None, _About] = {used: _about(session, used) for used in editions_used}
    titles = sections.titles(session, {one.course_id for one in records if one.sections})
    shown = []
    for one in records:
        kind, quality = abouts.get(one.edition_id, {}).get(one.activity_key, (one.kind, None))
        fields = {name: getattr(one, name) for name in ProgressRecord.__slots__}
        fields["sections"] = [{"id": id_, "title": titles.get((one.course_id, id_))} for id_ in one.sections or ()]
        shown.append(
            {**fields, "activity_type": kind, "quality": quality, "grade_delivery": grades.shown(one.delivery)}
        )
    return shown


def _about(session: Session, edition_id: uuid.UUID) -> _About:
    return {one.key: (one.kind, one.quality_key) for one in editions.catalogue(session, edition_id).activities}


def _place(kept: Any) -> Place | None:
    return Place(kept["p"], datetime.fromisoformat(kept["k"]), uuid.UUID(kept["i"])) if kept else None


def _cursor(place: Place, as_of: datetime) -> str:
    return cursors.seal({"p": place.part, "k": place.at.isoformat(), "i": place.id.hex, "a": as_of.isoformat()})
