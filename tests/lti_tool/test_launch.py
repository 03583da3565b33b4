"""Launches that must be refused, and launches that must be let in.

The refused ones follow the 1EdTech certification list ("known bad payloads") and what widely used libraries let
through. Each refusal has its code, a human page, an audit row and nothing else; never a 500.
"""

import base64
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import pytest
import sqlalchemy as sa
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from framework.store.sessions import INSTALLATION, Store
from framework.store.tables import Audit, Membership, Person, Platform, ResourceLink, Visit
from lti_tool.refusals import REASONS
from tests.lti_tool import platform
from tests.lti_tool.platform import (
    CLIENT_ID,
    INSTRUCTOR,
    KEY,
    LEARNER,
    Key,
    browser,
    claims,
    deep_linking,
    enter,
    launch,
    log_in,
    sign,
)
from workers import vocabulary as v

OTHER_KEY = Key()
AS_BOTH = pytest.mark.parametrize("role", [LEARNER, INSTRUCTOR], ids=["learner", "teacher"])
HOUR = 3600

BAD_CLAIMS: dict[str, tuple[str, dict[str, Any]]] = {
    "wrong LTI version": ("claims_invalid", {v.VERSION: "11.3"}),
    "no LTI version": ("claims_invalid", {v.VERSION: None}),
    "no message type": ("claims_invalid", {v.MESSAGE_TYPE: None}),
    "a message type that is not supported": ("message_unsupported", {v.MESSAGE_TYPE: "LtiStartProctoring"}),
    "no roles": ("claims_invalid", {v.ROLES: None}),
    "roles as one text": ("claims_invalid", {v.ROLES: LEARNER}),
    "roles that are no texts": ("claims_invalid", {v.ROLES: [1]}),
    "no deployment": ("claims_invalid", {v.DEPLOYMENT_ID: None}),
    "an unknown deployment": ("deployment_unknown", {v.DEPLOYMENT_ID: "deployment-2"}),
    "a deployment longer than 255": ("claims_invalid", {v.DEPLOYMENT_ID: "d" * 256}),
    "no resource link": ("claims_invalid", {v.RESOURCE_LINK: None}),
    "a resource link without id": ("claims_invalid", {v.RESOURCE_LINK: {"title": "x"}}),
    "a resource link with a numeric id": ("claims_invalid", {v.RESOURCE_LINK: {"id": 7}}),
    "a context that is no object": ("claims_invalid", {v.CONTEXT: "course-1"}),
    "no user": ("anonymous_refused", {"sub": None}),
    "a user id longer than 255": ("claims_invalid", {"sub": "u" * 256}),
    "a user id with NUL": ("claims_invalid", {"sub": "user\x00"}),
    "a numeric user id": ("token_malformed", {"sub": 5}),
    "timestamps of 1970": ("token_expired", {"iat": 11111, "exp": 22222}),
    "no exp": ("claims_invalid", {"exp": None}),
    "a token that ended five minutes ago": ("token_expired", {"iat": -400, "exp": -300}),
    "a token from five minutes ahead": ("token_expired", {"iat": 300, "exp": 360}),
    "a token made long ago, however long it is good for": ("token_expired", {"iat": -700, "exp": 3600}),
    "no iat": ("claims_invalid", {"iat": None}),
    "a foreign audience": ("audience_mismatch", {"aud": "somebody-else"}),
    "an audience that is a stranger": ("audience_mismatch", {"aud": [CLIENT_ID, "stranger"], "azp": CLIENT_ID}),
    "two audiences without azp": ("audience_mismatch", {"aud": [CLIENT_ID, "other"]}),
    "two audiences with a foreign azp": ("audience_mismatch", {"aud": [CLIENT_ID, "other"], "azp": "other"}),
    "one audience with a foreign azp": ("audience_mismatch", {"azp": "other"}),
    "another issuer": ("issuer_mismatch", {"iss": "https://evil.example.org"}),
    "the issuer with a slash": ("issuer_mismatch", {"iss": f"{platform.ISSUER}/"}),
    "another nonce": ("nonce_mismatch", {"nonce": "another"}),
    "no nonce": ("nonce_mismatch", {"nonce": None}),
    "aud, iss, sub, deployment and roles missing": (
        "claims_invalid",
        {"aud": None, "iss": None, "sub": None, v.DEPLOYMENT_ID: None, v.ROLES: None},
    ),
    "a resource link id longer than 255": ("claims_invalid", {v.RESOURCE_LINK: {"id": "r" * 256}}),
    "a resource link id with a control character": ("claims_invalid", {v.RESOURCE_LINK: {"id": "r\x07"}}),
    "an empty resource link id": ("claims_invalid", {v.RESOURCE_LINK: {"id": ""}}),
    "a course with a numeric id": ("claims_invalid", {v.CONTEXT: {"id": 7}}),
    "a course with an id longer than 255": ("claims_invalid", {v.CONTEXT: {"id": "c" * 256}}),
    "a course with NUL in its id": ("claims_invalid", {v.CONTEXT: {"id": "c\x00"}}),
    "an empty user id": ("anonymous_refused", {"sub": ""}),
    "a numeric deployment": ("claims_invalid", {v.DEPLOYMENT_ID: 1}),
    "an empty deployment": ("claims_invalid", {v.DEPLOYMENT_ID: ""}),
    "the issuer in capitals": ("issuer_mismatch", {"iss": platform.ISSUER.upper()}),
    "another target of this tool": ("claims_invalid", {v.TARGET_LINK_URI: f"{platform.TOOL}/lti/other"}),
    "no target": ("claims_invalid", {v.TARGET_LINK_URI: None}),
    "a target on another host": ("claims_invalid", {v.TARGET_LINK_URI: "https://evil.example.org/lti/launch"}),
}


