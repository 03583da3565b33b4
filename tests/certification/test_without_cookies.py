"""Launches in a real Chromium that keeps no cookie of the tool in the LMS's frame, as Safari does.

The block is that of Chromium's cookie exceptions for (tool, LMS); the last test shows that it is real. Safari and
Firefox themselves are not tested here.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, FrameLocator, Page, Playwright, expect

from framework.logs import mask
from framework.settings import Settings
from framework.store import editions, platforms, schema, tool_keys
from framework.store.sessions import Store, now
from framework.store.tables import Visit
from lti_tool.application import create_app
from tests import own_content
from tests.certification.framing_lms import FramingLms, served
from tests.journeys.browser import ARGUMENTS, chromium, violations
from tests.journeys.stack import free_port
from tests.lti_tool import platform
from workers.enqueue import Bell

NOBODY = "redis://127.0.0.1:9/0"  # launches do not need Redis
# Frames of another site in the page's own process: Playwright now and then loses one that changes process twice.
ONE_PROCESS = ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]
PATIENCE = 2.0  # seconds that a platform has to answer


@dataclass
class World:
    """Tool and LMS on two sites, and a browser between them."""

    lms: FramingLms
    store: Store
    context: BrowserContext

    def open(self, mode: str, *, target: str = "", frame: str = "") -> tuple[Page, FrameLocator]:
        """The course page with the tool in its frame."""
        page = self.context.new_page()
        query = {"mode": mode, "target": target, "frame": frame}
        page.goto(f"{self.lms.url}/course?{urlencode({name: value for name, value in query.items() if value})}")
        return page, page.frame_locator("#contentframe")

    def visits(self) -> int:
        with self.store.reading(1) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Visit)) or 0


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FramingLms, Store]]:
    """The tool (localhost) and the LMS (127.0.0.1). SQLite alone: nothing here depends on the database."""
    folder = tmp_path_factory.mktemp("cookies")
    port = free_port()
    tool = f"http://localhost:{port}"
    settings = Settings(
        env="development",
        base_url=tool,
        secret_key="a secret that only tests know, long enough",
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'lqf.db'}",
        redis_url=NOBODY,
    )
    store = Store(settings.database)
    schema.migrate(store)
    with store.directory() as session:
        platforms.ensure_tenants(session)
        tool_keys.ensure(session, settings.secret_key.get_secret_value())
    with store.transaction(1) as session:
        editions.publish(session, own_content.document(), now=now())
    lms = FramingLms(tool)
    app = create_app(settings, store, Bell(settings.redis))
    both = (served(lms.app, "127.0.0.1"), served(lms.app, "127.0.0.1"))  # the second is another origin: a stranger
    with both[0] as lms_port, both[1] as stranger, served(app, "::1", port), served(app, "127.0.0.1", port):
        lms.url, lms.stranger = f"http://127.0.0.1:{lms_port}", f"http://127.0.0.1:{stranger}"
        platform.connect(store, issuer=lms.url)
        yield lms, store
    store.close()


def _context(playwright: Playwright, profile: Path, preferences: dict[str, Any]) -> BrowserContext:
    path = profile / "Default" / "Preferences"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"profile": preferences}))
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), headless=True, args=[*ARGUMENTS, *ONE_PROCESS]
    )
    context.set_default_timeout(30_000)
    expect.set_options(timeout=20_000)
    return context


@pytest.fixture(scope="module")
def blocked(
    playwright: Playwright, sites: tuple[FramingLms, Store], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A browser that keeps no cookie of the tool inside the LMS; at top level it does."""
    lms, store = sites
    exceptions = {"cookies": {f"{lms.tool},{lms.url}": {"setting": 2}}}
    context = _context(playwright, tmp_path_factory.mktemp("blocked"), {"content_settings": {"exceptions": exceptions}})
    yield World(lms, store, context)
    context.close()


