"""What judges said about one quality, as it stood on a day.

The latest mark of a judge for a feature counts; a feature the judge did not see keeps the judge's earlier mark.
Where a rule needs several judges, the latest ones count and the lower mark of each feature; a feature counts only
where each of them marked it. Not the best of many: asking one more judge must not be a way to a level.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from framework.assessment.judgement import REACHES, SAW, WITNESSES, Judgement, PracticeExample
from framework.catalogue import Quality, Rules
from framework.competency.calendar import add_months, day_of, whole_months


@dataclass(frozen=True, slots=True)
class JudgeView:
    """What one judge's judgements say, taken together: marks, what was seen in person, and the time known."""

    judge_key: str
    role: str
    is_external: bool
    is_moderated: bool
    course_key: str | None
    marks: Mapping[str, int]
    saw: int
    known_from: date
    known_to: date

    @property
    def known_months(self) -> int:
        """For how many whole months the judge knows the work, first and last day included."""
        return whole_months(self.known_from, self.known_to + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Practice:
    """The judges (the latest first) and the examples that count on a day."""

    quality: Quality
    judges: tuple[JudgeView, ...]
    examples: tuple[PracticeExample, ...]

    def chosen(self, count: int, external: int = 0) -> tuple[JudgeView, ...]:
        """The judges that count: the latest external ones that the rule needs, then the latest of the others.

        Judges of one course are not independent of each other: of them the latest counts.
        """
        outside = [judge for judge in self.judges if judge.is_external][:external]
        others: list[JudgeView] = []
        courses = {judge.course_key for judge in outside}
        for judge in self.judges:
            if judge not in outside and (judge.course_key is None or judge.course_key not in courses):
                others.append(judge)
                courses.add(judge.course_key)
        return (*outside, *others[: count - external])

    def lower_marks(self, judges: Sequence[JudgeView], count: int) -> dict[str, int]:
        """By feature, the lower mark of the judges, where ``count`` judges marked it."""
        marked = {
            feature.key: [judge.marks[feature.key] for judge in judges if feature.key in judge.marks]
            for feature in self.quality.features
        }
        return {key: min(marks) for key, marks in marked.items() if len(marks) >= max(1, count)}

    def examples_with(self, reach: str, witness: str | None) -> list[PracticeExample]:
        """The examples that reach far enough and, if one is needed, have a witness who stands far enough away."""
        return [
            one
            for one in self.examples
            if REACHES.index(one.reach) >= REACHES.index(reach)
            and (
                witness is None
                or (
                    one.witness_key is not None
                    and one.witness_place is not None
                    and WITNESSES.index(one.witness_place) >= WITNESSES.index(witness)
                )
            )
        ]


def most_apart(examples: Iterable[PracticeExample], days: int) -> int:
    """How many of the examples can be picked so that each is ``days`` or more after the one before."""
    count, last = 0, None
    for one in sorted(examples, key=lambda example: example.event_on):
        if last is None or (one.event_on - last).days >= days:
            count, last = count + 1, one.event_on
    return count


def practice_on(quality: Quality, judgements: Iterable[Judgement], rules: Rules, day: date) -> Practice:
    """The practice of a quality as it stood at the end of a day, from judgements in any order."""
    valid = [
        one
        for one in judgements
        if one.quality_key == quality.key
        and one.judge_key != one.learner_key
        and day_of(one.at) <= day < add_months(day_of(one.at), rules.judgement_months)
    ]
    valid.sort(key=_order)
    by_judge: dict[str, list[Judgement]] = {}
    for one in reversed(valid):
        by_judge.setdefault(one.judge_key, []).append(one)
    views = (_view(quality, several, day) for several in by_judge.values())
    return Practice(
        quality=quality,
        judges=tuple(view for view in views if view.marks),
        examples=_examples(valid, rules, day),
    )


def _order(one: Judgement) -> tuple[object, ...]:
    return (one.at, one.judge_key, sorted(one.values.items()), sorted(one.basis.items()), one.known_from, one.known_to)


def _view(quality: Quality, latest_first: Sequence[Judgement], day: date) -> JudgeView:
    sources: dict[str, Judgement] = {}
    for one in latest_first:
        for feature in quality.features:
            if feature.key in one.values:
                sources.setdefault(feature.key, one)
    latest = latest_first[0]
    return JudgeView(
        judge_key=latest.judge_key,
        role=latest.judge_role,
        is_external=latest.is_external,
        course_key=latest.course_key,
        is_moderated=all(one.moderated_on is not None and one.moderated_on <= day for one in sources.values()),
        marks={key: one.values[key] for key, one in sources.items()},
        saw=sum(one.basis.get(key) == SAW for key, one in sources.items()),
        known_from=min(one.known_from for one in latest_first),
        known_to=max(one.known_to for one in latest_first),
    )


def _examples(valid: Sequence[Judgement], rules: Rules, day: date) -> tuple[PracticeExample, ...]:
    """Distinct examples that are not too old. A witness who is the learner or a judge is no witness."""
    people = {one.judge_key for one in valid} | {one.learner_key for one in valid}
    oldest = add_months(day, -rules.example_months)
    found: dict[str, PracticeExample] = {}
    for judgement in valid:
        for one in judgement.examples:
            if oldest <= one.event_on <= day:
                found[one.key] = one if one.witness_key not in people else _without_witness(one)
    return tuple(found[key] for key in sorted(found))


def _without_witness(one: PracticeExample) -> PracticeExample:
    return PracticeExample(one.key, one.event_on, one.reach)
