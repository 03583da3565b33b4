"""A tool of a few lines for the demo LMS's own tests: a key pair, a key set over HTTP, honest requests.

Every request can be bent, so that a test shows what the LMS refuses.
"""

import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from tests.demo_lms.serving import QuietRequests

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SETTINGS = DL + "deep_linking_settings"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = tuple(AGS + name for name in ("lineitem", "lineitem.readonly", "result.readonly", "score"))
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


class Tool:
    """A key pair and where its public half is served."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = secrets.token_hex(4)
        self.fetches = 0
        self.choice: list[dict[str, Any]] = []

    @property
    def redirect_uri(self) -> str:
        return f"{self.url}/lti/launch"

    def key_set(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": self.kid, "alg": "RS256", "use": "sig"}]}

    def selection(self, request_claims: dict[str, Any], items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
        """The claims of an honest deep-linking response, changed as told (None leaves a claim out)."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": request_claims["aud"],
            "aud": request_claims["iss"],
            "iat": now - 5,
            "exp": now + 300,
            "nonce": secrets.token_hex(8),
            LTI + "deployment_id": request_claims[LTI + "deployment_id"],
            LTI + "message_type": "LtiDeepLinkingResponse",
            LTI + "version": "1.3.0",
            DL + "content_items": items,
        }
        if "data" in request_claims[SETTINGS]:
            claims[DL + "data"] = request_claims[SETTINGS]["data"]
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        """A JWT of the tool; None leaves a header out."""
        header = {"kid": self.kid} | headers
        header = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm="RS256", headers=header)


def application(tool: Tool) -> Flask:
    """The tool's pages: just enough for a browser to be launched into and to pick an activity."""
    app = Flask(__name__)

    @app.get("/lti/jwks")
    def jwks() -> ResponseReturnValue:
        tool.fetches += 1
        return tool.key_set()

    @app.post("/lti/login")
    def login() -> ResponseReturnValue:
        form = request.form
        query = {
            "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
            "client_id": form["client_id"], "redirect_uri": tool.redirect_uri, "login_hint": form["login_hint"],
            "lti_message_hint": form["lti_message_hint"], "state": "s", "nonce": secrets.token_hex(8),
        }  # fmt: skip
        return redirect(f"{form['iss']}/auth?{urlencode(query)}")

    @app.post("/lti/launch")
    def launch() -> ResponseReturnValue:
        claims = jwt.decode(request.form["id_token"], options={"verify_signature": False})
        settings = claims.get(SETTINGS)
        if settings is None:
            link = claims["https://purl.imsglobal.org/spec/lti/claim/resource_link"]
            return_url = claims["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"]["return_url"]
            lms = claims["iss"].rpartition("/")[0]
            return render_template_string(LAUNCHED, title=link["title"], return_url=return_url, lms=lms)
        answer = tool.sign(tool.selection(claims, tool.choice))
        return render_template_string(PICKER, action=settings["deep_link_return_url"], answer=answer)

    return app


LAUNCHED = """<!DOCTYPE html><h1>Working on {{ title }}</h1>
<a href="{{ return_url }}{{ '&' if '?' in return_url else '?' }}lti_msg=Well+%3Cb%3Edone%3C/b%3E">Back</a>
<script>
addEventListener("message", (event) => {
  document.body.dataset[event.data.subject.replace(/[^a-z]/g, "")] = JSON.stringify(event.data);
});
parent.postMessage({subject: "lti.capabilities", message_id: "1"}, "*");
parent.postMessage({subject: "lti.frameResize", height: 1234}, "*");
const storage = parent.frames["post_message_forwarding"];
if (storage) {
  storage.postMessage({subject: "lti.put_data", message_id: "2", key: "state", value: "secret"}, "{{ lms }}");
  storage.postMessage({subject: "lti.get_data", message_id: "3", key: "state"}, "{{ lms }}");
}
</script>"""
PICKER = """<!DOCTYPE html><h1>Choose</h1><form method="post" action="{{ action }}">
<input type="hidden" name="JWT" value="{{ answer }}"><button>Add to course</button></form>"""


@contextmanager
def served() -> Iterator[Tool]:
    """A tool on a site of its own (localhost), in a thread."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        tool = Tool(f"http://localhost:{listening.getsockname()[1]}")
        server = make_server(
            "127.0.0.1", 0, application(tool), threaded=True, request_handler=QuietRequests, fd=listening.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield tool
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class Form(HTMLParser):
    """The first form of a page: its action and its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.action = values.get("action") or ""
        if tag == "input" and values.get("name"):
            self.fields[values["name"] or ""] = values.get("value") or ""


