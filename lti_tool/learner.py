"""One learner of the course before their instructor: what they have done, read only. Each look is kept in the audit."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import assessment, journey, stuck
from framework.catalogue import Activity
from framework.errors import NotAllowed, NotFound
from framework.store import (
    attempts,
    audits,
    cohort_learning,
    cohorts,
    editions,
    gradebooks,
    judgements,
    nudges,
    placements,
    terms,
)
from framework.store.attempts import Worker
from framework.store.cohorts import Member
from framework.store.columns import parse_public_id, public_id
from framework.store.judgements import Reflection
from framework.store.sessions import now
from framework.store.tables import Progress, ResourceLink
from framework.stuck import Doing
from lti_tool import course, gradebook, parts, stepwise, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import course as course_words
from lti_tool.presenters import gradebook as grade_words
from lti_tool.presenters import learner as words
from lti_tool.presenters import practice, result, terms_words
from lti_tool.presenters.frame import Link
from lti_tool.presenters.gradebook import GradeCell, GradeFacts
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("learner", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/learner/<person>")
def page(person: str) -> ResponseReturnValue:
    """What this course knows of one learner."""
    here: Visit = g.visit
    family = lms.family if (lms := gradebook.platform()) else "other"
    with teaching(writes=True) as (session, placed):
        who = _opened(session, placed, person)
        _, catalogue = editions.current(session, placed.framework_key)
        links = course.asking(session, placed)
        doings = cohort_learning.doings(session, [link for link, _ in links], [who.person_id])[who.person_id]
        shown = [_placed(session, who, link, title, doings[link.id], family) for link, title in links]
        one = [who.person_id]
        folded = cohort_learning.folded(session, catalogue, placed.context_id, one, on=now().date())
        begun = cohort_learning.begun(session, placed.context_id, catalogue.framework_key, one)
        reflections = [
            _judged(session, of)
            for of in judgements.of_course(session, placed.context_id)
            if of.person_id == who.person_id
        ]
        nudged_at = nudges.last(session, placed.context_id).get(who.person_id)
    found = words.learner(
        catalogue,
        who.name,
        here.course_title,
        placements=shown,
        cells=course_words.cells(catalogue, folded[who.person_id], begun.get(who.person_id, {})),
        reflections=reflections,
        nudged_at=nudged_at,
        back_url=url_for("course.page"),
    )
    return show("teach/learner.html", found)


@blueprint.get("/learner/<person>/work/<link>/<key>")
def work(person: str, link: str, key: str) -> ResponseReturnValue:
    """The finished attempt that counts, with its answers; never what is its learner's alone."""
    with teaching(writes=True) as (session, placed):
        who = _opened(session, placed, person)
        found = next((one for one, _ in course.asking(session, placed) if public_id("lnk", one.id) == link), None)
        if found is None:
            raise NotFound("There is no such activity in this course.")
        counted = journey.counted(session, Worker(found, who.person_id, who.identity_id), key)
    if counted is None or counted.attempt is None:
        raise NotFound("There is no finished work to look at.")
    if assessment.is_private(counted.activity) or counted.activity.kind not in stepwise.KINDS:
        raise NotAllowed("What a learner answers in this activity is theirs alone. You see who has finished it.")
    review = result.review(
        counted.catalogue,
        counted.activity,
        counted.answers,
        f"{who.person_id}:{key}:{counted.attempt.number}",
        Link(who.name, url_for(".page", person=person)),
        f"The finished work of {who.name}. They see the same answers with the same feedback.",
        title=f"Answers of {who.name}",
    )
    return show("learn/review.html", review)


def _opened(session: Session, placed: ResourceLink, token: str) -> Member:
    """The learner of a page's address, and the audit row that says who looked. Raises NotFound or NotAllowed."""
    here: Visit = g.visit
    person_id = parse_public_id("prs", token)
    found = person_id and cohorts.learner(session, placed.context_id, person_id)
    if not found:
        raise NotFound("There is no such learner in this course.")
    if not cohorts.may_see(session, placed.context_id, found.identity_id, seen_by=here.membership_id):
        raise NotAllowed("In this course instructors see the learners of their own sections alone.")
    audits.add(
        session,
        actor=f"person {here.person_id}",
        action="view_learner",
        subject=f"person {found.person_id}",
        people=1,
        now=now(),
    )
    return found


def _placed(session: Session, who: Member, link: ResourceLink, title: str, doing: Doing, family: str) -> words.Placed:
    worker = Worker(link, who.person_id, who.identity_id)
    _, catalogue = editions.current(session, link.framework_key)
    activity = catalogue.activity(link.activity_key or "")
    known = attempts.progress_of(session, worker)
    own = known.get(activity.key)
    tried = attempts.count(session, own.id) if own else 0
    allowed = terms.allowances(session, link, who.person_id).get(who.person_id)
    return words.placed(
        title,
        doing.status,
        own.fraction if own else 0.0,
        own.finished_at if own else None,
        tried,
        limits=terms_words.shown_to_learner(doing.terms, parts.settings().zone, now(), tried),
        allowed=terms_words.allowed(allowed, parts.settings().zone),
        reasons=stuck.reasons(doing, now()),
        grade=_grade(session, link, who, family),
        reviews=_reviews(who, link, placements.parts(link, catalogue), known),
        is_private=activity.kind == "self_assessment",
        more_url=_more_url(who, link, doing),
    )


def _more_url(who: Member, link: ResourceLink, doing: Doing) -> str:
    """Where this learner is given more; '' for another activity than the one that was opened, or without limits."""
    here: Visit = g.visit
    if link.id != here.resource_link_id or (doing.terms.closes_at is None and doing.terms.attempts is None):
        return ""
    return url_for("terms.settings", person=public_id("prs", who.person_id), _anchor="allow")


def _grade(session: Session, link: ResourceLink, who: Member, family: str) -> GradeCell | None:
    if placements.basis(link) == "none":
        return None
    one = gradebooks.grades(session, link).get(who.person_id)
    if one is None:
        return grade_words.NO_GRADE
    facts = GradeFacts(one.state, one.wanted, one.maximum, one.error_class, one.last_error, one.tried_at, one.next_try)
    return replace(grade_words.cell(facts, family, ""), again=None)


def _reviews(who: Member, link: ResourceLink, held: tuple[Activity, ...], known: Mapping[str, Progress]) -> list[Link]:
    """The finished work that an instructor may look at."""
    person, placed = public_id("prs", who.person_id), public_id("lnk", link.id)
    return [
        Link(f"Answers: {one.title}", url_for(".work", person=person, link=placed, key=one.key))
        for one in held
        if one.kind in stepwise.KINDS and one.key in known and known[one.key].counted_attempt_id is not None
    ]


def _judged(session: Session, of: Reflection) -> words.Judged:
    """One reflection with its history; for somebody who may not judge it, where it stands and no more."""
    here: Visit = g.visit
    catalogue = editions.catalogue(session, of.edition_id)
    quality = catalogue.activity(of.activity_key).quality_key or ""
    may_judge = here.role in of.judges and not judgements.is_same_person(session, of.person_id, here.person_id)
    events = practice.history(
        catalogue,
        of.steps,
        judgements.names_of(session, {uuid.UUID(step.by) for step in of.steps}),
        me=str(here.person_id),
        shows_all_marks=False,
    )
    url = url_for("judging.look_at", reflection=public_id("rfl", of.attempt_id)) if may_judge else ""
    return words.judged(catalogue, quality, of.steps, url, events if may_judge else ())
