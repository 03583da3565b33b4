"""The instructor's pages of a placed activity: who has done it, see it as a learner, choose what it holds."""

import uuid

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.errors import Conflict, Invalid, NotAllowed
from framework.store import audits, cohorts, connection_tests, editions, placements
from framework.store.sessions import now
from framework.store.tables import Membership, ResourceLink
from framework.store.tables import Visit as VisitRow
from lti_tool import cohort, gradebook, picking, stepwise, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import pick, teach
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
        seen = VisitRow(
            **{name: getattr(row, name) for name in _COPIED},
            launch_id=uuid.uuid4(),
            secret_hash=visit.hash_secret(secret),
            role="learner",
            mode="activity",
            preview_of=preview_of,
            created_at=now(),
        )
        session.add(seen)
        audits.add(session, actor=f"person {here.person_id}", action=action, subject=str(placed.id), now=now())
    return visit.lead_into(seen.id, secret, here.carrier)


def _learns_too(session: Session) -> bool:
    here: Visit = g.visit
    row = session.get_one(VisitRow, (here.tenant_id, here.id))
    membership = session.get_one(Membership, (here.tenant_id, row.membership_id))
    return vocabulary.is_learner(membership.roles)


_COPIED = (
    "carrier",
    "platform_id",
    "deployment_id",
    "context_id",
    "membership_id",
    "identity_id",
    "person_id",
    "resource_link_id",
    "return_url",
    "frame_origin",
    "expires_at",
)


@blueprint.get("/choose")
def chooser() -> ResponseReturnValue:
    """Choose what this place holds, where the link does not say it."""
    with teaching() as (session, placed):
        return _chooser(session, placed)


@blueprint.post("/choose")
def choose() -> ResponseReturnValue:
    """Keep the choice for everybody."""
    try:
        with teaching(writes=True) as (session, placed):
            if cohorts.has_begun(session, placed):
                raise Conflict("Somebody has started this activity, so it stays as it is.")
            _, catalogue = editions.current(session, placed.framework_key)
            made = picking.item(catalogue, pick.read(request.form))
            placements.choose(placed, catalogue.framework_key, made.activity.key, made.settings)
    except Invalid as error:
        with teaching() as (session, placed):
            return _chooser(session, placed, str(error))
    return redirect(url_for(".activity"), 303)


def _chooser(session: Session, placed: ResourceLink, error: str = "") -> ResponseReturnValue:
    _, catalogue = editions.current(session, placed.framework_key)
    page = pick.chooser(
        catalogue,
        form_action=url_for(".choose"),
        has_column=True,
        chosen=pick.read(request.form) if error else None,
        error=error,
    )
    return show("pick/chooser.html", page, 422 if error else 200)
