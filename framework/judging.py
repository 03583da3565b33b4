"""Judging practice: a learner shares a reflection, a judge signs it, and the level follows. With ``framework.journey``
the only writer of what learners have; the only writer of judgements and assessors.

It takes sessions and never commits. Each step is written with a request for the recompute in one transaction.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from framework import journey
from framework.assessment import judging, reflection
from framework.assessment.judging import ALLOWED, Marks, Step
from framework.assessment.reflection import Example
from framework.errors import Conflict, Invalid, NotAllowed, NotFound
from framework.journey import Work
from framework.store import assessors, audits, judgements, tasks
from framework.store.attempts import Worker
from framework.store.judgements import Reflection
from framework.store.tables import Assessor

_NOT_NOW = {
    "share": "It has been shared already.",
    "text_changed": "It is not shared, so you can change it as you like.",
    "confirm": "There is nothing to confirm any more.",
    "dispute": "There is nothing to confirm any more.",
}
_MOVED = {
    "private": "It is not shared any more.",
    "changing": "The learner is changing the text, so it cannot be judged now. It comes back when it is shared again.",
    "waiting": "It was shared or confirmed again meanwhile.",
    "returned": "It has been returned to the learner meanwhile.",
    "to_confirm": "A discussion was written up meanwhile and waits for the learner to confirm it.",
    "signed": "Another judge has signed it meanwhile.",
    "withdrawn": "A signature was withdrawn meanwhile.",
}


@dataclass(frozen=True, slots=True)
class Judge:
    """Somebody who may judge in a course. ``role``: instructor or assessor."""

    person_id: uuid.UUID
    role: str
    context_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Read:
    """What a judge's page was about: the last step that it showed and the digest of the text."""

    seen: int
    digest: str


# -- The learner's steps


def share(session: Session, worker: Worker, activity_key: str, *, now: datetime) -> Work:
    """Share a reflection: this finishes it. A second share answers with the first. Raises Invalid where parts lack."""
    work = journey.submit(session, worker, activity_key, now=now)
    assert work.attempt is not None  # noqa: S101  # submit raises where there is none
    of = judgements.reflection(session, work.attempt.id, lock=True)
    if of.state not in judging.PRIVATE:
        return work
    shared = reflection.examples(work.answers)
    if any(one.event_on is not None and one.event_on > now.date() for one in shared):
        raise Invalid("The event of an example lies ahead. Write about something that has happened.")
    comment = "asks for a professional discussion" if reflection.asks_discussion(work.answers) else ""
    _learner_step(session, of, work, worker, "share", examples=shared, comment=comment, now=now)
    return work


def reopen(session: Session, worker: Worker, activity_key: str, *, now: datetime) -> None:
    """Change a shared text: nobody reads it from now on, and signatures on it do not count any more."""
    journey.require_open(session, worker, now=now)  # else it could not be shared again
    of, work = _own(session, worker, activity_key)
    _check_allowed(of, "text_changed")
    assert work.attempt is not None  # noqa: S101  # it has steps, so there is one
    work.attempt.state = "open"
    _learner_step(session, of, work, worker, "text_changed", now=now)


def answer_discussion(
    session: Session, worker: Worker, activity_key: str, step: int, *, is_right: bool, comment: str, now: datetime
) -> None:
    """Confirm what the judge wrote up of a discussion, or say what is wrong with it."""
    of, work = _own(session, worker, activity_key)
    _check_allowed(of, "confirm")
    asked = judging.waiting_discussion(of.steps)
    if asked is None or asked.number != step:
        raise Conflict("This has been written anew meanwhile. Read it again, please.")
    needed = "" if is_right else "Say what is wrong, so that it can be put right."
    comment = judging.accept_comment(comment, needed=needed)
    action = "confirm" if is_right else "dispute"
    _learner_step(session, of, work, worker, action, comment=comment, of_step=step, now=now)


