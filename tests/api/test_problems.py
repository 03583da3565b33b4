"""Every error is a problem document (RFC 9457) that says what is wrong, where, and what to do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import abort
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from api.application import create_app
from api.problems import KINDS
from framework.errors import Conflict, NotAllowed, Unavailable
from framework.settings import Settings
from framework.store.sessions import Store
from tests.api.conftest import Reader

pytestmark = pytest.mark.one_database


def check(response: TestResponse, status: int, code: str) -> Any:
    """A problem document with all its parts; answers it."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    problem: Any = response.json
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"] == KINDS[code].title
    assert problem["type"] == f"http://localhost:8000/api/problems/{code.replace('_', '-')}"
    assert problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert problem["request_id"].startswith("req_")
    return problem


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/nothing", "/api/docs/", "/api/docs/assets/index.html"])
def test_unknown_address(web: Client, path: str) -> None:
    problem = check(web.get(path), 404, "not_found")
    assert problem["instance"] == path if path != "/api" else "/api/"


def test_wrong_method_names_the_right_ones(web: Client) -> None:
    response = web.post("/api/v1/progress")
    check(response, 405, "method_not_allowed")
    assert "GET" in response.headers["Allow"]
    check(web.get("/api/oauth/token"), 405, "method_not_allowed")


def test_body_that_is_too_large(web: Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": "x" * 100_000}
    check(web.post("/api/oauth/token", data=form), 413, "too_large")


def test_each_wrong_field_is_listed(reader: Reader) -> None:
    """Nothing is left for a second try: unknown, repeated and wrong parameters all come back by name."""
    query = {
        "limit": "0",
        "status": "done",
        "person_id": "crs_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "updated_since": "2026-11-01",
        "activity": "a\x00b",
        "page": "2",
    }
    problem = check(reader.get("/v1/progress", **query), 422, "validation_failed")
    assert {error["pointer"] for error in problem["errors"]} == {f"/{name}" for name in query}
    codes = {error["pointer"]: error["code"] for error in problem["errors"]}
    assert codes["/page"] == "unknown_parameter"
    assert codes["/limit"] == "not_valid"
    assert all(error["message"] and error["in"] == "query" for error in problem["errors"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-02-30T00:00:00Z",
    ],
)
def test_time_that_is_none(reader: Reader, text: str) -> None:
    problem = check(reader.get("/v1/progress", updated_since=text), 422, "validation_failed")
    assert "2026-09-01T00:00:00Z" in problem["errors"][0]["message"]


@pytest.mark.parametrize("text", ["1001", "-1", "ten", "", "1e2", "99999999999999999999"])
def test_limit_out_of_range(reader: Reader, text: str) -> None:
    check(reader.get("/v1/progress", limit=text), 422, "validation_failed")


def test_parameter_given_twice_is_refused(web: Client, reader: Reader) -> None:
    headers = {"Authorization": f"Bearer {reader.token}"}
    response = web.get("/api/v1/progress?status=completed&status=in_progress", headers=headers)
    problem = check(response, 422, "validation_failed")
    assert [error["pointer"] for error in problem["errors"]] == ["/status"]


def test_names_of_fields_are_escaped_and_bounded(reader: Reader) -> None:
    """A pointer is RFC 6901's, and a flood of parameters does not come back as a flood."""
    problem = check(reader.get("/v1/progress", **{"a/b~c": "1"}), 422, "validation_failed")
    assert problem["errors"][0]["pointer"] == "/a~1b~0c"
    flood = {f"x{number}": "1" for number in range(500)}
    problem = check(reader.get("/v1/progress", **flood), 422, "validation_failed")
    assert len(problem["errors"]) == 50


def test_wrong_parameters_are_not_told_to_strangers(web: Client) -> None:
    """Who has no token learns that, and nothing about parameters."""
    check(web.get("/api/v1/progress?limit=0"), 401, "token_missing")


@pytest.fixture
def failing(store: Store, settings: Callable[..., Settings]) -> Client:
    """The door with addresses that fail in every way."""
    app = create_app(settings(), store)

    @app.get("/fails/<int:status>")
    def fails(status: int) -> str:
        abort(status)

    @app.get("/crashes")
    def crashes() -> str:
        raise RuntimeError("the secret is 12345")

    @app.get("/raises/<name>")
    def raises(name: str) -> str:
        raise {"conflict": Conflict, "not_allowed": NotAllowed, "unavailable": Unavailable}[name]("A sentence.")

    return Client(DispatcherMiddleware(Response("elsewhere", 404), {"/api": app}))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad_request"),
        (406, "not_acceptable"),
        (409, "conflict"),
        (415, "unsupported_media_type"),
        (418, "bad_request"),
        (429, "rate_limited"),
        (503, "unavailable"),
    ],
)
def test_errors_of_the_framework_below(failing: Client, status: int, code: str) -> None:
    response = failing.get(f"/api/fails/{status}")
    assert response.status_code == KINDS[code].status
    check(response, KINDS[code].status, code)


