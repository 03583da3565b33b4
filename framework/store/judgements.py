"""Reflections on their way through judging. ``framework.judging`` alone writes the steps."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from framework import terms
from framework.assessment import judging
from framework.assessment.judgement import Judgement
from framework.assessment.judging import Marks, Step
from framework.assessment.reflection import read_example
from framework.errors import NotFound
from framework.store.cohorts import unnamed
from framework.store.tables import Attempt, Identity, Person, Progress, ResourceLink
from framework.store.tables import Judgement as JudgementRow

ROLES = {"instructor": "a teacher of the course", "assessor": "an assessor named in the course"}
JUDGES = {"both": ("instructor", "assessor"), "assessors": ("assessor",)}  # the roles, by a placement's terms
LOSSES = {
    "withdraw": "The judge has withdrawn the judgement: {comment}",
    "text_changed": "The learner has changed the text that was judged.",
}


@dataclass(frozen=True, slots=True)
class Reflection:
    """One attempt at a reflection with its steps. ``is_test``: by the LMS's test user. ``judges``: who may, by role."""

    attempt_id: uuid.UUID
    person_id: uuid.UUID
    identity_id: uuid.UUID
    learner: str
    is_test: bool
    context_id: uuid.UUID
    judges: tuple[str, ...]
    framework_key: str
    activity_key: str
    edition_id: uuid.UUID
    steps: tuple[Step, ...]

    @property
    def state(self) -> str:
        """Where it stands (see ``framework.assessment.judging``)."""
        return judging.state(self.steps)


def reflection(session: Session, attempt_id: uuid.UUID, *, lock: bool = False) -> Reflection:
    """One reflection. ``lock``: nobody else takes a step until the transaction ends. Raises NotFound."""
    if lock:
        session.execute(sa.select(Attempt.id).where(Attempt.id == attempt_id).with_for_update())
    found = _reflections(session, Attempt.id == attempt_id)
    if not found:
        raise NotFound("There is no such reflection in this course.")
    return found[0]


def of_course(session: Session, context_id: uuid.UUID) -> list[Reflection]:
    """Every reflection of a course that has ever been shared, the one longest without a step first."""
    begun = sa.select(JudgementRow.attempt_id).where(JudgementRow.context_id == context_id)
    found = _reflections(session, ResourceLink.context_id == context_id, Attempt.id.in_(begun))
    return sorted((one for one in found if one.steps), key=lambda one: one.steps[-1].at)


def of_progress(session: Session, progress_id: uuid.UUID) -> list[Reflection]:
    """One learner's reflections in one placement's run, the oldest first."""
    return sorted(_reflections(session, Attempt.progress_id == progress_id), key=lambda one: one.attempt_id)


def beside(session: Session, placed: ResourceLink, person_id: uuid.UUID, activity_key: str) -> list[tuple[str, str]]:
    """What a person has of the same reflection in other placements of the course: (its title, where it stands).

    One that is placed as an activity of its own is there with "" where the person has begun nothing.
    """
    query = (
        sa.select(ResourceLink, Progress.id)
        .outerjoin(
            Progress,
            sa.and_(
                Progress.resource_link_id == ResourceLink.id,
                Progress.run == ResourceLink.run,
                Progress.person_id == person_id,
                Progress.activity_key == activity_key,
            ),
        )
        .where(
            ResourceLink.context_id == placed.context_id,
            ResourceLink.id != placed.id,
            ResourceLink.framework_key == placed.framework_key,
            sa.or_(ResourceLink.activity_key == activity_key, Progress.id.is_not(None)),
        )
        .order_by(ResourceLink.id)
    )
    found = []
    for link, progress_id in session.execute(query):
        of = of_progress(session, progress_id) if progress_id else []
        if of or link.activity_key == activity_key:
            found.append((link.title, of[-1].state if of else ""))
    return found


def waiting(session: Session, context_id: uuid.UUID, judge: uuid.UUID, role: str) -> list[uuid.UUID]:
    """The identities of those whose reflections wait in a course for a judge of this role, but for the judge's own."""
    later = aliased(JudgementRow)
    rows = session.execute(
        sa.select(Progress.identity_id, ResourceLink.settings)
        .select_from(JudgementRow)
        .join(Attempt, Attempt.id == JudgementRow.attempt_id)
        .join(Progress, Progress.id == Attempt.progress_id)
        .join(Identity, Identity.id == Progress.identity_id)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(
            JudgementRow.context_id == context_id,
            JudgementRow.action.in_(["share", "confirm", "dispute"]),
            JudgementRow.person_id != judge,
            Identity.is_test.is_(False),
            ~sa.exists().where(
                later.tenant_id == JudgementRow.tenant_id,
                later.attempt_id == JudgementRow.attempt_id,
                later.step > JudgementRow.step,
                later.action != "draft",
            ),
        )
    )
    return [identity_id for identity_id, settings in rows if role in JUDGES[terms.read(settings).judges]]


