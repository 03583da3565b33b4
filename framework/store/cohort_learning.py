"""What a course knows of its people's learning, for several people at once. What was done elsewhere is left out.

Whom somebody may see is decided before, in ``framework.store.cohorts``: these functions take the people to look at.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from framework import assessment, competency, terms
from framework.assessment import Fact
from framework.catalogue import Catalogue
from framework.competency import Competency
from framework.competency import Judgement as Signed
from framework.store import editions, judgements
from framework.store import terms as kept_terms
from framework.store.tables import Answer, Attempt, Evidence, Judgement, Progress, ResourceLink
from framework.stuck import MANY_TRIES, Doing

_Key = tuple[uuid.UUID, uuid.UUID]  # (resource link, person)


def folded(
    session: Session, catalogue: Catalogue, context_id: uuid.UUID, people: Sequence[uuid.UUID], *, on: date
) -> Mapping[uuid.UUID, Mapping[str, Competency]]:
    """Each person's competency from this course's evidence and judgements alone, by quality."""
    facts: dict[uuid.UUID, list[Fact]] = defaultdict(list)
    learned = sa.select(Evidence).where(
        Evidence.context_id == context_id,
        Evidence.framework_key == catalogue.framework_key,
        Evidence.person_id.in_(people),
    )
    for row in session.scalars(learned):
        facts[row.person_id].append(Fact(row.feature_key, row.kind, row.value, row.at))
    asked = sa.select(Judgement.person_id).where(Judgement.context_id == context_id, Judgement.action == "sign")
    judged = set(session.scalars(asked.distinct()))
    nothing = competency.fold(catalogue, (), on=on)
    found = {}
    for person_id in people:
        signed = judgements.of_person(session, person_id, catalogue.framework_key) if person_id in judged else ()
        here = [one for one in signed if one.course_key == str(context_id)]
        found[person_id] = {**nothing, **_fold(catalogue, facts[person_id], here, on)}
    return found


def _fold(catalogue: Catalogue, facts: Sequence[Fact], signed: Sequence[Signed], on: date) -> Mapping[str, Competency]:
    """The qualities that something is known about: most people have touched few, and a list has many people."""
    touched = {
        catalogue.feature(one.feature_key).quality_key for one in facts if catalogue.has_feature(one.feature_key)
    }
    touched |= {one.quality_key for one in signed}
    few = tuple(one for one in catalogue.qualities if one.key in touched)
    return competency.fold(replace(catalogue, qualities=few), facts, signed, on=on)


def begun(
    session: Session, context_id: uuid.UUID, framework_key: str, people: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Mapping[str, str]]:
    """The status of each activity that a person has begun in the course's present runs, by person and activity."""
    rows = session.execute(
        sa.select(Progress.person_id, Progress.activity_key, Progress.status)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(
            ResourceLink.context_id == context_id,
            Progress.run == ResourceLink.run,
            Progress.framework_key == framework_key,
            Progress.person_id.in_(people),
        )
    )
    found: dict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    for person_id, key, status in rows:
        if found[person_id].get(key) != "completed":
            found[person_id][key] = status
    return found


def doings(
    session: Session, links: Sequence[ResourceLink], people: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Mapping[uuid.UUID, Doing]]:
    """What each person has done in each placement, for the rules of ``framework.stuck``: by person, by placement."""
    ids = [link.id for link in links]
    status, touched = _progress(session, ids)
    tries, returned = _tries(session, ids), _returned(session, ids)
    found: dict[uuid.UUID, dict[uuid.UUID, Doing]] = {person_id: {} for person_id in people}
    for link in links:
        allowed, held = kept_terms.allowances(session, link), terms.read(link.settings)
        for person_id in people:
            key = (link.id, person_id)
            found[person_id][link.id] = Doing(
                status=status.get(key, "none"),
                touched_at=touched.get(key),
                wrong_tries=tries.get(key, 0),
                returned_at=returned.get(key),
                terms=held.for_learner(allowed.get(person_id)),
            )
    return found


def _progress(session: Session, links: Sequence[uuid.UUID]) -> tuple[dict[_Key, str], dict[_Key, datetime]]:
    """The status of the placed activity, and when anything in the placement was last touched."""
    rows = session.execute(
        sa.select(
            Progress.resource_link_id,
            Progress.person_id,
            Progress.activity_key == ResourceLink.activity_key,
            Progress.status,
            Progress.started_at,
            sa.func.max(Attempt.started_at),
            sa.func.max(Attempt.submitted_at),
            sa.func.max(Answer.updated_at),
        )
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .outerjoin(Attempt, Attempt.progress_id == Progress.id)
        .outerjoin(Answer, Answer.attempt_id == Attempt.id)
        .where(Progress.resource_link_id.in_(links), Progress.run == ResourceLink.run)
        .group_by(Progress.tenant_id, Progress.id, ResourceLink.activity_key)
    )
    status: dict[_Key, str] = {}
    touched: dict[_Key, datetime] = {}
    for link_id, person_id, is_placed_one, state, *moments in rows:
        key = (link_id, person_id)
        if is_placed_one:
            status[key] = state
        touched[key] = max(at for at in (touched.get(key), *moments) if at is not None)
    return status, touched


def _tries(session: Session, links: Sequence[uuid.UUID]) -> dict[_Key, int]:
    """The most wrong tries at a question of a module that is not right yet. A right answer makes it settled."""
    rows = session.execute(
        sa.select(Progress.resource_link_id, Progress.person_id, Progress.activity_key, Attempt.edition_id, Answer)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .join(Attempt, Attempt.progress_id == Progress.id)
        .join(Answer, Answer.attempt_id == Attempt.id)
        .where(
            Progress.resource_link_id.in_(links),
            Progress.run == ResourceLink.run,
            Attempt.state == "open",
            Attempt.kind == "module",
            Answer.tries >= MANY_TRIES,
        )
    )
    most: dict[_Key, int] = defaultdict(int)
    known: dict[uuid.UUID, Catalogue] = {}
    for link_id, person_id, activity_key, edition_id, row in rows:
        if edition_id not in known:
            known[edition_id] = editions.catalogue(session, edition_id)
        catalogue = known[edition_id]
        answer = assessment.Answer(row.item_key, row.value, row.first_value, row.tries)
        if not assessment.settled(catalogue, catalogue.activity(activity_key), row.item_key, answer):
            most[link_id, person_id] = max(most[link_id, person_id], row.tries)
    return most


def _returned(session: Session, links: Sequence[uuid.UUID]) -> dict[_Key, datetime]:
    """When a judge gave a reflection back that its learner has not shared since. Drafts are no step."""
    later = aliased(Judgement)
    rows = session.execute(
        sa.select(Progress.resource_link_id, Judgement.person_id, sa.func.min(Judgement.at))
        .join(Attempt, Attempt.id == Judgement.attempt_id)
        .join(Progress, Progress.id == Attempt.progress_id)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(
            Progress.resource_link_id.in_(links),
            Progress.run == ResourceLink.run,
            Judgement.action == "return",
            ~sa.exists().where(
                later.tenant_id == Judgement.tenant_id,
                later.attempt_id == Judgement.attempt_id,
                later.step > Judgement.step,
                later.action.not_in(("draft", "text_changed")),
            ),
        )
        .group_by(Progress.resource_link_id, Judgement.person_id)
    )
    return {(link_id, person_id): at for link_id, person_id, at in rows}
