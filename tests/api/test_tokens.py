"""Getting and using access tokens (RFC 6749, RFC 6750)."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import Client

from framework.settings import Settings
from framework.store import clients
from framework.store.clients import NewClient
from framework.store.sessions import Store, now
from framework.store.tables import ApiClient
from tests.api.conftest import Reader, ask_token

Make = Callable[..., NewClient]


def basic(client_id: str, secret: str) -> dict[str, str]:
    text = base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def test_token_in_the_form(web: Client, new_client: Make) -> None:
    """client_secret_post: the token says how long it lasts and what it allows, and nobody may keep the answer."""
    response = ask_token(web, new_client(scopes=("progress.read",)))
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["token_type"] == "Bearer"
    assert response.json["expires_in"] == 900
    assert response.json["scope"] == "progress.read"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"


def test_token_by_http_basic(web: Client, new_client: Make) -> None:
    """client_secret_basic, the way every server must offer."""
    made = new_client()
    headers = basic(made.client.client_id, made.secret)
    response = web.post("/api/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert response.status_code == 200


def test_scopes_are_those_asked_for_and_granted(web: Client, new_client: Make) -> None:
    made = new_client(scopes=("progress.read",))
    response = ask_token(web, made, scope="progress.read changes.read something.else")
    assert response.json is not None
    assert response.json["scope"] == "progress.read"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "lqf_wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "cli_aaaaaaaaaaaaaaaaaaaaaaaaaa"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "cli_\x00"}, 401, "invalid_client"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, 400, "invalid_request"),
        ({"scope": "changes.read"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
    ],
)
def test_refused_token(web: Client, new_client: Make, changes: dict[str, Any], status: int, error: str) -> None:
    """Errors are RFC 6749's, and say nothing about which half of the credentials was wrong."""
    response = ask_token(web, new_client(scopes=("progress.read",)), **changes)
    assert response.status_code == status
    assert response.json is not None
    assert response.json["error"] == error
    assert response.json["error_description"]
    assert "access_token" not in response.json
    assert response.headers["Cache-Control"] == "no-store"


def test_wrong_secret_by_http_basic_is_challenged(web: Client, new_client: Make) -> None:
    headers = basic(new_client().client.client_id, "lqf_wrong")
    response = web.post("/api/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Bearer abc", "Basic " + base64.b64encode(b"\xff").decode()])