@pytest.mark.one_database
@pytest.mark.lti(
    "LTI-14",
    "LTI-34",
    "LTI-35",
    "LTI-36",
    "LTI-37",
    "LTI-38",
    "LTI-39",
    "LTI-40",
    "LTI-42",
    "LTI-43",
    "LTI-44",
    "LTI-46",
    "LTI-47",
    "LTI-124",
)
@pytest.mark.parametrize("role", [LEARNER, INSTRUCTOR], ids=["learner", "teacher"])
@pytest.mark.parametrize("case", BAD_CLAIMS)
def test_bad_claims_are_refused(app: Flask, store: Store, count: Callable[[Any], int], case: str, role: str) -> None:
    code, changes = BAD_CLAIMS[case]
    changes = {name: _moment(value) if name in ("iat", "exp") else value for name, value in changes.items()}
    login = log_in(browser(app))
    response = launch(login, sign(claims(login.nonce, **{v.ROLES: [role], **changes})))
    then_it_is_refused(store, count, response, code)


def _moment(seconds: Any) -> Any:
    """Small numbers are seconds from now: the table is made when this file is read."""
    return int(time.time()) + seconds if seconds is not None and abs(seconds) < 10_000 else seconds


def bad_tokens(nonce: str, role: str = LEARNER) -> dict[str, tuple[str, str]]:
    """Tokens that are wrong in their form, key or signature."""
    body = claims(nonce, **{v.ROLES: [role]})
    public = KEY.private.public_key().public_numbers().n.to_bytes(256, "big")
    none = jwt.encode(body, "", algorithm="none", headers={"kid": KEY.kid})
    confused = jwt.encode(body, public, algorithm="HS256", headers={"kid": KEY.kid})
    altered = sign(body)[:-20] + "A" * 20
    curve = ec.generate_private_key(ec.SECP256R1())
    deep = base64.urlsafe_b64encode(b"[" * 20_000).rstrip(b"=").decode()
    return {
        "empty": ("token_missing", ""),
        "two parts": ("token_malformed", "a.b"),
        "no base64": ("token_malformed", "?.?.?"),
        "no JSON": ("token_malformed", "YQ.YQ.YQ"),
        "a list instead of claims": ("token_malformed", "W10.W10.YQ"),
        "larger than 64 KiB": ("token_malformed", "a" * 70_000),
        "nested deeper than a reader goes": ("token_malformed", f"{deep}.{deep}.YQ"),
        "not ASCII": ("token_malformed", "é.é.é"),
        "no LTI message": ("claims_invalid", sign({"name": "badltilaunch"})),
        "no kid": ("key_unknown", sign(body, kid="")),
        "an unknown kid": ("key_unknown", sign(body, kid="nobody")),
        "alg none": ("algorithm_refused", none),
        "HS256 with the public key": ("algorithm_refused", confused),
        "RS384": ("algorithm_refused", sign(body, algorithm="RS384")),
        "ES256": ("algorithm_refused", jwt.encode(body, curve, algorithm="ES256", headers={"kid": KEY.kid})),
        "another key under the known kid": ("signature_invalid", sign(body, OTHER_KEY, kid=KEY.kid)),
        "an altered signature": ("signature_invalid", altered),
    }


