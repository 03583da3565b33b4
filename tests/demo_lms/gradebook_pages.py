"""The gradebook as people see it: one column for each line item, and a teacher's own grades."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tests.demo_lms import gradebook, people, platforms, scores_canvas, scores_moodle, sign_in, store
from tests.demo_lms.gradebook import LineItem
from tests.demo_lms.people import Person
from tests.demo_lms.refusals import LmsError

blueprint = Blueprint("gradebook_pages", __name__, url_prefix="/<any(moodle, canvas):platform>/grades")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """A row for each learner, a column for each line item. A learner sees only their own grades."""
    platform, me = platforms.current(), sign_in.required()
    items = gradebook.line_items(platform)
    learners = people.in_course(platform, learners_only=True) if me.is_staff else []
    cells = {(grade.person_id, item.id): grade for item in items for grade in gradebook.grades(item.id)}
    return render_template("grades.html", items=items, learners=learners, cells=cells, tab="grades")


@blueprint.get("/<int:line_item_id>/<person_id>")
def edit(line_item_id: int, person_id: str) -> ResponseReturnValue:
    """The form for one grade."""
    sign_in.required(staff=True)
    item, learner = _cell(line_item_id, person_id)
    grade = gradebook.grade(item.id, learner.id)
    return render_template("edit_grade.html", item=item, learner=learner, grade=grade, tab="grades")


@blueprint.post("/<int:line_item_id>/<person_id>")
def save(line_item_id: int, person_id: str) -> ResponseReturnValue:
    """A teacher's own grade for one learner in one column; an empty one takes it away."""
    sign_in.required(staff=True)
    sign_in.check_form()
    item, learner = _cell(line_item_id, person_id)
    text = request.form.get("points", "").strip().replace(",", ".")
    points = _points(text, item.score_maximum) if text else None
    edited = scores_moodle.edited_by_teacher if platforms.current().is_moodle else scores_canvas.edited_by_teacher
    with store.transaction():
        gradebook.save_grade(edited(item, learner.id, points))
    sign_in.say(f"The grade of {learner.name} for “{item.label}” was saved.")
    return redirect(url_for("gradebook_pages.show"), 303)


def _cell(line_item_id: int, person_id: str) -> tuple[LineItem, Person]:
    platform = platforms.current()
    item = gradebook.find(platform, line_item_id)
    person = people.find(platform.key, "id", person_id)
    if item is None or person is None or not person.is_learner:
        raise LmsError(404, "This grade does not exist any more.", "Go back and reload the grades.")
    return item, person


def _points(text: str, maximum: float) -> float:
    try:
        points = float(text)
    except ValueError:
        points = -1.0
    if not 0 <= points <= maximum:
        raise LmsError(400, "This grade cannot be saved.", f"Give a number from 0 to {maximum:g}, not “{text}”.")
    return points
