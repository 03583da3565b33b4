"""Reads who is in a course (NRPS 2.0): all pages first, then the rows. A roster that broke off changes nothing.

Roles come as URIs or as short names (Moodle), and go through the one resolver that launches use. Where the LMS has a
service for groups (Course Groups 1.0) the roster says who is in which.
"""

import itertools
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy.exc import IntegrityError

from framework.store import rosters, sections
from framework.store.rosters import Member
from framework.store.sessions import Store
from framework.store.tables import Platform
from workers import vocabulary
from workers.outgoing import BadAnswer, OutgoingError
from workers.paging import next_page
from workers.retry_after import retry_after
from workers.service_calls import NotGranted, ServiceCalls
from workers.tokens import NoToken

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


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read. ``is_whole``: it names everybody in the course, so that who is missing has left.

    ``groups``: titles by the LMS's ids.
    """

    members: Sequence[Member]
    is_whole: bool = True
    groups: Mapping[str, str] = field(default_factory=dict)


class Rosters:
    """Rosters of any platform. One per process."""

    def __init__(self, store: Store, calls: ServiceCalls) -> None:
        self._store, self._calls = store, calls

    def read(self, platform: Platform, memberships_url: str, groups_url: str | None = None) -> Roster:
        """Every member, each once. Raises RosterUnread, NoToken, NotGranted, OutgoingError.

        A URL that names a resource link or a role tells of a part of the course. Groups that cannot be read are left
        out: they must not hold up the roster.
        """
        first = first_page(platform, memberships_url, with_groups=groups_url is not None)
        members: dict[str, Member] = {}
        has_groups = False
        for entries in self._pages(platform, first, _MEMBERS):
            has_groups = has_groups or any("group_enrollments" in one for one in entries if isinstance(one, dict))
            members |= {member.sub: member for member in _members(entries)}
            if len(members) > MOST_MEMBERS:
                raise RosterUnread("The roster has no end.", is_final=True)
        if groups_url is None or not has_groups:
            members = {sub: replace(member, sections=None) for sub, member in members.items()}
        narrowed = {name for name, _ in parse_qsl(urlsplit(memberships_url).query)} & {"rlid", "role"}
        groups = self._groups(platform, groups_url) if groups_url is not None else {}
        return Roster(list(members.values()), is_whole=not narrowed, groups=groups)

    def keep(self, tenant_id: int, context_id: uuid.UUID, platform_id: uuid.UUID, roster: Roster, at: datetime) -> None:
        """Write a roster, in parts; at last make inactive whom a whole one does not name."""
        members = roster.members
        for start in range(0, len(members), TOGETHER):
            self._keep_some(tenant_id, context_id, platform_id, members[start : start + TOGETHER])
        with self._store.transaction(tenant_id) as session:
            sections.keep_titles(session, context_id, roster.groups)
            if members and roster.is_whole:
                present = [member.sub for member in members]
                said = rosters.remove_absent(session, context_id, present, now=at)
                words = "%d of %d missing, kept until a roster says so again" if said.is_doubted else "%d of %d left"
                log.info(f"roster of %s: %d members, {words}", context_id, len(members), said.missing, said.active)
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

    def _groups(self, platform: Platform, groups_url: str) -> dict[str, str]:
        """Titles of a course's groups by their ids; none where the service does not answer."""
        try:
            pages = list(self._pages(platform, groups_url, _GROUPS))
        except (RosterUnread, NoToken, NotGranted, OutgoingError) as error:
            log.warning("groups of %s cannot be read: %s", groups_url, error or "not switched on there")
            return {}
        found = {}
        for one in itertools.chain.from_iterable(pages):
            ids = sections.usable([one.get("id")]) if isinstance(one, dict) else ()
            if ids and (title := _text(one.get("name"))):
                found[ids[0]] = title
        return found

    def _pages(self, platform: Platform, first: str, service: "_Service") -> Iterator[list[Any]]:
        """The entries of each page, to the end. Raises what ``read`` raises."""
        url: str | None = first
        seen: set[str] = set()
        while url is not None:
            if url in seen or len(seen) >= MOST_PAGES:
                raise RosterUnread(f"The {service.what} has no end.", is_final=True)
            seen.add(url)
            entries, url = self._page(platform, url, service)
            yield entries

    def _page(self, platform: Platform, url: str, service: "_Service") -> tuple[list[Any], str | None]:
        scopes = (service.scope,)
        answer = self._calls.call(platform, scopes, scopes, "GET", url, accept=service.accept, most_bytes=MOST_BYTES)
        if answer.status != 200:
            is_final = answer.status not in (403, 408, 425, 429) and answer.status < 500
            raise RosterUnread(
                f"The LMS did not show the {service.what} (status {answer.status}).",
                is_final=is_final,
                wait=retry_after(answer.headers),
            )
        try:
            said = answer.json()
        except BadAnswer as error:
            raise RosterUnread(f"The {service.what} cannot be read: {error}") from None
        entries = said.get(service.key) if isinstance(said, dict) else None
        if not isinstance(entries, list):
            raise RosterUnread(f"The {service.what} cannot be read: it has no {service.key}.", is_final=True)
        return entries, next_page(answer.headers.get("Link", ""), url)


@dataclass(frozen=True, slots=True)
class _Service:
    """A list that an LMS gives in pages: its scope, its media type, the member that holds the entries."""

    what: str
    scope: str
    accept: str
    key: str


_MEMBERS = _Service("roster", vocabulary.SCOPE_NAMES_AND_ROLES, vocabulary.MEMBERSHIP_CONTAINER, "members")
_GROUPS = _Service("list of groups", vocabulary.SCOPE_GROUPS, vocabulary.GROUP_CONTAINER, "groups")


def first_page(
    platform: Platform,
    memberships_url: str,
    *,
    rlid: str | None = None,
    role: str | None = None,
    with_groups: bool = False,
) -> str:
    """Where a roster begins (NRPS 2.0, 2.4). What the URL's query says already stands; later pages have it all.

    ``rlid``: those alone who may open a resource link. Moodle's later pages forget ``role``, so no limit goes there.
    """
    wanted = {"rlid": rlid, "role": role, "groups": "true" if with_groups else None}
    if platform.family == "canvas":
        wanted["limit"] = CANVAS_PAGE
    parts = urlsplit(memberships_url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    there = {name for name, _ in query}
    query += [(name, value) for name, value in wanted.items() if value is not None and name not in there]
    return urlunsplit(parts._replace(query=urlencode(query)))


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
            sections=_groups_of(entry),
        )


def _groups_of(entry: dict[str, Any]) -> tuple[str, ...]:
    """The ids of a member's groups (Course Groups 1.0, group_enrollments)."""
    said = entry.get("group_enrollments")
    listed = said[: sections.MOST_OF_A_PERSON] if isinstance(said, list) else ()
    return sections.usable(one.get("group_id") for one in listed if isinstance(one, dict))


def _name(entry: dict[str, Any]) -> str | None:
    parts = [_text(entry.get("given_name")), _text(entry.get("family_name"))]
    return _text(entry.get("name")) or " ".join(part for part in parts if part) or None


def _text(value: object) -> str | None:
    """A short, clean text; None for anything else."""
    if not isinstance(value, str):
        return None
    clean = "".join(letter for letter in value if letter.isprintable()).strip()
    return clean[:LONGEST_TEXT] or None
