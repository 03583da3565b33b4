"""The learner's pages of a self-assessment. What is answered here nobody else reads: see ``assessment.is_private``.

Each quality's page is its own small form and is stored at once. A preview stores nothing, and ends on a made-up report.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import assessment, journey
from framework.assessment.profile import Comparison, Profile, compare, profile
from framework.assessment.self_assessment import KIND, qualities, read, unanswered
from framework.catalogue import Quality
from framework.errors import Conflict, Invalid, NotFound, NotOpen, Stale
from framework.journey import Work
from framework.store import attempts, editions, placements, standings, terms
from framework.store.attempts import Worker
from framework.store.sessions import now
from framework.terms import Terms
from lti_tool import parts, sending, visit
from lti_tool.frame import show
from lti_tool.placed import learning, look
from lti_tool.presenters import (
    conflict,
    made_up,
    notices,
    result,
    self_assessment,
    self_check,
    self_rating,
    terms_words,
)
from lti_tool.presenters import profile as report_page
from lti_tool.presenters.frame import Form, Link, leaving

blueprint = visit.guard(Blueprint("self_assessment", __name__, url_prefix=f"{visit.PREFIX}/self-assessment/<key>"))

LATER, NEXT = "later", "next"  # what the two buttons of a quality's page send


@blueprint.get("/")
def overview(key: str) -> ResponseReturnValue:
    """The start page before the first answer, the list of qualities after it, the report once it is finished."""
    with learning() as (session, worker):
        work, up = _of_kind(look(session, worker, key)), _up(worker, key)
    if work.attempt is None and "list" not in request.args:
        with learning() as (session, worker):
            limits = terms_words.shown_to_learner(_terms(session, worker), parts.settings().zone, now(), 0)
        page_start = self_assessment.start(work.catalogue, work.activity, _here(".begin"), limits, up)
        return show("self_assessment/start.html", page_start)
    if work.attempt is not None and not work.is_open:
        return redirect(url_for(".report", key=key), 303)
    page = self_assessment.tasks(work.catalogue, work.activity, work.answers, _quality_url(key), _here(".check"), up)
    return show("self_assessment/tasks.html", page)


@blueprint.post("/begin")
def begin(key: str) -> ResponseReturnValue:
    """Start, or take it again once it is finished. The questions about the first quality come at once."""
    work = _look(key)
    if not g.visit.is_preview:
        with learning(writes=True) as (session, worker):
            work = journey.begin(session, worker, key, now=now())
    rows = self_assessment.task_list(work.catalogue, work.activity, work.answers, _quality_url(key))
    return redirect(next((row.url for row in rows.values() if row.state != "done"), _here(".check")), 303)


@blueprint.get("/quality/<item>")
def quality(key: str, item: str) -> ResponseReturnValue:
    """The questions about one quality."""
    work = _look(key)
    if work.attempt is not None and not work.is_open:
        return redirect(_here(".report"), 303)
    return _quality(work, _asked(work, item), warns="open" in request.args)


@blueprint.post("/quality/<item>")
def answer(key: str, item: str) -> ResponseReturnValue:
    """Keep what was answered, whole or in part. Statements without an answer are pointed out once."""
    work = _look(key)
    asked, replaces = _asked(work, item), sending.replaces()
    value = self_rating.given(asked, request.form)
    try:
        if g.visit.is_preview:
            accepted = assessment.accept(work.catalogue, work.activity, item, value)
        else:
            with learning(writes=True) as (session, worker):
                work = journey.answer(session, worker, key, item, value, now=now(), replaces=replaces)
                accepted = work.answers[item].value
    except (Invalid, Conflict) as error:
        if sending.by_script():
            return sending.not_kept(error)
        if not isinstance(error, Invalid | NotOpen | Stale):
            raise
        return _quality(_look(key), asked, error=error)
    if sending.by_script():
        return sending.kept(work.answers[item].version if item in work.answers else 0)
    if request.form.get("go") == LATER:
        return redirect(_here(".saved"), 303)
    rating = read(accepted)
    if unanswered(asked, rating) and not rating.leaves_rest and not g.visit.is_preview:
        return redirect(_here(".quality", item=item, open="", **_change()), 303)
    if _change():
        return redirect(_here(".check"), 303)
    on = self_assessment.onward(work.catalogue, work.activity, work.answers, item, _quality_url(key), _here(".check"))
    return redirect(on, 303)


@blueprint.get("/saved")
def saved(key: str) -> ResponseReturnValue:
    """Come back later: everything is kept, and the way back to the course."""
    work = _look(key)
    url = leaving(g.visit.return_url or "", said=f"Your answers in {work.activity.title} are saved.")
    page = notices.saved_for_later(url, is_preview=g.visit.is_preview)
    return show("errors/error.html", page)


@blueprint.get("/check")
def check(key: str) -> ResponseReturnValue:
    """All answers once more before the end."""
    work = _look(key)
    if work.attempt is not None and not work.is_open:
        return redirect(_here(".report"), 303)
    return _check(work)


@blueprint.post("/check")
def finish(key: str) -> ResponseReturnValue:
    """Finish: one transaction, then the bell. Sending it twice finishes once."""
    work = _look(key)
    if request.form.get("declared") != "yes":
        return _check(work, error="Tick the box to say that these answers are your own view.")
    if g.visit.is_preview:
        return redirect(_here(".done"), 303)
    try:
        with learning(writes=True) as (session, worker):
            journey.submit(session, worker, key, now=now())
    except NotOpen as error:
        return _check(work, error=str(error))
    except Invalid:
        return redirect(_here(".check"), 303)  # that page names what is missing
    bell = parts.bell()
    bell.push_grades(g.visit.platform_id)
    bell.recompute(g.visit.tenant_id, g.visit.person_id)
    return redirect(_here(".done"), 303)


@blueprint.get("/done")
def done(key: str) -> ResponseReturnValue:
    """Finished, and what happens now."""
    with learning() as (session, worker):
        work = _of_kind(look(session, worker, key))
        up = _up(worker, key)
        grade = "" if up else result.grade_words(placements.grade_state(session, worker))
    if work.is_open or (work.attempt is None and not g.visit.is_preview):
        return redirect(_here(".overview"), 303)
    page = self_assessment.done(grade, _here(".report"), url_for("board.shelf"), url_for("framework_page.page"), up)
    return show("self_assessment/done.html", page)


@blueprint.get("/report")
def report(key: str) -> ResponseReturnValue:
    """The profile of the newest finished self-assessment of this placement, beside the one before it."""
    with learning() as (session, worker):
        work = _of_kind(look(session, worker, key))
        made = _made_up(work) if g.visit.is_preview else _profile(session, worker, key)
        _, catalogue = editions.current(session, worker.link.framework_key)
        folded = {} if g.visit.is_preview else standings.folded(session, worker.person_id, catalogue, on=now().date())
        can_repeat, up = _can_repeat(session, worker, work), _up(worker, key)
    if made is None:
        return redirect(_here(".overview"), 303)
    found, comparison = made
    page = report_page.report(
        work.catalogue,
        work.activity,
        found,
        comparison,
        {key: one.level for key, one in folded.items()},
        lambda quality_key: url_for("framework_page.page", _anchor=quality_key),
        again_action=_here(".begin") if can_repeat else "",
        links=(*((up,) if up else ()), Link("The framework on one page", url_for("framework_page.page"))),
        made_up=g.visit.is_preview,
    )
    return show("self_assessment/report.html", page)


def _here(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, key=(request.view_args or {})["key"], **values)


def _quality_url(key: str) -> Callable[[str], str]:
    return lambda item: url_for(".quality", key=key, item=item)


def _change() -> dict[str, str]:
    """The mark of somebody who came from "check your answers" and goes back there."""
    return {"change": ""} if "change" in request.args else {}


def _look(key: str) -> Work:
    with learning() as (session, worker):
        return _of_kind(look(session, worker, key))


def _of_kind(work: Work) -> Work:
    if work.activity.kind != KIND:
        raise NotFound(f"“{work.activity.title}” is no self-assessment.")
    return work


def _asked(work: Work, item: str) -> Quality:
    found = next((one for one in qualities(work.catalogue, work.activity) if one.key == item), None)
    if found is None:
        raise NotFound("This self-assessment does not ask about that.")
    return found


def _up(worker: Worker, key: str) -> Link | None:
    """The way back to the programme that this self-assessment stands in."""
    return Link("Back to the programme", url_for("start.programme_page")) if worker.link.activity_key != key else None


def _terms(session: Session, worker: Worker) -> Terms:
    return terms.for_learner(session, worker.link, worker.person_id)


def _can_repeat(session: Session, worker: Worker, work: Work) -> bool:
    """Whether the placement's terms let it be taken again now, or it is being taken again already."""
    if work.is_open or work.progress is None:
        return True
    held = _terms(session, worker)
    return held.may_begin(attempts.count(session, work.progress.id)) and not held.is_closed(now())


