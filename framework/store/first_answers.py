"""The first answers that the learners of a placement gave, by item: what item statistics are made of."""

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.assessment.statistics import First
from framework.store.tables import Answer, Attempt, Identity, Progress, ResourceLink

MOST = 200_000  # answers of one placement: thousands of learners


def of_placement(session: Session, placed: ResourceLink, activity_key: str) -> Mapping[str, list[First]]:
    """By item key, in the present run: first attempts of real learners alone, so each person once."""
    rows = session.execute(
        sa.select(Answer.item_key, Answer.first_value, Attempt.started_at)
        .join(Attempt, Attempt.id == Answer.attempt_id)
        .join(Progress, Progress.id == Attempt.progress_id)
        .join(Identity, Identity.id == Progress.identity_id)
        .where(
            Progress.resource_link_id == placed.id,
            Progress.activity_key == activity_key,
            Progress.run == placed.run,
            Attempt.number == 1,
            Identity.is_test.is_(False),
        )
        .limit(MOST)
    )
    found: dict[str, list[First]] = defaultdict(list)
    for item_key, value, started_at in rows:
        found[item_key].append(First(value, started_at.date()))
    return found
