"""The Connection test of a placement: what works between this LMS and the tool, step by step.

The asking is done by a worker (``workers.connection_test``); this page shows what has been found and rings.
"""

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.store import connection_tests, placements
from framework.store.sessions import now
from framework.store.tables import ConnectionTest, ResourceLink
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import connection
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("connection", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/connection")
def test() -> ResponseReturnValue:
    """For those who teach, the steps; for a learner, that there is nothing to do."""
    here: Visit = g.visit
    if not here.is_instructor:
        return _learner(here)
    with teaching() as (session, placed):
        row = _test(session, placed)
        is_running = connection_tests.is_running(session, placed.id)
    if is_running and row.findings is None:
        parts.bell().connection_test(here.tenant_id, row.resource_link_id)  # the launch has asked for it
    page = connection.page(
        row.findings or {},
        is_running=is_running,
        asked_at=row.asked_at,
        tested_at=row.tested_at,
        framed=request.args.get("shown") or request.headers.get("Sec-Fetch-Dest", ""),
        now=now(),
        again_url=url_for(".again"),
        look_url=url_for(".test"),
        change_url=url_for("teach.chooser"),
    )
    return show("teach/connection.html", page)


@blueprint.post("/connection")
def again() -> ResponseReturnValue:
    """Run it once more."""
    with teaching(writes=True) as (session, placed):
        row = _test(session, placed)
        connection_tests.ask(session, row, now=now())
    parts.bell().connection_test(g.visit.tenant_id, row.resource_link_id)
    return redirect(url_for(".test"), 303)


def _learner(here: Visit) -> ResponseReturnValue:
    if here.resource_link_id is None:
        raise NotFound("This page belongs to an activity. Open one from your course.")
    with parts.store().reading(here.tenant_id) as session:
        row = _test(session, placements.link(session, here.resource_link_id))
    if not here.is_preview:
        parts.bell().connection_test(here.tenant_id, row.resource_link_id)
    return show("errors/error.html", connection.thanks(here.return_url or ""))


def _test(session: Session, placed: ResourceLink) -> ConnectionTest:
    row = connection_tests.of(session, placed.id)
    if row is None or not connection_tests.is_one(placed):
        raise NotFound("There is no connection test in this place.")
    return row