def _quality(
    work: Work, asked: Quality, *, warns: bool = False, error: Invalid | Conflict | None = None
) -> ResponseReturnValue:
    is_stale = isinstance(error, Stale)
    stored = work.answers.get(asked.key)
    version = conflict.replaces(stored) if is_stale or not error else (conflict.REPLACES, str(sending.replaces() or 0))
    page = self_rating.quality_page(
        work.catalogue,
        work.activity,
        asked,
        work.answers,
        Form(_here(".answer", item=asked.key, **_change()), "Save and continue", (version,)),
        _here(".overview", list=""),
        warns=warns,
        sent=request.form if error else None,
        error=str(error) if error and not is_stale else "",
        field=(error.field or "") if error else "",
        keep_url=_here(".quality", item=asked.key, **_change()) if is_stale else "",
        autosaves=not g.visit.is_preview,
    )
    return show("self_assessment/quality.html", page, 409 if is_stale else 422 if error else 200)


def _check(work: Work, error: str = "") -> ResponseReturnValue:
    key = work.activity.key
    page = self_check.check(
        work.catalogue,
        work.activity,
        work.answers,
        lambda item: url_for(".quality", key=key, item=item, change=""),
        _here(".finish"),
        _here(".overview", list=""),
        error=error,
        is_preview=g.visit.is_preview,
    )
    return show("self_assessment/check.html", page, 422 if error else 200)


def _profile(session: Session, worker: Worker, key: str) -> tuple[Profile, Comparison | None] | None:
    """The newest finished profile and how it compares with the newest earlier one that shares a statement with it.

    The earlier one may be of another course, or of the whole framework where this one asks about one quality.
    """
    progress = attempts.progress(session, worker, key)
    finished = attempts.submitted(session, progress.id) if progress else []
    if progress is None or not finished:
        return None
    last, at = finished[-1], finished[-1].submitted_at or now()
    catalogue = editions.catalogue(session, last.edition_id)
    found = profile(catalogue, catalogue.activity(key), attempts.answers(session, last.id).values(), at)
    earlier = attempts.submitted_of_kind(session, worker.person_id, progress.framework_key, KIND, before=at)
    for attempt, activity_key in earlier:
        then = editions.catalogue(session, attempt.edition_id)
        answers = attempts.answers(session, attempt.id).values()
        comparison = compare(found, profile(then, then.activity(activity_key), answers, attempt.submitted_at or now()))
        if comparison.features:
            return found, comparison
    return found, None


def _made_up(work: Work) -> tuple[Profile, None]:
    return profile(work.catalogue, work.activity, made_up.answers(work.catalogue, work.activity).values(), now()), None
