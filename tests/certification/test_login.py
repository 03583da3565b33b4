"""Login initiation (A) and what holds the browser to it (B), as requests."""

import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import ValidationError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from framework.settings import Settings
from framework.store.columns import public_id
from framework.store.sessions import INSTALLATION, Store
from framework.store.tables import Audit, Platform, Visit
from lti_tool import turned_away
from lti_tool.state import States
from tests.lti_tool import platform
from tests.lti_tool.platform import CLIENT_ID, ISSUER, TARGET, browser, claims, enter, launch, log_in, sign
from tests.lti_tool.test_launch import rows as table_rows
from workers import vocabulary as v

pytestmark = pytest.mark.one_database  # a login writes nothing; launches run on both in tests/lti_tool/test_launch.py


@pytest.mark.lti("LTI-04")
def test_a_registrations_own_login_address_names_the_client(app: Flask, store: Store) -> None:
    """Red without ``one.id == _named(registration)`` in ``lti_tool.login._registration``."""
    second = platform.connect(store, client_id="second")
    fields = {"iss": ISSUER, "login_hint": "h", "target_link_uri": TARGET}
    assert browser(app).post("/lti/login", data=fields).status_code == 400
    response = browser(app).post(f"/lti/login/{public_id('plt', second.id)}", data=fields)
    assert parse_qs(urlsplit(response.headers["Location"]).query)["client_id"] == ["second"]
    for unknown in ("plt_aaaa", "nobody", public_id("plt", uuid.uuid4())):
        assert browser(app).post(f"/lti/login/{unknown}", data=fields).status_code == 403
    other_client = browser(app).post(
        f"/lti/login/{public_id('plt', second.id)}", data=fields | {"client_id": CLIENT_ID}
    )
    assert other_client.status_code == 403


@pytest.mark.lti("LTI-05")
@pytest.mark.parametrize("name", ["lti_deployment_id", "deployment_id"])
def test_the_logins_deployment_must_be_the_tokens(app: Flask, count: Callable[[Any], int], name: str) -> None:
    login = log_in(browser(app), **{name: "another"})
    assert launch(login, sign(claims(login.nonce))).status_code == 400
    assert count(Visit) == 0
    login = log_in(browser(app), **{name: platform.DEPLOYMENT})
    assert launch(login, sign(claims(login.nonce))).status_code == 303


@pytest.mark.lti("LTI-07")
def test_the_redirect_uri_never_follows_the_target(app: Flask) -> None:
    login = log_in(browser(app), target_link_uri=f"{platform.TOOL}/somewhere?redirect_uri=https://evil.example.org")
    query = parse_qs(urlsplit(login.response.headers["Location"]).query)
    assert query["redirect_uri"] == [TARGET]


@pytest.mark.lti("LTI-09")
def test_states_and_nonces_are_long_and_never_the_same() -> None:
    states = States("a secret that only tests know, long enough")
    made = [states.new(uuid.uuid4(), TARGET, None) for _ in range(1000)]
    assert len({one.nonce for one in made}) == len({one.launch_id for one in made}) == 1000
    assert all(len(one.nonce) >= 22 for one in made)  # 22 characters of base64 are 132 bits
    assert len({states.seal(one) for one in made}) == 1000


@pytest.mark.lti("LTI-09")
def test_a_state_of_another_platform_lets_nobody_in(app: Flask, store: Store, count: Callable[[Any], int]) -> None:
    platform.connect(store, issuer="https://other.example.org", key=platform.Key())
    login = log_in(browser(app), iss="https://other.example.org")
    response = launch(login, sign(claims(login.nonce)))
    assert response.status_code in (400, 403)
    assert count(Visit) == 0


