"""Who is here: the visit that a launch has opened. Pages live below ``/v/<visit>/``.

The visit's id is in the path and its secret in a cookie for that path alone, so that tabs and people never mix.
Where cookies are proven absent the secret rides in the path instead (``/v/<visit>.<secret>/``), in a frame alone.
Views and templates never know how the secret is carried: both enter and leave the URLs in this module.
"""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, g, request

from framework.errors import NotAllowed
from framework.store import visits
from framework.store.columns import parse_public_id, public_id
from framework.store.sessions import Store, now

PREFIX = "/v/<visit>"
COOKIE, PATH = "cookie", "path"  # what carries a visit's secret
SEEN_EVERY = timedelta(minutes=5)  # a page does not write each time that it is asked for
ELSEWHERE = "elsewhere"  # in the query of a first page: the link named a page that is not there
GUEST = "guest"  # the mode of a visit without a name: nothing of it is kept
PATH_HOURS = 4  # a secret that others may see over a shoulder or in a proxy's log ends sooner


class VisitEnded(NotAllowed):
    """The visit cannot be used (any more). ``return_url`` leads back to the course, if it is known."""

    code = "visit_ended"

    def __init__(self, message: str, return_url: str | None = None) -> None:
        super().__init__(message)
        self.return_url = return_url


@dataclass(frozen=True, slots=True)
class Visit:
    """One launch's session, as pages need it. ``role``: learner, instructor, designer, mentor or none."""

    id: uuid.UUID
    tenant_id: int
    role: str
    mode: str
    preview_of: uuid.UUID | None
    review_of: uuid.UUID | None
    person_id: uuid.UUID
    identity_id: uuid.UUID
    membership_id: uuid.UUID
    context_id: uuid.UUID
    resource_link_id: uuid.UUID | None
    platform_id: uuid.UUID
    deployment_id: uuid.UUID
    return_url: str | None
    person_name: str | None
    locale: str | None
    course_title: str
    frame_ancestors: tuple[str, ...]
    deep_linking: dict[str, Any] | None
    sample: dict[str, Any] | None
    expires_at: datetime
    carrier: str
    closes_at: datetime

    @property
    def closes_in(self) -> int:
        """Seconds until the visit ends if nobody asks for a page of it any more."""
        return max(0, int((self.closes_at - now()).total_seconds()))

    @property
    def can_stay(self) -> bool:
        """Whether asking for a page lets the visit last longer: it ends by disuse, and not yet at its time."""
        return self.closes_at < self.expires_at

    @property
    def is_preview(self) -> bool:
        """Whether nothing is stored: an instructor looks at the activity as a learner, or a guest does."""
        return self.preview_of is not None or self.is_guest

    @property
    def is_guest(self) -> bool:
        """Whether the LMS has not said who this is."""
        return self.mode == GUEST

    @property
    def is_instructor(self) -> bool:
        """Whether this person runs the course: sees who has done what and chooses activities."""
        return self.role in ("instructor", "designer") and not self.is_preview


def new_secret(tenant_id: int) -> str:
    """A visit's secret: 192 random bits, led by the tenant, which must be known before the row can be read."""
    return f"{tenant_id}-{secrets.token_urlsafe(24)}"


def hash_secret(secret: str) -> str:
    """What is stored of a secret. It is random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hours(most: int, carrier: str) -> int:
    """How long a visit lasts, given how long any may."""
    return min(most, PATH_HOURS) if carrier == PATH else most


def expiry(hours: int) -> datetime:
    """When a visit that begins now ends."""
    return now() + timedelta(hours=hours)


def lead_into(visit_id: uuid.UUID, secret: str, carrier: str, *, is_elsewhere: bool = False) -> Response:
    """Send the browser to the first page of a visit, with its secret; ``is_elsewhere``: which the link did not name.

    The cookie is partitioned: it works in the frame of one LMS and nowhere else.
    """
    token = public_id("vis", visit_id)
    query = f"?{ELSEWHERE}" if is_elsewhere else ""
    if carrier == PATH:
        return Response(status=303, headers={"Location": f"/v/{token}.{secret}/{query}"})
    response = Response(status=303, headers={"Location": f"/v/{token}/{query}"})
    response.set_cookie(
        f"lqf_{token}",
        secret,
        max_age=current_app.config["LQF"].visit_hours * 3600,
        path=f"/v/{token}",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )
    return response


def path_of(visit_id: uuid.UUID) -> str:
    """The first page of another visit of this browser, which shares the present one's secret if paths carry it."""
    here: Visit = g.visit
    secret = f".{g.visit_secret}" if here.carrier == PATH else ""
    return f"/v/{public_id('vis', visit_id)}{secret}/"


