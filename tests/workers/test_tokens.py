"""Access tokens: one request however many want one, kept for as long as they last, never seen."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from redis import Redis

from framework.settings import Settings
from framework.store.sessions import Store
from framework.store.tables import Platform, ToolKey
from tests import builders, servers
from tests.workers.conftest import SECRET, RawServer, read_request, response
from workers import tokens as module
from workers.outgoing import Outgoing
from workers.service_calls import NotGranted, ServiceCalls
from workers.tokens import NoToken, Tokens
from workers.turns import Turns

pytestmark = pytest.mark.parametrize("kind_of_database", ["sqlite"], scope="session")
ROOT = Path(__file__).parents[2]
SCOPES = ("https://example.org/b", "https://example.org/a")


class TokenEndpoint:
    """Answers as told and remembers what it was asked."""

    def __init__(self, serve: Callable[..., RawServer]) -> None:
        self.requests: list[dict[str, str]] = []
        self.body: bytes = b""
        self.status = "200 OK"
        self.headers = ""
        self.delay = 0.0
        self.port = serve(self.talk).port

    def talk(self, connection: Any) -> None:
        while True:
            _, _, form = read_request(connection).partition(b"\r\n\r\n")
            self.requests.append({name: values[0] for name, values in parse_qs(form.decode()).items()})
            time.sleep(self.delay)
            given = json.dumps({"access_token": f"token-{len(self.requests)}", "expires_in": 3600}).encode()
            connection.sendall(response(self.body or given, self.status, self.headers))


@pytest.fixture
def endpoint(serve: Callable[..., RawServer]) -> TokenEndpoint:
    return TokenEndpoint(serve)


@pytest.fixture
def platform(store: Store, endpoint: TokenEndpoint, tool_key: dict[str, Any]) -> Platform:
    with store.directory() as session:
        session.add(ToolKey(**tool_key))
        return builders.platform(session, root=f"http://127.0.0.1:{endpoint.port}", audience="https://aud.example.org")


@pytest.fixture
def make(settings: Callable[..., Settings], store: Store, outgoing: Outgoing) -> Callable[[], Tokens]:
    """``make()``: the tokens of one more process."""
    made = settings(secret_key=SECRET)

    def tokens() -> Tokens:
        redis = Redis.from_url(made.redis, retry=None, socket_connect_timeout=0.3, socket_timeout=1)
        return Tokens(made, store, outgoing, redis)

    return tokens


Make = Callable[[], Tokens]


@pytest.mark.lti("LTI-80")
def test_the_assertion_is_what_platforms_ask_for(
    make: Make, platform: Platform, endpoint: TokenEndpoint, tool_key: dict[str, Any]
) -> None:
    """LTI-80: iss and sub are the client, aud the registration's audience as one string, not from the future."""
    token = make().token(platform, SCOPES)
    assert token.value == "token-1"
    [form] = endpoint.requests
    assert form["grant_type"] == "client_credentials"
    assert form["scope"].split() == list(SCOPES)
    key = jwt.PyJWK(tool_key["public_jwk"])
    claims = jwt.decode(form["client_assertion"], key, algorithms=["RS256"], audience="https://aud.example.org")
    assert jwt.get_unverified_header(form["client_assertion"])["kid"] == tool_key["kid"]
    assert claims["iss"] == claims["sub"] == platform.client_id
    assert claims["aud"] == "https://aud.example.org"
    assert claims["iat"] <= time.time() - 3
    assert claims["exp"] - claims["iat"] <= 300


@pytest.mark.lti("LTI-80")
def test_a_token_is_kept_and_no_assertion_comes_twice(make: Make, platform: Platform, endpoint: TokenEndpoint) -> None:
    tokens = make()
    first = tokens.token(platform, SCOPES)
    assert tokens.token(platform, tuple(reversed(SCOPES))).value == first.value, "the order of scopes is no matter"
    tokens.drop(platform, SCOPES, first)
    assert tokens.token(platform, SCOPES).value == "token-2"
    ids = [jwt.decode(one["client_assertion"], options={"verify_signature": False})["jti"] for one in endpoint.requests]
    assert len(ids) == len(set(ids)) == 2


@pytest.mark.lti("LTI-82")
@pytest.mark.parametrize("is_redis_there", [True, False])
def test_fifty_threads_make_one_token_request(
    make: Make, platform: Platform, endpoint: TokenEndpoint, valkey: servers.Valkey, is_redis_there: bool
) -> None:
    endpoint.delay = 0.2
    if not is_redis_there:
        valkey.stop()
    tokens = make()
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(tokens.token(platform, SCOPES).value)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["token-1"] * 50
    assert len(endpoint.requests) == 1


