"""Build the images, bring everything up, play the loop, look closely, take it all down, also after a failure."""

import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from framework import authoring, catalogue
from tests.compose import checks
from tests.compose.engine import EngineError, Project, require_engine
from tests.journeys.browser import BLOCKED, Browsers, chromium
from tests.journeys.people import Person
from tests.journeys.stack import Lms, Stack
from tests.journeys.test_loop import test_a_module_from_first_page_to_grade as play_the_loop


def main() -> int:
    """Answers 0 when all holds, else 1 after saying what does not."""
    try:
        require_engine()
        chromium()
    except (EngineError, pytest.fail.Exception) as error:
        return _fail(str(error))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    project = Project()
    try:
        failure = _failure(project)
    finally:
        left = _take_down(project)
    failures = [one for one in (failure, left) if one]
    return _fail("\n".join(failures)) if failures else 0


def _failure(project: Project) -> str:
    """Do all of it; answers what went wrong, '' when nothing did."""
    try:
        _look(project)
    except EngineError as error:
        return str(error)
    except Exception:  # noqa: BLE001  # the outermost edge: whatever it was, it is shown, and all is taken down
        return f"{traceback.format_exc()}\n{_logs(project)}"
    return ""


def _take_down(project: Project) -> str:
    try:
        step("taken down, volumes too", project.down)
    except EngineError as error:
        return str(error)
    return ""


def _look(project: Project) -> None:
    step("images built", project.build)
    step("up and healthy", project.up)
    step("every service there", checks.all_are_there, project)
    step("no root, read-only, no capabilities, limits, loopback", checks.all_are_contained, project)
    step("the same from inside", checks.all_are_contained_from_inside, project)
    step("images hold what they should", checks.images_hold_what_they_should, project)
    step("an address makes it production", checks.an_address_makes_it_production, project)
    expect.set_options(timeout=15_000)  # the engine may share the machine with much else
    with sync_playwright() as playwright:
        step("the loop in a browser, Moodle's way", _play, project, playwright, "moodle", "priya")
        step("a killed worker comes back", checks.a_crashed_worker_comes_back, project)
        step("the loop again, Canvas's way", _play, project, playwright, "canvas", "kwame")
    step("every service still there", checks.all_are_there, project)


def _play(project: Project, playwright: Playwright, platform: str, who: str) -> None:
    """A learner in a browser of their own, from the first page to the grade; the journey of tests/journeys."""
    lms = Lms(project.lms)
    content = catalogue.read(authoring.document(authoring.CONTENT))
    with tempfile.TemporaryDirectory() as folder:
        browsers = Browsers(playwright, Path(folder))
        try:

            def sign_in(platform: str, slug: str, *, third_party: int = BLOCKED) -> Person:
                return Person(browsers.context(third_party=third_party), lms.url, platform, slug)

            # all that the journey asks of its system
            system = cast(Stack, SimpleNamespace(lms=lms, logs=project.logs, written=project.written))
            play_the_loop(system, sign_in, content, platform, who, BLOCKED)
        finally:
            browsers.close()


def step(what: str, do: Callable[..., Any], *arguments: Any) -> None:
    """Do one thing and say how long it took."""
    began = time.monotonic()
    do(*arguments)
    sys.stdout.write(f"- {what} ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.flush()


def _logs(project: Project) -> str:
    try:
        return project.logs()
    except EngineError as error:
        return str(error)


def _fail(text: str) -> int:
    sys.stderr.write(f"test-compose: {text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
