"""OIDC third-party login: the form that starts it and the endpoint that answers it.

Two kinds of failure (as Moodle has them): before the caller is known and its redirect URI checked, an
error page of the LMS; afterwards, an ``error`` posted to the tool.
"""

import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import jwt
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tests.demo_lms import claims, faults, keys, placements, platforms, sign_in, store
from tests.demo_lms.people import Person
from tests.demo_lms.platforms import Platform
from tests.demo_lms.refusals import LmsError

blueprint = Blueprint("oidc", __name__, url_prefix="/<any(moodle, canvas):platform>")
HINT_SECONDS = 3600


@dataclass(frozen=True)
class Hint:
    """One login under way: for one browser, one person, one message; usable once."""

    id: str
    platform: str
    browser: str
    person_id: str
    message_type: str
    placement_id: int | None
    target_link_uri: str
    document_target: str
    created_at: float
    used_at: float | None
    selection_id: str | None


class AuthRefused(Exception):
    """The tool is known; tell it with an OIDC error code and a text."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@blueprint.get("/launch/<int:placement_id>")
def launch(placement_id: int) -> ResponseReturnValue:
    """Start the launch of an activity, inside the frame or (``?window=1``) in a window of its own."""
    platform, person = platforms.current(), sign_in.required()
    placement = placements.required(platform, placement_id)
    if urlsplit(placement.url).netloc != urlsplit(platform.tool_origin).netloc:
        raise LmsError(404, "This activity cannot be opened.", f"No tool is set up for {placement.url}.")
    placements.mark_viewed(placement, person.id)
    target = "window" if request.args.get("window") else "iframe"
    hint = remember(platform, person, claims.RESOURCE_LINK_REQUEST, placement.url, target, placement.id)
    return initiation_form(platform, person, hint)


def remember(
    platform: Platform, person: Person, message_type: str, target_link_uri: str, document_target: str,
    placement_id: int | None = None, selection_id: str | None = None,
) -> Hint:  # fmt: skip
    """Note a login that starts now."""
    number = secrets.randbelow(2_000_000_000)
    hint_id = f"ltilaunch{placement_id or '_deeplink'}_{number}" if platform.is_moodle else secrets.token_hex(32)
    hint = Hint(
        hint_id, platform.key, sign_in.browser(), person.id, message_type, placement_id, target_link_uri,
        document_target, time.time(), None, selection_id,
    )  # fmt: skip
    store.change(
        "INSERT INTO launch_hint VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        hint.id, hint.platform, hint.browser, hint.person_id, hint.message_type, hint.placement_id,
        hint.target_link_uri, hint.document_target, hint.created_at, hint.used_at, hint.selection_id,
    )  # fmt: skip
    return hint


def initiation_form(platform: Platform, person: Person, hint: Hint) -> ResponseReturnValue:
    """The page that posts the login initiation to the tool by itself."""
    fields = {
        "iss": platform.issuer,
        "target_link_uri": hint.target_link_uri,
        "login_hint": person.lti_id,
        "lti_message_hint": _message_hint(platform, hint),
        "client_id": platform.client_id,
        "lti_deployment_id": platform.deployment_id,
    }
    if not platform.is_moodle:
        fields |= {
            "deployment_id": platform.deployment_id,
            "canvas_region": "local",
            "canvas_environment": "production",
        }
        storage_target = store.setting(platform.key, "storage_target", "post_message_forwarding")
        if storage_target:
            fields["lti_storage_target"] = storage_target
    return render_template("post.html", action=platform.login_url, fields=fields, doing="Opening the tool")


def _message_hint(platform: Platform, hint: Hint) -> str:
    """Moodle: a short JSON text. Canvas: a long JWT. Both are opaque to the tool and good for one use."""
    if platform.is_moodle:
        place = {"cmid": hint.placement_id} if hint.placement_id else {}
        return json.dumps(place | {"launchid": hint.id}, separators=(",", ":"))
    content = {
        "verifier": hint.id,
        "canvas_domain": platform.config.public_url.partition("//")[2],
        "context_type": "Course",
        "context_id": platform.course.id,
        "canvas_locale": "en-GB",
        "parent_frame_context": None,
        "include_storage_target": True,
        "exp": int(hint.created_at) + HINT_SECONDS,
    }
    return jwt.encode(content, str(current_app.secret_key), algorithm="HS256")


@blueprint.route("/auth", methods=["GET", "POST"])
@faults.endpoint("auth")
def auth() -> ResponseReturnValue:
    """The authentication request of the tool's login: answer with an id_token or an error."""
    platform = platforms.current()
    asked = request.values.to_dict()
    if sign_in.person() is None and "repost" not in asked:
        # The browser kept our cookie back because another site sent it here: come again from our own page.
        return render_template("post.html", action="", fields=asked | {"repost": "true"}, doing="One moment")
    hint, refusal = _checked(platform, asked)
    try:
        if refusal:
            raise refusal
        fields = {"id_token": _id_token(platform, hint, asked["nonce"])}
    except AuthRefused as error:
        fields = {"error": error.code, "error_description": error.description}
    if "state" in asked:
        fields["state"] = asked["state"]
    return render_template("post.html", action=asked["redirect_uri"], fields=fields, doing="Signing you in")


