"""AGS scores and results the Canvas way.

A timestamp older than the last one is refused with 400, an equal one is taken. NotReady, Failed, Pending
and a missing scoreGiven reset the grade unless the extension says ``preserve_score``. Each score is a new
submission unless the extension says otherwise; ``prioritize_non_tool_grade`` leaves a teacher's grade alone.
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
    placements,
    platforms,
    score_log,
    store,
)
from tests.demo_lms.gradebook import Grade, LineItem
from tests.demo_lms.paging import Page
from tests.demo_lms.people import Person
from tests.demo_lms.platforms import SCOPE_RESULT_READ, SCOPE_SCORE, Platform
from tests.demo_lms.refusals import canvas_refusal

blueprint = Blueprint("scores_canvas", __name__, url_prefix="/<any(canvas):platform>/api/lti")
LINE_ITEM = "/courses/<int:course>/line_items/<int:line_item_id>"
EXTENSION = "https://canvas.instructure.com/lti/submission"
REQUIRED = ("userId", "activityProgress", "gradingProgress", "timestamp")
ACTIVITY_PROGRESS = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING_PROGRESS = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")
SCORE_COUNTS = ("FullyGraded", "PendingManual")
FUTURE_SECONDS = 60
LARGEST_PAGE = 100


def line_item(platform: Platform, course: int, line_item_id: int) -> LineItem:
    """The column of this course, or 404."""
    item = gradebook.find(platform, line_item_id)
    if item is None or str(course) != platform.course.id:
        raise canvas_refusal(404, "The specified resource does not exist.")
    return item


@blueprint.post(LINE_ITEM + "/scores")
@score_log.recorded
@faults.endpoint("scores")
def post(course: int, line_item_id: int) -> ResponseReturnValue:
    """Take one score."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_SCORE)
    if request.headers.get("Content-Type") not in (media_types.SCORE, "application/json"):
        raise canvas_refusal(415, f"Content-Type must be {media_types.SCORE}")
    item = line_item(platform, course, line_item_id)
    score = json_bodies.parsed_object(request.get_data(as_text=True))
    if score is None:
        raise canvas_refusal(400, "The body is not a JSON object")
    with store.transaction():
        person = _learner(platform, score.get("userId"))
        old = gradebook.grade(item.id, person.id)
        _check(score, old)
        new = _submitted(platform, item, old, score)
        gradebook.save_grade(_graded(item, new, score))
    result = {"resultUrl": platform.line_item_url(item.id, f"/results/{person.id}")}
    return Response(json.dumps(result), content_type=media_types.SCORE)


def _learner(platform: Platform, user_id: Any) -> Person:
    if user_id in (None, ""):
        raise canvas_refusal(400, "param is missing or the value is empty: userId")
    person = people.find(platform.key, "lti_id", str(user_id)) or people.find(platform.key, "id", str(user_id))
    if person is None or not person.is_learner or person.status != "active":
        raise canvas_refusal(422, "User not found in course or is not a student")
    return person


def _check(score: dict[str, Any], old: Grade) -> None:
    for name in REQUIRED:
        if score.get(name) in (None, ""):
            raise canvas_refusal(400, f"param is missing or the value is empty: {name}")
    if score["activityProgress"] not in ACTIVITY_PROGRESS or score["gradingProgress"] not in GRADING_PROGRESS:
        raise canvas_refusal(422, "activityProgress or gradingProgress is not included in the list")
    stamp = instants.parsed(score["timestamp"])
    if stamp is None:
        raise canvas_refusal(400, f"Provided timestamp of {score['timestamp']} not a valid timestamp")
    if old.modified is not None and stamp < old.modified:
        last = instants.written(old.modified, milliseconds=True)
        text = f"Provided timestamp of {score['timestamp']} before last updated timestamp of {last}"
        raise canvas_refusal(400, text)
    if score.get("scoreGiven") is not None:
        if score.get("scoreMaximum") is None:
            raise canvas_refusal(422, "ScoreMaximum not supplied when ScoreGiven present.")
        if not _number(score["scoreGiven"]) or not _number(score["scoreMaximum"]) or score["scoreMaximum"] < 0:
            raise canvas_refusal(422, "ScoreMaximum must be greater than or equal to 0")
    submitted = _submitted_text(score)
    if submitted is not None:
        moment = instants.parsed(submitted)
        if moment is None or moment > time.time() + FUTURE_SECONDS:
            wrong = "not a valid timestamp" if moment is None else "in the future"
            raise canvas_refusal(400, f"Provided submitted_at timestamp of {submitted} {wrong}")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _extension(score: dict[str, Any]) -> dict[str, Any]:
    extension = score.get(EXTENSION)
    return extension if isinstance(extension, dict) else {}


