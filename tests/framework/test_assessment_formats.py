"""The four answer formats: points and corrected scores worked out by hand, chance by brute force, and refusals."""

import itertools
import math
import statistics
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.assessment.formats import FORMATS
from framework.assessment.scenarios import accept_scenario, chance, score, shuffled
from framework.catalogue.learning import Scenario
from framework.errors import Invalid
from tests.framework.editions import scenario, shipped

LETTERS = "abcdefgh"
RANK = scenario("rank5", [4, 1, 5, 3, 2])
RATE = scenario("rate", [2, 4, 1, 3, 4, 1])
CHOOSE = scenario("choose3", [True, False, False, True, False, True, False, False])
BEST_WORST = scenario("best_worst", ["mid", "best", "worst", "mid", "mid"])


def numbers(*given: int) -> dict[str, int]:
    return dict(zip(LETTERS, given, strict=False))


def pair(best: str, worst: str) -> dict[str, str]:
    return {"best": best, "worst": worst}


# Worked out by hand from the rules: chance is 12 of 20, 11 of 18 (always 2 or always 3), 3 of 8, and 0 of 2.
BY_HAND: list[tuple[Scenario, Any, int, int, float]] = [
    (RANK, numbers(4, 1, 5, 3, 2), 20, 20, 1.0),
    (RANK, numbers(4, 2, 5, 3, 1), 18, 20, 0.75),  # two neighbours swapped
    (RANK, numbers(4, 5, 1, 3, 2), 12, 20, 0.0),  # first and last swapped
    (RANK, numbers(2, 5, 1, 3, 4), 8, 20, -0.5),  # 2 + 0 + 0 + 4 + 2
    (RANK, numbers(1, 2, 3, 4, 5), 10, 20, -0.25),  # 1 + 3 + 2 + 3 + 1
    (RATE, numbers(2, 4, 1, 3, 4, 1), 18, 18, 1.0),
    (RATE, numbers(2, 4, 1, 3, 4, 2), 17, 18, 6 / 7),  # one near miss
    (RATE, numbers(2, 2, 2, 2, 2, 2), 11, 18, 0.0),  # 3 + 1 + 2 + 2 + 1 + 2
    (RATE, numbers(3, 3, 3, 3, 3, 3), 11, 18, 0.0),  # 2 + 2 + 1 + 3 + 2 + 1
    (RATE, numbers(4, 4, 4, 4, 4, 4), 9, 18, -2 / 7),
    (RATE, numbers(4, 1, 4, 1, 1, 4), 2, 18, -9 / 7),
    (CHOOSE, ["a", "d", "f"], 12, 12, 1.0),
    (CHOOSE, ["a", "b", "d"], 8, 12, 7 / 15),
    (CHOOSE, ["a", "b", "c"], 4, 12, -1 / 15),
    (CHOOSE, ["b", "c", "e"], 0, 12, -0.6),
    (BEST_WORST, pair("b", "c"), 2, 2, 1.0),
    (BEST_WORST, pair("b", "a"), 1, 2, 0.5),
    (BEST_WORST, pair("a", "c"), 1, 2, 0.5),
    (BEST_WORST, pair("a", "d"), 0, 2, 0.0),
    (BEST_WORST, pair("a", "b"), -1, 2, -0.5),
    (BEST_WORST, pair("c", "b"), -2, 2, -1.0),
]


@pytest.mark.parametrize(("item", "answer", "points", "maximum", "corrected"), BY_HAND)
def test_an_answer_earns_what_a_person_works_out(
    item: Scenario, answer: Any, points: int, maximum: int, corrected: float
) -> None:
    earned = score(item, accept_scenario(item, answer))
    assert (earned.points, earned.maximum) == (points, maximum)
    assert earned.corrected == pytest.approx(corrected)
    assert earned.is_provisional


def every_answer(item: Scenario) -> Iterable[Any]:
    """Every possible answer to a scenario."""
    keys = [one.key for one in item.responses]
    if item.format == "rank5":
        return (dict(zip(keys, places, strict=True)) for places in itertools.permutations(range(1, 6)))
    if item.format == "rate":
        return (dict(zip(keys, each, strict=True)) for each in itertools.product((1, 2, 3, 4), repeat=len(keys)))
    if item.format == "choose3":
        return (list(each) for each in itertools.combinations(keys, 3))
    return (pair(best, worst) for best, worst in itertools.permutations(keys, 2))


def chance_by_brute_force(item: Scenario) -> float:
    """The better of random answering over all answers and, for ``rate``, the best constant answer."""
    shares = [score(item, answer).points / score(item, answer).maximum for answer in every_answer(item)]
    best = statistics.mean(shares)
    if item.format == "rate":
        for rating in (1, 2, 3, 4):
            earned = score(item, {one.key: rating for one in item.responses})
            best = max(best, earned.points / earned.maximum)
    return best


