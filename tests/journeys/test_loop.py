"""The main job: a learner works through a module inside the course, a badge appears, the grade arrives."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from tests.journeys.browser import ALLOWED, BLOCKED
from tests.journeys.people import Learner, Person
from tests.journeys.privacy import found_in
from tests.journeys.stack import Stack

pytestmark = pytest.mark.one_database  # ``test_cannot_be_lost`` goes the same way on both

# Two seconds are promised and 0.2 to 0.5 are usual.
# A test is no stopwatch: it waits for a busy machine too.
SECONDS_TO_GRADE = 60.0


def wait_for_grade(system: Stack, platform: str, placement: Any, who: str, seconds: float) -> tuple[Any, float]:
    """The learner's grade and how long it took to arrive; None when it did not in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        grade = system.lms.grade(platform, placement, who)
        if grade is not None and grade["final"] is not None:
            return grade, time.monotonic() - began
        time.sleep(0.05)
    return None, seconds


@pytest.mark.lti("LTI-85", "LTI-125")
@pytest.mark.parametrize(
    ("platform", "who", "third_party"),
    [("moodle", "priya", BLOCKED), ("canvas", "kwame", BLOCKED), ("moodle", "wei", ALLOWED)],
    ids=["moodle-cookies-blocked", "canvas-cookies-blocked", "moodle-cookies-allowed"],
)
def test_a_module_from_first_page_to_grade(
    system: Stack, person: Callable[..., Person], content: Catalogue, platform: str, who: str, third_party: int
) -> None:
    # given a module in the course
    placed = system.lms.place(platform, "Self-belief", "self-belief")
    learner = Learner(person(platform, who, third_party=third_party), content, "self-belief")

    # when the learner opens it, answers one check wrong and then right, and leaves
    learner.person.opens(placed)
    learner.person.sees("can look at your answers once you have finished.")
    learner.starts()
    learner.answers_check(0, right=False)
    learner.answers_check(0)
    learner.person.page.goto(f"{system.lms.url}/{platform}/course")

    # then nothing is in the gradebook, and coming back leads to where they stopped
    assert system.lms.grade(platform, placed, who) is None
    learner.person.opens(placed)
    learner.person.clicks("Continue: part 3")

    # when they do the rest
    learner.does_the_rest(checks_from=1)
    assert system.lms.grade(platform, placed, who) is None, "a grade before finish would tick the activity off"
    learner.finishes()

    # then the badge is there at once, and the grade arrives in the gradebook
    learner.person.sees("Explored")
    learner.person.sees("Nobody has judged practice")
    grade, _ = wait_for_grade(system, platform, placed, who, SECONDS_TO_GRADE)
    assert grade is not None, system.logs()
    assert grade["final"] == 1
    assert system.lms.get("/-/state")[platform]["completion"][str(placed["id"])][who] is True

    # and the board shows the badge, and what a level would need
    learner.person.clicks("My badges")
    expect(learner.person.tool.locator("main")).to_contain_text(re.compile(r"You have explored \d+ of 15 qualities."))
    learner.person.uses(learner.person.tool.get_by_role("link", name="Self-belief").first)
    learner.person.sees("Level 1: Developing")

    # and the finished activity opens on its result
    learner.person.opens(placed)
    learner.person.sees_title("You have finished Self-belief")
    assert learner.person.errors == []

    # and no log of the tool names anybody or tells a secret
    written = system.written()
    assert "worker ready" in written, "the logs are written somewhere else"
    assert found_in(written) == []