@pytest.mark.one_database
@pytest.mark.lti("LTI-29", "LTI-30", "LTI-31", "LTI-33", "LTI-35")
@pytest.mark.parametrize("role", [LEARNER, INSTRUCTOR], ids=["learner", "teacher"])
@pytest.mark.parametrize("case", bad_tokens("nonce"))
def test_bad_tokens_are_refused(app: Flask, store: Store, count: Callable[[Any], int], case: str, role: str) -> None:
    with store.directory() as session:  # an LMS that does not answer: no fetch can help these tokens
        session.scalars(sa.select(Platform)).one().jwks_url = "http://127.0.0.1:9/jwks"
    login = log_in(browser(app))
    code, token = bad_tokens(login.nonce, role)[case]
    then_it_is_refused(store, count, launch(login, token), code)


@pytest.mark.lti("LTI-12")
@AS_BOTH
def test_a_launch_from_another_browser_is_refused(
    app: Flask, store: Store, count: Callable[[Any], int], role: str
) -> None:
    login = log_in(browser(app))
    login.browser = browser(app)
    token = sign(claims(login.nonce, **{v.ROLES: [role]}))
    then_it_is_refused(store, count, launch(login, token), "browser_unknown")


@pytest.mark.lti("LTI-12")
@pytest.mark.parametrize(
    ("state", "code"),
    [(None, "state_missing"), ("made-up", "state_invalid"), ("", "state_missing"), ("altered", "state_invalid")],
)
@AS_BOTH
def test_a_launch_without_our_state_is_refused(
    app: Flask, store: Store, count: Callable[[Any], int], state: str | None, code: str, role: str
) -> None:
    login = log_in(browser(app))
    sent = f"{login.state[:-4]}AAAA" if state == "altered" else state
    token = sign(claims(login.nonce, **{v.ROLES: [role]}))
    then_it_is_refused(store, count, launch(login, token, state=sent), code)


@pytest.mark.lti("LTI-09", "LTI-12")
@AS_BOTH
def test_a_state_older_than_ten_minutes_is_refused(
    app: Flask, store: Store, count: Callable[[Any], int], role: str
) -> None:
    login = log_in(browser(app))
    with time_machine.travel(time.time() + 601):
        response = launch(login, sign(claims(login.nonce, **{v.ROLES: [role]})))
    then_it_is_refused(store, count, response, "state_expired")


@pytest.mark.lti("LTI-13")
@AS_BOTH
def test_the_same_launch_twice_is_refused(app: Flask, count: Callable[[Any], int], role: str) -> None:
    """Replay. Red without ``sa.UniqueConstraint("tenant_id", "launch_id")`` together with ``refuse_replay``."""
    login = log_in(browser(app))
    kept = login.browser.get_cookie(f"lqf_state_{_launch_id(login.state, app)}")
    assert kept is not None
    token = sign(claims(login.nonce, **{v.ROLES: [role]}))
    assert launch(login, token).status_code == 303
    # the cookie is taken away by the first launch; a thief would have kept it
    login.browser.set_cookie(kept.key, kept.value)
    response = launch(login, token)
    assert response.status_code == 403
    assert "This sign-in has been used" in response.text
    assert count(Visit) == 1


