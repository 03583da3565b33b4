"""``/lti/register``: an LMS registers this tool by itself (LTI Dynamic Registration 1.0).

This is the other of the two places where a web request waits for an LMS: an administrator sits before it, and it
happens once. Everything is checked before the LMS is asked to register, so that nothing is left half done; what the
LMS then answers is stored in one transaction.
"""

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from framework.errors import Conflict, NotAllowed
from framework.store import audits, invites, registrations
from framework.store.registrations import Registered
from framework.store.sessions import now
from framework.store.tables import Platform
from lti_tool import configuration, families, parts
from lti_tool.frame import show
from lti_tool.presenters import connecting
from lti_tool.presenters.notices import NoticePage
from workers import vocabulary
from workers.outgoing import Answer, BadAnswer, Outgoing, OutgoingError

blueprint = Blueprint("registration", __name__, url_prefix="/lti")
log = logging.getLogger(__name__)

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
SECONDS = 8.0  # for each of the two calls
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
_AGAIN = "Nothing has been stored here. Begin again in your learning system, from the place where you pasted the link."


class NotRegistered(Exception):
    """The registration has not happened; the text is for the administrator who sees the page."""

    def __init__(self, what: str, do: str = _AGAIN, status: int = 400) -> None:
        super().__init__(what)
        self.do, self.status = do, status


@blueprint.errorhandler(NotRegistered)
def _not_registered(error: NotRegistered) -> ResponseReturnValue:
    log.warning("registration refused: %s", error)
    page = NoticePage("The learning system has not been connected", (str(error), error.do))
    return show("errors/error.html", page, error.status)


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """Ask the LMS who it is, register there, keep what it answers, and say what to do next."""
    url, token = request.args.get("openid_configuration", ""), request.args.get("registration_token", "")
    if not url:
        raise NotRegistered(
            "This link is not for a browser: your learning system opens it.",
            "Paste its whole address where your learning system registers tools, e.g. in Moodle under Site "
            "administration, Plugins, External tool, Manage tools.",
        )
    tenant_id, invite_id, is_approved = _permission(request.args.get("invite", ""))
    is_done = False
    try:
        platform = _platform_configuration(url, token)
        told = _registered(platform, _post(platform, token))
        stored, is_update = _store(told, tenant_id, invite_id, is_approved=is_approved)
        is_done = True
    finally:
        if not is_done and invite_id is not None:
            with parts.store().directory() as session:
                invites.give_back(session, invite_id)
    page = connecting.registered(
        stored.name,
        stored.family,
        is_active=stored.state == "active",
        is_update=is_update,
        has_deployment=told.deployment_id is not None,
        lacking=_lacking(platform),
    )
    return show("connect/registered.html", page)


def _permission(token: str) -> tuple[int, uuid.UUID | None, bool]:
    """Tenant, invite (used up from here on) and whether the LMS is connected at once."""
    try:
        with parts.store().directory() as session:
            if not token:
                return registrations.public_tenant(session), None, False
            invite = invites.use(session, invites.REGISTER, token, at=now())
            return invite.tenant_id, invite.id, invite.approves
    except NotAllowed as error:
        raise NotRegistered(str(error), "Nothing has been changed in your learning system.", 403) from None


def _platform_configuration(url: str, token: str) -> Mapping[str, Any]:
    """The LMS's OpenID configuration, checked as far as it is used. Raises NotRegistered."""
    if problem := families.url_problem(url, is_development=parts.settings().is_development):
        raise NotRegistered(f"The address of your learning system's configuration {problem}.")
    answer = _call("GET", url, token)
    if answer.status in (401, 403):
        raise _token_refused()
    document = _object(answer) if answer.status == 200 else None
    if document is None:
        raise NotRegistered(f"Your learning system did not show its configuration (status {answer.status}).")
    issuer = document.get("issuer")
    for name, value in (("issuer", issuer), *((name, document.get(name)) for name in _ENDPOINTS)):
        if problem := families.url_problem(value, is_development=parts.settings().is_development):
            raise NotRegistered(f"In your learning system's configuration, {name} {problem}.")
    if not families.may_speak_for(str(issuer), url):
        raise NotRegistered(
            f"The configuration is at {urlsplit(url).netloc[:100]}, but names {str(issuer)[:200]} as its issuer. "
            "A server can only register under its own name.",
            "Nothing has been stored here. If both are right, connect it by hand: /lti/config says how.",
        )
    _require(document, "id_token_signing_alg_values_supported", "RS256")
    _require(document, "token_endpoint_auth_methods_supported", "private_key_jwt")
    return document


def _require(document: Mapping[str, Any], name: str, wanted: str) -> None:
    listed = document.get(name)
    if isinstance(listed, list) and wanted not in listed:
        raise NotRegistered(f"Your learning system does not offer {wanted} ({name}), which LTI 1.3 requires.")


