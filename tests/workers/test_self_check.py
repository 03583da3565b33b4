"""The self-check of a connection (LTI-65), against the demo LMS and against a server that is wrong on purpose."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import lqf
from framework.settings import Settings
from framework.store import platforms, service_hosts
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import Person, Platform
from tests import builders
from tests.workers.conftest import SECRET, RawServer, answering, response
from tests.workers.course import Lms
from workers import jobs, self_check
from workers.workshop import Workshop

KEYS = json.dumps({"keys": [{"kty": "RSA", "kid": "1"}]}).encode()


@pytest.fixture
def moodle(store: Store, lms: Lms) -> Platform:
    """The demo LMS's Moodle, connected."""
    known = lms.registration("moodle")
    deployment_id = known.pop("deployment_id")
    with store.directory() as session:
        added = platforms.add_platform(session, tenant_id=1, **known)
        platforms.add_deployment(session, added, deployment_id)
    return added


def check(shop: Workshop, platform: Platform) -> dict[str, tuple[str, str]]:
    found = self_check.check(shop.settings, shop.store, shop.outgoing, platform)
    return {name: (one["result"], one["said"]) for name, one in found.items()}


@pytest.mark.lti("LTI-65")
def test_a_connection_that_works(shop: Workshop, moodle: Platform) -> None:
    """Red with any one of the four parts of ``check`` left out."""
    found = check(shop, moodle)
    works = ("Keys", "Clock", "Access", "Grades", "Learners of a course")
    assert {name: found[name][0] for name in works} == dict.fromkeys(works, "ok"), found
    assert found["Last launch"] == ("warning", "Nobody has launched yet.")
    assert found["Last grade"] == ("warning", "No grade has arrived yet.")
    with shop.store.directory_reading() as session:
        row = session.get_one(Platform, moodle.id)
    assert row.checked_at is not None and row.checked is not None and set(row.checked) == set(found)


@pytest.mark.lti("LTI-65")
def test_each_check_asks_the_lms_for_a_token_anew(shop: Workshop, moodle: Platform) -> None:
    """A kept token proves nothing about today. Red without ``tokens.drop``."""
    assert check(shop, moodle)["Access"][0] == "ok"
    moodle.audience = "https://somebody-else.example.org"  # the name of a kept token does not hold it
    assert check(shop, moodle)["Access"][0] == "failed"


@pytest.mark.lti("LTI-65")
def test_keys_that_cannot_be_read(shop: Workshop, moodle: Platform, serve: Callable[..., RawServer]) -> None:
    moodle.jwks_url = "http://127.0.0.1:9/jwks"
    assert check(shop, moodle)["Keys"][0] == "failed"
    moodle.jwks_url = f"http://127.0.0.1:{serve(answering(response(b'<html>'))).port}/jwks"
    assert "no RSA key" in check(shop, moodle)["Keys"][1] or "cannot be read" in check(shop, moodle)["Keys"][1]


@pytest.mark.lti("LTI-65")
@pytest.mark.parametrize(("ahead", "result"), [(2, "ok"), (30, "warning"), (-30, "warning"), (300, "failed")])
def test_clocks_that_differ(
    shop: Workshop, moodle: Platform, serve: Callable[..., RawServer], ahead: int, result: str
) -> None:
    """Red without ``abs(seconds) <= 60``."""
    date = format_datetime((now() + timedelta(seconds=ahead)).replace(microsecond=0), usegmt=True)
    answer = response(KEYS, "200 OK", f"Date: {date}\r\n")
    moodle.jwks_url = f"http://127.0.0.1:{serve(answering(answer)).port}/jwks"
    found = check(shop, moodle)
    assert found["Keys"][0] == "ok"
    assert found["Clock"][0] == result, found["Clock"]


@pytest.mark.lti("LTI-65", "LTI-81")
def test_scopes_that_are_not_granted_are_named_with_the_place_of_their_switch(
    shop: Workshop, moodle: Platform, serve: Callable[..., RawServer]
) -> None:
    """Red with ``{scope}`` alone in place of ``{scope} & set(...)``."""
    token = json.dumps({"access_token": "t", "expires_in": 3600, "scope": "openid"}).encode()
    moodle.token_url = f"http://127.0.0.1:{serve(answering(*[response(token)] * len(self_check.SCOPES))).port}/token"
    found = check(shop, moodle)
    assert found["Access"][0] == "ok"
    assert found["Grades"][0] == "failed" and "grade sync" in found["Grades"][1]
    assert found["Learners of a course"][0] == "warning"


