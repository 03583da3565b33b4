"""The grade that cannot be lost: Redis emptied and the worker killed between finish and push."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from tests.journeys.people import Designer, Learner, Person
from tests.journeys.stack import Stack
from tests.journeys.test_loop import SECONDS_TO_GRADE, wait_for_grade

pytestmark = pytest.mark.xdist_group("both databases")  # in one process: a system on PostgreSQL starts once


@pytest.mark.lti("LTI-100", "LTI-101")
def test_the_newest_grade_arrives_once_when_the_worker_dies_and_redis_is_emptied(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    """Red without ``bell.push_grades(platform_id)`` in ``workers.sweep``: nobody rings for the row again."""
    # given a module that is graded by its score
    designer = Designer(person("moodle", "tomas"), system.lms)
    designer.opens_the_picker()
    designer.chooses_separate("self-awareness", basis="score")
    (placed,) = designer.adds()
    learner = Learner(person("moodle", "priya"), content, "self-awareness")
    learner.person.opens(placed)

    # when the worker is killed, the learner finishes with half of the answers right at first, and again with all right
    system.kill("worker")
    system.kill("sweep")
    learner.starts()
    learner.answers_check(0, right=False)
    learner.answers_check(0)
    learner.does_the_rest(checks_from=1)
    learner.finishes()
    learner.person.sees("On its way to your course")
    learner.person.clicks("Take it again")
    learner.starts()
    learner.does_the_rest()
    learner.finishes()

    # and Redis loses everything
    client = system.valkey.client()
    client.flushall()
    client.close()
    assert system.lms.scores("moodle") == []
    system.again("worker")
    system.again("sweep")

    # then the newest grade arrives, once
    grade, _ = wait_for_grade(system, "moodle", placed, "priya", SECONDS_TO_GRADE)
    assert grade is not None, system.logs()
    assert grade["final"] == 100
    time.sleep(3)  # more than one round of the sweep
    assert [score["body"]["scoreGiven"] for score in system.lms.scores("moodle")] == [100]


def test_a_learner_finishes_while_redis_is_down(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    placed = system.lms.place("canvas", "Self-awareness", "self-awareness")
    learner = Learner(person("canvas", "zofia"), content, "self-awareness")
    learner.person.opens(placed)
    learner.starts()
    learner.does_the_rest()
    system.valkey.stop()
    with learner.person.page.expect_response(lambda one: one.request.method == "POST") as sent:
        learner.finishes()
    timing = sent.value.request.timing
    assert timing["responseStart"] - timing["requestStart"] < 3000  # ms: the tool's own part, not a busy browser's
    expect(learner.person.tool.locator("main")).to_contain_text("On its way")
    system.valkey.start()
    grade, _ = wait_for_grade(system, "canvas", placed, "zofia", SECONDS_TO_GRADE)
    assert grade is not None and grade["final"] == 1, system.logs()
