"""A teacher finds out who is stuck, writes to them, and the learner reads it at the next visit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from lti_tool.presenters.wording import typeset
from tests.journeys.browser import violations
from tests.journeys.people import Learner, Person
from tests.journeys.stack import Stack

pytestmark = pytest.mark.one_database


def test_from_who_is_stuck_to_the_learners_next_visit(
    system: Stack, person: Callable[..., Person], content: Catalogue
) -> None:
    # given a learner who gets one question wrong again and again
    placed = system.lms.place("moodle", "Self-belief", "self-belief")
    priya = person("moodle", "priya")
    priya.opens(placed)
    Learner(priya, content, "self-belief").starts()
    check = content.module("self-belief").sections[0].check
    bad = [one for one in check.options if one.key != check.answer_key]
    for option in (bad[0], bad[1], bad[0]):
        priya.ticks(priya.tool.get_by_label(typeset(option.text), exact=True))
        again = priya.tool.get_by_role("button", name="Check again", exact=True)
        priya.uses(priya.tool.get_by_role("button", name="Check answer", exact=True).or_(again))
        expect(priya.tool.locator("#feedback")).to_contain_text(typeset(option.feedback))

    # when the teacher looks at the course
    teacher = person("moodle", "margaret")
    teacher.opens(placed)
    teacher.clicks("Course")
    expect(teacher.tool.locator("tr", has_text="Priya Nair")).to_contain_text("In progress")
    assert violations(teacher.page) == []
    teacher.clicks("Who is stuck (1)")

    # then Priya is there, with the reason, and the teacher writes to her
    teacher.sees("3 wrong tries at one question")
    teacher.ticks(teacher.tool.get_by_label("Write to Priya Nair"))
    teacher.clicks("Write to those ticked")
    teacher.tool.get_by_label("Your message").fill("Shall we look at it together on Thursday?")
    teacher.clicks("Preview")
    teacher.sees("Shall we look at it together on Thursday?")
    teacher.clicks("Show it to them")
    teacher.sees_title("Your message is ready")
    expect(teacher.tool.get_by_label("Their addresses")).to_have_value("priya@example.org")
    teacher.clicks("Back to the course")
    teacher.sees("Last message on")

    # and Priya reads it, until she puts it away
    priya.opens(placed)
    banner = priya.tool.get_by_role("region", name="Message from your course")
    expect(banner).to_contain_text("Shall we look at it together on Thursday?")
    expect(banner).to_contain_text("Margaret Osei wrote to you on")
    priya.clicks("Put this away")
    priya.sees_title("Self-belief")
    expect(banner).to_have_count(0)

    # and the teacher looks at her page
    teacher.tool.get_by_role("link", name="Priya Nair", exact=True).click()
    teacher.sees_title("Priya Nair")
    teacher.sees("3 wrong tries at one question")
