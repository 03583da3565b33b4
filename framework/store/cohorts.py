"""Who is in a course and how far each is: what instructors look at. The one place that decides whom they may see.

In a strict course an instructor sees the people of their own sections alone. Every list of people takes ``seen_by``,
the membership of whoever looks; pages about one person ask ``may_see``. None stands for the tool itself, which sees
everybody: for questions such as "has anybody begun", never for what is shown to a person.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.store.cohort_standings import Standing, Standings
from framework.store.tables import (
    Context,
    Identity,
    Membership,
    Person,
    Progress,
    ResourceLink,
    Section,
)

PER_PAGE = 50
STATUSES = ("none", "in_progress", "completed")


@dataclass(frozen=True, slots=True)
class Member:
    """A learner of a course with how far they are in each placement asked for; ``sections`` are the LMS's ids.

    Who never sent a name is called by the end of an id, so that an instructor can tell two apart.
    """

    person_id: uuid.UUID
    identity_id: uuid.UUID
    name: str
    sections: tuple[str, ...]
    standings: Mapping[uuid.UUID, Standing]  # by resource link


class SectionTitle(NamedTuple):
    """A section or group as people read it."""

    lti_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """One page of learners, by name. ``counts``: by status, of all who can be seen in the chosen section; ``parked``:
    of those, whose grade did not arrive.

    ``matching`` counts those that fit all filters, over all pages.
    """

    members: tuple[Member, ...]
    counts: Mapping[str, int]
    parked: int
    matching: int
    page: int
    pages: int


class _Enrolled(NamedTuple):
    membership_id: uuid.UUID
    identity_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    sections: frozenset[str]


_Row = TypeVar("_Row", _Enrolled, Member)


def members(
    session: Session,
    placed: ResourceLink,
    *,
    seen_by: uuid.UUID | None,
    section: str | None = None,
    status: str | None = None,
    search: str = "",
    page: int = 1,
    per_page: int | None = PER_PAGE,
) -> Cohort:
    """The learners of the placement's course whom the membership ``seen_by`` may see; test users are left out.

    ``section``: an LMS's id; ``status``: one of STATUSES; ``search``: words of a name; ``per_page`` None: all.
    """
    found = of_course(session, placed.context_id, [placed], seen_by=seen_by, section=section)
    counts = Counter(one.standings[placed.id].status for one in found)
    parked = sum(one.standings[placed.id].grade_state == "parked" for one in found)
    fitting = [one for one in found if status in (None, one.standings[placed.id].status)]
    fitting = _named(fitting, search)
    pages = 1 if per_page is None else max(1, -(-len(fitting) // per_page))
    page = min(max(page, 1), pages)
    shown = fitting if per_page is None else fitting[(page - 1) * per_page : page * per_page]
    return Cohort(tuple(shown), {one: counts[one] for one in STATUSES}, parked, len(fitting), page, pages)


def of_course(
    session: Session,
    context_id: uuid.UUID,
    placements: Sequence[ResourceLink],
    *,
    seen_by: uuid.UUID | None,
    section: str | None = None,
    search: str = "",
) -> list[Member]:
    """The learners of a course whom ``seen_by`` may see, by name, with how far each is in several placements."""
    visible = [one for one in _visible(session, context_id, seen_by) if section is None or section in one.sections]
    visible = _named(visible, search)
    standings = Standings(session, placements)
    return [
        Member(
            person_id=one.person_id,
            identity_id=one.identity_id,
            name=one.name,
            sections=tuple(sorted(one.sections)),
            standings=standings.of(one.person_id, one.identity_id),
        )
        for one in visible
    ]


def has_begun(session: Session, placed: ResourceLink) -> bool:
    """Whether any learner of the course has begun in the placement's present run."""
    begun = (
        sa.select(Progress.id)
        .join(Identity, Identity.id == Progress.identity_id)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(
            Progress.resource_link_id == placed.id,
            Progress.run == placed.run,
            Progress.activity_key == placed.activity_key,
            *_is_learner(placed.context_id),
        )
    )
    return session.scalar(begun.limit(1)) is not None


def may_see(session: Session, context_id: uuid.UUID, identity_id: uuid.UUID, *, seen_by: uuid.UUID) -> bool:
    """Whether an instructor may see the work of one person of their course, who may have left it."""
    own = _own_sections(session, context_id, seen_by)
    if own is None:
        return True
    theirs = session.scalar(
        sa.select(Membership.sections).where(Membership.context_id == context_id, Membership.identity_id == identity_id)
    )
    return not own.isdisjoint(theirs or ())


