"""The instructor's settings of a placement, of one learner in it, and of all activities of the course at once."""

import uuid
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import assessment
from framework import terms as held_terms
from framework.errors import Conflict, Invalid, NotFound
from framework.store import audits, cohorts, editions, people, placements, terms
from framework.store.columns import parse_public_id, public_id
from framework.store.sessions import now
from framework.store.tables import ResourceLink
from lti_tool import parts, programme_parts, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import placement_terms, terms_form
from lti_tool.presenters.terms_words import MOMENTS, Change
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("terms", __name__, url_prefix=visit.PREFIX))

_SAID = {
    "saved": "Saved. It holds from now on.",
    "same": "Nothing was changed.",
    "run": "The new group begins. Set its dates here.",
}


@blueprint.get("/settings")
def settings() -> ResponseReturnValue:
    """The terms of this placement."""
    with teaching() as (session, placed):
        if placed.activity_key is None:
            return redirect(url_for("teach.chooser"), 303)
        return _settings(session, placed)


@blueprint.post("/settings")
def save() -> ResponseReturnValue:
    """Put other terms on the placement; the history says who and what."""
    here: Visit = g.visit
    try:
        with teaching(writes=True) as (session, placed):
            wanted = terms_form.read(request.form, _zone(), held_terms.read(placed.settings))
            changed = terms.set_for_all(session, placed, wanted, by=here.person_id, now=now())
            basis = request.form.get("grade", "")
            if basis:
                _check_basis(session, placed, basis)
                changed |= terms.set_basis(session, placed, basis, by=here.person_id, now=now())
    except (Invalid, Conflict) as error:
        with teaching() as (session, placed):
            problem = error if isinstance(error, Invalid) else Invalid(str(error), field="grade")
            return _settings(session, placed, problem=problem)
    return redirect(url_for(".settings", said="saved" if changed else "same"), 303)


@blueprint.post("/settings/allow")
def allow() -> ResponseReturnValue:
    """More time or further attempts for the ticked learners; empty fields take both back."""
    here: Visit = g.visit
    try:
        with teaching(writes=True) as (session, placed):
            chosen = {parse_public_id("prs", one) for one in request.form.getlist("person")}
            seen = {one.person_id for one in _members(session, placed)}
            ticked = [one for one in chosen if one in seen and one is not None]
            if not ticked:
                raise Invalid("Tick at least one learner.", field="person")
            closes_at = terms_form.moment(request.form, "closes_at", _zone())
            extra = terms_form.number(request.form, "extra_attempts") or 0
            terms.allow(session, placed, ticked, closes_at, extra, by=here.person_id, now=now())
            audits.add(
                session,
                actor=f"person {here.person_id}",
                action="allow",
                subject=str(placed.id),
                people=len(ticked),
                now=now(),
            )
    except Invalid as error:
        with teaching() as (session, placed):
            return _settings(session, placed, allow_error=str(error))
    return redirect(url_for(".settings", said="allowed", _anchor="allowed"), 303)


@blueprint.post("/settings/run")
def new_run() -> ResponseReturnValue:
    """Begin the next run, for the next group of people. Sent twice by one page, it begins once."""
    here: Visit = g.visit
    with teaching(writes=True) as (session, placed):
        if request.form.get("run") == str(placed.run):
            terms.next_run(session, placed, by=here.person_id, now=now())
    return redirect(url_for(".settings", said="run"), 303)


@blueprint.get("/settings/course")
def course() -> ResponseReturnValue:
    """All activities of the course with their terms."""
    with teaching() as (session, placed):
        return _course(session, placed)


@blueprint.post("/settings/course")
def save_course() -> ResponseReturnValue:
    """Set the ticked fields for the ticked activities: all of them or none."""
    here: Visit = g.visit
    chosen = request.form.getlist("link")
    try:
        with teaching(writes=True) as (session, placed):
            ticked = [one for one in terms.of_course(session, placed.context_id) if public_id("lnk", one.id) in chosen]
            fields = [name for name in (*MOMENTS, "attempts") if request.form.get(f"set_{name}")]
            if not ticked:
                raise Invalid("Tick at least one activity.", field="link")
            if not fields:
                raise Invalid("Tick what is to be set.", field="fields")
            for one in ticked:
                _set_fields(session, one, fields, here.person_id)
    except Invalid as error:
        with teaching() as (session, placed):
            return _course(session, placed, problem=error)
    return redirect(url_for(".course", said="saved"), 303)


