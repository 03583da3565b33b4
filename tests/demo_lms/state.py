"""The LMS's whole state as JSON, and the way back to an empty course."""

import json
from typing import Any

from tests.demo_lms import completion, custom_parameters, gradebook, people, placements, platforms, store
from tests.demo_lms.gradebook import Grade, LineItem
from tests.demo_lms.people import Person
from tests.demo_lms.placements import LineItemWish, Placement, Wish
from tests.demo_lms.platforms import Platform

FORGOTTEN = (
    "grade", "line_item", "viewed", "placement", "score_post", "launch_hint", "selection",
    "used_once", "fault", "counter", "person", "person_group", "tool_key_set",
)  # fmt: skip
COUNTERS = ("token_requests", "jwks_fetches", "tool_jwks_fetches", "id_tokens", "roster_reads")
LINE_ITEM_FIELDS = ("score_maximum", "resource_id", "tag", "label")
PLACE_FIELDS = (
    "platform", "title", "url", "text", "custom", "line_item", "completion", "min_score", "allowed_attempts",
)  # fmt: skip
COMPLETION = {"moodle": ("view", "grade", "pass"), "canvas": ("view", "submit", "min_score")}


def of(platform: Platform) -> dict[str, Any]:
    """One platform: placements, line items with grades, scores received, completion, people, counters."""
    persons = _persons(platform)
    placed = placements.in_course(platform)
    counted = {
        row["name"]: row["value"] for row in store.every("SELECT * FROM counter WHERE platform = ?", platform.key)
    }
    return {
        "course": {
            "id": platform.course.id, "lti_id": platform.course.lti_id, "title": platform.course.title,
            "line_items_url": platform.line_items_url, "memberships_url": platform.memberships_url,
        },
        "placements": [placement(platform, one) for one in placed],
        "line_items": [_line_item(platform, one, persons) for one in gradebook.line_items(platform)],
        "scores": [_score(row, persons) for row in _score_rows(platform)],
        "completion": {
            str(one.id): {
                person.slug: completion.done(one, person.id) for person in persons.values() if person.is_learner
            }
            for one in placed
        },
        "people": [
            {"id": one.id, "lti_id": one.lti_id, "slug": one.slug, "name": one.name, "role": one.role,
             "status": one.status, "groups": people.groups_of(platform.key, one.slug)}
            for one in persons.values()
        ],
        "faults": [one for one in waiting_faults() if one.get("platform") in (None, platform.key)],
    } | {name: counted.get(name, 0) for name in COUNTERS}  # fmt: skip


def _persons(platform: Platform) -> dict[str, Person]:
    rows = store.every("SELECT * FROM person WHERE platform = ? ORDER BY CAST(id AS INTEGER)", platform.key)
    return {row["id"]: Person(**dict(row)) for row in rows}


def _score_rows(platform: Platform) -> list[Any]:
    return store.every("SELECT * FROM score_post WHERE platform = ? ORDER BY id", platform.key)


def _score(row: Any, persons: dict[str, Person]) -> dict[str, Any]:
    try:
        body = json.loads(row["body"])
    except ValueError:
        body = row["body"]
    user_id = str(body.get("userId")) if isinstance(body, dict) else ""
    found = [person.slug for person in persons.values() if user_id in (person.lti_id, person.id)]
    return {
        "person": found[0] if found else None,
        "line_item": row["line_item_id"], "received_at": row["received_at"], "body": body,
        "status": row["status"], "answer": row["answer"],
    }  # fmt: skip


def placement(platform: Platform, one: Placement) -> dict[str, Any]:
    """One placement with its line items, their grades, and its custom parameters as kept."""
    persons = _persons(platform)
    return {
        "id": one.id,
        "lti_id": one.lti_id,
        "title": one.title,
        "text": one.text,
        "url": one.url,
        "custom": custom_parameters.as_kept(platform.key, one.custom),
        "completion": one.completion,
        "line_items": [_line_item(platform, item, persons) for item in gradebook.of_placement(one.id)],
    }


def _line_item(platform: Platform, item: LineItem, persons: dict[str, Person]) -> dict[str, Any]:
    return {
        "id": item.id, "url": platform.line_item_url(item.id), "label": item.label, "coupled": item.coupled,
        "score_maximum": item.score_maximum, "resource_id": item.resource_id, "tag": item.tag,
        "placement_id": item.placement_id,
        "grades": {
            persons[grade.person_id].slug: _grade(grade)
            for grade in gradebook.grades(item.id)
            if grade.person_id in persons
        },
    }  # fmt: skip


def _grade(grade: Grade) -> dict[str, Any]:
    return {
        "final": grade.final, "raw": grade.raw, "comment": grade.comment, "overridden": grade.overridden,
        "graded_by": grade.graded_by, "modified": grade.modified, "attempts": grade.attempts,
        "submitted_at": grade.submitted_at, "activity_progress": grade.activity_progress,
        "grading_progress": grade.grading_progress,
    }  # fmt: skip


def waiting_faults() -> list[dict[str, Any]]:
    """The faults that are still to come, oldest first."""
    rows = store.every("SELECT * FROM fault WHERE remaining > 0 ORDER BY id")
    return [json.loads(row["document"]) | {"times": row["remaining"]} for row in rows]


def forget() -> None:
    """Begin a new term: empty everything but keys, access tokens and the server's secret. No id comes twice, so a
    tool that has known the people of an earlier term knows none of these."""
    with store.transaction():
        for table in FORGOTTEN:
            store.change(f"DELETE FROM {table}")  # noqa: S608 (names from the constant above)
        store.change("DELETE FROM setting WHERE platform != ''")
        platforms.begin_term()
        people.seed()


def wish(platform: Platform, body: dict[str, Any]) -> Wish:
    """The placement a test asks for. Raises ValueError with what is wrong."""
    unknown = sorted(set(body) - set(PLACE_FIELDS))
    if unknown:
        raise ValueError(f"A placement has no {', '.join(unknown)}; it has {', '.join(PLACE_FIELDS)}.")
    custom = body.get("custom", {})
    if not isinstance(custom, dict):
        raise ValueError("custom must be an object.")
    rule = body.get("completion")
    if rule not in (None, *COMPLETION[platform.key]):
        raise ValueError(f"completion must be one of {', '.join(COMPLETION[platform.key])}.")
    return Wish(
        title=str(body.get("title") or "An activity"),
        url=str(body.get("url") or platform.redirect_uri),
        text=str(body.get("text", "")),
        custom=custom,
        line_item=_line_item_wish(body.get("line_item")),
        completion=rule,
        min_score=body.get("min_score"),
        allowed_attempts=body.get("allowed_attempts"),
    )


def _line_item_wish(asked: Any) -> LineItemWish | None:
    if asked in (None, False):
        return None
    if asked is True:
        return LineItemWish(100)
    if isinstance(asked, (int, float)):
        return LineItemWish(float(asked))
    if not isinstance(asked, dict) or set(asked) - set(LINE_ITEM_FIELDS):
        raise ValueError(f"line_item must be true, a maximum, or an object of {', '.join(LINE_ITEM_FIELDS)}.")
    values: dict[str, Any] = {"score_maximum": 100} | asked
    return LineItemWish(**values)
