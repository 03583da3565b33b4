"""An instructor opens the placed activity: who has done it, where each grade is, and how it looks to a learner."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from framework.store.tables import Attempt, Evidence, Progress
from tests.journeys.people import Learner, Person
from tests.journeys.stack import Stack
from tests.journeys.test_loop import SECONDS_TO_GRADE, wait_for_grade

pytestmark = pytest.mark.one_database


def test_the_teacher_sees_who_has_done_it_and_each_grade(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    # given one learner who has finished and one who has begun
    placed = system.lms.place("moodle", "Self-awareness", "self-awareness")
    done = Learner(person("moodle", "priya"), content, "self-awareness")
    done.person.opens(placed)
    done.starts()
    done.does_the_rest()
    done.finishes()
    grade, _ = wait_for_grade(system, "moodle", placed, "priya", SECONDS_TO_GRADE)
    assert grade is not None
    begun = Learner(person("moodle", "wei"), content, "self-awareness")
    begun.person.opens(placed)
    begun.starts()

    # when the teacher opens the activity (the roster is read from the LMS in the background)
    teacher = person("moodle", "margaret")
    teacher.opens(placed)
    opens_until_the_roster_is_there(teacher, placed)

    # then everybody is there with their state
    def row(name: str) -> str:
        return teacher.tool.locator("tr", has_text=name).first.inner_text()

    assert "Finished" in row("Priya Nair") and "In the gradebook" in row("Priya Nair")
    assert "In progress" in row("Wei Li")
    assert "Not started" in row("Dafydd Llewellyn-Jones")
    assert "Margaret" not in teacher.tool.locator("table").inner_text()


def opens_until_the_roster_is_there(teacher: Person, placed: Any) -> None:
    """It is read in the background: whoever has never opened anything is in the list at a later visit."""
    began = time.monotonic()
    while teacher.tool.locator("tr", has_text="Not started").count() == 0:
        assert time.monotonic() - began < SECONDS_TO_GRADE, "the roster has not been read"
        teacher.opens(placed)


def test_the_teacher_sees_it_as_a_learner_and_nothing_is_stored(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    placed = system.lms.place("moodle", "Self-belief", "self-belief")
    teacher = person("moodle", "margaret")
    teacher.opens(placed)
    before = _rows(system)

    teacher.clicks("See it as a learner")
    expect(teacher.tool.locator(".banner")).to_contain_text("Nothing is stored.")
    walk = Learner(teacher, content, "self-belief")
    walk.starts()
    walk.answers_check(0, right=False)
    assert _rows(system) == before
    teacher.clicks("Back to your own view")
    teacher.sees("Who has done this activity")


def test_a_link_without_an_activity_waits_for_the_teacher(system: Stack, person: Callable[..., Person]) -> None:
    placed = system.lms.post("/-/place", {"platform": "canvas", "title": "Something", "line_item": 1})
    learner = person("canvas", "oliver")
    learner.opens(placed)
    learner.sees_title("This activity is not ready yet")

    teacher = person("canvas", "ruth")
    teacher.opens(placed)
    teacher.sees_title("Choose what this activity holds")
    teacher.tool.get_by_role("radio", name="One activity").check()
    teacher.tool.locator("[id='activity-self-belief']").check()
    teacher.clicks("Use this activity")
    teacher.sees("Who has done this activity")

    learner.opens(placed)
    learner.sees_title("Self-belief")


def _rows(system: Stack) -> list[int]:
    with system.store.reading(1) as session:
        return [session.scalar(sa.select(sa.func.count(table.id))) or 0 for table in (Progress, Attempt, Evidence)]


def test_a_teacher_looks_at_one_section_and_holds_instructors_to_their_own(
    system: Stack, person: Callable[..., Person]
) -> None:
    # given learners of two groups, a teacher who has both and an assistant who has one
    placed = system.lms.place("moodle", "Self-belief", "self-belief")
    for slug in ("priya", "wei"):
        person("moodle", slug).opens(placed)
    teacher = person("moodle", "margaret")
    teacher.opens(placed)

    # when the teacher looks at one group
    teacher.tool.get_by_label("Section", exact=True).select_option("12")
    teacher.clicks("Filter")

    # then the other is left out, until everybody is shown again
    table = teacher.tool.locator("tbody")
    expect(table).to_contain_text("Wei Li")
    expect(table).not_to_contain_text("Priya Nair")
    teacher.clicks("Show everybody")
    expect(table).to_contain_text("Priya Nair")

    # when the teacher holds instructors to their own sections
    teacher.clicks("Limit instructors to their own sections")
    expect(teacher.tool.get_by_role("button", name="Let instructors see everybody")).to_be_visible()
    assistant = person("moodle", "hannah")
    assistant.opens(placed)

    # then the assistant sees one group, and cannot change that
    assistant.sees("Yours: Section 11.")
    expect(assistant.tool.locator("tbody")).to_contain_text("Priya Nair")
    expect(assistant.tool.locator("tbody")).not_to_contain_text("Wei Li")
    expect(assistant.tool.get_by_role("button", name="Let instructors see everybody")).to_have_count(0)
    teacher.opens(placed)
    teacher.clicks("Let instructors see everybody")
    teacher.sees("Everybody who teaches this course sees all of its learners.")
