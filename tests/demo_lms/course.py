"""The pages of a course: activities, one activity, completion, people."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tests.demo_lms import (
    completion,
    gradebook,
    groups,
    people,
    placements,
    platforms,
    sign_in,
)

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
    placement = placements.required(platforms.current(), placement_id)
    return render_template("activity.html", placement=placement, tab="course")


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
    found = people.in_course(platform)
    titles = groups.TITLES[platform.key]
    grouped = {one.id: [titles[each] for each in people.groups_of(platform.key, one.slug)] for one in found}
    return render_template("people.html", people=found, groups=grouped, tab="people")


@blueprint.get("/storage")
def storage() -> ResponseReturnValue:
    """The hidden frame that keeps data for the tool (Canvas names it post_message_forwarding)."""
    return render_template("storage.html", tool_origin=platforms.current().tool_origin)
