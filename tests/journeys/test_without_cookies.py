"""The whole system with the demo LMS's Canvas way, in a browser that keeps no cookie of the tool in its frame."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from framework.catalogue import Catalogue
from tests.journeys.browser import ALLOWED, ARGUMENTS, BLOCKED, chromium
from tests.journeys.people import Learner, Person
from tests.journeys.privacy import found_in
from tests.journeys.stack import Stack
from tests.journeys.test_accessible import in_frame


@pytest.mark.one_database
@pytest.mark.lti("LTI-20", "LTI-25", "LTI-26", "LTI-125")
def test_a_module_from_start_to_end(system: Stack, playwright: Playwright, content: Catalogue, tmp_path: Path) -> None:
    # given a browser that keeps the LMS's cookies and not the tool's in the LMS's frame
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    blocked = {"cookies": {f"{system.tool},{system.lms.url}": {"setting": 2}}}
    preferences.write_text(json.dumps({"profile": {"content_settings": {"exceptions": blocked}}}))
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium(), headless=True, args=ARGUMENTS
    )
    try:
        # when a learner does a whole module
        placed = system.lms.place("canvas", "Self-belief", "self-belief")
        learner = Learner(Person(context, system.lms.url, "canvas", "kwame"), content, "self-belief")
        learner.person.opens(placed)
        learner.starts()
        learner.does_the_rest()
        learner.finishes()
        # then it has worked without any cookie of the tool
        assert any(".1-" in frame.url for frame in learner.person.page.frames)
        assert [one for one in context.cookies(system.tool) if one["name"].startswith("lqf_")] == []
        assert learner.person.errors == []
        # and no log names the learner or tells the secret of the path
        assert found_in(system.written()) == []
    finally:
        context.close()


@pytest.mark.one_database
@pytest.mark.parametrize(("third_party", "kept"), [(BLOCKED, ""), (ALLOWED, "seen=1")], ids=["blocked", "allowed"])
def test_the_browsers_of_the_journeys_block_what_they_say(
    system: Stack, person: Callable[..., Person], third_party: int, kept: str
) -> None:
    """Allowed is red without the preferences of ``Browsers`` (Chromium blocks by itself), blocked with them at 0."""
    placed = system.lms.place("moodle", "Self-belief", "self-belief")
    priya = person("moodle", "priya", third_party=third_party)
    priya.opens(placed)
    write = "document.cookie = 'seen=1; Secure; SameSite=None', document.cookie"
    assert in_frame(priya).evaluate(write) == kept


@pytest.mark.lti("LTI-125")
@pytest.mark.parametrize(
    "line",
    [
        "hello Kwame Boateng",
        "no grade for Llewellyn-Jones",
        "sent to kwame.boateng@learn.example.org",
        "GET /v/vis_abc.1-AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB/learn 200",
        "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "Authorization: Bearer abcdefgh12345678",
        "back to /course?sesskey=AbC",
    ],
)
def test_the_search_in_the_logs_finds_what_they_may_not_hold(line: str) -> None:
    assert len(found_in(f"all is well\n{line}\nall is well")) >= 1
    assert found_in("job 2ca21caf-3623-46ce-ae8a-c518ae7c5d7b for vis_abc; sesskey=[masked]") == []
