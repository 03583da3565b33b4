"""Finds a grade's column in the LMS, or makes it, once (AGS 2.0, 3.2). Two workers never make two columns.

The column's row is locked for that by a lease in the database (other processes) and a lock (threads of this one).
"""

import json
import logging
import threading
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import sqlalchemy as sa

from framework.store import gradebooks, tasks
from framework.store.grade_pushes import Column
from framework.store.sessions import Store, now
from framework.store.tables import LineItem, Platform
from workers import vocabulary
from workers.delivery import COLUMN_MISSING, Busy, Found, Refused, Unsent
from workers.outgoing import Answer, BadAnswer, OutgoingError
from workers.paging import next_page
from workers.retry_after import retry_after
from workers.service_calls import ServiceCalls
from workers.verdicts import closed_to_grades

LEASE = timedelta(seconds=60)
MOST_PAGES = 50
LONGEST_LABEL = 255  # Moodle fails on longer ones

NO_SERVICE = Refused("no_grade_service", "The LMS offers this tool no gradebook in this course.")
MAY_NOT_MAKE = Refused(
    "may_not_make_column",
    "The LMS has no gradebook column for this activity and lets this tool make none. Let it manage columns in the "
    "tool's settings there, or add the activity again with a grade.",
)
UNGRADED = Refused(
    "activity_ungraded",
    "The activity takes no grades in the LMS any more: its own gradebook column is gone. Was it set to have no grade "
    "there, or deleted?",
)
REMOVED = Refused(
    gradebooks.COLUMN_REMOVED, "An instructor has removed the gradebook column. “Match the column” makes it again."
)
NO_COURSE = Refused(
    "course_closed",
    "The LMS does not open this course to the tool: it is not published yet, has ended, or was deleted.",
)
IN_WORK = Unsent("column_in_work", "The gradebook column is just being looked for.", 2.0, holds_all=False)

log = logging.getLogger(__name__)


