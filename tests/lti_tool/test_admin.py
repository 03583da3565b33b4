"""The administrator's pages: behind a single-use link, each customer's alone, and what they change works at once."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from werkzeug.test import TestResponse

from framework.store import invites, platforms
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import Audit, Deployment, Invite, Platform, Visit
from tests.lti_tool import platform
from tests.lti_tool.platform import TOOL, browser, claims, enter, launch, log_in, sign
from workers import vocabulary as v
from workers.enqueue import CHECK_PLATFORM, QUEUE


@pytest.fixture
def link(store: Store) -> Callable[..., str]:
    """``link(tenant_id)``: an administrator link's token."""

    def make(tenant_id: int = INSTALLATION) -> str:
        with store.directory() as session:
            return invites.create(session, invites.ADMINISTER, tenant_id=tenant_id, at=now())

    return make


def opens(app: Flask, token: str, origin: str | None = TOOL) -> tuple[FlaskClient, TestResponse]:
    """Press the button behind a link."""
    client = app.test_client()
    headers = {"Origin": origin} if origin else {}
    return client, client.post("/admin/enter", data={"invite": token}, headers=headers)


def press(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, headers={"Origin": TOOL})


def button(page: str, step: str) -> str:
    """Where the first button of a kind posts."""
    found = re.search(rf'action="([^"]*/{step})"', page)
    assert found, f"no button {step}"
    return found[1]


def test_a_link_opens_the_pages_once(app: Flask, link: Callable[..., str]) -> None:
    """Red without ``invites.use`` in ``entered`` (find alone lets it open twice)."""
    token = link()
    client, opened = opens(app, token)
    assert opened.status_code == 303
    assert client.get("/admin/").status_code == 200
    _, again = opens(app, token)
    assert (again.status_code, "has been used" in again.text) == (403, True)


def test_looking_at_the_link_does_not_use_it(app: Flask, link: Callable[..., str]) -> None:
    """A mail program looks at links. Red with ``invites.use`` in ``enter``."""
    token = link()
    assert app.test_client().get(f"/admin/enter?invite={token}").status_code == 200
    assert opens(app, token)[1].status_code == 303


def test_without_the_link_nothing_is_shown_or_done(app: Flask, store: Store, link: Callable[..., str]) -> None:
    """Red without ``_administrator()`` in any of the views."""
    with store.directory_reading() as session:
        row = session.scalars(sa.select(Platform.id)).one()
        deployed = session.scalars(sa.select(Deployment.id)).one()
    stranger = app.test_client()
    assert stranger.get("/admin/").status_code == 403
    for path in (f"platform/{row}/disable", f"platform/{row}/check", f"deployment/{deployed}/disable"):
        assert press(stranger, f"/admin/{path}").status_code == 403
    stranger.set_cookie("lqf_admin", "forged.a.b", path="/admin")
    assert stranger.get("/admin/").status_code == 403
    with store.directory_reading() as session:
        assert session.get_one(Platform, row).state == session.get_one(Deployment, deployed).state == "active"


def test_the_cookie_and_the_page_are_kept_close(app: Flask, link: Callable[..., str]) -> None:
    """Red without ``g.frame_ancestors``."""
    client, opened = opens(app, link())
    cookie = opened.headers["Set-Cookie"]
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/admin"))
    page = client.get("/admin/")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", [None, "https://evil.example.org", "null"])
def test_only_this_tools_own_pages_may_post(app: Flask, link: Callable[..., str], origin: str | None) -> None:
    """Red without the check of Origin in ``_protect``."""
    assert opens(app, link(), origin)[1].status_code == 403


def test_the_pages_close_after_eight_hours_and_with_the_links_row(
    app: Flask, store: Store, link: Callable[..., str]
) -> None:
    """Red without ``now() - LIFETIME`` together with ``max_age``; the row: without ``used_since``."""
    client, _ = opens(app, link())
    with time_machine.travel(now() + timedelta(hours=8, minutes=1)):
        assert client.get("/admin/").status_code == 403
    assert client.get("/admin/").status_code == 200
    with store.directory() as session:
        session.execute(sa.delete(Invite))
    assert client.get("/admin/").status_code == 403


@pytest.mark.lti("LTI-42", "LTI-117", "LTI-127")
def test_a_launch_of_an_unknown_deployment_waits_and_works_once_it_is_approved(
    app: Flask, store: Store, link: Callable[..., str]
) -> None:
    """LTI-42, LTI-117, LTI-127. Red without ``approvals.note_deployment`` in ``launch._deployment``."""
    unknown = {v.DEPLOYMENT_ID: "a-second-one"}
    login = log_in(browser(app))
    refused = launch(login, sign(claims(login.nonce, **unknown)))
    assert (refused.status_code, "deployment_unknown" in refused.text) == (403, True)

    client, _ = opens(app, link())
    page = client.get("/admin/").text
    assert "a-second-one" in page and "1 connection waits for approval." in page
    assert "deployment_unknown" in page, "the refused launch is on the list, with who it came from"
    assert f"issuer {platform.ISSUER}; client id {platform.CLIENT_ID}" in page
    assert press(client, button(page, "approve")).status_code == 303

    enter(app, **unknown)
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 1
    assert "wait" not in client.get("/admin/").text.split("</h1>")[1].split("</p>")[0]


