"""The learner's pages of an activity: overview, parts, finish, result, review.

A view opens one transaction, calls ``framework.journey`` and hands what it got to a presenter. In a preview nothing is
stored: an answer is shown with its feedback and forgotten.
"""

import uuid
from dataclasses import replace

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import assessment, journey
from framework.assessment import Answer
from framework.assessment.evidence import JsonValue
from framework.errors import Invalid, NotFound
from framework.journey import Work
from framework.store import placements, standings
from framework.store.sessions import now
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import learning, look
from lti_tool.presenters import module, notices, result, scenarios
from lti_tool.presenters.frame import Form, Link, leaving
from lti_tool.presenters.steps import Step, onward, steps, where

blueprint = visit.guard(Blueprint("learn", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/learn/<key>/")
def overview(key: str) -> ResponseReturnValue:
    """The activity: how far the learner is and the one next thing to do. A finished one opens on its result."""
    with learning() as (session, worker):
        work = look(session, worker, key)
        if work.attempt is not None and not work.is_open and "parts" not in request.args:
            return redirect(url_for(".show_result", key=key), 303)
        basis = placements.basis(worker.link)
        up = Link("All qualities", url_for("start.programme_page")) if worker.link.activity_key != key else None
        level = _level(session, work)
    is_finished = work.attempt is not None and not work.is_open
    return show(
        "learn/module.html",
        module.overview(
            work.catalogue,
            work.activity,
            _steps(work),
            level=level,
            basis=basis,
            finish_url=url_for(".finish", key=key),
            result_url=url_for(".show_result", key=key) if is_finished else "",
            finished_at=work.progress.finished_at if work.progress and is_finished else None,
            up=up,
        ),
    )


@blueprint.get("/learn/<key>/part/<item>")
def part(key: str, item: str) -> ResponseReturnValue:
    """One part: the introduction, a behaviour with its check, or a situation."""
    with learning() as (session, worker):
        work = look(session, worker, key)
    return _part(work, item)


@blueprint.post("/learn/<key>/part/<item>")
def answer(key: str, item: str) -> ResponseReturnValue:
    """Keep an answer, then show what it was worth. A refused answer comes back with what was sent."""
    with learning() as (session, worker):
        work = look(session, worker, key)
    value = _given(work, item)
    try:
        if g.visit.is_preview:
            accepted = assessment.accept(work.catalogue, work.activity, item, value)
            work = replace(work, answers={item: Answer(item, accepted, accepted, 1)})
        else:
            with learning(writes=True) as (session, worker):
                work = journey.answer(session, worker, key, item, value, now=now())
    except Invalid as error:
        return _part(work, item, refused=value, error=str(error))
    if _step(work, item).kind == "read":
        return redirect(onward(_steps(work), item, url_for(".finish", key=key)), 303)
    if g.visit.is_preview:
        return _part(work, item)
    return redirect(url_for(".part", key=key, item=item, _anchor="feedback"), 303)


@blueprint.get("/learn/<key>/finish")
def finish(key: str) -> ResponseReturnValue:
    """The last step: finish, or what must be done before."""
    with learning() as (session, worker):
        work = look(session, worker, key)
        basis = placements.basis(worker.link)
    return _finish(work, basis)


@blueprint.post("/learn/<key>/finish")
def submit(key: str) -> ResponseReturnValue:
    """Finish: one transaction, then the bell. Sending it twice gives the first result again."""
    if g.visit.is_preview:
        return redirect(url_for(".show_result", key=key), 303)
    try:
        with learning(writes=True) as (session, worker):
            journey.submit(session, worker, key, now=now())
    except Invalid:
        return redirect(url_for(".finish", key=key), 303)  # that page names what is missing
    bell = parts.bell()
    bell.push_grades(g.visit.platform_id)
    bell.recompute(g.visit.tenant_id, g.visit.person_id)
    return redirect(url_for(".show_result", key=key), 303)


@blueprint.get("/learn/<key>/result")
def show_result(key: str) -> ResponseReturnValue:
    """What finishing gave, and what comes next."""
    with learning() as (session, worker):
        work = look(session, worker, key)
        finished_at = work.progress.finished_at if work.progress else None
        if g.visit.is_preview:
            finished_at = now()
        if finished_at is None:
            return redirect(url_for(".overview", key=key), 303)
        in_programme = worker.link.activity_key != key
        here = {one.key for one in placements.parts(worker.link, work.catalogue)} if in_programme else set()
        page = result.result(
            work.catalogue,
            work.activity,
            level=0 if g.visit.is_preview else _level(session, work),
            finished_at=finished_at,
            grade_state=placements.grade_state(session, worker),
            score=_score(work, placements.basis(worker.link)),
            primary=_next(work.activity.title, in_programme),
            review_url=url_for(".review", key=key),
            board_url=url_for("board.shelf"),
            again_action=url_for(".again", key=key),
            module_url=lambda other: url_for(".overview", key=other) if other in here else "",
        )
    return show("learn/result.html", page)


@blueprint.get("/learn/<key>/review")
def review(key: str) -> ResponseReturnValue:
    """All answers of the newest attempt with what the keys say."""
    with learning() as (session, worker):
        work = look(session, worker, key)
    if work.attempt is None or work.is_open:
        return redirect(url_for(".overview", key=key), 303)
    back = Link("Back to your result", url_for(".show_result", key=key))
    page = result.review(work.catalogue, work.activity, work.answers, _seed(work), back)
    return show("learn/review.html", page)


@blueprint.post("/learn/<key>/again")
def again(key: str) -> ResponseReturnValue:
    """Take a finished activity again: a new attempt. The result that counts stays until a better one."""
    if not g.visit.is_preview:
        with learning(writes=True) as (session, worker):
            journey.begin(session, worker, key, now=now())
    return redirect(url_for(".overview", key=key), 303)


@blueprint.get("/not-you")
def not_you() -> ResponseReturnValue:
    """What to do when somebody else sits at this screen."""
    return show("errors/error.html", notices.not_you(g.visit.person_name or "this person", g.visit.return_url or ""))


def _steps(work: Work) -> tuple[Step, ...]:
    key = work.activity.key
    return steps(work.catalogue, work.activity, work.answers, lambda item: url_for(".part", key=key, item=item))


def _step(work: Work, item: str) -> Step:
    found = next((step for step in _steps(work) if step.key == item), None)
    if found is None:
        raise NotFound("There is no such part in this activity.")
    return found


def _given(work: Work, item: str) -> JsonValue:
    """The answer in a sent form, in the shape that the assessment takes."""
    kind = _step(work, item).kind
    if kind == "read":
        return True
    if kind == "section":
        return request.form.get("option", "")
    quality = work.catalogue.module(work.activity.quality_key or "")
    scenario = next(one for one in quality.scenarios if one.key == item)
    value: JsonValue = scenarios.given(scenario, request.form)
    return value


def _part(work: Work, item: str, *, refused: JsonValue = None, error: str = "") -> ResponseReturnValue:
    all_steps, step, key = _steps(work), _step(work, item), work.activity.key
    action, seed, status = url_for(".part", key=key, item=item), _seed(work), 422 if error else 200
    place = where(all_steps, item, url_for(".overview", key=key, parts=""))
    on = onward(all_steps, item, url_for(".finish", key=key))
    given = work.answers.get(item)
    if step.kind == "read":
        page_why = module.why(work.catalogue, work.activity, place, Form(action, "Continue"), on if given else "")
        return show("learn/why.html", page_why, status)
    if step.kind == "section":
        page_section = module.section(
            work.catalogue, work.activity, step, place, action, answer=given, onward_url=on, seed=seed, error=error
        )
        return show("learn/section.html", page_section, status)
    page_scenario = scenarios.page(
        work.catalogue,
        work.activity,
        step,
        place,
        action,
        answer=None if error else given,
        onward_url=on,
        seed=seed,
        refused=refused,
        error=error,
    )
    return show("learn/scenario.html", page_scenario, status)


def _finish(work: Work, basis: str) -> ResponseReturnValue:
    key = work.activity.key
    page = module.finish(
        work.catalogue,
        work.activity,
        tuple(replace(one, state="done") for one in _steps(work)) if g.visit.is_preview else _steps(work),
        basis=basis,
        form_action=url_for(".submit", key=key),
        overview_url=url_for(".overview", key=key),
    )
    return show("learn/finish.html", page)


def _seed(work: Work) -> str:
    """What orders options and responses: the same for one person's attempt, from before its first answer on."""
    number = work.attempt.number if work.attempt else 1
    return f"{g.visit.person_id}:{work.activity.key}:{number}"


def _level(session: Session, work: Work) -> int | None:
    """The learner's standing in the activity's quality, from all evidence there is at this moment."""
    person: uuid.UUID = g.visit.person_id
    folded = standings.folded(session, person, work.catalogue, on=now().date())
    standing = folded.get(work.activity.quality_key or "")
    return standing.level if standing is not None and standing.is_explored else None


def _score(work: Work, basis: str) -> str:
    if basis != "score" or work.progress is None or work.progress.points is None:
        return ""
    return f"Right at the first try: {work.progress.points:g} of {work.progress.maximum:g} questions."


def _next(title: str, in_programme: bool) -> Link:
    if in_programme:
        return Link("Continue the programme", url_for("start.programme_page"))
    if g.visit.return_url:
        said = f"You have finished {title}."
        return Link("Back to course", leaving(g.visit.return_url, said=said))
    return Link("See my badges", url_for("board.shelf"))
