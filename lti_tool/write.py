"""The learner writes: one example at a time, kept as a draft that nobody else reads, or the wish for a discussion."""

from datetime import date

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import journey
from framework.assessment import reflection
from framework.assessment.reflection import SLOTS
from framework.errors import Conflict, Invalid, NotFound, Stale
from framework.journey import Work
from framework.store import judgements
from framework.store.sessions import now
from lti_tool import sending, visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import conflict, writing
from lti_tool.reflected import is_private, reads, returned_with, work_on

blueprint = visit.guard(Blueprint("write", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/reflect/<key>/example/<int:number>")
def example(key: str, number: int) -> ResponseReturnValue:
    """The form of one example."""
    with learning() as (session, worker):
        work = work_on(session, worker, key)
        readers, asked = reads(session, worker), _asked(session, work)
    if not is_private(work):
        return redirect(url_for("reflect.overview", key=key), 303)
    return _form(work, number, readers, asked)


@blueprint.post("/reflect/<key>/example/<int:number>")
def keep(key: str, number: int) -> ResponseReturnValue:
    """Keep a draft of an example, or remove it. What is refused comes back as it was typed; what comes after a change
    on another device comes back beside that, and can be kept as a further example."""
    slot, replaces = _slot(number), sending.replaces()
    with learning() as (session, worker):
        work = work_on(session, worker, key)
        readers, asked = reads(session, worker), _asked(session, work)
    try:
        _check_day()
        work = _keep(work, slot, replaces)
    except (Invalid, Conflict) as error:
        if sending.by_script():
            return sending.not_kept(error)
        if isinstance(error, Stale):
            with learning() as (session, worker):
                work = work_on(session, worker, key)
        return _form(work, number, readers, asked, error)
    if sending.by_script():
        return sending.kept(work.answers[slot].version if slot in work.answers else 0)
    if g.visit.is_preview:
        return redirect(url_for("reflect.overview", key=key), 303)
    done = "removed" if request.form.get("action") == "remove" else "saved"
    return redirect(url_for("reflect.overview", key=key, done=done, _anchor="said"), 303)


@blueprint.post("/reflect/<key>/discussion")
def discussion(key: str) -> ResponseReturnValue:
    """Ask for a professional discussion, or no longer."""
    if not g.visit.is_preview:
        with learning(writes=True) as (session, worker):
            work_on(session, worker, key)
            wanted = request.form.get("wanted") == "yes"
            journey.answer(session, worker, key, reflection.DISCUSSION, wanted, now=now())
    return redirect(url_for("reflect.overview", key=key), 303)


def _keep(work: Work, slot: str, replaces: int | None) -> Work:
    value = "" if request.form.get("action") == "remove" else given()
    if g.visit.is_preview:
        reflection.accept(work.catalogue, work.activity, slot, value)
        return work
    if request.form.get("action") == "another":
        slot, replaces = reflection.free_slot(work.answers) or slot, None
    with learning(writes=True) as (session, worker):
        return journey.answer(session, worker, work.activity.key, slot, value, now=now(), replaces=replaces)


def _slot(number: int) -> str:
    if not 1 <= number <= len(SLOTS):
        raise NotFound("There is no such example.")
    return SLOTS[number - 1]


def _asked(session: Session, work: Work) -> tuple[str, str]:
    """What a judge returned it with, and who that is; twice "" where nobody did."""
    step = returned_with(session, work)
    if step is None:
        return "", ""
    return step.comment, judgements.names_of(session, judgements.people_of([step])).get(step.by) or "Your judge"


def _form(
    work: Work, number: int, readers: str, asked: tuple[str, str], error: Invalid | Conflict | None = None
) -> ResponseReturnValue:
    slot, key = _slot(number), work.activity.key
    own = next((one for one in reflection.examples(work.answers) if one.key == slot), None)
    version = work.answers[slot].version if slot in work.answers else 0
    stale = None
    if isinstance(error, Stale):
        can_add = reflection.free_slot(work.answers) is not None
        both = "Keep both: save mine as another example" if can_add else ""
        keep_url = url_for(".example", key=key, number=number)
        stale = conflict.conflict(own.text if own else "", writing.differing(own, given()), keep_url, both=both)
    elif error:
        version = sending.replaces() or version
    page = writing.example_page(
        work.catalogue,
        work.activity,
        number,
        request.form.to_dict() if error else writing.filled(own),
        readers=readers,
        action=url_for(".keep", key=key, number=number),
        back_url=url_for("reflect.overview", key=key),
        can_remove=own is not None,
        keeps=not g.visit.is_preview,
        replaces=version,
        conflict=stale,
        comment=asked[0],
        comment_by=asked[1],
        error=str(error) if error and not stale else "",
        field=(error.field or "text") if error and not stale else "",
    )
    return show("reflect/example.html", page, error.status if error else 200)


def given() -> dict[str, str]:
    """The example in the sent form, in the shape that the assessment takes."""
    form = request.form
    return {name: form.get(name, "") for name in ("text", "reach", "witness", "witness_place")} | {
        "event_on": _event_on()
    }


def _event_on() -> str:
    day, month, year = (request.form.get(name, "").strip() for name in ("day", "month", "year"))
    return f"{year:0>4}-{month:0>2}-{day:0>2}" if day or month or year else ""


def _check_day() -> None:
    """An event that lies ahead is refused here: the assessment has no clock."""
    try:
        day = date.fromisoformat(_event_on())
    except ValueError:
        return  # none, or no date: the assessment says so
    if request.form.get("action") != "remove" and day > now().date():
        raise Invalid("The date lies ahead. Write about something that has happened.", field="event_on")
