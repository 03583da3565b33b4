"""Who is in a course, as the LMS's roster says. A roster adds to what launches have told and never overrules it.

A launch's roles stand: Moodle's roster calls a non-editing teacher a learner. Whoever is missing from a roster that
was read to its end becomes inactive; nobody is deleted.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Context, Identity, Membership, Person

ACTIVE = "active"
INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a roster. ``roles`` are full URIs, ``role`` what they come to here."""

    sub: str
    roles: tuple[str, ...]
    role: str
    is_test: bool = False
    is_active: bool = True
    name: str | None = None
    email: str | None = None
    sourcedid: str | None = None


class Source(NamedTuple):
    """Where a course's roster is read."""

    deployment_id: uuid.UUID
    memberships_url: str | None


def source(session: Session, context_id: uuid.UUID) -> Source | None:
    """Where a course's roster is read; None when there is no such course."""
    row = session.execute(
        sa.select(Context.deployment_id, Context.memberships_url).where(Context.id == context_id)
    ).one_or_none()
    return None if row is None else Source(row.deployment_id, row.memberships_url)


def keep(session: Session, context_id: uuid.UUID, platform_id: uuid.UUID, members: Sequence[Member]) -> None:
    """Bring some members of a roster up to date: identity, person, membership. Some hundred at a time is a good size.

    A launch that makes the same identity at the same moment: IntegrityError, try once more.
    """
    subs = [member.sub for member in members]
    known = {
        identity.sub: (identity, person)
        for identity, person in session.execute(
            sa.select(Identity, Person)
            .join(Person, Person.id == Identity.person_id)
            .where(Identity.platform_id == platform_id, Identity.sub.in_(subs))
        )
    }
    ids = [identity.id for identity, _ in known.values()]
    enrolled = {
        row.identity_id: row
        for row in session.scalars(
            sa.select(Membership).where(Membership.context_id == context_id, Membership.identity_id.in_(ids))
        )
    }
    new = [member for member in members if member.sub not in known]
    known |= _add_people(session, platform_id, new)
    for member in members:
        identity, person = known[member.sub]
        _describe(identity, person, member)
        _enrol(session, context_id, identity, enrolled.get(identity.id), member)
    session.flush()


def remove_absent(session: Session, context_id: uuid.UUID, present: Iterable[str]) -> tuple[int, int]:
    """Make inactive whom a whole roster did not name: (made inactive, were active before).

    Staff whom a launch has shown stay: an administrator may teach a course without being enrolled in it.
    """
    here = set(present)
    active = session.execute(
        sa.select(Membership, Identity.sub)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Membership.context_id == context_id, Membership.status == ACTIVE)
    ).all()
    gone = [
        membership
        for membership, sub in active
        if sub not in here and (membership.role == "learner" or membership.seen_in == "roster")
    ]
    for membership in gone:
        membership.status = INACTIVE
    return len(gone), len(active)


def roster_at(session: Session, context_id: uuid.UUID) -> datetime | None:
    """When the LMS last told who is in a course."""
    return session.scalar(sa.select(Context.roster_at).where(Context.id == context_id))


def note_read(session: Session, context_id: uuid.UUID, *, now: datetime) -> None:
    """Keep the time of a roster that was read to its end."""
    context = session.scalars(sa.select(Context).where(Context.id == context_id)).one()
    context.roster_at = now


def _add_people(
    session: Session, platform_id: uuid.UUID, members: Iterable[Member]
) -> dict[str, tuple[Identity, Person]]:
    made = {}
    for member in members:
        person = Person(name=member.name, email=member.email)
        identity = Identity(person_id=person.id, platform_id=platform_id, sub=member.sub)
        made[member.sub] = (identity, person)
    session.add_all([person for _, person in made.values()])
    session.flush()
    session.add_all([identity for identity, _ in made.values()])
    session.flush()
    return made


def _describe(identity: Identity, person: Person, member: Member) -> None:
    if person.erased_at is None:
        _change(person, **{name: text for name in ("name", "email") if (text := getattr(member, name))})
    facts: dict[str, Any] = {"is_test": member.is_test or identity.is_test}
    if member.sourcedid:
        facts["sourcedid"] = member.sourcedid
    _change(identity, **facts)


def _enrol(
    session: Session, context_id: uuid.UUID, identity: Identity, membership: Membership | None, member: Member
) -> None:
    status = ACTIVE if member.is_active else INACTIVE
    if membership is None:
        membership = Membership(context_id=context_id, identity_id=identity.id, seen_in="roster")
        session.add(membership)
    if membership.seen_in == "launch":
        _change(membership, status=status)
    else:
        _change(membership, status=status, roles=list(member.roles), role=member.role)


def _change(row: Person | Identity | Membership, **facts: Any) -> None:
    """Set only what differs: an unchanged row is not written, and gets no new version."""
    for name, value in facts.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
