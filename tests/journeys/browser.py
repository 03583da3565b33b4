"""A real Chromium. Which cookies a tool in a frame may keep is set as people's browsers set it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Frame, Page, Playwright, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The tool's frame lives in the LMS page's own process: Playwright has lost frames that change process, and on a
    # busy machine pages arrive a sixth to a quarter faster. Cookies are blocked as before (test_without_cookies).
    "--disable-site-isolation-trials",
]
PATIENCE = 30_000  # ms for a page of a busy machine; what comes late is not wrong
BLOCKED, ALLOWED = 1, 0  # Chromium's profile.cookie_controls_mode


def chromium() -> str:
    """The browser's path. A missing one fails the test: what was not looked at is not known to work."""
    found = os.environ.get("LQF_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("Chromium is missing: install it (apt install chromium) or set LQF_CHROMIUM to its path.")
    return found


class Browsers:
    """One Chromium for each way with third-party cookies, and in it a context of their own for everybody: cookies,
    storage and cache are nobody else's. ``test_without_cookies`` shows that the block holds in these contexts."""

    def __init__(self, playwright: Playwright, folder: Path) -> None:
        self.playwright, self.folder = playwright, folder
        self.started: dict[int, BrowserContext] = {}
        expect.set_options(timeout=PATIENCE)

    def context(self, *, third_party: int = BLOCKED, **options: Any) -> BrowserContext:
        """A new person's; third-party cookies are blocked unless told otherwise."""
        browser = self._started(third_party).browser
        if browser is None:
            raise RuntimeError("Playwright tells no browser of a persistent context")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(PATIENCE)
        return context

    def close(self) -> None:
        """End every browser."""
        for one in self.started.values():
            one.close()

    def _started(self, third_party: int) -> BrowserContext:
        if third_party not in self.started:
            profile = self.folder / f"browser-{third_party}"
            preferences = profile / "Default" / "Preferences"
            preferences.parent.mkdir(parents=True)
            preferences.write_text(json.dumps({"profile": {"cookie_controls_mode": third_party}}))
            # only a profile on disk takes preferences; the contexts beside it follow them
            self.started[third_party] = self.playwright.chromium.launch_persistent_context(
                profile, executable_path=chromium(), headless=True, args=ARGUMENTS
            )
        return self.started[third_party]


def violations(page: Page | Frame) -> list[str]:
    """What axe finds wrong, one line each."""
    found = Axe().run(page)
    return [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})" for one in found.response["violations"]]
