"""The token endpoint, and the check of the bearer token at each service."""

import json
import secrets
import time
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import claims, faults, groups, platforms, store, tool_keys
from tests.demo_lms.platforms import SCOPE_GROUPS, SCOPE_NAMES_ROLES, Platform
from tests.demo_lms.refusals import ServiceRefusal, canvas_refusal, moodle_refusal

blueprint = Blueprint("access_tokens", __name__, url_prefix="/<any(moodle, canvas):platform>")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 3600
OLDEST_ASSERTION = 300


@blueprint.post("/token")
@faults.endpoint("token")
def token() -> ResponseReturnValue:
    """Client credentials with a signed assertion; answers a bearer token for an hour."""
    platform = platforms.current()
    store.count(platform.key, "token_requests")
    if request.mimetype != "application/x-www-form-urlencoded":
        raise _refused("invalid_request", "The body must be form encoded.")
    if request.form.get("grant_type") != "client_credentials":
        raise _refused("unsupported_grant_type", "grant_type must be client_credentials.")
    if request.form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _refused("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
    _check_assertion(platform, request.form.get("client_assertion", ""))
    scopes = _granted(platform, request.form.get("scope", "").split())
    bearer = secrets.token_hex(16)
    store.change(
        "INSERT INTO access_token (token, platform, scopes, expires_at) VALUES (?, ?, ?, ?)",
        bearer, platform.key, " ".join(scopes), time.time() + LIFETIME,
    )  # fmt: skip
    answer = {
        "access_token": bearer,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "scope": " ".join(scopes),
    }
    # Moodle forgets to say that this is JSON.
    media_type = "text/html; charset=utf-8" if platform.is_moodle else "application/json; charset=utf-8"
    return Response(json.dumps(answer), content_type=media_type, headers={"Cache-Control": "no-store"})


def _refused(code: str, description: str) -> ServiceRefusal:
    return ServiceRefusal(400, json.dumps({"error": code, "error_description": description}))


def _check_assertion(platform: Platform, assertion: str) -> None:
    try:
        content = tool_keys.verified(platform, assertion)
    except tool_keys.BadToken as error:
        raise _refused("invalid_client", str(error)) from error
    _check_names(platform, content)
    jti = content.get("jti")
    if not isinstance(jti, str) or not jti:
        raise _refused("invalid_client", "The assertion needs a jti.")
    if not platform.is_moodle and not store.use_once(platform.key, "jti", jti):
        raise _refused("invalid_client", "the 'jti' is invalid: it was used before")


def _check_names(platform: Platform, content: dict[str, Any]) -> None:
    for name in ("iss", "sub"):
        if content.get(name) != platform.client_id:
            raise _refused("invalid_client", f"{name} must be the client_id.")
    if platform.token_url not in tool_keys.audiences(content):
        raise _refused("invalid_client", f"the 'aud' is invalid: it must be exactly {platform.token_url}")
    if not platform.is_moodle and content["iat"] < time.time() - OLDEST_ASSERTION:
        raise _refused("invalid_client", "the 'iat' is invalid: the assertion is older than five minutes")


def _granted(platform: Platform, asked: list[str]) -> list[str]:
    """The asked scopes that are allowed. Moodle leaves out the others in silence, Canvas refuses."""
    allowed = claims.granted_scopes(platform)
    if store.setting(platform.key, "roster_service", True):
        allowed.append(SCOPE_NAMES_ROLES)
    if groups.has_service(platform):
        allowed.append(SCOPE_GROUPS)
    granted = [scope for scope in asked if scope in allowed]
    if not granted or (not platform.is_moodle and granted != asked):
        raise _refused("invalid_scope", "A requested scope is not allowed for this tool.")
    return granted


def require(platform: Platform, *scopes: str) -> None:
    """Refuse with 401 a call whose bearer token is missing, unknown, expired, revoked or lacks all of ``scopes``."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    row = store.one("SELECT * FROM access_token WHERE token = ? AND platform = ?", bearer, platform.key)
    if scheme.lower() == "bearer" and row is not None and not row["revoked"] and row["expires_at"] > time.time():
        if set(row["scopes"].split()) & set(scopes):
            return
        reason = "Insufficient scope"
    else:
        reason = "Invalid access token"
    if platform.is_moodle:
        raise moodle_refusal(401, reason)
    raise canvas_refusal(401, reason)


def revoke_all(platform: str) -> int:
    """Revoke every token of a platform; returns how many were alive."""
    cursor = store.change(
        "UPDATE access_token SET revoked = 1 WHERE platform = ? AND revoked = 0 AND expires_at > ?",
        platform, time.time(),
    )  # fmt: skip
    return cursor.rowcount