@pytest.fixture(scope="module")
def partitioned(
    playwright: Playwright, sites: tuple[FramingLms, Store], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A browser that keeps partitioned cookies alone, as Chromium is on its way to."""
    lms, store = sites
    context = _context(playwright, tmp_path_factory.mktemp("partitioned"), {"cookie_controls_mode": 1})
    yield World(lms, store, context)
    context.close()


@pytest.mark.lti("LTI-20", "LTI-22", "LTI-25", "LTI-26")
@pytest.mark.parametrize(
    ("target", "frame"),
    [("_parent", ""), ("post_message_forwarding", "post_message_forwarding")],
    ids=["parent", "named"],
)
def test_with_platform_storage_every_page_works(blocked: World, target: str, frame: str) -> None:
    # given an LMS that keeps things for its tools; when a learner opens the activity
    page, tool = blocked.open("good", target=target, frame=frame)

    # then it opens, with the visit's secret in the frame's path
    expect(tool.locator("h1:visible")).to_have_text("Self-belief")
    inside = page.frames[-1]
    assert ".1-" in inside.url

    # and links, forms, reload and back work
    tool.get_by_role("button", name="Start", exact=True).click()
    expect(tool.locator("h1:visible")).to_have_text("Why it matters")
    tool.get_by_role("button", name="Continue", exact=True).click()
    expect(tool.locator("input[type=radio]").first).to_be_visible()
    tool.locator("input[type=radio]").first.check()
    tool.get_by_role("button", name="Check answer", exact=True).click()
    expect(tool.locator("#feedback")).to_be_visible()
    inside.evaluate("void setTimeout(() => location.reload())")
    expect(tool.locator("#feedback")).to_be_visible()

    # and the same address at top level opens nothing, and no log shows the secret
    top = blocked.context.new_page()
    answer = top.goto(inside.url)
    assert answer is not None and answer.status == 403
    secret = inside.url.split("/v/")[1].split("/")[0].partition(".")[2]
    assert secret not in mask(f"GET {inside.url} 200")


@pytest.mark.lti("LTI-20", "LTI-22")
def test_the_platform_keeps_a_derived_secret_and_never_the_state(blocked: World) -> None:
    page, tool = blocked.open("good", target="_parent")
    expect(tool.locator("h1:visible")).to_have_text("Self-belief")
    heard = page.evaluate("window.heard")
    put = next(one for one in heard if one[0] == "lti.put_data" and one[2])
    assert len(put[2]) == 64
    assert put[2] not in blocked.lms.posts[-1]["state"] and put[1] != blocked.lms.posts[-1]["state"]
    assert ["lti.put_data", put[1], None] in heard, "the proof is taken away again once it is used"


@pytest.mark.lti("LTI-23")
@pytest.mark.parametrize("frame", ["", "storage_frame"], ids=["parent", "named"])
def test_a_platform_that_names_no_storage_is_asked_for_it(blocked: World, frame: str) -> None:
    page, tool = blocked.open("probe", frame=frame)
    expect(tool.locator("h1:visible")).to_have_text("Self-belief")
    assert ".1-" in page.frames[-1].url


@pytest.mark.lti("LTI-21", "LTI-24")
@pytest.mark.parametrize("mode", ["silent", "error", "wrong_id", "wrong_origin"])
def test_a_storage_that_does_not_answer_rightly_leads_to_a_new_window(blocked: World, mode: str) -> None:
    """Red without ``event.origin === origin`` (wrong_origin) and ``message_id !== id`` (wrong_id) in storage.js."""
    # given an LMS whose storage is of no use; when a learner opens the activity
    before, hints = blocked.visits(), len(blocked.lms.hints)
    began = time.monotonic()
    page, tool = blocked.open(mode, target="_parent")

    # then within two seconds a new window is offered, before the LMS's one-use hint is spent
    expect(tool.get_by_role("heading", name="Open this activity in a new window")).to_be_visible()
    assert time.monotonic() - began < PATIENCE + 15  # the rest is a busy machine's
    assert len(blocked.lms.hints) == hints
    assert violations(page.frames[-1] if page.frames[-1].name == "tool" else page.frame("tool") or page) == []

    # and there the launch completes
    with blocked.context.expect_page() as opened:
        tool.get_by_role("button", name="Open in a new window").click()
    window = opened.value
    expect(window.locator("h1")).to_have_text("Self-belief")
    assert "." not in window.url.split("/v/")[1].split("/")[0], "no secret in an address bar"
    assert blocked.visits() == before + 1
    expect(tool.locator("[role=status]")).to_contain_text("open in another window")


@pytest.mark.lti("LTI-22", "LTI-24")
@pytest.mark.parametrize(("mode", "said"), [("lost", "could not show"), ("lies", "did not bring its sign-in cookie")])
def test_a_proof_that_does_not_come_back_opens_nothing(blocked: World, mode: str, said: str) -> None:
    """Red without ``is_stored`` in ``lti_tool.launch.confirm``."""
    before = blocked.visits()
    _, tool = blocked.open(mode, target="_parent")
    expect(tool.locator("h1:visible")).to_contain_text(said)
    assert blocked.visits() == before
    if mode == "lost":
        expect(tool.get_by_role("button", name="Back to course")).to_be_visible()


@pytest.mark.lti("LTI-22")
def test_a_stolen_form_post_opens_nothing_in_another_browser(blocked: World, partitioned: World) -> None:
    # given a sign-in that one browser has begun and the LMS has answered
    _, tool = blocked.open("lost", target="_parent")
    expect(tool.locator("h1:visible")).to_contain_text("could not show")
    stolen, before = blocked.lms.posts[-1], blocked.visits()

    # when a thief posts it elsewhere, with and without a made-up proof
    thief = partitioned.context.new_page()
    for path, more in (("launch", {}), ("launch/confirm", {}), ("launch/confirm", {"secret": "f" * 64})):
        answer = thief.request.post(
            f"{blocked.lms.tool}/lti/{path}", form={**stolen, **more}, headers={"Origin": blocked.lms.tool}
        )
        # then there is no visit: the launch alone shows a page that asks for the proof
        assert answer.status == (200 if path == "launch" else 403)
    assert blocked.visits() == before


@pytest.mark.lti("LTI-20", "LTI-16")
def test_where_partitioned_cookies_are_kept_the_secret_stays_out_of_the_path(partitioned: World) -> None:
    page, tool = partitioned.open("silent", target="_parent")
    expect(tool.locator("h1:visible")).to_have_text("Self-belief")
    assert "." not in page.frames[-1].url.split("/v/")[1].split("/")[0]


def test_the_block_is_real(blocked: World, partitioned: World) -> None:
    """A cookie of the tool set in the frame is gone in one browser and there in the other."""
    kept = []
    for world in (blocked, partitioned):
        page, _ = world.open("silent")
        frame = page.frame("tool")
        assert frame is not None
        frame.wait_for_url(f"{world.lms.tool}/**")
        kept.append(
            frame.evaluate(
                "(document.cookie = 'x=1; Secure; SameSite=None; Partitioned', document.cookie.includes('x'))"
            )
        )
    assert kept == [False, True]
