"""Activities in a course: resource links, with what the tool asked to keep about each."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from tests.demo_lms import custom_parameters, store
from tests.demo_lms.platforms import Platform
from tests.demo_lms.refusals import LmsError

LONGEST_TITLE = 255


@dataclass(frozen=True)
class Placement:
    """One activity. ``lti_id`` is the resource link id of launches; ``custom`` is in the platform's format."""

    id: int
    platform: str
    lti_id: str
    title: str
    text: str
    url: str
    custom: str
    icon: str
    completion: str
    min_score: float | None
    allowed_attempts: int | None


@dataclass(frozen=True)
class LineItemWish:
    """The grade column that shall come with a placement."""

    score_maximum: float
    resource_id: str | None = None
    tag: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Wish:
    """What a new placement shall be. ``completion`` None takes the platform's usual rule."""

    title: str
    url: str
    text: str = ""
    custom: dict[str, Any] | None = None
    icon: str = ""
    line_item: LineItemWish | None = None
    completion: str | None = None
    min_score: float | None = None
    allowed_attempts: int | None = None


def create(platform: Platform, wish: Wish) -> Placement:
    """Put an activity at the end of the course, with its grade column if one is wished."""
    write = custom_parameters.moodle_lines if platform.is_moodle else json.dumps
    completion = wish.completion or _usual_completion(platform, wish.line_item is not None)
    with store.transaction():
        cursor = store.change(
            "INSERT INTO placement (platform, lti_id, title, text, url, custom, icon, completion, min_score,"
            " allowed_attempts) VALUES (?, '', ?, ?, ?, ?, ?, ?, ?, ?)",
            platform.key, wish.title, wish.text, wish.url, write(wish.custom or {}), wish.icon, completion,
            wish.min_score, wish.allowed_attempts,
        )  # fmt: skip
        number = cursor.lastrowid or 0
        lti_id = str(number) if platform.is_moodle else _uuid()
        store.change("UPDATE placement SET lti_id = ? WHERE id = ?", lti_id, number)
        if wish.line_item is not None:
            item = wish.line_item
            # Moodle names the grade item like the activity, whatever the label says.
            label = wish.title if platform.is_moodle else item.label or wish.title
            store.change(
                "INSERT INTO line_item (platform, placement_id, coupled, label, score_maximum, resource_id, tag)"
                " VALUES (?, ?, 1, ?, ?, ?, ?)",
                platform.key, number, label, item.score_maximum, item.resource_id, item.tag,
            )  # fmt: skip
    placement = find(platform, number)
    if placement is None:
        raise LookupError("the placement just made is gone")
    return placement


def _usual_completion(platform: Platform, graded: bool) -> str:
    if not graded:
        return "view"
    return "grade" if platform.is_moodle else "submit"


def _uuid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], "4" + text[13:16], "8" + text[17:20], text[20:]))


def in_course(platform: Platform) -> list[Placement]:
    """All activities of the platform's course, in the order they were added."""
    rows = store.every("SELECT * FROM placement WHERE platform = ? ORDER BY id", platform.key)
    return [Placement(**dict(row)) for row in rows]


def find(platform: Platform, placement_id: int) -> Placement | None:
    """One activity of this platform, or None."""
    row = store.one("SELECT * FROM placement WHERE id = ? AND platform = ?", placement_id, platform.key)
    return None if row is None else Placement(**dict(row))


def required(platform: Platform, placement_id: int) -> Placement:
    """One activity of this platform. Raises LmsError, a page for people, when it is gone."""
    placement = find(platform, placement_id)
    if placement is None:
        raise LmsError(404, "This activity does not exist any more.", "Somebody may have deleted it.")
    return placement


def change(placement: Placement) -> None:
    """Keep an activity's new name and rules. Moodle's grade column bears the activity's name."""
    with store.transaction():
        store.change(
            "UPDATE placement SET title = ?, completion = ?, min_score = ?, allowed_attempts = ? WHERE id = ?",
            placement.title, placement.completion, placement.min_score, placement.allowed_attempts, placement.id,
        )  # fmt: skip
        store.change("UPDATE line_item SET label = ? WHERE placement_id = ? AND coupled", placement.title, placement.id)


def find_by_lti_id(platform: Platform, lti_id: str) -> Placement | None:
    """One activity by its resource link id, or None."""
    row = store.one("SELECT * FROM placement WHERE lti_id = ? AND platform = ?", lti_id, platform.key)
    return None if row is None else Placement(**dict(row))


def delete(placement: Placement) -> None:
    """Remove an activity with its grade columns and grades; the LMS forgets them, as Moodle does."""
    with store.transaction():
        store.change("DELETE FROM placement WHERE id = ?", placement.id)


def mark_viewed(placement: Placement, person_id: str) -> None:
    """Remember that somebody opened the activity."""
    store.change("INSERT OR IGNORE INTO viewed VALUES (?, ?)", placement.id, person_id)
