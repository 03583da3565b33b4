"""A learner's work as its instructor sees it, opened from the LMS's gradebook (Submission Review 1.0)."""

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from framework import assessment, journey
from framework.assessment import reflection
from framework.errors import NotAllowed
from framework.store import arrivals, audits, cohorts
from framework.store.columns import public_id
from framework.store.sessions import now
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.presenters import notices, result
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("review", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/review")
def work() -> ResponseReturnValue:
    """The attempt that counts, read only."""
    here: Visit = g.visit
    if here.mode != "review" or here.review_of is None or here.resource_link_id is None or not here.is_instructor:
        raise NotAllowed("This page is opened from the gradebook of your course.")
    with parts.store().transaction(here.tenant_id) as session:
        identity, person = arrivals.identified(session, here.review_of)
        if not cohorts.may_see(session, here.context_id, identity.id, seen_by=here.membership_id):
            raise NotAllowed(
                "In this course instructors see the work of their own sections alone, and this is another's. An "
                "instructor who has all sections of the course can change that."
            )
        worker = journey.worker_of(session, here.resource_link_id, person.id, identity.id)
        key = worker.link.activity_key or ""
        counted = journey.counted(session, worker, key)
        actor, subject = f"person {here.person_id}", f"person {person.id}"
        audits.add(session, actor=actor, action="review", subject=subject, people=1, now=now())
        name = person.name or cohorts.unnamed(person.id)
    if counted is None or counted.attempt is None:
        return show("errors/error.html", notices.nothing_to_review(name, here.return_url or ""))
    if counted.activity.kind == reflection.KIND and here.role == "instructor":
        return redirect(url_for("judging.look_at", reflection=public_id("rfl", counted.attempt.id)), 303)
    if assessment.is_private(counted.activity):
        raise NotAllowed("What a learner answers in this activity is theirs alone. You see who has finished it.")
    page = result.review(
        counted.catalogue,
        counted.activity,
        counted.answers,
        f"{person.id}:{key}:{counted.attempt.number}",
        None,
        f"The finished work of {name}. They see the same answers with the same feedback.",
    )
    return show("learn/review.html", page)
