"""The score of many situations: worked out by hand, blind strategies earn nothing, few items have none."""

import itertools
import math
import random
import statistics
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.assessment import Answer, offers_score
from framework.assessment.scenario_score import (
    LATEST,
    MEAN,
    can_score,
    over_attempts,
    scenario_score,
    t_quantile,
)
from framework.assessment.scenarios import shuffled
from framework.catalogue.learning import Scenario
from framework.catalogue.rules import ScoreRule
from framework.errors import Invalid
from tests.framework.editions import scenario, shipped, tiny

POOL = Path(__file__).parent / "content_fixtures" / "credited.yaml"
RULE = ScoreRule(15, 0.95)
LETTERS = "abcdefgh"


@cache
def pool() -> tuple[Scenario, ...]:
    """All situations of the fixture: 18 credited with agreed keys, then a provisional one, then one for practice."""
    told = yaml.safe_load(POOL.read_text(encoding="utf-8"))
    made = []
    for name, several in told["credited"].items():
        for number, keys in enumerate(several):
            made.append(_scenario(f"{name}.{number}", name, keys, "agreed", "credited"))
    made.append(_scenario("waits", "rank5", told["provisional"], "provisional", "credited"))
    made.append(_scenario("practice", "rank5", told["practice"], "agreed", "practice"))
    return tuple(made)


def _scenario(key: str, name: str, keys: list[Any], status: str, where: str) -> Scenario:
    if name == "choose3":
        keys = [letter in keys for letter in LETTERS]
    if name == "best_worst":
        keys = ["best" if letter == keys[0] else "worst" if letter == keys[1] else "mid" for letter in LETTERS[:5]]
    return scenario(name, keys, key=key, key_status=status, pool=where)


def credited() -> tuple[Scenario, ...]:
    return tuple(one for one in pool() if one.pool == "credited" and not one.is_provisional)


def answered(values: dict[str, Any]) -> dict[str, Answer]:
    return {key: Answer(key, value, value, 1) for key, value in values.items()}


def keyed(one: Scenario) -> Any:
    if one.format == "choose3":
        return [each.key for each in one.responses if each.keyed is True]
    if one.format == "best_worst":
        return {each.keyed: each.key for each in one.responses if each.keyed != "mid"}
    return {each.key: each.keyed for each in one.responses}


def test_a_score_is_what_a_person_works_out() -> None:
    """Fifteen items, one mean, one interval, by hand.

    rank5 (chance 12 of 20): all right 20 -> 1; two neighbours swapped 18 -> 3/4; turned round from 1..5 to 5..1: 8
    -> -1/2. choose3 (3/8): 3 right 1; 2 right 8 of 12 -> 7/15; none -> -3/5. best_worst: 2 -> 1, 1 -> 1/2, -2 -> -1.
    rate 1,4,1,4 (12 points; best constant earns 6 = 1/2): all right 1; 2,4,1,3 (10 of 12) -> 2/3; 4,1,4,1 (0) -> -1.
    """
    given_answers: dict[str, Any] = {
        "rank5.0": dict(zip(LETTERS, (1, 2, 3, 4, 5), strict=False)),  # 1
        "rank5.1": dict(zip(LETTERS, (4, 5, 3, 2, 1), strict=False)),  # 3/4
        "rank5.2": dict(zip(LETTERS, (2, 1, 4, 3, 5), strict=False)),  # 1
        "rank5.3": dict(zip(LETTERS, (3, 1, 2, 4, 5), strict=False)),  # 3/4
        "rank5.4": dict(zip(LETTERS, (5, 1, 4, 3, 2), strict=False)),  # 3+0+1+3+3 = 10 -> -1/4
        "rate.0": dict(zip(LETTERS, (2, 4, 1, 3), strict=False)),  # 2/3
        "rate.2": dict(zip(LETTERS, (4, 4, 1, 1), strict=False)),  # 0 of 12 -> -1
        "choose3.0": ["a", "b", "c"],  # 1
        "choose3.1": ["a", "b", "d"],  # 7/15
        "choose3.2": ["a", "b", "c"],  # -3/5
        "choose3.3": ["b", "e", "h"],  # 1
        "best_worst.0": {"best": "a", "worst": "b"},  # 1
        "best_worst.1": {"best": "b", "worst": "a"},  # 1/2
        "best_worst.2": {"best": "a", "worst": "e"},  # -1
        "best_worst.3": {"best": "c", "worst": "d"},  # 1
    }
    by_hand = [1, 3 / 4, 1, 3 / 4, -1 / 4, 2 / 3, -1, 1, 7 / 15, -3 / 5, 1, 1, 1 / 2, -1, 1]
    found = scenario_score(RULE, pool(), answered(given_answers))
    assert [one.corrected for one in found.counted] == pytest.approx(by_hand)
    # the mean: 377/60 over 15; the interval: t(14) = 2.1448, s = 0.7477
    assert found.mean == pytest.approx(377 / 900)
    half = 2.1448 * statistics.stdev(by_hand) / math.sqrt(15)
    assert found.interval == pytest.approx((377 / 900 - half, 377 / 900 + half), abs=1e-4)
    assert (found.shown, found.shown_interval) == (42, (0, 83))


@pytest.mark.parametrize(
    ("degrees", "confidence", "table"),
    [(10, 0.95, 2.228), (14, 0.95, 2.145), (17, 0.95, 2.110), (30, 0.95, 2.042), (44, 0.95, 2.015), (14, 0.9, 1.761)],
)
def test_the_quantile_is_that_of_the_tables(degrees: int, confidence: float, table: float) -> None:
    assert t_quantile(confidence, degrees) == pytest.approx(table, abs=1e-3)