def _own(session: Session, worker: Worker, activity_key: str) -> tuple[Reflection, Work]:
    work = journey.look(session, worker, activity_key)
    if work.attempt is None or work.activity.kind != reflection.KIND:
        raise NotFound("There is nothing here that you have shared.")
    return judgements.reflection(session, work.attempt.id, lock=True), work


def _learner_step(
    session: Session,
    of: Reflection,
    work: Work,
    worker: Worker,
    action: str,
    *,
    now: datetime,
    examples: Sequence[Example] = (),
    comment: str = "",
    of_step: int | None = None,
) -> None:
    quality = work.activity.quality_key or ""
    digest = reflection.digest(examples) if action == "share" else ""
    what = {"examples": examples, "comment": comment, "of_step": of_step, "digest": digest}
    judgements.append(session, of, quality, action, worker.person_id, "learner", now=now, **what)
    tasks.request(session, tasks.RECOMPUTE, str(of.person_id), now=now)


# -- The judge's steps


def open_for(session: Session, judge: Judge, attempt_id: uuid.UUID, *, lock: bool = False) -> Reflection:
    """A reflection that this judge may look at. Raises NotFound for another course's, NotAllowed for their own."""
    of = judgements.reflection(session, attempt_id, lock=lock)
    if of.context_id != judge.context_id or not of.steps:
        raise NotFound("There is no such reflection in this course.")
    if judge.role not in of.judges:
        raise NotAllowed("In this activity the assessors whom the course has named judge, and nobody else.")
    if judgements.is_same_person(session, of.person_id, judge.person_id):
        raise NotAllowed("This is your own reflection. Nobody judges their own practice.")
    return of


def mark(
    session: Session,
    judge: Judge,
    attempt_id: uuid.UUID,
    quality_key: str,
    read: Read,
    marks: Marks,
    *,
    looked_at: Sequence[str],
    comment: str,
    signs: bool,
    now: datetime,
) -> Step:
    """Keep a judge's marks as a draft, or sign them, against exactly the text that the judge has read.

    Raises Conflict, saying what happened, where text or state is not what the page showed.
    """
    of = open_for(session, judge, attempt_id, lock=True)
    check_unmoved(of, read)
    action = "sign" if signs else "draft"
    _check_allowed(of, action)
    shared = judging.shared(of.steps)
    if signs and not shared:
        raise Invalid(
            "There is no example to judge yet. Write up the discussion first, and let the learner confirm it."
        )
    examples = [_facts(one) for one in shared if one.key in looked_at]
    comment = judging.accept_comment(comment)
    what = {"marks": marks, "examples": examples, "comment": comment, "digest": read.digest}
    return _judge_step(session, of, quality_key, judge, action, now=now, **what)


def sign_draft(
    session: Session, judge: Judge, attempt_id: uuid.UUID, quality_key: str, read: Read, *, now: datetime
) -> Step:
    """Sign the marks that this judge kept as a draft. Raises Conflict where anything has moved since."""
    of = open_for(session, judge, attempt_id, lock=True)
    check_unmoved(of, read)
    draft = judging.draft_of(of.steps, str(judge.person_id))
    if draft is None:
        raise Conflict("There are no marks of yours that fit the text as it is now.")
    what = {"marks": draft.marks, "examples": draft.examples, "comment": draft.comment, "digest": draft.digest}
    return _judge_step(session, of, quality_key, judge, "sign", now=now, **what)


def send_back(
    session: Session, judge: Judge, attempt_id: uuid.UUID, quality_key: str, read: Read, comment: str, *, now: datetime
) -> Step:
    """Return a reflection to its learner with a comment that says what is missing."""
    of = open_for(session, judge, attempt_id, lock=True)
    check_unmoved(of, read)
    _check_allowed(of, "return")
    comment = judging.accept_comment(comment, needed="Say what the learner should add or change.")
    return _judge_step(session, of, quality_key, judge, "return", now=now, comment=comment, digest=read.digest)


