"""Showing a page: the frame that every page has, around what a presenter made."""

from typing import Any

from flask import Response, g, make_response, render_template, request, url_for

from framework.store.columns import public_id
from lti_tool import content_language, placed
from lti_tool.presenters import judging, nudge
from lti_tool.presenters.frame import Frame, Link, Message, language
from lti_tool.visit import ELSEWHERE, Visit, path_of

PRODUCT = "Leadership Qualities"


def show(template: str, page: Any, status: int = 200) -> Response:
    """Render a page in its frame."""
    return make_response(render_template(template, frame=frame(), page=page), status)


def frame() -> Frame:
    """The frame of this request: with a visit, who is here and the way back to the course."""
    assets = url_for("assets.serve", name="x").removesuffix("/x")
    visit: Visit | None = g.get("visit")
    if visit is None:
        return Frame(assets=assets, product=PRODUCT)
    is_learning = visit.mode == "activity" and not visit.is_instructor
    own = (
        Link("This activity", url_for("start.first_page")),
        Link("My badges", url_for("board.shelf")),
        *(() if visit.is_preview else (Link("My record", url_for("record.page")),)),
        Link("The framework", url_for("framework_page.page")),
    )
    waits = placed.waiting_for(visit)
    lang = language(visit.locale)
    return Frame(
        assets=assets,
        product=PRODUCT,
        lang=lang,
        content_lang=content_language.of_page(lang),
        guest=visit.is_guest,
        elsewhere=ELSEWHERE in request.args,
        course=visit.course_title,
        person=visit.person_name or "",
        not_you=url_for("learn.not_you") if visit.mode == "activity" else "",
        back=visit.return_url or "",
        preview_exit=path_of(visit.preview_of) if visit.preview_of and visit.sample is None else "",
        is_sample=visit.sample is not None,
        foot=own if is_learning else (),
        queue=Link(judging.OF_OTHERS if is_learning else judging.TITLE, url_for("judging.queue"))
        if waits is not None
        else None,
        queue_count=waits or 0,
        queue_is_here=request.blueprint in _OF_QUEUE,
        tabs=_tabs(visit),
        message=_message(visit),
        closes_in=visit.closes_in,
        stay=url_for("closing.stay") if visit.can_stay else "",
    )


# An instructor's pages of a placement, as they stand in the strip at the top.
TABS = {
    "Learners": "teach.activity",
    "Course": "course.page",
    "Settings": "terms.settings",
    "All activities": "terms.course",
}
_OF_COURSE = ("course", "learner", "nudge")  # blueprints whose pages belong to the tab of the course
_OF_QUEUE = ("judging", "discuss", "assessors")  # and to what waits for a judge


def _tabs(visit: Visit) -> tuple[tuple[Link, bool], ...]:
    if not visit.is_instructor or visit.mode != "activity" or visit.resource_link_id is None:
        return ()
    if request.blueprint == "connection":  # a connection test has no learners, terms or grades of its own
        return ()
    at = TABS["Course"] if request.blueprint in _OF_COURSE else request.endpoint
    return tuple((Link(name, url_for(endpoint)), at == endpoint) for name, endpoint in TABS.items())


def _message(visit: Visit) -> Message | None:
    found = placed.nudge_for(visit)
    if found is None:
        return None
    here = request.path if request.method == "GET" else url_for("start.first_page")
    away = url_for("nudge.away", token=public_id("ndp", found.id))
    return nudge.message(found.text, found.who, found.at, away, here)
