"""The front page: what this is, and who one can be."""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tests.demo_lms import people, platforms, sign_in

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def welcome() -> ResponseReturnValue:
    """Explain, and list the people of both courses."""
    courses = [(platform, people.in_course(platform)) for platform in current_app.extensions["platforms"].values()]
    return render_template("welcome.html", courses=courses, config=current_app.extensions["config"])


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Become one of the people and go to their course."""
    sign_in.check_form()
    key = request.form.get("platform", "")
    person = people.find(key, "id", request.form.get("person", "")) if key in ("moodle", "canvas") else None
    if person is None or person.status != "active":
        abort(404, "There is nobody of that name in this course.")
    sign_in.sign_in(key, person)
    return redirect(url_for("course.show", platform=key), 303)


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out of one platform."""
    sign_in.check_form()
    key = request.form.get("platform", "")
    if key in current_app.extensions["platforms"]:
        platforms.by_key(key)
        sign_in.sign_out(key)
    return sign_in.sent_elsewhere()
