"""The pages of a course: activities, one activity, grades, completion, people."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tests.demo_lms import (
    completion,
    gradebook,
    people,
    placements,
    platforms,
    scores_canvas,
    scores_moodle,
    sign_in,
    store,
)
from tests.demo_lms.placements import Placement
from tests.demo_lms.refusals import LmsError

blueprint = Blueprint("course", __name__, url_prefix="/<any(moodle, canvas):platform>")


@blueprint.get("/course")
def show() -> ResponseReturnValue:
    """The activities; a learner sees their own grades and what is done."""
    platform, me = platforms.current(), sign_in.required()
    activities = []
    for placement in placements.in_course(platform):
        items = gradebook.of_placement(placement.id)
        own = next((item for item in items if item.coupled), None)
        grade = gradebook.grade(own.id, me.id) if own else None
        activities.append((placement, own, grade, completion.done(placement, me.id)))
    return render_template("course.html", activities=activities, rule=completion.rule, tab="course")


@blueprint.get("/activity/<int:placement_id>")
def activity(placement_id: int) -> ResponseReturnValue:
    """One activity in its frame."""
    sign_in.required()
    placement = _placement(placement_id)
    return render_template("activity.html", placement=placement, tab="course")


def _placement(placement_id: int) -> Placement:
    placement = placements.find(platforms.current(), placement_id)
    if placement is None:
        raise LmsError(404, "This activity does not exist any more.", "Your teacher may have deleted it.")
    return placement


@blueprint.post("/activity/<int:placement_id>/delete")
def delete(placement_id: int) -> ResponseReturnValue:
    """Delete an activity with its grades."""
    sign_in.required(editor=True)
    sign_in.check_form()
    placement = _placement(placement_id)
    placements.delete(placement)
    sign_in.say(f"“{placement.title}” was deleted, with its grades.")
    return redirect(url_for("course.show"), 303)


@blueprint.get("/grades")
def grades() -> ResponseReturnValue:
    """The gradebook: a row for each learner, a column for each line item. A learner sees their own row."""
    platform, me = platforms.current(), sign_in.required()
    items = gradebook.line_items(platform)
    learners = people.in_course(platform, learners_only=True) if me.is_staff else [me]
    cells = {(grade.person_id, item.id): grade for item in items for grade in gradebook.grades(item.id)}
    return render_template("grades.html", items=items, learners=learners, cells=cells, tab="grades")


@blueprint.post("/grades")
def edit_grade() -> ResponseReturnValue:
    """A teacher's own grade for one learner in one column; an empty one takes it away."""
    sign_in.required(staff=True)
    sign_in.check_form()
    platform = platforms.current()
    item = gradebook.find(platform, request.form.get("line_item", 0, int))
    person = people.find(platform.key, "id", request.form.get("person", ""))
    if item is None or person is None or not person.is_learner:
        raise LmsError(404, "This grade does not exist any more.", "Reload the grades page.")
    text = request.form.get("points", "").strip().replace(",", ".")
    points = _points(text, item.score_maximum) if text else None
    edited = scores_moodle.edited_by_teacher if platform.is_moodle else scores_canvas.edited_by_teacher
    with store.transaction():
        gradebook.save_grade(edited(item, person.id, points))
    sign_in.say(f"The grade of {person.name} for “{item.label}” was saved.")
    return redirect(url_for("course.grades"), 303)


def _points(text: str, maximum: float) -> float:
    try:
        points = float(text)
    except ValueError:
        points = -1.0
    if not 0 <= points <= maximum:
        raise LmsError(400, "This grade cannot be saved.", f"Give a number from 0 to {maximum:g}, not “{text}”.")
    return points


@blueprint.get("/completion")
def completed() -> ResponseReturnValue:
    """Who has completed what, for teachers."""
    platform, _ = platforms.current(), sign_in.required(staff=True)
    activities = placements.in_course(platform)
    learners = people.in_course(platform, learners_only=True)
    ticks = {
        (person.id, placement.id): completion.done(placement, person.id)
        for person in learners
        for placement in activities
    }
    return render_template(
        "completion.html", activities=activities, learners=learners, ticks=ticks, rule=completion.rule, tab="completion"
    )


@blueprint.get("/people")
def roster() -> ResponseReturnValue:
    """Who is in the course."""
    platform, _ = platforms.current(), sign_in.required()
    return render_template("people.html", people=people.in_course(platform), tab="people")