def _checked(platform: Platform, asked: dict[str, str]) -> tuple[Hint, AuthRefused | None]:
    """Raises LmsError while the caller cannot be trusted with an answer; later refusals are returned."""
    fixed = {"scope": "openid", "response_type": "id_token"}
    for name, value in fixed.items():
        if asked.get(name) != value:
            raise _invalid(platform, f"{name} must be {value}.")
    needed = ["client_id", "redirect_uri", "login_hint", "nonce"] + ([] if platform.is_moodle else ["state"])
    for name in needed:
        if not asked.get(name):
            raise _invalid(platform, f"{name} is missing.")
    hint = _take(platform, asked.get("lti_message_hint", ""))
    if asked["redirect_uri"] != platform.redirect_uri:
        raise _invalid(platform, "redirect_uri is not registered for this tool.")
    if platform.is_moodle and sign_in.person() is None:
        raise _invalid(platform, "Nobody is signed in.")
    return hint, _refusal(platform, asked, hint)


def _invalid(platform: Platform, why: str) -> LmsError:
    return LmsError(404 if platform.is_moodle else 400, "Invalid request", why)


def _refusal(platform: Platform, asked: dict[str, str], hint: Hint) -> AuthRefused | None:
    person = sign_in.person()
    if asked["client_id"] != platform.client_id:
        return AuthRefused("unauthorized_client", "The client_id is not the one of this tool.")
    if person is None:
        return AuthRefused("login_required", "Nobody is signed in.")
    if asked["login_hint"] != person.lti_id or hint.person_id != person.id:
        return AuthRefused("access_denied", "The login_hint is not the person who is signed in.")
    if asked.get("response_mode") != "form_post":
        found = "Invalid" if asked.get("response_mode") else "Missing"
        return AuthRefused("invalid_request", f"{found} response_mode")
    prompts = ("none", None, "") if platform.is_moodle else ("none",)
    if asked.get("prompt") not in prompts:
        return AuthRefused("invalid_request", "Invalid prompt")
    return None


def _take(platform: Platform, message_hint: str) -> Hint:
    """Use up the login that the message hint names. Raises LmsError when it is unknown, used or another browser's."""
    stale = _invalid(platform, "lti_message_hint is missing, stale or already used.")
    try:
        if platform.is_moodle:
            hint_id = json.loads(message_hint)["launchid"]
        else:
            hint_id = jwt.decode(message_hint, str(current_app.secret_key), algorithms=["HS256"])["verifier"]
    except (ValueError, KeyError, TypeError, jwt.InvalidTokenError) as error:
        raise stale from error
    with store.transaction():
        row = store.one(
            "SELECT * FROM launch_hint WHERE id = ? AND platform = ? AND browser = ? AND used_at IS NULL",
            str(hint_id), platform.key, sign_in.browser(),
        )  # fmt: skip
        if row is None or row["created_at"] < time.time() - HINT_SECONDS:
            raise stale
        store.change("UPDATE launch_hint SET used_at = ? WHERE id = ?", time.time(), row["id"])
    return Hint(**dict(row))


def _id_token(platform: Platform, hint: Hint, nonce: str) -> str:
    person = sign_in.required()
    if hint.selection_id is not None:
        row = store.one("SELECT data FROM selection WHERE id = ?", hint.selection_id)
        content = claims.deep_linking(platform, person, nonce, hint.selection_id, row["data"] if row else None)
    else:
        placement = placements.find(platform, hint.placement_id or 0)
        if placement is None:
            raise AuthRefused("invalid_request", "The activity has been deleted.")
        content = claims.resource_link(platform, person, placement, nonce, hint.document_target)
    store.count(platform.key, "id_tokens")
    fault = faults.take(platform.key, "id_token") or {}
    content |= fault.get("claims", {})
    content = {name: value for name, value in content.items() if name not in fault.get("remove", [])}
    return keys.sign(platform.key, content, fault.get("headers"))


@blueprint.get("/return")
def back_from_tool() -> ResponseReturnValue:
    """Where the tool leads people back to: out of the frame, to the course, with the tool's message."""
    platform = platforms.current()
    if request.args.get("top") != "1":
        query = urlencode(request.args.to_dict() | {"top": "1"})
        target = f"{url_for('oidc.back_from_tool')}?{query}"
        return render_template("leave_frame.html", target=target)
    if platform.is_moodle and not sign_in.key_fits(request.args.get("sesskey", "")):
        raise LmsError(404, "Your session has most likely timed out.", "Open the course again.")
    for name, kind in (("lti_msg", "message"), ("lti_errormsg", "error")):
        if request.args.get(name):
            sign_in.say(request.args[name][:1000], kind)
    return redirect(url_for("course.show"))
