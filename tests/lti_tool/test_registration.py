"""Dynamic registration (LTI-113 to LTI-118): an LMS registers the tool by itself, or nothing happens at all."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from framework.settings import Settings
from framework.store import approvals, invites, platforms
from framework.store.sessions import Store, now
from framework.store.tables import Audit, Deployment, Platform
from lti_tool import configuration, families, registration
from lti_tool.application import create_app
from tests.lti_tool import platform
from tests.lti_tool.registering_lms import EXTRA_SCOPE, TOKEN, Lms
from workers import vocabulary
from workers.enqueue import Bell

FAMILIES = ["moodle", "canvas", "brightspace"]


@pytest.fixture
def lms(request: pytest.FixtureRequest) -> Iterator[Lms]:
    """A Moodle, unless the test asks for another family."""
    made = Lms(getattr(request, "param", "moodle"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def invite(store: Store) -> Callable[..., str]:
    """``invite(approves=True)``: a registration link's token."""

    def make(*, approves: bool = True) -> str:
        with store.directory() as session:
            return invites.create(session, invites.REGISTER, tenant_id=1, at=now(), approves=approves)

    return make


def registers(app: Flask, lms: Lms, invite: str | None, **changes: str) -> TestResponse:
    """The LMS opens the page in its administrator's browser."""
    query = {"openid_configuration": f"{lms.url}/config", "registration_token": TOKEN}
    query |= {"invite": invite} if invite else {}
    return app.test_client().get("/lti/register", query_string=query | changes)


def connected(store: Store, lms: Lms) -> list[Platform]:
    with store.directory_reading() as session:
        return list(session.scalars(sa.select(Platform).where(Platform.issuer == lms.issuer)))


def deployments(store: Store, of: Platform) -> list[tuple[str, str]]:
    with store.directory_reading() as session:
        rows = session.scalars(sa.select(Deployment).where(Deployment.platform_id == of.id))
        return [(row.lti_deployment_id, row.state) for row in rows]


def can_be_used(store: Store, token: str) -> bool:
    with store.directory_reading() as session:
        return bool(invites.find(session, invites.REGISTER, token, at=now()))


