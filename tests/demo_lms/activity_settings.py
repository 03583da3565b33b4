"""What an editor may change about an activity: its name, when it counts as done, and whether it is there."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tests.demo_lms import completion, gradebook, placements, platforms, sign_in
from tests.demo_lms.refusals import LmsError

blueprint = Blueprint(
    "activity_settings", __name__, url_prefix="/<any(moodle, canvas):platform>/activity/<int:placement_id>"
)


@blueprint.get("/settings")
def show(placement_id: int) -> ResponseReturnValue:
    """The form."""
    platform, _ = platforms.current(), sign_in.required(editor=True)
    placement = placements.required(platform, placement_id)
    rules = completion.rules(platform.key, graded=bool(gradebook.of_placement(placement.id)))
    return render_template("activity_settings.html", placement=placement, rules=rules, tab="course")


@blueprint.post("/settings")
def save(placement_id: int) -> ResponseReturnValue:
    """Keep what the form says."""
    platform, _ = platforms.current(), sign_in.required(editor=True)
    sign_in.check_form()
    placement = placements.required(platform, placement_id)
    title = request.form.get("title", "").strip()
    if not title or len(title) > placements.LONGEST_TITLE:
        raise LmsError(400, "The settings cannot be saved.", "Give the activity a name of at most 255 characters.")
    rules = completion.rules(platform.key, graded=bool(gradebook.of_placement(placement.id)))
    rule = request.form.get("completion", placement.completion)
    if rule not in rules:
        raise LmsError(400, "The settings cannot be saved.", "Choose one of the rules for when it is done.")
    attempts = _number("allowed_attempts", "Attempts allowed")
    placements.change(
        replace(
            placement, title=title, completion=rule, min_score=_number("min_score", "Points"),
            allowed_attempts=None if attempts is None else int(attempts),
        )
    )  # fmt: skip
    sign_in.say(f"The settings of “{title}” were saved.")
    return redirect(url_for("course.show"), 303)


def _number(name: str, label: str) -> float | None:
    text = request.form.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1_000_000:
        raise LmsError(400, "The settings cannot be saved.", f"{label}: give a number, not “{text}”.")
    return number


@blueprint.post("/delete")
def delete(placement_id: int) -> ResponseReturnValue:
    """Delete an activity with its grades."""
    platform, _ = platforms.current(), sign_in.required(editor=True)
    sign_in.check_form()
    placement = placements.required(platform, placement_id)
    placements.delete(placement)
    sign_in.say(f"“{placement.title}” was deleted, with its grades.")
    return redirect(url_for("course.show"), 303)
