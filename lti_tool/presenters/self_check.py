"""All answers of a self-assessment in words, to check before the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from framework.assessment import Answer
from framework.assessment.self_assessment import (
    NO_LEVEL,
    SelfRating,
    importance_scale,
    qualities,
    rating_scale,
    read,
)
from framework.catalogue import Activity, Catalogue, Quality
from lti_tool.presenters.frame import Form, Link, Problem
from lti_tool.presenters.self_assessment import WHO_SEES, Task, task_list
from lti_tool.presenters.self_rating import NOT_SAID, unseen_words
from lti_tool.presenters.steps import Address, tone
from lti_tool.presenters.wording import typeset

DECLARATION = "These answers are my own honest view of how I work."


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers about one quality: (question, answer) pairs and the way to change them."""

    title: str
    tone: int
    rows: tuple[tuple[str, str], ...]
    note: str
    change: Link


@dataclass(frozen=True, slots=True)
class CheckPage:
    """All answers before they are finished. With ``missing`` there is nothing to send yet."""

    title: str
    lead: str
    who_sees: str
    missing: tuple[Task, ...]
    checked: tuple[Checked, ...]
    declaration: str
    problems: tuple[Problem, ...]
    form: Form
    back: Link | None


def check(
    catalogue: Catalogue,
    activity: Activity,
    answers: Mapping[str, Answer],
    address: Address,
    form_action: str,
    tasks_url: str,
    *,
    error: str = "",
    is_preview: bool = False,
) -> CheckPage:
    """The answers before they are finished; ``address`` leads to a quality to change it. A preview lacks nothing."""
    rows = task_list(catalogue, activity, answers, address)
    return CheckPage(
        title="Check your answers",
        lead="Change what you like. Once you have finished, these answers stay as they are.",
        who_sees=WHO_SEES,
        missing=tuple(row for row in rows.values() if row.state != "done" and not is_preview),
        checked=tuple(
            _checked(catalogue, one, read(answers[one.key].value), Link("Change", address(one.key)))
            for one in qualities(catalogue, activity)
            if one.key in answers
        ),
        declaration=DECLARATION,
        problems=(Problem(error, "declared-1"),) if error else (),
        form=Form(form_action, "Finish"),
        back=Link("All qualities", tasks_url) if len(rows) > 1 else None,
    )


def _checked(catalogue: Catalogue, quality: Quality, rating: SelfRating, change: Link) -> Checked:
    rows = list(answer_rows(catalogue, quality, rating))
    return Checked(quality.title, tone(catalogue, quality.key), tuple(rows), rating.example, change)


def answer_rows(catalogue: Catalogue, quality: Quality, rating: SelfRating) -> tuple[tuple[str, str], ...]:
    """Each question about a quality with its answer, in words."""
    words: dict[int | None, str] = {point.value: point.text for point in rating_scale(catalogue).points}
    words[None] = unseen_words(catalogue)
    said = [
        (typeset(one.self_form), words[rating.statements[one.key]] if one.key in rating.statements else NOT_SAID)
        for one in quality.features
    ]
    said.append(("How important it is", importance_words(catalogue, rating.importance) or NOT_SAID))
    said.append(("Level you aim for", target_words(catalogue, rating.target) or "Not chosen"))
    return tuple(said)


def importance_words(catalogue: Catalogue, importance: int | None) -> str:
    """The words of an importance; empty where none was chosen or asked."""
    scale = importance_scale(catalogue)
    return next((p.text for p in scale.points if p.value == importance), "") if scale else ""


def target_words(catalogue: Catalogue, target: int | None) -> str:
    """The label of a target level; empty where none was chosen."""
    if target is None:
        return ""
    return "No level" if target == NO_LEVEL else catalogue.level_scheme.label(target)
