"""Attempts that may have to be marked again, and what was."""

import uuid
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Attempt, Progress, Remark, ResourceLink

_BATCH = 500


class Marked(NamedTuple):
    """A submitted attempt with where it was made."""

    attempt: Attempt
    progress: Progress
    link: ResourceLink


def marked_by_earlier(session: Session, framework_key: str, edition_id: uuid.UUID) -> Iterator[Marked]:
    """The submitted attempts at modules that are on another edition, oldest first."""
    rows = session.execute(
        sa.select(Attempt, Progress, ResourceLink)
        .join(Progress, Progress.id == Attempt.progress_id)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .where(
            Progress.framework_key == framework_key,
            Attempt.kind == "module",
            Attempt.state == "submitted",
            Attempt.edition_id != edition_id,
        )
        .order_by(Attempt.id)
        .execution_options(yield_per=_BATCH)
    )
    return (Marked(*row) for row in rows)


def of_attempt(session: Session, attempt_id: uuid.UUID) -> Sequence[Remark]:
    """How often and why an attempt was marked again, oldest first."""
    return session.scalars(sa.select(Remark).where(Remark.attempt_id == attempt_id).order_by(Remark.at)).all()
