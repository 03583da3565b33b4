"""For any order of submits, crashes, lost answers, refusals and teachers' edits the gradebook ends right.

The machine under test is pure; the rules below play the store (claim, settle: see ``framework.store.grade_pushes``),
the network and the LMS.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from framework.store.grade_pushes import CHECK, DELIVERED, DUE, OVERRIDDEN, PARKED, Sent, Wanted
from tests.builders import AT
from tests.workers.gradebook_models import Canvas, Coupled, ModelGradebook, OneAttempt
from workers import delivery
from workers.delivery import (
    Accepted,
    Busy,
    Delivery,
    Found,
    Gone,
    Lost,
    Older,
    Refused,
    Shown,
    Unsent,
)
from workers.steps import Done, Find, Read, Send, Wait

OURS = [0.0, 0.25, 0.5, 0.75, 1.0]
TEACHERS = [0.33, 0.66, 0.9]
SECOND = timedelta(seconds=1)
FAULTS = st.sampled_from(
    ["", "", "", "", "lost before", "lost after", "503", "busy", "no token", "dies after", "refused", "gone"]
)
UNPUBLISHED = Refused("unpublished", "The course is not published.")


class Deliveries(RuleBasedStateMachine):
    """One learner's grade in one column."""

    kind: type[ModelGradebook] = ModelGradebook

    def __init__(self) -> None:
        super().__init__()
        self.book = self.kind()
        self.now = AT
        self.wanted: Wanted | None = None
        self.sent = Sent(DUE, 0, AT)
        self.maybe_stored: float | None = None  # the column maybe_sent, written by the claim
        self.lease_until = AT
        self.flight: Delivery | None = None  # what a living worker holds
        self.is_armed = False  # that worker has read and may send over a teacher's newer edit
        self.teachers: float | None = None
        self.must_stand: float | None = None  # a teacher's grade that nothing may replace
        self.acknowledged = 0
        self.arrived: list[int] = []  # versions, in the order the gradebook took them
        self.finished: list[datetime] = []  # when each attempt of the learner was finished

    # --- what people do

    @initialize(value=st.sampled_from(OURS))
    def first_grade(self, value: float) -> None:
        self._want(value, is_new_attempt=True)

    @rule(value=st.sampled_from(OURS), is_new_attempt=st.booleans())
    def newer_grade(self, value: float, is_new_attempt: bool) -> None:
        self._want(value, is_new_attempt=is_new_attempt)

    @rule()
    def somebody_presses_send_again(self) -> None:
        """``grade_pushes.resend``."""
        state = CHECK if self.sent.state in (CHECK, OVERRIDDEN) else DUE
        self.sent = replace(self.sent, state=state, attempts=0, next_try=self.now, error_class=None)

    @rule()
    def sweep(self) -> None:
        """``grade_pushes.revive``."""
        if self.sent.state == PARKED and self.sent.next_try <= self.now and self.lease_until <= self.now:
            self.sent = replace(self.sent, state=DUE, next_try=self.now)

    @rule(value=st.sampled_from(TEACHERS))
    def teacher_types_a_grade(self, value: float) -> None:
        self.book.edit(value, self.now)
        self.teachers = value
        self.must_stand = value if self.arrived and not self.is_armed else None

    @rule(seconds=st.sampled_from([0.2, 0.7, 1, 3, 70, 4000]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # --- what a worker does

    @precondition(lambda self: self.flight is None)
    @rule()
    def claim(self) -> None:
        if self.sent.state not in (DUE, CHECK) or self.sent.next_try > self.now or self.lease_until > self.now:
            return
        assert self.wanted is not None
        self.lease_until = self.now + timedelta(seconds=60)
        self.sent = replace(self.sent, attempts=self.sent.attempts + 1)
        held = replace(self.sent, maybe=self.maybe_stored)
        self.flight = Delivery(self.wanted, held, counts_submissions=self.book.counts_submissions)
        if self.maybe_stored is None:
            self.maybe_stored = self.wanted.fraction

    @precondition(lambda self: self.flight is not None)
    @rule()
    def worker_dies(self) -> None:
        self.flight, self.is_armed = None, False

    @precondition(lambda self: self.flight is not None)
    @rule(fault=FAULTS)
    def step(self, fault: str) -> None:
        assert self.flight is not None
        at = self.flight
        answer: delivery.Answer
        match delivery.plan(at, self.now):
            case Find():
                answer = delivery.COLUMN_MISSING if fault == "gone" else Found()
            case Read():
                answer = self._read(fault)
            case Send(stamp, is_submission):
                self.maybe_stored = at.wanted.fraction  # grade_claims.trying, or the claim itself
                answer = self._send(at, stamp, is_submission, fault)
            case Wait(until):
                self._settle(delivery.postponed(at, until))
                return
            case _:
                self._settle(at)
                return
        if fault == "dies after":
            self.flight, self.is_armed = None, False
            return
        self.flight = delivery.after(at, answer, self.now, 0.5)
        self.is_armed = self.flight.shown is not None

    @precondition(lambda self: self.flight is None)
    @rule(faults=st.lists(FAULTS, max_size=6))
    def whole_run(self, faults: list[str]) -> None:
        self.claim()
        for fault in [*faults, "", ""]:
            if self.flight is not None:
                self.step(fault)

    # --- what must hold

    @invariant()
    def nothing_is_erased(self) -> None:
        if self.arrived:
            assert self.book.shown is not None

    @invariant()
    def what_a_teacher_typed_over_our_grade_stands(self) -> None:
        if self.must_stand is not None:
            assert self.book.shown == self.must_stand

    @invariant()
    def no_older_grade_after_a_newer_one(self) -> None:
        assert self.arrived == sorted(self.arrived)

    @invariant()
    def no_attempt_is_counted_twice(self) -> None:
        assert self.book.submissions == sorted(set(self.book.submissions))
        assert set(self.book.submissions) <= set(self.finished)

    def teardown(self) -> None:
        """Let the workers go on undisturbed: all ends, and ends right."""
        for _ in range(200):
            if self.flight is None:
                self.now += timedelta(seconds=61)
                if self.sent.state == PARKED:
                    self.now = max(self.now, self.sent.next_try)
                    self.sweep()
                if self.sent.next_try > self.now and self.sent.state in (DUE, CHECK):
                    self.now = self.sent.next_try
                self.claim()
            if self.flight is None:
                break
            self.step("")
            self.nothing_is_erased()
            self.no_attempt_is_counted_twice()
            self.what_a_teacher_typed_over_our_grade_stands()
        if self.wanted is None:
            return
        assert self.sent.state in (DELIVERED, OVERRIDDEN), self.sent
        if self.book.counts_submissions and self.book.allowed is None and self.sent.state == DELIVERED:
            assert self.book.submissions[-1] == self.wanted.submitted_at
        if self.sent.state == OVERRIDDEN or self.book.shown == self.teachers:
            assert self.book.shown == self.teachers
        else:
            assert self.book.shown == self.wanted.fraction

    def _want(self, value: float, *, is_new_attempt: bool) -> None:
        if is_new_attempt:
            self.now += timedelta(seconds=0.1)  # nobody finishes twice at once
            self.finished.append(self.now)
        version = 1 if self.wanted is None else self.wanted.version + 1
        self.wanted = Wanted(value, 1.0, self.finished[-1], None, version)
        state = CHECK if self.sent.state in (CHECK, OVERRIDDEN) else DUE
        self.sent = replace(self.sent, state=state, attempts=0, next_try=self.now)

    def _read(self, fault: str) -> delivery.Answer:
        match fault:
            case "lost before" | "lost after" | "503":
                return Lost("no answer")
            case "busy":
                return Busy("slow down", 3.0)
            case "no token":
                return Unsent("no_token", "no token", 30.0)
            case "refused":
                return UNPUBLISHED
            case "gone":
                return Gone()
        return Shown(self.book.shown, self.book.changed_at)

    def _send(self, at: Delivery, stamp: datetime, is_submission: bool, fault: str) -> delivery.Answer:
        assert stamp >= at.wanted.submitted_at
        assert at.sent.stamp is None or stamp.replace(microsecond=0) > at.sent.stamp.replace(microsecond=0)
        assert at.wanted.version > self.acknowledged, "sent again after it was acknowledged"
        match fault:
            case "lost before" | "503":
                return Lost("no answer", stamp)
            case "busy":
                return Busy("slow down")
            case "no token":
                return Unsent("no_token", "no token", 30.0)
            case "refused":
                return UNPUBLISHED
            case "gone":
                return Gone()
        if is_submission and self.book.is_exhausted(at.wanted.submitted_at):
            return Refused(delivery.ATTEMPTS_EXHAUSTED, "No attempts are left.")
        is_taken = self.book.post(at.wanted.fraction, stamp, self.now)
        if is_taken:
            self.arrived.append(at.wanted.version)
            if is_submission:
                self.book.submit(at.wanted.submitted_at)
        if fault == "lost after":
            return Lost("no answer", stamp)
        if is_taken and fault != "dies after":
            self.acknowledged = at.wanted.version
        return Accepted(stamp) if is_taken else Older(stamp)

    def _settle(self, done: Delivery) -> None:
        assert self.wanted is not None
        sent = done.sent
        if self.wanted.version != done.wanted.version:
            state = CHECK if sent.state in (CHECK, OVERRIDDEN) else DUE
            sent = replace(sent, state=state, attempts=0, next_try=self.now)
        self.sent, self.maybe_stored = sent, sent.maybe
        self.flight, self.is_armed, self.lease_until = None, False, self.now


@pytest.mark.lti("LTI-92", "LTI-96", "LTI-100")
@pytest.mark.parametrize("kind", [ModelGradebook, Coupled, Canvas, OneAttempt])
def test_the_gradebook_ends_with_the_newest_grade_or_the_teachers(kind: type[ModelGradebook]) -> None:
    machine = type(f"Deliveries{kind.__name__}", (Deliveries,), {"kind": kind})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=80, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


# --- the rules one by one


def start(**changes: object) -> Delivery:
    if "value" in changes:
        changes.setdefault("submission", AT)
    sent = replace(Sent(DUE, 1, AT), **changes)  # type: ignore[arg-type]  # by the names of its fields
    return Delivery(Wanted(1.0, 2.0, AT, None, 3), sent)


def after(of: Delivery, answer: delivery.Answer) -> Sent:
    return delivery.after(of, answer, AT, 0.5).sent


def test_the_first_send_is_blind_and_stamped_now() -> None:
    assert delivery.plan(start(), AT) == Send(AT, is_submission=True)


def test_a_later_send_reads_first() -> None:
    before = start(version=2, value=0.5, maximum=2.0, stamp=AT - 5 * SECOND)
    assert delivery.plan(before, AT) == Read()
    read = delivery.after(before, Shown(0.25), AT, 0.5)
    assert delivery.plan(read, AT) == Send(AT, is_submission=False)


def test_a_platform_that_lets_nobody_read_is_sent_to_blindly() -> None:
    before = replace(start(version=2, value=0.5, maximum=2.0), may_read=False)
    assert isinstance(delivery.plan(before, AT), Send)


@pytest.mark.lti("LTI-92")
def test_two_grades_in_one_second_are_a_second_apart() -> None:
    before = start(version=2, value=0.5, maximum=2.0, stamp=AT + timedelta(milliseconds=300))
    now = AT + timedelta(milliseconds=500)
    assert delivery.plan(before, now) == Wait(AT + SECOND)


def test_an_lms_whose_clock_is_ahead_gets_a_stamp_after_its_own() -> None:
    before = start(state=CHECK, version=2, value=0.5, maximum=2.0)
    ahead = AT + timedelta(seconds=40)
    read = delivery.after(before, Shown(0.25, ahead), AT, 0.5)
    assert delivery.plan(read, AT) == Send(ahead + SECOND, is_submission=False)


def test_an_lms_whose_clock_is_a_year_ahead_does_not_take_us_along() -> None:
    before = start(state=CHECK, version=2, value=0.5, maximum=2.0)
    read = delivery.after(before, Shown(0.25, AT + timedelta(days=365)), AT, 0.5)
    assert delivery.plan(read, AT) == Send(AT, is_submission=False)


def test_zero_is_a_grade_that_counts_as_sent() -> None:
    before = start(version=2, value=0.0, maximum=2.0)
    assert delivery.plan(before, AT) == Read()
    assert after(before, Shown(0.0)).state == DUE


@pytest.mark.lti("LTI-92")
def test_a_lost_answer_is_read_before_the_next_send() -> None:
    lost = delivery.after(start(), Lost("timed out", AT), AT, 0.5)
    assert (lost.sent.state, lost.sent.maybe, lost.sent.next_try) == (CHECK, 0.5, AT + timedelta(seconds=3))
    assert delivery.plan(lost, AT) == Wait(lost.sent.next_try)
    assert delivery.plan(lost, AT + 3 * SECOND) == Read()
    assert after(lost, Shown(0.5)).state == DELIVERED


@pytest.mark.lti("LTI-93")
def test_refused_as_older_is_read_and_if_equal_it_is_done() -> None:
    refused = delivery.after(start(), Older(AT), AT, 0.5)
    assert delivery.plan(refused, AT) == Read()
    assert after(refused, Shown(0.5)).state == DELIVERED


@pytest.mark.lti("LTI-93")
def test_refused_as_older_by_somebody_elses_grade_stops() -> None:
    refused = delivery.after(start(), Older(AT), AT, 0.5)
    stopped = after(refused, Shown(0.9))
    assert (stopped.state, stopped.error_class) == (OVERRIDDEN, "overridden")
    assert "90%" in (stopped.last_error or "")


@pytest.mark.lti("LTI-93")
def test_refused_as_older_twice_waits() -> None:
    once = delivery.after(start(), Older(AT), AT, 0.5)
    twice = delivery.after(delivery.after(once, Shown(None), AT, 0.5), Older(AT), AT, 0.5)
    assert isinstance(delivery.plan(twice, AT), Wait)


def test_a_grade_that_vanished_from_the_lms_is_sent_again() -> None:
    before = start(version=2, value=0.5, maximum=2.0)
    assert delivery.plan(delivery.after(before, Shown(None), AT, 0.5), AT) == Send(AT, is_submission=False)


@pytest.mark.lti("LTI-95")
def test_a_new_comment_is_sent_though_the_grade_is_equal() -> None:
    before = start(version=2, value=1.0, maximum=2.0)
    commented = replace(before, wanted=replace(before.wanted, comment="Well done"))
    read = delivery.after(commented, Shown(0.5, None, "old"), AT, 0.5)
    assert isinstance(delivery.plan(read, AT), Send)
    assert after(commented, Shown(0.5, None, "Well done")).state == DELIVERED


@pytest.mark.lti("LTI-98")
@pytest.mark.parametrize(("asked", "least"), [(None, 0.5), (120.0, 120.0), (1e9, 3600.0)])
def test_a_busy_lms_is_left_alone_for_as_long_as_it_says(asked: float | None, least: float) -> None:
    later = after(start(), Busy("slow down", asked))
    assert (later.state, later.error_class) == (DUE, "busy")
    assert later.next_try - AT >= timedelta(seconds=least)


@pytest.mark.lti("LTI-98")
def test_waits_grow_to_a_cap_and_then_the_grade_is_parked() -> None:
    waits = []
    for attempts in range(1, delivery.MOST_ATTEMPTS):
        waits.append((after(start(attempts=attempts), Busy("slow down")).next_try - AT).total_seconds())
    assert waits == sorted(waits)
    assert waits[-1] <= delivery.LONGEST_WAIT
    assert sum(waits) > 8 * 3600, "an LMS may be down for a night"
    spread = {delivery.after(start(), Busy("slow down"), AT, chance).sent.next_try for chance in (0.1, 0.5, 0.9)}
    assert len(spread) == 3
    last = after(start(attempts=delivery.MOST_ATTEMPTS), Busy("The LMS is busy."))
    assert (last.state, last.last_error) == (PARKED, f"The LMS is busy. Tried {delivery.MOST_ATTEMPTS} times.")


def test_what_concerns_the_whole_platform_costs_a_grade_no_attempt() -> None:
    later = after(start(attempts=5), Unsent("no_token", "The LMS gave no token.", 300))
    assert (later.state, later.attempts) == (DUE, 4)
    assert later.next_try - AT >= timedelta(seconds=300)


def test_what_may_have_been_sent_stays_noted_until_it_is_read() -> None:
    unsure = start(maybe=0.5)
    for answer in (Busy("slow"), Unsent("no_token", "none", 30), Lost("no answer"), Refused("refused", "no")):
        assert after(unsure, answer).maybe == 0.5


def test_a_missing_column_is_looked_for_once() -> None:
    gone = delivery.after(start(), Gone(), AT, 0.5)
    assert delivery.plan(gone, AT) == Find()
    found = delivery.after(gone, Found(), AT, 0.5)
    assert isinstance(delivery.plan(found, AT), Send)
    assert after(found, Gone()).error_class == "column_missing"


@pytest.mark.lti("LTI-97")
def test_attempts_exhausted_is_sent_once_more_as_no_submission() -> None:
    refusal = Refused(delivery.ATTEMPTS_EXHAUSTED, "No attempts are left in the LMS.")
    again = delivery.after(start(), refusal, AT, 0.5)
    assert delivery.plan(again, AT) == Send(AT, is_submission=False)
    assert after(again, refusal).state == PARKED
    assert after(again, Accepted(AT)).error_class is None


@pytest.mark.lti("LTI-97")
def test_a_refusal_parks_with_its_reason() -> None:
    parked = after(start(), Refused("not_enrolled", "Not in the course."))
    assert (parked.state, parked.error_class, parked.last_error) == (PARKED, "not_enrolled", "Not in the course.")
    assert delivery.plan(replace(start(), sent=parked), AT) == Done()


@pytest.mark.parametrize(("seconds", "state"), [(-2, DUE), (0, DELIVERED), (1, DELIVERED)])
def test_the_same_grade_of_an_attempt_before_is_no_submission_of_this_one(seconds: int, state: str) -> None:
    """Red without ``if latest < wanted.submitted_at:`` in ``_owes_submission`` (workers.delivery)."""
    tried = start(state=CHECK, maybe=0.5)
    before = replace(tried, counts_submissions=True)
    shown = Shown(0.5, before.wanted.submitted_at + timedelta(seconds=seconds))
    assert after(before, shown).state == state
