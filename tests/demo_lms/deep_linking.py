"""Deep linking: opening the tool's picker in a dialog, and taking its answer.

The answer is checked as the specification asks, also where a real Moodle looks away: signature, exp and
iat, iss, aud, deployment, message type, version, nonce, and ``data`` exactly when it was sent.
"""

import secrets
import time
from typing import Any

import jwt
from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import (
    claims,
    content_items,
    faults,
    oidc,
    placements,
    platforms,
    sign_in,
    store,
    tool_keys,
)
from tests.demo_lms.people import Person
from tests.demo_lms.platforms import Platform
from tests.demo_lms.refusals import LmsError

blueprint = Blueprint("deep_linking", __name__, url_prefix="/<any(moodle, canvas):platform>")
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"


@blueprint.get("/add")
def dialog() -> ResponseReturnValue:
    """The course with the dialog in which the tool's picker opens."""
    sign_in.required(editor=True)
    return render_template("add.html", tab="course")


@blueprint.get("/select")
def select() -> ResponseReturnValue:
    """Start the picker: a deep-linking request."""
    platform, person = platforms.current(), sign_in.required(editor=True)
    selection = secrets.token_urlsafe(12)
    # Canvas sends data and wants it back byte for byte; this one breaks tools that re-encode it.
    data = None if platform.is_moodle else f'canvas "data" +/=&é {secrets.token_hex(8)}'
    store.change(
        "INSERT INTO selection VALUES (?, ?, ?, ?, ?, ?, NULL)",
        selection, platform.key, sign_in.browser(), person.id, data, time.time(),
    )  # fmt: skip
    target = platform.redirect_uri
    hint = oidc.remember(platform, person, claims.DEEP_LINKING_REQUEST, target, "iframe", selection_id=selection)
    return oidc.initiation_form(platform, person, hint)


@blueprint.post("/selection")
@faults.endpoint("deep_link_return")
def answered() -> ResponseReturnValue:
    """The picker's answer, posted by the browser from inside the dialog."""
    platform = platforms.current()
    if sign_in.person() is None and "repost" not in request.form:
        # The tool's page posted this from another site, so our cookie stayed behind: post again from here.
        fields = {"JWT": request.form.get("JWT", ""), "repost": "true"}
        return render_template("post.html", action="", fields=fields, doing="Adding to the course")
    person = sign_in.person()
    if person is None:
        raise LmsError(404, "Your session has ended.", "Sign in and choose again.")
    if not person.is_editor:
        raise LmsError(403, "Your role in this course does not allow this.")
    content = _verified(platform, request.form.get("JWT", ""))
    made = _accept(platform, person, content)
    _show_words(platform, content)
    return render_template("selected.html", made=made)


def _refused(platform: Platform, why: str) -> LmsError:
    return LmsError(404 if platform.is_moodle else 400, "The tool's answer was refused.", why)


def _verified(platform: Platform, token: str) -> dict[str, Any]:
    if not token:
        raise _refused(platform, "A required parameter (JWT) was missing.")
    try:
        content = tool_keys.verified(platform, token)
    except tool_keys.BadToken as error:
        raise _refused(platform, str(error)) from error
    fixed = {
        "iss": platform.client_id,
        claims.LTI + "deployment_id": platform.deployment_id,
        claims.LTI + "message_type": "LtiDeepLinkingResponse",
        claims.LTI + "version": "1.3.0",
    }
    for name, value in fixed.items():
        if content.get(name) != value:
            wrong = "Consumer key is incorrect." if name == "iss" else f"{name} must be {value}."
            raise _refused(platform, wrong)
    if platform.issuer not in tool_keys.audiences(content):
        raise _refused(platform, f"aud must be {platform.issuer}.")
    if not isinstance(content.get("nonce"), str) or not content["nonce"]:
        raise _refused(platform, "nonce is missing.")
    return content


def _accept(platform: Platform, person: Person, content: dict[str, Any]) -> list[str]:
    """Create what was chosen and return the titles; either all of the answer counts or nothing."""
    try:
        wishes = content_items.wishes(platform, content.get(DL + "content_items", []))
    except content_items.Unusable as error:
        raise _refused(platform, str(error)) from error
    with store.transaction():
        selection = _selection(platform, person)
        sent, echoed = selection["data"], content.get(DL + "data")
        if echoed != sent or (sent is None and DL + "data" in content):
            raise _refused(platform, "data must be exactly what the request sent, and absent if it sent none.")
        if not store.use_once(platform.key, "nonce", content["nonce"]):
            raise _refused(platform, "nonce was used before.")
        store.change("UPDATE selection SET used_at = ? WHERE id = ?", time.time(), selection["id"])
        for wish in wishes:
            placements.create(platform, wish)
    return [wish.title for wish in wishes]


def _selection(platform: Platform, person: Person) -> Any:
    """The selection that the return address names, if it is this browser's and not answered yet."""
    if platform.is_moodle:
        if not sign_in.key_fits(request.args.get("sesskey", "")):
            raise _refused(platform, "Your session has most likely timed out. Choose again.")
        selection_id = request.args.get("selection", "")
    else:
        try:
            secret = str(current_app.secret_key)
            selection_id = jwt.decode(request.args.get("data", ""), secret, algorithms=["HS256"])["selection"]
        except (jwt.InvalidTokenError, KeyError) as error:
            raise _refused(platform, "The return address lost its data parameter.") from error
    row = store.one(
        "SELECT * FROM selection WHERE id = ? AND platform = ? AND browser = ? AND person_id = ?"
        " AND used_at IS NULL",
        selection_id, platform.key, sign_in.browser(), person.id,
    )  # fmt: skip
    if row is None:
        raise _refused(platform, "This selection is unknown or was answered before. Choose again.")
    return row


def _show_words(platform: Platform, content: dict[str, Any]) -> None:
    """Canvas shows the tool's message on the next page; Moodle writes it where nobody sees it."""
    if platform.is_moodle:
        return
    for name, kind in (("msg", "message"), ("errormsg", "error")):
        text = content.get(DL + name)
        if isinstance(text, str) and text:
            sign_in.say(text[:1000], kind)