@pytest.mark.lti("LTI-113", "LTI-114", "LTI-117")
@pytest.mark.parametrize("lms", FAMILIES, indirect=True)
def test_an_lms_registers_the_tool_by_itself(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LTI-113, LTI-114, LTI-117. Red without ``headers["Authorization"]``, ``"domain"``, the scopes' filter, and
    ``platforms.add_deployment`` in ``registrations.connect``."""
    if lms.family == "canvas":  # its issuer is never where its configuration is
        lms.issuer = "https://canvas.instructure.com"
        monkeypatch.setitem(families._SPEAKERS, lms.issuer, (lms.host,))

    page = registers(app, lms, invite())

    assert page.status_code == 200, page.text
    assert lms.authorizations == [f"Bearer {TOKEN}"] * 2, "the token goes with both calls"
    [row] = connected(store, lms)
    assert (row.client_id, row.family, row.state, row.tenant_id) == ("client-7", lms.family, "active", 1)
    assert (row.auth_url, row.token_url, row.jwks_url) == (f"{lms.url}/auth", f"{lms.url}/token", f"{lms.url}/jwks")
    # Canvas names a host there, which its token endpoint would refuse as an audience
    assert row.audience == (f"{lms.url}/audience" if lms.family == "brightspace" else row.token_url)
    assert row.service_hosts == ["127.0.0.1"], "the registration endpoint is on the customer's own host"
    assert row.name == ("The Trust's Canvas" if lms.family == "canvas" else lms.host)
    assert deployments(store, row) == ([] if lms.family == "canvas" else [("deployment-9", "active")])
    assert "What to do next" in page.text and "data-close-registration" in page.text
    assert ("Now press Activate" in page.text) == (lms.family == "moodle")
    assert ("named no deployment" in page.text) == (lms.family == "canvas")


@pytest.mark.lti("LTI-114", "LTI-120")
@pytest.mark.parametrize("lms", FAMILIES, indirect=True)
def test_what_the_tool_says_of_itself(
    app: Flask, lms: Lms, invite: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LTI-114, LTI-120. Red without ``if scopes is None or one in scopes`` and without ``custom_parameters``."""
    lms.changes["scopes_supported"] = [vocabulary.SCOPE_SCORE, EXTRA_SCOPE]
    page = registers(app, lms, invite())
    assert page.status_code == 200, page.text
    [sent] = lms.posts
    tool = sent[configuration.TOOL]
    assert sent["scope"] == vocabulary.SCOPE_SCORE, "never more than the LMS offers"
    assert "does not offer the list of a course" in page.text
    assert sent["redirect_uris"] == ["http://localhost:8000/lti/launch"]
    assert (tool["domain"], tool["target_link_uri"]) == ("localhost:8000", "http://localhost:8000/lti/launch")
    assert tool["custom_parameters"]["context_id_history"] == "$Context.id.history"
    assert tool["custom_parameters"]["resource_link_id_history"] == "$ResourceLink.id.history"
    assert ("previous_context_ids" in tool["custom_parameters"]) == (lms.family == "canvas")
    picker = next(one for one in tool["messages"] if one["type"] == vocabulary.DEEP_LINKING_REQUEST)
    assert (
        picker.get("placements")
        == {
            "moodle": ["ContentArea"],
            "canvas": ["assignment_selection", "course_assignments_menu", "link_selection", "module_index_menu_modal"],
            "brightspace": None,
        }[lms.family]
    )


@pytest.mark.lti("LTI-118")
@pytest.mark.parametrize("with_invite", [True, False], ids=["invite that does not approve", "no invite"])
def test_a_registration_waits_for_approval(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str], with_invite: bool
) -> None:
    """LTI-118. Red with ``"active"`` in place of ``"active" if is_approved else "pending"``."""
    page = registers(app, lms, invite(approves=False) if with_invite else None)
    assert page.status_code == 200 and "waiting for approval" in page.text
    [row] = connected(store, lms)
    assert row.state == "pending"
    login = {"iss": lms.issuer, "client_id": "client-7", "login_hint": "x", "target_link_uri": platform.TARGET}
    refused = app.test_client().post("/lti/login", data=login)
    assert (refused.status_code, "platform_unknown" in refused.text) == (403, True)
    with store.transaction(1) as session:
        approvals.set_state(session, session.get_one(Platform, row.id), approvals.ACTIVE, actor="test")
    assert app.test_client().post("/lti/login", data=login).status_code == 302