@pytest.mark.lti("LTI-11", "LTI-127")
def test_a_flood_of_bad_logins_fills_nothing_and_holds_nobody_up(
    app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red without ``if _number(refusal.code, refusal) > MOST_ROWS`` in ``lti_tool.turned_away``."""
    monkeypatch.setattr(turned_away, "MOST_ROWS", 5)
    monkeypatch.setattr(turned_away, "_counts", {})
    for number in range(40):
        assert log_in(browser(app), iss=f"https://flood-{number}.example.org").response.status_code == 403
    with store.reading(INSTALLATION) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Audit)) == 5
    assert log_in(browser(app)).response.status_code == 302


@pytest.mark.lti("LTI-11")
@pytest.mark.one_database
def test_refusals_are_limited_by_registration_and_true_launches_never(
    app: Flask, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hospital is one address: another registration's people, from there too, are not held up, nor are this one's.

    Red without ``_number("", refusal) > MOST_PAGES``, and with one count for all registrations.
    """
    monkeypatch.setattr(turned_away, "MOST_PAGES", 5)
    monkeypatch.setattr(turned_away, "_counts", {})
    platform.connect(store, issuer="https://other.example.org", key=platform.Key())
    bad = [log_in(browser(app), target_link_uri="https://evil.example.org/").response for _ in range(8)]
    assert [one.status_code for one in bad] == [400] * 5 + [429] * 3
    assert bad[-1].headers["Retry-After"] == "60"
    others = log_in(browser(app), iss="https://other.example.org", target_link_uri="https://evil.example.org/")
    assert others.response.status_code == 400
    login = log_in(browser(app))
    assert launch(login, sign(claims(login.nonce))).status_code == 303


@pytest.mark.one_database
@pytest.mark.lti("LTI-11")
def test_many_good_logins_leave_no_row(app: Flask, store: Store) -> None:
    """There is no limit on logins: nobody has signed them, so a stranger could lock a whole hospital out with it."""
    before = table_rows(store)
    client = browser(app)
    assert {log_in(client).response.status_code for _ in range(300)} == {302}
    assert table_rows(store) == before


@pytest.mark.one_database
@pytest.mark.lti("LTI-03")
@pytest.mark.parametrize("state", ["pending", "disabled"])
def test_a_registration_that_is_not_active_is_refused(app: Flask, store: Store, state: str) -> None:
    with store.directory() as session:
        session.scalars(sa.select(Platform)).one().state = state
    response = log_in(browser(app)).response
    assert response.status_code == 403 and "platform_unknown" in response.text


@pytest.mark.lti("LTI-127")
def test_a_refused_launch_is_recorded_with_reason_platform_client_and_time(app: Flask, store: Store) -> None:
    login = log_in(browser(app))
    before = turned_away.refused.labels("nonce_mismatch")._value.get()
    response = launch(login, sign(claims("another", email="ann@example.org")))
    with store.reading(INSTALLATION) as session:
        row = session.scalars(sa.select(Audit)).one()
        assert (row.reason, row.details["iss"], row.details["client_id"]) == ("nonce_mismatch", ISSUER, CLIENT_ID)
        assert row.at is not None and str(row.id)[-12:] in response.text
        assert "example.org" not in str(row.details["detail"]) and "Ann" not in str(row.details)
    assert turned_away.refused.labels("nonce_mismatch")._value.get() == before + 1


@pytest.mark.lti("LTI-12")
def test_a_launch_without_its_cookie_leads_back_to_the_course_if_the_message_is_true(app: Flask) -> None:
    login = log_in(browser(app))
    login.browser = browser(app)
    page = launch(login, sign(claims(login.nonce)))
    assert page.status_code == 403 and "https://course.example.org/back" in page.text
    forged = launch(login, sign(claims(login.nonce), platform.Key()))
    assert forged.status_code == 403 and "https://course.example.org/back" not in forged.text


@pytest.mark.lti("LTI-16", "LTI-17")
def test_two_tabs_can_launch_at_once(app: Flask) -> None:
    client = browser(app)
    first, second = log_in(client), log_in(client)
    responses = [launch(one, sign(claims(one.nonce))) for one in (second, first)]
    assert [one.status_code for one in responses] == [303, 303]
    for response in responses:
        gone = [one for one in response.headers.getlist("Set-Cookie") if "Max-Age=0" in one]
        assert len(gone) == 1 and "lqf_state_" in gone[0] and "Partitioned" in gone[0]
    for response in responses:
        assert client.get(response.headers["Location"]).status_code == 303


@pytest.mark.lti("LTI-18")
def test_a_forwarded_scheme_from_a_stranger_changes_nothing(app: Flask) -> None:
    fields = {"iss": ISSUER, "login_hint": "h", "target_link_uri": TARGET, "client_id": CLIENT_ID}
    for application in (app.wsgi_app, ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)):
        for scheme in ("http", "https"):
            response = Client(application).post("/lti/login", data=fields, headers={"X-Forwarded-Proto": scheme})
            cookies = response.headers.getlist("Set-Cookie")
            assert cookies and all("Secure" in one and "SameSite=None" in one for one in cookies)
            assert (
                f"redirect_uri={platform.TOOL}".replace(":", "%3A").replace("/", "%2F") in response.headers["Location"]
            )


