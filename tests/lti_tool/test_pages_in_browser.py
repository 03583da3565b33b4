"""Every page in a real browser: accessible, fitting from 320 px on, working without and with script."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, Route, expect

from tests.journeys.browser import ARGUMENTS, chromium, violations
from tests.lti_tool.pages import pages, write

NAMES = [name for name in pages() if name != "pick-return"]  # that one leaves at once
WIDTHS = (320, 360, 650, 1280)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: a page that lacks a file fails by itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All pages on a loopback address."""
    folder = tmp_path_factory.mktemp("pages")
    write(folder)
    (folder / "axe.js").write_text(Axe().axe_script, encoding="utf-8")
    (folder / "closes.html").write_text(CLOSES, encoding="utf-8")
    (folder / "framed.html").write_text(FRAMED, encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
    yield opened
    opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened, errors = _watched(browser)
    yield opened
    opened.close()
    assert errors == []


def _watched(browser: Browser) -> tuple[Page, list[str]]:
    """A page as wide as a telephone, and what goes wrong in it."""
    opened = browser.new_page(viewport={"width": 360, "height": 740})
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    # a browser gives up on the icon by itself when the page goes
    opened.on(
        "requestfailed",
        lambda request: None if request.url.endswith("/icon.svg") else errors.append(f"failed: {request.url}"),
    )
    return opened, errors


@pytest.fixture(scope="module")
def _looker(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    opened, errors = _watched(browser)
    yield opened, errors
    opened.close()


@pytest.fixture
def looker(_looker: tuple[Page, list[str]]) -> Iterator[Page]:
    """One page for all tests that only look: a new one for each takes longer than looking."""
    opened, errors = _looker
    errors.clear()
    opened.set_viewport_size({"width": 360, "height": 740})
    yield opened
    assert errors == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_and_fits_every_width(looker: Page, site: str, name: str) -> None:
    looker.goto(f"{site}/{name}.html")
    looker.add_script_tag(url="axe.js")
    # what axe finds right is long, and is left in the browser
    wrong = looker.evaluate("axe.run({ resultTypes: ['violations'] }).then((found) => found.violations)")
    assert [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})" for one in wrong] == []
    for width in WIDTHS:
        looker.set_viewport_size({"width": width, "height": 740})
        assert looker.evaluate("document.documentElement.scrollWidth") <= width, f"scrolls sideways at {width} px"


def test_the_record_prints_itself_alone_and_only_where_script_runs(browser: Browser, page: Page, site: str) -> None:
    """Red without ``offerPrint()`` in ``app.js``."""
    # given the record in a frame, as an LMS shows it, and what is printed
    page.goto(f"{site}/closes.html")
    page.set_content(f'<iframe title="record" src="{site}/record.html" width="340" height="600"></iframe>')
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("button", name="Print")).to_be_visible()
    inside = page.frames[1]
    inside.evaluate("window.print = () => { document.title = 'printed' }")
    frame.get_by_role("button", name="Print").click()
    assert inside.title() == "printed"

    # then nothing of it stands at the very edge of the paper
    page.set_viewport_size({"width": 718, "height": 740})
    page.goto(f"{site}/record.html")
    page.emulate_media(media="print")
    edges = page.eval_on_selector_all(".table, .table th", "all => all.map(one => one.getBoundingClientRect().left)")
    assert edges and min(edges) >= 0
    expect(page.get_by_role("button", name="Print")).to_be_hidden()

    # and without script there is no button that could do nothing
    still = browser.new_page(java_script_enabled=False)
    still.goto(f"{site}/record.html")
    expect(still.get_by_role("button", name="Print")).to_be_hidden()
    still.close()


def test_small_targets_are_large_enough(page: Page, site: str) -> None:
    # WCAG 2.2, 2.5.8: 24 by 24 px, links in sentences excepted
    for name in ("scenario-rate", "scenario-choose3", "section", "pick-separate", "arrange-separate", "module-some"):
        page.goto(f"{site}/{name}.html")
        sizes = page.eval_on_selector_all(
            "button:not([aria-hidden]), select, label, .bar a, .tasks__name a",
            "all => all.filter(one => one.offsetHeight).map(one => [one.outerHTML.slice(0, 80), one.offsetHeight])",
        )
        small = [what for what, height in sizes if height < 24 and "<a" not in what]
        assert small == []


