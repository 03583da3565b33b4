"""What a launch leaves behind: person, course, placement, column, membership, visit. Writes only what changed."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import Conflict, NotFound
from framework.store import sections
from framework.store.tables import Context, Identity, LineItem, Membership, Person, Pick, ResourceLink, TenantRow, Visit

_Row = TypeVar("_Row", bound=TenantRow)

TAG = "result"  # of the line item that carries an activity's grade


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified launch, in LTI's words and plain values. ``link_lti_id`` is None for deep linking."""

    launch_id: uuid.UUID
    secret_hash: str
    platform_id: uuid.UUID
    deployment_id: uuid.UUID
    sub: str  # '': a guest, whom the LMS does not name
    roles: tuple[str, ...]
    role: str
    is_test: bool
    expires_at: datetime
    name: str | None = None
    email: str | None = None
    locale: str | None = None
    sourcedid: str | None = None
    context_lti_id: str = ""
    context_title: str = ""
    memberships_url: str | None = None
    lineitems_url: str | None = None
    lineitem_url: str | None = None
    scopes: tuple[str, ...] = ()
    link_lti_id: str | None = None
    link_title: str = ""
    custom: dict[str, str] = field(default_factory=dict)
    return_url: str | None = None
    frame_origin: str | None = None
    deep_linking: dict[str, Any] | None = None
    carrier: str = "cookie"
    sections: tuple[str, ...] | None = None  # the LMS's ids; None where it does not say
    section_titles: dict[str, str] = field(default_factory=dict)
    groups_url: str | None = None
    review_of_sub: str | None = None  # whose work an instructor is to see


@dataclass(frozen=True, slots=True)
class Arrived:
    """The rows of one launch."""

    context: Context
    link: ResourceLink | None
    column: LineItem | None  # of the link, as it was before this launch
    person: Person
    identity: Identity
    membership: Membership


def refuse_replay(session: Session, launch_id: uuid.UUID) -> None:
    """Raise Conflict when this launch has been used. The visit's unique key decides between two at once."""
    if session.scalar(sa.select(Visit.id).where(Visit.launch_id == launch_id)) is not None:
        raise Conflict("This launch has been used already.")


def receive(session: Session, arrival: Arrival) -> Arrived:
    """Find or make the rows that a launch names, and bring them up to date.

    Two first launches at once may both insert: the loser gets an IntegrityError and the door tries once more.
    """
    known, says = _known(session, arrival), told(arrival)
    context, link = _place(session, arrival, known, says)
    sections.keep_titles(session, context.id, arrival.section_titles)
    identity, person, membership = _person(session, arrival, context, known, says)
    return Arrived(context, link, known.column, person, identity, membership)


def open_visit(session: Session, arrival: Arrival, arrived: Arrived, *, now: datetime) -> Visit:
    """Insert the visit. This is what consumes the launch's state and nonce.

    Raises NotFound when an instructor is to see the work of somebody who is not in the course.
    """
    visit = Visit(
        **opening(arrival, now=now),
        context_id=arrived.context.id,
        membership_id=arrived.membership.id,
        identity_id=arrived.identity.id,
        person_id=arrived.person.id,
        resource_link_id=arrived.link.id if arrived.link else None,
        review_of=_reviewed(session, arrival, arrived.context) if arrival.review_of_sub is not None else None,
    )
    session.add(visit)
    session.flush()
    return visit


def opening(arrival: Arrival, *, now: datetime) -> dict[str, Any]:
    """The columns of a launch's visit that the launch alone decides."""
    return {
        "launch_id": arrival.launch_id,
        "secret_hash": arrival.secret_hash,
        "carrier": arrival.carrier,
        "platform_id": arrival.platform_id,
        "deployment_id": arrival.deployment_id,
        "role": arrival.role,
        "mode": _mode(arrival),
        "return_url": arrival.return_url,
        "frame_origin": arrival.frame_origin,
        "deep_linking": arrival.deep_linking,
        "created_at": now,
        "expires_at": arrival.expires_at,
    }


def told(arrival: Arrival) -> dict[type[TenantRow], dict[str, Any]]:
    """What a launch says of the rows that it names: these columns are brought to these values."""
    course: dict[str, Any] = {"title": arrival.context_title} if arrival.context_title else {}
    if arrival.memberships_url is not None:
        course |= {"memberships_url": arrival.memberships_url, "groups_url": arrival.groups_url}
    if arrival.lineitems_url is not None:
        course |= {"lineitems_url": arrival.lineitems_url, "scopes": sorted(arrival.scopes)}
    member = {"roles": list(arrival.roles), "role": arrival.role, "status": "active", "seen_in": "launch"}
    if arrival.sections is not None:
        member["sections"] = list(arrival.sections)
    return {
        Context: course,
        ResourceLink: {"title": arrival.link_title} if arrival.link_title else {},
        Person: {"name": arrival.name, "email": arrival.email, "locale": arrival.locale},
        Identity: {"sourcedid": arrival.sourcedid, "is_test": arrival.is_test},
        Membership: member,
    }


def _mode(arrival: Arrival) -> str:
    if arrival.review_of_sub is not None:
        return "review"
    if not arrival.sub:
        return "guest"
    return "deep_linking" if arrival.deep_linking is not None else "activity"


