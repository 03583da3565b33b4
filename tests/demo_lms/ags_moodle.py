"""AGS line items the Moodle way: ids with a query string, media types compared as strings."""

import json
import time
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import access_tokens, faults, gradebook, json_bodies, media_types, placements, platforms
from tests.demo_lms.gradebook import LineItem
from tests.demo_lms.platforms import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, Platform
from tests.demo_lms.refusals import ServiceRefusal, moodle_refusal
from tests.demo_lms.scores_moodle import line_item

blueprint = Blueprint("ags_moodle", __name__, url_prefix="/<any(moodle):platform>/services")
ONE = "/<int:course>/lineitems/<int:line_item_id>/lineitem"
LONGEST_LABEL = 255


@blueprint.get("/<int:course>/lineitems")
@faults.endpoint("line_items")
def container(course: int) -> ResponseReturnValue:
    """The tool's columns; with ``limit`` in pages whose Link header no parser reads."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM_READ)
    if request.headers.get("Accept", "") not in ("", media_types.LINE_ITEM_CONTAINER):
        raise moodle_refusal(400, "No context or unsupported content type")
    _check_course(platform, course)
    found = [item for item in gradebook.line_items(platform) if _fits(item)]
    limit = request.args.get("limit", 0, int)
    start = request.args.get("from", 0, int)
    headers = {}
    if limit > 0:
        if start + limit < len(found):
            headers["Link"] = _link(platform, limit, start + limit)
        found = found[start : start + limit]
    body = json.dumps([shown(platform, item) for item in found])
    return Response(body, headers=headers, content_type=media_types.LINE_ITEM_CONTAINER)


def _fits(item: LineItem) -> bool:
    link = request.args.get("resource_link_id")
    return (
        request.args.get("resource_id") in (None, item.resource_id)
        and request.args.get("tag") in (None, item.tag)
        and (link is None or link == str(item.placement_id or ""))
    )


def _link(platform: Platform, limit: int, start: int) -> str:
    # Typographic quotes and an escaped ampersand: measured, and kept, because tools must live with them.
    link = f"<{platform.line_items_url}&amp;limit={limit}&amp;from={start}>; rel=“next”"
    return link.encode().decode("latin-1")


def _check_course(platform: Platform, course: int) -> None:
    if str(course) != platform.course.id:
        raise moodle_refusal(404, f"Not Found: Course {course} doesn't exist")


@blueprint.post("/<int:course>/lineitems")
@faults.endpoint("line_items")
def create(course: int) -> ResponseReturnValue:
    """A column of the tool's own. The body comes back with an id, unknown members included."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM)
    if request.headers.get("Content-Type") != media_types.LINE_ITEM:
        raise moodle_refusal(400, "No context or unsupported content type")
    _check_course(platform, course)
    body = _body()
    item = LineItem(
        0, platform.key, _linked(platform, body), False, str(body["label"]), float(body["scoreMaximum"]),
        body.get("resourceId"), body.get("tag"), {"created_at": time.time()},
    )  # fmt: skip
    number = gradebook.save(item)
    answer = json.dumps(body | {"id": platform.line_item_url(number)})
    return Response(answer, 201, content_type=media_types.LINE_ITEM)


def _body() -> dict[str, Any]:
    body = json_bodies.parsed_object(request.get_data(as_text=True))
    if body is None or not body.get("label") or isinstance(body.get("scoreMaximum"), bool):
        raise moodle_refusal(400, "Incorrect line item received")
    try:
        float(body.get("scoreMaximum"))  # type: ignore[arg-type]  # what is no number raises, and is caught
    except (TypeError, ValueError) as error:
        raise moodle_refusal(400, "Incorrect line item received") from error
    if len(str(body["label"])) > LONGEST_LABEL:
        raise _database_error()
    return body


def _linked(platform: Platform, body: dict[str, Any]) -> int | None:
    link = body.get("resourceLinkId") or body.get("ltiLinkId")
    if link is None:
        return None
    if not str(link).isdigit():
        raise _database_error()
    placement = placements.find(platform, int(link))
    if placement is None:
        raise moodle_refusal(403, "Forbidden: the resource link is not of this tool")
    return placement.id


def _database_error() -> ServiceRefusal:
    """What a web server in front makes of Moodle's status 0."""
    return ServiceRefusal(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", media_type="text/html")


@blueprint.get(ONE)
@faults.endpoint("line_item")
def read(course: int, line_item_id: int) -> ResponseReturnValue:
    """One column."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM_READ)
    if request.headers.get("Accept", "") not in ("", "*/*", media_types.LINE_ITEM):
        raise moodle_refusal(400, "No handler found for this request")
    item = line_item(platform, course, line_item_id)
    return Response(json.dumps(shown(platform, item)), content_type=media_types.LINE_ITEM)


@blueprint.put(ONE)
@faults.endpoint("line_item")
def update(course: int, line_item_id: int) -> ResponseReturnValue:
    """The whole column anew: what the body leaves out is lost; a new maximum rescales the grades."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM)
    if request.headers.get("Content-Type") != media_types.LINE_ITEM:
        raise moodle_refusal(400, "No handler found for this request")
    item = line_item(platform, course, line_item_id)
    body = _body()
    maximum = float(body["scoreMaximum"])
    if maximum != item.score_maximum:
        gradebook.rescale(item, maximum)
    # The grade of an activity always bears the activity's name.
    label = item.label if item.coupled else str(body["label"])
    changed = replace(item, label=label, score_maximum=maximum, resource_id=body.get("resourceId"), tag=body.get("tag"))
    gradebook.save(changed)
    return Response(json.dumps(shown(platform, changed)), content_type=media_types.LINE_ITEM)


@blueprint.delete(ONE)
@faults.endpoint("line_item")
def delete(course: int, line_item_id: int) -> ResponseReturnValue:
    """Remove a column, also one that belongs to an activity."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM)
    gradebook.delete(line_item(platform, course, line_item_id))
    return Response(status=204)


def shown(platform: Platform, item: LineItem) -> dict[str, Any]:
    """A column as Moodle shows it."""
    entry: dict[str, Any] = {
        "id": platform.line_item_url(item.id),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
        "resourceId": item.resource_id or "",
        "tag": item.tag or "",
    }
    if item.placement_id is not None:
        entry |= {"resourceLinkId": str(item.placement_id), "ltiLinkId": str(item.placement_id)}
    return entry
