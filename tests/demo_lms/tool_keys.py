"""The tool's public keys, and the checks on every JWT the tool signs.

The Moodle way keeps the key set without end and fetches it once more when anything about a token fails.
The Canvas way fetches it each time.
"""

import json
import time
from typing import Any

import jwt
import requests

from tests.demo_lms import store
from tests.demo_lms.platforms import Platform

FETCH_SECONDS = 5
LARGEST_KEY_SET = 200_000


class BadToken(Exception):
    """What is wrong with a JWT of the tool, in words."""


def verified(platform: Platform, token: str) -> dict[str, Any]:
    """The claims of a JWT signed by the tool: RS256, known kid, good signature, exp in the future, iat not.

    Raises BadToken.
    """
    if not platform.is_moodle:
        return _decoded(token, _fetch(platform))
    row = store.one("SELECT document FROM tool_key_set WHERE platform = ?", platform.key)
    if row is not None:
        try:
            return _decoded(token, json.loads(row["document"]))
        except BadToken:
            pass  # the key set may be out of date: it is fetched below, once
    return _decoded(token, _fetch(platform))


def _fetch(platform: Platform) -> dict[str, Any]:
    store.count(platform.key, "tool_jwks_fetches")
    session = requests.Session()
    session.trust_env = False
    try:
        answer = session.get(
            platform.tool_jwks_url, timeout=FETCH_SECONDS, headers={"User-Agent": "DemoLMS", "Accept": "*/*"},
            stream=True, allow_redirects=False,
        )  # fmt: skip
        with answer:
            answer.raise_for_status()
            document = json.loads(_bounded(answer))
    except (requests.RequestException, ValueError) as error:
        raise BadToken(f"The tool's keys could not be read from {platform.tool_jwks_url}.") from error
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise BadToken('The tool\'s key set must be an object with a list "keys".')
    store.change("INSERT OR REPLACE INTO tool_key_set VALUES (?, ?)", platform.key, json.dumps(document))
    return document


def _bounded(answer: requests.Response) -> bytes:
    body = b""
    for piece in answer.iter_content(16_384):
        body += piece
        if len(body) > LARGEST_KEY_SET:
            raise ValueError("the key set is too large")
    return body


def _decoded(token: str, key_set: dict[str, Any]) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if not kid:
            raise BadToken("kid must be provided in JWT header")
        if header.get("alg") != "RS256":
            raise BadToken("alg must be RS256")
        documents = [key for key in key_set["keys"] if isinstance(key, dict) and key.get("kid") == kid]
        if not documents:
            raise BadToken('"kid" invalid, unable to lookup correct key')
        if any("d" in key for key in key_set["keys"] if isinstance(key, dict)):
            raise BadToken("The tool's key set shows a private key")
        claims: dict[str, Any] = jwt.decode(
            token, jwt.PyJWK(documents[0], "RS256").key, algorithms=["RS256"],
            options={"require": ["exp", "iat", "iss"], "verify_aud": False},
        )  # fmt: skip
    except jwt.ExpiredSignatureError as error:
        raise BadToken("Expired token") from error
    except jwt.ImmatureSignatureError as error:
        raise BadToken("Cannot handle token with iat or nbf in the future") from error
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise BadToken(str(error)) from error
    if not isinstance(claims["iat"], (int, float)) or claims["iat"] > time.time():
        raise BadToken("Cannot handle token with iat in the future")
    return claims


def audiences(claims: dict[str, Any]) -> list[str]:
    """The ``aud`` claim as a list of strings."""
    aud = claims.get("aud")
    return [aud] if isinstance(aud, str) else [str(one) for one in aud] if isinstance(aud, list) else []