def test_without_an_invite_few_may_wait(app: Flask, store: Store, lms: Lms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is public. Red without ``waiting >= MOST_WAITING``."""
    monkeypatch.setattr("framework.store.registrations.MOST_WAITING", 0)
    page = registers(app, lms, None)
    assert (page.status_code, "registration link is needed" in page.text) == (403, True)
    assert (lms.gets, connected(store, lms)) == (0, [])


@pytest.mark.lti("LTI-116")
def test_a_used_registration_token_leaves_nothing(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str]
) -> None:
    """LTI-116. Red without ``answer.status in (401, 403)`` (the page) and ``give_back`` (the invite)."""
    lms.uses = 0
    token = invite()
    page = registers(app, lms, token)
    assert page.status_code == 403
    assert "its token has been used, or is too old" in page.text
    assert connected(store, lms) == []
    lms.uses = 1
    assert registers(app, lms, token).status_code == 200, "the link can be used again"
    assert len(connected(store, lms)) == 1


@pytest.mark.parametrize("state", ["used", "expired", "unknown"])
def test_a_link_that_does_not_work_says_so_and_asks_the_lms_nothing(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str], state: str
) -> None:
    """Red without ``invites.use`` before the calls."""
    token = invite()
    if state == "used":
        assert registers(app, lms, token).status_code == 200
        lms.gets, lms.client_id = 0, "client-8"
    elif state == "expired":
        with store.directory() as session:
            invites.find(session, invites.REGISTER, token, at=now()).expires_at = now() - timedelta(seconds=1)
    else:
        token = "made-up"
    page = registers(app, lms, token)
    assert page.status_code == 403
    assert {"used": "has been used", "expired": "too old", "unknown": "not known"}[state] in page.text
    assert lms.gets == 0 and not any(row.client_id == "client-8" for row in connected(store, lms))


@pytest.mark.lti("LTI-116")
def test_registering_again_renews_and_makes_no_second_one(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str]
) -> None:
    """LTI-116. Red without ``_update`` (the addresses) and without the search by issuer and client id."""
    registers(app, lms, invite())
    lms.uses, lms.changes = 1, {"jwks_uri": f"{lms.url}/new-jwks"}
    page = registers(app, lms, invite())
    assert (page.status_code, "up to date" in page.text) == (200, True)
    [row] = connected(store, lms)
    assert row.jwks_url == f"{lms.url}/new-jwks"
    assert deployments(store, row) == [("deployment-9", "active")]


def test_renewing_needs_a_link_and_opens_nothing_that_was_disabled(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str]
) -> None:
    """Whoever can put a file on an LMS's host could else take its place. Red without ``not may_update``."""
    registers(app, lms, invite())
    lms.uses, lms.changes = 5, {"jwks_uri": f"{lms.url}/thief"}
    assert registers(app, lms, None).status_code == 409
    [row] = connected(store, lms)
    assert row.jwks_url == f"{lms.url}/jwks"
    with store.directory() as session:
        session.get_one(Platform, row.id).state = "disabled"
    registers(app, lms, invite())
    assert [row.state for row in connected(store, lms)] == ["disabled"]


def test_another_customers_link_renews_nothing(app: Flask, store: Store, lms: Lms, invite: Callable[..., str]) -> None:
    """Red without ``found.tenant_id != tenant_id``."""
    registers(app, lms, invite())
    with store.directory() as session:
        other = platforms.add_tenant(session, "other", "Other").id
        session.flush()
        token = invites.create(session, invites.REGISTER, tenant_id=other, at=now(), approves=True)
    lms.uses, lms.changes = 1, {"jwks_uri": f"{lms.url}/thief"}
    assert registers(app, lms, token).status_code == 409
    assert [row.jwks_url for row in connected(store, lms)] == [f"{lms.url}/jwks"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"issuer": "https://lms.victim.example"}, "under its own name"),
    "the issuer's other port": ({"issuer": "http://127.0.0.1:1"}, "under its own name"),
    "no issuer": ({"issuer": None}, "issuer must be a URL"),
    "no key set": ({"jwks_uri": None}, "jwks_uri must be a URL"),
    "a token endpoint that is a script": ({"token_endpoint": "javascript:alert(1)"}, "token_endpoint must be"),
    "a registration endpoint with a password": ({"registration_endpoint": "http://a:b@127.0.0.1/x"}, "must be a URL"),
    "a registration endpoint at the cloud's metadata": (
        {"registration_endpoint": "http://169.254.169.254/latest"},
        "could not reach",
    ),
    "no RS256": ({"id_token_signing_alg_values_supported": ["ES256"]}, "does not offer RS256"),
    "no signed assertions": (
        {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
        "does not offer private_key_jwt",
    ),
}
RAW = {
    "no JSON": ((200, b"<html>", {}), "did not show its configuration"),
    "a list": ((200, b"[]", {}), "did not show its configuration"),
    "an error": ((500, b"{}", {}), "status 500"),
    "a redirect": ((302, b"", {"Location": "http://127.0.0.1:1/"}), "status 302"),
    "a token that is not taken": ((401, b"", {}), "too old"),
    "two megabytes": ((200, b" " * 2_000_000, {}), "larger than"),
}


@pytest.mark.lti("LTI-115")
@pytest.mark.parametrize("case", [*BAD, *RAW])
def test_a_configuration_that_cannot_be_trusted_is_refused_before_anything_happens(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str], case: str
) -> None:
    """LTI-115. Red without ``families.may_speak_for``, ``families.url_problem`` and ``_require``, case by case."""
    if case in BAD:
        lms.changes, words = BAD[case]
    else:
        lms.raw_configuration, words = RAW[case]
    token = invite()
    page = registers(app, lms, token)
    assert 400 <= page.status_code < 504 and page.status_code != 500
    assert words in page.text and "Nothing has been stored here" in page.text
    assert lms.posts == [], "the LMS has not registered the tool either"
    with store.directory_reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Platform)) == 1, "only the fixture's"
    assert can_be_used(store, token)


