"""People as programs read them: who is behind an id, and how each LMS names them. By id, which is the order of arrival.

A page is two statements, whatever its length: the people, then the identities of all of them.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Identity, Person


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What is asked for; None leaves a filter out. ``sub`` is the LMS's own id of a person."""

    person_id: uuid.UUID | None = None
    platform_id: uuid.UUID | None = None
    sub: str | None = None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person with all their identities, oldest first."""

    person: Person
    identities: list[Identity]


def names(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of people by their id; '' for somebody whose LMS sends none."""
    found = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(list(ids))))
    return {person_id: name or "" for person_id, name in found}


def page(
    session: Session, wanted: PeopleFilter, after: uuid.UUID | None, limit: int
) -> tuple[list[PersonRecord], bool]:
    """Up to ``limit`` people after an id, and whether there are more."""
    query = sa.select(Person).order_by(Person.id).limit(limit + 1)
    if after is not None:
        query = query.where(Person.id > after)
    if wanted.person_id is not None:
        query = query.where(Person.id == wanted.person_id)
    if wanted.platform_id is not None:
        known = sa.select(Identity.person_id).where(Identity.platform_id == wanted.platform_id)
        query = query.where(Person.id.in_(known if wanted.sub is None else known.where(Identity.sub == wanted.sub)))
    people = session.scalars(query).all()
    identities = defaultdict(list)
    shown = [person.id for person in people[:limit]]
    for identity in session.scalars(sa.select(Identity).where(Identity.person_id.in_(shown)).order_by(Identity.id)):
        identities[identity.person_id].append(identity)
    return [PersonRecord(person, identities[person.id]) for person in people[:limit]], len(people) > limit
