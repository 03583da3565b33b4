"""What goes into an assessment and what comes out of it: answers, parts, evidence and a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

JsonValue = str | int | float | bool | list[Any] | dict[str, Any] | None

# The kinds of evidence that learning gives.
STUDIED = "studied"
CHECK = "check"
SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class Item:
    """One part of an activity, in the order of ``items``. The learner answers it under its ``key``.

    ``kind``: read (the introduction; answered True), section (reading and check of the feature with this key;
    answered with the key of an option) or scenario (answered by its format, see ``formats``).
    """

    key: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer. ``first_value`` is the first one given, ``tries`` counts them all, ``version`` its writings."""

    item_key: str
    value: JsonValue
    first_value: JsonValue
    tries: int
    version: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one finished attempt shows about a feature.

    studied: 1.0. check: 1.0 where the first answer was right, else 0.0. scenario: None, because a provisional
    key counts as "taken part" only and three situations cannot carry a score.
    """

    feature_key: str
    kind: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence as the store keeps it, with the moment it was made (aware)."""

    feature_key: str
    kind: str
    value: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a finished attempt: 0 to ``maximum`` points."""

    points: float
    maximum: float
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Marked:
    """What finishing an attempt gives."""

    evidence: tuple[Evidence, ...]
    result: Result


Answers = Mapping[str, Answer]
