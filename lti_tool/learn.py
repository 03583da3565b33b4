"""The learner's pages of an activity: overview, parts, finish. What comes after: ``finished``.

A view opens one transaction, calls ``framework.journey`` and hands what it got to a presenter. In a preview nothing is
stored: an answer is shown with its feedback and forgotten.
"""

from dataclasses import replace

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import assessment, journey
from framework.assessment import Answer
from framework.assessment.evidence import JsonValue
from framework.errors import Invalid, NotFound, NotOpen, Stale
from framework.journey import Work
from framework.store import attempts, placements, terms
from framework.store.attempts import Worker
from framework.store.sessions import now
from lti_tool import parts, sending, visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import module, notices, scenarios, terms_words
from lti_tool.presenters.conflict import MEANWHILE, Meanwhile
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.programme_finish import Within
from lti_tool.presenters.steps import Step, module_of, onward, steps, where
from lti_tool.stepwise import activity_work, level_of, may_look_back, seed_of, within

blueprint = visit.guard(Blueprint("learn", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/learn/<key>/")
def overview(key: str) -> ResponseReturnValue:
    """The activity: how far the learner is and the one next thing to do. A finished one opens on its result."""
    with learning() as (session, worker):
        work = activity_work(session, worker, key)
        if work.attempt is not None and not work.is_open and "parts" not in request.args:
            return redirect(url_for("finished.show_result", key=key), 303)
        basis = placements.basis(worker.link)
        up = Link("All qualities", url_for("start.programme_page")) if worker.link.activity_key != key else None
        level = level_of(session, work)
        limits = _limits(session, worker, work)
        earlier = None if g.visit.is_preview else journey.earlier(session, worker, key, now=now())
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
            result_url=url_for("finished.show_result", key=key) if is_finished else "",
            finished_at=work.progress.finished_at if work.progress and is_finished else None,
            up=up,
            limits=limits,
            earlier=(earlier.attempt.submitted_at or now(), earlier.course_title, url_for("finished.reuse", key=key))
            if earlier
            else None,
        ),
    )


@blueprint.get("/learn/<key>/part/<item>")
def part(key: str, item: str) -> ResponseReturnValue:
    """One part: the introduction, a behaviour with its check, or a situation."""
    with learning() as (session, worker):
        work = activity_work(session, worker, key)
        if work.attempt is not None and not work.is_open and not may_look_back(session, worker):
            return redirect(url_for("finished.show_result", key=key), 303)
    return _part(work, item)


@blueprint.post("/learn/<key>/part/<item>")
def answer(key: str, item: str) -> ResponseReturnValue:
    """Keep an answer, then show what it was worth. A refused answer comes back with what was sent; one that comes
    after another device's, with that one."""
    with learning() as (session, worker):
        work = activity_work(session, worker, key)
    value = _given(work, item)
    try:
        if g.visit.is_preview:
            accepted = assessment.accept(work.catalogue, work.activity, item, value)
            work = replace(work, answers={item: Answer(item, accepted, accepted, 1)})
        else:
            with learning(writes=True) as (session, worker):
                work = journey.answer(session, worker, key, item, value, now=now(), replaces=sending.replaces())
    except Stale:
        return _answered_meanwhile(key, item, value)
    except (Invalid, NotOpen) as error:
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
        work = activity_work(session, worker, key)
        basis, programme = placements.basis(worker.link), within(session, worker, work)
    return _finish(work, basis, programme)


@blueprint.post("/learn/<key>/finish")
def submit(key: str) -> ResponseReturnValue:
    """Finish: one transaction, then the bell. Sending it twice gives the first result again."""
    if g.visit.is_preview:
        return redirect(url_for("finished.show_result", key=key), 303)
    try:
        with learning(writes=True) as (session, worker):
            activity_work(session, worker, key)
            journey.submit(session, worker, key, now=now())
    except Invalid:
        return redirect(url_for(".finish", key=key), 303)  # that page names what is missing
    bell = parts.bell()
    bell.push_grades(g.visit.platform_id)
    bell.recompute(g.visit.tenant_id, g.visit.person_id)
    return redirect(url_for("finished.show_result", key=key), 303)


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


def _answered_meanwhile(key: str, item: str, value: JsonValue) -> ResponseReturnValue:
    """The part with the answer that is stored, and what was sent after it."""
    with learning() as (session, worker):
        work = activity_work(session, worker, key)
    content = module_of(work.catalogue, work.activity)
    if _step(work, item).kind == "scenario":
        one = next(one for one in content.scenarios if one.key == item)
        sent = scenarios.told(work.catalogue, one, value)
    else:
        sent = module.told(content, item, value)
    return _part(work, item, meanwhile=Meanwhile(MEANWHILE, sent))


def _part(
    work: Work, item: str, *, refused: JsonValue = None, error: str = "", meanwhile: Meanwhile | None = None
) -> ResponseReturnValue:
    all_steps, step, key = _steps(work), _step(work, item), work.activity.key
    action, seed = url_for(".part", key=key, item=item), seed_of(work)
    status = 422 if error else 409 if meanwhile else 200
    place = where(all_steps, item, url_for(".overview", key=key, parts=""))
    on = onward(all_steps, item, url_for(".finish", key=key))
    given = work.answers.get(item)
    if step.kind == "read":
        page_why = module.why(work.catalogue, work.activity, place, Form(action, "Continue"), on if given else "")
        return show("learn/why.html", page_why, status)
    if step.kind == "section":
        page_section = module.section(
            work.catalogue,
            work.activity,
            step,
            place,
            action,
            answer=given,
            onward_url=on,
            seed=seed,
            error=error,
            meanwhile=meanwhile,
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
        meanwhile=meanwhile,
    )
    return show("learn/scenario.html", page_scenario, status)


def _finish(work: Work, basis: str, programme: Within | None) -> ResponseReturnValue:
    key = work.activity.key
    page = module.finish(
        work.catalogue,
        work.activity,
        tuple(replace(one, state="done") for one in _steps(work)) if g.visit.is_preview else _steps(work),
        basis=basis,
        form_action=url_for(".submit", key=key),
        overview_url=url_for(".overview", key=key),
        within=programme,
    )
    return show("learn/finish.html", page)


def _limits(session: Session, worker: Worker, work: Work) -> tuple[str, ...]:
    """The terms that hold for this learner, in words."""
    held = terms.for_learner(session, worker.link, worker.person_id)
    so_far = attempts.count(session, work.progress.id) if work.progress else 0
    return terms_words.shown_to_learner(held, parts.settings().zone, now(), so_far)