@pytest.mark.lti("LTI-15")
def test_twenty_posts_of_one_launch_at_once_open_one_visit(app: Flask, count: Callable[[Any], int]) -> None:
    """Red without ``sa.UniqueConstraint("tenant_id", "launch_id")`` on visit (on PostgreSQL, where posts overlap)."""
    login = log_in(browser(app))
    cookie = login.browser.get_cookie(f"lqf_state_{_launch_id(login.state, app)}")
    assert cookie is not None
    token, results, ready = sign(claims(login.nonce)), [], threading.Barrier(20)

    def post() -> None:
        client = browser(app)
        client.set_cookie(cookie.key, cookie.value)
        ready.wait()
        results.append(client.post("/lti/launch", data={"state": login.state, "id_token": token}).status_code)

    threads = [threading.Thread(target=post) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [303] + [403] * 19
    assert count(Visit) == 1


@pytest.mark.lti("LTI-14")
@AS_BOTH
def test_a_second_token_for_a_used_nonce_is_refused(app: Flask, count: Callable[[Any], int], role: str) -> None:
    first, second = log_in(browser(app)), log_in(browser(app))
    assert launch(first, sign(claims(first.nonce, **{v.ROLES: [role]}))).status_code == 303
    response = launch(second, sign(claims(first.nonce, **{v.ROLES: [role]})))
    assert response.status_code == 403
    assert "nonce_mismatch" in response.text
    assert count(Visit) == 1


@pytest.mark.lti("LTI-27")
def test_an_error_of_the_platform_is_shown_without_its_markup(app: Flask) -> None:
    login = log_in(browser(app))
    error = {"error": "access_denied", "error_description": "<script>alert(1)</script>"}
    response = launch(login, "", **error)
    assert response.status_code == 400
    assert "Your learning system stopped the sign-in" in response.text
    assert "<script>alert" not in response.text


BAD_LOGINS: dict[str, tuple[str, dict[str, Any]]] = {
    "no iss": ("login_incomplete", {"iss": None}),
    "no login_hint": ("login_incomplete", {"login_hint": None}),
    "no target": ("login_incomplete", {"target_link_uri": None}),
    "an unknown issuer": ("platform_unknown", {"iss": "https://nobody.example.org"}),
    "an unknown client": ("platform_unknown", {"client_id": "nobody"}),
    "a target on another host": ("target_foreign", {"target_link_uri": "https://evil.example.org/lti/launch"}),
    "a target beside the tool's origin": ("target_foreign", {"target_link_uri": "http://localhost:8000@evil.org/"}),
}


@pytest.mark.one_database
@pytest.mark.lti("LTI-02", "LTI-03", "LTI-10")
@pytest.mark.parametrize("case", BAD_LOGINS)
def test_bad_logins_are_refused(app: Flask, store: Store, count: Callable[[Any], int], case: str) -> None:
    code, changes = BAD_LOGINS[case]
    then_it_is_refused(store, count, log_in(browser(app), **changes).response, code)


@pytest.mark.lti("LTI-06", "LTI-08", "LTI-09", "LTI-11", "LTI-16")
def test_a_login_writes_nothing_and_asks_the_platform_exactly(app: Flask, store: Store) -> None:
    before = rows(store)
    login = log_in(browser(app))
    target = urlsplit(login.response.headers["Location"])
    query = parse_qs(target.query)
    assert target.geturl().startswith(f"{platform.ISSUER}/auth?x=1&")
    assert {name: values[0] for name, values in query.items() if name not in ("state", "nonce")} == {
        "x": "1",
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": CLIENT_ID,
        "redirect_uri": platform.TARGET,
        "login_hint": "hint-é",
        "lti_message_hint": '{"cmid":3,"launchid":"ä 1"}',
    }
    cookie = login.response.headers["Set-Cookie"]
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/", "Max-Age=600"):
        assert attribute in cookie
    assert rows(store) == before


@pytest.mark.lti("LTI-01")
def test_get_and_post_logins_are_alike(app: Flask) -> None:
    """Red without ``**request.form.to_dict()`` after the query's in ``lti_tool.login.login`` (the form wins)."""
    fields = {"iss": platform.ISSUER, "login_hint": "h", "target_link_uri": platform.TARGET, "client_id": CLIENT_ID}
    answers = [
        browser(app).get("/lti/login", query_string=fields),
        browser(app).post("/lti/login", query_string=fields),
        browser(app).post("/lti/login", data=fields),
        browser(app).post("/lti/login", query_string={"login_hint": "lost", "iss": "x"}, data=fields),
    ]
    asked = [dict(parse_qsl(urlsplit(one.headers["Location"]).query)) for one in answers]
    for one in asked:  # these two differ each time
        assert one.pop("state") and one.pop("nonce")
    assert [one.status_code for one in answers] == [302] * 4 and asked == [asked[0]] * 4
    assert asked[0]["login_hint"] == "h" and "lti_message_hint" not in asked[0]


@pytest.mark.lti("LTI-04")
def test_no_client_id_is_fine_while_one_registration_fits(app: Flask, store: Store) -> None:
    assert log_in(browser(app), client_id=None).response.status_code == 302
    platform.connect(store, client_id="second")
    response = log_in(browser(app), client_id=None).response
    assert response.status_code == 400
    assert "client_ambiguous" in response.text


GOOD: dict[str, dict[str, Any]] = {
    "plain": {},
    "several roles": {v.ROLES: [INSTRUCTOR, "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff"]},
    "a short role": {v.ROLES: ["Instructor"]},
    "an unknown role": {v.ROLES: ["http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"]},
    "an empty role": {v.ROLES: [""]},
    "no role": {v.ROLES: []},
    "e-mail only": {"name": None, "email": "a@example.org"},
    "no personal data": {"name": None},
    "no context": {v.CONTEXT: None},
    "a clock 30 s ahead": {"iat": int(time.time()) + 30},
    "a token that ended 30 s ago": {"exp": int(time.time()) - 30},
    "an audience in a list": {"aud": [CLIENT_ID]},
    "azp that is us": {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID},
    "unknown claims": {"https://vendor.example.org/x": {"a": [1]}},
    "custom values that were not filled in": {v.CUSTOM: {"activity_id": "self-belief", "h": "$Context.id.history"}},
    "a lone surrogate in the name": {"name": "Ann \ud800 Example"},
}


@pytest.mark.one_database
@pytest.mark.lti("LTI-37", "LTI-40", "LTI-44", "LTI-48", "LTI-50")
@pytest.mark.parametrize("case", GOOD)
def test_good_launches_are_let_in(app: Flask, store: Store, case: str) -> None:
    changes = dict(GOOD[case])
    platform.connect(store, client_id="other")  # one audience more is fine if it is this tool's as well
    for name in ("iat", "exp"):  # the table was made when this file was read
        if name in changes:
            changes[name] = int(time.time()) + (30 if name == "iat" else -30)
    client, path = enter(app, **changes)
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200, page.text


def test_a_launch_keeps_what_it_says_and_a_warm_one_writes_one_row(app: Flask, store: Store) -> None:
    enter(app)
    before = rows(store)
    enter(app)
    after = rows(store)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"visit": 1}
    with store.reading(1) as session:
        assert session.scalars(sa.select(Person)).one().name == "Ann Example"
        assert session.scalars(sa.select(Membership)).one().role == "learner"
        link = session.scalars(sa.select(ResourceLink)).one()
        assert (link.activity_key, link.title) == ("self-belief", "Self-belief")


