"""A situation as a form, in its four formats, and its review afterwards.

``given`` reads a sent form back into the shape that ``framework.assessment.accept`` validates.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from framework.assessment.evidence import Answer
from framework.assessment.formats import PICKS
from framework.assessment.scenarios import ResponseReview, review, shuffled
from framework.catalogue import Activity, Catalogue
from framework.catalogue.learning import Scenario
from lti_tool.presenters.conflict import Meanwhile, replaces
from lti_tool.presenters.frame import Choice, Form, Problem
from lti_tool.presenters.steps import Step, Where, module_of, tone
from lti_tool.presenters.wording import paragraphs, setting, typeset

CHOICE = "choice"  # name of the checkboxes of choose3

_KEY_NOTE = {
    True: "The suggested answer is provisional: experts have not agreed on it. You may have good reasons to differ.",
    False: "Experts have agreed on the suggested answer.",
}


class FormData(Protocol):
    """The fields of a sent form, as werkzeug's MultiDict has them."""

    def get(self, key: str, /) -> str | None: ...

    def getlist(self, key: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class ResponseView:
    """One response in the form. ``choices`` are places, ratings, or best and worst; empty for checkboxes."""

    key: str
    text: str
    is_checked: bool
    choices: tuple[Choice, ...]
    error: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The review of an answered situation."""

    responses: tuple[ResponseReview, ...]
    same: str
    explanation: tuple[str, ...]
    key_note: str
    key_word: str


@dataclass(frozen=True, slots=True)
class ScenarioPage:
    """A situation. With ``review`` it has been answered; then ``onward_url`` leads on. ``meanwhile``: the answer just
    sent came after one from another device."""

    title: str
    overline: str
    tone: int
    where: Where
    setting: str
    stem: tuple[str, ...]
    task: str
    format: str
    choose: int
    responses: tuple[ResponseView, ...]
    problems: tuple[Problem, ...]
    form: Form
    review: Reviewed | None
    onward_url: str
    meanwhile: Meanwhile | None


def given(one: Scenario, form: FormData) -> Any:
    """The answer in a sent form, in the shape that ``framework.assessment.accept`` validates."""
    if one.format == "choose3":
        return form.getlist(CHOICE)
    if one.format == "best_worst":
        return {name: form.get(name) or "" for name in ("best", "worst")}
    return {response.key: form.get(response.key) or "" for response in one.responses}


def page(
    catalogue: Catalogue,
    activity: Activity,
    step: Step,
    place: Where,
    form_action: str,
    *,
    answer: Answer | None,
    onward_url: str,
    seed: str,
    refused: Any = None,
    error: str = "",
    meanwhile: Meanwhile | None = None,
) -> ScenarioPage:
    """A situation to answer or, with ``answer``, its review. ``refused`` is what was sent and not accepted, ``error``
    why; ``seed`` (the attempt's id) orders the responses."""
    module = module_of(catalogue, activity)
    one = next(each for each in module.scenarios if each.key == step.key)
    responses, problems = _responses(catalogue, one, refused, error, seed)
    return ScenarioPage(
        title=typeset(one.title),
        overline=f"{module.title} · {step.place.lower()}",
        tone=tone(catalogue, module.quality_key),
        where=place,
        setting=setting(one.setting),
        stem=paragraphs(one.stem),
        task=typeset(one.task),
        format=one.format,
        choose=PICKS if one.format == "choose3" else 0,
        responses=responses,
        problems=problems,
        form=Form(form_action, "Send my answer", (replaces(None),)),
        review=reviewed(catalogue, one, answer, seed) if answer else None,
        onward_url=onward_url if answer else "",
        meanwhile=meanwhile,
    )


def told(catalogue: Catalogue, one: Scenario, sent: Any) -> tuple[str, ...]:
    """A sent answer in words, a line for each response that it says something about."""
    words = dict(_choices(catalogue, one)) | {"yes": "chosen"}
    return tuple(
        f"{typeset(each.text)} {', '.join(words.get(value, value) for value in sorted(chosen))}."
        for each in one.responses
        if (chosen := _chosen(one, each.key, sent))
    )


def reviewed(catalogue: Catalogue, one: Scenario, answer: Answer, seed: str) -> Reviewed:
    """What the key says to an accepted answer, in the order in which the learner saw the responses."""
    told = review(catalogue, one, answer.value)
    same = sum(each.is_match for each in told.responses)
    return Reviewed(
        responses=tuple(_printed(each) for each in shuffled(told.responses, seed)),
        same=f"You agree with the suggested answer on {same} of {len(told.responses)} responses.",
        explanation=paragraphs(told.explanation),
        key_note=_KEY_NOTE[told.is_provisional],
        key_word="Suggested for now" if told.is_provisional else "Suggested",
    )


def _printed(one: ResponseReview) -> ResponseReview:
    return replace(one, text=typeset(one.text), reason=typeset(one.reason))


def _responses(
    catalogue: Catalogue, one: Scenario, sent: Any, error: str, seed: str
) -> tuple[tuple[ResponseView, ...], tuple[Problem, ...]]:
    """The responses of the form as they were sent, and what is wrong with them."""
    errors = _field_errors(one, sent) if error else {}
    views = []
    for each in shuffled(one.responses, seed):
        chosen = _chosen(one, each.key, sent)
        choices = tuple(Choice(value, text, value in chosen) for value, text in _choices(catalogue, one))
        views.append(ResponseView(each.key, typeset(each.text), "yes" in chosen, choices, errors.get(each.key, "")))
    problems = tuple(Problem(_summary(view), f"{view.key}-field") for view in views if view.error)
    if error and not problems:
        first = f"{CHOICE}-1" if one.format == "choose3" else f"{views[0].key}-field"
        problems = (Problem(error, first),)
    return tuple(views), problems


def _summary(view: ResponseView) -> str:
    words = view.text.split()
    return f"{view.error}: {' '.join(words[:6])}{' …' if len(words) > 6 else ''}"


def _choices(catalogue: Catalogue, one: Scenario) -> tuple[tuple[str, str], ...]:
    if one.format == "rank5":
        last = len(one.responses)
        ends = {1: "1 (most)", last: f"{last} (least)"}
        return tuple((str(place), ends.get(place, str(place))) for place in range(1, last + 1))
    if one.format == "rate":
        return tuple((str(point.value), point.text) for point in catalogue.scale(one.scale_key or "").points)
    return (("best", "Best"), ("worst", "Worst")) if one.format == "best_worst" else ()


def _chosen(one: Scenario, key: str, sent: Any) -> set[str]:
    """What was sent about one response: a place or rating, "best" or "worst", or "yes" for a ticked box."""
    if one.format == "choose3":
        return {"yes"} if key in (sent or ()) else set()
    if not isinstance(sent, Mapping):
        return set()
    if one.format == "best_worst":
        return {name for name, value in sent.items() if value == key}
    return {str(sent.get(key) or "")} - {""}


def _field_errors(one: Scenario, sent: Any) -> dict[str, str]:
    """What is wrong response by response, where the format asks about each."""
    if one.format not in ("rank5", "rate") or not isinstance(sent, Mapping):
        return {}
    missing = "Choose a place" if one.format == "rank5" else "Choose a rating"
    errors = {each.key: missing for each in one.responses if not sent.get(each.key)}
    if one.format == "rank5":
        uses = Counter(value for value in sent.values() if value)
        twice = {key: value for key, value in sent.items() if value and uses[value] > 1}
        errors |= {key: f"Place {value} is used more than once" for key, value in twice.items()}
    return errors
