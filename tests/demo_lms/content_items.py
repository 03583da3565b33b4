"""What a deep-linking response asks for, made into placements the way each platform does it."""

import re
from collections.abc import Sequence
from typing import Any

from tests.demo_lms.placements import LONGEST_TITLE, LineItemWish, Wish
from tests.demo_lms.platforms import Platform

RESOURCE_LINK = "ltiResourceLink"
HIGHEST_MAXIMUM = 100
TOOL_NAME = "Leadership tool"


class Unusable(Exception):
    """Why a content item cannot be saved, in words."""


def wishes(platform: Platform, items: Any) -> list[Wish]:
    """The placements to create, in order. Raises Unusable when the platform saves nothing at all."""
    if not isinstance(items, list) or any(not isinstance(item, dict) for item in items):
        raise Unusable("content_items must be a list of objects.")
    if platform.is_moodle:
        return _moodle(platform, [item for item in items if item.get("type")])
    return [_canvas(platform, item) for item in items]


def _moodle(platform: Platform, items: Sequence[dict[str, Any]]) -> list[Wish]:
    """One item is a form that refuses; of several, what a form would refuse is left out without a word."""
    found = []
    for item in items:
        # Whatever its type says, an item becomes an activity of the tool.
        title = re.sub(r"<[^>]*>", "", _text(item, "title")) or TOOL_NAME
        if len(title) > LONGEST_TITLE:
            if len(items) == 1:
                raise Unusable(f"The name is longer than {LONGEST_TITLE} characters.")
            continue
        wanted = item.get("lineItem")
        line_item = _line_item(wanted) if isinstance(wanted, dict) else None
        if line_item is not None and not _whole_points(line_item.score_maximum):
            if len(items) == 1:
                raise Unusable(f"The maximum grade must be a whole number from 1 to {HIGHEST_MAXIMUM}.")
            line_item = None
        found.append(_wish(platform, item, title, line_item))
    return found


def _whole_points(maximum: Any) -> bool:
    number = isinstance(maximum, (int, float)) and not isinstance(maximum, bool)
    return number and maximum == int(maximum) and 1 <= maximum <= HIGHEST_MAXIMUM


def _canvas(platform: Platform, item: dict[str, Any]) -> Wish:
    if item.get("type") != RESOURCE_LINK:
        raise Unusable(f"Content items of the type {item.get('type')!r} are not accepted here.")
    title = _text(item, "title") or TOOL_NAME
    if len(title) > LONGEST_TITLE:
        raise Unusable(f"A title is longer than {LONGEST_TITLE} characters.")
    wanted = item.get("lineItem")
    line_item = None
    if wanted is not None:
        maximum = wanted.get("scoreMaximum") if isinstance(wanted, dict) else None
        if isinstance(maximum, bool) or not isinstance(maximum, (int, float)) or maximum <= 0:
            raise Unusable("lineItem.scoreMaximum must be a number greater than 0.")
        line_item = _line_item(wanted)
    return _wish(platform, item, title, line_item)


def _line_item(wanted: dict[str, Any]) -> LineItemWish:
    words = {name: wanted.get(name) for name in ("resourceId", "tag", "label")}
    if any(value is not None and not isinstance(value, str) for value in words.values()):
        raise Unusable("lineItem.resourceId, tag and label must be strings.")
    return LineItemWish(wanted.get("scoreMaximum", 0), words["resourceId"], words["tag"], words["label"])


def _wish(platform: Platform, item: dict[str, Any], title: str, line_item: LineItemWish | None) -> Wish:
    custom = item.get("custom", {})
    if not isinstance(custom, dict):
        raise Unusable("custom must be an object.")
    icon = item.get("icon")
    return Wish(
        title=title,
        url=_text(item, "url") or platform.redirect_uri,
        text=_text(item, "text"),
        custom=custom,
        icon=_text(icon, "url") if isinstance(icon, dict) else "",
        line_item=line_item,
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        raise Unusable(f"{name} must be a string, or be left out.")
    return value
