"""A learner assesses themselves inside the course, and the teacher learns nothing but that it is done."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from lti_tool.presenters.wording import typeset
from tests.journeys.browser import violations
from tests.journeys.people import Person
from tests.journeys.stack import Stack
from tests.journeys.test_loop import SECONDS_TO_GRADE, wait_for_grade

pytestmark = pytest.mark.one_database

EXAMPLE = "In spring I put my name to a rota that nobody liked."


def test_from_the_first_statement_to_the_profile(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    # given a self-assessment of one quality in the course
    placed = system.lms.place("moodle", "Self-belief: self-assessment", "self-belief.self-assessment")
    statements = [typeset(one.self_form) for one in content.quality("self-belief").features]
    priya = person("moodle", "priya")
    priya.opens(placed)
    priya.sees("never a rating")
    priya.clicks("Start")

    # when they answer all statements but one, by keyboard where it is quick
    priya.sees_title("Self-belief")
    for text in statements[:3]:
        priya.ticks(priya.tool.get_by_role("group", name=text).get_by_label("Usually", exact=True))
    priya.page.keyboard.press("ArrowDown")
    priya.tool.get_by_label("Which level do you aim for?").select_option("2")
    priya.tool.get_by_label("An example from your work").fill(EXAMPLE)
    priya.clicks("Save and continue")

    # then one warning leads to what is open, with the focus on it, and the rest is kept
    priya.sees("1 statement has no answer.")
    expect(priya.tool.locator(".nhsuk-error-summary")).to_be_focused()
    priya.uses(priya.tool.get_by_role("link", name=statements[3]))
    priya.page.keyboard.press("Space")
    expect(priya.tool.get_by_role("group", name=statements[3]).get_by_label("Almost never")).to_be_checked()
    expect(priya.tool.get_by_role("group", name=statements[2]).get_by_label("Almost always")).to_be_checked()
    priya.clicks("Save and continue")

    # when they check their answers, they are asked to stand by them
    priya.sees_title("Check your answers")
    priya.sees(EXAMPLE)
    priya.clicks("Finish")
    priya.sees("Tick the box")
    priya.ticks(priya.tool.get_by_label("These answers are my own honest view of how I work."))
    priya.clicks("Finish")

    # then it is finished, the profile is there, and one point arrives in the gradebook
    priya.sees_title("You have finished your self-assessment")
    grade, _ = wait_for_grade(system, "moodle", placed, "priya", SECONDS_TO_GRADE)
    assert grade is not None, system.logs()
    assert grade["final"] == 1
    priya.clicks("See your profile")
    priya.sees("Your ratings run from 1.0 to 5.0.")
    assert priya.tool.get_by_role("img", name="5.0 now, of 5.").count() == 1
    priya.uses(priya.tool.get_by_text("Show as table"))
    expect(priya.tool.get_by_role("table")).to_contain_text(statements[0])
    assert violations(priya.page.frames[1]) == []

    # and the teacher sees that it is done, and nothing of what was said
    margaret = person("moodle", "margaret")
    margaret.opens(placed)
    page = margaret.tool.locator("main").inner_text()
    assert "Finished" in page
    assert EXAMPLE not in page
    assert "Usually" not in page
    assert EXAMPLE not in system.logs()

    # and the framework on one page is found by words, without script too
    priya.clicks("The framework on one page")
    priya.tool.get_by_label("Find a behaviour, quality or level").fill("unpopular")
    priya.clicks("Search")
    priya.sees("1 behaviour in 1 quality")
    assert violations(priya.page.frames[1]) == []
    assert priya.errors == []
