"""What a learner does, by the framework's own journey, as the API tells it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from framework import journey
from framework.catalogue.learning import Scenario
from framework.store.attempts import Worker
from framework.store.sessions import Store, now
from framework.store.tables import GradePush, Identity, Progress, ResourceLink
from tests import builders
from tests.api.conftest import Course, Reader

KEY = "self-belief.scenarios"


def some_answer(scenario: Scenario) -> Any:
    """An answer that the scenario takes; not a good one."""
    keys = [one.key for one in scenario.responses]
    return {
        "rank5": {key: place for place, key in enumerate(keys, 1)},
        "rate": dict.fromkeys(keys, 1),
        "choose3": keys[:3],
        "best_worst": {"best": keys[0], "worst": keys[1]},
    }[scenario.format]


@pytest.mark.lti("LTI-96")
def test_learner_takes_an_activity_twice(store: Store, new_course: Any, reader: Reader) -> None:
    """Given a learner who starts, finishes and takes it again, each step reaches a reader who passes as_of on.

    ``submitted_at <= updated_at`` is what ``framework.store.progress`` builds on to pass grades over. The grade is of
    the newest attempt's time, also when the first one counts: Canvas knows attempts by it. Red without
    ``attempts.last_submitted_at`` in placements.want_grade, and without ``progress.updated_at = now`` in
    journey._count.
    """
    course: Course = new_course(activity_key=KEY)
    with store.transaction(1) as session:
        identity = builders.identity(session, builders.person(session), course.platform)

    def worker(session: Any) -> Worker:
        link = session.get_one(ResourceLink, (1, course.link.id))
        return Worker(link, identity.person_id, session.get_one(Identity, (1, identity.id)).id)

    with store.transaction(1) as session:
        work = journey.begin(session, worker(session), KEY, now=now())
    [row] = reader.rows()
    assert (row["status"], row["fraction_complete"], row["attempts"]) == ("in_progress", 0.0, 1)
    assert (row["activity_type"], row["quality"], row["grade_delivery"]["state"]) == (
        "scenarios",
        "self-belief",
        "not_due",
    )

    scenarios = work.catalogue.module("self-belief").scenarios
    for scenario in scenarios:
        with store.transaction(1) as session:
            journey.answer(session, worker(session), KEY, scenario.key, some_answer(scenario), now=now())
    with store.transaction(1) as session:
        journey.submit(session, worker(session), KEY, now=now())
    [row] = reader.rows()
    assert (row["status"], row["fraction_complete"]) == ("completed", 1.0)
    assert row["maximum"] and row["completed_at"] and row["content_edition"] == 1
    assert row["grade_delivery"]["state"] == "pending"
    with store.reading(1) as session:
        push, progress = session.scalars(sa.select(GradePush)).one(), session.scalars(sa.select(Progress)).one()
    assert push.submitted_at <= progress.updated_at

    with time_machine.travel(now() + timedelta(minutes=2)):
        since = reader("/v1/progress")["meta"]["as_of"]
        with store.transaction(1) as session:
            journey.begin(session, worker(session), KEY, now=now())
        [row] = reader.rows(updated_since=since)
    assert (row["status"], row["attempts"]) == ("completed", 2)

    with time_machine.travel(now() + timedelta(minutes=4)):
        since = reader("/v1/progress")["meta"]["as_of"]
        for scenario in scenarios:
            with store.transaction(1) as session:
                journey.answer(session, worker(session), KEY, scenario.key, some_answer(scenario), now=now())
        with store.transaction(1) as session:
            journey.submit(session, worker(session), KEY, now=now())
        [row] = reader.rows(updated_since=since)
        assert row["grade_delivery"]["state"] == "pending"
    with store.reading(1) as session:
        again, progress = session.scalars(sa.select(GradePush)).one(), session.scalars(sa.select(Progress)).one()
    assert push.submitted_at < again.submitted_at <= progress.updated_at
    assert again.wanted_version == 2