def further_secret() -> str:
    """The secret of a visit that begins inside the present one."""
    here: Visit = g.visit
    return str(g.visit_secret) if here.carrier == PATH else new_secret(here.tenant_id)


def guard(blueprint: Blueprint) -> Blueprint:
    """Make a blueprint below PREFIX take its visit out of each URL and put it into each URL it makes."""
    blueprint.url_value_preprocessor(_enter)
    blueprint.url_defaults(_stay)
    blueprint.before_request(_check_origin)
    return blueprint


def _enter(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.visit_token = (values or {}).pop("visit", "")
    token, dot, secret = g.visit_token.partition(".")
    if dot and request.headers.get("Sec-Fetch-Dest") == "document":  # pasted into an address bar
        raise VisitEnded("This page needs to be opened from your course.")
    g.visit_secret = secret if dot else request.cookies.get(f"lqf_{token}", "")
    idle = timedelta(minutes=current_app.config["LQF"].visit_idle_minutes)
    g.visit = find(current_app.extensions["store"], token, g.visit_secret, PATH if dot else COOKIE, idle)


def _stay(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("visit", g.visit_token)


def _check_origin() -> None:
    """Only this tool's own pages may post (RFC 6454). Browsers always send Origin with a POST."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.headers.get("Origin") != current_app.config["LQF"].origin:
        raise NotAllowed("This was not sent from a page of this tool. Go back to the activity and try again.")


def find(store: Store, token: str, secret: str, carrier: str, idle: timedelta) -> Visit:
    """The visit of a token and its secret, brought as the launch said. Raises VisitEnded.

    It ends at its time, and when nobody has asked for a page of it for ``idle``.
    """
    visit_id = parse_public_id("vis", token)
    tenant, _, random = secret.partition("-")
    if visit_id is None or not random or not (tenant.isascii() and tenant.isdigit()) or len(tenant) > 9:
        raise VisitEnded("This page needs to be opened from your course.")
    with store.looking() as connection:
        row = visits.opened(connection, int(tenant), visit_id)
    if row is None or row.carrier != carrier or not hmac.compare_digest(row.secret_hash, hash_secret(secret)):
        raise VisitEnded("This page needs to be opened from your course.")
    if not row.is_connected:
        raise VisitEnded("The connection to your learning system has been switched off.")
    at, seen = now(), row.seen_at or row.created_at
    if row.ended_at is not None or row.expires_at <= at or seen + idle <= at:
        raise VisitEnded("You have been away for a while, so this page has closed.", row.return_url)
    if seen + SEEN_EVERY <= at:
        seen = at
        with store.transaction(row.tenant_id) as session:
            visits.note_seen(session, row.id, now=at)
    return _visit(row, min(row.expires_at, seen + idle))


def _visit(row: sa.Row[Any], closes_at: datetime) -> Visit:
    origins = [*row.frame_origins, *([row.frame_origin] if row.frame_origin else [])]
    return Visit(
        id=row.id,
        tenant_id=row.tenant_id,
        role=row.role,
        mode=row.mode,
        preview_of=row.preview_of,
        review_of=row.review_of,
        person_id=row.person_id,
        identity_id=row.identity_id,
        membership_id=row.membership_id,
        context_id=row.context_id,
        resource_link_id=row.resource_link_id,
        platform_id=row.platform_id,
        deployment_id=row.deployment_id,
        return_url=row.return_url,
        person_name=row.person_name,
        locale=row.locale,
        course_title=row.course_title,
        frame_ancestors=tuple(dict.fromkeys(origins)),
        deep_linking=row.deep_linking,
        sample=row.sample,
        expires_at=row.expires_at,
        carrier=row.carrier,
        closes_at=closes_at,
    )
