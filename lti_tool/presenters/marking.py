"""One reflection before its judge: the examples, the levels beside each behaviour, and what is still to be said.

Nothing that counts is set beforehand. What a judge leaves open on a behaviour counts as not seen, which takes nothing
away; whether an example shows the quality, and over which months the judge knows the work, must be said.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from framework.assessment import judging
from framework.assessment.judging import Marks, Step
from framework.catalogue import Catalogue, Quality
from framework.catalogue.rules import ConditionRule
from lti_tool.presenters.frame import Choice, Form, Link, Problem
from lti_tool.presenters.practice import BASIS, Event, ShownExample
from lti_tool.presenters.rungs import OUTSIDE
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import counted

SHOWS, YES, NO = "shows-", "yes", "no"
_SHOWS = {YES: "Yes, count it", NO: "No"}
_MONTHS = (("from", "known_from"), ("to", "known_to"))  # the fields of a month, and what the rules call it
BASIS_HINT = f"If you have only read it here, choose “{BASIS['told']}”."
MONTHS_HINT = "If you have only read it here, begin with the month of the oldest example."
LEAVE_OUT = "To leave one out, answer No for it and sign."
_SHORT = 48  # characters of a behaviour in the list of what is missing


@dataclass(frozen=True, slots=True)
class ExampleForm:
    """One example and the question whether it counts. ``name``: of the answer's field."""

    shown: ShownExample
    name: str
    question: str
    answers: tuple[Choice, ...]
    error: str


@dataclass(frozen=True, slots=True)
class FeatureForm:
    """One behaviour to mark. ``error`` is about the level, ``basis_error`` about how the judge knows."""

    key: str
    text: str
    levels: tuple[Choice, ...]
    basis: tuple[Choice, ...]
    error: str
    basis_error: str


@dataclass(frozen=True, slots=True)
class MonthForm:
    """One month of "since when, until when". ``side``: from or to."""

    side: str
    words: str
    month: str
    year: str
    error: str


@dataclass(frozen=True, slots=True)
class LevelText:
    """What a level looks like in the quality, and the rule that all qualities share."""

    label: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class JudgePage:
    """One reflection to judge. ``marking`` is false while nothing can be signed; ``state_text`` says why.

    ``decides``: what a level needs of a judge that this form settles. ``return_hint``: of returning several examples.
    """

    title: str
    overline: str
    tone: int
    state: str
    state_text: str
    back: Link
    examples: tuple[ExampleForm, ...]
    asks_discussion: bool
    marking: bool
    can_return: bool
    can_discuss: bool
    action: str
    hidden: tuple[tuple[str, str], ...]
    features: tuple[FeatureForm, ...]
    levels: tuple[LevelText, ...]
    basis_hint: str
    months: tuple[MonthForm, ...]
    months_hint: str
    decides: str
    return_hint: str
    comment: str
    comment_error: str
    signatures: tuple[tuple[str, Form], ...]
    history: tuple[Event, ...]
    statement: str
    standing: str
    outside: str
    discuss_url: str
    problems: tuple[Problem, ...]
    problems_title: str
    is_conflict: bool


def reflection_page(
    catalogue: Catalogue,
    quality: Quality,
    steps: Sequence[Step],
    *,
    learner: str,
    examples: Sequence[ShownExample],
    given: Mapping[str, str],
    signatures: Sequence[tuple[str, Form]],
    history: tuple[Event, ...],
    statement: str,
    standing: str,
    urls: Callable[[str], str],
    problems: Sequence[Problem] = (),
    is_conflict: bool = False,
) -> JudgePage:
    """The page. ``given``: fields as typed or kept: ``shows-<key>`` by example, a level by feature key,
    ``basis-<key>``, months, comment."""
    state = judging.state(steps)
    wrong = {one.target: one.text for one in problems}
    return JudgePage(
        title=f"{learner}: {quality.title}",
        overline="Judge practice",
        tone=tone(catalogue, quality.key),
        state=state,
        state_text=_STATES[state],
        back=Link("All reflections to judge", urls("queue")),
        examples=tuple(_example(one, quality, given, wrong) for one in examples),
        asks_discussion=next((bool(step.comment) for step in reversed(steps) if step.action == "share"), False),
        marking=state in judging.ALLOWED["sign"] and bool(examples),
        can_return=state in judging.ALLOWED["return"],
        can_discuss=state in judging.ALLOWED["discuss"],
        action=urls("judge"),
        hidden=(("seen", str(judging.seen(steps))), ("digest", judging.shared_digest(steps))),
        features=tuple(_feature(catalogue, one.key, one.rater_form, given, wrong) for one in quality.features),
        levels=tuple(
            LevelText(one.label, quality.levels.get(one.key, ""), one.rule) for one in catalogue.level_scheme.levels
        ),
        months=tuple(
            MonthForm(side, side.capitalize(), *_month(given, side), wrong.get(f"{side}_month", ""))
            for side, _ in _MONTHS
        ),
        basis_hint=BASIS_HINT,
        months_hint=MONTHS_HINT,
        decides=decides(catalogue),
        return_hint=LEAVE_OUT if len(examples) > 1 else "",
        comment=given.get("comment", ""),
        comment_error=wrong.get("comment", ""),
        signatures=tuple(signatures),
        history=history,
        statement=statement,
        standing=standing,
        outside=OUTSIDE,
        discuss_url=urls("discuss"),
        problems=tuple(problems),
        problems_title=_problems_title(len(problems), is_conflict=is_conflict),
        is_conflict=is_conflict,
    )


