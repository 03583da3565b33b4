"""The list of a course's people on an instructor's page: its filters, and the buttons beside it.

Pages that list people call ``chosen`` and ``around``; whom an instructor may see is decided in
``framework.store.cohorts`` alone.
"""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.errors import NotAllowed
from framework.store import audits, cohorts, rosters
from framework.store.cohorts import Cohort
from framework.store.sessions import now
from framework.store.tables import ResourceLink
from lti_tool import parts, visit
from lti_tool.placed import teaching
from lti_tool.presenters import cohort
from lti_tool.presenters.cohort import Chosen, CohortFacts, ListFacts, People, StrictFacts
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("cohort", __name__, url_prefix=visit.PREFIX))

LONGEST_SEARCH: Final = 100  # and of a quality's key to sort by
MOST_PAGES: Final = 10_000


def chosen() -> Chosen:
    """The filters of this request's address; what is no filter is left out."""
    given = request.args
    page = given.get("page", "1")
    status = given.get("status", "")
    return Chosen(
        section=given.get("section", "")[:255],
        status=status if status in cohorts.STATUSES else "",
        search=given.get("search", "")[:LONGEST_SEARCH].strip(),
        sort=given.get("sort", "")[:LONGEST_SEARCH],
        page=min(int(page), MOST_PAGES) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
    )


def address(endpoint: str) -> Callable[[Chosen], str]:
    """The address of a page with filters."""

    def url(asked: Chosen) -> str:
        values: dict[str, Any] = {**asked.query()}
        return url_for(endpoint, **values)

    return url


def members(session: Session, placed: ResourceLink, asked: Chosen) -> Cohort:
    """The page of people that this visit's instructor asks for and may see."""
    here: Visit = g.visit
    return cohorts.members(
        session,
        placed,
        seen_by=here.membership_id,
        section=asked.section or None,
        status=asked.status or None,
        search=asked.search,
        page=asked.page,
    )


def around(
    session: Session, placed: ResourceLink, found: Cohort, asked: Chosen, url: Callable[[Chosen], str]
) -> People:
    """What stands around the list. ``url``: the page's address with filters."""
    here: Visit = g.visit
    state = rosters.state(session, placed.context_id)
    own = [one.title for one in cohorts.sections_of(session, placed.context_id, here.membership_id)]
    return cohort.people(
        CohortFacts(found.counts, found.matching, found.page, found.pages, found.parked),
        ListFacts(state.has_service, state.at, state.missing, state.active, state.is_due, state.trouble),
        StrictFacts(cohorts.is_strict(session, placed.context_id), tuple(own), _may_switch(session, placed)),
        cohorts.sections(session, placed.context_id, seen_by=here.membership_id),
        asked,
        url=url,
        refresh_url=url_for("cohort.refresh"),
        strict_url=url_for("cohort.strict"),
        said=request.args.get("list", ""),
    )


@blueprint.post("/roster")
def refresh() -> ResponseReturnValue:
    """Ask the LMS for the list of people again, at most once a minute for a course."""
    here: Visit = g.visit
    with teaching(writes=True) as (session, placed):
        is_asked = rosters.ask_again(session, placed.context_id, now=now())
    if is_asked:
        parts.bell().roster(here.tenant_id, here.context_id)
    return redirect(url_for("teach.activity", list="asked" if is_asked else "soon"), 303)


@blueprint.post("/strict")
def strict() -> ResponseReturnValue:
    """Hold the course's instructors to their own sections, or no longer."""
    here: Visit = g.visit
    is_strict = request.form.get("strict") == "on"
    with teaching(writes=True) as (session, placed):
        if not _may_switch(session, placed):
            raise NotAllowed("Only an instructor who has all sections of the course can change this.")
        cohorts.set_strict(session, placed.context_id, is_strict=is_strict)
        audits.add(
            session,
            actor=f"person {here.person_id}",
            action="course.strict" if is_strict else "course.open",
            subject=str(placed.context_id),
            now=now(),
        )
    return redirect(url_for("teach.activity"), 303)


def _may_switch(session: Session, placed: ResourceLink) -> bool:
    here: Visit = g.visit
    return here.role == "instructor" and cohorts.has_all_sections(session, placed.context_id, here.membership_id)