def test_pages_work_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/scenario-choose3.html")
    page.locator("label").first.click()
    expect(page.locator("input[type=checkbox]").first).to_be_checked()
    page.goto(f"{site}/pick-separate.html")
    expect(page.locator(".panel--separate")).to_be_visible()
    expect(page.locator(".panel--programme")).to_be_hidden()
    expect(page.get_by_role("button", name="Find")).to_be_visible()
    page.get_by_role("radio", name="A programme").check()
    expect(page.locator(".panel--programme")).to_be_visible()
    page.goto(f"{site}/pick-return.html")
    expect(page.get_by_role("button", name="Go on to your course")).to_be_visible()
    context.close()


def test_choosing_three_is_counted_aloud(page: Page, site: str) -> None:
    page.goto(f"{site}/scenario-choose3.html")
    said = page.locator("[data-chosen]")
    expect(said).to_have_text("0 of 3 chosen")
    page.locator("input[type=checkbox]").nth(1).check()
    expect(said).to_have_text("1 of 3 chosen")


def test_the_picker_finds_as_you_type_and_keeps_count(page: Page, site: str) -> None:
    page.goto(f"{site}/pick-separate.html")
    expect(page.locator("[data-count]")).to_have_text("This adds 3 items and 2 gradebook columns.")
    page.locator("#search").fill("account")
    expect(page.locator("[data-found]")).to_have_text("1 found")
    expect(page.locator("[data-find]:visible legend")).to_have_text("Holding to account")
    page.get_by_label("Module").locator("visible=true").check()
    expect(page.locator("[data-count]")).to_have_text("This adds 4 items and 3 gradebook columns.")
    page.get_by_label("No grade").check()
    expect(page.locator("[data-count]")).to_have_text("This adds 4 items and no column.")
    page.locator("#find-kind").select_option("reflection")
    expect(page.locator("[data-find]:visible [data-kind]:visible")).to_have_count(1)
    page.locator("#search").fill("")
    expect(page.locator("[data-found]")).to_have_text("15 found")
    page.get_by_role("radio", name="A programme").check()
    expect(page.locator("[data-count]")).to_have_text("Nothing is chosen yet.")
    page.get_by_label("Broad scanning").locator("visible=true").check()
    expect(page.locator("[data-count]")).to_have_text("This adds 1 item and no column.")


def test_what_is_chosen_is_listed_by_name_and_taken_out_at_once(page: Page, site: str) -> None:
    """`list();` out of the listener for changes in picker.js: the list stays as the page came."""
    page.goto(f"{site}/pick-preset.html")
    rows = page.locator(".chosen__row > span")
    expect(rows).to_have_text(["Self-belief: self-assessment", "Self-belief: module", "Self-belief: reflection"])
    page.get_by_role("button", name="Take out Self-belief: module").click()
    expect(rows).to_have_text(["Self-belief: self-assessment", "Self-belief: reflection"])
    expect(page.get_by_role("button", name="Take out Self-belief: reflection")).to_be_focused()
    expect(page.locator("[id='activity-self-belief']")).not_to_be_checked()
    expect(page.locator("[data-count]")).to_have_text("This adds 2 items and 2 gradebook columns.")
    page.locator("[id='activity-board']").check()
    expect(rows.last).to_have_text("Badge board")
    for _ in range(3):
        page.get_by_role("button", name="Take out").last.click()
    expect(page.locator(".chosen")).to_contain_text("Nothing yet.")
    expect(page.locator("#chosen")).to_be_focused()


def test_the_focus_follows_a_page_change_and_not_the_launch(page: Page, site: str) -> None:
    page.goto(f"{site}/module-new.html")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.evaluate("location.href = 'section-not-yet.html'")
    expect(page.locator("h1")).to_be_focused()
    page.evaluate("location.href = 'section-right.html#feedback'")
    expect(page.locator("#feedback")).to_be_focused()
    page.evaluate("location.href = 'pick-preset.html'")
    expect(page.locator("#said")).to_be_focused()
    page.evaluate("location.href = 'scenario-rank5-error.html'")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()