_STATES = {
    "waiting": "Shared, and nobody has signed it.",
    "signed": "Signed. You can sign too, or again when you know more.",
    "returned": "Returned to the learner. It comes back when it is shared again.",
    "to_confirm": "A write-up waits for the learner to confirm it.",
    "withdrawn": "A signature was withdrawn. It can be signed again.",
    "changing": "The learner is changing the text. It comes back when it is shared again.",
    "private": "Not shared.",
}


def decides(catalogue: Catalogue) -> str:
    """What the first level that asks how well its judge knows the work needs of a judge; "" where none asks."""
    for award in catalogue.rules.awards:
        needs = [_NEEDS[rule.kind](rule) for rule in award.conditions if rule.kind in _NEEDS]
        if needs:
            who = f"a judge who {' and '.join(needs)}"
            return f"Level {award.level}, {award.label}, needs {who}. Your answers above decide that."
    return ""


_NEEDS: Mapping[str, Callable[[ConditionRule], str]] = {
    "known": lambda rule: f"has known this work for {counted(rule.number('months'), 'month', 'months')}",
    "saw": lambda rule: f"saw at least {counted(rule.number('count'), 'behaviour', 'behaviours')} in person",
}


def filled(marks: Marks, comment: str = "", shows: Mapping[str, bool] | None = None) -> dict[str, str]:
    """What the form shows when it opens: what this judge said before, and nothing else. ``shows``: by example."""
    months = {"from": marks.known_from, "to": marks.known_to}
    return {
        **{f"{SHOWS}{key}": YES if does else NO for key, does in (shows or {}).items()},
        **{key: str(value) for key, value in marks.values.items()},
        **{f"basis-{key}": value for key, value in marks.basis.items()},
        **{f"{side}_month": str(on.month) for side, on in months.items() if on},
        **{f"{side}_year": str(on.year) for side, on in months.items() if on},
        "comment": comment,
    }


def unanswered(quality: Quality, examples: Sequence[ShownExample], given: Mapping[str, str]) -> tuple[Problem, ...]:
    """What must be said before marks are kept or signed and is not, in the order of the page."""
    found = [
        Problem(f"Say whether {_named(one)} shows {quality.title}: yes or no.", f"{SHOWS}{one.key}")
        for one in examples
        if given.get(f"{SHOWS}{one.key}") not in _SHOWS
    ]
    marked = [one for one in quality.features if given.get(one.key)]
    if not marked:
        said = "Mark at least one behaviour. If you have seen none, return it with a comment instead."
        found.append(Problem(said, quality.features[0].key))
    found += [
        Problem(f"Say how you know: “{_short(one.rater_form)}”", f"basis-{one.key}")
        for one in marked
        if given.get(f"basis-{one.key}") not in BASIS
    ]
    for side, words in (("from", "first"), ("to", "last")):
        if not any(_month(given, side)):
            found.append(Problem(f"Give the {words} month in which you knew this work.", f"{side}_month"))
    return tuple(found)


def problem(text: str, field: str) -> Problem:
    """What the rules refuse, at the field of the form: theirs are known_from and known_to."""
    return Problem(text, {name: f"{side}_month" for side, name in _MONTHS}.get(field, field))


def counted_examples(given: Mapping[str, str]) -> list[str]:
    """The keys of the examples that the judge counts."""
    return [name.removeprefix(SHOWS) for name, value in given.items() if name.startswith(SHOWS) and value == YES]


def _problems_title(count: int, *, is_conflict: bool) -> str:
    if is_conflict:
        return "Something has changed"
    return f"{count} answers are still missing" if count > 1 else "There is a problem"


def _example(one: ShownExample, quality: Quality, given: Mapping[str, str], wrong: Mapping[str, str]) -> ExampleForm:
    name = f"{SHOWS}{one.key}"
    return ExampleForm(
        shown=one,
        name=name,
        question=f"Does {_named(one)} show {quality.title}?",
        answers=_choices(_SHOWS.items(), given.get(name)),
        error=wrong.get(name, ""),
    )


def _feature(
    catalogue: Catalogue, key: str, text: str, given: Mapping[str, str], wrong: Mapping[str, str]
) -> FeatureForm:
    levels = (("", "Not seen"), *((str(one.value), one.label) for one in catalogue.level_scheme.levels))
    return FeatureForm(
        key=key,
        text=text,
        levels=_choices(levels, given.get(key)),
        basis=_choices(BASIS.items(), given.get(f"basis-{key}")),
        error=wrong.get(key, ""),
        basis_error=wrong.get(f"basis-{key}", ""),
    )


def _choices(words: Iterable[tuple[str, str]], chosen: str | None) -> tuple[Choice, ...]:
    """None of them is chosen where nothing was said: "" is an answer."""
    return tuple(Choice(value, text, value == chosen) for value, text in words)


def _month(given: Mapping[str, str], side: str) -> tuple[str, str]:
    return given.get(f"{side}_month", ""), given.get(f"{side}_year", "")


def _named(one: ShownExample) -> str:
    return one.title[:1].lower() + one.title[1:] if one.title.startswith("Example") else "what you heard in discussion"


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT].rsplit(' ', 1)[0]} …"