def test_broken_authorization_header_is_refused(web: Client, header: str) -> None:
    data = {"grant_type": "client_credentials"}
    response = web.post("/api/oauth/token", data=data, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.json is not None and response.json["error"] == "invalid_client"


def test_two_ways_at_once_are_refused(web: Client, new_client: Make) -> None:
    made = new_client()
    form = {"grant_type": "client_credentials", "client_id": made.client.client_id, "client_secret": made.secret}
    response = web.post("/api/oauth/token", data=form, headers=basic(made.client.client_id, made.secret))
    assert response.json is not None and response.json["error"] == "invalid_request"


def test_credentials_are_read_from_the_body_alone(web: Client, new_client: Make) -> None:
    """Addresses end up in logs, JSON is not the form that RFC 6749 names."""
    made = new_client()
    form = {"grant_type": "client_credentials", "client_id": made.client.client_id, "client_secret": made.secret}
    in_the_address = web.post("/api/oauth/token", query_string=form)
    as_json = web.post("/api/oauth/token", json=form)
    for response in (in_the_address, as_json):
        assert response.status_code == 400
        assert response.json is not None and response.json["error"] == "invalid_request"


def test_both_secrets_work_while_one_is_being_replaced(store: Store, web: Client, new_client: Make) -> None:
    """Given a client with an old and a new secret, both give tokens; without the old one it gives none."""
    old, new = new_client(), new_client()
    with store.directory() as session:
        row = session.get_one(ApiClient, old.client.id)
        row.secret_hash, row.other_secret_hash = new.client.secret_hash, row.secret_hash
    assert ask_token(web, old).status_code == 200
    assert ask_token(web, old, client_secret=new.secret).status_code == 200
    with store.directory() as session:
        session.get_one(ApiClient, old.client.id).other_secret_hash = None
    assert ask_token(web, old).status_code == 401


def test_secret_is_kept_nowhere(store: Store, new_client: Make) -> None:
    made = new_client()
    with store.directory_reading() as session:
        row = session.execute(sa.text("SELECT * FROM api_client")).one()
    assert not any(made.secret in str(value) or made.secret.removeprefix("lqf_") in str(value) for value in row)


def test_revoked_client_loses_its_tokens_at_once(store: Store, web: Client, reader: Reader) -> None:
    """Given a token that works, when its client is revoked, then the very next call is refused, and so is a new one."""
    assert reader.get("/v1/progress").status_code == 200
    with store.directory() as session:
        clients.revoke(session, reader.client.client.client_id)
    response = reader.get("/v1/progress")
    assert response.status_code == 401
    assert response.json is not None and response.json["code"] == "token_invalid"
    assert ask_token(web, reader.client).status_code == 401


def test_raised_epoch_ends_tokens_but_not_the_client(store: Store, web: Client, reader: Reader) -> None:
    with store.directory() as session:
        session.get_one(ApiClient, reader.client.client.id).token_epoch += 1
    assert reader.get("/v1/progress").status_code == 401
    assert ask_token(web, reader.client).status_code == 200


def test_scope_taken_away_is_gone_from_tokens_at_once(store: Store, reader: Reader) -> None:
    with store.directory() as session:
        session.get_one(ApiClient, reader.client.client.id).scopes = ["changes.read"]
    assert reader.get("/v1/progress").status_code == 403
    assert reader.get("/v1/changes").status_code == 200


def test_token_ends_after_fifteen_minutes(reader: Reader) -> None:
    with time_machine.travel(now() + timedelta(minutes=14, seconds=55)):
        assert reader.get("/v1/progress").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1)):
        response = reader.get("/v1/progress")
    assert response.status_code == 401
    assert response.json is not None
    assert response.json["detail"] == "The token has expired."
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_token_without_the_scope(new_reader: Callable[..., Reader]) -> None:
    response = new_reader(scopes=("changes.read",)).get("/v1/progress")
    assert response.status_code == 403
    assert response.json is not None and response.json["code"] == "scope_missing"
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]
    assert 'scope="progress.read"' in response.headers["WWW-Authenticate"]


def test_call_without_token_is_told_no_error_code(web: Client) -> None:
    """RFC 6750 section 3.1: who brings no credentials is told only that they are needed."""
    response = web.get("/api/v1/progress")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="lqf"'


@pytest.mark.parametrize("change", ["", "x", "."])
def test_changed_token_is_refused(web: Client, reader: Reader, change: str) -> None:
    body, _, signature = reader.token.partition(".")
    token = f"{body}{change}.{signature[::-1]}"
    response = web.get("/api/v1/progress", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


def test_cursor_is_not_a_token_and_other_installations_tokens_are_refused(
    store: Store, web: Client, reader: Reader, settings: Callable[..., Settings]
) -> None:
    """Each kind of signed text has a key of its own, derived from LQF_SECRET_KEY."""
    from api.door import make

    other = make(settings(secret_key="another installation's secret, long enough"), store)
    payload = {"c": reader.client.client.id.hex, "t": 1, "s": ["progress.read"], "e": 0}
    forged = other.tokens.seal(payload, 900)
    crossed = make(settings(), store).cursors.seal(payload, 900)
    good = make(settings(), store).tokens.seal(payload, 900)
    codes = [
        web.get("/api/v1/progress", headers={"Authorization": f"Bearer {token}"}).status_code
        for token in (forged, crossed, good)
    ]
    assert codes == [401, 401, 200]
