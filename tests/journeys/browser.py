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
]
BLOCKED, ALLOWED = 1, 0  # Chromium's profile.cookie_controls_mode


def chromium() -> str:
    """The browser's path. A missing one fails the test: what was not looked at is not known to work."""
    found = os.environ.get("LQF_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("Chromium is missing: install it (apt install chromium) or set LQF_CHROMIUM to its path.")
    return found


def open_context(
    playwright: Playwright, profile: Path, *, third_party: int = BLOCKED, **options: Any
) -> BrowserContext:
    """A browser with a profile of its own, blocking third-party cookies unless told otherwise."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True, exist_ok=True)
    preferences.write_text(json.dumps({"profile": {"cookie_controls_mode": third_party}}))
    options.setdefault("viewport", {"width": 1280, "height": 900})
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), headless=True, args=ARGUMENTS, **options
    )
    context.set_default_timeout(30_000)
    expect.set_options(timeout=20_000)
    return context


def violations(page: Page | Frame) -> list[str]:
    """What axe finds wrong, one line each."""
    found = Axe().run(page)
    return [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:160]})" for one in found.response["violations"]]
