"""Who is in a course, as the LMS's roster says. A roster adds to what launches have told and never overrules it.

A launch's roles stand: Moodle's roster calls a non-editing teacher a learner. Whoever is missing from a roster that
was read to its end becomes inactive; nobody is deleted. A roster that lacks most of a course is not believed at once:
it is kept as a question, which the next whole roster answers.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store import tasks
from framework.store.tables import Context, Identity, Membership, Person, Task

ACTIVE = "active"
INACTIVE = "inactive"
FEW = 10  # people who may always leave at once
ASK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a roster. ``roles`` are full URIs, ``role`` what they come to here; ``sections`` are the LMS's
    ids, None where it does not say."""

    sub: str
    roles: tuple[str, ...]
    role: str
    is_test: bool = False
    is_active: bool = True
    name: str | None = None
    email: str | None = None
    sourcedid: str | None = None
    sections: tuple[str, ...] | None = None


class Source(NamedTuple):
    """Where a course's roster is read."""

    deployment_id: uuid.UUID
    memberships_url: str | None
    groups_url: str | None


class Removal(NamedTuple):
    """What a whole roster took away: how many of how many active people. ``is_doubted``: nobody, until it says so
    again."""

    missing: int
    active: int
    is_doubted: bool


@dataclass(frozen=True, slots=True)
class RosterState:
    """What is known of a course's roster. ``at``: when it was last read to its end.

    ``missing`` of ``active`` people were lacking then and are kept until the next whole roster; both 0 without doubt.
    ``trouble``: why the last try went wrong, '' when it did not.
    """

    has_service: bool
    at: datetime | None
    missing: int
    active: int
    is_due: bool
    trouble: str


def source(session: Session, context_id: uuid.UUID) -> Source | None:
    """Where a course's roster is read; None when there is no such course."""
    row = session.execute(
        sa.select(Context.deployment_id, Context.memberships_url, Context.groups_url).where(Context.id == context_id)
    ).one_or_none()
    return None if row is None else Source(row.deployment_id, row.memberships_url, row.groups_url)


def state(session: Session, context_id: uuid.UUID) -> RosterState:
    """What instructors are told of their course's list of people."""
    context = session.scalars(sa.select(Context).where(Context.id == context_id)).one()
    task = _task(session, context_id)
    question = context.roster_question or {"missing": 0, "of": 0}
    return RosterState(
        has_service=context.memberships_url is not None,
        at=context.roster_at,
        missing=question["missing"],
        active=question["of"],
        is_due=task is not None and task.state == "due",
        trouble=(task.last_error or "") if task else "",
    )


def ask_again(session: Session, context_id: uuid.UUID, *, now: datetime) -> bool:
    """Ask for the roster, unless it is being read or was asked for within the minute. Answers whether it was asked."""
    task = _task(session, context_id)
    if task is not None and (abs(task.next_try - now) < ASK_AGAIN or (task.lease_until or now) > now):
        return False
    tasks.request(session, tasks.ROSTER, str(context_id), now=now)
    return True


def _task(session: Session, context_id: uuid.UUID) -> Task | None:
    return session.scalar(sa.select(Task).where(Task.kind == tasks.ROSTER, Task.subject == str(context_id)))


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


def remove_absent(session: Session, context_id: uuid.UUID, present: Iterable[str], *, now: datetime) -> Removal:
    """Make inactive whom a whole roster did not name.

    Staff whom a launch has shown stay: an administrator may teach a course without being enrolled in it. When more
    than half are missing, and at least FEW people, nobody is removed but the question kept on the course; a roster
    after that is believed.
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
    context = session.scalars(sa.select(Context).where(Context.id == context_id)).one()
    is_doubted = len(gone) >= FEW and 2 * len(gone) > len(active) and context.roster_question is None
    if is_doubted:
        context.roster_question = {"missing": len(gone), "of": len(active), "at": now.isoformat()}
        return Removal(len(gone), len(active), is_doubted=True)
    if context.roster_question is not None:
        context.roster_question = None
    for membership in gone:
        membership.status = INACTIVE
    return Removal(len(gone), len(active), is_doubted=False)


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
    if member.sections is not None:
        _change(membership, sections=list(member.sections))


def _change(row: Person | Identity | Membership, **facts: Any) -> None:
    """Set only what differs: an unchanged row is not written, and gets no new version."""
    for name, value in facts.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