KEYS = st.one_of(
    st.permutations([1, 2, 3, 4, 5]).map(lambda keys: scenario("rank5", keys)),
    st.lists(st.integers(1, 4), min_size=4, max_size=5).map(lambda keys: scenario("rate", keys)),
    st.permutations([True] * 3 + [False] * 5).map(lambda keys: scenario("choose3", keys)),
    st.permutations(["best", "worst", "mid", "mid", "mid"]).map(lambda keys: scenario("best_worst", keys)),
)


@given(KEYS)
@settings(max_examples=40, deadline=None)
def test_chance_matches_brute_force(item: Scenario) -> None:
    assert chance(item) == pytest.approx(chance_by_brute_force(item))


def test_a_flat_key_is_mostly_chance() -> None:
    assert chance(scenario("rate", [2, 3, 2, 3, 3])) == pytest.approx(13 / 15)


def test_no_shipped_scenario_can_be_won_without_reading() -> None:
    for module in shipped().modules:
        for item in module.scenarios:
            assert chance(item) <= 0.75, item.key


def blind_answer(item: Scenario, order: tuple[Any, ...], plan: Any) -> Any:
    """The answer of somebody who looks at places on the page only: ``plan`` says what stands at each place."""
    keys = [one.key for one in order]
    if item.format == "choose3":
        return [keys[place] for place in plan[:3]]
    if item.format == "best_worst":
        return pair(keys[plan[0]], keys[plan[1]])
    return dict(zip(keys, plan, strict=True))


PLANS = {
    "rank5": st.permutations([1, 2, 3, 4, 5]),
    "rate": st.lists(st.integers(1, 4), min_size=5, max_size=5),
    "choose3": st.permutations(range(8)),
    "best_worst": st.permutations(range(5)),
}
BLIND = st.one_of(
    st.tuples(KEYS, PLANS["rank5"]).filter(lambda both: both[0].format == "rank5"),
    st.tuples(st.lists(st.integers(1, 4), min_size=5, max_size=5), PLANS["rate"]).map(
        lambda both: (scenario("rate", both[0]), both[1])
    ),
    st.tuples(KEYS, PLANS["choose3"]).filter(lambda both: both[0].format == "choose3"),
    st.tuples(KEYS, PLANS["best_worst"]).filter(lambda both: both[0].format == "best_worst"),
)
ATTEMPTS = 300


@given(BLIND)
@settings(max_examples=60, deadline=None)
def test_no_strategy_that_does_not_see_the_key_earns_more_than_nothing(blind: tuple[Scenario, Any]) -> None:
    """Over many attempts, each with its own order of the responses, the mean corrected score is not above 0.

    The error allowed is 4.5 standard errors of the mean.
    """
    item, plan = blind
    earned = []
    for attempt in range(ATTEMPTS):
        order = shuffled(item.responses, f"attempt {attempt}")
        earned.append(score(item, accept_scenario(item, blind_answer(item, order, plan))).corrected)
    error = statistics.pstdev(earned) / math.sqrt(ATTEMPTS)
    assert statistics.mean(earned) <= 4.5 * error + 1e-9


def test_flooring_each_item_would_reward_guessing() -> None:
    """Why corrected scores may be negative: the rule book's figures for a guesser whose scores are floored."""
    for item, expected in ((RANK, 0.13), (CHOOSE, 0.14), (BEST_WORST, 0.20)):
        floored = statistics.mean(max(0.0, score(item, answer).corrected) for answer in every_answer(item))
        assert floored == pytest.approx(expected, abs=0.005)


@given(KEYS)
@settings(max_examples=25, deadline=None)
def test_only_the_key_itself_earns_everything(item: Scenario) -> None:
    best = [answer for answer in every_answer(item) if score(item, answer).corrected == 1.0]
    assert len(best) == (1 if chance(item) < 1 else 0)
    assert all(score(item, answer).corrected <= 1.0 for answer in every_answer(item))


def test_the_order_is_the_same_for_the_same_attempt_and_not_for_another() -> None:
    first = shuffled(CHOOSE.responses, "one")
    assert shuffled(CHOOSE.responses, "one") == first
    assert shuffled(tuple(reversed(CHOOSE.responses)), "one") == first
    assert sorted(one.key for one in first) == list(LETTERS)
    assert len({shuffled(CHOOSE.responses, str(seed)) for seed in range(50)}) > 45


def test_every_response_comes_to_every_place() -> None:
    places = {one.key: [0] * 5 for one in RANK.responses}
    for seed in range(2000):
        for place, one in enumerate(shuffled(RANK.responses, str(seed))):
            places[one.key][place] += 1
    assert all(300 < count < 500 for counts in places.values() for count in counts)


