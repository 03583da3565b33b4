"""How the questions of a placed activity work: for the designer who may have to mend one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framework.assessment import statistics
from framework.assessment.statistics import CheckStatistics, First, Interval, ScenarioStatistics
from framework.catalogue import Activity, Catalogue
from framework.catalogue.learning import Section
from lti_tool.presenters.wording import counted, typeset

HARD, EASY = 0.4, 0.95  # shares below and above which a question is worth a look


@dataclass(frozen=True, slots=True)
class Option:
    """One option: how many chose it first, and the share for the bar (0 to 100)."""

    text: str
    count: int
    percent: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One check or situation in words. ``flag`` says why it is worth a look."""

    title: str
    stem: str
    sentence: str
    flag: str
    options: tuple[Option, ...]
    months: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """All questions of an activity."""

    title: str
    overline: str
    lead: str
    checks: tuple[Question, ...]
    situations: tuple[Question, ...]


def questions(
    catalogue: Catalogue, activity: Activity, title: str, answers: Mapping[str, Sequence[First]]
) -> QuestionsPage:
    """``answers``: first answers by item key."""
    module = catalogue.module(activity.quality_key or "")
    checks = module.sections if activity.kind == "module" else ()
    return QuestionsPage(
        title="Questions",
        overline=title,
        lead=(
            "What learners of this course answered first, in the present run. Ranges say where the true share lies, "
            f"95 times of 100. Fewer than {statistics.SMALL} answers are not shown."
        ),
        checks=tuple(_check(one, statistics.of_check(one.check, answers.get(one.key, ()))) for one in checks),
        situations=tuple(
            Question(
                title=typeset(one.title),
                stem="",
                sentence=_situation(statistics.of_scenario(one, answers.get(one.key, ()))),
                flag="",
                options=(),
                months=(),
            )
            for one in module.scenarios
        ),
    )


def _check(section: Section, found: CheckStatistics) -> Question:
    texts = {one.key: typeset(one.text) for one in section.check.options}
    return Question(
        title=typeset(section.title),
        stem=typeset(section.check.stem),
        sentence=_few(found.answered)
        if found.right is None
        else f"{_percent(found.right)} of {found.answered} were right at the first try.",
        flag=_flag(found),
        options=tuple(
            Option(texts[one.key], one.count, round(100 * one.count / found.answered), one.is_right)
            for one in found.chosen
        ),
        months=tuple(
            (
                f"{one.first_day:%B %Y}",
                f"{one.answered} answers, "
                + ("too few to show" if one.right is None else f"{round(100 * one.right)}% right"),
            )
            for one in found.months
        ),
    )


def _flag(found: CheckStatistics) -> str:
    if found.right is None:
        return ""
    wrong = max((one for one in found.chosen if not one.is_right), key=lambda one: one.count, default=None)
    right = next((one for one in found.chosen if one.is_right), None)
    if wrong and right and wrong.count > right.count:
        return "More people chose a wrong answer than the right one. Is the key right?"
    if found.right.high < HARD:
        return "Hard: few were right at the first try."
    return "Easy: nearly everybody was right at once." if found.right.low > EASY else ""


def _situation(found: ScenarioStatistics) -> str:
    if found.above_chance is None:
        return _few(found.answered)
    one = found.above_chance
    provisional = " Its key is provisional: no expert panel has set it." if found.is_provisional else ""
    return (
        f"{counted(found.answered, 'answer')}. On average {one.value:.2f} ({one.low:.2f} to {one.high:.2f}), where 1 "
        f"is as the key says and 0 is what chance earns.{provisional}"
    )


def _few(answered: int) -> str:
    return "No answers yet." if not answered else f"{counted(answered, 'answer')}: too few to show."


def _percent(found: Interval) -> str:
    return f"{round(100 * found.value)}% ({round(100 * found.low)} to {round(100 * found.high)}%)"
