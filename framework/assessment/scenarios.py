"""Scenarios: situations to judge. Taking them is evidence; a provisional key never decides anything.

One scenario has a score, corrected for what chance earns. A quality has none: three situations cannot carry one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from framework.assessment.evidence import SCENARIO, Answer, Answers, Evidence, Item, JsonValue, Marked, Result
from framework.assessment.formats import FORMATS
from framework.catalogue import Activity, Catalogue, Module
from framework.catalogue.learning import Response, Scenario
from framework.errors import NotFound


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_One = TypeVar("_One", bound=_Keyed)


@dataclass(frozen=True, slots=True)
class Score:
    """What an answer to one scenario earns.

    ``chance`` is the share of ``maximum`` that is earned without reading. ``corrected`` is 1 for a full match, 0 for
    what chance earns, and below 0 for worse: average first, and floor only what is shown or graded. It is 0 where
    chance earns everything, which ``framework.authoring`` refuses.
    """

    scenario_key: str
    points: int
    maximum: int
    chance: float
    corrected: float
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class ResponseReview:
    """One response after the scenario has been answered: what the learner said, what the key says, and why."""

    key: str
    text: str
    chosen: str
    keyed: str
    is_match: bool
    reason: str
    feature_key: str


@dataclass(frozen=True, slots=True)
class ScenarioReview:
    """The feedback on a scenario. Where ``is_provisional``, the page says that no expert panel has set the key."""

    scenario_key: str
    responses: tuple[ResponseReview, ...]
    explanation: str
    is_provisional: bool


def shuffled(options: Sequence[_One], seed: str) -> tuple[_One, ...]:
    """The options in an order that is the same for the same seed (an attempt's id) and unrelated to the key."""
    return tuple(sorted(options, key=lambda one: hashlib.sha256(f"{seed}\n{one.key}".encode()).digest()))


def find_scenario(module: Module, key: str) -> Scenario:
    """The scenario of a module with this key."""
    found = next((one for one in module.scenarios if one.key == key), None)
    if found is None:
        raise NotFound(f"There is no situation called “{key[:80]}” in {module.title}.")
    return found


def chance(scenario: Scenario) -> float:
    """The share of the maximum that chance earns (0 to 1)."""
    return float(FORMATS[scenario.format].chance(scenario))


def accept_scenario(scenario: Scenario, value: object) -> JsonValue:
    """The answer in its stored form. Raises ``Invalid`` with a sentence for the learner."""
    return FORMATS[scenario.format].accept(scenario, value)


def score(scenario: Scenario, value: JsonValue) -> Score:
    """What an accepted answer earns."""
    rules = FORMATS[scenario.format]
    points, maximum, by_chance = rules.points(scenario, value), rules.maximum(scenario), rules.chance(scenario)
    above_chance = (1 - by_chance) * maximum
    corrected = float((points - by_chance * maximum) / above_chance) if above_chance else 0.0
    return Score(scenario.key, points, maximum, float(by_chance), corrected, scenario.is_provisional)


def review(catalogue: Catalogue, scenario: Scenario, value: JsonValue) -> ScenarioReview:
    """The feedback on an accepted answer: per response the key's view and the reason, then the explanation."""
    responses = []
    for one in scenario.responses:
        chosen, keyed = _chosen(scenario, one, value), one.keyed
        responses.append(
            ResponseReview(
                key=one.key,
                text=one.text,
                chosen=_words(catalogue, scenario, chosen),
                keyed=_words(catalogue, scenario, keyed),
                is_match=chosen == keyed,
                reason=one.reason,
                feature_key=one.feature_key,
            )
        )
    return ScenarioReview(scenario.key, tuple(responses), scenario.explanation, scenario.is_provisional)


def _chosen(scenario: Scenario, response: Response, value: JsonValue) -> int | bool | str:
    """What the learner said about one response, in the key's own terms."""
    if isinstance(value, list):
        return response.key in value
    given = value if isinstance(value, dict) else {}
    if scenario.format == "best_worst":
        return next((name for name, key in given.items() if key == response.key), "mid")
    return int(given[response.key])


def _words(catalogue: Catalogue, scenario: Scenario, view: int | bool | str) -> str:
    if scenario.format == "choose3":
        return "One of the 3" if view else "Not one of the 3"
    if scenario.format == "best_worst":
        return {"best": "Best", "worst": "Worst"}.get(str(view), "Neither best nor worst")
    if scenario.format == "rank5":
        return f"Place {view}"
    points = catalogue.scale(scenario.scale_key or "").points
    return next(point.text for point in points if point.value == view)


def items(catalogue: Catalogue, activity: Activity) -> tuple[Item, ...]:
    """The scenarios of the activity's quality, in order."""
    return scenario_items(catalogue.module(activity.quality_key or ""))


def scenario_items(module: Module) -> tuple[Item, ...]:
    """The scenarios of a module as parts of an activity."""
    return tuple(Item(one.key, "scenario", one.title) for one in module.scenarios)


def accept(catalogue: Catalogue, activity: Activity, item_key: str, value: object) -> JsonValue:
    """Accept the answer to one scenario of the activity."""
    module = catalogue.module(activity.quality_key or "")
    return accept_scenario(find_scenario(module, item_key), value)


def settled(_catalogue: Catalogue, _activity: Activity, _item_key: str, answer: Answer | None) -> bool:
    """A scenario is done once it is answered: there is no right answer to reach."""
    return answer is not None


def scenario_evidence(module: Module) -> tuple[Evidence, ...]:
    """ "Taken part" for each feature that the module's scenarios name, in the order of the sections."""
    named = {key for one in module.scenarios for key in one.feature_keys}
    return tuple(Evidence(one.key, SCENARIO, None) for one in module.sections if one.key in named)


def mark(catalogue: Catalogue, activity: Activity, _answers: Answers, finished_at: datetime) -> Marked:
    """Every scenario taken: evidence of taking part, and a point for each. No score: see the module's docstring."""
    module = catalogue.module(activity.quality_key or "")
    count = float(len(module.scenarios))
    return Marked(scenario_evidence(module), Result(count, count, finished_at))
