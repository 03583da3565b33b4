"""The question after a reading: to answer, answered and not yet right, or settled."""

from dataclasses import dataclass

from framework.assessment import Answer
from framework.assessment.module import check_feedback
from framework.assessment.scenarios import shuffled
from framework.catalogue.learning import Check, Section
from lti_tool.presenters.conflict import replaces
from lti_tool.presenters.frame import Form
from lti_tool.presenters.wording import paragraphs, typeset


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a check. ``is_right`` is only told once the right answer has been given."""

    key: str
    text: str
    is_checked: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the chosen answer teaches."""

    heading: str
    text: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """The question after the reading. With ``onward_url`` it is settled and cannot be answered again here."""

    key: str
    stem: tuple[str, ...]
    options: tuple[Option, ...]
    error: str
    feedback: Feedback | None
    form: Form
    onward_url: str


def check_view(
    part: Section, form_action: str, answer: Answer | None, onward_url: str, seed: str, error: str = ""
) -> CheckView:
    """The check with the learner's last answer and its feedback."""
    check = part.check
    chosen = str(answer.value) if answer else ""
    is_settled = chosen == check.answer_key
    return CheckView(
        key=part.key,
        stem=paragraphs(check.stem),
        options=tuple(
            Option(one.key, typeset(one.text), one.key == chosen, is_settled and one.key == check.answer_key)
            for one in shuffled(check.options, seed)
        ),
        error=error,
        feedback=_feedback(check, chosen) if chosen else None,
        form=Form(form_action, "Check again" if chosen else "Check answer", (replaces(answer),)),
        onward_url=onward_url if is_settled else "",
    )


def _feedback(check: Check, chosen: str) -> Feedback:
    told = check_feedback(check, chosen)
    return Feedback("Right" if told.is_right else "Not yet", typeset(told.feedback), told.is_right)
