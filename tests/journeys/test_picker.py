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
    learner.sees_title("Why it matters")
    learner.clicks("Continue")
    working = Learner(learner, content, quality)
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


def test_a_designer_finds_previews_orders_and_dates_what_is_added(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    # given a designer who looks for a word and ticks what is found
    tomas = Designer(person("moodle", "tomas"), system.lms)
    tomas.opens_the_picker()
    tool = tomas.person.tool
    tomas.chooses_separate("self-belief")
    tool.locator("#search").fill("account")
    expect(tool.locator("[data-found]")).to_have_text("1 found")
    tomas.person.ticks(tool.locator("#activity-holding-to-account"))

    # when they look at it as a learner, in a window of its own that shares nothing with the frame
    with tomas.person.page.context.expect_page() as opened:
        tool.locator("[name=preview][value=holding-to-account]").click()
    window = opened.value
    expect(window.locator("h1")).to_have_text(content.module("holding-to-account").title)
    expect(window.locator(".banner")).to_contain_text("Nothing is stored.")
    window.close()

    # and put it first, with a title and a close of its own
    tomas.person.clicks("Order and settings")
    tomas.person.sees_title("Order and settings")
    tool.locator("[name=move][value='up:holding-to-account']").click()
    expect(tool.locator("#order")).to_contain_text("is number 1 of 2 now.")
    expect(tool.locator("#order")).to_be_focused()
    tool.locator(".item details summary").first.click()
    tool.locator("[id='title:holding-to-account']").fill("Week 1")
    tool.locator("[id='closes_at:holding-to-account']").fill("2099-07-01T17:00")
    expect(tool.locator("[data-count]")).to_have_text("This adds 2 items and 2 gradebook columns.")
    made = tomas.adds()

    # then the course has them in that order, and a learner reads when it closes
    assert [one["title"] for one in made] == ["Week 1", content.activity("self-belief").title]
    learner = person("moodle", "dafydd")
    learner.opens(made[0])
    learner.sees("Closes on 1 July 2099 at 17:00.")
