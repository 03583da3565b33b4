"""A professional discussion, written up by the judge. It counts as an example once the learner has confirmed it."""

from dataclasses import replace

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from framework import judging
from framework.assessment import judging as course
from framework.assessment.reflection import accept_example
from framework.errors import Conflict, Invalid
from framework.store.sessions import now
from lti_tool import placed, visit
from lti_tool.frame import show
from lti_tool.judging import Case, done, opened, read_before
from lti_tool.presenters import writing
from lti_tool.write import given

blueprint = visit.guard(Blueprint("discuss", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/judging/<reflection>/discussion")
def form(reflection: str) -> ResponseReturnValue:
    """The form of the write-up."""
    with placed.judging() as (session, who):
        case = opened(session, who, reflection)
    return _form(case, reflection)


@blueprint.post("/judging/<reflection>/discussion")
def write_up(reflection: str) -> ResponseReturnValue:
    """Keep the write-up, and ask the learner to confirm it. What is refused comes back as it was typed."""
    with placed.judging() as (session, who):
        case = opened(session, who, reflection)
    try:
        told = accept_example("told", given())
        with placed.judging(writes=True) as (session, who):
            opened(session, who, reflection)
            quality = case.quality.key
            judging.write_up(session, who, case.of.attempt_id, quality, read_before(), told, now=now())
    except (Invalid, Conflict) as error:
        with placed.judging() as (session, who):
            case = opened(session, who, reflection)
        return _form(case, reflection, error)
    return done(case, "discuss")


def _form(case: Case, token: str, error: Invalid | Conflict | None = None) -> ResponseReturnValue:
    steps = case.of.steps
    page = writing.example_page(
        case.catalogue,
        case.catalogue.activity(case.of.activity_key),
        1,
        request.form.to_dict() if error else {},
        readers=f"{case.of.learner} reads this and is asked to confirm it. The other judges of the course can read it.",
        action=url_for(".write_up", reflection=token),
        back_url=url_for("judging.look_at", reflection=token),
        can_remove=False,
        error=str(error) if error else "",
        field=(error.field or "text") if error else "",
    )
    page = replace(page, title="Write up the discussion", overline=f"{case.of.learner}: {case.quality.title}")
    hidden = (("seen", str(course.seen(steps))), ("digest", course.shared_digest(steps)))
    return show(
        "judging/discussion.html", writing.WriteUpPage(page.title, page, hidden), error.status if error else 200
    )