def _submitted_text(score: dict[str, Any]) -> Any:
    standard = score.get("submission")
    own = standard.get("submittedAt") if isinstance(standard, dict) else None
    return own if own is not None else _extension(score).get("submitted_at")


def _submitted(platform: Platform, item: LineItem, old: Grade, score: dict[str, Any]) -> Grade:
    """The grade with a new submission counted, if this score is one."""
    extension = _extension(score)
    is_new = extension.get("new_submission", extension.get("submission_type") != "none")
    if is_new in (False, "false", 0):
        return old
    moment = instants.parsed(_submitted_text(score)) or time.time()
    if old.submitted_at is not None and moment == old.submitted_at:
        return old
    placement = placements.find(platform, item.placement_id) if item.placement_id else None
    allowed = placement.allowed_attempts if placement else None
    if allowed is not None and old.attempts >= allowed:
        text = "The maximum number of allowed attempts has been reached for this submission"
        raise canvas_refusal(422, text)
    return replace(old, attempts=old.attempts + 1, submitted_at=moment)


def _graded(item: LineItem, grade: Grade, score: dict[str, Any]) -> Grade:
    extension = _extension(score)
    new = replace(
        grade,
        modified=instants.parsed(score["timestamp"]),
        activity_progress=score["activityProgress"],
        grading_progress=score["gradingProgress"],
        comment=score.get("comment") or grade.comment,
    )
    if grade.graded_by == "teacher" and extension.get("prioritize_non_tool_grade") is True:
        return new
    if score["gradingProgress"] not in SCORE_COUNTS or score.get("scoreGiven") is None:
        kept = extension.get("preserve_score") is True
        return new if kept else replace(new, raw=None, final=None, graded_by=None)
    maximum = score["scoreMaximum"]
    points = score["scoreGiven"] * (item.score_maximum / maximum if maximum else 1)
    return replace(new, raw=points, final=points, graded_by="tool")


def edited_by_teacher(item: LineItem, person_id: str, points: float | None) -> Grade:
    """A teacher's own grade; the tool's next score replaces it unless it says ``prioritize_non_tool_grade``."""
    old = gradebook.grade(item.id, person_id)
    return replace(old, raw=points, final=points, graded_by=None if points is None else "teacher")


@blueprint.get(LINE_ITEM + "/results")
@faults.endpoint("results")
def results(course: int, line_item_id: int) -> ResponseReturnValue:
    """The current grades, in pages."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_RESULT_READ)
    item = line_item(platform, course, line_item_id)
    found = [_result(platform, item, grade) for grade in gradebook.grades(item.id) if grade.modified is not None]
    wanted = request.args.get("user_id")
    if wanted is not None and not store.setting(platform.key, "ignores_result_filter", False):
        person = people.find(platform.key, "lti_id", wanted) or people.find(platform.key, "id", wanted)
        found = [one for one in found if person is not None and one["userId"] == person.lti_id]
    size = store.setting(platform.key, "result_page_size", 50)
    page = Page(found, platform.line_item_url(item.id, "/results"), size, LARGEST_PAGE)
    return Response(json.dumps(page.entries), headers=page.headers(), content_type=media_types.RESULT_CONTAINER)


@blueprint.get(LINE_ITEM + "/results/<person_id>")
@faults.endpoint("results")
def result(course: int, line_item_id: int, person_id: str) -> ResponseReturnValue:
    """One person's grade."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_RESULT_READ)
    item = line_item(platform, course, line_item_id)
    grade = gradebook.grade(item.id, person_id)
    if grade.modified is None:
        raise canvas_refusal(404, "The specified resource does not exist.")
    return Response(json.dumps(_result(platform, item, grade)), content_type=media_types.RESULT_CONTAINER)


def _result(platform: Platform, item: LineItem, grade: Grade) -> dict[str, Any]:
    person = people.find(platform.key, "id", grade.person_id)
    result: dict[str, Any] = {
        "id": platform.line_item_url(item.id, f"/results/{grade.person_id}"),
        "scoreOf": platform.line_item_url(item.id),
        "userId": person.lti_id if person else grade.person_id,
        "resultScore": grade.final,
        "resultMaximum": item.score_maximum,
    }
    return result | ({"comment": grade.comment} if grade.comment else {})
