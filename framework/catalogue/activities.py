"""The activities that a framework offers: what a designer can place and a learner can open.

One table, kind -> how its activities are made. A new kind is one entry in ``_MAKERS`` and one wording in the
framework file; a later kind is feedback.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from framework.catalogue.learning import Module
from framework.catalogue.rules import worded
from framework.catalogue.structure import Document, Quality


@dataclass(frozen=True, slots=True)
class Retirement:
    """From a day on an activity is offered no more; where it is placed it goes on. ``notice`` says why."""

    starts: date
    notice: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that can be placed in a course. ``minutes`` is 0 where it has no work of its own.

    ``quality_key`` is None for an activity about the whole framework; ``retirement`` None while none is planned.
    """

    key: str
    kind: str
    title: str
    summary: str
    minutes: int
    quality_key: str | None
    retirement: Retirement | None = None

    def is_offered(self, on: date) -> bool:
        """Whether a designer may still pick it on a day."""
        return self.retirement is None or on < self.retirement.starts


Subject = tuple[Quality, Module]


def _module(wording: Document, subjects: Iterable[Subject]) -> Iterable[Activity]:
    for quality, module in subjects:
        minutes = module.minutes.module + module.minutes.scenarios
        yield _activity(quality.key, "module", wording, minutes, module)


def _scenarios(wording: Document, subjects: Iterable[Subject]) -> Iterable[Activity]:
    for quality, module in subjects:
        yield _activity(f"{quality.key}.scenarios", "scenarios", wording, module.minutes.scenarios, module)


def _reflection(wording: Document, subjects: Iterable[Subject]) -> Iterable[Activity]:
    for quality, module in subjects:
        yield _activity(f"{quality.key}.reflection", "reflection", wording, wording.get("minutes", 0), module)


def _self_assessment(wording: Document, subjects: Iterable[Subject]) -> Iterable[Activity]:
    """About everything; and about each quality, where there is a wording for that (``one_quality``)."""
    several, minutes = tuple(subjects), wording.get("minutes", 0)
    yield _activity("self-assessment", "self_assessment", wording, minutes)
    if "one_quality" in wording:
        statements = sum(len(quality.features) for quality, _ in several)
        for quality, module in several:
            share = max(1, round(minutes * len(quality.features) / statements))
            key = f"{quality.key}.self-assessment"
            yield _activity(key, "self_assessment", wording["one_quality"], share, module)


def _framework(wording: Document, _: Iterable[Subject]) -> Iterable[Activity]:
    yield _activity("framework", "framework", wording, wording.get("minutes", 0))


def _board(wording: Document, _: Iterable[Subject]) -> Iterable[Activity]:
    yield _activity("board", "board", wording, wording.get("minutes", 0))


def _programme(wording: Document, _: Iterable[Subject]) -> Iterable[Activity]:
    yield _activity("programme", "programme", wording, wording.get("minutes", 0))


_MAKERS: Mapping[str, Callable[[Document, Iterable[Subject]], Iterable[Activity]]] = {
    "module": _module,
    "scenarios": _scenarios,
    "reflection": _reflection,
    "self_assessment": _self_assessment,
    "framework": _framework,
    "board": _board,
    "programme": _programme,
}


KINDS = tuple(_MAKERS)


def make_activities(
    wordings: Iterable[Document], subjects: tuple[Subject, ...], retired: Iterable[Document] = ()
) -> tuple[Activity, ...]:
    """All activities, in the order of the wordings and then of the qualities.

    A wording is ``{kind, title, summary, minutes?, one_quality?}``; ``{title}`` and ``{summary}`` are the module's.
    ``retired`` are ``{activity, from, notice}``.
    """
    ends = {one["activity"]: Retirement(date.fromisoformat(one["from"]), one["notice"]) for one in retired}
    return tuple(
        replace(activity, retirement=ends.get(activity.key))
        for wording in wordings
        for activity in _MAKERS[wording["kind"]](wording, subjects)
    )


def _activity(key: str, kind: str, wording: Document, minutes: int, module: Module | None = None) -> Activity:
    def about(text: str) -> str:
        if module is None:
            return text
        return worded(text, title=module.title, summary=module.summary)

    return Activity(
        key=key,
        kind=kind,
        title=about(wording["title"]),
        summary=about(wording["summary"]),
        minutes=minutes,
        quality_key=None if module is None else module.quality_key,
    )
