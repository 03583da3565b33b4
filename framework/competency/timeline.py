"""When each level was awarded, and for how long it is held.

A level is awarded on the first day on which its conditions are met by the judgements there are. Only a newer
judgement can award it again: time alone, a late moderation or an old mark that lapses never makes it last longer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from framework.assessment.evidence import SCENARIO, STUDIED, Fact
from framework.assessment.judgement import Judgement
from framework.catalogue import Quality, Rules
from framework.catalogue.rules import AwardRule
from framework.competency.calendar import Held, add_months, day_of, held_times
from framework.competency.conditions import Learned, Standing, evaluate, is_explored, judges_rule
from framework.competency.practice import Practice, practice_on


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known about one quality: its facts and judgements, in any order."""

    quality: Quality
    rules: Rules
    facts: Sequence[Fact]
    judgements: Sequence[Judgement]
    _practices: dict[date, Practice] = field(default_factory=dict, repr=False, compare=False)

    def learned_on(self, day: date) -> Learned:
        """What learning showed at the end of a day."""
        return self.learned(fact for fact in self.facts if day_of(fact.at) <= day)

    def learned(self, facts: Iterable[Fact]) -> Learned:
        """What some facts about this quality show."""
        shown = {(fact.kind, fact.feature_key) for fact in facts}
        return Learned(
            features=len(self.quality.features),
            studied=sum(kind == STUDIED for kind, _ in shown),
            has_taken_scenarios=any(kind == SCENARIO for kind, _ in shown),
        )

    def explored_at(self) -> datetime | None:
        """The moment at which the last condition of Explored was met for the first time."""
        so_far: dict[tuple[str, str], Fact] = {}
        for fact in sorted(self.facts, key=lambda one: one.at):
            if (fact.kind, fact.feature_key) in so_far:
                continue
            so_far[fact.kind, fact.feature_key] = fact
            if is_explored(self.rules, self.learned(so_far.values())):
                return fact.at
        return None

    def standing_on(self, day: date, award: AwardRule, held: dict[int, tuple[Held, ...]]) -> Standing:
        """What the conditions of an award look at, on a day."""
        if day not in self._practices:  # every level looks at the same days
            self._practices[day] = practice_on(self.quality, self.judgements, self.rules, day)
        practice = self._practices[day]
        count, external = judges_rule(award)
        return Standing(
            day=day,
            rules=self.rules,
            learned=self.learned_on(day),
            practice=practice,
            held=held,
            judges=practice.chosen(count, external),
            judge_count=count,
        )

    def is_met(self, day: date, award: AwardRule, held: dict[int, tuple[Held, ...]]) -> bool:
        """Whether every condition of an award was met on a day."""
        return all(condition.is_met for condition in evaluate(award, self.standing_on(day, award, held)))


@dataclass(frozen=True, slots=True)
class Timeline:
    """The days on which each level was awarded, and the times for which it is held."""

    awarded: dict[int, tuple[date, ...]]
    held: dict[int, tuple[Held, ...]]


def timeline(record: Record, on: date) -> Timeline:
    """The history of every level up to and including a day."""
    result = Timeline({}, {})
    changes = _changes(record, on)
    for award in record.rules.awards:
        if award.level == 0:
            continue
        days = {*changes, *_waiting_days(award, result, on)}
        awarded: dict[int, date] = {}
        for day in sorted(days):
            judged = sum(day_of(one.at) <= day for one in record.judgements)
            if judged and judged not in awarded and record.is_met(day, award, result.held):
                awarded[judged] = day
        result.awarded[award.level] = tuple(awarded.values())
        result.held[award.level] = held_times(awarded.values(), award.valid_months)
    return result


def _changes(record: Record, on: date) -> set[date]:
    """The days on which a condition can become met: by a judgement, a moderation, a lapse, or by learning."""
    days = {day_of(fact.at) for fact in record.facts}
    for one in record.judgements:
        days |= {day_of(one.at), add_months(day_of(one.at), record.rules.judgement_months)}
        if one.moderated_on is not None:
            days.add(one.moderated_on)
    return {day for day in days if day <= on}


def _waiting_days(award: AwardRule, so_far: Timeline, on: date) -> Iterable[date]:
    """The days on which a lower level has been held for long enough."""
    for rule in award.conditions:
        if rule.kind == "level" and rule.number("held_days"):
            for time in so_far.held.get(rule.number("level"), ()):
                day = time.since + timedelta(days=rule.number("held_days"))
                if day <= on:
                    yield day
