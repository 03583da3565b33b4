"""Item statistics against figures worked out by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.assessment import statistics
from framework.assessment.statistics import First
from tests.framework.editions import scenario, shipped

CHECK = shipped().module("self-belief").sections[0].check
RIGHT = CHECK.answer_key
WRONG = next(one.key for one in CHECK.options if one.key != RIGHT)


def first(*values: object, month: int = 3) -> list[First]:
    return [First(value, date(2026, month, 1 + place % 28)) for place, value in enumerate(values)]  # type: ignore[arg-type]  # what a test chose


def test_a_share_has_wilsons_interval() -> None:
    """8 of 10: centre (0.8 + 3.8415/20) / 1.38415 = 0.7167, half width 0.2266."""
    found = statistics.share(8, 10)
    assert (round(found.value, 3), round(found.low, 3), round(found.high, 3)) == (0.8, 0.49, 0.943)
    none, all_ = statistics.share(0, 5), statistics.share(5, 5)
    assert none.low == 0 and round(none.high, 3) == 0.434 and round(all_.low, 3) == 0.566 and all_.high == 1


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_its_share_and_stays_within_0_and_1(of: int, data: st.DataObject) -> None:
    found = statistics.share(data.draw(st.integers(0, of)), of)
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1


def test_a_check_tells_choices_and_months_and_hides_few() -> None:
    found = statistics.of_check(CHECK, first(*[RIGHT] * 6, *[WRONG] * 2) + first(RIGHT, WRONG, month=4))
    assert found.answered == 10 and found.right is not None and found.right.value == 0.7
    assert {one.key: one.count for one in found.chosen if one.count} == {RIGHT: 7, WRONG: 3}
    assert [one.is_right for one in found.chosen].count(True) == 1
    assert [(one.first_day.month, one.answered, one.right) for one in found.months] == [(3, 8, 0.75), (4, 2, None)]
    few = statistics.of_check(CHECK, first(*[RIGHT] * (statistics.SMALL - 1)))
    assert (few.answered, few.right, few.chosen, few.months) == (4, None, (), ())


def test_a_situation_tells_the_mean_above_chance() -> None:
    """choose3 of 6 keyed abc: three right earn all, none right is below chance."""
    asked = scenario("choose3", [True, True, True, False, False, False])
    full, none = ["a", "b", "c"], ["d", "e", "f"]
    found = statistics.of_scenario(asked, first(full, full, full, none, none, none))
    assert found.above_chance is not None and found.is_provisional
    assert found.above_chance.low < found.above_chance.value < found.above_chance.high
    same = statistics.of_scenario(asked, first(*[full] * 5))
    assert same.above_chance is not None and same.above_chance.value == same.above_chance.low == 1.0
    assert statistics.of_scenario(asked, first(full)).above_chance is None


def test_a_share_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        statistics.share(0, 0)
