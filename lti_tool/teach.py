"""The instructor's pages of a placed activity: who has done it, see it as a learner, choose what it holds."""

import uuid

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.catalogue import Catalogue
from framework.catalogue.connection import placeable
from framework.errors import Conflict, Invalid, NotAllowed
from framework.store import audits, cohorts, connection_tests, editions, placements, visits
from framework.store.sessions import now
from framework.store.tables import Membership, ResourceLink
from framework.store.tables import Visit as VisitRow
from lti_tool import choosing, cohort, gradebook, picking, stepwise, visit
from lti_tool.frame import show
from lti_tool.picking import Limits
from lti_tool.placed import teaching
from lti_tool.presenters import choice, pick, teach
from lti_tool.presenters.choice import PROGRAMME, SEPARATE, Chosen
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.pick import Place
from lti_tool.visit import Visit
from workers import vocabulary

blueprint = visit.guard(Blueprint("teach", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/activity")
def activity() -> ResponseReturnValue:
    """Who has done the activity, and whether the grades arrived."""
    lms = gradebook.platform()
    with teaching() as (session, placed):
        if placed.activity_key is None:
            return redirect(url_for(".chooser"), 303)
        if connection_tests.is_one(placed):
            return redirect(url_for("connection.test"), 303)
        _, catalogue = editions.current(session, placed.framework_key)
        asked = cohort.chosen()
        found = cohort.members(session, placed, asked)
        people = cohort.around(session, placed, found, asked, cohort.address(".activity"))
        learns_too = _learns_too(session)
        has_begun = cohorts.has_begun(session, placed)
        grade_of, around = gradebook.cells(session, placed, lms), gradebook.around(session, placed, lms)
    offered = catalogue.activity(placed.activity_key)
    page = teach.activity(
        offered,
        placed.title,
        [
            teach.LearnerRow(
                name=one.name,
                status="started" if standing.status == "in_progress" else standing.status,
                fraction=standing.fraction,
                finished_at=standing.finished_at,
                grade=grade_of(one.person_id),
            )
            for one in found.members
            for standing in [one.standings[placed.id]]
        ],
        basis=placements.basis(placed),
        people=people,
        gradebook=around,
        preview_url=url_for(".preview"),
        own_url=url_for(".own") if learns_too else "",
        change_url="" if has_begun else url_for(".chooser"),
        settings_url=url_for("terms.settings"),
        questions_url=url_for("questions.page") if offered.kind in stepwise.KINDS else "",
    )
    return show("teach/activity.html", page)


@blueprint.post("/preview")
def preview() -> ResponseReturnValue:
    """See the activity as a learner: a visit of its own that stores nothing."""
    here: Visit = g.visit
    return _as_learner("preview", preview_of=here.id)


@blueprint.post("/own")
def own() -> ResponseReturnValue:
    """Do the activity: for somebody who is a learner of the course as well."""
    with teaching() as (session, _):
        if not _learns_too(session):
            raise NotAllowed("Your learning system does not list you as a learner of this course.")
    return _as_learner("own work", preview_of=None)


def _as_learner(action: str, preview_of: uuid.UUID | None) -> ResponseReturnValue:
    here: Visit = g.visit
    secret = visit.further_secret()
    with teaching(writes=True) as (session, placed):
        row = session.get_one(VisitRow, (here.tenant_id, here.id))
        seen = visits.as_learner(session, row, visit.hash_secret(secret), now=now(), preview_of=preview_of)
        audits.add(session, actor=f"person {here.person_id}", action=action, subject=str(placed.id), now=now())
    return visit.lead_into(seen.id, secret, here.carrier)


def _learns_too(session: Session) -> bool:
    here: Visit = g.visit
    row = session.get_one(VisitRow, (here.tenant_id, here.id))
    membership = session.get_one(Membership, (here.tenant_id, row.membership_id))
    return vocabulary.is_learner(membership.roles)


@blueprint.get("/choose")
def chooser() -> ResponseReturnValue:
    """Choose what this place holds, where the link does not say it."""
    with teaching() as (session, placed):
        _, catalogue = editions.current(session, placed.framework_key)
        held = _held(placed, catalogue)
    return choosing.listed(catalogue, _place(), _limits(), held)


@blueprint.post("/choose/list")
def choose_again() -> ResponseReturnValue:
    """The list once more: narrowed by a search, or filled by a preset."""
    return choosing.again(_catalogue(), _place(), _limits())


@blueprint.post("/choose/order")
def choose_order() -> ResponseReturnValue:
    """What is chosen, to be put in order and given settings."""
    return choosing.arranged(_catalogue(), _place())


@blueprint.post("/choose")
def choose() -> ResponseReturnValue:
    """Keep the choice for everybody."""
    try:
        with teaching(writes=True) as (session, placed):
            if cohorts.has_begun(session, placed):
                raise Conflict("Somebody has started this activity, so it stays as it is.")
            _, catalogue = editions.current(session, placed.framework_key)
            made = picking.item(catalogue, choice.read(request.form), _limits())
            placements.choose(placed, catalogue.framework_key, made.activity.key, made.settings)
    except Invalid as error:
        return choosing.refused(catalogue, _place(), _limits(), error)
    return redirect(url_for(".activity"), 303)


def _limits() -> Limits:
    return choosing.limits(many=False, columns=True)


def _held(placed: ResourceLink, catalogue: Catalogue) -> Chosen | None:
    """What the link holds, as it would be chosen."""
    key = placed.activity_key
    if key is None:
        return None
    if key != PROGRAMME:
        return Chosen(SEPARATE, "", (), (key,), placements.basis(placed))
    keys = tuple(one.key for one in placements.parts(placed, catalogue))
    beside = placed.settings.get("self_assessment", "none")
    return Chosen(PROGRAMME, placed.title, keys, (), placements.basis(placed), beside)


def _place() -> Place:
    lead = "This link is in your course already and does not say yet what it opens. Learners wait until you choose."
    leave = None
    with teaching() as (session, placed):
        if placed.activity_key is not None:
            _, catalogue = editions.current(session, placed.framework_key)
            activity = placeable(catalogue, placed.activity_key)
            is_programme = activity.key == PROGRAMME
            held = placements.parts(placed, catalogue) if is_programme else (activity,)
            lead = pick.holds(catalogue, held, activity)
            leave = Link("Leave it as it is", url_for(".activity"))
    return choosing.place(
        _limits(),
        title="Choose what this activity holds",
        lead=lead,
        note="",
        add=Form(url_for(".choose"), "Use this activity"),
        again=url_for(".choose_again"),
        arrange=url_for(".choose_order"),
        leave=leave,
        link=pick.IN_LINK,
    )


def _catalogue() -> Catalogue:
    with teaching() as (session, placed):
        return editions.current(session, placed.framework_key)[1]
