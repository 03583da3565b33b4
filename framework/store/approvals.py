"""Who may come in: platforms and deployments wait, are approved and are disabled here; each step leaves an audit row.

Disabling works at once: launches and open visits ask for the state, and so does every claim of grades to send.
"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from framework.errors import Conflict, NotFound
from framework.store import audits
from framework.store.columns import parse_public_id, public_id
from framework.store.sessions import now
from framework.store.tables import Context, Deployment, GradePush, LineItem, Platform, ResourceLink

PENDING, ACTIVE, DISABLED = "pending", "active", "disabled"
MOST_PENDING = 200  # deployments of one platform that wait: then further ones are not noted


def note_deployment(session: Session, of: Platform, lti_deployment_id: str) -> None:
    """Remember a deployment that a verified launch has named and nobody has approved. Once, and never too many."""
    query = sa.select(sa.func.count()).select_from(Deployment)
    here = Deployment.platform_id == of.id
    if session.scalar(query.where(here, Deployment.lti_deployment_id == lti_deployment_id)):
        return
    if (session.scalar(query.where(here, Deployment.state == PENDING)) or 0) >= MOST_PENDING:
        return
    waiting = Deployment(
        platform_id=of.id,
        lti_deployment_id=lti_deployment_id,
        tenant_id=of.tenant_id,
        state=PENDING,
        created_at=now(),
    )
    try:
        with session.begin_nested():
            session.add(waiting)
    except IntegrityError:
        return  # another launch from there was first


def find_platform(session: Session, named: str) -> Platform:
    """The platform of an id (``plt_...``) or a name. Raises NotFound; Conflict where several have that name."""
    platform_id = parse_public_id("plt", named)
    if platform_id is not None and (found := session.get(Platform, platform_id)) is not None:
        return found
    rows = session.scalars(sa.select(Platform).where(Platform.name == named)).all()
    if not rows:
        raise NotFound(f"There is no platform {named}. `lqf platform list` shows all.")
    if len(rows) > 1:
        ids = ", ".join(public_id("plt", row.id) for row in rows)
        raise Conflict(f"More than one platform is called {named}: use the id ({ids}).")
    return rows[0]


def find_deployment(session: Session, of: Platform, lti_deployment_id: str) -> Deployment:
    """A platform's deployment by the LMS's name for it. Raises NotFound."""
    found = session.scalar(
        sa.select(Deployment).where(Deployment.platform_id == of.id, Deployment.lti_deployment_id == lti_deployment_id)
    )
    if found is None:
        raise NotFound(f"{of.name} has no deployment {lti_deployment_id}. `lqf deployment list` shows all.")
    return found


def deployments(session: Session) -> Sequence[Deployment]:
    """Every deployment, oldest first."""
    return session.scalars(sa.select(Deployment).order_by(Deployment.created_at)).all()


def set_state(session: Session, row: Platform | Deployment, state: str, *, actor: str) -> None:
    """Approve or disable. The session is one of the row's tenant, where the audit row is left."""
    was, row.state = row.state, state
    name = "platform" if isinstance(row, Platform) else "deployment"
    audits.add(
        session,
        actor=actor,
        action=f"{name}.{ {ACTIVE: 'approved', DISABLED: 'disabled'}.get(state, state) }",
        subject=str(row.id),
        details={"was": was},
        now=now(),
    )


def may_send(session: Session, platform_id: uuid.UUID | None = None) -> list[sa.ColumnElement[bool]]:
    """What narrows grades to those that may be sent: none of a platform that is not active, or of a disabled
    deployment. Nothing is disabled nearly always; then the statement stays as it was."""
    if platform_id is not None:
        platform = session.get(Platform, platform_id)
        if platform is None or platform.state != ACTIVE:
            return [GradePush.id.is_(None)]  # none; a plain `false` would swallow the tenant's narrowing
    closed = session.scalars(sa.select(Deployment.id).where(Deployment.state == DISABLED)).all()
    if not closed:
        return []
    columns = (
        sa.select(LineItem.id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Context.deployment_id.in_(closed))
    )
    return [GradePush.line_item_id.not_in(columns)]
