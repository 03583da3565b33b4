"""What a self-assessment adds up to: a rating per quality, strengths and themes to work on, the change since last time.

The rules, told on the page in the words below: a rating is the mean of the statements that were rated, and stands
only where at least half of them were. Strengths lie above the person's own average and are the highest; themes lie
below it, those that matter most in the job first, then the lowest. Nobody is compared with other people.
"""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from framework.assessment.evidence import Answer
from framework.assessment.self_assessment import SelfRating, importance_scale, qualities, read
from framework.catalogue import Activity, Catalogue

MOST = 3  # strengths, and themes to work on

STATEMENT_RULES = ("Above your own average, highest first.", "Below your own average, lowest first.")
STRENGTH_RULE = (
    "Above your own average, highest first. Where two are equal, the one that matters more in your job comes first."
)
THEME_RULE = "Below your own average. Those that matter most in your job come first, then the lowest."
RATING_RULE = (
    "The rating of a quality is the average of its statements. What you have had no chance to do is left out, and a "
    "quality with fewer than half of its statements rated has no rating."
)


@dataclass(frozen=True, slots=True)
class Rated:
    """One theme of a profile: a quality, or a statement where only one quality was asked about.

    ``rating`` is None where too little was rated. ``unseen`` and ``unanswered`` count statements.
    ``matters`` is True in the upper half of the importance scale, False below, None where nothing was said.
    """

    key: str
    title: str
    rating: float | None
    rated: int
    unseen: int
    unanswered: int
    importance: int | None
    matters: bool | None
    target: int | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The answers of one finished self-assessment and what they add up to.

    ``themes`` are qualities in order; with one quality its statements. ``average`` is the mean of all their ratings.
    """

    at: datetime
    answers: Mapping[str, SelfRating]
    themes: tuple[Rated, ...]
    average: float | None
    strengths: tuple[Rated, ...]
    to_work_on: tuple[Rated, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Then and now, for a quality or a statement.

    For a quality only statements rated both times count (``shared`` of them), so that like is compared with like.
    ``difference`` is above 0 where the rating went up.
    """

    key: str
    then: float
    now: float
    shared: int

    @property
    def difference(self) -> float:
        """Now less then, in points of the scale."""
        return self.now - self.then


@dataclass(frozen=True, slots=True)
class Comparison:
    """A self-assessment beside an earlier one: changes by quality key and by feature key, where there is one."""

    then_at: datetime
    now_at: datetime
    qualities: Mapping[str, Change]
    features: Mapping[str, Change]


def profile(catalogue: Catalogue, activity: Activity, answers: Iterable[Answer], at: datetime) -> Profile:
    """The profile of a finished self-assessment; ``at`` is when it was finished."""
    given = {answer.item_key: read(answer.value) for answer in answers}
    themes = _themes(catalogue, activity, given)
    ratings = [one.rating for one in themes if one.rating is not None]
    average = statistics.fmean(ratings) if ratings else None
    return Profile(
        at=at,
        answers=given,
        themes=themes,
        average=average,
        strengths=_strengths(themes, average),
        to_work_on=_to_work_on(themes, average),
    )


def compare(now: Profile, then: Profile) -> Comparison:
    """What changed between two profiles, over the statements that were rated both times."""
    before = {key: one for rating in then.answers.values() for key, one in rating.statements.items() if one is not None}
    by_feature: dict[str, Change] = {}
    by_quality: dict[str, Change] = {}
    for quality_key, rating in now.answers.items():
        both = {
            key: Change(key, float(before[key]), float(one), 1)
            for key, one in rating.statements.items()
            if one is not None and key in before
        }
        by_feature |= both
        if both:
            by_quality[quality_key] = Change(
                quality_key,
                then=statistics.fmean(one.then for one in both.values()),
                now=statistics.fmean(one.now for one in both.values()),
                shared=len(both),
            )
    return Comparison(then.at, now.at, by_quality, by_feature)


def _themes(catalogue: Catalogue, activity: Activity, given: Mapping[str, SelfRating]) -> tuple[Rated, ...]:
    asked = qualities(catalogue, activity)
    nothing = SelfRating({})
    if len(asked) == 1:
        rating = given.get(asked[0].key, nothing)
        return tuple(
            _rated(catalogue, one.key, one.self_form, (one.key,), rating, is_whole=False) for one in asked[0].features
        )
    return tuple(
        _rated(catalogue, one.key, one.title, tuple(each.key for each in one.features), given.get(one.key, nothing))
        for one in asked
    )


def _rated(
    catalogue: Catalogue, key: str, title: str, keys: tuple[str, ...], rating: SelfRating, *, is_whole: bool = True
) -> Rated:
    values = [value for one in keys if (value := rating.statements.get(one)) is not None]
    unseen = sum(one in rating.statements for one in keys) - len(values)
    importance = rating.importance if is_whole else None
    return Rated(
        key=key,
        title=title,
        rating=statistics.fmean(values) if values and 2 * len(values) >= len(keys) else None,
        rated=len(values),
        unseen=unseen,
        unanswered=len(keys) - len(values) - unseen,
        importance=importance,
        matters=_matters(catalogue, importance),
        target=rating.target if is_whole else None,
    )


def _matters(catalogue: Catalogue, importance: int | None) -> bool | None:
    scale = importance_scale(catalogue)
    if importance is None or scale is None:
        return None
    values = [point.value for point in scale.points]
    return 2 * importance > min(values) + max(values)


def _strengths(themes: tuple[Rated, ...], average: float | None) -> tuple[Rated, ...]:
    above = [one for one in themes if one.rating is not None and average is not None and one.rating > average + 1e-9]
    return tuple(sorted(above, key=lambda one: (-(one.rating or 0), -(one.importance or 0)))[:MOST])


def _to_work_on(themes: tuple[Rated, ...], average: float | None) -> tuple[Rated, ...]:
    below = [one for one in themes if one.rating is not None and average is not None and one.rating < average - 1e-9]
    return tuple(sorted(below, key=lambda one: (not one.matters, one.rating or 0, -(one.importance or 0)))[:MOST])
