"""What a learner has of a reflection, and who reads it: for the pages that write it and those that share it."""

from flask import g
from sqlalchemy.orm import Session

from framework.assessment.judging import Step, signatures, state
from framework.assessment.reflection import KIND
from framework.errors import NotFound
from framework.journey import Work
from framework.store import assessors, judgements
from framework.store.attempts import Worker
from framework.store.sessions import now
from lti_tool.placed import look
from lti_tool.presenters.writing import who_reads
from lti_tool.visit import Visit


def work_on(session: Session, worker: Worker, key: str) -> Work:
    """What the learner has of a reflection. Raises NotFound for an activity of another kind."""
    work = look(session, worker, key)
    if work.activity.kind != KIND:
        raise NotFound("There is no such reflection here.")
    return work


def is_private(work: Work) -> bool:
    """Whether nobody but the learner reads it now, and it can be written."""
    return work.attempt is None or work.is_open


def reads(session: Session, worker: Worker) -> str:
    """Who will read what the learner shares here, in words."""
    here: Visit = g.visit
    today = now().date()
    names = assessors.judges(session, worker.link, but=here.person_id, on=today)
    named = {name for _, name in assessors.active(session, here.context_id, on=today)}
    return who_reads(names, here.course_title, assessors=named)


def returned_with(session: Session, work: Work) -> Step | None:
    """What a judge returned it with, while the learner has not shared it again."""
    if work.attempt is None:
        return None
    steps = judgements.reflection(session, work.attempt.id).steps
    seen = [step for step in steps if step.action != "draft"]
    if seen and seen[-1].action == "text_changed":
        seen.pop()
    return seen[-1] if seen and seen[-1].action == "return" else None


def loses_nothing(steps: tuple[Step, ...]) -> bool:
    """Whether changing the text takes nothing back: it was returned, and no signature counts."""
    return state(steps) == "returned" and not signatures(steps)
