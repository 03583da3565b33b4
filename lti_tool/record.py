"""My record: a person's own page about everything in all courses, and the same as data. Nobody else's is to be had."""

from flask import Blueprint, Response, g, jsonify, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.assessment import judging as course
from framework.assessment.self_assessment import KIND as SELF_ASSESSMENT
from framework.catalogue import Catalogue
from framework.errors import NotFound
from framework.store import editions, judgements, records, standings
from framework.store.attempts import Worker
from framework.store.records import Doing
from framework.store.sessions import now
from lti_tool import visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import practice, record
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("record", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/record")
def page() -> ResponseReturnValue:
    """The record of the visitor. A preview has none: nothing of it is stored."""
    here, at = _own(), now()
    with learning() as (session, worker):
        _, catalogue = editions.current(session, worker.link.framework_key)
        key = catalogue.framework_key
        folded = standings.folded(session, here.person_id, catalogue, on=at.date())
        done = [one for one in records.doings(session, here.person_id) if one.progress.framework_key == key]
        awards = [one for one in records.awards(session, here.person_id) if one.framework_key == key]
        made = record.page(
            catalogue,
            here.person_name or "",
            at,
            folded,
            [_attempted(one, worker) for one in done if one.attempts],
            _shared(session, here, catalogue, done),
            [
                record.AwardFact(one.badge_key, one.level, one.state, one.reason or "", one.at, one.updated_at)
                for one in awards
            ],
            download_url=url_for(".download"),
            begin_url=url_for("start.first_page"),
        )
    return show("record/record.html", made)


@blueprint.get("/record.json")
def download() -> ResponseReturnValue:
    """Everything that is stored about the visitor, as a file."""
    here, at = _own(), now()
    with learning() as (session, _):
        response: Response = jsonify(records.plain(session, here.person_id, now=at))
    response.headers["Content-Disposition"] = f'attachment; filename="my-record-{at:%Y-%m-%d}.json"'
    return response


def _own() -> Visit:
    """The visit of somebody who stands for themselves. Raises NotFound in a preview or for a guest."""
    here: Visit = g.visit
    if here.is_preview or here.mode != "activity":
        raise NotFound("There is no record here: in a preview nothing is stored.")
    return here


def _attempted(one: Doing, worker: Worker) -> record.Attempted:
    progress = one.progress
    is_here = one.link_id == worker.link.id and progress.run == worker.link.run
    has_report = is_here and one.attempts[-1].kind == SELF_ASSESSMENT
    return record.Attempted(
        activity_key=progress.activity_key,
        course=one.course,
        started_at=progress.started_at,
        finished_at=progress.finished_at,
        points=progress.points,
        maximum=progress.maximum,
        attempts=len(one.attempts),
        report_url=url_for("self_assessment.report", key=progress.activity_key) if has_report else "",
    )


def _shared(session: Session, here: Visit, catalogue: Catalogue, done: list[Doing]) -> list[record.Shared]:
    """Every reflection that was shared, in any course, with its signatures."""
    made = []
    for one in done:
        for of in judgements.of_progress(session, one.progress.id):
            if not of.steps:
                continue
            names = judgements.names_of(session, judgements.people_of(of.steps))
            history = practice.history(catalogue, of.steps, names, me=str(here.person_id), shows_all_marks=True)
            examples = practice.shown_examples(course.shared(of.steps))
            title = record.activity_title(catalogue, of.activity_key)
            made.append(record.Shared(title, one.course, examples, history))
    return made
