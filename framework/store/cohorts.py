"""Who is in a course and how far each is with a placement: what an instructor looks at."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Context, GradePush, Identity, LineItem, Membership, Person, Progress, ResourceLink


@dataclass(frozen=True, slots=True)
class Member:
    """A learner of a course and their progress in one placement; empty where there is none yet."""

    person_id: uuid.UUID
    name: str
    status: str  # none, in_progress, completed
    fraction: float
    finished_at: datetime | None
    grade_state: str  # '' when there is no grade row
    error_class: str


def members(session: Session, placed: ResourceLink) -> Sequence[Member]:
    """The learners of the placement's course by name, with their progress in its present run. Test users are left out.

    Who never sent a name is shown by the end of an id, so that the instructor can tell two apart.
    """
    rows = session.execute(
        sa.select(Person, Progress, GradePush)
        .select_from(Membership)
        .join(Identity, Identity.id == Membership.identity_id)
        .join(Person, Person.id == Identity.person_id)
        .outerjoin(
            Progress,
            sa.and_(
                Progress.resource_link_id == placed.id,
                Progress.run == placed.run,
                Progress.person_id == Identity.person_id,
                Progress.activity_key == placed.activity_key,
            ),
        )
        .outerjoin(LineItem, LineItem.resource_link_id == placed.id)
        .outerjoin(GradePush, sa.and_(GradePush.line_item_id == LineItem.id, GradePush.identity_id == Identity.id))
        .where(
            Membership.context_id == placed.context_id,
            Membership.role == "learner",
            Membership.status == "active",
            Identity.is_test.is_(False),
        )
    )
    found = [
        Member(
            person_id=person.id,
            name=person.name or f"Learner {str(person.id)[-6:]}",
            status=progress.status if progress else "none",
            fraction=progress.fraction if progress else 0.0,
            finished_at=progress.finished_at if progress else None,
            grade_state=push.state if push else "",
            error_class=(push.error_class or "") if push else "",
        )
        for person, progress, push in rows
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def roster_at(session: Session, placed: ResourceLink) -> datetime | None:
    """When the LMS last told who is in the placement's course."""
    return session.scalar(sa.select(Context.roster_at).where(Context.id == placed.context_id))
