"""Login and launch: how a person comes in from an LMS.

LTI Security Framework 1.0, "OpenID Connect Launch Flow"; LTI Core 1.3. A login writes nothing; a launch writes what it
changed and the visit row, whose unique launch id uses the launch up; a refused launch writes its audit row alone.
"""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError

from framework import journey
from framework.errors import Conflict
from framework.settings import Settings
from framework.store import audits, platforms, tool_keys
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import Deployment, Platform, Visit
from lti_tool import message, visit
from lti_tool.frame import show
from lti_tool.message import Message
from lti_tool.presenters import notices
from lti_tool.refusals import Refusal
from lti_tool.state import LIFETIME, LaunchState, States, cookie_name
from workers import vocabulary
from workers.enqueue import Bell

blueprint = Blueprint("launch", __name__, url_prefix="/lti")
log = logging.getLogger(__name__)
refused = Counter("lqf_launches_refused", "Logins and launches refused", ["code"])
admitted = Counter("lqf_launches", "Launches let in", ["message"])

NEEDED = ("iss", "login_hint", "target_link_uri")


def _settings() -> Settings:
    settings: Settings = current_app.config["LQF"]
    return settings


def _part(name: str) -> Any:
    return current_app.extensions[name]


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    """Third-party initiated login: answer with the authentication request (Security Framework 5.1.1.1)."""
    given = {**request.args.to_dict(), **request.form.to_dict()}
    missing = [name for name in NEEDED if not given.get(name)]
    if missing:
        raise Refusal("login_incomplete", f"missing {', '.join(missing)}")
    platform = _registration(given["iss"], given.get("client_id"))
    if _origin(given["target_link_uri"]) != _settings().origin:
        raise Refusal("target_foreign", given["target_link_uri"])
    states: States = _part("states")
    # Canvas calls its deployment hint by another name
    deployment = given.get("lti_deployment_id") or given.get("deployment_id")
    state = states.new(platform.id, given["target_link_uri"], deployment)
    response = Response(
        status=302, headers={"Location": _authentication_request(platform, state, states.seal(state), given)}
    )
    response.set_cookie(
        cookie_name(state.launch_id),
        states.browser_secret(state.launch_id),
        max_age=LIFETIME,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return response


@blueprint.post("/launch")
def launch() -> Response:
    """The authentication response: verify it, let the person in, show their page."""
    states: States = _part("states")
    state = states.open(request.form.get("state", ""))
    name = cookie_name(state.launch_id)
    if not states.is_same_browser(state.launch_id, request.cookies.get(name, "")):
        raise Refusal("browser_unknown")
    platform = _platform(state)
    if "error" in request.form:
        described = request.form.get("error_description", "")
        raise Refusal("platform_error", f"{request.form['error'][:80]}: {described[:200]}")
    told = message.verify(request.form.get("id_token", ""), state, platform, _part("keys"))
    deployment = _deployment(platform, told)
    secret = visit.new_secret(deployment.tenant_id)
    opened = _admit(told, state, platform, deployment, secret)
    admitted.labels("deep_linking" if told.is_deep_linking else "resource_link").inc()
    response = visit.carry(Response(status=303, headers={"Location": visit.visit_path(opened.id)}), opened.id, secret)
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="None", partitioned=True)
    return response


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """This tool's public keys (RFC 7517), the retired ones too."""
    store: Store = _part("store")
    with store.directory_reading() as session:
        response = current_app.make_response(tool_keys.jwk_set(session))
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.app_errorhandler(Refusal)
def show_refusal(refusal: Refusal) -> ResponseReturnValue:
    """A page for the person, an audit row and a count for the administrator."""
    reference = _record(refusal)
    reason = refusal.reason
    page = notices.refused(reason.title, reason.what, reason.do, f"{refusal.code} {reference}")
    return show("launch/refused.html", page, reason.status)


def _registration(issuer: str, client_id: str | None) -> Platform:
    store: Store = _part("store")
    with store.directory_reading() as session:
        found = platforms.registrations(session, issuer, client_id or None)
    if not found:
        raise Refusal("platform_unknown", f"iss {issuer[:200]}, client_id {str(client_id)[:80]}")
    if len(found) > 1:
        raise Refusal("client_ambiguous", f"iss {issuer[:200]}")
    return found[0]


def _platform(state: LaunchState) -> Platform:
    store: Store = _part("store")
    with store.directory_reading() as session:
        found = platforms.platform(session, state.platform_id)
    if found is None or found.state != "active":
        raise Refusal("platform_unknown", f"platform {state.platform_id}")
    return found


def _deployment(platform: Platform, told: Message) -> Deployment:
    store: Store = _part("store")
    with store.directory_reading() as session:
        found = platforms.deployment(session, platform.id, told.deployment_id)
    if found is None or found.state != "active":
        raise Refusal("deployment_unknown", f"{platform.name}, deployment {told.deployment_id}")
    return found


def _admit(told: Message, state: LaunchState, platform: Platform, deployment: Deployment, secret: str) -> Visit:
    """Write the launch. Two first launches of a course at once may collide on a new row: the second try finds it."""
    arrival = message.arrival(told, state, platform, deployment.id, secret, _settings().visit_hours)
    store: Store = _part("store")

    def once() -> Visit:
        with store.transaction(deployment.tenant_id) as session:
            return journey.arrive(session, arrival, now=now())

    try:
        opened = _twice(once)
    except Conflict as error:
        raise Refusal("state_used", str(error)) from None
    if told.role in (vocabulary.INSTRUCTOR, vocabulary.DESIGNER) and arrival.memberships_url:
        bell: Bell = _part("bell")
        bell.roster(deployment.tenant_id, opened.context_id)
    return opened


def _twice(work: Callable[[], Visit]) -> Visit:
    try:
        return work()
    except IntegrityError:
        return work()


def _authentication_request(platform: Platform, state: LaunchState, sealed: str, given: dict[str, str]) -> str:
    """OpenID Connect implicit flow with form_post (Security Framework 5.1.1.2). An existing query is kept."""
    fields = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        # one address for every launch: LMSs compare it byte by byte with the registered one
        "redirect_uri": f"{_settings().base_url}/lti/launch",
        "login_hint": given["login_hint"],
        "state": sealed,
        "nonce": state.nonce,
    }
    if "lti_message_hint" in given:
        fields["lti_message_hint"] = given["lti_message_hint"]
    parts = urlsplit(platform.auth_url)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(fields)]))))


def _record(refusal: Refusal) -> str:
    refused.labels(refusal.code).inc()
    log.warning("launch refused: %s", refusal)
    store: Store = _part("store")
    with store.transaction(INSTALLATION) as session:
        row = audits.add(
            session,
            actor="browser",
            action="launch.refused",
            subject=request.path,
            reason=refusal.code,
            details={"detail": refusal.detail},
            now=now(),
        )
    return str(row.id)[-12:]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
