"""A designer picks activities once, and learners find them in the course."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from tests.journeys.people import Designer, Learner, Person
from tests.journeys.stack import Stack
from tests.journeys.test_loop import SECONDS_TO_GRADE, wait_for_grade

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("platform", "designer", "who"), [("moodle", "tomas", "dafydd"), ("canvas", "imran", "lan")])
def test_a_programme_makes_one_column_and_its_grade_comes_when_all_is_explored(
    system: Stack, person: Callable[..., Person], content: Catalogue, platform: str, designer: str, who: str
) -> None:
    # given a designer who puts a programme of two qualities into the course
    tomas = Designer(person(platform, designer), system.lms)
    tomas.opens_the_picker()
    tomas.chooses_programme("Starting to lead", "self-awareness", "self-management")
    expect(tomas.person.tool.locator("[data-count]")).to_contain_text("1 item and 1 gradebook column")
    (placed,) = tomas.adds()
    assert placed["title"] == "Starting to lead"
    assert [item["score_maximum"] for item in placed["line_items"]] == [1]

    # when a learner finishes the first quality
    learner = person(platform, who)
    learner.opens(placed)
    learner.sees("You have finished 0 of 2 qualities.")
    _works_through(learner, content, "self-awareness")
    learner.clicks("Continue the programme")
    learner.sees("You have finished 1 of 2 qualities.")

    # then there is no grade yet; and when they finish the second, it arrives
    assert system.lms.grade(platform, placed, who) is None
    _works_through(learner, content, "self-management")
    grade, _ = wait_for_grade(system, platform, placed, who, SECONDS_TO_GRADE)
    assert grade is not None and grade["final"] == 1
    assert len(system.lms.scores(platform)) == 1


def _works_through(learner: Person, content: Catalogue, quality: str) -> None:
    learner.clicks(f"Start: {content.module(quality).title}")
    working = Learner(learner, content, quality)
    working.starts()
    working.does_the_rest()
    working.finishes()


def test_separate_activities_say_how_many_columns_they_make(system: Stack, person: Callable[..., Person]) -> None:
    tomas = Designer(person("moodle", "tomas"), system.lms)
    tomas.opens_the_picker()
    tomas.chooses_separate("self-belief", "broad-scanning", "board")
    expect(tomas.person.tool.locator("[data-count]")).to_contain_text("3 items and 2 gradebook columns")
    made = tomas.adds()
    assert [(one["custom"]["activity_id"], len(one["line_items"])) for one in made] == [
        ("self-belief", 1),
        ("broad-scanning", 1),
        ("board", 0),
    ]


def test_cancel_adds_nothing(system: Stack, person: Callable[..., Person]) -> None:
    tomas = Designer(person("moodle", "tomas"), system.lms)
    tomas.opens_the_picker()
    tomas.person.clicks("Cancel")
    tomas.person.page.wait_for_url("**/course")
    assert tomas.placements() == []


def test_choosing_nothing_is_said_and_keeps_what_was_chosen(system: Stack, person: Callable[..., Person]) -> None:
    tomas = Designer(person("moodle", "tomas"), system.lms)
    tomas.opens_the_picker()
    tomas.chooses_separate(basis="none")
    tomas.person.clicks("Add to course")
    expect(tomas.person.tool.locator(".nhsuk-error-summary")).to_contain_text("Choose at least one activity.")
    expect(tomas.person.tool.locator("input[name=basis][value=none]")).to_be_checked()
