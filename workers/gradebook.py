"""Grades to the LMS (AGS 2.0): the only place that makes a Score of a grade, and the only writer of the sent half.

``workers.delivery`` decides what to do next; this module does it and tells what came of it. pylti1p3's AGS client is
not used: it has no timeouts, asks for a token with each object, lower-cases next links and sends NaN.
"""

import json
import logging
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from framework.store import grade_claims, service_hosts
from framework.store.grade_pushes import ClaimedGrade, Sent, Wanted
from framework.store.sessions import Store, now
from framework.store.tables import Platform
from workers import delivery, results, verdicts, vocabulary
from workers.delivery import Answer, Busy, Delivery, Lost, Refused, Unsent
from workers.line_items import NO_SERVICE, LineItems
from workers.outgoing import OutgoingError
from workers.outgoing import Refused as NotCalled
from workers.service_calls import HostRefused, NotGranted, ServiceCalls
from workers.steps import Done, Find, Read, Send, Wait
from workers.tokens import NoToken

CANVAS = "canvas"
LEAST_LEASE = timedelta(seconds=20)  # a step is only begun while the lease lasts longer than its timeouts
UNREACHED_SECONDS = 30.0

NOT_GRANTED = Refused(
    "not_granted", "The LMS has not switched on grades for this tool: allow its grade service in the tool's settings."
)
NO_GRADE = Refused("no_grade", "The grade to send is no number from 0 up. That is a fault of this tool.")

_AS_JSON = json.JSONEncoder(allow_nan=False).encode

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed grade. ``hold``: why and how long the platform is better left alone."""

    sent: Sent
    hold: Unsent | None = None


class Gradebook:
    """Sends grades to any platform. One per process; threads may share it."""

    def __init__(self, store: Store, calls: ServiceCalls, line_items: LineItems) -> None:
        self._store, self._calls, self._line_items = store, calls, line_items

    def send(
        self, tenant_id: int, platform: Platform, claimed: ClaimedGrade, *, is_stopped: Callable[[], bool]
    ) -> Outcome:
        """Bring one claimed grade as far as it gets now. Writes nothing but a new column's URL and the try itself."""
        at = _begin(claimed, platform.family)
        sender = _Sender(self, tenant_id, platform, claimed)
        while True:
            step, time_left = delivery.plan(at, now()), claimed.lease_until - now()
            if isinstance(step, Done) or (isinstance(step, Wait) and at.sent.next_try > now()):
                return Outcome(at.sent)
            if isinstance(step, Wait):
                return Outcome(delivery.postponed(at, step.until).sent)
            if is_stopped() or time_left < LEAST_LEASE:
                return Outcome(delivery.postponed(at, now()).sent)
            answer = sender.do(step)
            at = delivery.after(at, answer, now(), random.random())  # noqa: S311  # spreads tries, hides nothing
            _tell(claimed, at.sent)
            if isinstance(answer, Unsent):
                return Outcome(at.sent, answer if answer.holds_all else None)

    def settle(self, tenant_id: int, outcomes: list[tuple[ClaimedGrade, Sent]]) -> None:
        """Write what became of claimed grades, and give the rows free."""
        with self._store.transaction(tenant_id) as session:
            held = grade_claims.settle(session, outcomes, now=now())
        if held < len(outcomes):
            log.warning("%d grades were no longer held when they were settled", len(outcomes) - held)


def faulted(claimed: ClaimedGrade, error: Exception) -> Outcome:
    """What becomes of a grade over which this tool itself fell: it may have been sent, so the next try reads first."""
    log.error("grade %s: a fault of this tool", claimed.id, exc_info=error)
    lost = Lost(f"A fault of this tool ({type(error).__name__}).", now(), code="tool_fault")
    return Outcome(delivery.after(_begin(claimed, ""), lost, now(), random.random()).sent)  # noqa: S311  # spreads tries, hides nothing


