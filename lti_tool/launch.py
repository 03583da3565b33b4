"""The launch: the authentication response is verified, and the person let in.

LTI Security Framework 1.0, "OpenID Connect Launch Flow"; LTI Core 1.3; LTI OIDC Login with LTI Client Side
postMessages 0.1. A launch writes what it changed and the visit row, whose unique launch id uses the launch up; a
refused launch writes its audit row alone.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from flask import Blueprint, Response, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError

from framework import arriving
from framework.errors import Conflict, NotFound
from framework.store import approvals, platforms, service_hosts, tool_keys
from framework.store.arrivals import Arrival
from framework.store.returns import Opened, Verified
from framework.store.sessions import now
from framework.store.tables import Deployment, Platform
from lti_tool import claims, message, notices, parts, visit
from lti_tool.claims import origin
from lti_tool.frame import show
from lti_tool.message import Message
from lti_tool.presenters import waiting
from lti_tool.refusals import Refusal
from lti_tool.state import LaunchState, cookie_name, storage_key
from workers import vocabulary

blueprint = Blueprint("launch", __name__, url_prefix="/lti")
log = logging.getLogger(__name__)
admitted = Counter("lqf_launches", "Launches let in", ["message", "carrier"])

_KINDS = {
    vocabulary.RESOURCE_LINK_REQUEST: "resource_link",
    vocabulary.DEEP_LINKING_REQUEST: "deep_linking",
    vocabulary.SUBMISSION_REVIEW_REQUEST: "submission_review",
}


class Sender(NamedTuple):
    """Whom a launch is from: the platform that its login was for, and the deployment that the LMS hinted at."""

    platform: Platform
    hinted: Deployment | None
    is_remembered: bool = False  # as this process knows them: whether they have changed since is not known


class Outdated(Exception):
    """A launch that what is remembered of its sender does not let in."""


@blueprint.post("/launch")
def launch() -> ResponseReturnValue:
    """The authentication response: verify it, let the person in, show their page."""
    state = parts.states().open(request.form.get("state", ""))
    name = cookie_name(state.launch_id)
    if not parts.states().is_same_browser(state.launch_id, request.cookies.get(name, "")):
        return _decided(state, lambda sender: _ask_for_proof(state, sender))
    response = _let_in(state)
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="None", partitioned=True)
    return response


@blueprint.post("/launch/confirm")
def confirm() -> ResponseReturnValue:
    """The same launch again, with the proof that the browser has fetched from the platform's storage."""
    state = parts.states().open(request.form.get("state", ""))

    def proven(sender: Sender) -> Response:
        if request.headers.get("Origin") != parts.settings().origin:
            raise Refusal("browser_unknown", "posted by another site")
        if state.storage is None or not parts.states().is_stored(state.launch_id, request.form.get("secret", "")):
            raise Refusal("browser_unknown", "no proof from the platform's storage")
        return _enter(state, sender, visit.PATH)

    return _decided(state, proven)


@blueprint.get("/jwks")
def jwks() -> ResponseReturnValue:
    """This tool's public keys (RFC 7517), the retired ones too."""
    with parts.store().directory_reading() as session:
        response = current_app.make_response(tool_keys.jwk_set(session))
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    return response.make_conditional(request)


def _let_in(state: LaunchState) -> Response:
    """Verified with what this process remembers, if that lets the person in; else with what stands now."""
    if kept := parts.registrations().remembered(state.platform_id, state.deployment):
        with suppress(Refusal, Outdated):
            return _enter(state, Sender(*kept, is_remembered=True), visit.COOKIE)
    return _decided(state, lambda sender: _enter(state, sender, visit.COOKIE))


def _decided(state: LaunchState, decide: Callable[[Sender], Response]) -> Response:
    """What becomes of a launch, given its sender as it is now. A refusal says whose launch it was."""
    platform, hinted = parts.registrations().present(state.platform_id, state.deployment)
    if platform is None:
        raise Refusal("platform_unknown", f"platform {state.platform_id}")
    try:
        if platform.state != "active":
            raise Refusal("platform_unknown", f"platform {state.platform_id}")
        return decide(Sender(platform, hinted))
    except Refusal as refusal:
        raise refusal.of(platform.issuer, platform.client_id) from None


def _enter(state: LaunchState, sender: Sender, carrier: str) -> Response:
    told = _verified(state, sender.platform)
    deployment = _deployment(sender, told)
    secret = visit.new_secret(deployment.tenant_id)
    opened = _admit(told, state, sender, deployment, secret, carrier)
    notices.ask_where_offered(told.claims, deployment)
    admitted.labels(_KINDS[told.kind], carrier).inc()
    known = f"{parts.settings().base_url}/lti/launch"
    return visit.lead_into(opened.id, secret, carrier, is_elsewhere=state.target.partition("?")[0] != known)


