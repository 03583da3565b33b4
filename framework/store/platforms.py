"""The directory: tenants, platforms (registrations) and deployments."""

import uuid
from collections.abc import Sequence

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


def platforms(session: Session) -> Sequence[Platform]:
    """All registrations, oldest first."""
    return session.scalars(sa.select(Platform).order_by(Platform.created_at)).all()


def platform(session: Session, platform_id: uuid.UUID) -> Platform | None:
    """One registration by its id."""
    return session.get(Platform, platform_id)


def registrations(session: Session, issuer: str, client_id: str | None) -> Sequence[Platform]:
    """Active registrations of an issuer; with a client_id at most one."""
    query = sa.select(Platform).where(Platform.issuer == issuer, Platform.state == "active")
    if client_id is not None:
        query = query.where(Platform.client_id == client_id)
    return session.scalars(query).all()


def deployment(session: Session, platform_id: uuid.UUID, lti_deployment_id: str) -> Deployment | None:
    """A registration's deployment by the LMS's name for it."""
    return session.scalar(
        sa.select(Deployment).where(
            Deployment.platform_id == platform_id, Deployment.lti_deployment_id == lti_deployment_id
        )
    )


def tenants_of(session: Session, platform_id: uuid.UUID) -> Sequence[int]:
    """Ids of the tenants that have a deployment on this platform."""
    return session.scalars(
        sa.select(Deployment.tenant_id).where(Deployment.platform_id == platform_id).distinct()
    ).all()