def _reviewed(session: Session, arrival: Arrival, context: Context) -> uuid.UUID:
    found = session.scalar(
        sa.select(Identity.id)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(
            Identity.platform_id == arrival.platform_id,
            Identity.sub == arrival.review_of_sub,
            Membership.context_id == context.id,
        )
    )
    if found is None:
        raise NotFound("Nobody of that name has been in this course.")
    return found


def identified(session: Session, identity_id: uuid.UUID) -> tuple[Identity, Person]:
    """An identity with its person."""
    found = session.execute(
        sa.select(Identity, Person).join(Person, Person.id == Identity.person_id).where(Identity.id == identity_id)
    ).one()
    return found[0], found[1]


def line_item(session: Session, link: ResourceLink) -> LineItem | None:
    """The gradebook column of a placement, if it has one."""
    return session.scalar(sa.select(LineItem).where(LineItem.resource_link_id == link.id, LineItem.tag == TAG))


def keep_line_item(
    session: Session, arrival: Arrival, link: ResourceLink, item: LineItem | None, maximum: float
) -> None:
    """Remember the placement's column when the launch offers the grade service, with its URL when it names one."""
    if arrival.lineitem_url is None and arrival.lineitems_url is None:
        return
    if item is None:
        item = LineItem(
            resource_link_id=link.id,
            resource_id=link.activity_key or "",
            tag=TAG,
            url=arrival.lineitem_url,
            maximum=maximum,
            origin="coupled" if arrival.lineitem_url else None,
        )
        session.add(item)
    elif arrival.lineitem_url is not None:
        is_known = item.url == arrival.lineitem_url  # also a column that this tool made may be the link's only one
        _change(item, url=arrival.lineitem_url, origin=(is_known and item.origin) or "coupled")


def pick(session: Session, dl_uuid: str) -> Pick | None:
    """What the picker chose under this dl_uuid."""
    return session.scalar(sa.select(Pick).where(Pick.dl_uuid == dl_uuid))


class _Known(NamedTuple):
    """The rows of a launch that are there before it."""

    context: Context | None = None
    link: ResourceLink | None = None
    column: LineItem | None = None
    identity: Identity | None = None
    person: Person | None = None
    membership: Membership | None = None


_NAMED = sa.and_(Identity.platform_id == sa.bindparam("platform_id"), Identity.sub == sa.bindparam("sub"))
_MET = sa.select(Identity, Person).join(Person, Person.id == Identity.person_id).where(_NAMED)
_KNOWN = (  # made once: to make it takes as long as to run it
    sa.select(Context, ResourceLink, LineItem, Identity, Person, Membership)
    .outerjoin(
        ResourceLink,
        sa.and_(ResourceLink.context_id == Context.id, ResourceLink.lti_id == sa.bindparam("link_lti_id")),
    )
    .outerjoin(LineItem, sa.and_(LineItem.resource_link_id == ResourceLink.id, LineItem.tag == TAG))
    .outerjoin(Identity, _NAMED)
    .outerjoin(Person, Person.id == Identity.person_id)
    .outerjoin(Membership, sa.and_(Membership.identity_id == Identity.id, Membership.context_id == Context.id))
    .where(
        Context.deployment_id == sa.bindparam("deployment_id"),
        Context.lti_id == sa.bindparam("context_lti_id"),
    )
)


def _known(session: Session, arrival: Arrival) -> _Known:
    """What is there already, in one question, since most launches find all of it; a new course needs a second one."""
    named = {"platform_id": arrival.platform_id, "sub": arrival.sub}
    placed = {name: getattr(arrival, name) for name in ("deployment_id", "context_lti_id", "link_lti_id")}
    found = session.execute(_KNOWN, named | placed).first()
    if found is not None:
        return _Known(*found)
    met = session.execute(_MET, named).first()
    return _Known(identity=met[0], person=met[1]) if met else _Known()


_Says = dict[type[TenantRow], dict[str, Any]]


def _place(session: Session, arrival: Arrival, known: _Known, says: _Says) -> tuple[Context, ResourceLink | None]:
    context, link = known.context, known.link
    if context is None:
        context = Context(deployment_id=arrival.deployment_id, lti_id=arrival.context_lti_id, title="", scopes=[])
        session.add(context)
    _change(context, **says[Context])
    if arrival.link_lti_id is None:
        return context, None
    if link is None:
        link = ResourceLink(context_id=context.id, lti_id=arrival.link_lti_id, title="", settings={}, run=1)
        session.add(link)
    _change(link, **says[ResourceLink])
    return context, link


def _person(
    session: Session, arrival: Arrival, context: Context, known: _Known, says: _Says
) -> tuple[Identity, Person, Membership]:
    identity, person, membership = known.identity, known.person, known.membership
    if identity is None or person is None:
        person = Person()
        identity = Identity(person_id=person.id, platform_id=arrival.platform_id, sub=arrival.sub)
        session.add_all([person, identity])
    _change(person, **says[Person])
    _change(identity, **says[Identity])
    if membership is None:
        membership = Membership(context_id=context.id, identity_id=identity.id)
        session.add(membership)
    _change(membership, **says[Membership])
    return identity, person, membership


def _change(row: _Row, **facts: Any) -> None:
    """Set only what differs: an unchanged row is not written, and gets no new version."""
    for name, value in facts.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
