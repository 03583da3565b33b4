"""Rotation of this tool's key (D), seen from an LMS: content selection and access tokens at every stage."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import sqlalchemy as sa
from flask import Flask
from redis import Redis

from framework.settings import Settings
from framework.store import tool_keys
from framework.store.sessions import Store, now
from framework.store.tables import Platform
from tests.lti_tool.platform import CLIENT_ID, TOOL, browser, deep_linking, launch, log_in, sign
from workers import vocabulary
from workers.outgoing import Outgoing
from workers.tokens import Tokens

DAY = timedelta(hours=25)


class Lms:
    """A token endpoint that verifies each assertion with the tool's key set, read anew as Canvas does."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.kids: list[str] = []
        lms = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                try:
                    lms.verify(form["client_assertion"][0], f"{lms.url}/token")
                    status, said = 200, {"access_token": f"token-{len(lms.kids)}", "expires_in": 3600}
                except (jwt.PyJWTError, KeyError) as error:
                    status, said = 400, {"error": type(error).__name__}
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()

    def verify(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of something the tool has signed. Raises KeyError for a key that is not published."""
        published = {one["kid"]: one for one in self.app.test_client().get("/lti/jwks").get_json()["keys"]}
        kid = jwt.get_unverified_header(token)["kid"]
        claims: dict[str, Any] = jwt.decode(
            token, jwt.PyJWK(published[kid]).key, algorithms=["RS256"], audience=audience, issuer=CLIENT_ID
        )
        self.kids.append(kid)
        return claims

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def lms(app: Flask, store: Store) -> Iterator[Lms]:
    made = Lms(app)
    with store.directory() as session:
        row = session.scalars(sa.select(Platform)).one()
        row.token_url = row.audience = f"{made.url}/token"
    yield made
    made.stop()


def picks(app: Flask, lms: Lms, store: Store) -> None:
    """A designer cancels the picker; the LMS verifies the signed answer."""
    login = log_in(browser(app))
    entered = launch(login, sign(deep_linking(login.nonce)))
    assert entered.status_code == 303, entered.text
    page = login.browser.post(entered.headers["Location"] + "pick/cancel", headers={"Origin": TOOL})
    found = page.text.split('name="JWT" value="')[1].split('"')[0]
    with store.directory_reading() as session:
        issuer = session.scalars(sa.select(Platform.issuer)).one()
    assert lms.verify(found, issuer)[vocabulary.MESSAGE_TYPE] == vocabulary.DEEP_LINKING_RESPONSE


def gets_token(made: Settings, store: Store) -> None:
    """A worker process that has just started asks for a token."""
    outgoing = Outgoing(made)
    redis = Redis.from_url(made.redis)
    redis.flushall()
    with store.directory_reading() as session:
        platform = session.scalars(sa.select(Platform)).one()
    assert Tokens(made, store, outgoing, redis).token(platform, ("scope",)).value
    redis.close()
    outgoing.close()


@pytest.mark.lti("LTI-58")
def test_content_selection_and_tokens_work_at_every_stage(
    app: Flask, store: Store, lms: Lms, settings: Callable[..., Settings]
) -> None:
    """Red without ``waiting.state, waiting.activated_at = ACTIVE, at`` in ``tool_keys.rotate``."""
    made = settings()
    begun = now()
    for step in range(4):  # as it was; published; in use; the old one removed and a next one published
        if step:
            with store.directory() as session:
                tool_keys.rotate(session, made.secret_key.get_secret_value(), at=begun + step * DAY)
        picks(app, lms, store)
        gets_token(made, store)
    assert len(lms.kids) == 8
    assert len(set(lms.kids)) == 2, "the new key came into use, once"
    assert lms.kids[:4] == [lms.kids[0]] * 4 and lms.kids[4:] == [lms.kids[4]] * 4
