"""The description of the API, and the page that shows it, in a real browser."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Playwright
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.test import Client
from werkzeug.wrappers import Response

from api.application import create_app
from framework.settings import Settings
from framework.store.sessions import Store

pytestmark = pytest.mark.one_database

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture
def description(web: Client) -> Any:
    return web.get("/api/v1/openapi.json").json


def test_description_is_openapi_31_below_api(description: Any) -> None:
    assert description["openapi"] == "3.1.0"
    assert description["servers"] == [{"url": "/api"}]
    assert set(description["paths"]) == {
        "/oauth/token",
        "/problems/{name}",
        "/v1/",
        "/v1/awards",
        "/v1/changes",
        "/v1/grades/{grade_id}/resend",
        "/v1/people",
        "/v1/progress",
        "/v1/progress/{progress_id}",
    }


def test_each_operation_says_what_it_needs(description: Any) -> None:
    """Scopes in the description are those the views ask for, and every error is a problem document."""
    operations = {
        path: next(value for key, value in item.items() if key in ("get", "post"))
        for path, item in description["paths"].items()
    }
    assert operations["/v1/progress"]["security"] == [{"oauth": ["progress.read"]}]
    assert operations["/v1/changes"]["security"] == [{"oauth": ["changes.read"]}]
    assert operations["/v1/"]["security"] == []
    assert len({one["operationId"] for one in operations.values()}) == len(operations)
    for one in operations.values():
        assert one["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
    error = description["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert list(error) == ["application/problem+json"]
    flow = description["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/api/oauth/token"


def test_answers_are_described_as_open(description: Any) -> None:
    """Clients made from the description must live through a new field."""
    for name, schema in description["components"]["schemas"].items():
        assert schema.get("additionalProperties") is not False, name


def test_how_to_keep_up_is_described(description: Any) -> None:
    text = description["paths"]["/v1/progress"]["get"]["description"]
    assert "as_of" in text and "updated_since" in text and "10 seconds" in text


def test_links_lead_somewhere(web: Client) -> None:
    links = web.get("/api/v1/").json
    assert links is not None
    for address in links["links"].values():
        response = web.get(urlsplit(address).path)
        assert response.status_code in (200, 401, 405), address  # open, needs a token, wants POST


def test_every_script_of_the_page_is_ours_or_has_the_nonce(web: Client) -> None:
    page = web.get("/api/docs")
    html = page.get_data(as_text=True)
    policy = page.headers["Content-Security-Policy"]
    [nonce] = re.findall(r"'nonce-([^']+)'", policy)
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert all(f'nonce="{nonce}"' in tag or 'src="/api/docs/' in tag for tag in re.findall(r"<script[^>]*>", html))
    assert re.findall(r"'nonce-([^']+)'", web.get("/api/docs").headers["Content-Security-Policy"]) != [nonce]
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html)


@pytest.fixture
def address(store: Store, settings: Callable[..., Settings]) -> Iterator[str]:
    """Where the door answers real HTTP."""
    whole = DispatcherMiddleware(Response("elsewhere", 404), {"/api": create_app(settings(), store)})
    server = make_server("127.0.0.1", 0, whole, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_page_shows_the_api_and_asks_no_other_host(address: str, playwright: Playwright) -> None:
    """Given a browser that opens the page, it lists the endpoints, breaks no policy, and talks to us alone."""
    asked: list[str] = []
    said: list[ConsoleMessage] = []
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message))
    page.goto(f"{address}/api/docs")
    page.get_by_text("/v1/progress", exact=True).first.wait_for()
    page.get_by_text("Get an access token.").first.click()
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_text("Token URL").first.wait_for()
    browser.close()
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(address).netloc}
    assert [message.text for message in said if message.type in ("error", "warning")] == []
