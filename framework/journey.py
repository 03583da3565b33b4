"""The chain on one page: a person arrives, answers, submits; evidence becomes competency, badges and a grade.

The only module that joins the chain to the store, and the only writer of progress, attempts, answers, evidence and the
wanted half of a grade. It takes sessions and never commits: doors and jobs own the transaction, and ring afterwards.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from framework import assessment, badges
from framework.catalogue import Activity, Catalogue
from framework.errors import Conflict, Invalid, NotFound, NotOpen
from framework.store import attempts, editions, placements, standings, tasks, terms
from framework.store.attempts import Worker
from framework.store.tables import Attempt, Progress

PROGRAMME = "programme"


@dataclass(frozen=True, slots=True)
class Work:
    """What one person has of one activity: the newest attempt, with the catalogue of the edition it is on."""

    catalogue: Catalogue
    activity: Activity
    progress: Progress | None
    attempt: Attempt | None
    answers: Mapping[str, assessment.Answer]

    @property
    def is_open(self) -> bool:
        """Whether answers can be given now."""
        return self.attempt is not None and self.attempt.state == "open"

    @property
    def missing(self) -> tuple[assessment.Item, ...]:
        """Parts that must still be done before finish."""
        return assessment.missing(self.catalogue, self.activity, self.answers.values())


@dataclass(frozen=True, slots=True)
class Earlier:
    """A result from elsewhere that may be used here: the attempt, and the title of its course."""

    attempt: Attempt
    course_title: str


def look(session: Session, worker: Worker, activity_key: str) -> Work:
    """What the worker has of an activity now. Raises NotFound for an activity the placement does not hold."""
    framework_key = placements.check(session, worker.link, activity_key)
    progress = attempts.progress(session, worker, activity_key)
    attempt = attempts.newest_attempt(session, progress.id) if progress else None
    if attempt is None:
        _, catalogue = editions.current(session, framework_key)
        return Work(catalogue, catalogue.activity(activity_key), progress, None, {})
    catalogue = editions.catalogue(session, attempt.edition_id)
    answers = attempts.answers(session, attempt.reused_from or attempt.id)
    return Work(catalogue, catalogue.activity(activity_key), progress, attempt, answers)


def counted(session: Session, worker: Worker, activity_key: str) -> Work | None:
    """The finished attempt that counts, with its answers; None where nothing with answers is finished."""
    progress = attempts.progress(session, worker, activity_key)
    if progress is None or progress.counted_attempt_id is None:
        return None
    attempt = attempts.attempt(session, progress.counted_attempt_id)
    catalogue = editions.catalogue(session, attempt.edition_id)
    answers = attempts.answers(session, attempt.reused_from or attempt.id)
    return Work(catalogue, catalogue.activity(activity_key), progress, attempt, answers)


def earlier(session: Session, worker: Worker, activity_key: str, *, now: datetime) -> Earlier | None:
    """The learner's result of the same activity elsewhere, where the placement's terms let it be used here."""
    since = terms.for_learner(session, worker.link, worker.person_id).reuses_from(now)
    if since is None or worker.link.activity_key != activity_key:
        return None
    framework_key = placements.check(session, worker.link, activity_key)
    found = attempts.earlier(session, worker, framework_key, activity_key, since=since)
    if found is None or attempts.progress(session, worker, activity_key) is not None:
        return None
    attempt, course_title = found
    edition_id, _ = editions.current(session, framework_key)
    if worker.link.settings.get("reuse_editions") == "same" and attempt.edition_id != edition_id:
        return None
    return Earlier(attempt, course_title)


def reuse(session: Session, worker: Worker, activity_key: str, *, now: datetime) -> Work:
    """Take over the earlier result: finished here, with its points and day, and the grade goes out. No new evidence:
    the person has it already. Raises NotFound where there is none to take, NotOpen outside the opening times."""
    require_open(session, worker, now=now)
    found = earlier(session, worker, activity_key, now=now)
    if found is None:
        raise NotFound("There is no earlier result that can be used here.")
    framework_key = placements.check(session, worker.link, activity_key)
    progress = attempts.start(session, worker, framework_key, activity_key, now=now)
    source = found.attempt
    taken = attempts.open_attempt(session, progress, 1, source.edition_id, source.kind, now=source.started_at)
    taken.state, taken.submitted_at, taken.reused_from = "submitted", source.submitted_at, source.id
    taken.points, taken.maximum = source.points, source.maximum
    progress.finished_at = source.submitted_at
    count(session, worker, progress, now=now)
    placements.want_grade(session, worker, progress, now=now)
    return look(session, worker, activity_key)


def join(session: Session, worker: Worker, *, now: datetime) -> None:
    """Start a programme: from now on its grade is written when all its qualities are explored.

    What was explored in another course counts too, so the recompute is asked for at once.
    """
    placed = worker.link
    if placed.activity_key != PROGRAMME or attempts.progress(session, worker, PROGRAMME) is not None:
        return
    attempts.start(session, worker, placed.framework_key or "", PROGRAMME, now=now)
    tasks.request(session, tasks.RECOMPUTE, str(worker.person_id), now=now)


def begin(session: Session, worker: Worker, activity_key: str, *, now: datetime) -> Work:
    """Start an activity, or take it again once the last attempt is submitted. With an open attempt: nothing new.

    Raises NotOpen, with a sentence for the learner, outside the opening times or where no attempt is left.
    """
    require_open(session, worker, now=now)
    framework_key = placements.check(session, worker.link, activity_key)
    join(session, worker, now=now)
    progress = attempts.progress(session, worker, activity_key, lock=True)
    if progress is None:
        progress = attempts.start(session, worker, framework_key, activity_key, now=now)
    last = attempts.newest_attempt(session, progress.id)
    if last is None or last.state == "submitted":
        _require_attempt_left(session, worker, progress)
        edition_id, catalogue = editions.current(session, framework_key)
        kind = catalogue.activity(activity_key).kind
        attempts.open_attempt(session, progress, last.number + 1 if last else 1, edition_id, kind, now=now)
    session.flush()
    return look(session, worker, activity_key)


def answer(
    session: Session,
    worker: Worker,
    activity_key: str,
    item_key: str,
    value: Any,
    *,
    now: datetime,
    replaces: int | None = None,
) -> Work:
    """Keep one answer of the open attempt (begun here if need be). Raises Invalid with a text for the learner.

    Raises Conflict when the activity is finished: nobody's finished answers change by an old page; Stale when another
    version is stored than this one ``replaces`` (0: none); NotOpen outside the opening times.
    """
    require_open(session, worker, now=now)
    work = look(session, worker, activity_key)
    if work.attempt is not None and not work.is_open:
        raise Conflict("You have finished this activity. To answer again, choose “Take it again” first.")
    accepted = assessment.accept(work.catalogue, work.activity, item_key, value)
    if work.attempt is None:
        work = begin(session, worker, activity_key, now=now)
    assert work.attempt is not None and work.progress is not None  # noqa: S101  # begin has just made both
    is_private = assessment.is_private(work.activity)
    attempts.put_answer(session, work.attempt.id, item_key, accepted, keeps_first=not is_private, replaces=replaces)
    work = look(session, worker, activity_key)
    if work.progress is not None and work.progress.status != "completed":
        work.progress.fraction = _fraction(work)
    return work


def submit(session: Session, worker: Worker, activity_key: str, *, now: datetime) -> Work:
    """Finish: result, evidence, grade wanted and recompute task, all in the caller's transaction.

    A second submit answers with the first result. Raises Invalid when parts are missing, NotOpen after the close.
    """
    progress = attempts.progress(session, worker, activity_key, lock=True)
    work = look(session, worker, activity_key)
    if work.attempt is not None and work.attempt.state == "submitted":
        return work
    if work.attempt is None or progress is None:
        raise Invalid("There is nothing to finish yet: start the activity first.")
    require_open(session, worker, now=now)
    if work.missing:
        raise Invalid(f"{len(work.missing)} of the parts are not done yet.")
    marked = assessment.mark(work.catalogue, work.activity, work.answers.values(), now)
    work.attempt.state, work.attempt.submitted_at = "submitted", now
    work.attempt.points, work.attempt.maximum = marked.result.points, marked.result.maximum
    attempts.add_evidence(session, work.attempt, worker, work.catalogue.framework_key, marked.evidence, at=now)
    count(session, worker, progress, now=now)
    if worker.link.activity_key == activity_key:
        placements.want_grade(session, worker, progress, now=now)
    tasks.request(session, tasks.RECOMPUTE, str(worker.person_id), now=now)
    return work


def recompute(session: Session, person_id: uuid.UUID, *, now: datetime) -> set[uuid.UUID]:
    """Fold all evidence of a person into competency and badges, and finish the programmes that are complete.

    Safe to run any number of times. Answers the platforms whose grades have become due.
    """
    due: set[uuid.UUID] = set()
    joined = attempts.open_programmes(session, person_id, PROGRAMME)
    for framework_key in {*standings.frameworks_of(session, person_id), *(one.framework_key for one in joined)}:
        edition_id, catalogue = editions.current(session, framework_key)
        folded = standings.folded(session, person_id, catalogue, on=now.date())
        standings.keep_competencies(session, person_id, framework_key, folded)
        standings.keep_awards(session, person_id, catalogue, edition_id, badges.earned(catalogue, folded), now=now)
        explored = {key for key, one in folded.items() if one.is_explored}
        for progress in joined:
            if progress.framework_key == framework_key:
                due |= _follow_programme(session, progress, catalogue, explored, now=now)
    return due


def _follow_programme(
    session: Session, progress: Progress, catalogue: Catalogue, explored: set[str], *, now: datetime
) -> set[uuid.UUID]:
    worker = worker_of(session, progress.resource_link_id, progress.person_id, progress.identity_id)
    wanted = [part.key for part in placements.parts(worker.link, catalogue)]
    done = len(explored.intersection(wanted))
    if progress.fraction != done / len(wanted):
        progress.fraction = done / len(wanted)
    if done < len(wanted):
        return set()
    progress.status, progress.finished_at = "completed", now
    progress.points, progress.maximum = float(done), float(done)
    platform_id = placements.want_grade(session, worker, progress, now=now)
    return {platform_id} if platform_id else set()


def _fraction(work: Work) -> float:
    items = assessment.items(work.catalogue, work.activity)
    return 1 - len(work.missing) / len(items) if items else 0.0


def require_open(session: Session, worker: Worker, *, now: datetime) -> None:
    """Raise NotOpen, with a sentence for the learner, outside the placement's opening times."""
    held = terms.for_learner(session, worker.link, worker.person_id)
    if held.is_early(now):
        raise NotOpen("This activity is not open yet. Your course page says when it opens.")
    if held.is_closed(now):
        raise NotOpen("This activity has closed. What you answered before is kept; your teacher can reopen it.")