@pytest.mark.lti("LTI-19")
def test_plain_http_is_refused_in_production(settings: Callable[..., Settings]) -> None:
    """Red without ``_https_in_production`` in ``framework.settings``."""
    with pytest.raises(ValidationError, match="https://"):
        settings(env="production", base_url="http://lqf.example.org")
    assert settings(env="production", base_url="https://lqf.example.org").origin == "https://lqf.example.org"


@pytest.mark.lti("LTI-20", "LTI-24")
@pytest.mark.parametrize(
    ("where", "target", "cookie", "status"),
    [
        ("iframe", None, False, 200),
        ("iframe", None, True, 302),
        ("iframe", "_parent", False, 200),
        ("iframe", "_parent", True, 302),
        ("document", "_parent", False, 302),
        (None, None, False, 302),
        (None, "_parent", False, 200),
    ],
)
def test_a_page_stands_between_only_where_no_cookie_has_been_seen(
    app: Flask, where: str | None, target: str | None, cookie: bool, status: int
) -> None:
    client = browser(app)
    if cookie:
        client.set_cookie("lqf_kept", "1")
    fields = {"iss": ISSUER, "login_hint": "h", "target_link_uri": TARGET, "client_id": CLIENT_ID}
    fields |= {"lti_storage_target": target} if target else {}
    response = client.post("/lti/login", data=fields, headers={"Sec-Fetch-Dest": where} if where else {})
    assert response.status_code == status
    if status == 200:
        assert f'data-origin="{ISSUER}"' in response.text and f'data-frame="{target or ""}"' in response.text
        assert "script-src 'self' 'nonce-" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.lti("LTI-22", "LTI-28")
def test_the_proof_opens_a_visit_once_and_only_with_the_secret(app: Flask, count: Callable[[Any], int]) -> None:
    """Red without ``is_stored`` in ``lti_tool.launch.confirm``."""
    login = log_in(browser(app), lti_storage_target="_parent")
    found = login.response.text
    link = next(part for part in found.split('"') if part.startswith(f"{ISSUER}/auth")).replace("&amp;", "&")
    query = parse_qs(urlsplit(link).query)
    secret = found.split('data-value="')[1].split('"')[0]
    token = sign(claims(query["nonce"][0]))
    stranger, form = browser(app), {"state": query["state"][0], "id_token": token}

    # the launch alone, without a cookie, shows the page that asks the storage, framed by this LMS alone
    page = stranger.post("/lti/launch", data=form)
    assert page.status_code == 200 and secret not in page.text and count(Visit) == 0
    assert f"frame-ancestors {ISSUER} https://course.example.org;" in page.headers["Content-Security-Policy"]

    own = {"Origin": platform.TOOL}
    for wrong in ("", "f" * 64, query["state"][0]):
        answer = stranger.post("/lti/launch/confirm", data=form | {"secret": wrong}, headers=own)
        assert answer.status_code == 403 and count(Visit) == 0
    elsewhere = stranger.post("/lti/launch/confirm", data=form | {"secret": secret}, headers={"Origin": ISSUER})
    assert elsewhere.status_code == 403 and count(Visit) == 0
    assert stranger.post("/lti/launch/confirm", data=form | {"secret": secret}, headers=own).status_code == 303
    assert stranger.post("/lti/launch/confirm", data=form | {"secret": secret}, headers=own).status_code == 403
    assert count(Visit) == 1


