"""The terms of a placement: when it is open, how many attempts, which one counts, what is shown, whose results return.

Pure. A placement keeps them as JSON in its settings (only what differs from the defaults); an allowance for one learner
lies over them. Moments are aware, in JSON as ISO 8601 in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from framework.errors import Invalid

COUNTS = ("best", "latest")
REVIEWS = ("finished", "closed")  # from when on learners may look back at their answers and what the keys say
JUDGES = ("both", "assessors")  # instructors and the assessors they name, or the assessors alone
EDITIONS = ("any", "same")  # which editions an earlier result may come from
MOST_ATTEMPTS = 20
MOST_MONTHS = 60
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one learner has been given beyond the terms: a later close, further attempts."""

    closes_at: datetime | None = None
    extra_attempts: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms for one learner. None: no limit. ``reuse_months`` 0: earlier results are not offered."""

    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    attempts: int | None = None
    counts: str = "best"
    review: str = "finished"
    judges: str = "both"
    reuse_months: int = 12
    reuse_editions: str = "any"

    def is_early(self, now: datetime) -> bool:
        """Whether the placement is not open yet."""
        return self.opens_at is not None and now < self.opens_at

    def is_closed(self, now: datetime) -> bool:
        """Whether nothing can be answered or finished any more."""
        return self.closes_at is not None and now >= self.closes_at

    def is_late(self, now: datetime) -> bool:
        """Whether the due moment has passed; work is still taken until the close."""
        return self.due_at is not None and now >= self.due_at

    def may_begin(self, attempts_so_far: int) -> bool:
        """Whether one more attempt may be begun."""
        return self.attempts is None or attempts_so_far < self.attempts

    def may_review(self, now: datetime) -> bool:
        """Whether a learner who has finished may look back at answers and keys."""
        return self.review == "finished" or self.closes_at is None or self.is_closed(now)

    def reuses_from(self, now: datetime) -> datetime | None:
        """The earliest moment from which an earlier result may be used; None where none may."""
        return None if not self.reuse_months else now - timedelta(days=30.4375 * self.reuse_months)

    def for_learner(self, allowance: Allowance | None) -> "Terms":
        """The terms with an allowance over them. A close that was put off also puts off the due moment before it."""
        if allowance is None:
            return self
        attempts = None if self.attempts is None else self.attempts + allowance.extra_attempts
        if allowance.closes_at is None or self.closes_at is None:
            return replace(self, attempts=attempts)
        due_at = max(self.due_at, allowance.closes_at) if self.due_at else None
        return replace(self, attempts=attempts, closes_at=allowance.closes_at, due_at=due_at)


DEFAULT = Terms()
FIELDS = tuple(Terms.__dataclass_fields__)
_MOMENTS = ("opens_at", "due_at", "closes_at")


def read(settings: Mapping[str, Any]) -> Terms:
    """The terms that a placement's settings hold; what is not there has its default."""
    found = {name: settings[name] for name in FIELDS if name in settings}
    for name in _MOMENTS:
        if found.get(name):
            found[name] = datetime.fromisoformat(found[name])
    return Terms(**found)


def written(terms: Terms) -> dict[str, Any]:
    """The terms as settings: only what differs from the defaults."""
    found = {name: getattr(terms, name) for name in FIELDS if getattr(terms, name) != getattr(DEFAULT, name)}
    return {
        name: value.astimezone(UTC).isoformat() if name in _MOMENTS and value else value
        for name, value in found.items()
    }


def without_dates(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings for the next run or a copied course: the dates were those of the people before."""
    return {name: value for name, value in settings.items() if name not in _MOMENTS}


def checked(terms: Terms) -> Terms:
    """The same terms. Raises ``Invalid`` with the field and a sentence for whoever sets them."""
    named = (("opens_at", "opening"), ("due_at", "due date"), ("closes_at", "close"))
    moments = [(name, word, getattr(terms, name)) for name, word in named if getattr(terms, name) is not None]
    for name, word, moment in moments:
        if not datetime(2000, 1, 1, tzinfo=UTC) <= moment < LATEST:
            raise Invalid(f"The {word} is in the year {moment.year}. Use one between 2000 and 2099.", field=name)
    for (_, earlier, first), (name, later, second) in pairwise(moments):
        if first >= second and not (name == "closes_at" and first == second):
            raise Invalid(f"The {later} must be after the {earlier}.", field=name)
    if terms.attempts is not None and not 1 <= terms.attempts <= MOST_ATTEMPTS:
        raise Invalid(f"Allow 1 to {MOST_ATTEMPTS} attempts, or any number.", field="attempts")
    if not 0 <= terms.reuse_months <= MOST_MONTHS:
        raise Invalid(f"An earlier result may be up to {MOST_MONTHS} months old.", field="reuse_months")
    for name, known in (("counts", COUNTS), ("review", REVIEWS), ("judges", JUDGES), ("reuse_editions", EDITIONS)):
        if getattr(terms, name) not in known:
            raise Invalid("Choose one of the answers.", field=name)
    return terms
