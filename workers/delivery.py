"""How one grade gets into one gradebook: a state machine without network, database or clock.

    plan(delivery, now)                     what to do next: Find | Read | Send | Wait, or Done
    after(delivery, answer, now, jitter)    what is known once the LMS has answered

Nothing but a finished grade is ever sent, because an LMS erases a grade on any other progress (Moodle, Canvas). The
first send is blind. Every later one, and every one after a try that may have arrived, reads the LMS's result first:
  it shows what is wanted             delivered, nothing is sent
  it shows what we sent before, or nothing     send, with a newer timestamp
  it shows something else             somebody else's grade: it stands (overridden)
Where an LMS counts attempts (Canvas), each attempt of the learner is one submission there, known by the time at which
it was finished; a later change of the same attempt is none, and the same time sent twice counts once.
What is parked is looked at again, ever more seldom: most causes go away without anybody telling this tool.
Timestamps are of the moment of sending and rise by whole seconds for each grade: Moodle refuses a second one in the
same second (AGS 2.0 3.4.5 asks for rising timestamps; Moodle compares seconds with ``>=``).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from framework.store.grade_pushes import CHECK, DELIVERED, DUE, NEVER, OVERRIDDEN, PARKED, Sent, Wanted
from workers.steps import Done, Find, Read, Send, Step, Wait

MOST_ATTEMPTS = 24  # with the longest wait, some 14 hours: an LMS may be down for a night
LONGEST_WAIT = 3600.0
SAME = 1e-4  # of the maximum: Moodle keeps five decimals
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FIRST_LOOK, LONGEST_LOOK = timedelta(minutes=15), timedelta(hours=12)  # at what is parked

ATTEMPTS_EXHAUSTED = "attempts_exhausted"
HOPELESS = ("no_grade", "column_removed")  # what waiting does not mend


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed grade on its way. ``shown`` is the result just read; the rest of the second half is of this claim."""

    wanted: Wanted
    sent: Sent
    has_column: bool = True
    may_read: bool = True
    counts_submissions: bool = False
    shown: "Shown | None" = None
    is_refound: bool = False
    refused_as_old: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The column is known now."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The LMS's result: ``fraction`` of its maximum, None when it has none; ``at``: its time, where it tells one."""

    fraction: float | None
    at: datetime | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The LMS took the grade that was sent with this timestamp."""

    stamp: datetime


@dataclass(frozen=True, slots=True)
class Older:
    """The LMS did not take it: it holds a grade of the same time or a newer one."""

    stamp: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer, or one that does not say whether the grade was taken. ``stamp``: of the grade, None for a read.

    ``wait``: seconds the LMS asked for. ``most``: attempts before it is parked.
    """

    reason: str
    stamp: datetime | None = None
    wait: float | None = None
    code: str = "no_answer"
    most: int = MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Busy:
    """It was not taken now, and may be later (rate limit). Costs an attempt."""

    reason: str
    wait: float | None = None
    code: str = "busy"


@dataclass(frozen=True, slots=True)
class Unsent:
    """It was not sent, for a reason that is not this grade's: no token, no connection. Costs no attempt.

    ``holds_all``: the platform's other grades need not be tried before ``wait`` seconds are over.
    """

    code: str
    reason: str
    wait: float
    holds_all: bool = True


@dataclass(frozen=True, slots=True)
class Gone:
    """The LMS knows no such column."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The LMS will not take it, however often it is sent. ``code`` is stable; ``reason`` is for a person."""

    code: str
    reason: str


Answer = Found | Shown | Accepted | Older | Lost | Busy | Unsent | Gone | Refused

COLUMN_MISSING = Refused(
    "column_missing", "The gradebook column is gone from the LMS. Was the activity deleted or made ungraded there?"
)


def plan(delivery: Delivery, now: datetime) -> Step:
    """The next step of a claimed grade."""
    sent = delivery.sent
    if sent.state not in (DUE, CHECK):
        return Done()
    if sent.next_try > now:
        return Wait(sent.next_try)
    if not delivery.has_column:
        return Find()
    stamp = _newer(now, sent.stamp, delivery.shown.at if delivery.shown else None)
    is_early = now < stamp <= now + SECOND  # rather a second late than from the future
    if _must_read(delivery) and delivery.shown is None and (sent.state == CHECK or not is_early):
        return Read()
    if is_early:
        return Wait(stamp)
    if stamp < delivery.wanted.submitted_at <= now + MINUTE:
        return Wait(delivery.wanted.submitted_at)  # another host's clock: an attempt has one time, and not a future one
    is_new = sent.submission != delivery.wanted.submitted_at
    return Send(stamp, is_submission=is_new and sent.error_class != ATTEMPTS_EXHAUSTED)


def after(delivery: Delivery, answer: Answer, now: datetime, jitter: float) -> Delivery:
    """What is known and due once the LMS has answered. ``jitter`` from 0 to 1 spreads the next tries."""
    match answer:
        case Found():
            return replace(delivery, has_column=True)
        case Shown():
            return _compare(delivery, answer, now)
        case Accepted(stamp):
            return _delivered(delivery, now, stamp)
        case Older(stamp):
            return _read_and_send_newer(delivery, stamp, now, jitter)
        case Lost(reason, stamp, wait, code, most):
            tried = {"stamp": stamp, "maybe": delivery.wanted.fraction} if stamp else {}
            unsure = _set(delivery, state=CHECK, **tried)
            return _later(unsure, code, reason, now, _wait(delivery, wait, jitter), jitter, most)
        case Busy(reason, wait, code):
            return _later(delivery, code, reason, now, _wait(delivery, wait, jitter), jitter)
        case Unsent(code, reason, wait):
            spared = _set(delivery, attempts=delivery.sent.attempts - 1)
            return _later(spared, code, reason, now, timedelta(seconds=wait * (1 + jitter / 4)), jitter)
        case Gone() if not delivery.is_refound:
            return replace(delivery, has_column=False, is_refound=True)
        case Gone():
            return _parked(delivery, COLUMN_MISSING, now, jitter)
        case Refused(code) if code == ATTEMPTS_EXHAUSTED and delivery.sent.error_class != ATTEMPTS_EXHAUSTED:
            return _set(delivery, error_class=code, last_error=answer.reason)  # again, as no submission
        case Refused():
            return _parked(delivery, answer, now, jitter)


