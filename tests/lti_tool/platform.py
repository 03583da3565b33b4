"""A platform in the test's own process: its key, its tokens, and the browser that carries them."""

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from framework.store import platforms
from framework.store.sessions import Store, now
from framework.store.tables import Platform
from workers import vocabulary

ISSUER = "https://lms.example.org"
CLIENT_ID = "tool-at-lms"
DEPLOYMENT = "deployment-1"
LEARNER = f"{vocabulary.MEMBERSHIP}#Learner"
INSTRUCTOR = f"{vocabulary.MEMBERSHIP}#Instructor"
TOOL = "http://localhost:8000"
TARGET = f"{TOOL}/lti/launch"
PICKER_RETURN = "https://lms.example.org/picked?sesskey=abc"


@dataclass
class Key:
    """A key pair with its kid."""

    kid: str = "key-1"
    private: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )

    def jwk(self, **changes: Any) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        made = {"kty": "RSA", "n": made["n"], "e": made["e"], "kid": self.kid, "alg": "RS256", "use": "sig"}
        return {name: value for name, value in (made | changes).items() if value is not None}


KEY = Key()


def connect(
    store: Store, *, issuer: str = ISSUER, client_id: str = CLIENT_ID, tenant_id: int = 1, key: Key = KEY
) -> Platform:
    """Register a platform whose keys are known already, with one deployment."""
    with store.directory() as session:
        added = platforms.add_platform(
            session,
            tenant_id=tenant_id,
            name=client_id,
            issuer=issuer,
            client_id=client_id,
            auth_url=f"{issuer}/auth?x=1",
            token_url=f"{issuer}/token",
            jwks_url=f"{issuer}/jwks",
        )
        added.jwks, added.jwks_at = {"keys": [key.jwk()]}, now()
        platforms.add_deployment(session, added, DEPLOYMENT)
    return added


@dataclass
class Login:
    """A login that has been started in a browser."""

    browser: FlaskClient
    state: str
    nonce: str
    response: TestResponse


def browser(app: Flask) -> FlaskClient:
    """A browser with no cookies."""
    return app.test_client()


def log_in(client: FlaskClient, **changes: Any) -> Login:
    """Start a login as the LMS's page does."""
    fields = {
        "iss": ISSUER,
        "login_hint": "hint-é",
        "target_link_uri": TARGET,
        "client_id": CLIENT_ID,
        "lti_message_hint": '{"cmid":3,"launchid":"ä 1"}',
    } | changes
    response = client.post("/lti/login", data={name: value for name, value in fields.items() if value is not None})
    query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
    return Login(client, query.get("state", [""])[0], query.get("nonce", [""])[0], response)


def claims(nonce: str, /, **changes: Any) -> dict[str, Any]:
    """Claims of a learner's resource link launch; a change to None leaves a claim out."""
    at = int(time.time())
    made: dict[str, Any] = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": "user-1",
        "iat": at,
        "exp": at + 60,
        "nonce": nonce,
        "name": "Ann Example",
        vocabulary.DEPLOYMENT_ID: DEPLOYMENT,
        vocabulary.MESSAGE_TYPE: vocabulary.RESOURCE_LINK_REQUEST,
        vocabulary.VERSION: "1.3.0",
        vocabulary.TARGET_LINK_URI: TARGET,
        vocabulary.ROLES: [LEARNER],
        vocabulary.CONTEXT: {"id": "course-1", "title": "A course"},
        vocabulary.RESOURCE_LINK: {"id": "link-1", "title": "Self-belief"},
        vocabulary.CUSTOM: {"activity_id": "self-belief"},
        vocabulary.LAUNCH_PRESENTATION: {"return_url": "https://course.example.org/back", "locale": "en"},
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def deep_linking(nonce: str, /, settings: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Claims of a teacher's deep linking request."""
    asked = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "accept_multiple": True,
        "deep_link_return_url": PICKER_RETURN,
        "data": "opaque é",
    } | (settings or {})
    return claims(
        nonce,
        **{
            vocabulary.MESSAGE_TYPE: vocabulary.DEEP_LINKING_REQUEST,
            vocabulary.ROLES: [INSTRUCTOR],
            vocabulary.RESOURCE_LINK: None,
            vocabulary.DEEP_LINKING_SETTINGS: {name: value for name, value in asked.items() if value is not None},
        }
        | changes,
    )


def sign(body: dict[str, Any], key: Key = KEY, *, kid: str | None = None, algorithm: str = "RS256") -> str:
    """An id_token."""
    header = {"kid": kid if kid is not None else key.kid}
    return jwt.encode(body, key.private, algorithm=algorithm, headers=header)


def launch(login: Login, id_token: str, **changes: Any) -> TestResponse:
    """Post the authentication response in the browser that began the login."""
    fields = {"state": login.state, "id_token": id_token} | changes
    return login.browser.post("/lti/launch", data={name: value for name, value in fields.items() if value is not None})


def enter(app: Flask, **changes: Any) -> tuple[FlaskClient, str]:
    """Log in and launch; answers the browser and the path of the visit's first page."""
    login = log_in(browser(app))
    response = launch(login, sign(claims(login.nonce, **changes)))
    assert response.status_code == 303, response.text
    return login.browser, response.headers["Location"]


def unique(prefix: str) -> str:
    """A name nobody has used."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"
