"""Jobs on a gradebook column that an instructor asks for: match it with what this tool wants, take it away.

A column that came with an activity is the LMS's: it is read, and never changed or deleted (Canvas would rename the
assignment; Moodle would delete an activity's grades). A column that this tool made follows the placement's name and
maximum. A change sends the whole object back, because Moodle blanks what is left out (AGS 2.0, 3.2.7).
"""

import json
import logging
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from framework.store import grade_claims, gradebooks, platforms, tasks
from framework.store.grade_pushes import Column
from framework.store.sessions import now
from framework.store.tables import Platform
from framework.store.tasks import ClaimedTask
from workers import vocabulary
from workers.delivery import Found, Refused
from workers.enqueue import JOB_SECONDS
from workers.line_items import LONGEST_LABEL
from workers.outgoing import Answer, BadAnswer, OutgoingError
from workers.service_calls import HostRefused, NotGranted
from workers.tokens import NoToken
from workers.workshop import Workshop, workshop

LEASE = timedelta(seconds=JOB_SECONDS + 30)

log = logging.getLogger(__name__)


class Stuck(Exception):
    """It cannot be done; the text says why. ``is_final``: trying again helps nothing."""

    def __init__(self, reason: str, *, is_final: bool = True) -> None:
        super().__init__(reason)
        self.is_final = is_final


def match(tenant_id: int, line_item_id: str) -> None:
    """Compare a column with the LMS's: find it again or make it, and let it follow name and maximum."""
    _do(tenant_id, tasks.MATCH_COLUMN, line_item_id, _match)


def remove(tenant_id: int, line_item_id: str) -> None:
    """Delete a column that this tool made."""
    _do(tenant_id, tasks.REMOVE_COLUMN, line_item_id, _remove)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a job works."""

    shop: Workshop
    tenant_id: int
    platform: Platform
    column: Column

    def call(self, method: str, url: str, *needed: str, body: dict[str, Any] | None = None) -> Answer:
        scopes = vocabulary.granted(vocabulary.SCOPES_GRADES, self.column.scopes)
        sent = {} if body is None else {"content_type": vocabulary.LINE_ITEM, "body": json.dumps(body).encode()}
        accept = None if method == "DELETE" else vocabulary.LINE_ITEM
        return self.shop.calls.call(self.platform, scopes, needed, method, url, accept=accept, **sent)  # type: ignore[arg-type]  # passed on by name


def _do(tenant_id: int, kind: str, line_item_id: str, work: Callable[[_Place], str]) -> None:
    """Claim the task, work, note in the column's row what came of it, ring for the grades."""
    shop, subject = workshop(), uuid.UUID(line_item_id)
    with shop.store.transaction(tenant_id) as session:
        claimed = tasks.claim(session, kind, line_item_id, lease=LEASE, now=now())
    if claimed is None:
        return
    try:
        place = _place(shop, tenant_id, subject)
        said = work(place)
    except Stuck as error:
        _failed(shop, tenant_id, claimed, str(error), is_final=error.is_final)
    except NotGranted:
        _failed(shop, tenant_id, claimed, "The LMS lets this tool neither read nor change gradebook columns here.")
    except HostRefused as error:
        _failed(shop, tenant_id, claimed, str(error))
    except (NoToken, OutgoingError) as error:
        _failed(shop, tenant_id, claimed, str(error), is_final=False)
    except Exception as error:
        _failed(shop, tenant_id, claimed, f"A fault of this tool ({type(error).__name__}).", is_final=False)
        raise
    else:
        with shop.store.transaction(tenant_id) as session:
            gradebooks.note(session, subject, said, now=now())
            tasks.finish(session, claimed, now=now())
        shop.bell.push_grades(place.platform.id)


def _failed(shop: Workshop, tenant_id: int, claimed: ClaimedTask, reason: str, *, is_final: bool = True) -> None:
    with shop.store.transaction(tenant_id) as session:
        state = tasks.fail(session, claimed, reason, now=now(), final=is_final)
        again = " This is tried again by itself." if state == "due" else ""
        gradebooks.note(session, uuid.UUID(claimed.subject), f"{reason}{again}", now=now())
    log.warning("%s %s failed and is %s: %s", claimed.kind, claimed.subject, state or "somebody else's", reason)