def write_up(
    session: Session,
    judge: Judge,
    attempt_id: uuid.UUID,
    quality_key: str,
    read: Read,
    example: Example,
    *,
    now: datetime,
) -> Step:
    """Write up an example that the learner told in a discussion. It counts once the learner confirms it."""
    of = open_for(session, judge, attempt_id, lock=True)
    check_unmoved(of, read)
    _check_allowed(of, "discuss")
    if example.event_on is None or example.event_on > now.date():
        raise Invalid("Say when it happened. It must lie behind us.", field="event_on")
    told = replace(example, key=f"discussion.{len(of.steps) + 1}")
    return _judge_step(session, of, quality_key, judge, "discuss", now=now, examples=[told])


def withdraw(
    session: Session, judge: Judge, attempt_id: uuid.UUID, quality_key: str, step: int, comment: str, *, now: datetime
) -> Step:
    """Take back a signature: one's own, or, as the course's instructor, any. The level follows at once."""
    of = open_for(session, judge, attempt_id, lock=True)
    signed = next((one for one in judging.signatures(of.steps) if one.number == step), None)
    if signed is None:
        raise Conflict("This signature does not count any more, so there is nothing to withdraw.")
    if signed.by != str(judge.person_id) and judge.role != "instructor":
        raise NotAllowed("Only the judge who signed, or a teacher of the course, can withdraw a signature.")
    comment = judging.accept_comment(comment, needed="Give the reason. The learner reads it.")
    return _judge_step(session, of, quality_key, judge, "withdraw", now=now, comment=comment, of_step=step)


def _judge_step(
    session: Session, of: Reflection, quality_key: str, judge: Judge, action: str, *, now: datetime, **what: object
) -> Step:
    step = judgements.append(session, of, quality_key, action, judge.person_id, judge.role, now=now, **what)
    if action != "draft":
        actor = f"person {judge.person_id}"
        audits.add(session, actor=actor, action=action, subject=f"person {of.person_id}", people=1, now=now)
        tasks.request(session, tasks.RECOMPUTE, str(of.person_id), now=now)
    return step


def _facts(one: Example) -> Example:
    """An example without its text: the digest says which text was read."""
    return Example(one.key, "", one.event_on, one.reach, one.witness, one.witness_place)


def _check_allowed(of: Reflection, action: str) -> None:
    if of.state not in ALLOWED[action]:
        raise Conflict(_NOT_NOW.get(action) or _MOVED[of.state])


def check_unmoved(of: Reflection, read: Read) -> None:
    """Nothing is signed against another text, or unaware of another judge."""
    if of.state in judging.PRIVATE:
        raise Conflict(_MOVED[of.state])
    if judging.shared_digest(of.steps) != read.digest:
        raise Conflict("The text has changed since you opened this page. Nothing was signed. Read it again, please.")
    if judging.seen(of.steps) != read.seen:
        raise Conflict(f"{_MOVED[of.state]} Nothing was signed. Look again, then sign if you still want to.")


# -- Assessors


def name_assessor(
    session: Session, judge: Judge, person_id: uuid.UUID, *, until: date | None, now: datetime
) -> Assessor:
    """Let a member of the course judge in it. Naming somebody again changes the last day."""
    _check_names_assessors(judge)
    if person_id not in {one[0] for one in assessors.candidates(session, judge.context_id)}:
        raise NotFound("There is no such person in this course.")
    if until is not None and until < now.date():
        raise Invalid("The last day lies behind us.", field="until")
    end_assessor(session, judge, person_id, now=now)
    row = Assessor(
        context_id=judge.context_id, person_id=person_id, named_by=judge.person_id, named_at=now, until=until
    )
    session.add(row)
    session.flush()
    return row


def end_assessor(session: Session, judge: Judge, person_id: uuid.UUID, *, now: datetime) -> None:
    """End somebody's right to judge. What they have signed stays."""
    _check_names_assessors(judge)
    for row in assessors.not_ended(session, judge.context_id, person_id):
        row.ended_at, row.ended_by = now, judge.person_id
    session.flush()


def _check_names_assessors(judge: Judge) -> None:
    if judge.role != "instructor":
        raise NotAllowed("Only a teacher of the course names its assessors.")
