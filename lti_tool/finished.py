"""The learner's pages after finishing: the result, the answers again, a new try; or an earlier result taken over."""

from collections.abc import Sequence

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import journey
from framework.journey import Work
from framework.store import placements, remarks
from framework.store.attempts import Worker
from framework.store.sessions import now
from framework.store.tables import Remark
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import result
from lti_tool.presenters.frame import Link, leaving
from lti_tool.stepwise import activity_work, level_of, may_look_back, seed_of, within

blueprint = visit.guard(Blueprint("finished", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/learn/<key>/result")
def show_result(key: str) -> ResponseReturnValue:
    """What finishing gave, and what comes next."""
    with learning() as (session, worker):
        work = activity_work(session, worker, key)
        finished_at = work.progress.finished_at if work.progress else None
        if g.visit.is_preview:
            finished_at = now()
        if finished_at is None:
            return redirect(url_for("learn.overview", key=key), 303)
        in_programme = worker.link.activity_key != key
        here = {one.key for one in placements.parts(worker.link, work.catalogue)} if in_programme else set()
        page = result.result(
            work.catalogue,
            work.activity,
            level=0 if g.visit.is_preview else level_of(session, work),
            finished_at=finished_at,
            grade_state=placements.grade_state(session, worker),
            score=_score(work, placements.basis(worker.link)),
            primary=_next(work.activity.title, in_programme),
            review_url=url_for(".review", key=key) if may_look_back(session, worker) else "",
            board_url=url_for("board.shelf"),
            again_action=url_for(".again", key=key),
            practice_url=_practice_url(worker, work),
            corrections=[
                (one.at, one.points_before, one.points_after, one.reason) for one in _marked_again(session, work)
            ],
            module_url=lambda other: url_for("learn.overview", key=other) if other in here else "",
            within=within(session, worker, work),
        )
    return show("learn/result.html", page)


@blueprint.get("/learn/<key>/review")
def review(key: str) -> ResponseReturnValue:
    """All answers of the newest attempt with what the keys say, from when on the placement's terms allow it."""
    with learning() as (session, worker):
        work = activity_work(session, worker, key)
        if work.attempt is None or work.is_open:
            return redirect(url_for("learn.overview", key=key), 303)
        if not may_look_back(session, worker):
            return redirect(url_for(".show_result", key=key), 303)
    back = Link("Back to your result", url_for(".show_result", key=key))
    page = result.review(work.catalogue, work.activity, work.answers, seed_of(work), back)
    return show("learn/review.html", page)


@blueprint.post("/learn/<key>/again")
def again(key: str) -> ResponseReturnValue:
    """Take a finished activity again: a new attempt. The result that counts stays until the terms let another count."""
    if not g.visit.is_preview:
        with learning(writes=True) as (session, worker):
            activity_work(session, worker, key)
            journey.begin(session, worker, key, now=now())
    return redirect(url_for("learn.overview", key=key), 303)


@blueprint.post("/learn/<key>/reuse")
def reuse(key: str) -> ResponseReturnValue:
    """Use the result from another course or run here."""
    if not g.visit.is_preview:
        with learning(writes=True) as (session, worker):
            journey.reuse(session, worker, key, now=now())
        parts.bell().push_grades(g.visit.platform_id)
    return redirect(url_for("learn.overview", key=key), 303)


def _practice_url(worker: Worker, work: Work) -> str:
    """Where the learner goes on from studying to practice: the reflection on the same quality."""
    offered = placements.reflections(worker.link, work.catalogue)
    found = next((one.key for one in offered if one.quality_key == work.activity.quality_key), "")
    return url_for("reflect.overview", key=found) if found else ""


def _marked_again(session: Session, work: Work) -> Sequence[Remark]:
    counted = work.progress.counted_attempt_id if work.progress else None
    return remarks.of_attempt(session, counted) if counted else ()


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
