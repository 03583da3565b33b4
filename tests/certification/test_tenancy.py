"""Two clients of one issuer, two deployments of one client: nothing of one is ever the other's (E)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from framework.store import editions, platforms
from framework.store.sessions import Store, now
from framework.store.tables import Context, Deployment, Identity, Person, Platform, Visit
from tests import own_content
from tests.lti_tool import platform
from tests.lti_tool.platform import CLIENT_ID, DEPLOYMENT, ISSUER, KEY, Key, browser, claims, launch, log_in, sign
from workers import vocabulary as v


@dataclass
class Two:
    """Tenant 1 (``default``) has the usual client; tenant ``two`` has the second."""

    tenant_id: int
    second: Platform
    key: Key


@pytest.fixture
def two(app: Flask, store: Store) -> Two:
    """A second customer on the same issuer, with a client and a key of its own."""
    with store.directory() as session:
        tenant_id = platforms.add_tenant(session, "two", "Two").id
    with store.transaction(tenant_id) as session:
        editions.publish(session, own_content.document(), now=now())
    key = Key("key-2")
    return Two(tenant_id, platform.connect(store, client_id="second", tenant_id=tenant_id, key=key), key)


def people(store: Store, tenant_id: int) -> list[str | None]:
    with store.reading(tenant_id) as session:
        return list(session.scalars(sa.select(Person.name).order_by(Person.name)))


@pytest.mark.lti("LTI-60", "LTI-49")
def test_two_clients_of_one_issuer_share_nobody(app: Flask, store: Store, two: Two) -> None:
    # given the same user id, course id and link id in both
    first = log_in(browser(app))
    assert launch(first, sign(claims(first.nonce))).status_code == 303
    second = log_in(browser(app), client_id="second")
    body = claims(second.nonce, aud="second", name="Ben Other", **{v.ROLES: [platform.INSTRUCTOR]})
    assert launch(second, sign(body, two.key)).status_code == 303

    # then each tenant knows its own person alone
    assert people(store, 1) == ["Ann Example"]
    assert people(store, two.tenant_id) == ["Ben Other"]
    for tenant_id, name in ((1, "learner"), (two.tenant_id, "instructor")):
        with store.reading(tenant_id) as session:
            assert session.scalars(sa.select(Visit.role)).all() == [name]
            assert session.scalar(sa.select(sa.func.count()).select_from(Context)) == 1
            assert session.scalar(sa.select(sa.func.count()).select_from(Identity)) == 1


@pytest.mark.lti("LTI-60", "LTI-41")
def test_a_key_of_one_client_signs_nothing_for_the_other(app: Flask, store: Store, two: Two) -> None:
    """Red without ``_check_audience(body, ...)`` in ``lti_tool.message`` (the last case)."""
    # given both key sets in memory
    for client_id, key in ((CLIENT_ID, KEY), ("second", two.key)):
        login = log_in(browser(app), client_id=client_id)
        assert launch(login, sign(claims(login.nonce, aud=client_id), key)).status_code == 303
    # when one client's key signs for the other; the LMS is not there to be asked for more keys
    with store.directory() as session:
        for row in session.scalars(sa.select(Platform)):
            row.jwks_url = "http://127.0.0.1:9/jwks"
    for client_id, key in ((CLIENT_ID, two.key), ("second", KEY)):
        login = log_in(browser(app), client_id=client_id)
        response = launch(login, sign(claims(login.nonce, aud=client_id, sub="thief"), key))
        assert response.status_code == 400 and "key_unknown" in response.text
    # nor is a message for one client good in the other's login
    login = log_in(browser(app))
    response = launch(login, sign(claims(login.nonce, aud="second", azp="second")))
    assert response.status_code == 403 and "audience_mismatch" in response.text


@pytest.mark.lti("LTI-60", "LTI-26")
def test_a_visit_of_one_tenant_opens_nothing_in_the_other(app: Flask, two: Two) -> None:
    login = log_in(browser(app))
    path = launch(login, sign(claims(login.nonce))).headers["Location"]
    token = path.split("/")[2]
    cookie = login.browser.get_cookie(f"lqf_{token}", path=path.rstrip("/"))
    assert cookie is not None
    moved = f"{two.tenant_id}-{cookie.value.partition('-')[2]}"
    stranger = browser(app)
    stranger.set_cookie(f"lqf_{token}", moved, path=path.rstrip("/"))
    assert stranger.get(path).status_code == 403


@pytest.mark.lti("LTI-40")
def test_the_client_is_found_by_azp_and_not_by_the_first_audience(app: Flask, two: Two) -> None:
    login = log_in(browser(app))
    body = claims(login.nonce, aud=["second", CLIENT_ID], azp=CLIENT_ID)
    assert launch(login, sign(body)).status_code == 303


@pytest.mark.lti("LTI-61")
def test_two_deployments_of_one_client_are_two_tenants(app: Flask, store: Store, two: Two) -> None:
    with store.directory() as session:
        first = session.scalars(sa.select(Platform).where(Platform.client_id == CLIENT_ID)).one()
        platforms.add_deployment(session, first, "institution-2", tenant_id=two.tenant_id)
    for deployment, name in ((DEPLOYMENT, "Ann Example"), ("institution-2", "Ben Other")):
        login = log_in(browser(app))
        body = claims(login.nonce, name=name, **{v.DEPLOYMENT_ID: deployment})
        assert launch(login, sign(body)).status_code == 303
    assert people(store, 1) == ["Ann Example"]
    assert people(store, two.tenant_id) == ["Ben Other"]


@pytest.mark.lti("LTI-62", "LTI-03", "LTI-42")
@pytest.mark.parametrize("what", ["platform", "deployment"])
@pytest.mark.parametrize("state", ["disabled", "pending"])
def test_switching_off_stops_launches_and_visits_at_once(
    app: Flask, store: Store, count: Callable[[Any], int], what: str, state: str
) -> None:
    # given a learner at work and another half way through the sign-in
    at_work, half_way = log_in(browser(app)), log_in(browser(app))
    path = launch(at_work, sign(claims(at_work.nonce))).headers["Location"]
    # when an administrator switches it off
    with store.directory() as session:
        row: Any = session.scalars(sa.select(Platform if what == "platform" else Deployment)).one()
        row.state = state
    # then the page closes and nobody comes in
    assert at_work.browser.get(path).status_code == 403
    response = launch(half_way, sign(claims(half_way.nonce)))
    assert response.status_code == 403
    assert ("deployment_unknown" if what == "deployment" else "platform_unknown") in response.text
    assert count(Visit) == 1
    if what == "platform":
        assert log_in(browser(app)).response.status_code == 403


@pytest.mark.lti("LTI-63")
def test_a_beta_copy_of_the_lms_is_another_registration(app: Flask, store: Store) -> None:
    login = log_in(browser(app), iss="https://beta.lms.example.org")
    assert login.response.status_code == 403
    login = log_in(browser(app))
    response = launch(login, sign(claims(login.nonce, iss="https://beta.lms.example.org")))
    assert response.status_code == 403 and "issuer_mismatch" in response.text
    beta = platform.connect(store, issuer="https://beta.lms.example.org")
    login = log_in(browser(app), iss=beta.issuer)
    assert launch(login, sign(claims(login.nonce, iss=beta.issuer))).status_code == 303
    login = log_in(browser(app))
    assert launch(login, sign(claims(login.nonce))).status_code == 303
    with store.reading(1) as session:
        assert len(set(session.scalars(sa.select(Identity.platform_id)))) == 2
        assert beta.issuer != ISSUER
