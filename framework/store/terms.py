"""The terms of placements as they are kept: settings, allowances for single learners, runs, and the history of each."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import terms
from framework.catalogue import Catalogue
from framework.catalogue.connection import CONNECTION_TEST
from framework.errors import Conflict, Invalid
from framework.store import attempts, cohorts, placements, tasks
from framework.store.tables import LearnerAllowance, ResourceLink, SettingChange
from framework.terms import Allowance, Terms

MOST_SHOWN = 100  # entries of a history


def for_learner(session: Session, placed: ResourceLink, person_id: uuid.UUID) -> Terms:
    """The terms that hold for one learner in the placement's present run."""
    return terms.read(placed.settings).for_learner(allowances(session, placed, person_id).get(person_id))


def allowances(
    session: Session, placed: ResourceLink, person_id: uuid.UUID | None = None
) -> Mapping[uuid.UUID, Allowance]:
    """What single learners have been allowed in the present run, by person."""
    asked = sa.select(LearnerAllowance).where(
        LearnerAllowance.resource_link_id == placed.id, LearnerAllowance.run == placed.run
    )
    if person_id is not None:
        asked = asked.where(LearnerAllowance.person_id == person_id)
    return {row.person_id: Allowance(row.closes_at, row.extra_attempts) for row in session.scalars(asked)}


def set_for_all(session: Session, placed: ResourceLink, wanted: Terms, *, by: uuid.UUID, now: datetime) -> bool:
    """Put other terms on a placement; answers whether anything changed. Raises Invalid with the field."""
    others = {name: value for name, value in placed.settings.items() if name not in terms.FIELDS}
    return _set(session, placed, {**others, **terms.written(terms.checked(wanted))}, by=by, now=now)


def set_basis(session: Session, placed: ResourceLink, basis: str, *, by: uuid.UUID, now: datetime) -> bool:
    """Let the gradebook show something else. Raises Conflict once somebody has begun: grades would change scale."""
    if placed.settings.get("grade", "completion") == basis:
        return False
    if cohorts.has_begun(session, placed):
        raise Conflict("Learners have begun, so what the gradebook shows stays as it is until you start a new group.")
    return _set(session, placed, {**placed.settings, "grade": basis}, by=by, now=now)


def set_programme(
    session: Session,
    placed: ResourceLink,
    catalogue: Catalogue,
    qualities: Sequence[str],
    self_assessment: str,
    *,
    by: uuid.UUID,
    now: datetime,
) -> bool:
    """Let a programme hold other qualities, or the same in another order; answers whether anything changed.

    Whoever has begun the programme is computed anew by a worker: who has explored all that is left has finished. Who
    has finished it stays finished. Raises Invalid.
    """
    held = placed.settings
    wanted = placements.programme_settings(catalogue, qualities, held.get("grade", "completion"), self_assessment)
    before = [part.key for part in (*placements.parts(placed, catalogue), *placements.left_out(placed, catalogue))]
    others = {name: held[name] for name in held if name not in ("qualities", "self_assessment", "left_out")}
    left_out = [key for key in before if key not in wanted["qualities"]] if cohorts.has_begun(session, placed) else []
    settings = others | wanted | ({"left_out": left_out} if left_out else {})
    if not _set(session, placed, settings, by=by, now=now):
        return False
    for person_id in attempts.in_programme(session, placed, placements.PROGRAMME):
        tasks.request(session, tasks.RECOMPUTE, str(person_id), now=now)
    return True


def allow(
    session: Session,
    placed: ResourceLink,
    people: Sequence[uuid.UUID],
    closes_at: datetime | None,
    extra_attempts: int,
    *,
    by: uuid.UUID,
    now: datetime,
) -> None:
    """Give learners a later close and further attempts in the present run; nothing of both takes them back.

    Raises Invalid with the field where the placement has no such limit or the moment has passed.
    """
    general = terms.read(placed.settings)
    if closes_at is not None and general.closes_at is None:
        raise Invalid("This activity has no close, so nobody needs more time.", field="closes_at")
    if closes_at is not None and not now < closes_at < terms.LATEST:
        raise Invalid("Choose a moment that is still to come.", field="closes_at")
    if not 0 <= extra_attempts <= terms.MOST_ATTEMPTS:
        raise Invalid(f"Allow 0 to {terms.MOST_ATTEMPTS} further attempts.", field="extra_attempts")
    rows = {
        row.person_id: row
        for row in session.scalars(
            sa.select(LearnerAllowance).where(
                LearnerAllowance.resource_link_id == placed.id, LearnerAllowance.run == placed.run
            )
        )
    }
    wanted = Allowance(closes_at, extra_attempts)
    for person_id in people:
        row = rows.get(person_id)
        before = Allowance(row.closes_at, row.extra_attempts) if row else Allowance()
        if before == wanted:
            continue
        if row is None:
            row = LearnerAllowance(resource_link_id=placed.id, run=placed.run, person_id=person_id)
            session.add(row)
        row.closes_at, row.extra_attempts = closes_at, extra_attempts
        _note(session, placed, _plain(before), _plain(wanted), by=by, now=now, person_id=person_id)


def next_run(session: Session, placed: ResourceLink, *, by: uuid.UUID, now: datetime) -> None:
    """Begin the next run: everybody starts afresh, without the dates of the last; what was done is kept."""
    settings = terms.without_dates(placed.settings)
    before, after = {"run": placed.run, **placed.settings}, {"run": placed.run + 1, **settings}
    placed.run, placed.settings = placed.run + 1, settings
    _note(session, placed, before, after, by=by, now=now)


def history(session: Session, placed: ResourceLink) -> Sequence[SettingChange]:
    """What was changed, newest first."""
    return session.scalars(
        sa.select(SettingChange)
        .where(SettingChange.resource_link_id == placed.id)
        .order_by(SettingChange.at.desc(), SettingChange.id.desc())
        .limit(MOST_SHOWN)
    ).all()


def of_course(session: Session, context_id: uuid.UUID) -> Sequence[ResourceLink]:
    """The placements of a course that hold an activity, by title."""
    return session.scalars(
        sa.select(ResourceLink)
        .where(ResourceLink.context_id == context_id, ResourceLink.activity_key != CONNECTION_TEST.key)  # and not NULL
        .order_by(ResourceLink.title, ResourceLink.id)
    ).all()


def _set(session: Session, placed: ResourceLink, settings: dict[str, Any], *, by: uuid.UUID, now: datetime) -> bool:
    if settings == placed.settings:
        return False
    _note(session, placed, placed.settings, settings, by=by, now=now)
    placed.settings = settings
    return True


def _note(
    session: Session,
    placed: ResourceLink,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: uuid.UUID,
    now: datetime,
    person_id: uuid.UUID | None = None,
) -> None:
    """Keep what is different, on both sides."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    session.add(
        SettingChange(
            resource_link_id=placed.id,
            person_id=person_id,
            by_person_id=by,
            at=now,
            before={name: before.get(name) for name in names},
            after={name: after.get(name) for name in names},
        )
    )


def _plain(allowance: Allowance) -> dict[str, Any]:
    closes_at = allowance.closes_at
    return {**asdict(allowance), "closes_at": closes_at.isoformat() if closes_at else None}
