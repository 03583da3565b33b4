"""The rules of a framework as data: what each award needs, how long it runs and what it says.

``framework.competency`` gives the condition kinds their meaning; ``framework.badges`` uses the wordings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from framework.catalogue.structure import Document


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """One condition of an award. ``parameters`` are those of its kind (see ``schema/rules.schema.json``)."""

    key: str
    kind: str
    text: str
    parameters: Mapping[str, Any]

    def number(self, name: str, default: int = 0) -> int:
        """A whole-number parameter."""
        return int(self.parameters.get(name, default))

    def share(self) -> Fraction:
        """The parameter ``share``, written "1/2" in the file."""
        return Fraction(self.parameters["share"])


@dataclass(frozen=True, slots=True)
class AwardRule:
    """What one award of a quality needs. ``level`` 0 is Explored, which gives no level and does not run out.

    ``valid_months`` is None for an award that does not run out.
    """

    key: str
    level: int
    label: str
    wording: str
    valid_months: int | None
    conditions: tuple[ConditionRule, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a badge says, its condition per quality, and what it does not say. Names in braces: see ``worded``."""

    says: str
    condition: str
    does_not_say: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadgeWording:
    """The texts of one kind of badge (quality, cluster, framework), earned as Explored or with a level."""

    key: str
    kind: str
    explored: Claim
    level: Claim


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """When scenarios may have a score: from how many credited items on, and the confidence (0 to 1) of its interval."""

    least_items: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Rules:
    """All rule data. ``minimum_features`` is the least number a share of features is rounded to.

    ``score`` is None where no number of scenarios makes a score.
    """

    key: str
    version: int
    minimum_features: int
    example_months: int
    judgement_months: int
    statement: str
    awards: tuple[AwardRule, ...]
    badges: Mapping[str, BadgeWording]
    score: ScoreRule | None = None

    def award(self, level: int) -> AwardRule | None:
        """The rule of a level (0 = Explored), or None where the framework has no rule for it."""
        return next((award for award in self.awards if award.level == level), None)

    def needed_features(self, share: Fraction, count: int) -> int:
        """How many of ``count`` features a share means: rounded up, at least ``minimum_features``."""
        rounded_up = -(-share.numerator * count // share.denominator)
        return min(count, max(self.minimum_features, rounded_up))


def worded(text: str, **names: object) -> str:
    """Put names into a wording: ``{title}`` becomes ``names["title"]``. Other braces stay as they are.

    Plain replacement and not ``str.format``: content files may be another organisation's, and a format string
    can reach into the objects it is given.
    """
    return re.sub(r"\{(\w+)\}", lambda found: str(names.get(found[1], found[0])), text)


def read_rules(document: Document) -> Rules:
    """Read the rules document."""
    return Rules(
        key=document["id"],
        version=document["version"],
        minimum_features=document["minimum_features"],
        example_months=document["example_months"],
        judgement_months=document["judgement_months"],
        statement=document["statement"],
        awards=tuple(sorted((_award(one) for one in document["awards"]), key=lambda award: award.level)),
        badges={one["kind"]: _badge(one) for one in document["badges"]},
        score=_score(document["scenario_score"]) if "scenario_score" in document else None,
    )


def _score(one: Document) -> ScoreRule:
    return ScoreRule(one["least_items"], one["confidence_percent"] / 100)


def _award(one: Document) -> AwardRule:
    return AwardRule(
        key=one["id"],
        level=one["level"],
        label=one["label"],
        wording=one["wording"],
        valid_months=one.get("valid_months"),
        conditions=tuple(_condition(condition) for condition in one["conditions"]),
    )


def _condition(one: Document) -> ConditionRule:
    parameters = {name: value for name, value in one.items() if name not in ("id", "kind", "text")}
    return ConditionRule(one["id"], one["kind"], one["text"], parameters)


def _badge(one: Document) -> BadgeWording:
    return BadgeWording(one["id"], one["kind"], _claim(one["explored"]), _claim(one["level"]))


def _claim(one: Document) -> Claim:
    return Claim(one["says"], one["condition"], tuple(one["does_not_say"]))