class _Sender:
    """One grade on its way to one platform: does a step, answers what it came to."""

    def __init__(self, book: Gradebook, tenant_id: int, platform: Platform, claimed: ClaimedGrade) -> None:
        self._book, self._tenant_id, self._platform, self._claimed = book, tenant_id, platform, claimed
        self._scopes = vocabulary.granted(vocabulary.SCOPES_GRADES, claimed.column.scopes)
        self._url = claimed.column.url
        self._is_noted = claimed.sent.maybe is None  # the claim has noted this try, unless an older one stood there

    def do(self, step: Find | Read | Send) -> Answer:
        """Do one step."""
        stamp = step.stamp if isinstance(step, Send) else None
        try:
            match step:
                case Find():
                    return self._find()
                case Read():
                    return self._read()
                case Send():
                    return self._send(step)
        except NoToken as error:
            return Unsent(error.code, error.reason, error.wait)
        except NotGranted:
            return NOT_GRANTED
        except HostRefused as error:
            return Refused(service_hosts.REFUSED, str(error))
        except NotCalled as error:
            return Busy(str(error), code="not_called")
        except OutgoingError as error:
            if error.may_have_arrived:
                return Lost(f"No answer from the LMS: {error}", stamp)
            return Unsent("unreached", str(error), UNREACHED_SECONDS)

    def _find(self) -> Answer:
        self._url, answer = self._book._line_items.find(
            self._tenant_id, self._platform, self._claimed.column, self._url
        )
        return answer

    def _read(self) -> Answer:
        url = below(self._url or "", "results", {"user_id": self._claimed.sub})
        return results.read(self._book._calls, self._platform, self._scopes, url, self._claimed.sub)

    def _send(self, step: Send) -> Answer:
        wanted = self._claimed.wanted
        if not is_grade(wanted):
            return NO_GRADE
        if vocabulary.SCOPE_SCORE not in self._scopes:
            return NOT_GRANTED if self._scopes else NO_SERVICE
        if not self._note():
            return Busy("Another worker has taken this grade over.")
        is_canvas = self._platform.family == CANVAS
        body = score(self._claimed.sub, wanted, step.stamp, is_canvas=is_canvas, is_submission=step.is_submission)
        answer = self._book._calls.call(
            self._platform,
            self._scopes,
            [vocabulary.SCOPE_SCORE],
            "POST",
            scores_url(self._url or ""),
            content_type=vocabulary.SCORE,
            body=_AS_JSON(body).encode(),
        )
        return verdicts.of_score(answer, self._platform.family, step.stamp)

    def _note(self) -> bool:
        """Should this worker die now, the next one must know what may have been sent."""
        if not self._is_noted:
            with self._book._store.transaction(self._tenant_id) as session:
                self._is_noted = grade_claims.trying(session, self._claimed)
        return self._is_noted


def score(sub: str, wanted: Wanted, stamp: datetime, *, is_canvas: bool, is_submission: bool) -> dict[str, Any]:
    """A score (AGS 2.0, 3.4.1). The comment is sent each time: a score without one erases it.

    Canvas would take every score for a new attempt, marked late by its time of sending, and overwrite a teacher's.
    """
    body: dict[str, Any] = {
        "userId": sub,
        "scoreGiven": wanted.value,
        "scoreMaximum": wanted.maximum,
        "activityProgress": vocabulary.COMPLETED,
        "gradingProgress": vocabulary.FULLY_GRADED,
        "timestamp": timestamp(stamp),
        "submission": {"submittedAt": timestamp(min(wanted.submitted_at, stamp))},
    }
    if wanted.comment is not None:
        body["comment"] = wanted.comment
    if is_canvas:
        body[vocabulary.CANVAS_SUBMISSION] = {"new_submission": is_submission, "prioritize_non_tool_grade": True}
    return body


def is_grade(wanted: Wanted) -> bool:
    """Whether value and maximum are finite numbers, 0 <= value <= maximum, 0 < maximum. 0 is a grade; True is none."""
    for number in (wanted.value, wanted.maximum):
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            return False
    return 0 <= wanted.value <= wanted.maximum and wanted.maximum > 0


def timestamp(at: datetime) -> str:
    """ISO 8601 with milliseconds and zone."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def below(line_item_url: str, name: str, query: dict[str, str] | None = None) -> str:
    """The URL of a line item's scores or results: the name goes into the path, before Moodle's ``?type_id``."""
    parts = urlsplit(line_item_url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *(query or {}).items()]
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", query=urlencode(pairs), fragment=""))


@lru_cache(maxsize=1000)
def scores_url(line_item_url: str) -> str:
    """Where a line item takes scores: the same for a whole class."""
    return below(line_item_url, "scores")


def _begin(claimed: ClaimedGrade, family: str) -> Delivery:
    return Delivery(
        claimed.wanted,
        claimed.sent,
        has_column=claimed.column.url is not None,
        may_read=vocabulary.SCOPE_RESULT_READ in claimed.column.scopes,
        counts_submissions=family == CANVAS,
    )


def _tell(claimed: ClaimedGrade, sent: Sent) -> None:
    if sent.error_class is not None:
        log.info("grade %s: %s %s", claimed.id, sent.state, sent.error_class)
