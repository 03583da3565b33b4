"""Writing to learners who may need a word: choose, write, look, done; and the learner's answer: put away.

A text is kept for its learners to read here. Nothing is sent: the page offers text and addresses to take along.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.errors import Conflict, Invalid, NotFound
from framework.store import audits, cohorts, nudges
from framework.store.columns import new_id, parse_public_id, public_id
from framework.store.sessions import now
from framework.store.tables import ResourceLink
from lti_tool import course, visit
from lti_tool.frame import show
from lti_tool.placed import learning, teaching
from lti_tool.presenters import nudge as words
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("nudge", __name__, url_prefix=visit.PREFIX))

MOST = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those ticked whom this instructor may see: who gets it, and who has had one within the week (with the day)."""

    people: tuple[cohorts.Member, ...]
    late: tuple[tuple[str, datetime], ...]


@blueprint.post("/course/nudge")
def write() -> ResponseReturnValue:
    """Write, look, or keep: each step carries all that was chosen and typed, so that no step is stored."""
    step, text = request.form.get("step", ""), request.form.get("text", "")
    if step == "keep":
        return _keep(text)
    try:
        if step == "preview":
            return _page(nudges.accept(text), is_preview=True)
    except Invalid as error:
        return _page(text, error=str(error))
    return _page(text if step == "write" else words.prefilled(g.visit.course_title))


@blueprint.get("/course/nudge/<token>")
def done(token: str) -> ResponseReturnValue:
    """What to copy, and where to send it from."""
    with teaching() as (session, placed):
        row, everybody = nudges.nudge(session, placed.context_id, parse_public_id("ndg", token))
        members = [one for one in course.people(session, placed) if one.person_id in set(everybody)]
        if not members:
            raise NotFound("There is no such message in this course.")
        known = nudges.addresses(session, [one.person_id for one in members])
    page = words.done(
        g.visit.course_title,
        row.text,
        [(one.name, known.get(one.person_id, "")) for one in members],
        back_url=url_for("course.stuck"),
    )
    return show("teach/nudged.html", page)


@blueprint.post("/nudge/<token>/away")
def away(token: str) -> ResponseReturnValue:
    """The learner has read it."""
    here: Visit = g.visit
    if not here.is_preview:
        with learning(writes=True) as (session, worker):
            id_ = parse_public_id("ndp", token)
            nudges.put_away(session, worker.link.context_id, here.person_id, id_, now=now())
    first, back = url_for("start.first_page"), request.form.get("back", "")
    return redirect(back if back.startswith(first) and back.isprintable() else first, 303)


def _keep(text: str) -> ResponseReturnValue:
    here: Visit = g.visit
    key = parse_public_id("ndg", request.form.get("key", ""))
    if key is None:
        raise Invalid("This was not sent from a page of this tool. Start again from the course.")
    try:
        with teaching(writes=True) as (session, placed):
            seen = {one.person_id for one in course.people(session, placed)}
            chosen = [one for one in _ticked() if one in seen]
            kept = nudges.write(session, key, placed.context_id, chosen, text, by=here.person_id, now=now())
            if kept:
                audits.add(
                    session,
                    actor=f"person {here.person_id}",
                    action="nudge",
                    subject=f"nudge {key}",
                    people=len(kept),
                    now=now(),
                )
    except (Invalid, Conflict) as error:
        return _page(text, error=str(error))
    return redirect(url_for(".done", token=public_id("ndg", key)), 303)


def _page(text: str, *, is_preview: bool = False, error: str = "") -> ResponseReturnValue:
    with teaching() as (session, placed):
        chosen = _chosen(session, placed)
    if not chosen.people and not chosen.late:
        error = "Tick at least one learner."
    page = words.write(
        g.visit.course_title,
        text,
        [(public_id("prs", one.person_id), one.name) for one in chosen.people],
        chosen.late,
        longest=nudges.LONGEST,
        action=url_for(".write"),
        key=request.form.get("key") or public_id("ndg", new_id()),
        back_url=url_for("course.stuck"),
        is_preview=is_preview and bool(chosen.people),
        error=error,
    )
    return show("teach/nudge.html", page, 422 if error else 200)


def _chosen(session: Session, placed: ResourceLink) -> Chosen:
    before, ticked = nudges.last(session, placed.context_id), set(_ticked())
    members = [one for one in course.people(session, placed) if one.person_id in ticked]
    late = {
        one.person_id: before[one.person_id] for one in members if nudges.is_recent(before.get(one.person_id), now())
    }
    return Chosen(
        tuple(one for one in members if one.person_id not in late),
        tuple((one.name, late[one.person_id]) for one in members if one.person_id in late),
    )


def _ticked() -> list[uuid.UUID]:
    found = (parse_public_id("prs", one) for one in request.form.getlist("person")[:MOST])
    return [one for one in found if one is not None]
