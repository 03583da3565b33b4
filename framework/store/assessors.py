"""Who may judge in a course: its teachers, and the members whom they name. ``framework.judging`` writes them."""

import uuid
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import terms
from framework.store.cohorts import unnamed
from framework.store.tables import Assessor, Identity, Membership, Person, ResourceLink


def active(session: Session, context_id: uuid.UUID, *, on: date) -> list[tuple[Assessor, str]]:
    """The assessors of a course on a day with their names, by name."""
    rows = session.execute(
        sa.select(Assessor, Person.name)
        .join(Person, Person.id == Assessor.person_id)
        .where(Assessor.context_id == context_id, *_is_active(on))
    ).all()
    named = [(row, name or unnamed(row.person_id)) for row, name in rows]
    return sorted(named, key=lambda one: one[1].casefold())


def is_assessor(session: Session, context_id: uuid.UUID, person_id: uuid.UUID, *, on: date) -> bool:
    """Whether somebody may judge in a course by being named there."""
    query = sa.select(Assessor.id).where(Assessor.context_id == context_id, Assessor.person_id == person_id)
    return session.scalar(query.where(*_is_active(on)).limit(1)) is not None


def not_ended(session: Session, context_id: uuid.UUID, person_id: uuid.UUID) -> Sequence[Assessor]:
    """The row of an assessor that has not been ended, whether or not its last day has passed."""
    return session.scalars(
        sa.select(Assessor).where(
            Assessor.context_id == context_id, Assessor.person_id == person_id, Assessor.ended_at.is_(None)
        )
    ).all()


def _is_active(on: date) -> tuple[sa.ColumnElement[bool], ...]:
    return Assessor.ended_at.is_(None), sa.or_(Assessor.until.is_(None), Assessor.until >= on)


def judges(session: Session, placed: ResourceLink, *, but: uuid.UUID, on: date) -> list[str]:
    """The names of all who may judge in a placement on a day, but for one person; who has no name is left out."""
    context_id = placed.context_id
    named = {name for row, name in active(session, context_id, on=on) if row.person_id != but}
    if terms.read(placed.settings).judges == "both":
        named |= {
            name
            for person_id, name, role in candidates(session, context_id)
            if role == "instructor" and person_id != but
        }
    return sorted(named, key=str.casefold)


def candidates(session: Session, context_id: uuid.UUID) -> list[tuple[uuid.UUID, str, str]]:
    """The active members of a course as (person id, name, role), by name; the LMS's test users are left out."""
    rows = session.execute(
        sa.select(Person.id, Person.name, Membership.role)
        .join(Identity, Identity.person_id == Person.id)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(Membership.context_id == context_id, Membership.status == "active", Identity.is_test.is_(False))
    ).all()
    found = [(person_id, name or unnamed(person_id), role) for person_id, name, role in rows]
    return sorted(found, key=lambda one: one[1].casefold())
