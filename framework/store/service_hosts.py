"""Which hosts a platform's services may be on (LTI Core 1.3 leaves that open; a signed launch must not send this tool
anywhere).

Allowed are the hosts of the platform's own addresses, those that its family is known for, and what an administrator
has allowed beside them. What a launch names and is not allowed is never called; it is noted for the administrator.
"""

import re
import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import Invalid
from framework.store import audits, platforms
from framework.store.grade_pushes import DUE, PARKED
from framework.store.sessions import Store, now
from framework.store.tables import GradePush, Platform

REFUSED: Final = "host_refused"  # the error class of a grade that was not sent for this
MOST_REFUSED = 20  # noted for each platform
LONGEST = 253  # of a host's name (RFC 1035)
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")

# Canvas and Blackboard issue for all their customers from one address; the services are on each customer's own.
FAMILIES: Final = {"canvas": ("*.instructure.com",), "blackboard": ("*.blackboard.com",)}


def allowed(platform: Platform) -> tuple[str, ...]:
    """Hosts that may be called, as patterns: a name, or ``*.`` and the end of names."""
    own = (host(url) for url in (platform.issuer, platform.auth_url, platform.token_url, platform.jwks_url))
    family = FAMILIES.get(platform.family, ())
    return tuple(dict.fromkeys([*filter(None, own), *family, *platform.service_hosts]))


def is_allowed(platform: Platform, url: str) -> bool:
    """Whether a service at this URL may be called for this platform."""
    name = host(url)
    return bool(name) and any(_fits(name, pattern) for pattern in allowed(platform))


@lru_cache(maxsize=1000)  # asked five times for each grade
def host(url: str) -> str:
    """The host of a URL in small letters; '' where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def unexpected(platform: Platform, urls: Iterable[str | None]) -> list[str]:
    """Hosts of these URLs that may not be called and are not noted yet."""
    known = set(platform.refused_hosts or ())
    found = [host(url) for url in urls if url and not is_allowed(platform, url)]
    return [one for one in dict.fromkeys(found) if one and one not in known]


def note(session: Session, platform_id: uuid.UUID, hosts: Iterable[str]) -> None:
    """Note hosts that a launch has named and that are not allowed. Wants a session of the platform's tenant."""
    row = session.get_one(Platform, platform_id)
    noted = list(row.refused_hosts or ())
    fresh = [one for one in hosts if one not in noted][: MOST_REFUSED - len(noted)]
    if fresh:
        row.refused_hosts = [*noted, *fresh]
        _audit(session, row, "platform.host_refused", "browser", fresh)


def allow(store: Store, of: Platform, name: str, *, actor: str) -> int:
    """Allow a host from now on, and make due the grades that waited for it; answers how many.

    Raises Invalid for what is no host's name.
    """
    clean = name.strip().lower()
    if len(clean) > LONGEST or not _NAME.fullmatch(clean):
        raise Invalid(f"{name[:100]} is not a host's name. Write it without https:// and path: grades.example.org")
    with store.transaction(of.tenant_id) as session:
        row = session.get_one(Platform, of.id)
        row.service_hosts = list(dict.fromkeys([*row.service_hosts, clean]))
        row.refused_hosts = [one for one in row.refused_hosts or () if one != clean]
        _audit(session, row, "platform.host_allowed", actor, [clean])
        tenant_ids = {*platforms.tenants_of(session, of.id), of.tenant_id}
    count = 0
    for tenant_id in sorted(tenant_ids):
        with store.transaction(tenant_id) as session:
            count += _send_again(session, of.id)
    return count


def _send_again(session: Session, platform_id: uuid.UUID) -> int:
    rows = session.scalars(
        sa.select(GradePush).where(
            GradePush.platform_id == platform_id, GradePush.state == PARKED, GradePush.error_class == REFUSED
        )
    ).all()
    for row in rows:
        row.state, row.attempts, row.next_try, row.error_class, row.last_error = DUE, 0, now(), None, None
    return len(rows)


def _fits(name: str, pattern: str) -> bool:
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern


def _audit(session: Session, row: Platform, action: str, actor: str, hosts: list[str]) -> None:
    audits.add(session, actor=actor, action=action, subject=str(row.id), details={"hosts": hosts}, now=now())
