"""How items work: how many answered, how many were right at first, what they chose, month by month.

Pure. First answers of first attempts alone: later ones have seen the feedback. Fewer than ``SMALL`` answers are not
told apart: a share of three people tells what each of them did.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from framework.assessment.evidence import JsonValue
from framework.assessment.scenarios import score
from framework.catalogue.learning import Check, Scenario

SMALL = 5  # answers below which nothing is shown
Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class First:
    """A first answer: what was chosen, and the day."""

    value: JsonValue
    on: date


@dataclass(frozen=True, slots=True)
class Interval:
    """A share or a mean with the range that 95 of 100 such samples would hold."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many chose an option first."""

    key: str
    count: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Month:
    """One month's answers; ``right`` is None where they are too few."""

    first_day: date
    answered: int
    right: float | None


@dataclass(frozen=True, slots=True)
class CheckStatistics:
    """How a check works. ``right`` and ``chosen`` are empty where answers are too few."""

    answered: int
    right: Interval | None
    chosen: tuple[Chosen, ...]
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class ScenarioStatistics:
    """How a scenario works: the mean of what it earns above chance (1: as the key says, 0: as by chance)."""

    answered: int
    above_chance: Interval | None
    is_provisional: bool


def of_check(check: Check, answers: Sequence[First]) -> CheckStatistics:
    """The statistics of a check from its first answers."""
    if len(answers) < SMALL:
        return CheckStatistics(len(answers), None, (), ())
    counts = Counter(str(one.value) for one in answers)
    return CheckStatistics(
        answered=len(answers),
        right=share(counts[check.answer_key], len(answers)),
        chosen=tuple(Chosen(one.key, counts[one.key], one.key == check.answer_key) for one in check.options),
        months=tuple(_months(check.answer_key, answers)),
    )


def of_scenario(scenario: Scenario, answers: Sequence[First]) -> ScenarioStatistics:
    """The statistics of a scenario from its first answers."""
    if len(answers) < SMALL:
        return ScenarioStatistics(len(answers), None, scenario.is_provisional)
    return ScenarioStatistics(
        len(answers), mean([score(scenario, one.value).corrected for one in answers]), scenario.is_provisional
    )


def share(hits: int, of: int) -> Interval:
    """A share with its Wilson score interval (Wilson 1927): true also near 0 and 1, where the plain one is not."""
    if not of:
        raise ValueError("a share needs at least one answer")
    p, z2 = hits / of, Z * Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Interval(p, max(0.0, middle - half), min(1.0, middle + half))


def mean(values: Sequence[float]) -> Interval:
    """A mean with its normal interval from the sample's own spread."""
    count = len(values)
    average = math.fsum(values) / count
    spread = math.fsum((value - average) ** 2 for value in values) / max(1, count - 1)
    half = Z * math.sqrt(spread / count)
    return Interval(average, average - half, average + half)


def _months(right: str, answers: Iterable[First]) -> Iterable[Month]:
    by_month: dict[date, list[bool]] = {}
    for one in sorted(answers, key=lambda answer: answer.on):
        by_month.setdefault(one.on.replace(day=1), []).append(one.value == right)
    for first_day, hits in by_month.items():
        yield Month(first_day, len(hits), sum(hits) / len(hits) if len(hits) >= SMALL else None)
