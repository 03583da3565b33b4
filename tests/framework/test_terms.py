"""The terms of a placement as arithmetic: when, how often, what counts, and what one learner has been allowed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import terms
from framework.errors import Invalid
from framework.terms import Allowance, Terms

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


def test_a_placement_without_settings_has_no_limits() -> None:
    held = terms.read({})
    assert held == Terms() and terms.written(held) == {}
    assert not held.is_early(NOON) and not held.is_closed(NOON) and not held.is_late(NOON)
    assert held.may_begin(999) and held.may_review(NOON)


def test_times_hold_from_their_moment_on() -> None:
    held = Terms(opens_at=NOON, due_at=NOON + HOUR, closes_at=NOON + 2 * HOUR)
    tick = timedelta(microseconds=1)
    assert held.is_early(NOON - tick) and not held.is_early(NOON)
    assert not held.is_late(NOON + HOUR - tick) and held.is_late(NOON + HOUR)
    assert not held.is_closed(NOON + 2 * HOUR - tick) and held.is_closed(NOON + 2 * HOUR)


def test_answers_are_shown_after_the_close_where_the_terms_say_so() -> None:
    held = Terms(closes_at=NOON, review="closed")
    assert not held.may_review(NOON - HOUR) and held.may_review(NOON)
    assert Terms(review="closed").may_review(NOON), "without a close there is nothing to wait for"


def test_an_allowance_gives_one_learner_more_and_never_less_of_the_due_date() -> None:
    held = Terms(due_at=NOON - HOUR, closes_at=NOON, attempts=1)
    allowed = held.for_learner(Allowance(NOON + HOUR, 2))
    assert (allowed.closes_at, allowed.due_at, allowed.attempts) == (NOON + HOUR, NOON + HOUR, 3)
    assert held.for_learner(None) == held == held.for_learner(Allowance())
    assert Terms().for_learner(Allowance(NOON, 1)) == Terms(), "no limit stays no limit"


def test_an_earlier_result_may_be_so_many_months_old() -> None:
    since = Terms(reuse_months=12).reuses_from(NOON)
    assert since is not None and since.date().isoformat() == "2025-11-25"
    assert Terms(reuse_months=0).reuses_from(NOON) is None


@given(
    st.tuples(*(st.none() | MOMENTS,) * 3),
    st.none() | st.integers(1, 20),
    st.sampled_from(terms.COUNTS),
    st.integers(0, 60),
)
def test_what_is_written_reads_the_same(
    moments: tuple[datetime | None, ...], attempts: int | None, counts: str, months: int
) -> None:
    opens_at, due_at, closes_at = moments
    held = Terms(opens_at, due_at, closes_at, attempts=attempts, counts=counts, reuse_months=months)
    assert terms.read(terms.written(held)) == held
    assert terms.read(terms.without_dates(terms.written(held))) == Terms(
        attempts=attempts, counts=counts, reuse_months=months
    )


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        (Terms(opens_at=NOON, closes_at=NOON - HOUR), "closes_at", "close must be after the opening"),
        (Terms(opens_at=NOON, due_at=NOON), "due_at", "due date must be after the opening"),
        (Terms(due_at=NOON, closes_at=NOON - HOUR), "closes_at", "close must be after the due date"),
        (Terms(opens_at=datetime(1999, 1, 1, tzinfo=UTC)), "opens_at", "year 1999"),
        (Terms(closes_at=datetime(2100, 1, 1, tzinfo=UTC)), "closes_at", "year 2100"),
        (Terms(attempts=0), "attempts", "1 to 20"),
        (Terms(attempts=21), "attempts", "1 to 20"),
        (Terms(reuse_months=61), "reuse_months", "60 months"),
        (Terms(counts="mean"), "counts", "Choose one"),
        (Terms(review="never"), "review", "Choose one"),
        (Terms(judges="me"), "judges", "Choose one"),
        (Terms(reuse_editions="none"), "reuse_editions", "Choose one"),
    ],
)
def test_terms_that_cannot_be_are_refused_with_their_field(wrong: Terms, field: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        terms.checked(wrong)
    assert refused.value.field == field


def test_due_and_close_may_be_the_same_moment() -> None:
    assert terms.checked(Terms(due_at=NOON, closes_at=NOON)).due_at == NOON