@pytest.mark.parametrize(("code", "status"), [("conflict", 409), ("not_allowed", 403), ("unavailable", 503)])
def test_errors_of_the_framework_inside(failing: Client, code: str, status: int) -> None:
    response = failing.get(f"/api/raises/{code}")
    assert check(response, status, code)["detail"] == "A sentence."
    assert ("Retry-After" in response.headers) == (status == 503)


def test_crash_tells_nothing(failing: Client) -> None:
    response = failing.get("/api/crashes")
    check(response, 500, "internal_error")
    assert "12345" not in response.get_data(as_text=True)
    assert "Traceback" not in response.get_data(as_text=True)


def test_database_that_is_away(settings: Callable[..., Settings]) -> None:
    """Given a database that nobody can reach, the answer is 503 and when to come again, without its address."""
    away = Store("postgresql+psycopg://somebody@127.0.0.1:1/lqf")
    web = Client(DispatcherMiddleware(Response("elsewhere", 404), {"/api": create_app(settings(), away)}))
    form = {"grant_type": "client_credentials", "client_id": "cli_aaaaaaaaaaaaaaaaaaaaaaaaaa", "client_secret": "x"}
    response = web.post("/api/oauth/token", data=form)
    check(response, 503, "unavailable")
    assert response.headers["Retry-After"]
    assert "127.0.0.1" not in response.get_data(as_text=True)
    away.close()


def test_every_kind_explains_itself(web: Client) -> None:
    """The type of a problem is an address that answers."""
    for code, kind in KINDS.items():
        page = web.get(f"/api/problems/{code.replace('_', '-')}").json
        assert page is not None
        assert (page["code"], page["status"], page["advice"]) == (code, kind.status, kind.advice)
    check(web.get("/api/problems/no-such-kind"), 404, "not_found")
    check(web.get("/api/problems/not_found"), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/progress", "/api/nothing", "/api/docs", "/api/v1/openapi.json"])
def test_every_answer_has_the_headers(web: Client, path: str) -> None:
    headers = web.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"
    assert "Server" not in headers


def test_https_is_insisted_on(store: Store, settings: Callable[..., Settings]) -> None:
    app = create_app(settings(env="production", base_url="https://lqf.example.org"), store)
    response = Client(app).get("/v1/")
    assert response.headers["Strict-Transport-Security"]
    assert response.json is not None
    assert response.json["links"]["progress"] == "https://lqf.example.org/api/v1/progress"


def test_request_keeps_the_name_it_was_given(web: Client) -> None:
    """lqf.py may name a request before it comes here; a header from outside may not."""
    named = web.get("/api/v1/", environ_overrides={"lqf.request_id": "req_from_outside_in"})
    assert named.headers["X-Request-ID"] == "req_from_outside_in"
    forged = web.get("/api/v1/", headers={"X-Request-ID": "forged"})
    assert forged.headers["X-Request-ID"] != "forged"
