"""Notices: what an LMS tells without anybody being there (Platform Notification Service 1.0).

A notice is a signed token, verified as a launch is. It is kept and answered at once; a job does what it says. A second
delivery of one notice does nothing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from prometheus_client import Counter

from framework.store import notices, platforms, tasks
from framework.store.sessions import now
from framework.store.tables import Deployment, Platform
from lti_tool import parts, signatures, turned_away
from lti_tool.message import check_version, identifier
from lti_tool.refusals import Refusal
from lti_tool.signatures import Clients
from workers import vocabulary

blueprint = Blueprint("notices", __name__, url_prefix="/lti")

LARGEST_BODY = 512 * 1024  # bytes
MOST = 20  # notices of one delivery
MOST_ORIGINS = 50
LONGEST_URL = 2000
ANSWER_SECONDS = 1.0  # for all keys that one delivery may make this tool fetch; the LMS waits for two at most
REPEATED: Final = "notice_repeated"

received = Counter("lqf_notices", "Notices of platforms by what became of them", ["code"])


@dataclass(frozen=True, slots=True)
class Told:
    """A verified notice. ``content`` is what the job needs of it."""

    deployment: Deployment
    notice_id: str
    kind: str
    content: dict[str, Any]


@blueprint.post("/notices")
def receive() -> Response:
    """Keep each notice of a delivery; answers with what became of each, in order.

    Status 200 when all were taken or had come before, else that of the first refusal. What was good is kept all the
    same, and sending it again does nothing.
    """
    until = time.monotonic() + ANSWER_SECONDS
    try:
        tokens = _tokens()
    except Refusal as refusal:
        return _answer([_turned_away(refusal)])
    return _answer([_one(token, until) for token in tokens])


def _answer(outcomes: list[tuple[str, int]]) -> Response:
    response = jsonify({"notices": [{"code": code} for code, _ in outcomes]})
    response.status_code = next((status for _, status in outcomes if status != 200), 200)
    return response


def _tokens() -> list[str]:
    """The tokens of the body. Raises Refusal."""
    if request.content_length is None or request.content_length > LARGEST_BODY:
        raise Refusal("notice_malformed", f"{request.content_length} bytes")
    try:
        body = request.get_json(silent=True, force=True)
    except RecursionError:  # nested deeper than Python's reader goes
        body = None
    listed = body.get("notices") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise Refusal("notice_malformed", f"the body holds no list of 1 to {MOST} notices")
    tokens = [one.get("jwt") if isinstance(one, dict) else None for one in listed]
    if not all(isinstance(one, str) for one in tokens):
        raise Refusal("notice_malformed", "a notice without a jwt")
    return [str(one) for one in tokens]


def _one(token: str, until: float) -> tuple[str, int]:
    try:
        told = _verified(token, until)
    except Refusal as refusal:
        return _turned_away(refusal)
    code = "accepted" if _keep(told) else REPEATED
    received.labels(code).inc()
    return code, 200


def _turned_away(refusal: Refusal) -> tuple[str, int]:
    received.labels(refusal.code).inc()
    turned_away.record(refusal, "notice.refused", "platform")
    return refusal.code, refusal.reason.status


def _keep(told: Told) -> bool:
    """Keep a notice with the work that it asks for, and ring. False for one that has come before."""
    tenant_id, is_copy = told.deployment.tenant_id, told.kind == vocabulary.CONTEXT_COPY_NOTICE
    with parts.store().transaction(tenant_id) as session:
        kept = notices.keep(
            session,
            deployment_id=told.deployment.id,
            notice_id=told.notice_id,
            kind=told.kind,
            content=told.content,
            now=now(),
        )
        if kept is not None and is_copy:
            tasks.request(session, tasks.COURSE_COPY, str(kept), now=now())
    if kept is not None and is_copy:
        parts.bell().copy_course(tenant_id, kept)
    return kept is not None


def _verified(token: str, until: float) -> Told:
    """Whose notice this is and what it says. Raises Refusal."""
    _, said = signatures.unverified(token)
    issuer, client_id = _addressed(said)
    with parts.store().directory_reading() as session:
        found = platforms.registrations(session, issuer, client_id)
    if not found:
        raise Refusal("platform_unknown", f"iss {issuer[:200]}, client_id {client_id[:80]}").of(issuer, client_id)
    platform = found[0]
    try:
        seconds = max(0.05, until - time.monotonic())
        claims = signatures.claims(token, platform, parts.keys(), _clients(platform), seconds)
        return _told(claims, _deployment(platform, claims))
    except Refusal as refusal:
        raise refusal.of(platform.issuer, platform.client_id) from None


def _addressed(said: Mapping[str, Any]) -> tuple[str, str]:
    """Issuer and client id as the sender says; both are compared again once the signature is known to be right."""
    aud = said.get("aud")
    client_id = said.get("azp") or (aud[0] if isinstance(aud, list) and len(aud) == 1 else aud)
    issuer = said.get("iss")
    if not isinstance(issuer, str) or not isinstance(client_id, str):
        raise Refusal("claims_invalid", "iss or aud is missing")
    return issuer, client_id


def _clients(platform: Platform) -> Clients:
    def clients() -> set[str]:
        with parts.store().directory_reading() as session:
            return {one.client_id for one in platforms.registrations(session, platform.issuer, None)}

    return clients


def _deployment(platform: Platform, claims: Mapping[str, Any]) -> Deployment:
    """The notice's deployment. Only launches make unknown ones known: a notice has nobody to approve it for."""
    named = claims.get(vocabulary.DEPLOYMENT_ID)
    identifier("deployment_id", named)
    with parts.store().directory_reading() as session:
        found = platforms.deployment(session, platform.id, str(named))
    if found is None or found.state != "active":
        raise Refusal("deployment_unknown", f"{platform.name}, deployment {named}")
    return found