def _reflections(session: Session, *where: sa.ColumnElement[bool]) -> list[Reflection]:
    rows = session.execute(
        sa.select(Attempt, Progress, Person, Identity.is_test, ResourceLink)
        .join(Progress, Progress.id == Attempt.progress_id)
        .join(Person, Person.id == Progress.person_id)
        .join(Identity, Identity.id == Progress.identity_id)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(Attempt.kind == "reflection", *where)
    ).all()
    steps = _steps(session, [attempt.id for attempt, *_ in rows])
    return [
        Reflection(
            attempt_id=attempt.id,
            person_id=person.id,
            identity_id=progress.identity_id,
            learner=person.name or unnamed(person.id),
            is_test=is_test,
            context_id=link.context_id,
            judges=JUDGES[terms.read(link.settings).judges],
            framework_key=progress.framework_key,
            activity_key=progress.activity_key,
            edition_id=attempt.edition_id,
            steps=tuple(steps[attempt.id]),
        )
        for attempt, progress, person, is_test, link in rows
    ]


def _steps(session: Session, attempt_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[Step]]:
    found: dict[uuid.UUID, list[Step]] = defaultdict(list)
    rows = session.scalars(
        sa.select(JudgementRow).where(JudgementRow.attempt_id.in_(attempt_ids)).order_by(JudgementRow.step)
    )
    for row in rows:
        found[row.attempt_id].append(_step(row))
    return found


def _step(row: JudgementRow) -> Step:
    return Step(
        number=row.step,
        action=row.action,
        by=str(row.by_person_id),
        role=row.role,
        at=row.at,
        marks=Marks(row.feature_values, row.basis, row.known_from, row.known_to),
        comment=row.comment,
        examples=tuple(read_example(one["key"], one) for one in row.examples),
        digest=row.text_digest,
        of_step=row.of_step,
    )


def append(
    session: Session,
    of: Reflection,
    quality_key: str,
    action: str,
    by: uuid.UUID,
    role: str,
    *,
    now: datetime,
    **what: Any,
) -> Step:
    """Write the next step. ``what``: marks, comment, examples, digest, of_step of a ``Step``."""
    marks: Marks = what.get("marks", Marks())
    row = JudgementRow(
        person_id=of.person_id,
        attempt_id=of.attempt_id,
        context_id=of.context_id,
        framework_key=of.framework_key,
        quality_key=quality_key,
        step=len(of.steps) + 1,
        action=action,
        by_person_id=by,
        role=role,
        feature_values=dict(marks.values),
        basis=dict(marks.basis),
        known_from=marks.known_from,
        known_to=marks.known_to,
        comment=what.get("comment", ""),
        examples=[{"key": one.key, **one.plain()} for one in what.get("examples", ())],
        text_digest=what.get("digest", ""),
        of_step=what.get("of_step"),
        at=now,
    )
    session.add(row)
    session.flush()
    return _step(row)


def of_person(session: Session, person_id: uuid.UUID, framework_key: str) -> tuple[Judgement, ...]:
    """Every signature on a person's practice that counts, from all courses, as the rules of levels read them."""
    rows = session.scalars(
        sa.select(JudgementRow)
        .where(JudgementRow.person_id == person_id, JudgementRow.framework_key == framework_key)
        .order_by(JudgementRow.attempt_id, JudgementRow.step)
    ).all()
    if not rows:
        return ()
    names = names_of(session, {person_id, *(row.by_person_id for row in rows)})
    by_attempt: dict[uuid.UUID, list[JudgementRow]] = defaultdict(list)
    for row in rows:
        by_attempt[row.attempt_id].append(row)
    return tuple(
        judgement
        for attempt_id, steps in by_attempt.items()
        for judgement in judging.judgements(
            [_step(row) for row in steps],
            attempt=str(attempt_id),
            quality_key=steps[0].quality_key,
            learner=str(person_id),
            course=str(steps[0].context_id),
            roles=ROLES,
            names=names,
        )
    )


def people_of(steps: Iterable[Step]) -> set[uuid.UUID]:
    """Who has taken the steps."""
    return {uuid.UUID(one.by) for one in steps}


def names_of(session: Session, people: Iterable[uuid.UUID]) -> dict[str, str]:
    """Names by person's key, "" where the LMS sends none."""
    rows = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(set(people))))
    return {str(person_id): name or "" for person_id, name in rows}


def loss(session: Session, person_id: uuid.UUID, qualities: Iterable[str], *, since: datetime) -> str | None:
    """Why an award about these qualities may have fallen since a moment: the newest step that takes marks away."""
    row = session.scalars(
        sa.select(JudgementRow)
        .where(
            JudgementRow.person_id == person_id,
            JudgementRow.quality_key.in_(list(qualities)),
            JudgementRow.action.in_(list(LOSSES)),
            JudgementRow.at >= since,
        )
        .order_by(JudgementRow.at.desc(), JudgementRow.step.desc())
        .limit(1)
    ).first()
    return None if row is None else LOSSES[row.action].format(comment=row.comment).strip()


def frameworks_of(session: Session, person_id: uuid.UUID) -> Sequence[str]:
    """Keys of the frameworks in which somebody has judged a person."""
    query = sa.select(JudgementRow.framework_key).where(JudgementRow.person_id == person_id).distinct()
    return session.scalars(query).all()


def is_same_person(session: Session, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Whether two person rows are one human being, as far as linking has said so."""
    rows = session.execute(sa.select(Person.id, Person.linked_to).where(Person.id.in_([one, other]))).all()
    alike = [{found for found in row if found is not None} for row in rows]
    return one == other or (len(alike) == 2 and not alike[0].isdisjoint(alike[1]))
