"""Competency: what evidence and judgements show about each quality, on a day, condition by condition.

Pure and idempotent; facts and judgements may come in any order. The day is passed in: the chain has no clock.

Studying gives Explored, which is no level. A level comes only from judgements of practice. It is awarded on the day
its conditions are met, runs for the months that its rule says, and is renewed by meeting them with a newer judgement.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from framework.assessment.evidence import Fact
from framework.assessment.judgement import Judgement, PracticeExample
from framework.catalogue import Catalogue
from framework.catalogue.rules import AwardRule
from framework.competency.calendar import day_of, held_on
from framework.competency.conditions import Condition, Standing, evaluate
from framework.competency.timeline import Record, Timeline, timeline

__all__ = [
    "AwardState",
    "Competency",
    "Condition",
    "Fact",
    "Judgement",
    "PracticeExample",
    "fold",
    "unknown_keys",
]


@dataclass(frozen=True, slots=True)
class AwardState:
    """Where one award of a quality stands. ``level`` 0 is Explored.

    ``conditions`` are those of the day it was last awarded, or of the day of the fold while it is not held.
    ``marks`` are the features that the judges who count have marked (the lower mark of each); an unseen one has none.
    """

    key: str
    level: int
    label: str
    wording: str
    is_held: bool
    since: date | None
    until: date | None
    conditions: tuple[Condition, ...]
    marks: Mapping[str, int]
    judge_roles: tuple[str, ...]
    evidence_from: date | None
    evidence_to: date | None


@dataclass(frozen=True, slots=True)
class Competency:
    """What is known about one quality of one person on a day. ``level`` 0: none; never shown as a score of zero.

    ``awards``: Explored, then each level, lowest first. ``unknown_keys``: features of this quality that evidence
    names and this edition no longer has; they count for nothing and are reported.
    """

    quality_key: str
    is_explored: bool
    explored_at: datetime | None
    level: int
    awards: tuple[AwardState, ...]
    evidence_from: date | None
    evidence_to: date | None
    rules_digest: str
    unknown_keys: tuple[str, ...]

    @property
    def next_award(self) -> AwardState | None:
        """The next award that is not held: what a learner can work towards."""
        return next((one for one in self.awards if not one.is_held and one.level >= self.level), None)

    def award(self, level: int) -> AwardState | None:
        """The state of one level (0 = Explored)."""
        return next((one for one in self.awards if one.level == level), None)


def fold(
    catalogue: Catalogue,
    facts: Iterable[Fact],
    judgements: Iterable[Judgement] = (),
    *,
    on: date,
    only: str | None = None,
) -> Mapping[str, Competency]:
    """The competency of one person in every quality of the catalogue (or in ``only`` one), by quality key, in order.

    ``facts`` and ``judgements`` are all there are about the person in this framework; those after ``on`` (UTC day) do
    not count yet. Moments must be aware (``ValueError``).
    """
    facts, judgements = tuple(facts), tuple(judgements)
    by_quality: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if catalogue.has_feature(fact.feature_key) and day_of(fact.at) <= on:
            by_quality[catalogue.feature(fact.feature_key).quality_key].append(fact)
    gone = unknown_keys(catalogue, facts, judgements)
    return {
        quality.key: _competency(
            catalogue,
            Record(
                quality,
                catalogue.rules,
                by_quality[quality.key],
                [one for one in judgements if one.quality_key == quality.key and day_of(one.at) <= on],
            ),
            on,
            tuple(key for key in gone if key.startswith(f"{quality.key}.")),
        )
        for quality in catalogue.qualities
        if only is None or quality.key == only
    }


def unknown_keys(catalogue: Catalogue, facts: Iterable[Fact], judgements: Iterable[Judgement] = ()) -> tuple[str, ...]:
    """The feature keys in evidence that this edition does not have, sorted."""
    keys = {fact.feature_key for fact in facts} | {key for one in judgements for key in one.values}
    return tuple(sorted(key for key in keys if not catalogue.has_feature(key)))


def _competency(catalogue: Catalogue, record: Record, on: date, gone: tuple[str, ...]) -> Competency:
    history = timeline(record, on)
    explored_at = record.explored_at()
    awards = tuple(_state(record, rule, history, explored_at, on) for rule in record.rules.awards)
    highest = max((one for one in awards if one.is_held), key=lambda one: one.level, default=None)
    learning = _learning_days(record)
    started = highest or next(iter(awards), None)
    return Competency(
        quality_key=record.quality.key,
        is_explored=explored_at is not None,
        explored_at=explored_at,
        level=highest.level if highest else 0,
        awards=awards,
        evidence_from=(started and started.evidence_from) or min(learning, default=None),
        evidence_to=(started and started.evidence_to) or max(learning, default=None),
        rules_digest=catalogue.rules_digest,
        unknown_keys=gone,
    )


def _learning_days(record: Record) -> list[date]:
    return [day_of(fact.at) for fact in record.facts]


def _state(record: Record, rule: AwardRule, history: Timeline, explored_at: datetime | None, on: date) -> AwardState:
    if rule.level == 0:
        since = None if explored_at is None else day_of(explored_at)
        until, awarded_on = None, on
        days = _learning_days(record)
        evidence_from, evidence_to = min(days, default=None), max(days, default=None)
    else:
        held = held_on(history.held[rule.level], on)
        since, until = (held.since, held.until) if held else (None, None)
        awarded_on = max(history.awarded[rule.level]) if held else on
    standing = record.standing_on(awarded_on, rule, history.held)
    if rule.level:
        evidence_from, evidence_to = _practice_days(standing)
    marks = standing.practice.lower_marks(standing.judges, standing.judge_count) if rule.level else {}
    return AwardState(
        key=rule.key,
        level=rule.level,
        label=rule.label,
        wording=rule.wording,
        is_held=since is not None,
        since=since,
        until=until if until != date.max else None,
        conditions=evaluate(rule, standing),
        marks=marks,
        judge_roles=tuple(role for judge in standing.judges for role in judge.roles) if rule.level else (),
        evidence_from=evidence_from,
        evidence_to=evidence_to,
    )


def _practice_days(standing: Standing) -> tuple[date | None, date | None]:
    """From the earliest to the latest day of practice that the judges who count looked at."""
    examples = [one.event_on for one in standing.practice.examples]
    first = [*examples, *(judge.known_from for judge in standing.judges)]
    last = [*examples, *(judge.known_to for judge in standing.judges)]
    return min(first, default=None), max(last, default=None)