def _told(claims: Mapping[str, Any], deployment: Deployment) -> Told:
    check_version(claims)
    notice = claims.get(vocabulary.NOTICE)
    if not isinstance(notice, dict):
        raise Refusal("claims_invalid", "notice is missing or no object")
    identifier("notice.id", notice.get("id"))
    identifier("notice.type", notice.get("type"))
    content = _copy(claims) if notice["type"] == vocabulary.CONTEXT_COPY_NOTICE else {}
    return Told(deployment, notice["id"], notice["type"], content)


def _copy(claims: Mapping[str, Any]) -> dict[str, Any]:
    context, origins = claims.get(vocabulary.CONTEXT), claims.get(vocabulary.ORIGIN_CONTEXTS)
    if not isinstance(context, dict) or not isinstance(origins, list) or not 0 < len(origins) <= MOST_ORIGINS:
        raise Refusal("claims_invalid", "context or origin_contexts is missing")
    identifier("context.id", context.get("id"))
    for one in origins:
        identifier("origin_contexts", one)
    title = context.get("title") or context.get("label") or ""
    return {"context": context["id"], "title": str(title)[:255], "origins": origins}


def ask_where_offered(claims: Mapping[str, Any], deployment: Deployment) -> None:
    """Let a job ask for notices of course copies where a launch offers them at an address that is new."""
    url = _service(claims)
    if url is None or url == deployment.notices_url:
        return
    with parts.store().directory() as session:
        notices.offer(session, deployment.id, url)
    with parts.store().transaction(deployment.tenant_id) as session:
        tasks.request(session, tasks.NOTICE_HANDLER, str(deployment.id), now=now())
    parts.bell().ask_for_notices(deployment.tenant_id, deployment.id)


def _service(claims: Mapping[str, Any]) -> str | None:
    offer = claims.get(vocabulary.NOTICES)
    if not isinstance(offer, dict):
        return None
    url, kinds, scopes = (
        offer.get(name) for name in ("platform_notification_service_url", "notice_types_supported", "scope")
    )
    is_full = isinstance(kinds, list) and vocabulary.CONTEXT_COPY_NOTICE in kinds
    may_ask = isinstance(scopes, list) and vocabulary.SCOPE_NOTICES in scopes
    return url if is_full and may_ask and isinstance(url, str) and 0 < len(url) <= LONGEST_URL else None
