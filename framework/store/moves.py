"""An LMS that has a new address or a new client id: the platform row changes, everything below it stays.

People, evidence, placements and grades hang on the platform's row and not on its addresses, so they stay where they
are. What changes with it are the addresses of its services: courses' rosters and columns, and line items.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import Conflict, Invalid
from framework.store import audits, platforms, service_hosts
from framework.store.sessions import Store, now
from framework.store.tables import Context, Deployment, GradePush, Identity, LineItem, Platform, ResourceLink

FIELDS = ("issuer", "client_id", "auth_url", "token_url", "jwks_url", "audience")


@dataclass(frozen=True, slots=True)
class Move:
    """What is to change. ``services``: beginnings of service addresses, old and new. ``deployments``: old id to new."""

    fields: Mapping[str, str]
    services: tuple[str, str] | None
    deployments: Mapping[str, str]
    frame_origins: tuple[str, ...] = ()
    service_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """What changes (name, old, new) and how many rows of each kind keep hanging on the platform."""

    changes: tuple[tuple[str, str, str], ...]
    kept: Mapping[str, int]
    rewritten: int


def move(store: Store, of: Platform, wanted: Move, *, actor: str, is_dry_run: bool) -> Moved:
    """Move a platform, or only say what that would do. Raises Conflict where another platform is there already,
    Invalid where nothing changes or a deployment is not known. Broken off, it can be done again.
    """
    changes = [
        (name, str(getattr(of, name)), value)
        for name, value in wanted.fields.items()
        if name in FIELDS and getattr(of, name) != value
    ]
    if not changes and not wanted.deployments and not wanted.services:
        raise Invalid(f"{of.name} has these values already: nothing to move.")
    with store.directory_reading() as session:
        _check(session, of, wanted)
        tenant_ids = sorted({*platforms.tenants_of(session, of.id), of.tenant_id}, key=lambda one: one == of.tenant_id)
    kept: dict[str, int] = {}
    rewritten = 0
    for tenant_id in tenant_ids:  # the platform's own comes last, together with the platform's row
        # what is read and rewritten in a reading session is given up at its end
        with store.reading(tenant_id) if is_dry_run else store.transaction(tenant_id) as session:
            for name, count in _kept(session, of).items():
                kept[name] = kept.get(name, 0) + count
            rewritten += _rewrite(session, of, wanted.services)
            if tenant_id == of.tenant_id and not is_dry_run:
                _apply(session, of, wanted, changes, actor)
    changes += [("deployment", old, new) for old, new in wanted.deployments.items()]
    return Moved(tuple(changes), kept, rewritten)


def _check(session: Session, of: Platform, wanted: Move) -> None:
    key = (wanted.fields.get("issuer", of.issuer), wanted.fields.get("client_id", of.client_id))
    rival = session.scalar(
        sa.select(Platform).where(Platform.issuer == key[0], Platform.client_id == key[1], Platform.id != of.id)
    )
    if rival is not None:
        raise Conflict(f"{rival.name} is connected with {key[0]} and client id {key[1]} already.")
    for old, new in wanted.deployments.items():
        if platforms.deployment(session, of.id, old) is None:
            raise Invalid(f"{of.name} has no deployment {old}. `lqf deployment list` shows all.")
        if platforms.deployment(session, of.id, new) is not None:
            raise Conflict(f"{of.name} has a deployment {new} already.")


def _kept(session: Session, of: Platform) -> dict[str, int]:
    """How much hangs on the platform in this session's tenant."""
    here = sa.select(Deployment.id).where(Deployment.platform_id == of.id)
    queries = {
        "people": sa.select(sa.func.count()).select_from(Identity).where(Identity.platform_id == of.id),
        "courses": sa.select(sa.func.count()).select_from(Context).where(Context.deployment_id.in_(here)),
        "placements": sa.select(sa.func.count())
        .select_from(ResourceLink)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Context.deployment_id.in_(here)),
        "grades": sa.select(sa.func.count()).select_from(GradePush).where(GradePush.platform_id == of.id),
    }
    return {name: session.scalar(query) or 0 for name, query in queries.items()}


def _rewrite(session: Session, of: Platform, services: tuple[str, str] | None) -> int:
    """Give service addresses their new beginning; answers how many were changed."""
    if services is None:
        return 0
    old, new = services
    here = sa.select(Deployment.id).where(Deployment.platform_id == of.id)
    contexts = session.scalars(sa.select(Context).where(Context.deployment_id.in_(here))).all()
    items = session.scalars(
        sa.select(LineItem)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Context.deployment_id.in_(here))
    ).all()
    count = 0
    for row, names in [
        *((one, ("memberships_url", "lineitems_url")) for one in contexts),
        *((i, ("url",)) for i in items),
    ]:
        for name in names:
            url: str | None = getattr(row, name)
            if url is not None and (url == old or url.startswith(f"{old.rstrip('/')}/")):
                setattr(row, name, new.rstrip("/") + url[len(old.rstrip("/")) :])
                count += 1
    return count


def _apply(session: Session, of: Platform, wanted: Move, changes: list[tuple[str, str, str]], actor: str) -> None:
    row = session.get_one(Platform, of.id)
    for name, _, value in changes:
        setattr(row, name, value)
    row.jwks, row.jwks_at, row.paused_until = None, None, None
    row.frame_origins = list(dict.fromkeys([*wanted.frame_origins, *row.frame_origins]))
    hosts = [*wanted.service_hosts, *([service_hosts.host(wanted.services[1])] if wanted.services else [])]
    row.service_hosts = list(dict.fromkeys([*row.service_hosts, *filter(None, hosts)]))
    for old, new in wanted.deployments.items():
        deployment = platforms.deployment(session, of.id, old)
        if deployment is not None:
            deployment.lti_deployment_id = new
    audits.add(
        session,
        actor=actor,
        action="platform.moved",
        subject=str(of.id),
        details={name: [old, value] for name, old, value in changes} | {"deployments": dict(wanted.deployments)},
        now=now(),
    )
