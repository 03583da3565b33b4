"""Badges: what the competencies of a person earn, and what each badge says and does not say.

A badge about several qualities is at the level of the lowest of them, never a mean. Texts come from the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from framework.catalogue import BadgeClass, Catalogue
from framework.catalogue.rules import Claim, worded
from framework.competency import AwardState, Competency, Condition


@dataclass(frozen=True, slots=True)
class Award:
    """A badge that is earned now. ``level`` 0 is Explored. ``until`` is the day it runs out, if it does.

    ``conditions`` explain it: those of the quality's award, or one per quality of a cluster or framework.
    """

    badge_key: str
    kind: str
    level: int
    label: str
    wording: str
    conditions: tuple[Condition, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One award that a badge can carry, earned or not: its conditions and its words."""

    level: int
    label: str
    is_earned: bool
    conditions: tuple[Condition, ...]
    says: str
    does_not_say: tuple[str, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class BadgeStanding:
    """Where one badge class stands. ``level`` is None while nothing is earned, 0 for Explored.

    ``steps``: Explored, then each level. ``next_step`` is the first that is not earned, None when all are.
    """

    badge_key: str
    kind: str
    title: str
    level: int | None
    steps: tuple[Step, ...]

    @property
    def is_earned(self) -> bool:
        """Whether the badge is earned at all, as Explored or with a level."""
        return self.level is not None

    @property
    def current(self) -> Step | None:
        """The highest step that is earned."""
        return next((step for step in reversed(self.steps) if step.is_earned), None)

    @property
    def next_step(self) -> Step | None:
        """The first step above the current one."""
        above = -1 if self.level is None else self.level
        return next((step for step in self.steps if step.level > above), None)


def earned(catalogue: Catalogue, competencies: Mapping[str, Competency]) -> tuple[Award, ...]:
    """Every badge that is earned now, at its highest step, in the order of the badge classes."""
    awards = []
    for badge in standing(catalogue, competencies):
        step = badge.current
        if step is not None:
            awards.append(
                Award(badge.badge_key, badge.kind, step.level, step.label, step.says, step.conditions, step.until)
            )
    return tuple(awards)


def standing(catalogue: Catalogue, competencies: Mapping[str, Competency]) -> tuple[BadgeStanding, ...]:
    """Where every badge class of the catalogue stands, with the conditions of each step.

    ``competencies`` is what ``framework.competency.fold`` gave for the same catalogue.
    """
    return tuple(_standing(catalogue, badge, competencies) for badge in catalogue.badges)


def statement(catalogue: Catalogue, competency: Competency) -> str | None:
    """The fixed sentence about a level that was judged, for pages and credentials; None while there is no level."""
    award = competency.award(competency.level)
    if not competency.level or award is None:
        return None
    quality = catalogue.quality(competency.quality_key)
    return worded(
        catalogue.rules.statement,
        judge=" and ".join(award.judge_roles),
        title=quality.title,
        level=award.label,
        n=sum(mark >= competency.level for mark in award.marks.values()),
        m=len(quality.features),
        **{"from": _day(award.evidence_from), "to": _day(award.evidence_to)},
    )


def _day(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%B %Y}"


def _standing(catalogue: Catalogue, badge: BadgeClass, competencies: Mapping[str, Competency]) -> BadgeStanding:
    make = _quality_step if badge.kind == "quality" else _group_step
    steps = tuple(make(catalogue, badge, competencies, rule.level) for rule in catalogue.rules.awards)
    level = max((step.level for step in steps if step.is_earned), default=None)
    return BadgeStanding(badge.key, badge.kind, badge.title, level, steps)


def _quality_step(catalogue: Catalogue, badge: BadgeClass, competencies: Mapping[str, Competency], level: int) -> Step:
    """Earned while the level or one above it is held: a lower level may have run out meanwhile."""
    award, held = _award(competencies[badge.key], level), _held_at_least(competencies[badge.key], level)
    return _step(catalogue, badge, award, award.conditions, None if held is None else _end(held))


def _group_step(catalogue: Catalogue, badge: BadgeClass, competencies: Mapping[str, Competency], level: int) -> Step:
    claim = _claim(catalogue, badge, level)
    rule = _award(next(iter(competencies.values())), level)
    held = {key: _held_at_least(competencies[key], level) for key in badge.quality_keys}
    conditions = tuple(
        Condition(
            key=f"{badge.key}/{key}",
            text=worded(claim.condition, quality=catalogue.quality(key).title, level=rule.label),
            needed=1,
            have=int(award is not None),
            is_met=award is not None,
        )
        for key, award in held.items()
    )
    ends = [_end(award) for award in held.values() if award is not None]
    return _step(catalogue, badge, rule, conditions, min(ends) if len(ends) == len(held) else None)


def _held_at_least(competency: Competency, level: int) -> AwardState | None:
    """The award that carries a level: of those at or above it that are held, the one that lasts longest."""
    held = [one for one in competency.awards if one.is_held and one.level >= level]
    return max(held, key=_end, default=None)


def _end(award: AwardState) -> date:
    """The day on which an award runs out; ``date.max`` for one that does not."""
    return award.until or date.max


def _step(
    catalogue: Catalogue, badge: BadgeClass, award: AwardState, conditions: tuple[Condition, ...], ends: date | None
) -> Step:
    """``ends``: None where the step is not earned, ``date.max`` where it does not run out."""
    claim = _claim(catalogue, badge, award.level)
    return Step(
        level=award.level,
        label=award.label,
        is_earned=ends is not None,
        conditions=conditions,
        says=worded(claim.says, title=badge.title, level=award.label, wording=award.wording),
        does_not_say=claim.does_not_say,
        until=None if ends == date.max else ends,
    )


def _claim(catalogue: Catalogue, badge: BadgeClass, level: int) -> Claim:
    wording = catalogue.rules.badges[badge.kind]
    return wording.level if level else wording.explored


def _award(competency: Competency, level: int) -> AwardState:
    return next(one for one in competency.awards if one.level == level)
