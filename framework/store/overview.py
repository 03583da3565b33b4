"""What an administrator sees of the connections: states, last launch, last grade, refused launches by reason."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store import platforms
from framework.store.sessions import INSTALLATION, Store
from framework.store.tables import Audit, Deployment, GradePush, Platform, Visit

REFUSED_DAYS = 7
MOST_REFUSED = 20_000  # rows looked at: enough to tell what is wrong


@dataclass(frozen=True, slots=True)
class Connection:
    """One platform. ``parked``: grades that did not arrive and need a person."""

    platform: Platform
    deployments: Sequence[Deployment]
    last_launch: datetime | None
    last_grade: datetime | None
    parked: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused launches of one reason: how many, when the last was, and what it said."""

    code: str
    count: int
    last_at: datetime
    detail: str


def connections(store: Store, tenant_id: int) -> list[Connection]:
    """Every platform that a tenant's administrator may see, with the deployments of that tenant; all for tenant 0."""
    sees_all = tenant_id == INSTALLATION
    with store.directory_reading() as session:
        rows = list(platforms.platforms(session))
        deployed: dict[uuid.UUID, list[Deployment]] = {}
        for each in session.scalars(sa.select(Deployment).order_by(Deployment.created_at)):
            if sees_all or each.tenant_id == tenant_id:
                deployed.setdefault(each.platform_id, []).append(each)
        customers = [tenant.id for tenant in platforms.tenants(session)] if sees_all else [tenant_id]
    seen = [one for one in rows if sees_all or one.tenant_id == tenant_id or one.id in deployed]
    known: dict[uuid.UUID, list[tuple[datetime | None, datetime | None, int]]] = {one.id: [] for one in seen}
    for customer in customers:
        with store.reading(customer) as session:
            for one in seen:
                known[one.id].append(facts(session, one.id))
    return [
        Connection(
            one,
            deployed.get(one.id, []),
            last_launch=max((fact[0] for fact in known[one.id] if fact[0]), default=None),
            last_grade=max((fact[1] for fact in known[one.id] if fact[1]), default=None),
            parked=sum(fact[2] for fact in known[one.id]),
        )
        for one in seen
    ]


def refused(store: Store, now: datetime) -> list[Refused]:
    """Refused launches of the last days by reason, most frequent first. They belong to no customer."""
    with store.reading(INSTALLATION) as session:
        rows = session.execute(
            sa.select(Audit.reason, Audit.at, Audit.details)
            .where(Audit.action == "launch.refused", Audit.at > now - timedelta(days=REFUSED_DAYS))
            .order_by(Audit.at.desc())
            .limit(MOST_REFUSED)
        ).all()
    counts = Counter(row.reason or "" for row in rows)
    newest: dict[str, tuple[datetime, Mapping[str, object]]] = {}
    for row in rows:
        newest.setdefault(row.reason or "", (row.at, row.details))
    return [Refused(code, count, newest[code][0], _said(newest[code][1])) for code, count in counts.most_common()]


def _said(details: Mapping[str, object]) -> str:
    """What an audit row of a refused launch tells: its detail, and who the launch said it came from."""
    named = (("", "detail"), ("issuer ", "iss"), ("client id ", "client_id"))
    return "; ".join(f"{words}{details[name]}" for words, name in named if details.get(name))


def facts(session: Session, platform_id: uuid.UUID) -> tuple[datetime | None, datetime | None, int]:
    """Last launch, last delivered grade, parked grades. The keys hold the time, so the newest row is found at once."""
    launched = session.scalar(
        sa.select(Visit.created_at).where(Visit.platform_id == platform_id).order_by(Visit.id.desc()).limit(1)
    )
    graded = session.scalar(
        sa.select(GradePush.delivered_at)
        .where(GradePush.platform_id == platform_id, GradePush.delivered_at.is_not(None))
        .order_by(GradePush.updated_at.desc())
        .limit(1)
    )
    parked = session.scalar(
        sa.select(sa.func.count())
        .select_from(GradePush)
        .where(GradePush.platform_id == platform_id, GradePush.state == "parked")
    )
    return launched, graded, parked or 0