def postponed(delivery: Delivery, until: datetime) -> Delivery:
    """Nothing was sent yet. Costs no attempt, unless the LMS has just refused one: that must not go on for ever."""
    return _set(delivery, next_try=until, attempts=delivery.sent.attempts - (0 if delivery.refused_as_old else 1))


def _must_read(delivery: Delivery) -> bool:
    """Whether the gradebook may hold something that a blind send could spoil."""
    sent = delivery.sent
    is_touched = sent.state == CHECK or sent.value is not None or sent.maybe is not None
    return is_touched and delivery.may_read


def _newer(now: datetime, *earlier: datetime | None) -> datetime:
    """The first timestamp from now on that lies in a later second than all earlier ones (a day ahead is no clock)."""
    floors = [at.replace(microsecond=0) + SECOND for at in earlier if at is not None and at < now + DAY]
    return max([now, *floors])


def _compare(delivery: Delivery, shown: Shown, now: datetime) -> Delivery:
    wanted, sent = delivery.wanted, delivery.sent
    is_same_comment = wanted.comment is None or shown.comment is None or wanted.comment == shown.comment
    if _same(shown.fraction, wanted.fraction) and is_same_comment and not _owes_submission(delivery, shown):
        return _delivered(delivery, now, sent.stamp)
    if _same(shown.fraction, sent.maybe):
        points = (sent.maybe or 0.0) * wanted.maximum
        return replace(
            _set(delivery, state=DUE, value=points, maximum=wanted.maximum, maybe=None), shown=shown
        )  # the try without an answer did arrive
    if shown.fraction is None or _same(shown.fraction, sent.fraction) or _same(shown.fraction, wanted.fraction):
        return replace(_set(delivery, state=DUE, maybe=None), shown=shown)
    reason = f"The gradebook shows {shown.fraction:.0%}, entered by somebody else. That grade stands."
    return _set(delivery, state=OVERRIDDEN, maybe=None, attempts=0, error_class="overridden", last_error=reason)


def _owes_submission(delivery: Delivery, shown: Shown) -> bool:
    """Whether a grade that is shown as wanted says nothing of the attempt: it was the same before."""
    wanted, sent = delivery.wanted, delivery.sent
    if not delivery.counts_submissions or sent.submission == wanted.submitted_at:
        return False
    if shown.at is not None:  # a try with this attempt has a stamp that is not before it; some tell whole seconds alone
        latest = shown.at if shown.at.microsecond else shown.at + SECOND
        if latest < wanted.submitted_at:
            return True
    return _same(sent.fraction, wanted.fraction) or not _same(sent.maybe, wanted.fraction)


def _delivered(delivery: Delivery, now: datetime, stamp: datetime | None) -> Delivery:
    wanted = delivery.wanted
    return _set(
        delivery,
        state=DELIVERED,
        attempts=0,
        version=wanted.version,
        value=wanted.value,
        maximum=wanted.maximum,
        submission=wanted.submitted_at,
        stamp=stamp,
        maybe=None,
        error_class=None,
        last_error=None,
        delivered_at=now,
    )


def _read_and_send_newer(delivery: Delivery, stamp: datetime, now: datetime, jitter: float) -> Delivery:
    times = delivery.refused_as_old + 1
    again = replace(_set(delivery, state=CHECK, stamp=stamp), shown=None, refused_as_old=times)
    if times == 1 and delivery.may_read:
        return again
    reason = "The LMS says that it holds a newer grade."
    return _later(again, "refused_as_older", reason, now, _wait(delivery, None, jitter), jitter)


def _later(
    delivery: Delivery,
    code: str,
    reason: str,
    now: datetime,
    wait: timedelta,
    jitter: float,
    most: int = MOST_ATTEMPTS,
) -> Delivery:
    """Try again at this time, or park at the cap. What may have been sent stays noted: only a read settles that."""
    if delivery.sent.attempts >= most:
        return _parked(delivery, Refused(code, f"{reason} Tried {most} times."), now, jitter)
    return replace(_set(delivery, next_try=now + wait, error_class=code, last_error=reason), shown=None)


def _parked(delivery: Delivery, refused: Refused, now: datetime, jitter: float) -> Delivery:
    """Left to a person, and looked at again after a while that doubles with each look."""
    doubled = FIRST_LOOK * 2 ** min(max(delivery.sent.attempts - 1, 0), 10)
    again = NEVER if refused.code in HOPELESS else now + min(doubled, LONGEST_LOOK) * (1 + jitter / 4)
    return _set(delivery, state=PARKED, next_try=again, error_class=refused.code, last_error=refused.reason)


def _wait(delivery: Delivery, asked: float | None, jitter: float) -> timedelta:
    backoff = min(LONGEST_WAIT, 2.0 ** min(delivery.sent.attempts + 1, 20)) * (0.5 + jitter / 2)
    return timedelta(seconds=backoff if asked is None else max(backoff, min(asked, LONGEST_WAIT)))


def _same(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= SAME


def _set(delivery: Delivery, **changes: object) -> Delivery:
    return replace(delivery, sent=replace(delivery.sent, **changes))  # type: ignore[arg-type]  # by the names of its fields