@pytest.mark.lti("LTI-22")
def test_a_login_that_left_no_proof_cannot_be_confirmed(app: Flask, count: Callable[[Any], int]) -> None:
    login = log_in(browser(app))
    states: States = app.extensions["states"]
    secret = states.storage_secret(states.open(login.state).launch_id)
    form = {"state": login.state, "id_token": sign(claims(login.nonce)), "secret": secret}
    assert browser(app).post("/lti/launch/confirm", data=form, headers={"Origin": platform.TOOL}).status_code == 403
    assert count(Visit) == 0


@pytest.mark.lti("LTI-26")
def test_a_visits_secret_is_stored_hashed_and_opens_nothing_in_another_carrier(
    app: Flask, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Red without ``row.carrier != carrier`` in ``lti_tool.visit.find``."""
    with caplog.at_level(logging.DEBUG):
        client, path = enter(app)
        token = path.split("/")[2]
        cookie = client.get_cookie(f"lqf_{token}", path=path.rstrip("/"))
        assert cookie is not None and len(cookie.value.partition("-")[2]) >= 32  # 192 bits in base64
        assert client.get(path).status_code == 303
        assert browser(app).get(f"/v/{token}.{cookie.value}/").status_code == 403
    with store.reading(1) as session:
        assert cookie.value not in str(session.scalars(sa.select(Visit.secret_hash)).all())
    assert cookie.value not in caplog.text


@pytest.mark.lti("LTI-43")
@pytest.mark.parametrize("role", [platform.LEARNER, platform.INSTRUCTOR], ids=["learner", "teacher"])
def test_an_unknown_path_of_the_tool_leads_to_the_activity_and_says_so(app: Flask, role: str) -> None:
    target = f"{platform.TOOL}/no/such/page?next=https://evil.example.org"
    login = log_in(browser(app), target_link_uri=target)
    response = launch(login, sign(claims(login.nonce, **{v.TARGET_LINK_URI: target, v.ROLES: [role]})))
    assert response.status_code == 303 and response.headers["Location"].startswith("/v/vis_")
    page = login.browser.get(response.location, follow_redirects=True)
    assert page.status_code == 200 and "names a page that is not here" in page.text and "evil" not in page.text
    assert "Self-belief" in page.text
    known, path = enter(app)
    assert "names a page that is not here" not in known.get(path, follow_redirects=True).text
    differs = log_in(browser(app), target_link_uri=target)
    assert launch(differs, sign(claims(differs.nonce))).status_code == 400


@pytest.mark.lti("LTI-47")
@pytest.mark.parametrize("sub", [None, ""])
def test_nobody_comes_in_without_a_user_id(app: Flask, count: Callable[[Any], int], sub: str | None) -> None:
    login = log_in(browser(app))
    response = launch(login, sign(claims(login.nonce, sub=sub)))
    assert response.status_code == 403 and "needs to know who you are" in response.text
    assert count(Visit) == 0


@pytest.mark.lti("LTI-51")
def test_an_unsigned_migration_claim_is_ignored(app: Flask, store: Store) -> None:
    claim = {"oauth_consumer_key": "k", "oauth_consumer_key_sign": "bad", "user_id": "somebody-else"}
    enter(app, **{"https://purl.imsglobal.org/spec/lti/claim/lti1p1": claim})
    with store.directory_reading() as session:
        assert session.scalars(sa.select(Platform)).one().client_id == CLIENT_ID
