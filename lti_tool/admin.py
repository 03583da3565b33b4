"""The administrator's pages, behind a single-use link (``lqf admin link``): connections, approvals, refused launches.

The link's token is used up by a POST, so that a mail program that only looks at links does not use it. The cookie
names the link's row; ending the row ends the session.
"""

import uuid
from datetime import timedelta
from typing import TypeVar

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from framework.errors import NotAllowed, NotFound
from framework.store import approvals, invites, overview, service_hosts
from framework.store.columns import public_id
from framework.store.sessions import INSTALLATION, now
from framework.store.tables import Deployment, Invite, Platform
from lti_tool import parts
from lti_tool.frame import show
from lti_tool.presenters import admin as pages
from lti_tool.presenters import gradebook
from lti_tool.presenters.admin import DeploymentFacts, PlatformFacts, RefusedFacts
from lti_tool.presenters.notices import NoticePage

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

Connected = TypeVar("Connected", Platform, Deployment)

COOKIE = "lqf_admin"
LIFETIME = timedelta(hours=8)
_STEPS = {"approve": approvals.ACTIVE, "disable": approvals.DISABLED}


class NotEntered(Exception):
    """There is no administrator here; the text says why."""


@blueprint.errorhandler(NotEntered)
@blueprint.errorhandler(NotAllowed)
@blueprint.errorhandler(NotFound)
def _kept_out(error: Exception) -> ResponseReturnValue:
    status = error.status if isinstance(error, NotAllowed | NotFound) else 403
    page = NoticePage("The administrator's pages", (str(error),))
    return show("errors/error.html", page, status)


@blueprint.before_request
def _protect() -> None:
    g.frame_ancestors = ("'none'",)  # nobody frames a page with buttons like these
    if request.method == "POST" and request.headers.get("Origin") != parts.settings().origin:
        raise NotAllowed("This was not sent from a page of this tool.")


@blueprint.get("/enter")
def enter() -> ResponseReturnValue:
    """A button that uses the link up."""
    return show("launch/onward.html", pages.enter(url_for(".entered"), request.args.get("invite", "")))


@blueprint.post("/enter")
def entered() -> ResponseReturnValue:
    """Use the link up and open the pages."""
    with parts.store().directory() as session:
        invite = invites.use(session, invites.ADMINISTER, request.form.get("invite", ""), at=now())
    response = redirect(url_for(".connections"), 303)
    response.set_cookie(
        COOKIE,
        str(_signer().dumps(invite.id.hex)),
        max_age=int(LIFETIME.total_seconds()),
        path="/admin",
        secure=True,
        httponly=True,
        samesite="Strict",
    )
    return response


@blueprint.get("/")
def connections() -> ResponseReturnValue:
    """Platforms with their states, deployments to approve, last launch, last grade, refused launches."""
    tenant_id = _administrator().tenant_id
    sees_all = tenant_id == INSTALLATION
    found = overview.connections(parts.store(), tenant_id)
    refused = overview.refused(parts.store(), now()) if sees_all else []
    page = pages.overview(
        [_facts(one, tenant_id) for one in found],
        [RefusedFacts(one.code, one.count, one.last_at, one.detail) for one in refused],
        shows_refused=sees_all,
        values_url=url_for("configuration.values"),
        change_url=lambda kind, row_id, step: url_for(f".{kind}", row_id=row_id, step=step),
        checking=request.args.get("checking", ""),
    )
    return show("admin/overview.html", page)


@blueprint.post("/platform/<uuid:row_id>/<any(approve,disable,check,allow):step>")
def platform(row_id: uuid.UUID, step: str) -> ResponseReturnValue:
    """Approve, disable or check a platform, or allow one of the hosts that were refused.

    A check is done by a worker, for it asks the LMS.
    """
    here = _administrator()
    with parts.store().directory_reading() as session:
        row = _theirs(session.get(Platform, row_id), here)
    if step == "check":
        is_rung = parts.bell().check_platform(row_id)
        return redirect(url_for(".connections", checking="begun" if is_rung else "waits"), 303)
    if step == "allow":
        return _allow(row, request.form.get("host", ""), _actor(here))
    with parts.store().transaction(row.tenant_id) as session:
        approvals.set_state(session, session.get_one(Platform, row_id), _STEPS[step], actor=_actor(here))
    return redirect(url_for(".connections"), 303)


@blueprint.post("/deployment/<uuid:row_id>/<any(approve,disable):step>")
def deployment(row_id: uuid.UUID, step: str) -> ResponseReturnValue:
    """Approve or disable a deployment."""
    here = _administrator()
    with parts.store().directory_reading() as session:
        row = _theirs(session.get(Deployment, row_id), here)
    with parts.store().transaction(row.tenant_id) as session:
        approvals.set_state(session, session.get_one(Deployment, row_id), _STEPS[step], actor=_actor(here))
    return redirect(url_for(".connections"), 303)


def _allow(row: Platform, host: str, actor: str) -> ResponseReturnValue:
    """Allow a host that a launch has named; no other, so that nobody can be talked into one by a link."""
    if host not in (row.refused_hosts or ()):
        raise NotFound("No launch has named that host, or it is allowed already.")
    service_hosts.allow(parts.store(), row, host, actor=actor)
    parts.bell().push_grades(row.id)
    return redirect(url_for(".connections"), 303)


def _theirs(row: Connected | None, here: Invite) -> Connected:
    """The row, if this administrator may change it. Raises NotFound."""
    if row is None or here.tenant_id not in (INSTALLATION, row.tenant_id):
        raise NotFound("There is no such connection.")
    return row


def _actor(here: Invite) -> str:
    return f"administrator:{here.id}"


def _administrator() -> Invite:
    """The used link behind this browser's cookie. Raises NotEntered."""
    try:
        invite_id = uuid.UUID(_signer().loads(request.cookies.get(COOKIE, ""), max_age=int(LIFETIME.total_seconds())))
    except (BadSignature, ValueError):
        raise NotEntered(
            "These pages open with a link that works once. The person who runs this tool makes one: lqf admin link."
        ) from None
    with parts.store().directory_reading() as session:
        found = invites.used_since(session, invite_id, now() - LIFETIME)
    if found is None or found.purpose != invites.ADMINISTER:
        raise NotEntered("Your time here is over. Ask for a new link: lqf admin link.")
    return found


def _facts(one: overview.Connection, tenant_id: int) -> PlatformFacts:
    row = one.platform
    return PlatformFacts(
        id=str(row.id),
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        family=row.family,
        state=row.state,
        deployments=[DeploymentFacts(str(each.id), each.lti_deployment_id, each.state) for each in one.deployments],
        last_launch=one.last_launch,
        last_grade=one.last_grade,
        parked=one.parked,
        may_change=tenant_id in (INSTALLATION, row.tenant_id),
        refused_hosts=tuple(row.refused_hosts or ()),
        values_url=url_for("configuration.values", registration=public_id("plt", row.id)),
        checked=[(name, found["result"], found["said"]) for name, found in (row.checked or {}).items()],
        checked_at=row.checked_at,
        paused=gradebook.paused(row.paused_reason, row.paused_until, now()),
    )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts.settings().secret_key.get_secret_value(), salt="administrator's pages")