ACCEPTED = [
    (RANK, {"e": "1", "d": "2", "c": "3", "b": "4", "a": "5"}, numbers(5, 4, 3, 2, 1)),
    (RATE, numbers(1, 1, 1, 1, 1, 1), numbers(1, 1, 1, 1, 1, 1)),
    (CHOOSE, ["f", "a", "d"], ["a", "d", "f"]),
    (CHOOSE, ("f", "a", "d"), ["a", "d", "f"]),
    (BEST_WORST, {"worst": "a", "best": "b"}, {"best": "b", "worst": "a"}),
]


@pytest.mark.parametrize(("item", "value", "stored"), ACCEPTED)
def test_a_form_is_stored_in_one_shape(item: Scenario, value: Any, stored: Any) -> None:
    accepted = accept_scenario(item, value)
    assert accepted == stored
    assert accept_scenario(item, accepted) == stored


FOREIGN = "This answer does not belong to this situation. Reload the page and answer again."
REFUSED: list[tuple[Scenario, Any, str]] = [
    (RANK, numbers(1, 2, 2, 4, 5), "Give each response a different place. 2 is used twice."),
    (RANK, numbers(3, 3, 3, 4, 5), "Give each response a different place. 3 is used 3 times."),
    (RANK, numbers(1, 2, 3, 4), "Give each response a place. 1 of 5 has none yet."),
    (RANK, {}, "Give each response a place. 5 of 5 have none yet."),
    (RANK, numbers(1, 2, 3, 4) | {"e": ""}, "Give each response a place. 1 of 5 has none yet."),
    (RANK, numbers(0, 1, 2, 3, 4), "Each place is a whole number from 1 to 5."),
    (RANK, numbers(1, 2, 3, 4, 6), "Each place is a whole number from 1 to 5."),
    (RANK, numbers(1, 2, 3, 4) | {"e": True}, "Each place is a whole number from 1 to 5."),
    (RANK, numbers(1, 2, 3, 4) | {"e": 5.0}, "Each place is a whole number from 1 to 5."),
    (RANK, numbers(1, 2, 3, 4) | {"e": "²"}, "Each place is a whole number from 1 to 5."),
    (RANK, numbers(1, 2, 3, 4) | {"e": [5]}, "Each place is a whole number from 1 to 5."),
    (RANK, numbers(1, 2, 3, 4, 5, 6), FOREIGN),
    (RANK, {"x": 1}, FOREIGN),
    (RANK, None, FOREIGN),
    (RANK, [1, 2, 3, 4, 5], FOREIGN),
    (RANK, "a", FOREIGN),
    (RATE, numbers(1, 1, 1), "Give each response a rating. 3 of 6 have none yet."),
    (RATE, numbers(1, 1, 1, 1, 1, 5), "Each rating is a whole number from 1 to 4."),
    (CHOOSE, ["a", "b"], "Choose 3 responses. You chose 2."),
    (CHOOSE, ["a", "b", "c", "d"], "Choose 3 responses. You chose 4."),
    (CHOOSE, [], "Choose 3 responses. You chose none."),
    (CHOOSE, None, "Choose 3 responses. You chose none."),
    (CHOOSE, "a", "Choose 3 responses. You chose 1."),
    (CHOOSE, ["a", "a", "b"], "Choose 3 different responses. One is chosen twice."),
    (CHOOSE, ["a", "b", "x"], FOREIGN),
    (CHOOSE, ["a", "b", ["c"]], FOREIGN),
    (CHOOSE, {"a": 1}, FOREIGN),
    (CHOOSE, ["a"] * 1000, FOREIGN),
    (BEST_WORST, {"best": "a"}, "Choose the worst response too."),
    (BEST_WORST, {"worst": "a", "best": ""}, "Choose the best response too."),
    (BEST_WORST, pair("a", "a"), "The best and the worst cannot be the same response."),
    (BEST_WORST, pair("a", "x"), FOREIGN),
    (BEST_WORST, {"best": ["a"], "worst": "b"}, FOREIGN),
    (BEST_WORST, pair("a", "b") | {"mid": "c"}, FOREIGN),
    (BEST_WORST, ["a", "b"], FOREIGN),
]


@pytest.mark.parametrize(("item", "value", "message"), REFUSED)
def test_a_refusal_tells_the_learner_what_to_do(item: Scenario, value: Any, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        accept_scenario(item, value)
    assert str(refusal.value) == message
    assert refusal.value.field == item.key


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=6), st.dictionaries(st.sampled_from([*LETTERS, "best", "worst"]), inner, max_size=8)
    ),
    max_leaves=12,
)


@given(KEYS, JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_is_accepted_or_refused_with_a_sentence(item: Scenario, value: Any) -> None:
    try:
        accepted = accept_scenario(item, value)
    except Invalid as refusal:
        assert str(refusal).endswith(".")
    else:
        assert accept_scenario(item, accepted) == accepted
        assert score(item, accepted).corrected <= 1


def test_every_format_of_the_shipped_content_is_known() -> None:
    assert {item.format for module in shipped().modules for item in module.scenarios} == set(FORMATS)
