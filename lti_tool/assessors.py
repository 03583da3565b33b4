"""A teacher names who else judges practice in the course: members of it, until a day or until it is ended."""

from datetime import date

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import judging
from framework.errors import Invalid, NotAllowed, NotFound
from framework.judging import Judge
from framework.store import assessors as stored
from framework.store import cohorts
from framework.store.columns import parse_public_id, public_id
from framework.store.sessions import now
from lti_tool import placed, visit
from lti_tool.frame import show
from lti_tool.presenters import assessors as pages

blueprint = visit.guard(Blueprint("assessors", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/judging/assessors")
def named() -> ResponseReturnValue:
    """Who judges besides the teachers, and whom to name."""
    with placed.judging() as (session, who):
        return _page(session, who)


@blueprint.post("/judging/assessors")
def change() -> ResponseReturnValue:
    """Name somebody, or end it."""
    person_id = parse_public_id("prs", request.form.get("person", ""))
    try:
        with placed.judging(writes=True) as (session, who):
            if person_id is None:
                raise Invalid("Choose a person.", field="person")
            if request.form.get("action") == "end":
                judging.end_assessor(session, who, person_id, now=now())
            else:
                judging.name_assessor(session, who, person_id, until=_until(), now=now())
    except (Invalid, NotFound) as error:
        with placed.judging() as (session, who):
            return _page(session, who, error)
    return redirect(url_for(".named"), 303)


def _page(session: Session, who: Judge, error: Invalid | NotFound | None = None) -> ResponseReturnValue:
    if who.role != "instructor":
        raise NotAllowed("Only a teacher of the course names its assessors.")
    rows = [
        (public_id("prs", row.person_id), name, row.until)
        for row, name in stored.active(session, who.context_id, on=now().date())
    ]
    candidates = stored.candidates(session, who.context_id)
    seen = cohorts.seen(session, who.context_id, seen_by=g.visit.membership_id)
    members = [
        (public_id("prs", person_id), name, role)
        for person_id, name, role in candidates
        if role != "learner" or person_id in seen
    ]
    page = pages.page(
        rows,
        members,
        me=public_id("prs", who.person_id),
        action=url_for(".change"),
        queue_url=url_for("judging.queue"),
        error=str(error) if error else "",
    )
    return show("judging/assessors.html", page, error.status if error else 200)


def _until() -> date | None:
    day, month, year = (request.form.get(name, "").strip() for name in ("day", "month", "year"))
    if not (day or month or year):
        return None
    try:
        return date.fromisoformat(f"{year:0>4}-{month:0>2}-{day:0>2}")
    except ValueError:
        raise Invalid("That is no date. Give day, month and year, for example 14 3 2027.", field="until") from None