@pytest.mark.lti("LTI-82")
@pytest.mark.parametrize("is_redis_there", [True, False])
def test_four_processes_make_one_token_request_for_each_set_of_scopes(
    settings: Callable[..., Settings],
    platform: Platform,
    endpoint: TokenEndpoint,
    valkey: servers.Valkey,
    is_redis_there: bool,
) -> None:
    """While Redis is away each process asks once. Red without ``self._share(name, token)`` in ``Tokens._alone``."""
    endpoint.delay = 0.2
    made = settings(secret_key=SECRET)
    if not is_redis_there:
        valkey.stop()
    environment = {
        "LQF_ENV": "development",
        "LQF_BASE_URL": made.base_url,
        "LQF_SECRET_KEY": SECRET,
        "LQF_DATABASE_URL": made.database,
        "LQF_REDIS_URL": made.redis,
        "LQF_DATA_DIR": str(made.data_dir),
    }
    command = [sys.executable, "-m", "tests.workers.token_process", "5", str(platform.id)]
    processes = [
        subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = [process.communicate("go\n", timeout=60)[0] for process in processes]
    assert said == ["2\n"] * 4, "two sets of scopes, two tokens, in each process"
    assert len(endpoint.requests) == (2 if is_redis_there else 8)


@pytest.mark.lti("LTI-82", "LTI-83")
def test_a_mass_of_refused_tokens_makes_one_new_request(
    make: Make, platform: Platform, endpoint: TokenEndpoint
) -> None:
    tokens = make()
    old = tokens.token(platform, SCOPES)

    def replace() -> None:
        tokens.drop(platform, SCOPES, old)
        assert tokens.token(platform, SCOPES).value == "token-2"

    threads = [threading.Thread(target=replace) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(endpoint.requests) == 2


@pytest.mark.lti("LTI-82")
def test_platforms_clients_and_scopes_have_tokens_of_their_own(
    make: Make, platform: Platform, store: Store, endpoint: TokenEndpoint
) -> None:
    with store.directory() as session:
        other = builders.platform(session, issuer=platform.issuer, client_id="client-2", token_url=platform.token_url)
    tokens = make()
    values = [tokens.token(one, scopes).value for one in (platform, other) for scopes in (SCOPES, SCOPES[:1])]
    other.token_url += "?elsewhere"
    values.append(tokens.token(other, SCOPES).value)
    assert len(set(values)) == 5


@pytest.mark.lti("LTI-82")
def test_what_redis_holds_is_sealed_and_ends_before_the_token(
    make: Make, platform: Platform, valkey: servers.Valkey
) -> None:
    make().token(platform, SCOPES)
    client = valkey.client()
    [name] = client.keys("lqf:token:*")
    assert b"token-1" not in (client.get(name) or b"")
    assert 3500 <= client.ttl(name) <= 3540
    client.set(name, b"nonsense")
    assert make().token(platform, SCOPES).value == "token-2", "what cannot be opened is as good as nothing"
    client.close()


ODD = [
    (b"<html>Please log in</html>", "200 OK", "no_token"),
    (b"", "302 Found", "not_authorised"),
    (b"[]", "200 OK", "no_token"),
    (b'{"access_token": 5}', "200 OK", "no_token"),
    (b'{"access_token": "a\\r\\nX: b"}', "200 OK", "no_token"),
    (b'{"access_token": "a", "token_type": "mac"}', "200 OK", "no_token"),
    (b'{"error": "invalid_client"}', "400 Bad Request", "not_authorised"),
    (b"", "401 Unauthorized", "not_authorised"),
    (b"<html>", "404 Not Found", "not_authorised"),
    (b"", "503 Busy", "no_token"),
]


@pytest.mark.lti("LTI-83", "LTI-84")
@pytest.mark.parametrize(("body", "status", "code"), ODD)
def test_no_token_has_a_reason_and_is_not_asked_for_again_at_once(
    make: Make, platform: Platform, endpoint: TokenEndpoint, body: bytes, status: str, code: str
) -> None:
    endpoint.body, endpoint.status = body or b" ", status
    tokens = make()
    for _ in range(3):
        with pytest.raises(NoToken) as caught:
            tokens.token(platform, SCOPES)
        assert caught.value.code == code
        assert caught.value.wait > 20
    assert len(endpoint.requests) == 1, "no hot loop"


def test_a_refusal_names_the_cause_and_what_to_look_at(make: Make, platform: Platform, endpoint: TokenEndpoint) -> None:
    endpoint.body, endpoint.status = b'{"error": "invalid_client"}', "400 Bad Request"
    with pytest.raises(NoToken, match=r"invalid_client.*/lti/jwks"):
        make().token(platform, SCOPES)


@pytest.mark.lti("LTI-84")
@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ('"3600"', 3500, 3541),
        ("null", 200, 241),
        ("", 200, 241),
        ('"soon"', 200, 241),
        ("-5", 200, 241),
        ("1e99", 86_000, 86_400),
        ("30", -31, 0),
    ],
)
def test_odd_lives_are_understood(
    make: Make, platform: Platform, endpoint: TokenEndpoint, said: str, least: float, most: float
) -> None:
    life = f', "expires_in": {said}' if said else ""
    endpoint.body = f'{{"access_token": "a"{life}}}'.encode()
    token = make().token(platform, SCOPES)
    assert least <= token.until - time.time() <= most


@pytest.mark.lti("LTI-81")
def test_fewer_scopes_than_asked_for_are_noticed(
    make: Make, platform: Platform, endpoint: TokenEndpoint, outgoing: Outgoing, valkey_url: str
) -> None:
    endpoint.body = b'{"access_token": "a", "expires_in": 3600, "scope": "https://example.org/a"}'
    tokens = make()
    assert tokens.token(platform, SCOPES).scopes == ("https://example.org/a",)
    with pytest.raises(NotGranted):  # before any call: nobody is there to hear it
        calls = ServiceCalls(outgoing, tokens, Turns(Redis.from_url(valkey_url)))
        calls.call(platform, SCOPES, SCOPES[:1], "GET", "http://127.0.0.1:9/")


@pytest.mark.lti("LTI-82")
def test_no_token_or_assertion_is_logged(
    make: Make, platform: Platform, endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = make().token(platform, SCOPES)
    assert token.value not in caplog.text
    assert token.value not in repr(token)
    assert endpoint.requests[0]["client_assertion"][:20] not in caplog.text


def test_a_new_signing_key_is_used_without_a_restart(
    make: Make, platform: Platform, endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEY_SECONDS", 0)
    tokens = make()
    tokens.drop(platform, SCOPES, tokens.token(platform, SCOPES))
    tokens.token(platform, SCOPES)
    assert len(endpoint.requests) == 2
