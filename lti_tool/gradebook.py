"""What an instructor does about grades: send again, match the gradebook column, take it away. Jobs do the work."""

import uuid
from collections.abc import Callable

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.errors import Conflict
from framework.store import audits, gradebooks, placements, platforms, tasks
from framework.store.sessions import now
from framework.store.tables import Platform, ResourceLink
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import gradebook as words
from lti_tool.presenters.frame import Form
from lti_tool.presenters.gradebook import ColumnPanel, Gradebook, GradeCell, GradeFacts
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("gradebook", __name__, url_prefix=visit.PREFIX))

_DONE = {
    "sent": "The grades are being sent again. Reload this page in a moment to see what came of it.",
    "asked": "This is being done in your learning system. Reload this page in a moment to see what came of it.",
}


def platform() -> Platform | None:
    """The LMS of this visit."""
    with parts.store().directory_reading() as session:
        return platforms.platform(session, g.visit.platform_id)


def cells(session: Session, placed: ResourceLink, lms: Platform | None) -> Callable[[uuid.UUID], GradeCell]:
    """``cells(...)(person_id)``: a learner's grade in words."""
    known = gradebooks.grades(session, placed)
    family = lms.family if lms else "other"

    def cell(person_id: uuid.UUID) -> GradeCell:
        one = known.get(person_id)
        if one is None:
            return words.cell(None, family, "")
        facts = GradeFacts(
            one.state, one.wanted, one.maximum, one.error_class, one.last_error, one.tried_at, one.next_try
        )
        return words.cell(facts, family, url_for("gradebook.resend", grade_id=one.id))

    return cell


def _panel(session: Session, placed: ResourceLink, lms: Platform | None) -> ColumnPanel | None:
    found = gradebooks.column(session, placed)
    if found is None:
        return None
    return words.column(
        origin=found.origin,
        is_known=found.url is not None,
        scopes=found.scopes,
        said=found.said,
        said_at=found.matched_at,
        is_working=bool(found.work),
        family=lms.family if lms else "other",
        match_url=url_for("gradebook.match"),
        remove_url=url_for("gradebook.confirm"),
    )


def around(session: Session, placed: ResourceLink, lms: Platform | None) -> Gradebook:
    """What the page of an activity says about its gradebook as a whole."""
    if placements.basis(placed) == "none":
        return words.NO_GRADEBOOK
    return Gradebook(
        said=_DONE.get(request.args.get("done", ""), ""),
        paused=words.paused(lms.paused_reason, lms.paused_until, now()) if lms else "",
        column=_panel(session, placed, lms),
        again=Form(url_for("gradebook.resend_all"), "Send all of them again"),
    )


@blueprint.post("/grades/<uuid:grade_id>/resend")
def resend(grade_id: uuid.UUID) -> ResponseReturnValue:
    """Send one learner's grade again."""
    return _resend(grade_id)


@blueprint.post("/grades/resend")
def resend_all() -> ResponseReturnValue:
    """Send again all grades of the activity that did not arrive."""
    return _resend(None)


def _resend(grade_id: uuid.UUID | None) -> ResponseReturnValue:
    here: Visit = g.visit
    with teaching(writes=True) as (session, placed):
        count = gradebooks.resend(session, placed, grade_id, now=now())
        _audit(session, "grade.resend", str(grade_id or placed.id), count=count)
    parts.bell().push_grades(here.platform_id)
    return redirect(url_for("teach.activity", done="sent"), 303)


@blueprint.post("/column/match")
def match() -> ResponseReturnValue:
    """Compare the gradebook column with what this tool wants, in a job."""
    here: Visit = g.visit
    with teaching(writes=True) as (session, placed):
        line_item_id = gradebooks.ask(session, placed, tasks.MATCH_COLUMN, now=now())
        _audit(session, "column.match", str(line_item_id))
    parts.bell().match_column(here.tenant_id, line_item_id)
    return redirect(url_for("teach.activity", done="asked"), 303)


@blueprint.get("/column/remove")
def confirm() -> ResponseReturnValue:
    """Ask once more before the column is removed."""
    with teaching() as (session, placed):
        _require_ours(session, placed)
    return show("teach/remove_column.html", words.remove(url_for(".remove"), url_for("teach.activity")))


@blueprint.post("/column/remove")
def remove() -> ResponseReturnValue:
    """Delete the gradebook column that this tool made, in a job."""
    here: Visit = g.visit
    with teaching(writes=True) as (session, placed):
        _require_ours(session, placed)
        line_item_id = gradebooks.ask(session, placed, tasks.REMOVE_COLUMN, now=now())
        _audit(session, "column.remove", str(line_item_id))
    parts.bell().remove_column(here.tenant_id, line_item_id)
    return redirect(url_for("teach.activity", done="asked"), 303)


def _require_ours(session: Session, placed: ResourceLink) -> None:
    found = gradebooks.column(session, placed)
    if found is None or found.origin != gradebooks.MADE:
        raise Conflict("This column belongs to the activity in your learning system. It is removed there, not here.")


def _audit(session: Session, action: str, subject: str, **details: object) -> None:
    actor = f"person {g.visit.person_id}"
    audits.add(session, actor=actor, action=action, subject=subject, details=dict(details), now=now())
