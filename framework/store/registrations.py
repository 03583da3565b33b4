"""An LMS that has registered this tool by itself: its platform row, made or brought up to date in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import Conflict, NotAllowed
from framework.store import platforms
from framework.store.tables import Platform, Tenant

MOST_WAITING = 20  # registrations without an invite that wait for approval: the address is public


@dataclass(frozen=True, slots=True)
class Registered:
    """What an LMS said of itself and of this tool's registration. ``deployment_id`` None: it named none.

    ``service_hosts``: where its services may be, beside the hosts of its addresses.
    """

    name: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    audience: str
    family: str
    deployment_id: str | None
    service_hosts: tuple[str, ...] = ()


def connect(
    session: Session, told: Registered, *, tenant_id: int, is_approved: bool, may_update: bool
) -> tuple[Platform, bool]:
    """Connect an LMS, active or pending; answers it and whether it was connected before.

    One that is connected already gets its new addresses and keeps its state, unless it was waiting and is approved.

    Raises Conflict where it is connected already and ``may_update`` is not given, or for another tenant.
    """
    found = session.scalar(
        sa.select(Platform).where(Platform.issuer == told.issuer, Platform.client_id == told.client_id)
    )
    is_update = found is not None
    if found is None:
        found = _add(session, told, tenant_id, "active" if is_approved else "pending")
    elif not may_update or found.tenant_id != tenant_id:
        raise Conflict("This learning system is connected already. A registration link is needed to renew it.")
    else:
        _update(found, told, is_approved=is_approved)
    if told.deployment_id and platforms.deployment(session, found.id, told.deployment_id) is None:
        platforms.add_deployment(session, found, told.deployment_id)
    return found, is_update


def public_tenant(session: Session) -> int:
    """Whose a registration without an invite is. Raises NotAllowed where that is not clear, or too many wait."""
    tenants: Sequence[Tenant] = platforms.tenants(session)
    waiting = session.scalar(sa.select(sa.func.count()).select_from(Platform).where(Platform.state == "pending")) or 0
    if len(tenants) != 1 or waiting >= MOST_WAITING:
        raise NotAllowed(
            "A registration link is needed to connect a learning system here. "
            "Ask the person who runs this tool for one (`lqf invite create`)."
        )
    return tenants[0].id


def _add(session: Session, told: Registered, tenant_id: int, state: str) -> Platform:
    added = platforms.add_platform(
        session,
        tenant_id=tenant_id,
        name=told.name,
        issuer=told.issuer,
        client_id=told.client_id,
        auth_url=told.auth_url,
        token_url=told.token_url,
        jwks_url=told.jwks_url,
        audience=told.audience,
        family=told.family,
        service_hosts=told.service_hosts,
    )
    added.state = state
    return added


def _update(found: Platform, told: Registered, *, is_approved: bool) -> None:
    if found.jwks_url != told.jwks_url:
        found.jwks, found.jwks_at = None, None
    found.auth_url, found.token_url, found.jwks_url = told.auth_url, told.token_url, told.jwks_url
    found.audience, found.family = told.audience, told.family
    origins = [f"{parts.scheme}://{parts.netloc}" for parts in (urlsplit(told.issuer), urlsplit(told.auth_url))]
    found.frame_origins = list(dict.fromkeys([*found.frame_origins, *origins]))
    found.service_hosts = list(dict.fromkeys([*found.service_hosts, *told.service_hosts]))
    if found.state == "pending" and is_approved:
        found.state = "active"
