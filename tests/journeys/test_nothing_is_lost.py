"""Somebody writes while the tool goes away, on two devices, and past the end of the visit: no word is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from framework.store.sessions import now
from framework.store.tables import Answer, Visit
from tests.journeys.people import Person
from tests.journeys.stack import Stack
from tests.journeys.test_accessible import in_frame, then_it_is_accessible

pytestmark = pytest.mark.one_database

FIRST = "I rang the director at night."
SECOND = "I told the team that the rota was mine."


def opens_an_example(somebody: Person, placed: Any) -> None:
    somebody.opens(placed)
    somebody.clicks("Write an example")
    somebody.sees("Name no patients and no colleagues in the text")


def text_of(somebody: Person) -> Locator:
    return somebody.tool.get_by_label("What happened")


def said(somebody: Person) -> Locator:
    return somebody.tool.locator("[data-saved]")


def stored(system: Stack) -> list[str]:
    with system.store.reading(1) as session:
        rows = session.scalars(sa.select(Answer).where(Answer.item_key == "example.1").order_by(Answer.id.desc()))
        return [row.value["text"] for row in rows]


def every_visit(system: Stack, **when: timedelta) -> None:
    with system.store.transaction(1) as session:
        session.execute(sa.update(Visit).values({name: now() + by for name, by in when.items()}))


def test_what_is_written_while_the_tool_is_away_is_kept(system: Stack, person: Callable[..., Person]) -> None:
    """Red without ``await keep()`` in ``beat`` of answers.js; the last part without ``restore();`` there."""
    placed = system.lms.place("moodle", "Reflect", "self-belief.reflection")
    priya = person("moodle", "priya")
    opens_an_example(priya, placed)

    # given a text that is kept by itself while it is written
    text_of(priya).fill(FIRST)
    expect(said(priya)).to_contain_text("Saved")
    assert stored(system)[0] == FIRST

    # when the tool goes away while she writes, she is told, and nothing goes on without her words
    system.kill("web")
    text_of(priya).fill(f"{FIRST} {SECOND}")
    expect(said(priya)).to_have_text("Not saved yet. We keep trying.")
    priya.clicks("Save draft")
    expect(text_of(priya)).to_have_value(f"{FIRST} {SECOND}")

    # and when it is back, it is saved without any click, also after the page was loaded again
    system.again("web")
    system.mend()
    expect(said(priya)).to_contain_text("Saved", timeout=40_000)
    assert stored(system)[0] == f"{FIRST} {SECOND}"
    text_of(priya).fill(SECOND)
    in_frame(priya).evaluate("window.addEventListener('beforeunload', (e) => e.stopImmediatePropagation(), true)")
    in_frame(priya).evaluate("delete document.documentElement.dataset.settled, location.reload()")  # no look at the old
    expect(text_of(priya)).to_have_value(SECOND)
    priya.clicks("Save draft")
    priya.sees(SECOND)
    assert priya.errors == []


def test_two_devices_and_the_end_of_the_visit(system: Stack, person: Callable[..., Person]) -> None:
    """Red without ``came.state === "refused"`` in answers.js: it would try for ever, and never show both."""
    placed = system.lms.place("moodle", "Reflect", "self-belief.reflection")
    phone, desk = person("moodle", "priya", viewport={"width": 360, "height": 740}), person("moodle", "priya")
    opens_an_example(phone, placed)
    opens_an_example(desk, placed)

    # given a text from the phone, when another is written at the desk, on a page that is older
    text_of(phone).fill(FIRST)
    expect(said(phone)).to_contain_text("Saved")
    text_of(desk).fill(SECOND)
    expect(said(desk)).to_contain_text("Not saved yet: This has been answered on another device")

    # then both are shown, and she keeps both
    desk.clicks("Save draft")
    desk.sees("Changed on another device or in another tab")
    expect(desk.tool.locator(".stored")).to_contain_text(FIRST)
    expect(text_of(desk)).to_have_value(SECOND)
    then_it_is_accessible(desk, "two texts")
    desk.clicks("Keep both: save mine as another example")
    desk.sees(FIRST)
    desk.sees(SECOND)

    # when her visit is about to end by disuse, she is told, and stays
    every_visit(system, seen_at=timedelta(minutes=-4))
    in_frame(phone).evaluate("document.dispatchEvent(new CustomEvent('visit-lasts', { detail: 200 }))")
    near = phone.tool.get_by_text("This page closes at")
    expect(near).to_be_visible()
    then_it_is_accessible(phone, "the end is near")
    phone.clicks("Stay here")
    expect(near).to_be_hidden()

    # and when it has ended all the same, what she sends is there to be copied
    every_visit(system, expires_at=timedelta(minutes=-1))
    text_of(phone).fill(f"{FIRST} And more.")
    phone.clicks("Save draft")
    phone.sees_title("Your visit has ended")
    expect(phone.tool.get_by_label("What you have just written")).to_have_value(f"{FIRST} And more.")
    then_it_is_accessible(phone, "ended with a text")
