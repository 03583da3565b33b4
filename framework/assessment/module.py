"""A module: reading with a check per feature, then the scenarios of its quality.

The first answer to a check counts for the result; later ones teach. A module can be finished once everything is
read, each check is right in the end and each scenario is answered.
"""

from dataclasses import dataclass
from datetime import datetime

from framework.assessment import scenarios
from framework.assessment.evidence import CHECK, STUDIED, Answer, Answers, Evidence, Item, JsonValue, Marked, Result
from framework.catalogue import Activity, Catalogue, Module
from framework.catalogue.learning import Check, Section
from framework.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class CheckFeedback:
    """What an answer to a check teaches. ``answer_key`` is the right option's key, to show once it was found."""

    option_key: str
    is_right: bool
    feedback: str
    answer_key: str


def find_section(module: Module, key: str) -> Section:
    """The section of a module for a feature."""
    found = next((one for one in module.sections if one.key == key), None)
    if found is None:
        raise NotFound(f"There is no part called “{key[:80]}” in {module.title}.")
    return found


def check_feedback(check: Check, option_key: str) -> CheckFeedback:
    """The feedback on an accepted answer to a check."""
    option = next(one for one in check.options if one.key == option_key)
    return CheckFeedback(option.key, option.key == check.answer_key, option.feedback, check.answer_key)


def items(catalogue: Catalogue, activity: Activity) -> tuple[Item, ...]:
    """Why it matters, then a section per feature, then the scenarios."""
    module = _module(catalogue, activity)
    return (
        Item(module.why.key, "read", module.title),
        *(Item(one.key, "section", one.title) for one in module.sections),
        *scenarios.scenario_items(module),
    )


def accept(catalogue: Catalogue, activity: Activity, item_key: str, value: object) -> JsonValue:
    """Accept the answer to one part: True for the introduction, an option's key for a check, else a scenario."""
    module = _module(catalogue, activity)
    if item_key == module.why.key:
        if value is not True:
            raise Invalid("Mark this page as read to go on.", field=item_key)
        return True
    if item_key in {one.key for one in module.scenarios}:
        return scenarios.accept(catalogue, activity, item_key, value)
    check = find_section(module, item_key).check
    if value in (None, ""):
        raise Invalid("Choose an answer.", field=item_key)
    if value not in [one.key for one in check.options]:
        raise Invalid("That is not one of the answers. Reload the page and choose again.", field=item_key)
    return str(value)


def settled(catalogue: Catalogue, activity: Activity, item_key: str, answer: Answer | None) -> bool:
    """Whether a part is done: read, right in the end, or answered."""
    if answer is None:
        return False
    section = next((one for one in _module(catalogue, activity).sections if one.key == item_key), None)
    return section is None or answer.value == section.check.answer_key


def mark(catalogue: Catalogue, activity: Activity, answers: Answers, finished_at: datetime) -> Marked:
    """Evidence for every feature of the quality, and a point for each check that was right at the first try."""
    module = _module(catalogue, activity)
    right_first = {one.key: answers[one.key].first_value == one.check.answer_key for one in module.sections}
    evidence = (
        *(Evidence(key, STUDIED, 1.0) for key in right_first),
        *(Evidence(key, CHECK, 1.0 if right else 0.0) for key, right in right_first.items()),
        *scenarios.scenario_evidence(module),
    )
    return Marked(evidence, Result(float(sum(right_first.values())), float(len(right_first)), finished_at))


def _module(catalogue: Catalogue, activity: Activity) -> Module:
    return catalogue.module(activity.quality_key or "")
