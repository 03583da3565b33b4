"""What the pages of a module and of its situations have in common: the learner's work, its order, their standing."""

import uuid

from flask import g
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.journey import Work
from framework.store import arrivals, placements, standings, terms
from framework.store.attempts import Worker
from framework.store.sessions import now
from lti_tool.placed import look
from lti_tool.presenters.programme_finish import Within

KINDS = ("module", "scenarios")


def activity_work(session: Session, worker: Worker, key: str) -> Work:
    """What the learner has of the activity. Raises NotFound for a kind that has pages of its own."""
    work = look(session, worker, key)
    if work.activity.kind not in KINDS:
        raise NotFound("There is no such module here.")
    return work


def seed_of(work: Work) -> str:
    """What orders options and responses: the same for one person's attempt, from before its first answer on."""
    number = work.attempt.number if work.attempt else 1
    return f"{g.visit.person_id}:{work.activity.key}:{number}"


def level_of(session: Session, work: Work) -> int | None:
    """The learner's standing in the activity's quality, from all evidence there is at this moment."""
    person: uuid.UUID = g.visit.person_id
    quality_key = work.activity.quality_key or ""
    standing = standings.folded(session, person, work.catalogue, on=now().date(), only=quality_key).get(quality_key)
    return standing.level if standing is not None and standing.is_explored else None


def may_look_back(session: Session, worker: Worker) -> bool:
    """Whether the placement's terms show the learner finished answers now."""
    return terms.for_learner(session, worker.link, worker.person_id).may_review(now())


def within(session: Session, worker: Worker, work: Work) -> Within | None:
    """The programme that the activity stands in, and how far the learner is with it; None where it stands alone.

    In a preview, which keeps nothing, this activity is the one that is finished.
    """
    if worker.link.activity_key != placements.PROGRAMME:
        return None
    held = placements.parts(worker.link, work.catalogue)
    folded = standings.folded(session, g.visit.person_id, work.catalogue, on=now().date())
    explored = {key for key, one in folded.items() if one.is_explored and not g.visit.is_preview}
    if g.visit.is_preview:
        explored.add(work.activity.key)
    return Within(
        finished=sum(one.key in explored for one in held),
        count=len(held),
        is_graded=placements.basis(worker.link) != "none" and arrivals.line_item(session, worker.link) is not None,
        is_part=work.activity.key in [one.key for one in held],
    )