@pytest.mark.lti("LTI-115")
def test_in_production_no_http_and_no_loopback(
    store: Store, lms: Lms, invite: Callable[..., str], settings: Callable[..., Settings]
) -> None:
    """LTI-115, with production's settings. Red without ``url_problem`` at the first address (http), and without the
    guard in ``workers.outgoing`` (https to loopback)."""
    made = settings(env="production", base_url="https://lqf.example.org")
    app = create_app(made, store, Bell(made.redis))
    page = registers(app, lms, invite())
    assert "must be a URL that begins with https://" in page.text
    page = registers(app, lms, invite(), openid_configuration=f"https://{lms.host}/config")
    assert "no address this tool may call" in page.text
    assert lms.gets == 0


@pytest.mark.lti("LTI-116")
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((400, b"domain_targetlinkuri_mismatch"), "domain_targetlinkuri_mismatch"),
        ((404, b"<html>no</html>"), "status 404)"),
        ((200, b"{}"), "no client id"),
        ((200, b'{"client_id": 7}'), "no client id"),
        ((200, b"<html>"), "cannot be read"),
    ],
)
def test_an_answer_that_is_no_registration_leaves_nothing(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str], answer: tuple[int, bytes], words: str
) -> None:
    """LTI-116. Red without the check of ``client_id``."""
    lms.answer = answer
    token = invite()
    page = registers(app, lms, token)
    assert page.status_code == 400 and words in page.text
    assert connected(store, lms) == [] and can_be_used(store, token)


def test_the_link_opened_in_a_browser_says_where_it_belongs(
    app: Flask, store: Store, invite: Callable[..., str]
) -> None:
    token = invite()
    page = app.test_client().get(f"/lti/register?invite={token}")
    assert page.status_code == 400 and "Manage tools" in page.text
    assert can_be_used(store, token), "looking at it does not use it up"


def test_the_registration_is_on_record_and_its_token_nowhere(
    app: Flask, store: Store, lms: Lms, invite: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """Red without ``audits.add``."""
    caplog.set_level(logging.DEBUG)
    token = invite()
    registers(app, lms, token)
    with store.reading(1) as session:
        [row] = session.scalars(sa.select(Audit).where(Audit.action == "platform.registered"))
    assert row.details["client_id"] == "client-7" and row.actor.startswith("invite:")
    assert TOKEN not in caplog.text and token not in caplog.text


@pytest.mark.lti("LTI-115")
def test_who_may_speak_for_whom() -> None:
    """LTI-115. Red with ``endswith`` in place of equality of hosts."""
    speaks = families.may_speak_for
    assert speaks("https://lms.example.org", "https://lms.example.org/x")
    assert speaks("https://lms.example.org/sub", "https://LMS.example.org/x")
    assert speaks("https://canvas.instructure.com", "https://sso.canvaslms.com/api/lti/security/openid-configuration")
    assert speaks("https://blackboard.com", "https://developer.blackboard.com/x")
    assert not speaks("https://lms.example.org", "https://evil-lms.example.org/x")
    assert not speaks("https://lms.example.org", "https://lms.example.org:8443/x")
    assert not speaks("https://canvas.instructure.com", "https://canvas.instructure.com.evil.example/x")
    assert not speaks("https://canvas.instructure.com", "https://sso.beta.canvaslms.com/x")


def test_seconds_for_an_administrator_are_bounded() -> None:
    assert registration.SECONDS <= 10


@pytest.mark.one_database
def test_placements_with_canvas_prefix_are_understood_too() -> None:
    """Red without the prefixed names in ``_offered_placements``."""
    prefixed = "https://canvas.instructure.com/lti/link_selection"
    offered = {"messages_supported": [{"type": vocabulary.DEEP_LINKING_REQUEST, "placements": [prefixed, "other"]}]}
    assert configuration._offered_placements(offered) == [prefixed]