@pytest.mark.lti("LTI-49")
def test_people_are_told_apart_by_their_id_and_never_by_their_address(
    app: Flask, store: Store, count: Callable[[Any], int]
) -> None:
    enter(app, sub="user-1", email="same@example.org")
    enter(app, sub="user-2", email="same@example.org")
    assert count(Person) == 2
    # and a new address is the same person's
    enter(app, sub="user-1", email="new@example.org", name="Ann Married")
    assert count(Person) == 2
    with store.reading(1) as session:
        kept = session.execute(sa.select(Person.name, Person.email).order_by(Person.email)).all()
    assert [tuple(one) for one in kept] == [("Ann Married", "new@example.org"), ("Ann Example", "same@example.org")]


@pytest.mark.one_database
@pytest.mark.lti("LTI-66")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({v.ROLES: [LEARNER]}, "picker_not_allowed"),
        ({v.DEEP_LINKING_SETTINGS: None}, "claims_invalid"),
        ({"settings": {"deep_link_return_url": None}}, "claims_invalid"),
        ({"settings": {"deep_link_return_url": "javascript:alert(1)"}}, "claims_invalid"),
        ({"settings": {"deep_link_return_url": "http://lms.example.org/"}}, "claims_invalid"),
        ({"settings": {"accept_types": None}}, "claims_invalid"),
        ({"settings": {"accept_types": "ltiResourceLink"}}, "claims_invalid"),
        ({"settings": {"accept_presentation_document_targets": None}}, "claims_invalid"),
    ],
)
def test_bad_deep_linking_requests_are_refused(
    app: Flask, store: Store, count: Callable[[Any], int], changes: dict[str, Any], code: str
) -> None:
    login = log_in(browser(app))
    response = launch(login, sign(deep_linking(login.nonce, **changes)))
    then_it_is_refused(store, count, response, code)


