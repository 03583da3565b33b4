"""How the questions of a placed activity work, for whoever teaches the course."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from framework.errors import NotFound
from framework.store import editions, first_answers
from lti_tool import visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import questions
from lti_tool.stepwise import KINDS

blueprint = visit.guard(Blueprint("questions", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/questions")
def page() -> ResponseReturnValue:
    """Difficulty, choices, and answers over time of each question."""
    with teaching() as (session, placed):
        _, catalogue = editions.current(session, placed.framework_key)
        activity = catalogue.activity(placed.activity_key or "")
        if activity.kind not in KINDS:
            raise NotFound("This activity has no questions with right answers.")
        answers = first_answers.of_placement(session, placed, activity.key)
        made = questions.questions(catalogue, activity, placed.title, answers)
    return show("teach/questions.html", made)