def test_a_forged_launch_makes_no_deployment(app: Flask, store: Store) -> None:
    """Only a verified message is believed. Red with ``note_deployment`` before ``message.verify``."""
    login = log_in(browser(app))
    launch(login, sign(claims(login.nonce, **{v.DEPLOYMENT_ID: "made-up"}), platform.Key()))
    with store.directory_reading() as session:
        assert [row.lti_deployment_id for row in session.scalars(sa.select(Deployment))] == [platform.DEPLOYMENT]


@pytest.mark.lti("LTI-62")
@pytest.mark.parametrize("kind", ["platform", "deployment"])
def test_disabling_ends_launches_and_open_pages_at_once(
    app: Flask, store: Store, link: Callable[..., str], kind: str
) -> None:
    """LTI-62. Red without ``row.state = state`` in ``approvals.set_state``."""
    learner, path = enter(app)
    assert learner.get(path, follow_redirects=True).status_code == 200
    client, _ = opens(app, link())
    with store.directory_reading() as session:
        table = Platform if kind == "platform" else Deployment
        row = session.scalars(sa.select(table.id)).one()
    assert press(client, f"/admin/{kind}/{row}/disable").status_code == 303
    assert learner.get(path).status_code == 403
    login = log_in(browser(app))
    if kind == "deployment":
        assert launch(login, sign(claims(login.nonce))).status_code == 403
    else:
        assert login.response.status_code == 403
    press(client, f"/admin/{kind}/{row}/approve")
    enter(app)
    with store.reading(1) as session:
        actions = session.scalars(sa.select(Audit.action).where(Audit.actor.startswith("administrator:"))).all()
    assert sorted(actions) == [f"{kind}.approved", f"{kind}.disabled"]


def test_a_customers_administrator_sees_and_changes_their_own_alone(
    app: Flask, store: Store, link: Callable[..., str]
) -> None:
    """Red without ``here.tenant_id not in (INSTALLATION, row.tenant_id)`` and without ``seen`` in the overview."""
    with store.directory() as session:
        other = platforms.add_tenant(session, "other", "Other").id
        session.flush()
    platform.connect(store, issuer="https://other.example.org", client_id="other-client", tenant_id=other)
    with store.directory_reading() as session:
        theirs = session.scalars(sa.select(Platform.id).where(Platform.tenant_id == other)).one()
        deployed = session.scalars(sa.select(Deployment.id).where(Deployment.tenant_id == other)).one()

    client, _ = opens(app, link(1))
    page = client.get("/admin/").text
    assert platform.CLIENT_ID in page and "other-client" not in page
    assert "Refused launches" not in page, "they belong to no customer"
    for path in (f"platform/{theirs}/disable", f"platform/{theirs}/check", f"deployment/{deployed}/disable"):
        assert press(client, f"/admin/{path}").status_code == 404
    with store.directory_reading() as session:
        assert session.get_one(Platform, theirs).state == "active"
    everything = opens(app, link())[0].get("/admin/").text
    assert platform.CLIENT_ID in everything and "other-client" in everything


def test_last_launch_is_shown(app: Flask, link: Callable[..., str]) -> None:
    """Red without ``launched`` in ``overview.facts``."""
    client, _ = opens(app, link())
    assert client.get("/admin/").text.count("None yet") == 2
    enter(app)
    assert client.get("/admin/").text.count("None yet") == 1


@pytest.mark.lti("LTI-65")
def test_a_check_is_asked_for_and_the_page_says_so(app: Flask, store: Store, link: Callable[..., str]) -> None:
    """A worker does it. Red without ``parts.bell().check_platform(row_id)``."""
    client, _ = opens(app, link())
    answer = press(client, button(client.get("/admin/").text, "check"))
    assert "The check has begun" in client.get(answer.headers["Location"]).text
    with store.directory_reading() as session:
        row = session.scalars(sa.select(Platform.id)).one()
    redis = Redis.from_url(app.config["LQF"].redis)
    [job] = Queue(QUEUE, connection=redis, serializer=JSONSerializer).jobs
    assert (job.func_name, job.kwargs) == (CHECK_PLATFORM, {"platform_id": str(row)})
    redis.close()
    with store.directory() as session:
        session.get_one(Platform, row).checked = {"Clock": {"result": "failed", "said": "Five minutes behind."}}
    assert "Five minutes behind." in client.get("/admin/").text
