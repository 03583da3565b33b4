"""What the condition kinds of the rules mean. One function per kind; the numbers are data (``rules.yaml``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from framework.catalogue import Rules
from framework.catalogue.rules import AwardRule, ConditionRule
from framework.competency.calendar import Held, held_on
from framework.competency.practice import JudgeView, Practice, most_apart


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an award, explained: how much is needed, how much there is, and whether that is enough.

    ``text`` says what is counted (features, examples, judges, months or days).
    """

    key: str
    text: str
    needed: int
    have: int
    is_met: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning shows about a quality on a day."""

    features: int
    studied: int
    has_taken_scenarios: bool


def is_explored(rules: Rules, learned: Learned) -> bool:
    """Whether learning meets every condition of Explored; False where the rules have no such award."""
    award = rules.award(0)
    return award is not None and all(
        have >= needed for needed, have in (_LEARNED[rule.kind](learned) for rule in award.conditions)
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the conditions of one award look at, on one day."""

    day: date
    rules: Rules
    learned: Learned
    practice: Practice
    held: Mapping[int, tuple[Held, ...]]
    judges: tuple[JudgeView, ...]
    judge_count: int


Answer = tuple[int, int]  # needed, have


def judges_rule(award: AwardRule) -> tuple[int, int]:
    """How many judges an award needs, and how many of them from outside."""
    rule = next((one for one in award.conditions if one.kind == "judges"), None)
    return (1, 0) if rule is None else (rule.number("count", 1), rule.number("external"))


def evaluate(award: AwardRule, standing: Standing) -> tuple[Condition, ...]:
    """Every condition of an award, in the order of the rules."""
    conditions = []
    for rule in award.conditions:
        if rule.kind in _LEARNED:
            needed, have = _LEARNED[rule.kind](standing.learned)
        else:
            needed, have = _JUDGED[rule.kind](rule, standing)
        conditions.append(Condition(rule.key, rule.text, needed, have, have >= needed))
    return tuple(conditions)


def _studied(learned: Learned) -> Answer:
    return learned.features, learned.studied


def _scenario(learned: Learned) -> Answer:
    return 1, int(learned.has_taken_scenarios)


_LEARNED: Mapping[str, Callable[[Learned], Answer]] = {"studied": _studied, "scenario": _scenario}


def _explored(_: ConditionRule, standing: Standing) -> Answer:
    return 1, int(is_explored(standing.rules, standing.learned))


def _level(rule: ConditionRule, standing: Standing) -> Answer:
    """A lower level held now; with ``held_days``, for that many days without a gap."""
    held = held_on(standing.held.get(rule.number("level"), ()), standing.day)
    days = rule.number("held_days")
    if not days:
        return 1, int(held is not None)
    return days, 0 if held is None else (standing.day - held.since).days


def _examples(rule: ConditionRule, standing: Standing) -> Answer:
    witness = rule.parameters.get("witness")
    found = standing.practice.examples_with(rule.parameters.get("reach", "own_team"), witness)
    return rule.number("count"), most_apart(found, rule.number("apart_days"))


def _judges(rule: ConditionRule, standing: Standing) -> Answer:
    return rule.number("count"), len(standing.judges)


def _known(rule: ConditionRule, standing: Standing) -> Answer:
    return rule.number("months"), min((judge.known_months for judge in standing.judges), default=0)


def _saw(rule: ConditionRule, standing: Standing) -> Answer:
    return rule.number("count"), min((judge.saw for judge in standing.judges), default=0)


def _features(rule: ConditionRule, standing: Standing) -> Answer:
    marks = standing.practice.lower_marks(standing.judges, standing.judge_count)
    have = sum(mark >= rule.number("at_least") for mark in marks.values())
    return standing.rules.needed_features(rule.share(), len(standing.practice.quality.features)), have


def _every_judged(rule: ConditionRule, standing: Standing) -> Answer:
    """No feature below the level that any of the judges marked; at least one must be marked."""
    marks = standing.practice.lower_marks(standing.judges, 1)
    return max(1, len(marks)), sum(mark >= rule.number("at_least") for mark in marks.values())


def _moderated(_: ConditionRule, standing: Standing) -> Answer:
    return standing.judge_count, sum(judge.is_moderated for judge in standing.judges)


_JUDGED: Mapping[str, Callable[[ConditionRule, Standing], Answer]] = {
    "explored": _explored,
    "level": _level,
    "examples": _examples,
    "judges": _judges,
    "known": _known,
    "saw": _saw,
    "features": _features,
    "every_judged": _every_judged,
    "moderated": _moderated,
}
