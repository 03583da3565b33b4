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

from framework.store import invites, platforms, service_hosts
from framework.store.columns import public_id
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import Audit, Deployment, Invite, Platform, Visit
from tests.lti_tool import platform
from tests.lti_tool.platform import TOOL, browser, claims, enter, launch, log_in, sign
from workers import vocabulary as v
from workers.enqueue import CHECK_PLATFORM, QUEUE, Bell


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


@pytest.mark.lti("LTI-65")
@pytest.mark.one_database
def test_a_check_that_no_worker_hears_of_is_said_to_wait(app: Flask, link: Callable[..., str]) -> None:
    """Redis is away. Red without ``return False`` in ``Bell._ring``."""
    app.extensions["bell"] = Bell("redis://127.0.0.1:9/0")
    client, _ = opens(app, link())
    answer = press(client, button(client.get("/admin/").text, "check"))
    assert "has to wait: Redis does not answer" in client.get(answer.headers["Location"]).text


@pytest.mark.lti("LTI-64")
def test_a_host_that_a_launch_named_is_refused_named_and_can_be_allowed(
    app: Flask, store: Store, link: Callable[..., str]
) -> None:
    """Red without ``_note_hosts`` in the launch; the wrong host: without ``host not in``."""
    url = "https://grades.example.net/members"
    enter(app, **{v.NAMES_AND_ROLES: {"context_memberships_url": url, "service_versions": ["2.0"]}})
    client, _ = opens(app, link())
    page = client.get("/admin/").text
    assert "Allow grades.example.net" in page
    where = button(page, "allow")
    headers = {"Origin": TOOL}
    assert client.post(where, data={"host": "evil.example.org"}, headers=headers).status_code == 404
    with store.directory_reading() as session:
        row = session.scalars(sa.select(Platform)).one()
        assert not service_hosts.is_allowed(row, url)
    assert client.post(where, data={"host": "grades.example.net"}, headers=headers).status_code == 303
    assert "Allow grades.example.net" not in client.get("/admin/").text
    with store.directory_reading() as session:
        row = session.scalars(sa.select(Platform)).one()
        assert service_hosts.is_allowed(row, "https://GRADES.example.net:8443/x")
        assert not service_hosts.is_allowed(row, "https://evil.grades.example.net/")


@pytest.mark.lti("LTI-64")
def test_a_launch_cannot_fill_the_row_with_hosts(app: Flask, store: Store) -> None:
    """Red without ``MOST_REFUSED``."""
    for number in range(3):
        with store.directory_reading() as session:
            row = session.scalars(sa.select(Platform)).one()
        with store.transaction(1) as session:
            service_hosts.note(session, row.id, [f"h{number}-{one}.example.net" for one in range(15)])
    with store.directory_reading() as session:
        assert len(session.scalars(sa.select(Platform)).one().refused_hosts or ()) == service_hosts.MOST_REFUSED


@pytest.mark.lti("LTI-04")
def test_the_login_address_of_one_registration_is_shown_where_two_share_an_issuer(
    app: Flask, store: Store, link: Callable[..., str]
) -> None:
    """Red without ``is_issuer_shared``; its use: a login that names no client id works there and nowhere else."""
    with store.directory_reading() as session:
        row = session.scalars(sa.select(Platform)).one()
    named = public_id("plt", row.id)
    own = f"{TOOL}/lti/login/{named}"
    client = app.test_client()
    assert own not in client.get(f"/lti/config?registration={named}").text
    platform.connect(store, client_id="another-customer", key=platform.Key())
    assert own in client.get(f"/lti/config?registration={named}").text
    assert own not in client.get("/lti/config").text
    administrator, _ = opens(app, link())
    assert f"/lti/config?registration={named}" in administrator.get("/admin/").text
    ask = {"iss": row.issuer, "login_hint": "x", "target_link_uri": f"{TOOL}/lti/launch"}
    assert client.post("/lti/login", data=ask).status_code == 400
    there = client.post(f"/lti/login/{named}", data=ask)
    assert there.status_code == 302 and f"client_id={row.client_id}" in there.headers["Location"]
