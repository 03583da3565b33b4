"""The whole framework on one page, to search and to print, with what this learner has reached."""

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from framework.store import editions, standings
from framework.store.sessions import now
from lti_tool import visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters.framework_page import framework_page

blueprint = visit.guard(Blueprint("framework_page", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/framework")
def page() -> ResponseReturnValue:
    """All of it, or what a search has found. A preview marks nothing as reached."""
    with learning() as (session, worker):
        _, catalogue = editions.current(session, worker.link.framework_key)
        standing = {}
        if not g.visit.is_preview:
            standing = dict(standings.folded(session, worker.person_id, catalogue, on=now().date()))
    made = framework_page(catalogue, standing, request.args.get("search", ""), url_for(".page"))
    return show("framework/framework.html", made)