def _post(platform: Mapping[str, Any], token: str) -> Mapping[str, Any]:
    """Register there. Answers what the LMS answered. Raises NotRegistered."""
    scopes = platform.get("scopes_supported")
    body = configuration.registration(
        parts.settings(), _claims(platform, PLATFORM), scopes if isinstance(scopes, list) else None
    )
    answer = _call("POST", platform["registration_endpoint"], token, json.dumps(body).encode())
    if answer.status in (401, 403):
        raise _token_refused()
    if answer.status not in (200, 201):
        raise NotRegistered(f"Your learning system refused the registration (status {answer.status}{_said(answer)}).")
    document = _object(answer)
    if document is None:
        raise NotRegistered("Your learning system's answer to the registration cannot be read.", _LEFT)
    return document


_LEFT = (
    "Nothing has been stored here. If your learning system lists the tool now, delete it there, and begin again from "
    "the place where you pasted the link."
)


def _registered(platform: Mapping[str, Any], answer: Mapping[str, Any]) -> Registered:
    """The two answers as the store takes them. Raises NotRegistered where there is no client id."""
    client_id = answer.get("client_id")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= 255 or not client_id.isprintable():
        raise NotRegistered("Your learning system's answer to the registration holds no client id.", _LEFT)
    described = _claims(platform, PLATFORM)
    # Brightspace names its audience here; Canvas a host alone, and wants its token URL (public configurations of both)
    audience = platform.get("authorization_server")
    is_named = not families.url_problem(audience, is_development=parts.settings().is_development)
    deployment = _claims(answer, configuration.TOOL).get("deployment_id", answer.get("deployment_id"))
    named = str(deployment) if isinstance(deployment, str | int) else ""
    return Registered(
        name=_name(described, platform["issuer"]),
        issuer=platform["issuer"],
        client_id=client_id,
        auth_url=platform["authorization_endpoint"],
        token_url=platform["token_endpoint"],
        jwks_url=platform["jwks_uri"],
        audience=str(audience) if is_named else platform["token_endpoint"],
        family=families.family(described.get("product_family_code")),
        deployment_id=named if 0 < len(named) <= 255 and named.isprintable() else None,
        # Canvas's issuer is the same for all; the customer's own host, where its services are, is this one
        service_hosts=(urlsplit(platform["registration_endpoint"]).hostname or "",),
    )


def _store(
    told: Registered, tenant_id: int, invite_id: uuid.UUID | None, *, is_approved: bool
) -> tuple[Platform, bool]:
    """Keep it, with an audit row. Answers the platform and whether it was known already."""
    try:
        with parts.store().transaction(tenant_id) as session:
            stored, is_update = registrations.connect(
                session, told, tenant_id=tenant_id, is_approved=is_approved, may_update=invite_id is not None
            )
            audits.add(
                session,
                actor=f"invite:{invite_id}" if invite_id else "browser",
                action="platform.renewed" if is_update else "platform.registered",
                subject=str(stored.id),
                details={"issuer": told.issuer, "client_id": told.client_id, "state": stored.state},
                now=now(),
            )
    except Conflict as error:
        raise NotRegistered(
            str(error), "Ask the person who runs this tool for one (`lqf invite create`).", 409
        ) from None
    return stored, is_update


def _lacking(platform: Mapping[str, Any]) -> list[str]:
    scopes = platform.get("scopes_supported")
    if not isinstance(scopes, list):
        return []
    wanted = {vocabulary.SCOPE_SCORE: "grades", vocabulary.SCOPE_NAMES_AND_ROLES: "the list of a course's learners"}
    return [words for scope, words in wanted.items() if scope not in scopes]


def _call(method: str, url: str, token: str, body: bytes | None = None) -> Answer:
    """One guarded call. The token goes into the header for both; it is never logged."""
    headers = {"Accept": "application/json"}
    if token:
        if not token.isascii() or not token.isprintable() or " " in token or len(token) > 8000:
            raise NotRegistered("The registration token of your learning system is damaged.")
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    outgoing: Outgoing = current_app.extensions["outgoing"]
    try:
        return outgoing.request(method, url, headers=headers, body=body, seconds=SECONDS)
    except OutgoingError as error:
        host = urlsplit(url).netloc[:100]
        do = _LEFT if body is not None and error.may_have_arrived else _AGAIN
        raise NotRegistered(f"The tool could not reach your learning system at {host}. {error}", do, 502) from None


def _token_refused() -> NotRegistered:
    return NotRegistered(
        "Your learning system does not take this registration any more: its token has been used, or is too old.",
        status=403,
    )


def _object(answer: Answer) -> Mapping[str, Any] | None:
    try:
        document = answer.json()
    except BadAnswer:
        return None
    return document if isinstance(document, dict) else None


def _said(answer: Answer) -> str:
    """A short plain reason, such as Moodle's "missing_domain"; foreign pages are not repeated."""
    text = answer.body[:121].decode(errors="replace").strip().strip('"')
    return f": {text}" if text and len(text) <= 120 and text.isprintable() and not set(text) & set("<>{}") else ""


def _claims(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _name(described: Mapping[str, Any], issuer: str) -> str:
    """What to call the LMS in lists: Canvas tells its account's name, others are called by their host."""
    told = described.get("https://canvas.instructure.com/lti/account_name")
    clean = "".join(mark for mark in told[:100] if mark.isprintable()).strip() if isinstance(told, str) else ""
    return clean or urlsplit(issuer).netloc
