"""AGS scores and results the Moodle way.

A score is refused with 409 when the stored second is the same or later: for the placement's own grade
that is the LMS's clock when the grade last changed, for a column the tool made it is the tool's last
timestamp. Anything but FullyGraded erases the grade. The texts are in the status line, the body is ``[]``.
"""

import json
import time
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import (
    access_tokens,
    faults,
    gradebook,
    instants,
    json_bodies,
    media_types,
    people,
    platforms,
    score_log,
    store,
)
from tests.demo_lms.gradebook import Grade, LineItem
from tests.demo_lms.platforms import SCOPE_RESULT_READ, SCOPE_SCORE, Platform
from tests.demo_lms.refusals import ServiceRefusal, moodle_refusal

blueprint = Blueprint("scores_moodle", __name__, url_prefix="/<any(moodle):platform>/services")
LINE_ITEM = "/<int:course>/lineitems/<int:line_item_id>/lineitem"
REQUIRED = ("userId", "timestamp", "activityProgress", "gradingProgress")


def line_item(platform: Platform, course: int, line_item_id: int) -> LineItem:
    """The column of this course, or 404 with Moodle's words."""
    item = gradebook.find(platform, line_item_id)
    if item is None or str(course) != platform.course.id:
        raise moodle_refusal(404, f"Grade item {line_item_id} doesn't exist")
    return item


@blueprint.post(LINE_ITEM + "/scores")
@score_log.recorded
@faults.endpoint("scores")
def post(course: int, line_item_id: int) -> ResponseReturnValue:
    """Take one score."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_SCORE)
    if request.headers.get("Content-Type") != media_types.SCORE:
        raise moodle_refusal(400, "Unsupported content type")
    item = line_item(platform, course, line_item_id)
    score = _read()
    with store.transaction():
        _take(platform, item, score)
    return Response(status=200, content_type=media_types.SCORE)


def _read() -> dict[str, Any]:
    text = request.get_data(as_text=True)
    score = json_bodies.parsed_object(text)
    if score is None or any(score.get(name) in (None, "") for name in REQUIRED):
        raise _incorrect(text)
    if score.get("scoreGiven") is not None and score.get("scoreMaximum") is None:
        raise _incorrect(text)
    numbers = [score[name] for name in ("scoreGiven", "scoreMaximum") if score.get(name) is not None]
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers):
        raise _incorrect(text)
    if instants.parsed(score["timestamp"]) is None:
        raise _incorrect(text)
    return score


def _incorrect(text: str) -> ServiceRefusal:
    return moodle_refusal(400, f"Incorrect score received{text}")


def _take(platform: Platform, item: LineItem, score: dict[str, Any]) -> None:
    user_id = str(score["userId"])
    if not user_id.isdigit():
        raise ServiceRefusal(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", media_type="text/html")
    person = people.find(platform.key, "id", user_id)
    if person is None or not person.is_learner or person.status == "removed":
        raise _incorrect(json.dumps(score))
    stamp = int(instants.parsed(score["timestamp"]) or 0)
    old = gradebook.grade(item.id, person.id)
    if old.modified is not None and int(old.modified) >= stamp:
        raise moodle_refusal(409, "Refusing score with an earlier timestamp for item")
    new = replace(old, activity_progress=score["activityProgress"], grading_progress=score["gradingProgress"])
    if score["gradingProgress"] != "FullyGraded" or score.get("scoreGiven") is None:
        final = old.final if old.overridden else None
        gradebook.save_grade(replace(new, raw=None, final=final, comment=None, modified=None, graded_by=None))
        return
    gradebook.save_grade(_graded(item, new, score, stamp))


def _graded(item: LineItem, grade: Grade, score: dict[str, Any], stamp: int) -> Grade:
    maximum = score["scoreMaximum"]
    given = float(score["scoreGiven"])
    raw = round(given * item.score_maximum / maximum, 5) if maximum else given
    final = min(max(raw, 0.0), item.score_maximum)
    comment = score.get("comment") or None
    overridden = item.coupled and grade.overridden
    if overridden:
        final = grade.final if grade.final is not None else final
    if (raw, final, comment) == (grade.raw, grade.final, grade.comment):
        return grade
    modified = time.time() if item.coupled else float(stamp)
    return replace(
        grade, raw=raw, final=final, comment=comment, modified=modified, overridden=overridden,
        graded_by="teacher" if overridden else "tool",
    )  # fmt: skip


def edited_by_teacher(item: LineItem, person_id: str, points: float | None) -> Grade:
    """A teacher's own grade: on the placement's grade it overrides the tool's, on others it just replaces."""
    old = gradebook.grade(item.id, person_id)
    if points is None:
        return replace(old, final=old.raw if item.coupled else None, overridden=False, modified=time.time())
    raw = old.raw if item.coupled else points
    return replace(old, raw=raw, final=points, overridden=item.coupled, graded_by="teacher", modified=time.time())


@blueprint.get(LINE_ITEM + "/results")
@faults.endpoint("results")
def results(course: int, line_item_id: int) -> ResponseReturnValue:
    """The final grades. ``limit`` crashes, as it does there."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_RESULT_READ)
    if request.headers.get("Accept", "") not in ("", "*/*", media_types.RESULT_CONTAINER):
        raise moodle_refusal(400, "No handler found for this request")
    item = line_item(platform, course, line_item_id)
    if "limit" in request.args:
        crash = "<!DOCTYPE html><html><body><p>Exception - Call to a member function out() on null</p></body></html>"
        raise ServiceRefusal(404, crash, media_type="text/html; charset=utf-8")
    wanted = request.args.get("user_id")
    found = [
        _result(platform, item, grade)
        for grade in gradebook.grades(item.id)
        if grade.final is not None and wanted in (None, grade.person_id)
    ]
    return Response(json.dumps(found), content_type=media_types.RESULT_CONTAINER)


@blueprint.route(LINE_ITEM + "/scores", methods=["GET"])
def no_scores_to_read(course: int, line_item_id: int) -> ResponseReturnValue:
    """Scores can only be posted."""
    raise moodle_refusal(405, "Method Not Allowed")


def _result(platform: Platform, item: LineItem, grade: Grade) -> dict[str, Any]:
    address = platform.line_item_url(item.id, "/results")
    result = {
        "id": f"{address}&user_id={grade.person_id}",
        "userId": grade.person_id,
        "resultScore": grade.final,
        "resultMaximum": item.score_maximum,
        "scoreOf": platform.line_item_url(item.id),
        "timestamp": instants.written(grade.modified or time.time()),
    }
    return result | ({"comment": grade.comment} if grade.comment else {})
