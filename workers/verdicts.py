"""What a platform's HTTP answer means for a grade. Pure. Reasons are for teachers and administrators.

Statuses lie (Moodle answers 400 for a person who left, 500 for a locked column; Canvas 403 for "too fast"), so texts
are looked at too; they are matched and never kept, because they hold people's ids.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workers.delivery import (
    ATTEMPTS_EXHAUSTED,
    Accepted,
    Answer,
    Busy,
    Gone,
    Lost,
    Older,
    Refused,
    Shown,
)
from workers.outgoing import Answer as HttpAnswer
from workers.outgoing import BadAnswer
from workers.retry_after import retry_after

NOT_ENROLLED = Refused(
    "not_enrolled", "The LMS knows this person no longer as a learner of the course, so it takes no grade for them."
)
NOT_GRADABLE = Refused(
    "not_gradable",
    "The LMS takes no grade for this person: they may have left the course, or be a teacher or assistant in it.",
)
EXHAUSTED = Refused(ATTEMPTS_EXHAUSTED, "In the LMS this assignment has no attempts left for this learner.")
NOT_ALLOWED = Refused("not_allowed", "The LMS does not let this tool write grades in this course.")
NOT_ACCEPTING = Refused(
    "not_accepting", "The assignment in the LMS takes no grades from this tool: it is closed or no longer linked."
)
UNPUBLISHED = Refused(
    "unpublished", "The assignment, or its course, is not published in the LMS, so it takes no grades yet."
)
COURSE_ENDED = Refused("course_ended", "The course has ended in the LMS, so it takes no grades any more.")
LOCKED = Refused("column_locked", "The gradebook column is locked in the LMS, so it takes no grades.")
UNREADABLE = Refused("unreadable", "The LMS did not show the grade it holds, so nothing was sent over it.")
LOCKED_ATTEMPTS = 10  # some quarter of an hour; then a person must unlock the column


def of_score(answer: HttpAnswer, family: str, stamp: datetime) -> Answer:
    """What the answer to a score means (AGS 2.0, 3.4)."""
    status, text = answer.status, _text(answer)
    if 200 <= status < 300:
        return Accepted(stamp)
    if (busy := _busy(answer, text)) is not None:
        return busy
    if status >= 500 or status < 200:
        return _lost(answer, family, stamp)
    if status == 409 or (status == 400 and "timestamp" in text and ("before" in text or "earlier" in text)):
        return Older(stamp)
    if (closed := closed_to_grades(answer)) is not None:
        return closed
    if status == 404 and "user" not in text:
        return Gone()
    return _refused(status, family, text)


def of_result(answer: HttpAnswer, sub: str) -> Answer:
    """What the answer to a request for one person's result means (AGS 2.0, 3.3)."""
    status, text = answer.status, _text(answer)
    if (busy := _busy(answer, text)) is not None:
        return busy
    if status >= 500 or status < 200:
        return Lost(f"The LMS answered with status {status}.", wait=retry_after(answer.headers))
    if (closed := closed_to_grades(answer)) is not None:
        return closed
    if status == 404:
        return Gone()
    if not 200 <= status < 300:
        return UNREADABLE
    try:
        said = answer.json()
    except BadAnswer:
        return UNREADABLE
    if not isinstance(said, list):
        return UNREADABLE
    mine = [one for one in said if isinstance(one, dict) and str(one.get("userId")) == sub]
    return _shown(mine[0]) if mine else Shown(None)


def closed_to_grades(answer: HttpAnswer) -> Refused | None:
    """Whether a refusal says that course or activity is shut: Canvas's texts, the only ones known."""
    if not 400 <= answer.status < 500:
        return None
    text = _text(answer)
    if "unpublished" in text or "not published" in text or "not been published" in text:
        return UNPUBLISHED
    return COURSE_ENDED if "concluded" in text else None


def _busy(answer: HttpAnswer, text: str) -> Busy | None:
    is_limit = answer.status == 429 or (answer.status == 403 and "rate limit" in text)
    if is_limit or answer.status in (408, 425) or 300 <= answer.status < 400:
        return Busy(f"The LMS is busy (status {answer.status}).", retry_after(answer.headers))
    return None


def _lost(answer: HttpAnswer, family: str, stamp: datetime) -> Lost:
    wait = retry_after(answer.headers)
    if family == "moodle" and answer.status == 500:
        reason = "Moodle answered with an error (status 500), as it does when the gradebook column is locked."
        return Lost(reason, stamp, wait, "column_locked", LOCKED_ATTEMPTS)
    return Lost(f"The LMS answered with an error (status {answer.status}).", stamp, wait)


def _refused(status: int, family: str, text: str) -> Refused:
    if "attempts" in text and status in (400, 422):
        return EXHAUSTED
    if "not enrolled" in text or ("user" in text and status in (403, 404, 422)) or "user could not be found" in text:
        return NOT_ENROLLED
    if status == 400 and family == "moodle":
        return NOT_GRADABLE
    if status in (401, 403):
        return NOT_ALLOWED
    if status == 423:
        return LOCKED
    if status == 412:
        return NOT_ACCEPTING
    return Refused("refused", f"The LMS refuses this grade (status {status}).")


def _shown(result: Mapping[str, Any]) -> Shown:
    """``resultMaximum`` may be missing and is 1 then."""
    score, maximum = _number(result.get("resultScore")), _number(result.get("resultMaximum", 1))
    comment = result.get("comment")
    fraction = None if score is None or not maximum else score / maximum
    return Shown(fraction, _time(result.get("timestamp")), comment if isinstance(comment, str) else None)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _text(answer: HttpAnswer) -> str:
    """The start of the body, for matching only."""
    return answer.body[:4000].decode(errors="replace").lower()
