"""The score of many scenarios: reported from enough credited items on, with its interval, and never for a few.

Only items of the credited pool whose key an expert panel has set count. Items with a provisional key are listed as
such and count for nothing; practice items are for practice.

The score is the mean of the items' corrected scores: 0 is what chance earns, 1 a full match with every key. Items
are averaged as they are, also below 0; only what is shown is floored. The interval is that of the mean of a sample of
items: mean -/+ t(confidence, n - 1) x s / sqrt(n), the items standing for all that might have been asked. Several
attempts count as the latest or as their mean. "The best of two" is not offered: it doubles false passes.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framework.assessment.evidence import Answers
from framework.assessment.scenarios import Score, score
from framework.catalogue import Activity, Catalogue
from framework.catalogue.learning import Scenario
from framework.catalogue.rules import ScoreRule
from framework.errors import Invalid

LATEST, MEAN = "latest", "mean"


@dataclass(frozen=True, slots=True)
class ScenarioScore:
    """What the answers to scenarios are worth.

    ``counted``: the credited items with a set key; ``provisional``: credited items that wait for one; ``practice``:
    the others. ``mean`` and ``interval`` (low, high) are None while fewer than ``needed`` items count. Both may be
    below 0; ``shown`` and ``shown_interval`` are whole percents, floored at 0.
    """

    counted: tuple[Score, ...]
    provisional: tuple[Score, ...]
    practice: tuple[Score, ...]
    needed: int
    mean: float | None
    interval: tuple[float, float] | None

    @property
    def shown(self) -> int | None:
        """The score to show or grade, in percent."""
        return None if self.mean is None else _percent(self.mean)

    @property
    def shown_interval(self) -> tuple[int, int] | None:
        """The interval to show, in percent."""
        return None if self.interval is None else (_percent(self.interval[0]), _percent(self.interval[1]))


def can_score(catalogue: Catalogue, activity: Activity) -> bool:
    """Whether an activity has enough credited scenarios with set keys to be scored at all."""
    if activity.kind != "scenarios" or catalogue.rules.score is None:
        return False
    module = catalogue.module(activity.quality_key or "")
    return sum(_counts(one) for one in module.scenarios) >= catalogue.rules.score.least_items


def scenario_score(rule: ScoreRule, scenarios: Sequence[Scenario], answers: Answers) -> ScenarioScore:
    """The score of one attempt over the scenarios that it answered. Answers must have been accepted."""
    earned = {one.key: score(one, answers[one.key].value) for one in scenarios if one.key in answers}
    return _score(rule, {one.key: one for one in scenarios}, earned)


def over_attempts(
    rule: ScoreRule, scenarios: Sequence[Scenario], attempts: Sequence[Answers], which: str
) -> ScenarioScore:
    """The score over several attempts, oldest first: the latest, or the mean of each item over its attempts.

    Raises Invalid for another way, above all for the best.
    """
    if which == LATEST:
        return scenario_score(rule, scenarios, attempts[-1] if attempts else {})
    if which != MEAN:
        raise Invalid("A score counts the latest attempt or the mean of all. The best of several is luck.")
    known = {one.key: one for one in scenarios}
    several = {
        one.key: [score(one, answers[one.key].value) for answers in attempts if one.key in answers] for one in scenarios
    }
    return _score(rule, known, {key: _mean_of(each) for key, each in several.items() if each})


def _mean_of(several: Sequence[Score]) -> Score:
    """One item over several attempts; points stay those of the last, the corrected score is the mean."""
    last = several[-1]
    corrected = statistics.fmean(one.corrected for one in several)
    return Score(last.scenario_key, last.points, last.maximum, last.chance, corrected, last.is_provisional)


def _counts(one: Scenario) -> bool:
    return one.pool == "credited" and not one.is_provisional


def _score(rule: ScoreRule, known: Mapping[str, Scenario], earned: Mapping[str, Score]) -> ScenarioScore:
    counted = tuple(one for key, one in earned.items() if _counts(known[key]))
    waiting = tuple(one for key, one in earned.items() if known[key].pool == "credited" and one.is_provisional)
    practice = tuple(one for key, one in earned.items() if known[key].pool != "credited")
    mean, interval = None, None
    if len(counted) >= max(2, rule.least_items):
        values = [one.corrected for one in counted]
        mean = statistics.fmean(values)
        half = t_quantile(rule.confidence, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
        interval = (mean - half, min(1.0, mean + half))
    return ScenarioScore(counted, waiting, practice, rule.least_items, mean, interval)


def t_quantile(confidence: float, degrees: int) -> float:
    """The two-sided quantile of Student's t (0.95 and 14 degrees: 2.145).

    The Cornish-Fisher expansion about the normal quantile (Abramowitz and Stegun 26.7.5): right to 0.001 from 10
    degrees of freedom on.
    """
    z = statistics.NormalDist().inv_cdf((1 + confidence) / 2)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        0.0078125 * z**7 + 0.0494791667 * z**5 + 0.0442708333 * z**3 - 0.0390625 * z,
    )
    return math.fsum(term / float(degrees) ** power for power, term in enumerate(terms))


def _percent(value: float) -> int:
    return round(100 * max(0.0, value))
