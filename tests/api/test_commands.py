"""``lqf client``, as an administrator types it."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from werkzeug.test import Client

from api.commands import client
from framework.settings import Settings
from framework.store.sessions import Store
from tests import builders

pytestmark = pytest.mark.one_database


@pytest.fixture
def lqf(database: str, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``lqf("list")``: the command with its words, on this test's database."""
    monkeypatch.setenv("LQF_ENV", "development")
    monkeypatch.setenv("LQF_BASE_URL", "http://localhost:8000")
    monkeypatch.setenv("LQF_SECRET_KEY", "a secret that only tests know, long enough")
    monkeypatch.setenv("LQF_DATABASE_URL", database)
    return lambda *words: CliRunner().invoke(client, words)


CREATE = ("create", "--tenant", "default", "--name", "Data warehouse", "--scope", "progress.read")


def made(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    name, secret = (line.split() for line in result.output.splitlines()[:2])
    return {name[0]: name[1], secret[0]: secret[1]}


def test_client_is_made_and_works(lqf: Callable[..., Result], web: Client) -> None:
    """What the command prints is what the token endpoint takes."""
    form = made(lqf(*CREATE)) | {"grant_type": "client_credentials"}
    response = web.post("/api/oauth/token", data=form)
    assert response.json is not None and response.json["scope"] == "progress.read"


def test_list_shows_clients_and_no_secrets(lqf: Callable[..., Result], store: Store) -> None:
    with store.directory() as session:
        builders.tenant(session, key="north")
    first = made(lqf(*CREATE))
    second = made(lqf("create", "--tenant", "north", "--name", "Portal", "--scope", "changes.read"))
    everything = lqf("list").output
    assert first["client_id"] in everything and second["client_id"] in everything
    assert "Data warehouse" in everything and "progress.read" in everything
    assert first["client_secret"] not in everything and "sha256" not in everything
    north = lqf("list", "--tenant", "north").output
    assert second["client_id"] in north and first["client_id"] not in north


def test_list_of_nothing_says_what_to_do(lqf: Callable[..., Result]) -> None:
    assert "lqf client create" in lqf("list").output


def test_revoked_client_gets_no_token(lqf: Callable[..., Result], web: Client) -> None:
    form = made(lqf(*CREATE)) | {"grant_type": "client_credentials"}
    result = lqf("revoke", form["client_id"])
    assert result.exit_code == 0 and "revoked" in result.output
    assert web.post("/api/oauth/token", data=form).status_code == 401
    assert "revoked 20" in lqf("list").output
    assert lqf("revoke", form["client_id"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create", "--tenant", "nobody", "--name", "x", "--scope", "progress.read"), "There is no tenant nobody"),
        (("create", "--tenant", "default", "--name", "x", "--scope", "everything"), "'everything' is not one of"),
        (("create", "--tenant", "default", "--name", "x"), "--scope"),
        (("revoke", "cli_unknown"), "There is no client cli_unknown"),
        (("list", "--tenant", "nobody"), "There is no tenant nobody"),
    ],
)
def test_mistake_is_told_in_a_line(lqf: Callable[..., Result], words: tuple[str, ...], told: str) -> None:
    result = lqf(*words)
    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output


def test_missing_setting_is_told_in_a_line(lqf: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LQF_SECRET_KEY")
    result = lqf("list")
    assert result.exit_code == 1
    assert result.output.count("\n") == 1 and "LQF_SECRET_KEY" in result.output


def test_database_that_is_away_or_empty_is_told_in_a_line(
    lqf: Callable[..., Result], empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LQF_DATABASE_URL", empty_database)
    assert lqf("list").output == "Error: The database is empty. Run `lqf migrate` first.\n"
    monkeypatch.setenv("LQF_DATABASE_URL", "postgresql://somebody@127.0.0.1:1/lqf")
    result = lqf("list")
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database cannot be used: ") and result.output.count("\n") == 1