def _require_attempt_left(session: Session, worker: Worker, progress: Progress) -> None:
    held = terms.for_learner(session, worker.link, worker.person_id)
    session.flush()
    if not held.may_begin(attempts.count(session, progress.id)):
        raise NotOpen("You have used all your attempts. Your teacher can allow another one.")


def count(session: Session, worker: Worker, progress: Progress, *, now: datetime) -> None:
    """Let the attempt with the most points count, the earlier one of two equal; or the latest, as the terms say."""
    session.flush()
    finished = attempts.submitted(session, progress.id)
    is_latest = terms.for_learner(session, worker.link, worker.person_id).counts == "latest"
    counted = finished[-1] if is_latest else max(finished, key=lambda one: (one.points or 0.0, -one.number))
    progress.status, progress.fraction = "completed", 1.0
    progress.points, progress.maximum, progress.counted_attempt_id = counted.points, counted.maximum, counted.id
    progress.finished_at = progress.finished_at or now
    progress.updated_at = now  # the grade says when the newest attempt was finished, also when an older one counts


def worker_of(session: Session, visit_link_id: uuid.UUID, person_id: uuid.UUID, identity_id: uuid.UUID) -> Worker:
    """The worker of a visit's placement."""
    return Worker(placements.link(session, visit_link_id), person_id, identity_id)