@pytest.mark.lti("LTI-28")
def test_every_page_of_a_visit_may_be_framed_by_its_platform_alone(app: Flask) -> None:
    client, path = enter(app)
    page = client.get(path, follow_redirects=True)
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors {platform.ISSUER} https://course.example.org;" in policy
    assert "script-src 'self' 'nonce-" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in page.headers


@pytest.mark.lti("LTI-26")
def test_another_visits_secret_opens_nothing(app: Flask) -> None:
    (one, first), (two, second) = enter(app), enter(app, sub="user-2")
    secret = one.get_cookie(f"lqf_{first.split('/')[2]}", path=first.rstrip("/"))
    assert secret is not None
    two.set_cookie(f"lqf_{first.split('/')[2]}", "1-made-up", path=first.rstrip("/"))
    two.set_cookie(f"lqf_{second.split('/')[2]}", secret.value, path=second.rstrip("/"))
    assert two.get(first).status_code == 403
    assert two.get(second).status_code == 403
    assert one.get(first).status_code == 303


@pytest.mark.lti("LTI-26")
def test_an_expired_visit_says_that_answers_are_safe_and_leads_back(app: Flask) -> None:
    client, path = enter(app)
    with time_machine.travel(time.time() + 13 * HOUR):
        page = client.get(path)
    assert page.status_code == 403
    assert "Answers that you have sent are safe" in page.text
    assert "https://course.example.org/back" in page.text


@pytest.mark.lti("LTI-62")
def test_disabling_a_platform_ends_its_visits_at_once(app: Flask, store: Store) -> None:
    client, path = enter(app)
    with store.directory() as session:
        session.scalars(sa.select(Platform)).one().state = "disabled"
    assert client.get(path).status_code == 403
    assert log_in(browser(app)).response.status_code == 403


@pytest.mark.lti("LTI-26")
def test_posts_from_elsewhere_are_refused(app: Flask) -> None:
    """Red without ``blueprint.before_request(_check_origin)`` in ``lti_tool.visit.guard``."""
    client, path = enter(app)
    target = f"{path}learn/self-belief/part/self-belief.why"
    for origin in ("https://evil.example.org", "null", None):
        headers = {"Origin": origin} if origin else {}
        assert client.post(target, headers=headers).status_code == 403
    assert client.post(target, headers={"Origin": platform.TOOL}).status_code == 303


def then_it_is_refused(store: Store, count: Callable[[Any], int], response: Any, code: str) -> None:
    """A page for a person, its own status, an audit row, and nothing else."""
    reason = REASONS[code]
    assert code in response.text, response.text
    assert response.status_code == reason.status
    assert reason.title.replace("'", "&#39;") in response.text
    assert "Traceback" not in response.text
    with store.reading(INSTALLATION) as session:
        assert session.scalars(sa.select(Audit.reason)).one() == code
    assert count(Visit) == count(Person) == count(ResourceLink) == 0


def rows(store: Store) -> dict[str, int]:
    """How many rows each table has, over all tenants."""
    from framework.store.tables import Row

    with store.engine.connect() as connection:
        return {
            name: connection.scalar(sa.text(f"SELECT count(*) FROM {name} WHERE 1=1 /* tenant_id */")) or 0  # noqa: S608  # names of our tables
            for name in Row.metadata.tables
        }


def _launch_id(state: str, app: Flask) -> str:
    return str(app.extensions["states"].open(state).launch_id.hex)
