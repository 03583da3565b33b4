"""The token endpoint: which assertions it refuses, and how its answers look."""

import json
import time
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.demo_lms_tests.tool import AGS, NRPS_SCOPE, SCOPES, Side

EARLIER, LATER = 1_000_000_000, 4_000_000_000  # fixed: they are part of the tests' names, which xdist compares


def test_moodle_calls_its_json_html_and_leaves_out_what_is_not_allowed(moodle: Side) -> None:
    moodle.door("settings", line_item_scope=False)

    answer = moodle.ask_token(moodle.tool.sign(moodle.assertion()), (*SCOPES, NRPS_SCOPE))

    assert answer.headers["Content-Type"].startswith("text/html")
    content = json.loads(answer.text)
    assert content["token_type"] == "Bearer"
    assert content["expires_in"] == 3600
    assert set(content["scope"].split()) == {*SCOPES, NRPS_SCOPE} - {AGS + "lineitem"}


def test_canvas_refuses_a_scope_that_is_not_allowed(canvas: Side) -> None:
    canvas.door("settings", line_item_scope=False)

    answer = canvas.ask_token(canvas.tool.sign(canvas.assertion()))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://tool.example"},
        {"iss": None},
        {"sub": "https://tool.example"},
        {"sub": None},
        {"aud": "https://elsewhere.example/token"},
        {"aud": None},
        {"exp": None},
        {"exp": EARLIER},
        {"iat": None},
        {"iat": LATER},
        {"jti": None},
        {"jti": ""},
    ],
    ids=str,
)
def test_a_bad_assertion_gets_no_token(request: pytest.FixtureRequest, platform: str, changes: dict[str, Any]) -> None:
    side: Side = request.getfixturevalue(platform)

    answer = side.ask_token(side.tool.sign(side.assertion(**changes)))

    assert answer.status_code == 400
    assert json.loads(answer.text)["error"] == "invalid_client"


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_a_few_seconds_in_the_future_are_too_many(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)

    assert side.ask_token(side.tool.sign(side.assertion(iat=int(time.time()) + 3))).status_code == 400


def test_canvas_wants_its_exact_address_a_fresh_assertion_and_a_new_jti(canvas: Side) -> None:
    slash = canvas.registration["token_url"] + "/"
    assert canvas.ask_token(canvas.tool.sign(canvas.assertion(aud=slash))).status_code == 400
    old = canvas.assertion(iat=int(time.time()) - 600)
    assert canvas.ask_token(canvas.tool.sign(old)).status_code == 400
    assertion = canvas.tool.sign(canvas.assertion())
    assert canvas.ask_token(assertion).status_code == 200
    assert canvas.ask_token(assertion).status_code == 400


def test_moodle_takes_a_jti_twice(moodle: Side) -> None:
    assertion = moodle.tool.sign(moodle.assertion())

    assert [moodle.ask_token(assertion).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_the_signature_must_be_one_of_the_published_keys(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)
    claims = side.assertion()
    assert side.ask_token(side.tool.sign(claims, kid=None)).status_code == 400
    assert side.ask_token(side.tool.sign(claims, kid="unknown")).status_code == 400
    honest, side.tool.key = side.tool.key, rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = side.tool.sign(claims)
    side.tool.key = honest
    assert side.ask_token(forged).status_code == 400


def test_moodle_fetches_the_tools_keys_once_and_again_after_a_failure(moodle: Side) -> None:
    moodle.bearer()
    before = moodle.tool.fetches
    for _ in range(2):
        assert moodle.ask_token(moodle.tool.sign(moodle.assertion())).status_code == 200
    assert moodle.tool.fetches == before

    moodle.tool.kid += "-next"

    assert moodle.ask_token(moodle.tool.sign(moodle.assertion())).status_code == 200
    assert moodle.tool.fetches == before + 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"client_assertion": "no-jwt"}, "invalid_client"),
    ],
    ids=str,
)
def test_the_form_must_be_right(moodle: Side, changes: dict[str, Any], error: str) -> None:
    answer = moodle.ask_token(moodle.tool.sign(moodle.assertion()), **changes)

    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, error)


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_services_want_a_living_token_of_their_platform_with_the_scope(
    request: pytest.FixtureRequest, platform: str
) -> None:
    side: Side = request.getfixturevalue(platform)
    url = side.line_items_url
    accept = {"Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json"}
    bearer = side.bearer() | accept
    assert requests.get(url, headers=bearer, timeout=5).status_code == 200
    assert requests.get(url, headers=accept, timeout=5).status_code == 401
    assert requests.get(url, headers=accept | {"Authorization": "Bearer unknown"}, timeout=5).status_code == 401
    assert requests.get(url, headers=side.bearer(AGS + "score") | accept, timeout=5).status_code == 401
    other = Side(side.tool, side.lms, "canvas" if platform == "moodle" else "moodle")
    assert requests.get(url, headers=other.bearer() | accept, timeout=5).status_code == 401

    requests.post(f"{side.lms}/-/faults", json={"revoke_tokens": platform}, timeout=5)

    assert requests.get(url, headers=bearer, timeout=5).status_code == 401