def test_the_return_page_sends_itself(browser: Browser, site: str) -> None:
    page = browser.new_page()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.goto(f"{site}/pick-return.html")
    assert sent.value.post_data == "JWT=a.b.c"
    page.close()


CLOSES = """<!DOCTYPE html><html lang="en"><title>An LMS</title><body><script>
const closed = [];
addEventListener("message", (event) => closed.push(event.data?.subject));
if (location.search) open("registered-brightspace.html");
else document.body.insertAdjacentHTML("beforeend", '<iframe title="x" src="registered-moodle.html"></iframe>');
</script>"""


@pytest.mark.lti("LTI-113")
@pytest.mark.parametrize("is_window", [False, True], ids=["in a frame, as Moodle", "in a tab, as Brightspace"])
def test_the_lms_is_told_to_close_the_registration(browser: Browser, site: str, is_window: bool) -> None:
    """Red without ``closeRegistration()``, and with ``window.parent`` alone in the tab."""
    context = browser.new_context()
    page = context.new_page()
    if is_window:
        with context.expect_page() as opened:
            page.goto(f"{site}/closes.html?window")
        opened.value.get_by_role("button", name="Finish").click()
    else:
        page.goto(f"{site}/closes.html")
        page.frame_locator("iframe").get_by_role("button", name="Finish").click()
    page.wait_for_function("closed.includes('org.imsglobal.lti.close')")
    context.close()


FRAMED = """<!DOCTYPE html><html lang="en"><title>An LMS</title><body><script>
const seen = [];
const knows = new URLSearchParams(location.search).get("knows");
addEventListener("message", (event) => {
  seen.push(event.data);
  if (event.data.subject === "lti.capabilities" && knows) {
    event.source.postMessage({
      subject: "lti.capabilities.response",
      supported_messages: knows.split(" ").map((subject) => ({ subject })),
    }, event.origin);
  }
  if (event.data.subject === "lti.frameResize" && knows.includes("answers")) {
    setTimeout(() => event.source.postMessage({ subject: "lti.frameResize.response" }, event.origin), 400);
  }
});
const shown = new URLSearchParams(location.search).get("page") || "section.html";
document.write(`<iframe src="${shown}" width="600" height="600"></iframe>`);
</script></body></html>
"""


@pytest.mark.lti("LTI-126")
def test_the_frame_is_resized_at_once_where_the_platform_knows_how(page: Page, site: str) -> None:
    """Red without ``measure();`` at once in app.js: the frame would move under a pointer that has found its aim."""
    page.goto(f"{site}/framed.html?knows=lti.frameResize lti.scrollToTop")
    page.wait_for_function("seen.some((one) => one.subject === 'lti.frameResize')")
    height = page.evaluate("seen.findLast((one) => one.subject === 'lti.frameResize').height")
    content = page.frames[1].evaluate("document.querySelector('footer').getBoundingClientRect().bottom + scrollY")
    assert abs(height - min(4900, content)) <= 8
    page.wait_for_function("seen.some((one) => one.subject === 'lti.scrollToTop')")
    assert page.evaluate("seen.map((one) => one.subject).slice(0, 3)") == [
        "lti.capabilities",
        "lti.scrollToTop",
        "lti.frameResize",
    ]
    # and it stays so: what has its size is not resized again
    page.wait_for_timeout(300)
    assert page.evaluate("seen.filter((one) => one.subject === 'lti.frameResize').length") == 1


def test_the_page_says_when_it_has_come_to_rest(page: Page, site: str) -> None:
    """The journeys wait for it. Red without ``await talk;`` in app.js."""
    page.goto(f"{site}/framed.html?knows=lti.frameResize answers")
    frame = page.frames[1]
    frame.wait_for_function("document.documentElement.dataset.settled")
    assert frame.evaluate("document.documentElement.dataset.settled") == "page", "the platform has not answered yet"
    frame.wait_for_function("document.documentElement.dataset.settled === 'platform'")
    page.goto(f"{site}/section.html")
    page.wait_for_function("document.documentElement.dataset.settled === 'platform'")


