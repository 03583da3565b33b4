"""Somebody who sets the tool up places a Connection test, and is told what works and which setting does not."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Person
from tests.journeys.stack import Stack
from tests.journeys.test_accessible import in_frame, then_it_is_accessible

pytestmark = pytest.mark.one_database

TEACHERS = {"moodle": "margaret", "canvas": "ruth"}
SETTING = {"moodle": "Names and Role Provisioning", "canvas": "Can retrieve user data"}


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_it_says_what_works_and_names_the_setting_that_does_not(
    system: Stack, person: Callable[..., Person], platform: str
) -> None:
    # given a connection test in a course, opened by the teacher alone
    placed = system.lms.place(platform, "Connection test", "connection-test")
    teacher = person(platform, TEACHERS[platform])
    teacher.opens(placed)
    teacher.sees_title("Connection test")
    teacher.sees("open this activity once with a learner's account")
    look(teacher, f"{platform}-waiting")

    # when a learner opens it, the teacher's page shows by itself that everything works
    learner = person(platform, "priya")
    learner.opens(placed)
    learner.sees("There is nothing for you to do here")
    teacher.sees("Everything works")
    look(teacher, f"{platform}-works")
    assert system.lms.grade(platform, placed, "priya") is not None

    # and when a service is switched off in the LMS, the next run names its setting there
    system.lms.post("/-/settings", {"platform": platform, "roster_service": False})
    teacher.clicks("Run the test again")
    teacher.sees(SETTING[platform])
    expect(teacher.tool.locator(".is-trouble")).to_have_text("Does not work")
    look(teacher, f"{platform}-trouble")

    # and when it is switched on again, the next run says so: for the tool, the refusal is over
    system.lms.post("/-/settings", {"platform": platform, "roster_service": True})
    teacher.clicks("Run the test again")
    teacher.sees("Everything works")
    assert teacher.errors == learner.errors == []


def look(person: Person, name: str) -> None:
    """axe finds nothing; with LQF_PICTURES a picture is left there."""
    for width in (1280, 360):
        person.page.set_viewport_size({"width": width, "height": 900})
        then_it_is_accessible(person, f"{name} at {width}")
        if folder := os.environ.get("LQF_PICTURES"):
            person.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    person.page.set_viewport_size({"width": 1280, "height": 900})
    if person.platform == "canvas":  # the frame takes its size again: a click in between would miss
        end = "document.querySelector('footer').getBoundingClientRect().bottom + scrollY"
        began = time.monotonic()
        while in_frame(person).evaluate(f"Math.abs(innerHeight - Math.max(450, {end})) > 16"):
            assert time.monotonic() - began < 30, "the frame has not taken the size of its page"
            person.page.wait_for_timeout(50)