def _set_fields(session: Session, placed: ResourceLink, fields: list[str], by: uuid.UUID) -> None:
    given = {name: request.form.get(name, "") for name in fields}
    held = held_terms.read(placed.settings)
    kept = {name: getattr(held, name) for name in held_terms.FIELDS}
    for name in fields:
        is_moment = name in MOMENTS
        kept[name] = terms_form.moment(given, name, _zone()) if is_moment else terms_form.number(given, name)
    try:
        terms.set_for_all(session, placed, held_terms.Terms(**kept), by=by, now=now())
    except Invalid as error:
        raise Invalid(f"{placed.title}: {error} Nothing was changed.", field=error.field) from error


def _check_basis(session: Session, placed: ResourceLink, basis: str) -> None:
    _, catalogue = editions.current(session, placed.framework_key)
    activity = catalogue.activity(placed.activity_key or "")
    if basis not in placements.BASES or (basis == "score" and not assessment.offers_score(catalogue, activity)):
        raise Invalid("Choose one of the answers.", field="grade")


def _settings(
    session: Session, placed: ResourceLink, *, problem: Invalid | None = None, allow_error: str = ""
) -> ResponseReturnValue:
    _, catalogue = editions.current(session, placed.framework_key)
    activity = catalogue.activity(placed.activity_key or "")
    allowed = terms.allowances(session, placed)
    members = _members(session, placed)
    rows = terms.history(session, placed)
    names = people.names(session, {row.by_person_id for row in rows} | {row.person_id for row in rows if row.person_id})
    page = placement_terms.settings(
        activity,
        placed.title,
        held_terms.read(placed.settings),
        _zone(),
        basis=placements.basis(placed),
        has_score=assessment.offers_score(catalogue, activity),
        has_begun=cohorts.has_begun(session, placed),
        run=placed.run,
        people=[(public_id("prs", one.person_id), one.name, allowed.get(one.person_id)) for one in members],
        changes=[
            Change(
                row.at,
                names.get(row.by_person_id, ""),
                names.get(row.person_id, "") if row.person_id else "",
                programme_parts.told(catalogue, row.before),
                programme_parts.told(catalogue, row.after),
            )
            for row in rows
            if row.person_id is None or row.person_id in {one.person_id for one in members}
        ],
        urls=(url_for(".save"), url_for(".allow"), url_for(".new_run")),
        parts=programme_parts.held(placed, catalogue),
        said=_SAID.get(request.args.get("said", ""), ""),
        allow_said="Saved for the learners you ticked." if request.args.get("said") == "allowed" else "",
        chosen=request.form.getlist("person") if allow_error else request.args.getlist("person"),
        typed=request.form,
        problem=problem,
        allow_error=allow_error,
    )
    return show("teach/settings.html", page, 422 if problem or allow_error else 200)


def _course(session: Session, placed: ResourceLink, *, problem: Invalid | None = None) -> ResponseReturnValue:
    rows = []
    for one in terms.of_course(session, placed.context_id):
        try:
            _, catalogue = editions.current(session, one.framework_key)
            title = one.title or catalogue.activity(one.activity_key or "").title
        except NotFound:
            continue  # its content is gone; the learner's page says so
        url = url_for(".settings") if one.id == placed.id else ""
        rows.append((public_id("lnk", one.id), title, held_terms.read(one.settings), url))
    page = placement_terms.course(
        g.visit.course_title,
        rows,
        _zone(),
        action=url_for(".save_course"),
        said=_SAID.get(request.args.get("said", ""), ""),
        typed=request.form if problem else None,
        chosen=request.form.getlist("link") if problem else (),
        problem=problem,
    )
    return show("teach/course_settings.html", page, 422 if problem else 200)


def _members(session: Session, placed: ResourceLink) -> list[cohorts.Member]:
    here: Visit = g.visit
    return cohorts.of_course(session, placed.context_id, [placed], seen_by=here.membership_id)


def _zone() -> ZoneInfo:
    return parts.settings().zone