def learner(session: Session, context_id: uuid.UUID, person_id: uuid.UUID) -> Member | None:
    """One learner of a course, who may have left it. Whether somebody may see them: ``may_see``."""
    row = session.execute(
        sa.select(Identity.id, Person.name, Membership.sections)
        .select_from(Membership)
        .join(Identity, Identity.id == Membership.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(Membership.context_id == context_id, Membership.role == "learner", Person.id == person_id)
        .order_by(Membership.id)
    ).first()
    if row is None:
        return None
    identity_id, name, has = row
    return Member(person_id, identity_id, name or unnamed(person_id), tuple(sorted(has)), {})


def seen(session: Session, context_id: uuid.UUID, *, seen_by: uuid.UUID) -> frozenset[uuid.UUID]:
    """The persons among a course's active learners whom an instructor may see: to narrow a list made elsewhere."""
    return frozenset(one.person_id for one in _visible(session, context_id, seen_by))


def sections(session: Session, context_id: uuid.UUID, *, seen_by: uuid.UUID | None) -> list[SectionTitle]:
    """The sections that the learners have whom ``seen_by`` may see, by title."""
    used = _used(session, context_id)
    own = _own_sections(session, context_id, seen_by)
    return _titled(session, context_id, used if own is None else used & own)


def sections_of(session: Session, context_id: uuid.UUID, membership_id: uuid.UUID) -> list[SectionTitle]:
    """The sections that one member of the course is in, by title."""
    has = session.scalar(sa.select(Membership.sections).where(Membership.id == membership_id))
    return _titled(session, context_id, frozenset(has or ()))


def _titled(session: Session, context_id: uuid.UUID, ids: frozenset[str]) -> list[SectionTitle]:
    rows = session.scalars(sa.select(Section).where(Section.context_id == context_id)) if ids else ()
    titles = {row.lti_id: row.title for row in rows}
    found = [SectionTitle(one, titles.get(one) or f"Section {one}") for one in ids]
    return sorted(found, key=lambda one: (one.title.casefold(), one.lti_id))


def is_strict(session: Session, context_id: uuid.UUID) -> bool:
    """Whether the course's instructors see the people of their own sections alone."""
    return bool(session.scalar(sa.select(Context.is_strict).where(Context.id == context_id)))


def set_strict(session: Session, context_id: uuid.UUID, *, is_strict: bool) -> None:
    """Hold the course's instructors to their own sections, or no longer. Raises NotFound."""
    context = session.scalar(sa.select(Context).where(Context.id == context_id))
    if context is None:
        raise NotFound("There is no such course.")
    if context.is_strict != is_strict:
        context.is_strict = is_strict


def courses(session: Session, words: str = "") -> Sequence[Context]:
    """Courses by title; ``words`` are in the title."""
    query = sa.select(Context).where(Context.title.icontains(words, autoescape=True)) if words else sa.select(Context)
    return session.scalars(query.order_by(Context.title, Context.id)).all()


def has_all_sections(session: Session, context_id: uuid.UUID, membership_id: uuid.UUID) -> bool:
    """Whether somebody is in every section that a learner of the course is in, and there is one."""
    used = _used(session, context_id)
    own = session.scalar(sa.select(Membership.sections).where(Membership.id == membership_id))
    return bool(used) and used <= set(own or ())


def _visible(session: Session, context_id: uuid.UUID, seen_by: uuid.UUID | None) -> list[_Enrolled]:
    """The active learners of a course, by name, that may be shown."""
    rows = session.execute(
        sa.select(Membership.id, Identity.id, Person.id, Person.name, Membership.sections)
        .select_from(Membership)
        .join(Identity, Identity.id == Membership.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .where(*_is_learner(context_id))
    )
    found = [
        _Enrolled(membership_id, identity_id, person_id, name or unnamed(person_id), frozenset(has))
        for membership_id, identity_id, person_id, name, has in rows
    ]
    own = _own_sections(session, context_id, seen_by)
    if own is not None:
        found = [one for one in found if not one.sections.isdisjoint(own)]
    return sorted(found, key=lambda one: (one.name.casefold(), one.membership_id))


def _is_learner(context_id: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Membership.context_id == context_id,
        Membership.role == "learner",
        Membership.status == "active",
        Identity.is_test.is_(False),
    )


def unnamed(person_id: uuid.UUID) -> str:
    """What to call somebody whose name the LMS does not send."""
    return f"Learner {str(person_id)[-6:]}"


def _own_sections(session: Session, context_id: uuid.UUID, seen_by: uuid.UUID | None) -> frozenset[str] | None:
    """The sections that an instructor is held to; None where they see everybody."""
    if seen_by is None or not is_strict(session, context_id):
        return None
    own = session.scalar(
        sa.select(Membership.sections).where(Membership.id == seen_by, Membership.context_id == context_id)
    )
    return frozenset(own or ())


def _used(session: Session, context_id: uuid.UUID) -> frozenset[str]:
    """The sections that the course's learners have. Distinct lists are few, however many people there are."""
    query = sa.select(Membership.sections).join(Identity, Identity.id == Membership.identity_id)
    lists = session.scalars(query.where(*_is_learner(context_id)).distinct())
    return frozenset().union(*lists)


def _named(people: list[_Row], search: str) -> list[_Row]:
    words = search.casefold().split()
    return [one for one in people if all(word in one.name.casefold() for word in words)]
