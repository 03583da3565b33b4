"""``make pictures``: plays the loop on the running system and takes the README's pictures from it."""

import os
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from framework import authoring, catalogue
from framework.store import platforms, schema
from framework.store.sessions import Store
from tests import servers
from tests.journeys.browser import open_context
from tests.journeys.people import Designer, Learner, Person
from tests.journeys.stack import Stack

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
    margaret.page.wait_for_timeout(2500)
    margaret.opens(placed)
    take(margaret.page, "teacher")


class OpenAs:
    """Opens a browser for somebody of the Moodle way's course."""

    def __init__(self, playwright: object, folder: Path, lms: str) -> None:
        self.playwright, self.folder, self.lms, self.number = playwright, folder, lms, 0

    def __call__(self, slug: str, **options: object) -> Person:
        self.number += 1
        options.setdefault("viewport", {"width": 1100, "height": 800})
        context = open_context(self.playwright, self.folder / f"browser-{self.number}", **options)  # type: ignore[arg-type]  # any launcher
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
            play(stack, OpenAs(playwright, folder, stack.lms.url))
    finally:
        stack.stop()
        reaper.communicate()
    size = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {size // 1024} kB, in {os.path.relpath(FOLDER)}")  # noqa: T201  # a command


if __name__ == "__main__":
    main()
