"""The platform's key set (D), served by a real HTTP server that counts and misbehaves."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from framework.store.sessions import Store
from framework.store.tables import Platform
from lti_tool import keys as platform_keys
from lti_tool.keys import PlatformKeys
from lti_tool.refusals import Refusal
from tests.lti_tool.platform import KEY, Key

pytestmark = pytest.mark.one_database  # key sets are fetched and read

HOUR = 3600


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up: here they are right to."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class KeyServer:
    """``document`` is served; ``way`` is ok, slow, html, 500, huge or redirect. ``asked`` keeps the User-Agents."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = {"keys": [KEY.jwk()]}
        self.way, self.asked = "ok", [""][:0]
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.asked.append(self.headers.get("User-Agent", ""))
                status, body, more = served.answer(self.path)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                return

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        good = json.dumps(self.document).encode()
        if self.way == "redirect" and path == "/jwks":
            return 302, b"", {"Location": f"{self.url}/elsewhere"}
        if self.way == "slow":
            time.sleep(8)
        ways = {"html": (200, b"<html>Log in</html>"), "500": (500, good), "huge": (200, b" " * 10_000_000 + good)}
        status, body = ways.get(self.way, (200, good))
        return status, body, {}


@pytest.fixture
def server() -> Iterator[KeyServer]:
    made = KeyServer()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def keys(app: Flask, store: Store, server: KeyServer) -> PlatformKeys:
    """The application's keys, with a platform whose set has never been fetched."""
    with store.directory() as session:
        row = session.scalars(sa.select(Platform)).one()
        row.jwks, row.jwks_at, row.jwks_url = None, None, f"{server.url}/jwks"
    found: PlatformKeys = app.extensions["keys"]
    return found


def row(store: Store) -> Platform:
    with store.directory_reading() as session:
        return session.scalars(sa.select(Platform)).one()


@pytest.mark.lti("LTI-53", "LTI-56")
def test_a_hundred_launches_fetch_once(keys: PlatformKeys, store: Store, server: KeyServer) -> None:
    """Red without ``with self._locks[platform.id]`` in ``lti_tool.keys``."""
    cold = row(store)  # a hundred launches that all saw the platform without keys
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: keys.key(cold, KEY.kid), range(100)))
    assert len(found) == 100
    assert len(server.asked) == 1
    assert server.asked[0].startswith("LQF ")


@pytest.mark.lti("LTI-54")
def test_a_new_key_is_fetched_once_and_the_first_fetch_does_not_start_the_wait(
    keys: PlatformKeys, store: Store, server: KeyServer
) -> None:
    keys.key(row(store), KEY.kid)
    server.document = {"keys": [Key("rotated").jwk()]}
    keys.key(row(store), "rotated")
    assert len(server.asked) == 2
    with pytest.raises(Refusal, match="key_unknown"):
        keys.key(row(store), KEY.kid)  # the old key has been withdrawn


@pytest.mark.lti("LTI-54")
def test_a_flood_of_made_up_keys_fetches_once_in_thirty_seconds(
    keys: PlatformKeys, store: Store, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red without ``is_due`` in ``lti_tool.keys.PlatformKeys._renewed``."""
    keys.key(row(store), KEY.kid)
    clock = time.monotonic()
    monkeypatch.setattr(platform_keys, "monotonic", lambda: clock)
    for number in range(50):
        with pytest.raises(Refusal, match="key_unknown"):
            keys.key(row(store), f"made-up-{number}")
    assert len(server.asked) == 2
    clock += 31
    with pytest.raises(Refusal, match="key_unknown"):
        keys.key(row(store), "made-up")
    assert len(server.asked) == 3
    assert keys.key(row(store), KEY.kid) is not None


@pytest.mark.lti("LTI-55")
@pytest.mark.parametrize("way", ["html", "500", "huge", "redirect", "slow"])
def test_a_key_set_that_misbehaves_is_refused_in_five_seconds(
    keys: PlatformKeys, store: Store, server: KeyServer, way: str
) -> None:
    server.way = way
    began = time.monotonic()
    with pytest.raises(Refusal, match="keys_unreachable"):
        keys.key(row(store), KEY.kid)
    assert time.monotonic() - began < 5 + 3  # three for a busy machine
    assert len(server.asked) == 1, "redirects are not followed"


@pytest.mark.lti("LTI-55")
def test_known_keys_serve_for_a_day_while_the_platform_is_down(
    keys: PlatformKeys, store: Store, server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red without ``_age(platform) >= STALE`` in ``lti_tool.keys``."""
    keys.key(row(store), KEY.kid)
    server.way = "500"
    at = time.time()
    with time_machine.travel(at + 23 * HOUR):
        assert keys.key(row(store), KEY.kid) is not None
    with time_machine.travel(at + 25 * HOUR), pytest.raises(Refusal, match="keys_unreachable"):
        keys.key(row(store), KEY.kid)


@pytest.mark.lti("LTI-55")
def test_a_withdrawn_key_ends_within_hours(keys: PlatformKeys, store: Store, server: KeyServer) -> None:
    keys.key(row(store), KEY.kid)
    server.document = {"keys": [Key("rotated").jwk()]}
    assert keys.key(row(store), KEY.kid) is not None
    with time_machine.travel(time.time() + 7 * HOUR), pytest.raises(Refusal, match="key_unknown"):
        keys.key(row(store), KEY.kid)


@pytest.mark.lti("LTI-32")
@pytest.mark.parametrize(
    ("changes", "is_usable"),
    [({"alg": None, "use": None}, True), ({"use": "enc"}, False), ({"alg": "RS512"}, False), ({"kty": "EC"}, False)],
)
def test_only_rsa_signing_keys_count(
    keys: PlatformKeys, store: Store, server: KeyServer, changes: dict[str, Any], is_usable: bool
) -> None:
    server.document = {"keys": [KEY.jwk(**changes), Key("good").jwk()]}
    if is_usable:
        assert keys.key(row(store), KEY.kid) is not None
        return
    with pytest.raises(Refusal, match="key_unknown"):
        keys.key(row(store), KEY.kid)
