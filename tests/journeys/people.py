"""People in a browser: what they do, in their words. The tool is always used inside the LMS's frame."""

from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from framework.catalogue import Catalogue
from framework.catalogue.learning import Scenario
from lti_tool.presenters.wording import typeset
from tests.journeys.stack import Lms

# The page's own mark (app.js): a machine is faster than any person, and would click while the page still moves.
# Moodle's frame keeps its size, whatever the page asks for.
SETTLED = {"moodle": "html[data-settled]", "canvas": "html[data-settled=platform]"}


class Person:
    """Somebody signed in to the demo LMS."""

    def __init__(self, context: BrowserContext, lms: str, platform: str, slug: str) -> None:
        self.lms, self.platform = lms, platform
        self.page: Page = context.pages[0] if context.pages else context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{lms}/-/sign-in?platform={platform}&person={slug}")

    @property
    def tool(self) -> Locator:
        """The tool's page in the LMS's frame, once it has come to rest."""
        return self.page.frame_locator("#contentframe").locator(SETTLED[self.platform])

    def opens(self, placement: Any) -> None:
        """Open an activity from the course page."""
        self.page.goto(f"{self.lms}/{self.platform}/activity/{placement['id']}")
        # on the way a page of the launch may stand for a moment, with two headings of which one is hidden
        expect(self.tool.locator(".bar__where b")).to_be_visible()

    def clicks(self, name: str) -> None:
        """Use a link or button of the tool by its words."""
        target = self.tool.get_by_role("button", name=name, exact=True).or_(
            self.tool.get_by_role("link", name=name, exact=True)
        )
        self.uses(target.first)

    def uses(self, target: Locator) -> None:
        """Click."""
        target.click()

    def ticks(self, target: Locator) -> None:
        """Choose a radio button or a box."""
        target.check()

    def sees(self, text: str) -> None:
        """The tool's page says this."""
        expect(self.tool.locator("main")).to_contain_text(text)

    def sees_title(self, text: str) -> None:
        """The tool's page has this heading."""
        expect(self.tool.locator("h1:visible")).to_have_text(text)


class Learner:
    """A person who works through a module."""

    def __init__(self, person: Person, content: Catalogue, quality: str) -> None:
        self.person, self.content, self.module = person, content, content.module(quality)

    def starts(self) -> None:
        self.person.clicks("Start")
        self.person.sees_title("Why it matters")
        self.person.clicks("Continue")

    def answers_check(self, number: int, *, right: bool = True) -> None:
        """Answer the question of one behaviour (0 is the first), and see the feedback of that option."""
        section = self.module.sections[number]
        self.person.sees_title(typeset(section.title))
        option = next(one for one in section.check.options if (one.key == section.check.answer_key) is right)
        self.person.ticks(self.person.tool.get_by_label(typeset(option.text), exact=True))
        again = self.person.tool.get_by_role("button", name="Check again", exact=True)
        self.person.uses(self.person.tool.get_by_role("button", name="Check answer", exact=True).or_(again))
        expect(self.person.tool.locator("#feedback")).to_contain_text(typeset(option.feedback))
        if right:
            self.person.clicks("Continue")

    def answers_situation(self, number: int) -> None:
        """Answer one situation as the key does, see the reasons, go on."""
        scenario = self.module.scenarios[number]
        self.person.sees_title(typeset(scenario.title))
        self._fill(scenario)
        self.person.clicks("Send my answer")
        for response in scenario.responses:
            self.person.sees(typeset(response.reason))
        self.person.sees("The suggested answer is provisional")
        self.person.clicks("Continue")

    def does_the_rest(self, *, checks_from: int = 0) -> None:
        """All questions from one on, and all situations; ends on the last step."""
        for number in range(checks_from, len(self.module.sections)):
            self.answers_check(number)
        for number in range(len(self.module.scenarios)):
            self.answers_situation(number)

    def finishes(self) -> None:
        self.person.clicks("Finish")
        self.person.sees_title(f"You have finished {self.module.title}")

    def _fill(self, scenario: Scenario) -> None:
        tool = self.person.tool
        for response in scenario.responses:
            if scenario.format == "rank5":
                tool.get_by_label(typeset(response.text), exact=True).select_option(str(response.keyed))
            elif scenario.format == "rate":
                self.person.ticks(tool.locator(f"input[name='{response.key}'][value='{response.keyed}']"))
            elif scenario.format == "choose3" and response.keyed is True:
                self.person.ticks(tool.get_by_label(typeset(response.text), exact=True))
            elif scenario.format == "best_worst" and response.keyed in ("best", "worst"):
                self.person.ticks(tool.locator(f"input[name='{response.keyed}'][value='{response.key}']"))


class Designer:
    """A person who adds activities through the LMS's own dialog and the tool's picker."""

    def __init__(self, person: Person, system: Lms) -> None:
        self.person, self.system = person, system

    def opens_the_picker(self) -> None:
        self.person.page.goto(f"{self.person.lms}/{self.person.platform}/course")
        self.person.page.get_by_role("link", name="Add activities").click()
        expect(self.person.tool.locator("h1:visible")).to_contain_text("Add to ")

    def chooses_separate(self, *activities: str, basis: str = "completion") -> None:
        self.person.ticks(self.person.tool.get_by_role("radio", name="Separate activities"))
        for key in activities:
            self.person.ticks(self.person.tool.locator(f"[id='activity-{key}']"))
        self.person.ticks(self.person.tool.locator(f"input[name=basis][value={basis}]"))

    def chooses_programme(self, title: str, *qualities: str) -> None:
        tool = self.person.tool
        self.person.ticks(tool.get_by_role("radio", name="A programme"))
        tool.get_by_label("Title in the course").fill(title)
        for box in tool.locator("input[name=quality]").all():
            box.set_checked(box.get_attribute("value") in qualities)

    def adds(self) -> list[Any]:
        """Send the choice; the LMS's dialog closes on the course page. Answers the placements made, in order."""
        before = {one["id"] for one in self.placements()}
        self.person.clicks("Add to course")
        self.person.page.wait_for_url("**/course")
        return [one for one in self.placements() if one["id"] not in before]

    def placements(self) -> list[Any]:
        """All activities of the course, as the LMS knows them."""
        found: list[Any] = self.system.get("/-/state")[self.person.platform]["placements"]
        return found
