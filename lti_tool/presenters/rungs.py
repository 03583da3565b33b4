"""The awards of one badge as a ladder: each with its conditions, met or not yet, and the words that go with a level."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from framework import badges
from framework.badges import BadgeStanding, Step
from framework.catalogue import Catalogue
from framework.competency import Competency
from lti_tool.presenters.wording import counted, day, sentence

# Said wherever levels above the second are in sight.
OUTSIDE = (
    "Levels 3 and 4 need judges from outside: two who are independent of each other, and a witness beyond your own "
    "line. Judges of one course count as one. Judges from outside cannot be invited yet; that comes later."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of an award: what it asks, what was found ("1 of 2"), and whether it is met."""

    text: str
    is_met: bool
    found: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One award. ``state``: done (earned), next or todo; ``status`` says it in words with its days."""

    title: str
    wording: str
    state: str
    status: str
    summary: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """All awards of one badge, lowest first. ``statements``: the fixed words about each level held."""

    rungs: tuple[Rung, ...]
    statements: tuple[str, ...]
    outside: str

    @property
    def next(self) -> Rung | None:
        """The first award that is not earned."""
        return next((rung for rung in self.rungs if rung.state == "next"), None)


def conditions(step: Step) -> tuple[Condition, ...]:
    """The conditions of an award in words."""
    return tuple(
        Condition(one.text, one.is_met, f"{min(one.have, one.needed)} of {one.needed}" if one.needed > 1 else "")
        for one in step.conditions
    )


def ladder(catalogue: Catalogue, standing: BadgeStanding, folded: Mapping[str, Competency]) -> Ladder:
    """The ladder of a badge. ``folded``: the competencies that the standing was made of, by quality."""
    coming = standing.next_step
    what = catalogue.badge(standing.badge_key)
    statements = (badges.statement(catalogue, folded[key]) for key in what.quality_keys)
    return Ladder(
        rungs=tuple(_rung(catalogue, standing, step, step is coming, folded) for step in standing.steps),
        statements=tuple(one for one in statements if one) if standing.level or what.kind == "quality" else (),
        outside=OUTSIDE if len(standing.steps) > 3 else "",
    )


def level_of(catalogue: Catalogue, competency: Competency) -> str:
    """The standing in one quality in words: "Consistent, level 2 of 4", "Explored", "Nothing yet"."""
    if competency.level:
        label = catalogue.level_scheme.label(competency.level)
        return f"{label}, level {competency.level} of {len(catalogue.level_scheme.levels)}"
    award = catalogue.rules.award(0)
    return (award.label if award else "Explored") if competency.is_explored else "Nothing yet"


def _rung(
    catalogue: Catalogue, standing: BadgeStanding, step: Step, is_next: bool, folded: Mapping[str, Competency]
) -> Rung:
    shown = conditions(step)
    met = sum(one.is_met for one in shown)
    rule = catalogue.rules.award(step.level)
    return Rung(
        title=f"Level {step.level}: {step.label}" if step.level else step.label,
        wording=sentence(rule.wording) if rule and step.level else "",
        state="done" if step.is_earned else "next" if is_next else "todo",
        status=_status(standing, step, folded),
        summary=f"{met} of {counted(len(shown), 'condition')} met",
        conditions=shown,
    )


def _status(standing: BadgeStanding, step: Step, folded: Mapping[str, Competency]) -> str:
    if not step.is_earned:
        return "Not yet"
    own = folded[standing.badge_key].award(step.level) if standing.badge_key in folded else None
    since = f"since {day(own.since)}" if own and own.since else ""
    until = f"until {day(step.until)}" if step.until and step.until != date.max else ""
    days = ", ".join(part for part in (since, until) if part)
    return f"Earned {days}".strip()
