"""What judges said about one quality, as it stood on a day.

The latest mark of a judge for a feature counts; a feature the judge did not see keeps the judge's earlier mark. The
judges of one course are one judge: for each feature the latest mark of any of them counts.
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
    """What one judge, or the judges of one course together, said: marks, what was seen in person, the time known.

    ``roles``: of those whose marks count, the latest first. ``known_months``: the whole months for which the one of
    them who knows the work longest knows it, first and last day included. ``judgements``: the latest first.
    """

    judge_key: str
    roles: tuple[str, ...]
    is_external: bool
    is_moderated: bool
    course_key: str | None
    marks: Mapping[str, int]
    saw: int
    known_from: date
    known_to: date
    known_months: int
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class Practice:
    """The judges (the latest first) and the examples that count on a day."""

    quality: Quality
    day: date
    judges: tuple[JudgeView, ...]
    examples: tuple[PracticeExample, ...]

    def chosen(self, count: int, external: int = 0) -> tuple[JudgeView, ...]:
        """The judges that count: the latest external ones that the rule needs, then the latest of the others.

        Judges of one course are not independent of each other: they count together, as one judge. Those of a course
        from which an external judge counts already do not count beside that judge.
        """
        outside = [judge for judge in self.judges if judge.is_external][:external]
        taken = {judge.course_key for judge in outside if judge.course_key is not None}
        groups: dict[tuple[str | None, str], list[JudgeView]] = {}
        for judge in self.judges:
            if judge not in outside and judge.course_key not in taken:
                key = (judge.course_key, judge.judge_key if judge.course_key is None else "")
                groups.setdefault(key, []).append(judge)
        others = [self._together(several) for several in groups.values()]
        return (*outside, *others[: count - external])

    def _together(self, several: Sequence[JudgeView]) -> JudgeView:
        """Several judges as one."""
        said = sorted((one for judge in several for one in judge.judgements), key=_order, reverse=True)
        return several[0] if len(several) == 1 else _view(self.quality, said, self.day)

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
        day=day,
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
    counted = {one.judge_key for one in sources.values()} or {latest.judge_key}
    said = [one for one in latest_first if one.judge_key in counted]
    roles = {one.judge_key: one.judge_role for one in reversed(said)}
    return JudgeView(
        judge_key=latest.judge_key,
        roles=tuple(dict.fromkeys(roles[one.judge_key] for one in said)),
        is_external=latest.is_external,
        course_key=latest.course_key,
        is_moderated=all(one.moderated_on is not None and one.moderated_on <= day for one in sources.values()),
        marks={key: one.values[key] for key, one in sources.items()},
        saw=sum(one.basis.get(key) == SAW for key, one in sources.items()),
        known_from=min(one.known_from for one in said),
        known_to=max(one.known_to for one in said),
        known_months=max(_known_months([one for one in said if one.judge_key == judge]) for judge in counted),
        judgements=tuple(latest_first),
    )


def _known_months(said: Sequence[Judgement]) -> int:
    """For how many whole months one judge knows the work."""
    return whole_months(min(one.known_from for one in said), max(one.known_to for one in said) + timedelta(days=1))


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