def test_a_page_that_opens_on_its_feedback_stays_where_the_learner_was(page: Page, site: str) -> None:
    """Red without ``!location.hash`` in app.js."""
    page.goto(f"{site}/framed.html?knows=lti.frameResize lti.scrollToTop&page=section-right.html%23feedback")
    page.wait_for_function("seen.some((one) => one.subject === 'lti.frameResize')")
    page.wait_for_timeout(100)
    assert not page.evaluate("seen.some((one) => one.subject === 'lti.scrollToTop')")


def test_nothing_but_the_question_is_sent_to_a_platform_that_does_not_answer(page: Page, site: str) -> None:
    page.goto(f"{site}/framed.html")
    page.wait_for_function("seen.length > 0")
    page.wait_for_timeout(700)  # longer than the tool waits for an answer
    assert {one["subject"] for one in page.evaluate("seen")} == {"lti.capabilities"}


def test_a_platform_is_told_while_words_are_not_saved(page: Page, site: str) -> None:
    """Red without ``warnPlatform(isDirty());`` in answers.js."""
    knows = "lti.setUnloadMessage lti.removeUnloadMessage"
    page.goto(f"{site}/framed.html?knows={knows}&page=example-new.html")
    words = page.frame_locator("iframe").get_by_label("What happened")
    words.fill("I rang the director.")
    page.wait_for_function("seen.some((one) => one.subject === 'lti.setUnloadMessage')")
    words.fill("")
    page.wait_for_function("seen.at(-1).subject === 'lti.removeUnloadMessage'")


def test_sharing_waits_for_words_that_are_not_saved(browser: Browser, site: str) -> None:
    """Red without ``document.querySelectorAll("form[data-waits]").forEach(holdBack);`` in answers.js."""
    # given words that an earlier page of the visit could not send
    page, tool_is_there = browser.new_page(), False
    sent: list[str] = []

    def save(route: Route) -> None:
        sent.append(route.request.post_data or "")
        answer = {"version": 2, "closes_in": 600}
        route.fulfill(json=answer) if tool_is_there else route.fulfill(status=503)

    def shared(route: Route) -> None:
        is_sent = route.request.method == "POST"
        route.fulfill(content_type="text/html", body="Shared.") if is_sent else route.continue_()

    page.route("**/share-ready.html/example", save)
    page.route("**/share-ready.html", shared)
    entry = {"action": "/share-ready.html/example", "fields": "text=Mine", "replaces": "1"}
    page.goto(f"{site}/why.html")
    page.evaluate("(one) => sessionStorage.setItem(`unsent:${one.action}`, JSON.stringify(one))", entry)
    page.goto(f"{site}/share-ready.html")

    # when the learner shares, it waits and says so
    share = page.get_by_role("button", name="Share")
    share.click()
    expect(page.locator("[data-saved]")).to_contain_text("not saved yet")
    assert "share-ready.html" in page.url

    # and goes on once they are saved
    tool_is_there = True
    page.wait_for_timeout(1100)  # a second click at once would be a double one
    share.click()
    expect(page.get_by_text("Shared.")).to_be_visible()
    assert sent[-1] == "text=Mine&replaces=1"
    page.close()


def test_the_end_of_a_visit_is_told_where_it_is_seen(page: Page, site: str) -> None:
    """Red without ``.before(box)`` in closing.js: a frame as tall as its page has no bottom in sight."""
    page.goto(f"{site}/self-quality-closing.html")
    near = page.get_by_text("This page closes at")
    expect(near).to_be_visible()
    expect(page.get_by_role("button", name="Stay here")).to_be_visible()

    page.set_viewport_size({"width": 600, "height": 4000})
    page.reload()
    expect(near).to_be_in_viewport()
    below = page.locator("main .actions").first.bounding_box()
    shown = near.bounding_box()
    assert below and shown and 0 < below["y"] - shown["y"] < 200

    # at 400 % zoom it covers nothing
    page.set_viewport_size({"width": 320, "height": 256})
    page.reload()
    assert page.locator(".closing").evaluate("(box) => getComputedStyle(box).position") == "static"
    page.emulate_media(forced_colors="active")
    assert violations(page) == []


def test_the_look_holds_in_forced_colours_and_in_print(page: Page, site: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"{site}/scenario-rate-error.html")
    assert violations(page) == []
    page.emulate_media(media="print", forced_colors="none")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()


def test_written_pages_are_all_there(site: str, tmp_path: Path) -> None:
    assert write(tmp_path) == list(pages())
