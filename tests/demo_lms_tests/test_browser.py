"""A real browser, with the tool on another site: what people see and click."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.demo_lms_tests.tool import Side

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_a_designer_adds_an_activity_and_a_learner_opens_it(
    request: pytest.FixtureRequest, page: Page, platform: str
) -> None:
    side: Side = request.getfixturevalue(platform)
    side.tool.choice = [{"type": "ltiResourceLink", "title": "Self-belief", "lineItem": {"scoreMaximum": 1}}]
    # A designer signs in and opens the picker.
    page.goto(side.lms)
    page.get_by_role("button", name="Tomás Ferreira" if platform == "moodle" else "Imran Qureshi").click()
    page.get_by_role("link", name="Add activities").click()
    # The picker's answer comes back from another site, and the course shows the activity.
    page.frame_locator("#contentframe").get_by_role("button", name="Add to course").click()
    expect(page.get_by_role("link", name="Self-belief")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    # A learner opens it in its frame and goes back with the tool's link.
    page.locator(f"section[aria-labelledby=course-{platform}]").get_by_role("button", name="Priya Nair").click()
    page.get_by_role("link", name="Self-belief").click()
    tool = page.frame_locator("#contentframe")
    expect(tool.get_by_role("heading")).to_have_text("Working on Self-belief")
    if platform == "canvas":
        expect(tool.locator("body")).to_have_attribute("data-lticapabilitiesresponse", re.compile("lti.put_data"))
        expect(page.locator("#contentframe")).to_have_css("height", "1234px")
    tool.get_by_role("link", name="Back").click()
    expect(page.get_by_role("status")).to_have_text("Well <b>done</b>")
