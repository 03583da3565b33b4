"""AGS line items the Canvas way: plain addresses, real paging, JSON errors."""

import json
import time
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import access_tokens, faults, gradebook, json_bodies, media_types, placements, platforms, store
from tests.demo_lms.gradebook import LineItem
from tests.demo_lms.paging import Page
from tests.demo_lms.platforms import SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, Platform
from tests.demo_lms.refusals import canvas_refusal
from tests.demo_lms.scores_canvas import line_item

blueprint = Blueprint("ags_canvas", __name__, url_prefix="/<any(canvas):platform>/api/lti")
CONTAINER = "/courses/<int:course>/line_items"
ONE = CONTAINER + "/<int:line_item_id>"
LARGEST_PAGE = 100


@blueprint.get(CONTAINER)
@faults.endpoint("line_items")
def container(course: int) -> ResponseReturnValue:
    """The tool's columns, in pages."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    _check_accept(media_types.LINE_ITEM_CONTAINER)
    _check_course(platform, course)
    size = store.setting(platform.key, "line_item_page_size", 10)
    found = [item for item in gradebook.line_items(platform) if _fits(platform, item)]
    page = Page(found, platform.line_items_url, size, LARGEST_PAGE)
    body = json.dumps([shown(platform, item) for item in page.entries])
    return Response(body, headers=page.headers(), content_type=media_types.LINE_ITEM_CONTAINER)


def _check_accept(media_type: str) -> None:
    if not media_types.listed(request.headers.get("Accept", ""), media_type):
        raise canvas_refusal(406, f"Accept must name {media_type}")


def _check_course(platform: Platform, course: int) -> None:
    if str(course) != platform.course.id:
        raise canvas_refusal(404, "The specified resource does not exist.")


def _fits(platform: Platform, item: LineItem) -> bool:
    link = request.args.get("resource_link_id")
    placement = placements.find(platform, item.placement_id) if item.placement_id else None
    return (
        request.args.get("resource_id") in (None, item.resource_id)
        and request.args.get("tag") in (None, item.tag)
        and (link is None or (placement is not None and placement.lti_id == link))
    )


@blueprint.post(CONTAINER)
@faults.endpoint("line_items")
def create(course: int) -> ResponseReturnValue:
    """A column of the tool's own; on Canvas that is a new assignment."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM)
    _check_course(platform, course)
    body = _body()
    if not body.get("label"):
        raise canvas_refusal(422, "label can't be blank")
    if body.get("scoreMaximum") is None:
        raise canvas_refusal(422, "scoreMaximum can't be blank")
    placement_id = None
    if body.get("resourceLinkId"):
        placement = placements.find_by_lti_id(platform, str(body["resourceLinkId"]))
        if placement is None:
            raise canvas_refusal(404, "The specified resource does not exist.")
        if not gradebook.of_placement(placement.id):
            raise canvas_refusal(412, "The specified LTI link ID is not associated with a line item.")
        placement_id = placement.id
    item = LineItem(
        0, platform.key, placement_id, False, str(body["label"]), float(body["scoreMaximum"]),
        body.get("resourceId"), body.get("tag"), {"created_at": time.time()},
    )  # fmt: skip
    made = replace(item, id=gradebook.save(item))
    return Response(json.dumps(shown(platform, made)), 201, content_type=media_types.LINE_ITEM)


def _body() -> dict[str, Any]:
    if request.headers.get("Content-Type") not in (media_types.LINE_ITEM, "application/json"):
        raise canvas_refusal(415, f"Content-Type must be {media_types.LINE_ITEM}")
    body = json_bodies.parsed_object(request.get_data(as_text=True))
    if body is None:
        raise canvas_refusal(400, "The body is not a JSON object")
    maximum = body.get("scoreMaximum", 1)
    if isinstance(maximum, bool) or not isinstance(maximum, (int, float)) or maximum < 0:
        raise canvas_refusal(422, "scoreMaximum must be a number greater than or equal to 0")
    return body


@blueprint.get(ONE)
@faults.endpoint("line_item")
def read(course: int, line_item_id: int) -> ResponseReturnValue:
    """One column."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ)
    _check_accept(media_types.LINE_ITEM)
    item = line_item(platform, course, line_item_id)
    return Response(json.dumps(shown(platform, item)), content_type=media_types.LINE_ITEM)


@blueprint.put(ONE)
@faults.endpoint("line_item")
def update(course: int, line_item_id: int) -> ResponseReturnValue:
    """Change what the body names; a new label renames the assignment too."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM)
    item = line_item(platform, course, line_item_id)
    body = _body()
    changed = replace(
        item,
        label=str(body.get("label") or item.label),
        score_maximum=float(body.get("scoreMaximum", item.score_maximum)),
        resource_id=body.get("resourceId", item.resource_id),
        tag=body.get("tag", item.tag),
    )
    with store.transaction():
        gradebook.save(changed)
        if item.coupled and item.placement_id:
            store.change("UPDATE placement SET title = ? WHERE id = ?", changed.label, item.placement_id)
    return Response(json.dumps(shown(platform, changed)), content_type=media_types.LINE_ITEM)


@blueprint.delete(ONE)
@faults.endpoint("line_item")
def delete(course: int, line_item_id: int) -> ResponseReturnValue:
    """Remove a column that the tool made; the one that belongs to an activity stays."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_LINE_ITEM)
    item = line_item(platform, course, line_item_id)
    if item.coupled:
        raise canvas_refusal(401, "This line item belongs to its resource link and cannot be deleted.")
    gradebook.delete(item)
    return Response(status=204)


def shown(platform: Platform, item: LineItem) -> dict[str, Any]:
    """A column as Canvas shows it."""
    entry: dict[str, Any] = {
        "id": platform.line_item_url(item.id),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
    }
    entry |= {"resourceId": item.resource_id} if item.resource_id else {}
    entry |= {"tag": item.tag} if item.tag else {}
    placement = placements.find(platform, item.placement_id) if item.placement_id else None
    if placement is not None:
        entry["resourceLinkId"] = placement.lti_id
        entry["https://canvas.instructure.com/lti/launch_url"] = placement.url
    return entry
