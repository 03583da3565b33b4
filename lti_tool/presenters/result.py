"""After finishing: what was earned, where the grade is, what comes next; and a look back at all answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from framework.assessment import Answer
from framework.catalogue import Activity, Catalogue
from framework.catalogue.learning import TeamGuide
from lti_tool.presenters.badges import Badge, badge
from lti_tool.presenters.checks import CheckView, check_view
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.programme_finish import Within, after
from lti_tool.presenters.scenarios import Reviewed, reviewed
from lti_tool.presenters.steps import module_of, tone
from lti_tool.presenters.wording import counted, day, paragraphs, sentence, setting, typeset

# What the learner reads about the grade, by the state of its row; "" is no row at all.
_GRADE = {
    "": "This activity has no column in the gradebook. Your course teacher sees here that you have finished.",
    "due": "On its way to your course’s gradebook. You need not wait for it.",
    "check": "On its way to your course’s gradebook. You need not wait for it.",
    "delivered": "Sent to your course’s gradebook.",
    "parked": "Not in your course’s gradebook yet. Your result is safe, and your course teacher can see why.",
    "overridden": "Your course teacher has set this grade by hand, so it stays as it is.",
}


@dataclass(frozen=True, slots=True)
class LevelCard:
    """One level of the quality, to read about."""

    label: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class TeamCard:
    """A short meeting with the team; ``steps`` are minutes and what to do."""

    title: str
    intro: str
    steps: tuple[tuple[int, str], ...]
    lead_note: str


@dataclass(frozen=True, slots=True)
class GoesWith:
    """Another quality that goes with this one, and why. ``url`` is "" where this placement does not hold it."""

    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The result of a finished activity. ``primary`` is the one thing to do now."""

    title: str
    finished: str
    score: str
    corrections: tuple[str, ...]
    badge: Badge
    tone: int
    grade: str
    grade_state: str
    levels: tuple[LevelCard, ...]
    practice: Link | None
    goes_with: tuple[GoesWith, ...]
    teams: TeamCard
    reading: tuple[str, ...]
    primary: Link
    review: Link
    board: Link
    again: Form


@dataclass(frozen=True, slots=True)
class ReviewedCheck:
    """One check with the learner's answers: ``tries`` in words."""

    title: str
    check: CheckView
    tries: str


@dataclass(frozen=True, slots=True)
class ReviewedScenario:
    """One situation with the learner's answer."""

    title: str
    setting: str
    stem: tuple[str, ...]
    task: str
    review: Reviewed


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """All checks and situations of an attempt with the learner's answers."""

    title: str
    overline: str
    tone: int
    intro: str
    checks: tuple[ReviewedCheck, ...]
    scenarios: tuple[ReviewedScenario, ...]
    back: Link | None


def grade_words(state: str) -> str:
    """What the learner reads about the grade, by the state of its row; "" is no row at all."""
    return _GRADE[state]


def result(
    catalogue: Catalogue,
    activity: Activity,
    *,
    level: int | None,
    finished_at: datetime,
    grade_state: str,
    score: str,
    primary: Link,
    review_url: str,
    board_url: str,
    again_action: str,
    module_url: Callable[[str], str] = lambda _: "",
    practice_url: str = "",
    corrections: Sequence[tuple[datetime, float, float, str]] = (),
    within: Within | None = None,
) -> ResultPage:
    """The result. ``level``: the learner's standing in the quality (the recompute may still be running: then None).

    ``grade_state``: "" (no grade), or the state of the grade row. ``score`` is a sentence, empty on completion basis.
    ``corrections``: when the attempt was marked again, its points before and after, and why.
    ``practice_url``: where the learner writes about their own practice, "" where they cannot here.
    ``module_url``: the address of a quality's module in this placement, "" where it has none.
    ``within``: the programme that it stands in; the grade is then that of the whole.
    """
    module = module_of(catalogue, activity)
    levels = tuple(
        LevelCard(one.label, one.rule, typeset(next(t.text for t in module.levels if t.value == one.value)))
        for one in catalogue.level_scheme.levels
    )
    return ResultPage(
        title=f"You have finished {activity.title}",
        finished=f"On {day(finished_at)}",
        score=score,
        corrections=tuple(_correction(*one) for one in corrections),
        badge=badge(catalogue, module.quality_key, level),
        tone=tone(catalogue, module.quality_key),
        grade=after(within, grade_state) if within else grade_words(grade_state),
        grade_state=grade_state,
        levels=levels,
        practice=Link("Write about your own practice", practice_url) if practice_url else None,
        goes_with=tuple(
            GoesWith(catalogue.quality(one.quality_key).title, one.text, module_url(one.quality_key))
            for one in catalogue.goes_with(module.quality_key)
        ),
        teams=_team(module.teams),
        reading=tuple(typeset(one.text) for one in module.further_reading),
        primary=primary,
        review=Link("Look at your answers", review_url),
        board=Link("See my badges", board_url),
        again=Form(again_action, "Take it again"),
    )


def _correction(at: datetime, before: float, now: float, why: str) -> str:
    return (
        f"On {day(at)} a suggested answer was corrected, and your answers were marked again: {before:g} became "
        f"{now:g}. {sentence(typeset(why))}"
    )


def _team(discussion: TeamGuide) -> TeamCard:
    return TeamCard(
        title=typeset(discussion.title),
        intro=typeset(discussion.intro),
        steps=tuple((step.minutes, typeset(step.text)) for step in discussion.steps),
        lead_note=typeset(discussion.lead_note),
    )


def review(
    catalogue: Catalogue,
    activity: Activity,
    answers: Mapping[str, Answer],
    seed: str,
    back: Link | None,
    intro: str = "You see this page, and so can the people who teach your course.",
    *,
    title: str = "Your answers",
) -> ReviewPage:
    """All answers of an attempt; ``seed`` is what ordered its options."""
    module = module_of(catalogue, activity)
    sections = [(one, answers[one.key]) for one in module.sections if one.key in answers]
    return ReviewPage(
        title=title,
        overline=activity.title,
        tone=tone(catalogue, module.quality_key),
        intro=intro,
        checks=tuple(
            ReviewedCheck(one.title, check_view(one, "", answer, "", seed), _tries(answer)) for one, answer in sections
        ),
        scenarios=tuple(
            ReviewedScenario(
                title=typeset(one.title),
                setting=setting(one.setting),
                stem=paragraphs(one.stem),
                task=typeset(one.task),
                review=reviewed(catalogue, one, answers[one.key], seed),
            )
            for one in module.scenarios
            if one.key in answers
        ),
        back=back,
    )


def _tries(answer: Answer) -> str:
    return "Right at the first try" if answer.tries == 1 else f"Right after {counted(answer.tries, 'try', 'tries')}"
