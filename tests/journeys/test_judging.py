"""From the learner's words to the level, in the course: studied, written, shared, signed, explained, withdrawn."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from framework.catalogue import Catalogue
from tests.journeys.people import Learner, Person
from tests.journeys.stack import Stack
from tests.journeys.test_accessible import then_it_is_accessible
from tests.journeys.test_loop import SECONDS_TO_GRADE, wait_for_grade

pytestmark = pytest.mark.one_database

QUALITY = "self-awareness"
STORY = "I said in the meeting that I had been too sharp, and asked how it had landed."


def writes(learner: Person, button: str, text: str, on: date) -> None:
    learner.clicks(button)
    learner.sees("Name no patients and no colleagues in the text")
    learner.tool.get_by_label("What happened").fill(text)
    for name, value in (("Day", on.day), ("Month", on.month), ("Year", on.year)):
        learner.tool.get_by_label(name, exact=True).fill(str(value))
    learner.clicks("Save draft")
    expect(learner.tool.locator("#said")).to_be_focused()
    learner.sees("Draft saved. Only you can read it.")
    learner.sees(text)


def shares(learner: Person, words: str = "Share 1 example") -> None:
    learner.clicks(words)
    learner.sees_title("Share this?")
    learner.sees("Margaret Osei")
    learner.clicks(words)
    learner.sees("Waiting for a judge")


def signs(teacher: Person, placed: Any) -> None:
    """Open the queue from the teacher's own page, mark both behaviours as Consistent, and sign."""
    teacher.opens(placed)
    teacher.tool.get_by_role("link", name="Reflections to judge 1").click()
    teacher.clicks("Priya Nair")
    for number in (1, 2):
        teacher.ticks(teacher.tool.locator(f"input[name='{QUALITY}.{number}'][value='2']"))
        teacher.ticks(teacher.tool.locator(f"input[name='basis-{QUALITY}.{number}'][value='saw']"))
    counts_what_is_written(teacher)
    teacher.tool.get_by_label("Comment").fill("You asked, and you listened.")
    teacher.clicks("Sign")
    teacher.sees("Signed. The learner sees it now")


def counts_what_is_written(judge: Person, since: int = 2020) -> None:
    """Say that every example shows the quality, and that the work is known from January of a year until now."""
    for box in judge.tool.locator("input[name^='shows-'][value='yes']").all():
        judge.ticks(box)
    today = datetime.now(UTC).date()
    for field, value in {"from_month": 1, "from_year": since, "to_month": today.month, "to_year": today.year}.items():
        judge.tool.locator(f"#{field}").fill(str(value))


def rung(learner: Person, title: str) -> Any:
    return learner.tool.locator(".ladder__rung", has_text=title)


def test_a_learner_is_judged_and_sees_why(system: Stack, person: Callable[..., Person], content: Catalogue) -> None:
    # given a teacher in the course, and a learner who has studied the quality
    module = system.lms.place("moodle", "Self-awareness", QUALITY)
    placed = system.lms.place("moodle", "Reflect", f"{QUALITY}.reflection")
    teacher = person("moodle", "margaret")
    teacher.opens(placed)
    priya = person("moodle", "priya")
    walk = Learner(priya, content, QUALITY)
    priya.opens(module)
    walk.starts()
    walk.does_the_rest()
    walk.finishes()

    # when she writes one example and shares it
    priya.opens(placed)
    priya.sees("Nobody but you can read this")
    today = datetime.now(UTC).date()
    writes(priya, "Write an example", STORY, today - timedelta(days=60))
    assert system.lms.grade("moodle", placed, "priya") is None
    shares(priya)
    grade, _ = wait_for_grade(system, "moodle", placed, "priya", SECONDS_TO_GRADE)
    assert grade is not None and grade["final"] == 1

    # and the teacher signs it
    signs(teacher, placed)

    # then it is level 1, and what level 2 lacks is said
    priya.opens(placed)
    priya.sees("You asked, and you listened.")
    expect(rung(priya, "Level 1: Developing")).to_contain_text("Earned since")
    second = rung(priya, "Level 2: Consistent")
    expect(second).to_contain_text("5 of 6 conditions met")
    expect(second.get_by_role("row", name="Two examples")).to_contain_text("Not yet")
    then_it_is_accessible(priya, "the signed reflection")

    # when she changes her text, she is told first what that resets
    priya.clicks("Change my text")
    priya.sees("that signature does not count any more")
    priya.clicks("Change my text")
    expect(rung(priya, "Level 1: Developing")).to_contain_text("Not yet")
    writes(priya, "Add another example", "I told my manager what sets me off.", today - timedelta(days=20))
    shares(priya, "Share both examples")
    signs(teacher, placed)

    # then it is level 2, here and on her badge
    priya.opens(placed)
    expect(rung(priya, "Level 2: Consistent")).to_contain_text("Earned since")
    priya.sees("a teacher of the course judged practice in Self-awareness as at least Consistent on 2 of 2 behaviours")
    priya.clicks("My badge for Self-awareness")
    priya.sees("Consistent · level 2 of 4")
    then_it_is_accessible(priya, "the badge")

    # when the teacher takes it back, the level is gone and the reason is there
    teacher.opens(placed)
    teacher.tool.get_by_role("link", name="Reflections to judge 0").click()
    teacher.clicks("Priya Nair")
    teacher.sees("Withdraw your signature")
    then_it_is_accessible(teacher, "the judge's page")
    teacher.tool.get_by_text("Withdraw your signature").click()
    teacher.tool.get_by_label("Reason").fill("I mixed up two people.")
    teacher.clicks("Withdraw")
    teacher.sees("Withdrawn.")
    priya.opens(placed)
    priya.sees("I mixed up two people.")
    expect(rung(priya, "Level 1: Developing")).to_contain_text("Not yet")
