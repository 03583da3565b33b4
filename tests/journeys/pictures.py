"""``make pictures``: plays the loop on the running system and takes the README's pictures from it."""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from framework import authoring, catalogue
from framework.catalogue import Catalogue
from framework.store import platforms, schema
from framework.store.sessions import Store
from tests import servers
from tests.journeys.browser import Browsers
from tests.journeys.people import Designer, Learner, Person
from tests.journeys.stack import Stack
from tests.journeys.test_judging import counts_what_is_written, rung, shares, writes
from tests.journeys.test_teacher import opens_until_the_roster_is_there
from tests.journeys.test_whole_way import studies

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
COLOURS = 128  # enough for flat pages, and a third of the size


def take(page: Page, name: str) -> None:
    """One picture of what is on the screen now."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    picture = Image.open(path).convert("RGB").quantize(COLOURS)
    picture.save(path, optimize=True)


def to_the_top(what: Locator) -> None:
    """Scroll so that this stands at the top of the frame."""
    what.evaluate("it => document.documentElement.scrollBy(0, it.getBoundingClientRect().top - 16)")


def play(stack: Stack, open_as: "OpenAs") -> None:
    """The loop of the README, one picture a step."""
    content = catalogue.read(authoring.document(authoring.CONTENT))
    tomas = Designer(open_as("tomas"), stack.lms)
    tomas.opens_the_picker()
    take(tomas.person.page, "picker")
    tomas.chooses_separate("self-belief")
    (placed,) = tomas.adds()

    priya = Learner(open_as("priya"), content, "self-belief")
    priya.person.opens(placed)
    take(priya.person.page, "module")
    priya.starts()
    section = priya.module.sections[0]
    priya.person.sees_title(section.title)
    priya.answers_check(0, right=False)
    priya.person.tool.locator("#feedback").scroll_into_view_if_needed()
    take(priya.person.page, "check")
    priya.answers_check(0)
    for number in range(1, len(priya.module.sections)):
        priya.answers_check(number)

    phone = open_as("priya", viewport={"width": 360, "height": 740})
    phone.opens(placed)
    phone.clicks(f"Continue: part {len(priya.module.sections) + 2}")
    phone.sees_title(priya.module.scenarios[0].title)
    take(phone.page, "phone")

    for number in range(len(priya.module.scenarios)):
        priya.answers_situation(number)
    priya.finishes()
    take(priya.person.page, "result")
    priya.person.clicks("See my badges")
    priya.person.sees_title("My badges")
    take(priya.person.page, "board")

    margaret = open_as("margaret")
    margaret.opens(placed)
    opens_until_the_roster_is_there(margaret, placed)
    take(margaret.page, "teacher")
    play_practice(stack, open_as, content, priya.person, margaret)


def play_practice(stack: Stack, open_as: "OpenAs", content: Catalogue, priya: Person, margaret: Person) -> None:
    """What a learner says of themselves, what a judge sees in their practice, and the course as a whole."""
    look = stack.lms.place("moodle", "Self-assessment", "self-assessment")
    priya.opens(look)
    priya.clicks("Start")
    for place, quality in enumerate(content.qualities):
        priya.sees_title(quality.title)
        for number, feature in enumerate(quality.features):
            value = 2 + (place * 2 + number // 2) % 4
            priya.ticks(priya.tool.locator(f"input[name='{feature.key}'][value='{value}']"))
        priya.ticks(priya.tool.locator(f"input[name=importance][value='{1 + place % 4}']"))
        priya.clicks("Save and continue")
    priya.ticks(priya.tool.get_by_label("These answers are my own honest view of how I work."))
    priya.clicks("Finish")
    priya.clicks("See your profile")
    to_the_top(priya.tool.get_by_role("heading", name="Every quality"))
    take(priya.page, "profile")

    reflect = stack.lms.place("moodle", "Self-belief: reflection", "self-belief.reflection")
    priya.opens(reflect)
    today = datetime.now(UTC).date()
    story = "On the night rota I raised the gap with our director the same day, with figures, and asked for a reply."
    writes(priya, "Write an example", story, today - timedelta(days=60))
    shares(priya)
    margaret.opens(reflect)
    margaret.uses(margaret.tool.get_by_role("link", name="Reflections to judge 1"))
    margaret.clicks("Priya Nair")
    for number in (1, 2, 4):
        margaret.ticks(margaret.tool.locator(f"input[name='self-belief.{number}'][value='{2 if number < 4 else 3}']"))
        margaret.ticks(margaret.tool.locator(f"input[name='basis-self-belief.{number}'][value='saw']"))
    to_the_top(margaret.tool.locator("fieldset.judge").first)
    take(margaret.page, "judging")
    counts_what_is_written(margaret, today.year - 1)
    margaret.clicks("Sign")
    margaret.sees("Signed. The learner sees it now")
    priya.opens(reflect)
    to_the_top(rung(priya, "Level 1: Developing"))
    take(priya.page, "level")

    programme = stack.lms.place("moodle", "Leading together: programme", "programme")
    keys = [one.key for one in content.qualities]
    for slug, name, studied in (("wei", "Wei Li", keys[:9]), ("siobhan", "Siobhán O'Rourke", keys[3:8:2])):
        somebody = open_as(slug)
        somebody.opens(programme)
        studies(stack, content, name, studied)
        somebody.clicks("Self-belief")
    wide = open_as("margaret", viewport={"width": 1200, "height": 1040})
    wide.opens(programme)
    wide.clicks("Course")
    to_the_top(wide.tool.locator("h1"))
    take(wide.page, "course")


class OpenAs:
    """Signs in somebody of the Moodle way's course."""

    def __init__(self, browsers: Browsers, lms: str) -> None:
        self.browsers, self.lms = browsers, lms

    def __call__(self, slug: str, **options: Any) -> Person:
        context = self.browsers.context(**{"viewport": {"width": 1100, "height": 800}} | options)
        return Person(context, self.lms, "moodle", slug)


def main() -> None:
    """Bring the system up, play, take it down."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    reaper = servers.begin()
    folder = Path(tempfile.mkdtemp(prefix="lqf-pictures-"))
    database = f"sqlite:///{folder / 'lqf.db'}"
    store = Store(database)
    schema.migrate(store)
    with store.directory() as session:
        platforms.ensure_tenants(session)
    store.close()
    stack = Stack(folder, database)
    try:
        stack.start()
        with sync_playwright() as playwright:
            browsers = Browsers(playwright, folder)
            play(stack, OpenAs(browsers, stack.lms.url))
            browsers.close()
    finally:
        stack.stop()
        reaper.communicate()
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {size // 1024} kB, in {os.path.relpath(FOLDER)}")  # noqa: T201  # a command


if __name__ == "__main__":
    main()
