"""Somebody comes again, and the launch says nothing new: one statement lets them in.

It inserts the visit from the rows as they stand, provided that they are what the launch says. Where anything differs
it inserts nothing, and the launch goes the long way (``framework.arriving.arrive``), which decides what changes.
"""

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from framework.catalogue.connection import CONNECTION_TEST
from framework.store.arrivals import TAG, Arrival, opening, told
from framework.store.columns import new_id
from framework.store.tables import (
    Context,
    Deployment,
    Identity,
    LineItem,
    Membership,
    Person,
    Platform,
    ResourceLink,
    Row,
    TenantRow,
    Visit,
)


def _table(kind: type[Row]) -> Any:
    return sa.inspect(kind).local_table


_CONTEXT, _LINK, _ITEM, _VISIT = _table(Context).c, _table(ResourceLink).c, _table(LineItem).c, _table(Visit).c
_PLATFORM, _DEPLOYMENT = _table(Platform).c, _table(Deployment).c
_IDENTITY, _PERSON, _MEMBER = _table(Identity).c, _table(Person).c, _table(Membership).c


class Verified(NamedTuple):
    """Revisions of the platform and of the deployment that a launch was verified with."""

    platform: int
    deployment: int


class Opened(NamedTuple):
    """A visit, and the course that it is in."""

    id: uuid.UUID
    context_id: uuid.UUID


def open_visit(
    connection: sa.Connection,
    tenant_id: int,
    arrival: Arrival,
    verified: Verified,
    *,
    roster_since: datetime | None,
    now: datetime,
) -> Opened | None:
    """The visit of a launch that changes nothing else; None where it would, or where a row is missing.

    ``roster_since``: a course whose list of members is older goes the long way. Raises IntegrityError for a used
    launch.
    """
    if arrival.section_titles or arrival.review_of_sub is not None:
        return None
    visit: dict[str, Any] = {"tenant_id": tenant_id, "id": new_id()} | opening(arrival, now=now)
    says = {(kind, name): value for kind, facts in told(arrival).items() for name, value in facts.items()}
    column = "named" if arrival.lineitem_url is not None else "offered" if arrival.lineitems_url is not None else ""
    asked: dict[str, Any] = {"sub": arrival.sub, "course": arrival.context_lti_id, "link": arrival.link_lti_id}
    asked |= {"item": arrival.lineitem_url, "pick": arrival.custom.get("dl_uuid"), "roster_since": roster_since}
    statement = _statement(
        tuple(visit),
        tuple(says),
        is_placed=arrival.link_lti_id is not None,
        is_picked=bool(asked["pick"]),
        column=column,
        has_roster=roster_since is not None,
    )
    asked |= {"platform_revision": verified.platform, "deployment_revision": verified.deployment}
    asked |= {f"visit_{name}": value for name, value in visit.items()}
    asked |= {f"{kind.__tablename__}_{name}": value for (kind, name), value in says.items()}
    found = connection.execute(statement, asked).first()
    return Opened(visit["id"], found[0]) if found is not None else None


def _bound(kind: type[TenantRow], name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"{kind.__tablename__}_{name}", type_=_table(kind).c[name].type)


@lru_cache(maxsize=200)  # to make one takes longer than to run it; an LMS's launches are alike
def _statement(
    visit: tuple[str, ...],
    says: tuple[tuple[type[TenantRow], str], ...],
    *,
    is_placed: bool,
    is_picked: bool,
    column: str,
    has_roster: bool,
) -> sa.Executable:
    source, chosen = _rows(is_placed=is_placed)
    conditions = [
        _table(kind).c[name].is_not_distinct_from(_bound(kind, name))
        for kind, name in says
        if is_placed or kind is not ResourceLink
    ]
    if is_placed:  # with an activity, which is not a connection test (``placements.resolve``, ``connection_tests``)
        conditions += [_LINK.activity_key.is_not(None), _LINK.activity_key != CONNECTION_TEST.key]
        conditions += [_LINK.dl_uuid == sa.bindparam("pick")] if is_picked else []
        conditions += [_has_column(is_named=column == "named")] if column else []
    if has_roster:
        is_fresh = _CONTEXT.roster_at >= sa.bindparam("roster_since")
        conditions.append(sa.or_(_CONTEXT.memberships_url.is_(None), is_fresh))
    values = {name: _bound(Visit, name) for name in visit} | chosen
    rows = (
        sa.select(*values.values())
        .select_from(source)
        .where(
            _CONTEXT.tenant_id == _bound(Visit, "tenant_id"),
            _CONTEXT.deployment_id == _bound(Visit, "deployment_id"),
            _CONTEXT.lti_id == sa.bindparam("course"),
            *_registered(),
            *conditions,
        )
    )
    return sa.insert(_table(Visit)).from_select(list(values), rows).returning(_VISIT.context_id)


def _registered() -> tuple[sa.ColumnElement[bool], ...]:
    """The registration is still the one that the launch was verified with."""
    return tuple(
        sa.exists().where(
            own.id == _bound(Visit, f"{name}_id"), own.revision == sa.bindparam(f"{name}_revision", type_=sa.Integer)
        )
        for name, own in (("platform", _PLATFORM), ("deployment", _DEPLOYMENT))
    )


def _rows(*, is_placed: bool) -> tuple[sa.FromClause, dict[str, Any]]:
    """The rows that a launch names, joined, and the columns of the visit that come from them."""
    own = _CONTEXT.tenant_id
    named = sa.and_(_IDENTITY.platform_id == _bound(Visit, "platform_id"), _IDENTITY.sub == sa.bindparam("sub"))
    source = (
        _table(Context)
        .join(_table(Identity), sa.and_(_IDENTITY.tenant_id == own, named))
        .join(_table(Person), sa.and_(_PERSON.tenant_id == own, _PERSON.id == _IDENTITY.person_id))
        .join(
            _table(Membership),
            sa.and_(_MEMBER.tenant_id == own, _MEMBER.context_id == _CONTEXT.id, _MEMBER.identity_id == _IDENTITY.id),
        )
    )
    chosen = {
        "context_id": _CONTEXT.id,
        "membership_id": _MEMBER.id,
        "identity_id": _IDENTITY.id,
        "person_id": _PERSON.id,
    }
    if not is_placed:
        return source, chosen
    placed = sa.and_(_LINK.tenant_id == own, _LINK.context_id == _CONTEXT.id, _LINK.lti_id == sa.bindparam("link"))
    return source.join(_table(ResourceLink), placed), chosen | {"resource_link_id": _LINK.id}


def _has_column(*, is_named: bool) -> sa.ColumnElement[bool]:
    """The placement has no grade, or its column is kept, at the address that the launch names
    (``placements.keep_column``)."""
    kept = [_ITEM.tenant_id == _LINK.tenant_id, _ITEM.resource_link_id == _LINK.id, _ITEM.tag == TAG]
    if is_named:
        kept += [_ITEM.url == sa.bindparam("item"), _ITEM.origin.is_not(None)]
    return sa.or_(_LINK.settings["grade"].as_string() == "none", sa.exists().where(*kept))
