"""How far the people of a course are in some placements, and what became of their grades: two statements for all."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.arrivals import TAG
from framework.store.tables import GradePush, LineItem, Progress, ResourceLink


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is with one placement, in its present run."""

    status: str = "none"  # none, in_progress, completed
    fraction: float = 0.0
    finished_at: datetime | None = None
    grade_state: str = ""  # '' when there is no grade row
    error_class: str = ""


class Standings:
    """What is known of several placements, read once."""

    def __init__(self, session: Session, placements: Sequence[ResourceLink]) -> None:
        self._links = [link.id for link in placements]
        self._progress = _progress(session, self._links)
        self._grades = _grades(session, self._links)

    def of(self, person_id: uuid.UUID, identity_id: uuid.UUID) -> Mapping[uuid.UUID, Standing]:
        """One person's, by resource link. Progress belongs to the person, a grade to the identity."""
        return {
            link: Standing(
                *self._progress.get((link, person_id), ("none", 0.0, None)),
                *self._grades.get((link, identity_id), ("", "")),
            )
            for link in self._links
        }


def _progress(
    session: Session, links: Sequence[uuid.UUID]
) -> dict[tuple[uuid.UUID, uuid.UUID], tuple[str, float, datetime | None]]:
    """(status, fraction, finished at) by (placement, person)."""
    rows = session.execute(
        sa.select(
            Progress.resource_link_id, Progress.person_id, Progress.status, Progress.fraction, Progress.finished_at
        )
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(
            Progress.resource_link_id.in_(links),
            Progress.run == ResourceLink.run,
            Progress.activity_key == ResourceLink.activity_key,
        )
    )
    return {(link_id, person_id): (status, fraction, at) for link_id, person_id, status, fraction, at in rows}


def _grades(session: Session, links: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, uuid.UUID], tuple[str, str]]:
    """(state, class of the last error) by (placement, identity)."""
    rows = session.execute(
        sa.select(LineItem.resource_link_id, GradePush.identity_id, GradePush.state, GradePush.error_class)
        .join(LineItem, LineItem.id == GradePush.line_item_id)
        .where(LineItem.resource_link_id.in_(links), LineItem.tag == TAG)
    )
    return {(link_id, identity_id): (state, error or "") for link_id, identity_id, state, error in rows}