class Side:
    """One platform as the tool and a browser meet it. ``lms`` is the LMS's root URL."""

    def __init__(self, tool: Tool, lms: str, platform: str) -> None:
        self.tool, self.lms, self.platform = tool, lms, platform
        registrations = requests.get(f"{lms}/-/registration", timeout=5).json()["platforms"]
        self.registration: dict[str, str] = next(one for one in registrations if one["family"] == platform)
        self.browser = requests.Session()
        self._bearer: dict[tuple[str, ...], str] = {}

    def door(self, name: str, **body: Any) -> Any:
        """POST to a test door; the answer must be a success."""
        answer = self.browser.post(f"{self.lms}/-/{name}", json={"platform": self.platform} | body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def state(self) -> dict[str, Any]:
        """The platform's part of the LMS's state."""
        found: dict[str, Any] = requests.get(f"{self.lms}/-/state", timeout=5).json()[self.platform]
        return found

    @property
    def line_items_url(self) -> str:
        """The AGS container of the course."""
        return str(self.state()["course"]["line_items_url"])

    @property
    def memberships_url(self) -> str:
        """The NRPS roster of the course."""
        return str(self.state()["course"]["memberships_url"])

    def enter(self, person: str) -> "Side":
        """Sign in."""
        self.door("session", person=person)
        return self

    def initiation(self, path: str) -> dict[str, str]:
        """The fields of the login initiation that a page of the LMS posts."""
        answer = self.browser.get(f"{self.lms}/{self.platform}/{path}", timeout=5)
        assert answer.ok, answer.text
        form = Form(answer.text)
        assert form.action == f"{self.tool.url}/lti/login"
        return form.fields

    def auth_query(self, initiation: dict[str, str], **changes: str | None) -> dict[str, str]:
        """The honest authentication request, changed as told (None leaves a parameter out)."""
        query: dict[str, str | None] = {
            "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
            "client_id": initiation["client_id"], "redirect_uri": self.tool.redirect_uri,
            "login_hint": initiation["login_hint"], "lti_message_hint": initiation["lti_message_hint"],
            "state": "state-" + secrets.token_hex(8), "nonce": "nonce-" + secrets.token_hex(8),
        }  # fmt: skip
        query |= changes
        return {name: value for name, value in query.items() if value is not None}

    def authenticate(self, query: dict[str, str]) -> requests.Response:
        """Send the browser to the authentication endpoint."""
        return self.browser.get(self.registration["auth_url"], params=query, timeout=5)

    def launch(self, path: str, **changes: str | None) -> dict[str, Any]:
        """The verified claims of a launch from a page of the LMS."""
        query = self.auth_query(self.initiation(path), **changes)
        form = Form(self.authenticate(query).text)
        assert form.action == self.tool.redirect_uri
        assert form.fields["state"] == query["state"]
        return self.verified(form.fields["id_token"])

    def verified(self, id_token: str) -> dict[str, Any]:
        """The claims of an id_token, checked with the platform's published keys."""
        keys = jwt.PyJWKClient(self.registration["jwks_url"]).get_signing_key_from_jwt(id_token)
        claims: dict[str, Any] = jwt.decode(
            id_token, keys.key, algorithms=["RS256"], audience=self.registration["client_id"]
        )
        return claims

    def assertion(self, **changes: Any) -> dict[str, Any]:
        """The claims of an honest client assertion, changed as told (None leaves a claim out)."""
        now = int(time.time())
        client_id = self.registration["client_id"]
        claims = {
            "iss": client_id, "sub": client_id, "aud": self.registration["token_url"], "iat": now - 5,
            "exp": now + 60, "jti": secrets.token_hex(16),
        }  # fmt: skip
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def ask_token(self, assertion: str, scopes: tuple[str, ...] = SCOPES, **changes: Any) -> requests.Response:
        """Ask the token endpoint with an honest form, changed as told."""
        fields: dict[str, Any] = {
            "grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion, "scope": " ".join(scopes),
        }  # fmt: skip
        return requests.post(self.registration["token_url"], data=fields | changes, timeout=5)

    def bearer(self, *scopes: str) -> dict[str, str]:
        """An Authorization header with these scopes (all AGS scopes by default)."""
        wanted = scopes or SCOPES
        if wanted not in self._bearer:
            answer = self.ask_token(self.tool.sign(self.assertion()), wanted)
            assert answer.ok, answer.text
            self._bearer[wanted] = json.loads(answer.text)["access_token"]
        return {"Authorization": f"Bearer {self._bearer[wanted]}"}

    def person_id(self, slug: str) -> str:
        """The ``sub`` of a person."""
        return next(str(one["lti_id"]) for one in self.state()["people"] if one["slug"] == slug)

    def score(self, line_item_url: str, user_id: str, **changes: Any) -> requests.Response:
        """Post a score of 1 of 1, changed as told (None leaves a member out)."""
        media_type = changes.pop("media_type", "application/vnd.ims.lis.v1.score+json")
        body: dict[str, Any] = {
            "userId": user_id, "scoreGiven": 1, "scoreMaximum": 1, "activityProgress": "Completed",
            "gradingProgress": "FullyGraded", "timestamp": now(),
        }  # fmt: skip
        body = {name: value for name, value in (body | changes).items() if value is not None}
        path, mark, query = line_item_url.partition("?")
        headers = self.bearer() | {"Content-Type": media_type}
        return requests.post(f"{path}/scores{mark}{query}", json.dumps(body), headers=headers, timeout=5)


def now(seconds: float = 0) -> str:
    """The time in so many seconds, as a score's timestamp."""
    moment = time.time() + seconds
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03d}+00:00"
