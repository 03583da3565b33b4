"""The four answer formats of a scenario: what an answer looks like, what it earns, and what chance earns.

=========== ========================================== =============================================== ========
format      answer (JSON)                              points                                          maximum
=========== ========================================== =============================================== ========
rank5       {response key: place 1..5}, all different  4 less 1 for each place out, per response       20
rate        {response key: rating 1..4}, all rated     3 less 1 for each step out, per response        3 each
choose3     list of exactly 3 response keys            4 for each one that is keyed true               12
best_worst  {"best": key, "worst": key}, different     1 for each right, -1 for each turned round      2
=========== ========================================== =============================================== ========

Chance c is a share of the maximum: the better of uniform random answering and the best constant answer. Options
are shuffled, so only ``rate`` has a constant answer (one rating for everything) that differs from guessing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from framework.assessment.evidence import JsonValue
from framework.catalogue.learning import Response, Scenario
from framework.errors import Invalid

RATINGS = (1, 2, 3, 4)
PICKS = 3


@dataclass(frozen=True, slots=True)
class Format:
    """How one format works. ``accept`` normalises an answer or raises ``Invalid``; the others give points."""

    accept: Callable[[Scenario, object], JsonValue]
    points: Callable[[Scenario, Any], int]
    maximum: Callable[[Scenario], int]
    chance: Callable[[Scenario], Fraction]


def _number(keyed: int | bool | str) -> int:
    return int(keyed)


def _refuse(scenario: Scenario, message: str) -> Invalid:
    return Invalid(message, field=scenario.key)


def _foreign(scenario: Scenario) -> Invalid:
    return _refuse(scenario, "This answer does not belong to this situation. Reload the page and answer again.")


def _numbers(scenario: Scenario, value: object, allowed: tuple[int, ...], noun: str) -> dict[str, int]:
    """One whole number per response. Forms send digits as text; missing ones are counted for the learner."""
    if not isinstance(value, Mapping) or not set(value) <= {one.key for one in scenario.responses}:
        raise _foreign(scenario)
    given = {key: _whole(each) for key, each in value.items() if each not in (None, "")}
    left = len(scenario.responses) - len(given)
    if left:
        have = "has" if left == 1 else "have"
        raise _refuse(scenario, f"Give each response a {noun}. {left} of {len(scenario.responses)} {have} none yet.")
    if not set(given.values()) <= set(allowed):
        raise _refuse(scenario, f"Each {noun} is a whole number from {allowed[0]} to {allowed[-1]}.")
    return {one.key: given[one.key] or 0 for one in scenario.responses}


def _whole(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) == 1 and value in "0123456789":
        return int(value)
    return None


def _places(scenario: Scenario) -> tuple[int, ...]:
    return tuple(range(1, len(scenario.responses) + 1))


def _accept_rank(scenario: Scenario, value: object) -> JsonValue:
    given = _numbers(scenario, value, _places(scenario), "place")
    places = list(given.values())
    twice = sorted({place for place in places if places.count(place) > 1})
    if twice:
        count = {2: "twice"}.get(places.count(twice[0]), f"{places.count(twice[0])} times")
        raise _refuse(scenario, f"Give each response a different place. {twice[0]} is used {count}.")
    return given


def _rank_points(scenario: Scenario, value: Mapping[str, int]) -> int:
    farthest = len(scenario.responses) - 1
    return sum(farthest - abs(value[one.key] - _number(one.keyed)) for one in scenario.responses)


def _rank_maximum(scenario: Scenario) -> int:
    return len(scenario.responses) * (len(scenario.responses) - 1)


def _rank_chance(scenario: Scenario) -> Fraction:
    places = _places(scenario)
    farthest = len(places) - 1
    total = sum(farthest - abs(place - key) for place in places for key in places)
    return Fraction(total, len(places) * _rank_maximum(scenario))


def _accept_rate(scenario: Scenario, value: object) -> JsonValue:
    return _numbers(scenario, value, RATINGS, "rating")


def _rate_points(scenario: Scenario, value: Mapping[str, int]) -> int:
    return sum(3 - abs(value[one.key] - _number(one.keyed)) for one in scenario.responses)


def _rate_maximum(scenario: Scenario) -> int:
    return 3 * len(scenario.responses)


def _rate_chance(scenario: Scenario) -> Fraction:
    """The best constant rating: never below random answering, which is the mean of the four."""
    constant = ({one.key: rating for one in scenario.responses} for rating in RATINGS)
    best = max(_rate_points(scenario, answer) for answer in constant)
    return Fraction(best, _rate_maximum(scenario))


def _accept_choose(scenario: Scenario, value: object) -> JsonValue:
    if isinstance(value, str):
        value = [value]
    if value is None:
        value = []
    if not isinstance(value, list | tuple) or len(value) > len(scenario.responses):
        raise _foreign(scenario)
    known = [one.key for one in scenario.responses]
    if not all(isinstance(each, str) and each in known for each in value):
        raise _foreign(scenario)
    chosen = [key for key in known if key in value]
    if len(chosen) != len(value):
        raise _refuse(scenario, f"Choose {PICKS} different responses. One is chosen twice.")
    if len(chosen) != PICKS:
        raise _refuse(scenario, f"Choose {PICKS} responses. You chose {len(chosen) or 'none'}.")
    return chosen


def _choose_points(scenario: Scenario, value: list[str]) -> int:
    return sum(4 for one in scenario.responses if one.keyed is True and one.key in value)


def _choose_maximum(_: Scenario) -> int:
    return 4 * PICKS


def _choose_chance(scenario: Scenario) -> Fraction:
    right = sum(one.keyed is True for one in scenario.responses)
    return Fraction(right, len(scenario.responses))


def _accept_best_worst(scenario: Scenario, value: object) -> JsonValue:
    if not isinstance(value, Mapping) or not set(value) <= {"best", "worst"}:
        raise _foreign(scenario)
    best, worst = value.get("best") or None, value.get("worst") or None
    for name, each in (("best", best), ("worst", worst)):
        if each is None:
            raise _refuse(scenario, f"Choose the {name} response too.")
        if not isinstance(each, str) or each not in [one.key for one in scenario.responses]:
            raise _foreign(scenario)
    if best == worst:
        raise _refuse(scenario, "The best and the worst cannot be the same response.")
    return {"best": best, "worst": worst}


def _keyed(scenario: Scenario, keyed: str) -> Response:
    return next(one for one in scenario.responses if one.keyed == keyed)


def _best_worst_points(scenario: Scenario, value: Mapping[str, str]) -> int:
    best, worst = _keyed(scenario, "best").key, _keyed(scenario, "worst").key
    return (value["best"] == best) + (value["worst"] == worst) - (value["best"] == worst) - (value["worst"] == best)


def _best_worst_maximum(_: Scenario) -> int:
    return 2


def _best_worst_chance(_: Scenario) -> Fraction:
    """Nothing: for every right pick there is an equally likely one that is turned round and costs as much."""
    return Fraction(0)


FORMATS: Mapping[str, Format] = {
    "rank5": Format(_accept_rank, _rank_points, _rank_maximum, _rank_chance),
    "rate": Format(_accept_rate, _rate_points, _rate_maximum, _rate_chance),
    "choose3": Format(_accept_choose, _choose_points, _choose_maximum, _choose_chance),
    "best_worst": Format(_accept_best_worst, _best_worst_points, _best_worst_maximum, _best_worst_chance),
}
