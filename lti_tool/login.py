"""The login: an LMS sends the browser here first, and the answer is the authentication request.

LTI Security Framework 1.0, 5.1.1.1 and 5.1.1.2. A login writes nothing. Where a browser in a frame has not shown yet
that it keeps a cookie, a page stands between: it finds out, and uses the platform's storage or a new window instead.
"""

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, request, url_for

from framework.store import platforms
from framework.store.columns import parse_public_id
from framework.store.platforms import Registration
from lti_tool import parts
from lti_tool.claims import origin
from lti_tool.frame import show
from lti_tool.presenters import waiting
from lti_tool.refusals import Refusal
from lti_tool.state import LIFETIME, LaunchState, cookie_name, storage_key

blueprint = Blueprint("login", __name__, url_prefix="/lti")

NEEDED = ("iss", "login_hint", "target_link_uri")
MARK = "lqf_kept"  # a cookie that says: this browser keeps cookies of this tool, in this frame
MARK_SECONDS = 30 * 24 * 3600
LONGEST_FRAME = 100  # characters of a frame's name
_FRAMED = ("iframe", "frame", "embed", "object")


@blueprint.route("/login", methods=["GET", "POST"])
@blueprint.route("/login/<registration>", methods=["GET", "POST"])
def login(registration: str | None = None) -> Response:
    """Third-party initiated login. ``registration`` is in the address where an LMS names no client_id."""
    given = {**request.args.to_dict(), **request.form.to_dict()}
    if missing := [name for name in NEEDED if not given.get(name)]:
        raise Refusal("login_incomplete", f"missing {', '.join(missing)}").of(given.get("iss"), given.get("client_id"))
    platform = _registration(given["iss"], given.get("client_id"), registration)
    if origin(given["target_link_uri"]) != parts.settings().origin:
        raise Refusal("target_foreign", given["target_link_uri"]).of(platform.issuer, platform.client_id)
    states = parts.states()
    # Canvas calls its deployment hint by another name
    deployment = given.get("lti_deployment_id") or given.get("deployment_id")
    state = states.new(platform.id, given["target_link_uri"], deployment, _storage(given))
    onward = _authentication_request(platform, state, states.seal(state), given)
    if state.storage is None:
        response = Response(status=302, headers={"Location": onward})
    else:
        response = _waiting(platform, state, onward, given)
    _leave_cookies(response, state)
    return response


def _storage(given: Mapping[str, str]) -> str | None:
    """The storage frame that the LMS names, '' for asking which, None where no page is needed.

    A cookie of ours that came along proves that this frame keeps cookies; a top-level page always does.
    """
    where = request.headers.get("Sec-Fetch-Dest", "")
    if MARK in request.cookies or where == "document":
        return None
    named = given.get("lti_storage_target", "")
    if named:
        return named[:LONGEST_FRAME]
    return "" if where in _FRAMED else None


def _waiting(platform: Registration, state: LaunchState, onward: str, given: Mapping[str, str]) -> Response:
    page = waiting.login(
        onward=onward,
        origin=origin(platform.auth_url),
        frame=state.storage or "",
        key=storage_key(state.launch_id),
        value=parts.states().storage_secret(state.launch_id),
        # the LMS's hint is good for one use: a new window has to begin before it is used
        window_url=f"{url_for('.login', **request.view_args or {})}?{urlencode(dict(given))}",
    )
    return show("launch/login.html", page)


def _leave_cookies(response: Response, state: LaunchState) -> None:
    proof = (cookie_name(state.launch_id), parts.states().browser_secret(state.launch_id), LIFETIME)
    for name, value, seconds in (proof, (MARK, "1", MARK_SECONDS)):
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=True,
            httponly=True,
            samesite="None",
            partitioned=True,
        )


def _registration(issuer: str, client_id: str | None, registration: str | None) -> Registration:
    with parts.store().looking() as connection:
        found = platforms.asked_for(connection, issuer, client_id or None)
    if registration is not None:
        found = [one for one in found if one.id == _named(registration)]
    if not found:
        refusal = Refusal("platform_unknown", f"iss {issuer[:200]}, client_id {str(client_id)[:80]}")
        raise refusal.of(issuer, client_id)
    if len(found) > 1:
        raise Refusal("client_ambiguous", f"iss {issuer[:200]}").of(issuer, client_id)
    return found[0]


def _named(registration: str) -> uuid.UUID | None:
    return parse_public_id("plt", registration)


def _authentication_request(platform: Registration, state: LaunchState, sealed: str, given: Mapping[str, str]) -> str:
    """OpenID Connect implicit flow with form_post (Security Framework 5.1.1.2). An existing query is kept."""
    fields = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        # one address for every launch: LMSs compare it byte by byte with the registered one
        "redirect_uri": f"{parts.settings().base_url}/lti/launch",
        "login_hint": given["login_hint"],
        "state": sealed,
        "nonce": state.nonce,
    }
    if "lti_message_hint" in given:
        fields["lti_message_hint"] = given["lti_message_hint"]
    found = urlsplit(platform.auth_url)
    return urlunsplit(found._replace(query="&".join(filter(None, [found.query, urlencode(fields)]))))
