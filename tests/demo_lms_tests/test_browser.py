"""A real browser, with the tool on another site: what people see and click."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.demo_lms_tests.tool import Side

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Headless Chromium."""
    path = os.environ.get("LQF_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("Chromium is missing: install it, or set LQF_CHROMIUM to its path.")
    browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser profile."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(30_000)
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
        expect(tool.locator("body")).to_have_attribute("data-ltigetdataresponse", re.compile('"value":"secret"'))
        expect(page.locator("#contentframe")).to_have_css("height", "1234px")
    else:
        expect(page.locator("#contentframe")).not_to_have_css("height", "600px")
    tool.get_by_role("link", name="Back").click()
    expect(page.get_by_role("status")).to_have_text("Well <b>done</b>")


def test_without_scripts_a_button_carries_on(browser: Browser, moodle: Side) -> None:
    moodle.tool.choice = [{"type": "ltiResourceLink", "title": "Self-belief"}]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{moodle.lms}/-/sign-in?platform=moodle&person=tomas&next=/moodle/add")
    frame = page.frame_locator("#contentframe")
    for passing, button in (
        ("Opening the tool …", "Continue"),
        ("Signing you in …", "Continue"),
        ("Choose", "Add to course"),
        ("Adding to the course …", "Continue"),
    ):
        expect(frame.get_by_text(passing, exact=True)).to_be_visible()
        frame.get_by_role("button", name=button).click()
    frame.get_by_role("link", name="Back to the course").click()
    expect(page.get_by_role("link", name="Self-belief")).to_be_visible()
    context.close()


def test_pages_fit_a_phone_and_have_no_accessibility_faults(page: Page, moodle: Side) -> None:
    placed = moodle.door("place", title="When a colleague does not do what was agreed", line_item=100)
    item = placed["line_items"][0]
    moodle.score(item["url"], moodle.person_id("priya"), comment="You saw that silence is an answer too.")
    learner = next(one["id"] for one in moodle.state()["people"] if one["slug"] == "priya")
    paths = ["course", "grades", f"grades/{item['id']}/{learner}", "completion", "people", "add", "activity/0"]
    paths.append(f"activity/{placed['id']}/settings")
    page.set_viewport_size({"width": 360, "height": 740})
    for person, seen in (("margaret", ["../", *paths]), ("priya", ["course", "grades", f"activity/{placed['id']}"])):
        page.goto(f"{moodle.lms}/-/sign-in?platform=moodle&person={person}")
        for path in seen:
            page.goto(f"{moodle.lms}/moodle/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
            # The tool's pages inside the frame are not ours to judge here.
            faults = Axe().run(page, options={"iframes": False}).response["violations"]
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == [], path