def test_no_score_below_fifteen_credited_items() -> None:
    """Red with ``len(counted) >= 2``."""
    right = {one.key: keyed(one) for one in credited()}
    fourteen = answered(dict(list(right.items())[:14]))
    assert scenario_score(RULE, pool(), fourteen).mean is None
    assert scenario_score(RULE, pool(), fourteen).shown is None
    # a provisional item and one for practice do not make it fifteen
    more = fourteen | answered({one.key: keyed(one) for one in pool()[-2:]})
    found = scenario_score(RULE, pool(), more)
    assert (found.mean, found.interval, len(found.counted)) == (None, None, 14)
    assert ([one.scenario_key for one in found.provisional], len(found.practice)) == (["waits"], 1)
    fifteen = answered(dict(list(right.items())[:15]))
    assert (scenario_score(RULE, pool(), fifteen).mean, scenario_score(RULE, pool(), fifteen).shown) == (1.0, 100)


def test_a_provisional_key_never_counts() -> None:
    """Red with ``one.pool == "credited"`` alone in ``_counts``."""
    right = {one.key: keyed(one) for one in credited()}
    turned = {each.key: 6 - int(each.keyed) for each in pool()[-2].responses}
    without, with_ = (scenario_score(RULE, pool(), answered(one)) for one in (right, right | {"waits": turned}))
    assert with_.mean == without.mean == 1.0
    assert with_.interval == without.interval


def test_only_what_is_shown_is_floored() -> None:
    wrong = {one.key: _worst(one) for one in credited()}
    found = scenario_score(RULE, pool(), answered(wrong))
    assert found.mean is not None
    assert found.mean < -0.5
    assert found.shown == 0
    assert found.interval is not None
    assert found.interval[0] < found.mean
    assert found.shown_interval == (0, 0)


def _worst(one: Scenario) -> Any:
    if one.format == "choose3":
        return [each.key for each in one.responses if each.keyed is False][:3]
    if one.format == "best_worst":
        return {
            {"best": "worst", "worst": "best"}[str(each.keyed)]: each.key
            for each in one.responses
            if each.keyed != "mid"
        }
    highest = 6 if one.format == "rank5" else 5
    return {each.key: highest - int(each.keyed) for each in one.responses}


def test_several_attempts_count_as_the_latest_or_the_mean_and_never_as_the_best() -> None:
    right = answered({one.key: keyed(one) for one in credited()})
    wrong = answered({one.key: _worst(one) for one in credited()})
    low = scenario_score(RULE, pool(), wrong).mean
    assert low is not None
    assert over_attempts(RULE, pool(), [right, wrong], LATEST).mean == low
    assert over_attempts(RULE, pool(), [right, wrong], MEAN).mean == pytest.approx((1 + low) / 2)
    for other in ("best", "first", ""):
        with pytest.raises(Invalid, match="latest attempt or the mean"):
            over_attempts(RULE, pool(), [right, wrong], other)
    assert over_attempts(RULE, pool(), [], LATEST).mean is None


def test_what_ships_has_no_score() -> None:
    assert [one.key for one in shipped().activities if can_score(shipped(), one)] == []
    assert {one.kind for one in shipped().activities if offers_score(shipped(), one)} == {"module"}
    assert tiny().rules.score is None
    assert not can_score(tiny(), tiny().activity("asking-first.scenarios"))
    assert shipped().rules.score == RULE


def _blind(one: Scenario, order: tuple[Any, ...], plan: random.Random, taken: dict[str, Any]) -> Any:
    """The answer of a strategy that knows the format and the places on the page, and not the key."""
    keys = [each.key for each in order]
    if one.format not in taken:
        taken[one.format] = {
            "rank5": plan.sample(range(1, 6), 5),
            "rate": [plan.randint(1, 4)] * 8 if plan.random() < 0.5 else [plan.randint(1, 4) for _ in range(8)],
            "choose3": plan.sample(range(8), 3),
            "best_worst": plan.sample(range(5), 2),
        }[one.format]
    chosen = taken[one.format]
    if one.format == "choose3":
        return [keys[place] for place in chosen]
    if one.format == "best_worst":
        return {"best": keys[chosen[0]], "worst": keys[chosen[1]]}
    return dict(zip(keys, chosen, strict=False))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_report_of_somebody_who_does_not_see_the_keys_is_not_above_nothing(seed: int) -> None:
    """Over 60 reports, each with its own order: the mean score is not above 0 within 4.5 standard errors.

    Red with ``corrected=points / maximum`` in ``scenarios.score``, and with ``max(0.0, one.corrected)`` in ``_score``.
    """
    plan = random.Random(seed)  # noqa: S311  # dice, no secret
    taken: dict[str, Any] = {}
    means = []
    for attempt in range(60):
        values = {
            one.key: _blind(one, shuffled(one.responses, f"{seed} {attempt} {one.key}"), plan, taken)
            for one in credited()
        }
        mean = scenario_score(RULE, pool(), answered(values)).mean
        assert mean is not None
        means.append(mean)
    error = statistics.pstdev(means) / math.sqrt(len(means))
    assert statistics.mean(means) <= 4.5 * error + 1e-9


def test_the_interval_holds_the_mean_of_a_larger_pool() -> None:
    """Of 400 draws of 15 items whose true mean is known, about 95 in 100 intervals hold it (by count: 360 or more)."""
    scores = list(itertools.chain([1.0] * 6, [0.5] * 6, [0.0] * 4, [-0.5] * 4))
    dice = random.Random(7)  # noqa: S311  # no secret
    true, held = statistics.mean(scores), 0
    for _ in range(400):
        drawn = [dice.choice(scores) for _ in range(15)]
        half = t_quantile(0.95, 14) * statistics.stdev(drawn) / math.sqrt(15)
        held += abs(statistics.mean(drawn) - true) <= half
    assert 360 <= held <= 398
