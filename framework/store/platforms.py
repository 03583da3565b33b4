"""The directory: tenants, platforms (registrations) and deployments."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import Conflict, NotFound
from framework.store.sessions import INSTALLATION, now
from framework.store.tables import Deployment, Platform, Tenant


def ensure_tenants(session: Session) -> None:
    """Make the installation's own row and the first customer, ``default``, on an empty database."""
    if session.get(Tenant, INSTALLATION) is None:
        session.add(Tenant(id=INSTALLATION, key="installation", name="This installation", created_at=now()))
        session.add(Tenant(id=1, key="default", name="Default", created_at=now()))


def add_tenant(session: Session, key: str, name: str) -> Tenant:
    """A new customer. Raises Conflict when the key is taken."""
    if session.scalar(sa.select(Tenant).where(Tenant.key == key)):
        raise Conflict(f"There is a tenant {key} already.")
    number = session.scalar(sa.select(sa.func.max(Tenant.id))) or 0
    tenant = Tenant(id=number + 1, key=key, name=name, created_at=now())
    session.add(tenant)
    return tenant


def tenants(session: Session) -> Sequence[Tenant]:
    """All customers, without the installation itself."""
    return session.scalars(sa.select(Tenant).where(Tenant.id != INSTALLATION).order_by(Tenant.id)).all()


def tenant(session: Session, key: str) -> Tenant:
    """The tenant with this key. Raises NotFound."""
    found = session.scalar(sa.select(Tenant).where(Tenant.key == key))
    if found is None or found.id == INSTALLATION:
        raise NotFound(f"There is no tenant {key}. `lqf tenant list` shows all.")
    return found


def add_platform(
    session: Session,
    *,
    tenant_id: int,
    name: str,
    issuer: str,
    client_id: str,
    auth_url: str,
    token_url: str,
    jwks_url: str,
    audience: str | None = None,
    family: str = "other",
    frame_origins: Sequence[str] = (),
    service_hosts: Sequence[str] = (),
) -> Platform:
    """Connect an LMS. ``audience``: of client assertions, the token URL unless the LMS wants another.

    Raises Conflict when issuer and client id are connected already.
    """
    if session.scalar(sa.select(Platform.id).where(Platform.issuer == issuer, Platform.client_id == client_id)):
        raise Conflict(f"{issuer} with client id {client_id} is connected already. `lqf platform list` shows all.")
    added = Platform(
        tenant_id=tenant_id,
        name=name,
        issuer=issuer,
        client_id=client_id,
        auth_url=auth_url,
        token_url=token_url,
        jwks_url=jwks_url,
        audience=audience or token_url,
        family=family,
        frame_origins=list(dict.fromkeys([_origin(issuer), _origin(auth_url), *frame_origins])),
        service_hosts=[one for one in service_hosts if one],
        concurrency=1 if family == "canvas" else 4,  # Canvas charges parallel calls in advance
        created_at=now(),
    )
    session.add(added)
    session.flush()
    return added


def add_deployment(
    session: Session, of: Platform, lti_deployment_id: str, *, tenant_id: int | None = None
) -> Deployment:
    """Approve a deployment of a platform; its tenant is the platform's unless another is named."""
    if deployment(session, of.id, lti_deployment_id) is not None:
        raise Conflict(f"{of.name} has a deployment {lti_deployment_id} already.")
    added = Deployment(
        platform_id=of.id,
        lti_deployment_id=lti_deployment_id,
        tenant_id=of.tenant_id if tenant_id is None else tenant_id,
        state="active",
        created_at=now(),
    )
    session.add(added)
    return added


def platforms(session: Session) -> Sequence[Platform]:
    """All registrations, oldest first."""
    return session.scalars(sa.select(Platform).order_by(Platform.created_at)).all()


def platform(session: Session, platform_id: uuid.UUID) -> Platform | None:
    """One registration by its id."""
    return session.get(Platform, platform_id)


def registrations(session: Session, issuer: str, client_id: str | None) -> Sequence[Platform]:
    """Active registrations of an issuer; with a client_id at most one."""
    query = sa.select(Platform).where(Platform.issuer == issuer, Platform.state == "active")
    return session.scalars(query if client_id is None else query.where(Platform.client_id == client_id)).all()


def deployment(session: Session, platform_id: uuid.UUID, lti_deployment_id: str) -> Deployment | None:
    """A registration's deployment by the LMS's name for it."""
    return session.scalar(
        sa.select(Deployment).where(
            Deployment.platform_id == platform_id, Deployment.lti_deployment_id == lti_deployment_id
        )
    )


_PLATFORM, _DEPLOYMENT = sa.inspect(Platform).local_table.c, sa.inspect(Deployment).local_table.c
_REGISTRATION = (  # made once: every launch asks
    sa.select(*_PLATFORM, *_DEPLOYMENT)
    .outerjoin_from(
        _PLATFORM.id.table,
        _DEPLOYMENT.id.table,
        sa.and_(
            _DEPLOYMENT.platform_id == _PLATFORM.id, _DEPLOYMENT.lti_deployment_id == sa.bindparam("lti_deployment_id")
        ),
    )
    .where(_PLATFORM.id == sa.bindparam("platform_id"))
)


def registration(
    connection: sa.Connection, platform_id: uuid.UUID, lti_deployment_id: str | None
) -> tuple[Platform | None, Deployment | None]:
    """One registration by its id, with the deployment that the LMS has named; None for what is not there.

    They are read as plain columns, since every launch asks: no session knows them.
    """
    found = connection.execute(
        _REGISTRATION, {"platform_id": platform_id, "lti_deployment_id": lti_deployment_id}
    ).first()
    if found is None:
        return None, None
    platform = Platform(**dict(zip(_PLATFORM.keys(), found, strict=False)))
    own = found[len(_PLATFORM) :]
    return platform, Deployment(**dict(zip(_DEPLOYMENT.keys(), own, strict=True))) if own[0] is not None else None


class Registration(NamedTuple):
    """What a login needs to know of a platform."""

    id: uuid.UUID
    issuer: str
    client_id: str
    auth_url: str


_LOGIN = sa.select(*(_PLATFORM[name] for name in Registration._fields)).where(  # made once: every login asks
    _PLATFORM.issuer == sa.bindparam("issuer"), _PLATFORM.state == "active"
)
_LOGIN_CLIENT = _LOGIN.where(_PLATFORM.client_id == sa.bindparam("client_id"))


def asked_for(connection: sa.Connection, issuer: str, client_id: str | None) -> list[Registration]:
    """Active registrations of an issuer, as a login needs them; with a client_id at most one."""
    query = _LOGIN if client_id is None else _LOGIN_CLIENT
    return [Registration(*one) for one in connection.execute(query, {"issuer": issuer, "client_id": client_id})]


def deployment_by_id(session: Session, deployment_id: uuid.UUID) -> Deployment | None:
    """A deployment by its id here."""
    return session.get(Deployment, deployment_id)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def tenants_of(session: Session, platform_id: uuid.UUID) -> Sequence[int]:
    """Ids of the tenants that have a deployment on this platform."""
    return session.scalars(
        sa.select(Deployment.tenant_id).where(Deployment.platform_id == platform_id).distinct()
    ).all()


def is_issuer_shared(session: Session, issuer: str) -> bool:
    """Whether there are several registrations of one issuer (Canvas: one per customer)."""
    count = sa.select(sa.func.count()).select_from(Platform).where(Platform.issuer == issuer)
    return (session.scalar(count) or 0) > 1
