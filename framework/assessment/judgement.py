"""A person's judgement of practice: the only thing that gives a level.

The judge marks features against the quality's descriptors, says how they know and over which time, and names the
learner's own examples that were looked at. "Not seen" is no mark: it never lowers anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

# How far an example reaches, and where its witness stands; later ones include the earlier.
REACHES = ("own_team", "beyond_team", "other_organisation")
WITNESSES = ("in_line", "outside_line", "other_organisation")

SAW = "saw"
BASES = (SAW, "product", "told")  # saw it, saw what came of it, was told


@dataclass(frozen=True, slots=True)
class PracticeExample:
    """One own example: when it happened, how far it reached, and who can confirm it."""

    key: str
    event_on: date
    reach: str = "own_team"
    witness_key: str | None = None
    witness_place: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judge's judgement of one quality. ``at`` is aware.

    ``values``: level value by feature key; a feature that was not seen is left out. ``basis``: saw, product or told,
    by feature key. ``known_from`` to ``known_to``: the time over which the judge knows the work, both days included.
    ``course_key``: the course that the judge judged in; None for a judge of no course.
    """

    quality_key: str
    learner_key: str
    judge_key: str
    judge_role: str
    at: datetime
    values: Mapping[str, int]
    basis: Mapping[str, str]
    known_from: date
    known_to: date
    examples: tuple[PracticeExample, ...] = ()
    is_external: bool = False
    moderated_on: date | None = None
    course_key: str | None = None
