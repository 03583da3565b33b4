"""Assessment: what an activity asks, which answers it takes, when it is done and what finishing it shows.

Pure: no database, clock or files. One module per kind of activity; a new kind is one entry in ``_KINDS``.
What an answer looks like as JSON: ``evidence.Item`` and ``formats``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from framework.assessment import module, reflection, scenario_score, scenarios, self_assessment
from framework.assessment.evidence import Answer, Answers, Evidence, Fact, Item, JsonValue, Marked, Result
from framework.catalogue import Activity, Catalogue
from framework.errors import Invalid

__all__ = [
    "Answer",
    "Evidence",
    "Fact",
    "Item",
    "JsonValue",
    "Marked",
    "Result",
    "accept",
    "is_private",
    "items",
    "mark",
    "missing",
    "offers_score",
    "settled",
]


@dataclass(frozen=True, slots=True)
class _Kind:
    items: Callable[[Catalogue, Activity], tuple[Item, ...]]
    accept: Callable[[Catalogue, Activity, str, object], JsonValue]
    settled: Callable[[Catalogue, Activity, str, Answer | None], bool]
    mark: Callable[[Catalogue, Activity, Answers, datetime], Marked]
    missing: Callable[[Catalogue, Activity, Answers], tuple[Item, ...]] | None = None  # None: each part that is open
    is_private: bool = False  # nobody but the learner ever reads the answers, and an earlier wording is not kept


_KINDS: Mapping[str, _Kind] = {
    "module": _Kind(module.items, module.accept, module.settled, module.mark),
    "scenarios": _Kind(scenarios.items, scenarios.accept, scenarios.settled, scenarios.mark),
    "reflection": _Kind(
        reflection.items,
        reflection.accept,
        reflection.settled,
        reflection.mark,
        reflection.missing,
        is_private=True,  # a judge reads what was shared, which is copied into the step
    ),
    "self_assessment": _Kind(
        self_assessment.items,
        self_assessment.accept,
        self_assessment.settled,
        self_assessment.mark,
        is_private=True,
    ),
}


def items(catalogue: Catalogue, activity: Activity) -> tuple[Item, ...]:
    """The parts of an activity in order; none for a kind that asks nothing (board, programme)."""
    kind = _KINDS.get(activity.kind)
    return () if kind is None else kind.items(catalogue, activity)


def accept(catalogue: Catalogue, activity: Activity, item_key: str, value: object) -> JsonValue:
    """One answer, validated and in its stored form.

    Raises ``Invalid`` with a sentence for the learner, ``NotFound`` where the activity has no such part.
    """
    return _kind(activity).accept(catalogue, activity, item_key, value)


def settled(catalogue: Catalogue, activity: Activity, item_key: str, answer: Answer | None) -> bool:
    """Whether a part is done: text read, check right in the end, scenario answered."""
    return _kind(activity).settled(catalogue, activity, item_key, answer)


def missing(catalogue: Catalogue, activity: Activity, answers: Iterable[Answer]) -> tuple[Item, ...]:
    """The parts that must still be done before the activity can be finished, in order."""
    given = {answer.item_key: answer for answer in answers}
    kind = _KINDS.get(activity.kind)
    if kind is not None and kind.missing is not None:
        return kind.missing(catalogue, activity, given)
    return tuple(
        item for item in items(catalogue, activity) if not settled(catalogue, activity, item.key, given.get(item.key))
    )


def mark(catalogue: Catalogue, activity: Activity, answers: Iterable[Answer], finished_at: datetime) -> Marked:
    """What finishing gives: evidence and a result. Raises ``Invalid``, naming what is left, while parts are missing."""
    kind = _kind(activity)
    given = {answer.item_key: answer for answer in answers}
    left = missing(catalogue, activity, given.values())
    if left:
        titles = ", ".join(f"“{item.title}”" for item in left[:3])
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        raise Invalid(f"Not finished yet. Still to do: {titles}{more}.", field=left[0].key)
    return kind.mark(catalogue, activity, given, finished_at)


def is_private(activity: Activity) -> bool:
    """Whether the answers are the learner's alone: no instructor sees them, and no earlier wording of them is kept."""
    kind = _KINDS.get(activity.kind)
    return kind is not None and kind.is_private


def offers_score(catalogue: Catalogue, activity: Activity) -> bool:
    """Whether an activity's result may be graded as a score: checks may, scenarios only in a large credited pool."""
    return activity.kind == "module" or scenario_score.can_score(catalogue, activity)


def _kind(activity: Activity) -> _Kind:
    kind = _KINDS.get(activity.kind)
    if kind is None:
        raise Invalid(f"“{activity.title}” asks for no answers, so there is nothing to answer or finish.")
    return kind