def _ask_for_proof(state: LaunchState, sender: Sender) -> Response:
    """The launch came without its cookie. Where the login left a proof with the platform, a page fetches it.

    Nothing is written and nobody is let in before it has been posted back: a stolen form opens nothing.
    """
    platform = sender.platform
    if state.storage is None:
        raise Refusal("browser_unknown", return_url=_way_back(state, platform))
    told = _verified(state, platform)
    _deployment(sender, told)
    back = claims.return_url(told.claims, platform)
    page = waiting.launch(
        action=url_for(".confirm"),
        fields=(("id_token", request.form["id_token"]), ("state", request.form["state"]), ("secret", "")),
        origin=origin(platform.auth_url),
        frame=state.storage,
        key=storage_key(state.launch_id),
        back_url=back or "",
    )
    g.frame_ancestors = (*platform.frame_origins, *([origin(back)] if back else []))
    return show("launch/confirm.html", page)


def _verified(state: LaunchState, platform: Platform) -> Message:
    if "error" in request.form:
        described = request.form.get("error_description", "")
        raise Refusal("platform_error", f"{request.form['error'][:80]}: {described[:200]}")
    return message.verify(
        request.form.get("id_token", ""),
        state,
        platform,
        parts.keys(),
        _clients(platform),
        may_be_guest=parts.settings().guests,
    )


def _way_back(state: LaunchState, platform: Platform) -> str:
    """The course's address, if the message is a true one: a thief's is not."""
    try:
        return claims.return_url(_verified(state, platform).claims, platform) or ""
    except Refusal:
        return ""


def _clients(platform: Platform) -> Callable[[], set[str]]:
    """All of this tool's client ids on the platform's issuer; asked for a message with several audiences alone."""

    def clients() -> set[str]:
        with parts.store().directory_reading() as session:
            return {one.client_id for one in platforms.registrations(session, platform.issuer, None)}

    return clients


def _deployment(sender: Sender, told: Message) -> Deployment:
    platform, found = sender.platform, sender.hinted  # a message that names another than the hint has been refused
    if found is None:
        with parts.store().directory_reading() as session:
            found = platforms.deployment(session, platform.id, told.deployment_id)
    if found is None:
        with parts.store().directory() as session:
            approvals.note_deployment(session, platform, told.deployment_id)
    if found is None or found.state != "active":
        raise Refusal("deployment_unknown", f"{platform.name}, deployment {told.deployment_id}")
    return found


def _admit(
    told: Message, state: LaunchState, sender: Sender, deployment: Deployment, secret: str, carrier: str
) -> Opened:
    """Write the launch. It collides on the visit when it has been used, or with another first launch on a new row:
    the second try knows which, and finds the row. Raises Outdated for a remembered sender when it takes more."""
    platform = sender.platform
    arrival = claims.arrival(told, state, platform, deployment.id, secret, carrier, parts.settings().visit_hours)
    _note_hosts(platform, arrival)
    verified = Verified(platform.revision, deployment.revision)

    def once(*, again: bool) -> Opened:
        if not again:
            with parts.store().at_once() as connection:
                if opened := arriving.arrive_again(connection, deployment.tenant_id, arrival, verified, now=now()):
                    return opened
        if sender.is_remembered:
            raise Outdated
        with parts.store().transaction(deployment.tenant_id) as session:
            visit = arriving.arrive(session, arrival, now=now(), again=again)
            return Opened(visit.id, visit.context_id)

    try:
        try:
            opened = once(again=False)
        except IntegrityError:
            opened = once(again=True)
    except Conflict as error:
        raise Refusal("state_used", str(error)) from None
    except NotFound as error:
        raise Refusal("review_unknown", str(error)) from None
    if told.role in (vocabulary.INSTRUCTOR, vocabulary.DESIGNER) and arrival.memberships_url:
        parts.bell().roster(deployment.tenant_id, opened.context_id)
    return opened


def _note_hosts(platform: Platform, arrival: Arrival) -> None:
    """Services on hosts that are not this platform's are never called; the administrator is told."""
    named = (arrival.memberships_url, arrival.lineitems_url, arrival.lineitem_url)
    if found := service_hosts.unexpected(platform, named):
        log.warning("platform %s names services on hosts that are not allowed: %s", platform.id, ", ".join(found))
        with parts.store().transaction(platform.tenant_id) as session:
            service_hosts.note(session, platform.id, found)
