"""The questions of a self-assessment, a page for each quality."""

from collections.abc import Mapping
from dataclasses import dataclass

from framework.assessment import Answer
from framework.assessment.self_assessment import (
    LONGEST_EXAMPLE,
    NO_LEVEL,
    UNSEEN,
    SelfRating,
    importance_scale,
    rating_scale,
    read,
    unanswered,
)
from framework.catalogue import Activity, Catalogue, Quality
from lti_tool.presenters.conflict import Conflict, conflict
from lti_tool.presenters.frame import Choice, Form, Problem
from lti_tool.presenters.scenarios import FormData
from lti_tool.presenters.self_assessment import task_list
from lti_tool.presenters.steps import Where, tone
from lti_tool.presenters.wording import typeset

IMPORTANCE, TARGET, EXAMPLE = "importance", "target", "example"  # names of the fields beside the statements
NOT_SAID = "Not answered"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its answers; ``key`` names its fields."""

    key: str
    text: str
    choices: tuple[Choice, ...]
    error: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question beside the statements, with its answers; ``choices`` are empty where it is not asked."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QualityPage:
    """The questions about one quality. ``warning`` is said once where statements have no answer yet; ``conflict``
    where another device has answered meanwhile. ``autosaves``: kept while it is written, where there is script."""

    title: str
    overline: str
    tone: int
    where: Where
    summary: str
    stem: str
    statements: tuple[Statement, ...]
    importance: Question
    target: Question
    example: str
    longest_example: int
    warning: str
    problems: tuple[Problem, ...]
    form: Form
    autosaves: bool
    conflict: Conflict | None


def given(quality: Quality, form: FormData) -> dict[str, object]:
    """The answer in a sent form, in the shape that ``framework.assessment.accept`` validates."""
    return {
        "statements": {one.key: form.get(one.key) or "" for one in quality.features},
        IMPORTANCE: form.get(IMPORTANCE) or "",
        TARGET: form.get(TARGET) or "",
        EXAMPLE: form.get(EXAMPLE) or "",
        "leaves_rest": form.get("leaves_rest") == "yes",
    }


def quality_page(
    catalogue: Catalogue,
    activity: Activity,
    quality: Quality,
    answers: Mapping[str, Answer],
    form: Form,
    tasks_url: str,
    *,
    warns: bool = False,
    sent: FormData | None = None,
    error: str = "",
    field: str = "",
    keep_url: str = "",
    autosaves: bool = False,
) -> QualityPage:
    """The questions about one quality. ``warns``: say once which statements are open. ``sent``: the form that was
    refused, ``error`` why, and ``field`` which one (a statement's key, importance, target or example). ``keep_url``:
    where the stored answer is kept that another device has given meanwhile."""
    stored = answers.get(quality.key)
    rating = read(stored.value) if stored else SelfRating({})
    chosen = _sent(quality, sent) if sent is not None else _stored(rating)
    open_keys = unanswered(quality, rating) if warns else ()
    statements = tuple(_statement(catalogue, one.key, one.self_form, chosen, open_keys) for one in quality.features)
    rows = list(task_list(catalogue, activity, answers, str).items())
    number = next(place for place, (key, _) in enumerate(rows, 1) if key == quality.key)
    marks = ("here" if key == quality.key else "done" if row.state == "done" else "todo" for key, row in rows)
    place = f"Quality {number} of {len(rows)}"
    problems = tuple(Problem(one.text, f"{one.key}-1") for one in statements if one.error)
    hidden = (*form.hidden, ("leaves_rest", "yes")) if warns and problems else form.hidden
    return QualityPage(
        title=quality.title,
        overline=catalogue.cluster(quality.cluster_key).title,
        tone=tone(catalogue, quality.key),
        where=Where(place, tuple(marks), tasks_url, "All qualities"),
        summary=typeset(quality.summary),
        stem=typeset(rating_scale(catalogue).stem_self),
        statements=statements,
        importance=_importance(catalogue, chosen),
        target=_target(catalogue, chosen),
        example=chosen[EXAMPLE],
        longest_example=LONGEST_EXAMPLE,
        warning=_warning(len(problems), len(quality.features)),
        problems=(Problem(error, _field(quality, field)),) if error else problems,
        form=Form(form.action, form.button, hidden),
        autosaves=autosaves,
        conflict=_conflict(catalogue, quality, rating, chosen, keep_url) if keep_url else None,
    )


def _conflict(
    catalogue: Catalogue, quality: Quality, rating: SelfRating, chosen: Mapping[str, str], keep_url: str
) -> Conflict:
    """What is stored of a quality, beside what was just sent (``chosen``)."""
    levels = {str(one.value): one.label for one in catalogue.level_scheme.levels} | {
        "": "Not chosen",
        str(NO_LEVEL): "No level: studying it is enough",
    }
    importance = {choice.value: choice.text for choice in _importance(catalogue, chosen).choices}
    rows = []
    for question in (_statement(catalogue, one.key, one.self_form, chosen, ()) for one in quality.features):
        rows.append((question.text, {choice.value: choice.text for choice in question.choices}, question.key))
    rows += [("How important it is", importance, IMPORTANCE), ("Level you aim for", levels, TARGET)]
    stored = _stored(rating)
    differs = (
        (text, words.get(stored.get(key, ""), NOT_SAID), words.get(chosen[key], NOT_SAID))
        for text, words, key in rows
        if stored.get(key, "") != chosen[key]
    )
    return conflict(rating.example, tuple(differs), keep_url)


def _field(quality: Quality, name: str) -> str:
    """The id of the field that an error is about; the first one where it is about no single field."""
    if name in (EXAMPLE, TARGET):
        return name
    keys = [one.key for one in quality.features]
    return f"{name if name in (*keys, IMPORTANCE) else keys[0]}-1"


def _warning(count: int, of: int) -> str:
    if not count:
        return ""
    said = "1 statement has no answer" if count == 1 else f"{count} statements have no answer"
    if count == of:
        return f"{said}. What you have done is kept. To finish later, each quality needs at least one answer."
    return f"{said}. Answer what you can, or save again to leave {'it' if count == 1 else 'them'} out."


def _stored(rating: SelfRating) -> dict[str, str]:
    statements = {key: UNSEEN if one is None else str(one) for key, one in rating.statements.items()}
    importance = "" if rating.importance is None else str(rating.importance)
    target = "" if rating.target is None else str(rating.target)
    return {**statements, IMPORTANCE: importance, TARGET: target, EXAMPLE: rating.example}


def _sent(quality: Quality, form: FormData) -> dict[str, str]:
    names = (*(one.key for one in quality.features), IMPORTANCE, TARGET, EXAMPLE)
    return {name: form.get(name) or "" for name in names}


def _statement(
    catalogue: Catalogue, key: str, text: str, chosen: Mapping[str, str], open_keys: tuple[str, ...]
) -> Statement:
    answers = [(str(point.value), point.text) for point in rating_scale(catalogue).points]
    answers.append((UNSEEN, unseen_words(catalogue)))
    choices = (Choice(value, words, chosen.get(key) == value) for value, words in answers)
    error = "No answer yet" if key in open_keys else ""
    return Statement(key, typeset(text), tuple(choices), error)


def _importance(catalogue: Catalogue, chosen: Mapping[str, str]) -> Question:
    scale = importance_scale(catalogue)
    if scale is None:
        return Question("", ())
    choices = (Choice(str(p.value), p.text, chosen[IMPORTANCE] == str(p.value)) for p in scale.points)
    return Question(typeset(scale.stem_self), tuple(choices))


def _target(catalogue: Catalogue, chosen: Mapping[str, str]) -> Question:
    levels = [
        ("", "Not chosen"),
        (str(NO_LEVEL), "No level: studying it is enough"),
        *((str(one.value), _with_wording(catalogue, one.value, one.label)) for one in catalogue.level_scheme.levels),
    ]
    choices = (Choice(value, words, chosen[TARGET] == value) for value, words in levels)
    return Question("Which level do you aim for?", tuple(choices))


def _with_wording(catalogue: Catalogue, value: int, label: str) -> str:
    """ "Developing: seen in familiar situations, with support"; whoever has not met the levels can choose one."""
    rule = catalogue.rules.award(value)
    return f"{label}: {rule.wording[:1].lower()}{rule.wording[1:]}" if rule else label


def unseen_words(catalogue: Catalogue) -> str:
    """What somebody says who has had no chance to do something, in the content's words."""
    opt_out = rating_scale(catalogue).opt_out
    return next(one.label for one in catalogue.level_scheme.non_levels if one.key == opt_out)
