"""The first page of a visit, by role and activity; and the page of a programme."""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.catalogue import Activity, Catalogue
from framework.store import attempts, connection_tests, editions, placements, standings, terms
from framework.store.attempts import Worker
from framework.store.sessions import now
from framework.store.tables import Progress
from framework.terms import Terms
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import notices, programme, terms_words
from lti_tool.presenters.steps import steps
from lti_tool.presenters.wording import counted, minutes
from lti_tool.stepwise import activity_work
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("start", __name__, url_prefix=visit.PREFIX))

# Kind of activity -> endpoint of the learner's first page. One that takes a `key` gets the activity's.
FIRST_PAGES: Mapping[str, str] = {
    "module": "learn.overview",
    "scenarios": "learn.overview",
    "self_assessment": "self_assessment.overview",
    "framework": "framework_page.page",
    "reflection": "reflect.overview",
    "board": "board.shelf",
    "programme": "start.programme_page",
}


@blueprint.get("/")
def first_page() -> ResponseReturnValue:
    """Where a visit begins. What the link has missed is said on the page that this leads to."""
    response = current_app.make_response(_first_page())
    if visit.ELSEWHERE in request.args and response.location:
        response.location += f"?{visit.ELSEWHERE}"
    return response


def _first_page() -> ResponseReturnValue:
    here: Visit = g.visit
    if here.mode == "deep_linking":
        return redirect(url_for("deep_linking.picker"), 303)
    if here.mode == "review":
        return redirect(url_for("review.work"), 303)
    with learning() as (session, worker):
        placed = worker.link
        if connection_tests.is_one(placed):
            return redirect(url_for("connection.test"), 303)
        is_chosen = placements.holds_something(session, placed)
        if is_chosen:
            _, catalogue = editions.current(session, placed.framework_key)
    if not is_chosen:
        if here.is_instructor:
            return redirect(url_for("teach.chooser"), 303)
        return show("learn/unavailable.html", notices.unavailable(here.return_url or ""))
    if here.is_instructor:
        return redirect(url_for("teach.activity"), 303)
    return redirect(address(catalogue.activity(placed.activity_key or "")), 303)


def address(activity: Activity) -> str:
    """Where a learner begins an activity of this visit."""
    endpoint = FIRST_PAGES[activity.kind]
    takes_key = current_app.url_map.is_endpoint_expecting(endpoint, "key")
    return url_for(endpoint, key=activity.key) if takes_key else url_for(endpoint)


@blueprint.get("/programme")
def programme_page() -> ResponseReturnValue:
    """The qualities of this placement, how far the learner is, and one next action."""
    with learning() as (session, worker):
        _, catalogue = editions.current(session, worker.link.framework_key)
        activities = placements.parts(worker.link, catalogue)
        left_out = placements.left_out(worker.link, catalogue)
        progress = {} if g.visit.is_preview else attempts.progress_of(session, worker)
        assessed = _assessed(session, worker, catalogue, progress)
        folded = standings.folded(session, g.visit.person_id, catalogue, on=now().date())
        title = worker.link.title
        done = {
            one.key: programme.Done(
                is_finished=not g.visit.is_preview and folded[one.quality_key or ""].is_explored,
                fraction=progress[one.key].fraction if one.key in progress else 0.0,
                level=folded[one.quality_key or ""].level,
            )
            for one in (*activities, *left_out)
        }
        coming = programme.following(activities, done)
        straight = _straight(session, worker, coming) if coming is not None else None
        limits = _limits(session, worker)
    page = programme.programme(
        catalogue,
        title or "Leadership programme",
        activities,
        done,
        lambda key: url_for("learn.overview", key=key),
        url_for("board.shelf"),
        assessed,
        [one for one in left_out if one.key in progress],
        limits=limits,
        straight=straight,
    )
    return show("learn/programme.html", page)


def _straight(session: Session, worker: Worker, activity: Activity) -> programme.Straight | None:
    """The way to the first part that is left. None where the quality's own first page tells what matters before."""
    work = activity_work(session, worker, activity.key)
    is_new = not work.answers
    if is_new and (activity.retirement is not None or _terms(session, worker).attempts is not None):
        return None
    if work.attempt is not None and not work.is_open:
        return None
    listed = steps(
        work.catalogue,
        work.activity,
        work.answers,
        lambda item: url_for("learn.part", key=work.activity.key, item=item),
    )
    left = [one for one in listed if one.state != "done"]
    if not left:
        return programme.Straight(url_for("learn.finish", key=activity.key), "All parts are done.")
    hint = minutes(activity.minutes) if is_new else f"{counted(len(left), 'part')} left"
    return programme.Straight(left[0].url, hint)


def _terms(session: Session, worker: Worker) -> Terms:
    return terms.for_learner(session, worker.link, worker.person_id)


def _limits(session: Session, worker: Worker) -> tuple[str, ...]:
    """When the programme is open, in words. Attempts are of each quality, and are told there."""
    held = replace(_terms(session, worker), attempts=None)
    return terms_words.shown_to_learner(held, parts.settings().zone, now(), 0)


def _assessed(
    session: Session, worker: Worker, catalogue: Catalogue, progress: Mapping[str, Progress]
) -> programme.Assessed | None:
    """The self-assessment that goes with the programme, and how often the learner has finished it here."""
    activity = placements.goes_with(worker.link, catalogue)
    if activity is None:
        return None
    held = progress.get(activity.key)
    newest = attempts.newest_attempt(session, held.id) if held else None
    return programme.Assessed(
        activity,
        address(activity),
        finished=len(attempts.submitted(session, held.id)) if held else 0,
        is_open=newest is not None and newest.state == "open",
        is_twice=worker.link.settings["self_assessment"] == "both",
    )
