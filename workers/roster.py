"""Reads who is in a course (NRPS 2.0): all pages first, then the rows. A roster that broke off changes nothing.

Roles come as URIs or as short names (Moodle), and go through the one resolver that launches use.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy.exc import IntegrityError

from framework.store import rosters
from framework.store.rosters import Member
from framework.store.sessions import Store
from framework.store.tables import Platform
from workers import vocabulary
from workers.outgoing import BadAnswer
from workers.paging import next_page
from workers.retry_after import retry_after
from workers.service_calls import ServiceCalls

MOST_PAGES = 1000
MOST_MEMBERS = 100_000
MOST_BYTES = 20_000_000
LONGEST_TEXT = 255
TOGETHER = 250  # members in one transaction
CANVAS_PAGE = "50"  # its default is ten

log = logging.getLogger(__name__)


class RosterUnread(Exception):
    """The roster could not be read to its end. ``is_final``: trying again is no use."""

    def __init__(self, reason: str, *, is_final: bool = False, wait: float | None = None) -> None:
        super().__init__(reason)
        self.is_final, self.wait = is_final, wait


class Rosters:
    """Rosters of any platform. One per process."""

    def __init__(self, store: Store, calls: ServiceCalls) -> None:
        self._store, self._calls = store, calls

    def read(self, platform: Platform, memberships_url: str) -> list[Member]:
        """Every member, each once. Raises RosterUnread, NoToken, NotGranted, OutgoingError."""
        url: str | None = _first(platform, memberships_url)
        members: dict[str, Member] = {}
        seen: set[str] = set()
        while url is not None:
            if url in seen or len(seen) >= MOST_PAGES or len(members) > MOST_MEMBERS:
                raise RosterUnread("The roster has no end.", is_final=True)
            seen.add(url)
            page, url = self._page(platform, url)
            members |= {member.sub: member for member in page}
        return list(members.values())

    def keep(
        self, tenant_id: int, context_id: uuid.UUID, platform_id: uuid.UUID, members: Sequence[Member], at: datetime
    ) -> None:
        """Write a whole roster, in parts; at last make inactive whom it does not name."""
        for start in range(0, len(members), TOGETHER):
            self._keep_some(tenant_id, context_id, platform_id, members[start : start + TOGETHER])
        with self._store.transaction(tenant_id) as session:
            if members:
                gone, active = rosters.remove_absent(session, context_id, [member.sub for member in members])
                log.info("roster of %s: %d members, %d of %d left", context_id, len(members), gone, active)
            rosters.note_read(session, context_id, now=at)

    def _keep_some(
        self, tenant_id: int, context_id: uuid.UUID, platform_id: uuid.UUID, members: Sequence[Member]
    ) -> None:
        try:
            with self._store.transaction(tenant_id) as session:
                rosters.keep(session, context_id, platform_id, members)
        except IntegrityError:  # somebody launched for the first time at this moment
            with self._store.transaction(tenant_id) as session:
                rosters.keep(session, context_id, platform_id, members)

    def _page(self, platform: Platform, url: str) -> tuple[list[Member], str | None]:
        scope = vocabulary.SCOPE_NAMES_AND_ROLES
        answer = self._calls.call(
            platform, (scope,), (scope,), "GET", url, accept=vocabulary.MEMBERSHIP_CONTAINER, most_bytes=MOST_BYTES
        )
        if answer.status != 200:
            is_final = answer.status not in (403, 408, 425, 429) and answer.status < 500
            raise RosterUnread(
                f"The LMS did not show the roster (status {answer.status}).",
                is_final=is_final,
                wait=retry_after(answer.headers),
            )
        try:
            said = answer.json()
        except BadAnswer as error:
            raise RosterUnread(f"The roster cannot be read: {error}") from None
        entries = said.get("members") if isinstance(said, dict) else None
        if not isinstance(entries, list):
            raise RosterUnread("The roster cannot be read: it has no members.", is_final=True)
        return list(_members(entries)), next_page(answer.headers.get("Link", ""), url)


def _members(entries: Sequence[Any]) -> Iterator[Member]:
    """The members that can be used: names and e-mail may be missing, ``user_id`` and ``roles`` may not."""
    for entry in entries:
        sub = entry.get("user_id") if isinstance(entry, dict) else None
        roles = entry.get("roles") if isinstance(entry, dict) else None
        if isinstance(sub, int) and not isinstance(sub, bool):
            sub = str(sub)
        if not isinstance(sub, str) or not 0 < len(sub) <= LONGEST_TEXT or not sub.isprintable():
            continue
        names = vocabulary.full_names(roles if isinstance(roles, list) else [])
        yield Member(
            sub=sub,
            roles=tuple(names),
            role=vocabulary.role(names),
            is_test=vocabulary.is_test_user(names),
            is_active=str(entry.get("status", "Active")).lower() == "active",
            name=_name(entry),
            email=_text(entry.get("email")),
            sourcedid=_text(entry.get("lis_person_sourcedid")),
        )


def _name(entry: dict[str, Any]) -> str | None:
    parts = [_text(entry.get("given_name")), _text(entry.get("family_name"))]
    return _text(entry.get("name")) or " ".join(part for part in parts if part) or None


def _text(value: object) -> str | None:
    """A short, clean text; None for anything else."""
    if not isinstance(value, str):
        return None
    clean = "".join(letter for letter in value if letter.isprintable()).strip()
    return clean[:LONGEST_TEXT] or None


def _first(platform: Platform, url: str) -> str:
    if platform.family != "canvas":
        return url
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query=urlencode({"limit": CANVAS_PAGE} | query)))
