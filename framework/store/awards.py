"""Awards as programs read them: who holds which badge at which level, and why. By id, which is the order of making."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Award


@dataclass(frozen=True, slots=True)
class AwardFilter:
    """What is asked for; None leaves a filter out. ``state``: active, replaced or withdrawn."""

    award_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    badge_key: str | None = None
    state: str | None = None


def page(session: Session, wanted: AwardFilter, after: uuid.UUID | None, limit: int) -> tuple[list[Award], bool]:
    """Up to ``limit`` awards after an id, and whether there are more."""
    exact = {
        Award.id: wanted.award_id,
        Award.person_id: wanted.person_id,
        Award.badge_key: wanted.badge_key,
        Award.state: wanted.state,
    }
    query = sa.select(Award).where(*(column == value for column, value in exact.items() if value is not None))
    if after is not None:
        query = query.where(Award.id > after)
    found = session.scalars(query.order_by(Award.id).limit(limit + 1)).all()
    return list(found[:limit]), len(found) > limit
