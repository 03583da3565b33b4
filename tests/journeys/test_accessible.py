"""Every page a learner and a teacher meet, in the frame on a phone: axe finds nothing.

All pages in all their states and widths, outside a frame: tests/lti_tool/test_pages_in_browser.py.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, expect

from framework.catalogue import Catalogue
from tests.journeys.browser import violations
from tests.journeys.people import Designer, Learner, Person
from tests.journeys.stack import Stack

pytestmark = pytest.mark.one_database


def in_frame(person: Person) -> Frame:
    """The tool's frame, wherever it is now."""
    return next(frame for frame in person.page.frames if "//localhost:" in frame.url)


def then_it_is_accessible(person: Person, where: str) -> None:
    """No violation, and nothing wider than the frame."""
    person.tool.wait_for()
    frame = in_frame(person)
    assert violations(frame) == [], where
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), f"{where}: too wide"


@pytest.mark.parametrize("width", [360])
def test_the_learners_pages(system: Stack, person: Callable[..., Person], content: Catalogue, width: int) -> None:
    placed = system.lms.place("moodle", "Self-awareness", "self-awareness")
    priya = person("moodle", "priya", viewport={"width": width, "height": 800})
    learner = Learner(priya, content, "self-awareness")
    priya.opens(placed)
    then_it_is_accessible(priya, "overview")
    priya.clicks("Start")
    priya.sees_title("Why it matters")
    then_it_is_accessible(priya, "why")
    priya.clicks("Continue")
    priya.sees_title(learner.module.sections[0].title)
    then_it_is_accessible(priya, "section")
    priya.clicks("Check answer")
    priya.sees("There is a problem")
    then_it_is_accessible(priya, "section without an answer")
    learner.answers_check(0, right=False)
    then_it_is_accessible(priya, "section with a wrong answer")
    learner.answers_check(0)
    for number in range(1, len(learner.module.sections)):
        learner.answers_check(number)
    for number, scenario in enumerate(learner.module.scenarios):
        priya.sees_title(scenario.title)
        then_it_is_accessible(priya, f"{scenario.format}")
        priya.clicks("Send my answer")
        priya.sees("There is a problem")
        then_it_is_accessible(priya, f"{scenario.format} without an answer")
        learner.answers_situation(number)
    expect(priya.tool.get_by_role("button", name="Finish")).to_be_visible()
    then_it_is_accessible(priya, "finish")
    learner.finishes()
    then_it_is_accessible(priya, "result")
    priya.clicks("Look at your answers")
    priya.sees("Your answers")
    then_it_is_accessible(priya, "review")
    priya.opens(placed)
    priya.clicks("My badges")
    priya.sees_title("My badges")
    then_it_is_accessible(priya, "board")
    priya.uses(priya.tool.get_by_role("link", name="Self-awareness").first)
    priya.sees("conditions met")
    then_it_is_accessible(priya, "badge")
    priya.clicks("Not you?")
    priya.sees_title("If you are not Priya Nair")
    then_it_is_accessible(priya, "not you")


@pytest.mark.parametrize("width", [360])
def test_the_staffs_pages(system: Stack, person: Callable[..., Person], width: int) -> None:
    placed = system.lms.place("moodle", "A programme", "programme")
    margaret = person("moodle", "margaret", viewport={"width": width, "height": 800})
    margaret.opens(placed)
    then_it_is_accessible(margaret, "activity")
    margaret.clicks("See it as a learner")
    margaret.sees("You have finished 0 of 15 qualities.")
    then_it_is_accessible(margaret, "programme")
    tomas = Designer(person("moodle", "tomas", viewport={"width": width, "height": 800}), system.lms)
    tomas.opens_the_picker()
    then_it_is_accessible(tomas.person, "picker")
    tomas.chooses_separate("self-belief")
    then_it_is_accessible(tomas.person, "picker, separate")