def _place(shop: Workshop, tenant_id: int, line_item_id: uuid.UUID) -> _Place:
    with shop.store.reading(tenant_id) as session:
        column = grade_claims.column(session, line_item_id)
        platform_id = gradebooks.platform_of(session, line_item_id)
    with shop.store.directory_reading() as session:
        platform = platforms.platform(session, platform_id) if platform_id else None
    if platform is None or platform.state != "active":
        raise Stuck("The connection with the LMS is not active.")
    return _Place(shop, tenant_id, platform, column)


def _match(place: _Place) -> str:
    column, stale, said = place.column, place.column.url, ""
    read = _read(place, column.url) if column.url else None
    if read is None:
        url, origin = _find(place, stale)
        read = _read(place, url)
        said = "The column was made anew." if origin == gradebooks.MADE else "The column was found again."
        if read is None:
            raise Stuck("The LMS does not show the gradebook column that it has just named.", is_final=False)
    else:
        url, origin = column.url or "", column.origin or gradebooks.COUPLED
    changed = _follow(place, url, origin, read)
    with place.shop.store.transaction(place.tenant_id) as session:
        if said:
            gradebooks.begin_anew(session, column.line_item_id, is_empty=origin == gradebooks.MADE, now=now())
        else:
            gradebooks.try_parked(session, column.line_item_id, now=now())
    return " ".join(part for part in (said, changed) if part)


def _find(place: _Place, stale_url: str | None) -> tuple[str, str]:
    """URL and origin of the column, found or made."""
    url, found = place.shop.line_items.find(place.tenant_id, place.platform, place.column, stale_url, may_remake=True)
    if not isinstance(found, Found) or url is None:
        raise Stuck(found.reason if not isinstance(found, Found) else "", is_final=isinstance(found, Refused))
    with place.shop.store.reading(place.tenant_id) as session:
        return url, grade_claims.column(session, place.column.line_item_id).origin or gradebooks.FOUND


def _read(place: _Place, url: str) -> dict[str, Any] | None:
    """The column as the LMS has it; None when it has none."""
    answer = place.call("GET", url, vocabulary.SCOPE_LINE_ITEM, vocabulary.SCOPE_LINE_ITEM_READ)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise _stuck(answer, "did not show the gradebook column")
    try:
        said = answer.json()
    except BadAnswer:
        said = None
    if not isinstance(said, dict) or not _number(said.get("scoreMaximum")):
        raise Stuck("The LMS answered with something that is no gradebook column.")
    return said


def _follow(place: _Place, url: str, origin: str, read: dict[str, Any]) -> str:
    """Let a column of this tool follow its placement. Answers in words how the two stand now."""
    column, maximum = place.column, float(read["scoreMaximum"])
    name = str(read.get("label", ""))[:LONGEST_LABEL]
    if origin not in gradebooks.OURS:
        return (
            f"The column “{name}” is there, with {_points(maximum)}. It belongs to the activity in the LMS, so its "
            f"name and points are changed there; grades are converted to its points."
        )
    wanted = {
        "label": (column.label.strip() or column.resource_id)[:LONGEST_LABEL],
        "scoreMaximum": column.maximum,
        "resourceId": column.resource_id,
        "tag": column.tag,
    }
    if all(read.get(field) == value for field, value in wanted.items()):
        return f"The column “{name}” is there, with {_points(maximum)}. Name and points match."
    answer = place.call("PUT", url, vocabulary.SCOPE_LINE_ITEM, body={**read, **wanted})
    if answer.status not in (200, 201, 204):
        raise _stuck(answer, "did not change the gradebook column")
    return f"The column is now called “{wanted['label']}” and has {_points(column.maximum)}."


def _remove(place: _Place) -> str:
    column = place.column
    if column.origin != gradebooks.MADE or column.url is None:
        raise Stuck("This column was not made by this tool, so it is not removed from here.")
    answer = place.call("DELETE", column.url, vocabulary.SCOPE_LINE_ITEM)
    if answer.status not in (200, 202, 204, 404, 410):
        raise _stuck(answer, "did not remove the gradebook column")
    said = "The gradebook column was removed. “Match the column” makes it again and sends the grades."
    with place.shop.store.transaction(place.tenant_id) as session:
        gradebooks.forget_column(session, column.line_item_id, said, now=now())
    return said


def _stuck(answer: Answer, what: str) -> Stuck:
    is_passing = answer.status == 429 or answer.status >= 500
    return Stuck(f"The LMS {what} (status {answer.status}).", is_final=not is_passing)


def _points(maximum: float) -> str:
    return f"{maximum:g} point{'' if maximum == 1 else 's'}"


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