@pytest.mark.lti("LTI-65")
def test_what_the_privacy_setting_costs(shop: Workshop, store: Store) -> None:
    """Red without ``names`` in ``_history``."""
    placed = builders.placement(store, root="http://127.0.0.1:9")
    assert check(shop, placed.platform)["Names"][0] == "ok"
    with store.transaction(1) as session:
        session.scalars(sa.select(Person)).one().name = None
    result, said = check(shop, placed.platform)["Names"]
    assert result == "warning" and "Name not shared by the LMS" in said and "Privacy" in said


@pytest.mark.lti("LTI-65")
def test_the_job_keeps_what_it_finds(shop: Workshop, moodle: Platform) -> None:
    jobs.check_platform(str(moodle.id))
    with shop.store.directory_reading() as session:
        assert session.get_one(Platform, moodle.id).checked is not None


@pytest.mark.lti("LTI-65")
def test_the_command_says_it_and_fails_when_the_connection_does(
    shop: Workshop, moodle: Platform, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red without ``raise SystemExit(1)``."""
    made = settings()
    for name in ("env", "base_url", "database_url", "redis_url"):
        monkeypatch.setenv(f"LQF_{name.upper()}", str(getattr(made, name)))
    monkeypatch.setenv("LQF_SECRET_KEY", SECRET)
    result = CliRunner().invoke(lqf.commands, ["platform", "check", moodle.name], catch_exceptions=False)
    assert (result.exit_code, "ok       Keys:" in result.output) == (0, True), result.output
    with shop.store.directory() as session:
        session.get_one(Platform, moodle.id).jwks_url = "http://127.0.0.1:9/jwks"
    result = CliRunner().invoke(lqf.commands, ["platform", "check", moodle.name], catch_exceptions=False)
    assert result.exit_code == 1 and "failed   Keys:" in result.output


@pytest.mark.lti("LTI-65", "LTI-81")
@pytest.mark.parametrize("family", ["moodle", "canvas"])
def test_the_one_scope_that_is_missing_is_named(shop: Workshop, store: Store, lms: Lms, family: str) -> None:
    """Canvas refuses all scopes that are asked for together when one is not allowed.

    Red with ``(scope,)`` replaced by ``SCOPES`` in ``_services``.
    """
    known = lms.registration(family)
    known.pop("deployment_id")
    with store.directory() as session:
        added = platforms.add_platform(session, tenant_id=1, **known)
    lms.door("settings", {"platform": family, "line_item_scope": False})
    result, said = check(shop, added)["Grades"]
    assert result == "warning" and said.startswith("Missing: making columns (lineitem). Grades go"), said
    lms.door("settings", {"platform": family, "line_item_scope": True, "roster_service": False})
    found = check(shop, added)
    assert found["Grades"][0] == "ok", found["Grades"]
    assert found["Learners of a course"][0] == "warning"


@pytest.mark.lti("LTI-64", "LTI-65")
def test_hosts_that_launches_named_are_shown_with_the_command(shop: Workshop, store: Store, moodle: Platform) -> None:
    """Red without ``_hosts`` in ``check``."""
    with store.transaction(1) as session:
        service_hosts.note(session, moodle.id, ["grades.example.net"])
    with store.directory_reading() as session:
        result, said = check(shop, session.get_one(Platform, moodle.id))["Hosts"]
    assert result == "failed" and f"allow-host {public_id('plt', moodle.id)} grades.example.net" in said


@pytest.mark.lti("LTI-65")
@pytest.mark.one_database
def test_the_check_works_without_redis(shop: Workshop, moodle: Platform) -> None:
    """The command does not need Redis; the page says that it has to wait. Red with redis-py's own retries."""
    shop.settings = shop.settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0"})
    began = time.monotonic()
    assert check(shop, moodle)["Access"][0] == "ok"
    assert time.monotonic() - began < 5