class LineItems:
    """Columns of any platform. One per process; threads may share it."""

    def __init__(self, store: Store, calls: ServiceCalls) -> None:
        self._store, self._calls = store, calls
        self._locks: dict[uuid.UUID, threading.Lock] = {}

    def find(
        self, tenant_id: int, platform: Platform, column: Column, stale_url: str | None, *, may_remake: bool = False
    ) -> tuple[str | None, Found | Refused | Unsent | Busy]:
        """The column's URL, and what that means for the grade. ``stale_url``: the LMS no longer knows this one.

        ``may_remake``: an instructor asks for a column that was taken away there to be made again.

        Raises NoToken, NotGranted, OutgoingError.
        """
        with self._locks.setdefault(column.line_item_id, threading.Lock()):
            known = self._known(tenant_id, column)
            if known is not None and known != stale_url:
                return known, Found()
            claimed = self._claim(tenant_id, column)
            if claimed is None:
                return None, IN_WORK
            try:
                return self._search(tenant_id, platform, column, stale_url, may_remake)
            finally:
                with self._store.transaction(tenant_id) as session:
                    tasks.finish(session, claimed, now=now())

    def _claim(self, tenant_id: int, column: Column) -> tasks.ClaimedTask | None:
        subject = str(column.line_item_id)
        with self._store.transaction(tenant_id) as session:
            tasks.request(session, tasks.LINE_ITEM, subject, now=now())
            return tasks.claim(session, tasks.LINE_ITEM, subject, lease=LEASE, now=now())

    def _known(self, tenant_id: int, column: Column) -> str | None:
        with self._store.reading(tenant_id) as session:
            return session.scalar(sa.select(LineItem.url).where(LineItem.id == column.line_item_id))

    def _search(
        self, tenant_id: int, platform: Platform, column: Column, stale_url: str | None, may_remake: bool
    ) -> tuple[str | None, Found | Refused | Busy]:
        if column.origin == gradebooks.REMOVED and not may_remake:
            return None, REMOVED
        known = self._known(tenant_id, column)  # another process may have been first
        if known is not None and known != stale_url:
            return known, Found()
        scopes = vocabulary.granted(vocabulary.SCOPES_GRADES, column.scopes)
        if column.lineitems_url is None or not scopes:
            return None, NO_SERVICE
        readers = {vocabulary.SCOPE_LINE_ITEM, vocabulary.SCOPE_LINE_ITEM_READ} & set(scopes)
        found: list[str] | Refused | Busy = []
        if readers:
            found = self._list(platform, scopes, column, column.lineitems_url)
        if not isinstance(found, list):
            return None, found
        if found:
            if len(found) > 1:
                log.warning("%d columns for line item %s; the oldest is used", len(found), column.line_item_id)
            return self._keep(tenant_id, column, found[0], "found")
        if stale_url is not None and not may_remake:  # somebody deleted it there: that is not ours to undo
            return None, UNGRADED if column.origin == gradebooks.COUPLED else COLUMN_MISSING
        if vocabulary.SCOPE_LINE_ITEM not in scopes:
            return None, MAY_NOT_MAKE
        return self._make(tenant_id, platform, scopes, column, column.lineitems_url)

    def _list(
        self, platform: Platform, scopes: tuple[str, ...], column: Column, lineitems_url: str
    ) -> list[str] | Refused | Busy:
        """URLs of the columns that fit, oldest first. Platforms may ignore filters, so all is filtered again."""
        wanted = {"resource_link_id": column.link_lti_id, "resource_id": column.resource_id, "tag": column.tag}
        url: str | None = _with_query(lineitems_url, wanted)
        needed = (vocabulary.SCOPE_LINE_ITEM, vocabulary.SCOPE_LINE_ITEM_READ)
        found: list[str] = []
        seen: set[str] = set()
        while url is not None and url not in seen and len(seen) < MOST_PAGES:
            seen.add(url)
            answer = self._calls.call(platform, scopes, needed, "GET", url, accept=vocabulary.LINE_ITEM_CONTAINER)
            if answer.status != 200:
                return _refusal(answer, "did not show its gradebook columns")
            entries = answer.json()
            found += [one["id"] for one in entries if _fits(one, column)] if isinstance(entries, list) else []
            url = next_page(answer.headers.get("Link", ""), url)
        return list(dict.fromkeys(found))

    def _make(
        self, tenant_id: int, platform: Platform, scopes: tuple[str, ...], column: Column, lineitems_url: str
    ) -> tuple[str | None, Found | Refused | Busy]:
        body = {
            "label": (column.label.strip() or column.resource_id)[:LONGEST_LABEL],
            "scoreMaximum": column.maximum,
            "resourceId": column.resource_id,
            "tag": column.tag,
            "resourceLinkId": column.link_lti_id,
        }
        try:
            answer = self._calls.call(
                platform,
                scopes,
                [vocabulary.SCOPE_LINE_ITEM],
                "POST",
                lineitems_url,
                accept=vocabulary.LINE_ITEM,
                content_type=vocabulary.LINE_ITEM,
                body=json.dumps(body).encode(),
            )
            made = answer.json() if answer.status in (200, 201) else {}
        except BadAnswer:
            made = {}
        except OutgoingError as error:
            if error.may_have_arrived:  # the next try looks for it before it makes another
                return None, Busy(f"No answer about the new gradebook column: {error}")
            raise
        else:
            if answer.status not in (200, 201):
                return None, _refusal(answer, "did not make a gradebook column for this activity")
        if not isinstance(made, dict) or not _is_url(made.get("id")):
            return None, Busy("The LMS did not say where the new gradebook column is.")
        return self._keep(tenant_id, column, made["id"], "made")

    def _keep(self, tenant_id: int, column: Column, url: str, origin: str) -> tuple[str, Found]:
        with self._store.transaction(tenant_id) as session:
            row = session.scalars(sa.select(LineItem).where(LineItem.id == column.line_item_id)).one()
            row.url, row.origin = url, origin
        return url, Found()


def _with_query(url: str, extra: dict[str, str]) -> str:
    """The URL with parameters added to those it has (Moodle's has ``type_id``)."""
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *extra.items()]))
    )


def _fits(entry: Any, column: Column) -> bool:
    return (
        isinstance(entry, dict)
        and _is_url(entry.get("id"))
        and str(entry.get("resourceLinkId")) == column.link_lti_id
        and entry.get("resourceId") == column.resource_id
        and entry.get("tag") == column.tag
    )


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) < 2000


def _refusal(answer: Answer, what: str) -> Refused | Busy:
    if (closed := closed_to_grades(answer)) is not None:
        return closed
    if answer.status == 429 or answer.status >= 500 or (answer.status == 403 and b"Rate Limit" in answer.body[:4000]):
        return Busy(f"The LMS {what} (status {answer.status}).", retry_after(answer.headers))
    if answer.status == 404:
        return NO_COURSE
    return Refused("column_missing", f"The LMS {what} (status {answer.status}).")
