"""The pages of a module: overview, why it matters, one behaviour with its check, and finishing."""

from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from framework.assessment import Answer
from framework.assessment.module import find_section
from framework.catalogue import Activity, Catalogue
from framework.catalogue.learning import Module, Text
from lti_tool.presenters.badges import badge
from lti_tool.presenters.checks import CheckView, check_view
from lti_tool.presenters.conflict import Meanwhile
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.programme_finish import Within, before
from lti_tool.presenters.steps import Step, Where, module_of, tone
from lti_tool.presenters.wording import counted, day, minutes, paragraphs, setting, typeset

# Who sees what, by the grade basis of the placement.
_WHO_SEES = {
    "completion": "Your course teacher sees how far you are, and can look at your answers once you have finished.",
    "none": "Your course teacher sees how far you are, and can look at your answers once you have finished.",
    "score": "Your course teacher sees how far you are, your score and, once you have finished, your answers.",
}

# Kind of part -> heading and hint in the overview.
_HEADINGS = {
    "read": ("Introduction", ""),
    "section": ("Behaviours", "A short read and one question each"),
    "scenario": ("Situations", "Say what you would do, then see why"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """The parts of one kind, under a heading."""

    heading: str
    hint: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Start and overview of an activity about one quality. ``summary_line`` says how far the learner is."""

    title: str
    overline: str
    tone: int
    svg: Markup
    lead: str
    facts: tuple[str, ...]
    who_sees: str
    summary_line: str
    action: Link
    action_hint: str
    groups: tuple[Group, ...]
    up: Link | None
    limits: tuple[str, ...]
    retiring: str
    earlier: tuple[str, Form] | None


@dataclass(frozen=True, slots=True)
class WhyPage:
    """Why it matters. ``form`` marks the page as read; once it is, ``onward_url`` leads on."""

    title: str
    overline: str
    tone: int
    where: Where
    paragraphs: tuple[str, ...]
    evidence: tuple[Text, ...]
    outcomes: tuple[str, ...]
    form: Form
    onward_url: str


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One behaviour: its statement, how it looks, a story, something to try, and a check.

    ``meanwhile``: the answer just sent came after one from another device.
    """

    title: str
    overline: str
    tone: int
    where: Where
    statement: str
    looks_like: tuple[Text, ...]
    not_like: tuple[Text, ...]
    story_setting: str
    story_title: str
    story: tuple[str, ...]
    notice: str
    try_this: tuple[str, ...]
    check: CheckView
    meanwhile: Meanwhile | None


@dataclass(frozen=True, slots=True)
class FinishPage:
    """All parts done and one button, or what is still missing. ``does`` says what finishing does."""

    title: str
    overline: str
    tone: int
    lead: str
    does: tuple[str, ...]
    missing: tuple[Step, ...]
    form: Form
    overview: Link


def overview(
    catalogue: Catalogue,
    activity: Activity,
    all_steps: tuple[Step, ...],
    *,
    level: int | None,
    basis: str,
    finish_url: str,
    result_url: str = "",
    finished_at: datetime | None = None,
    up: Link | None = None,
    limits: tuple[str, ...] = (),
    earlier: tuple[datetime, str, str] | None = None,
) -> OverviewPage:
    """The overview. ``level`` is the learner's standing in the quality, ``result_url`` is set once it is finished,
    ``up`` leads back to a programme, ``limits`` are the placement's terms in words.

    ``earlier``: when and in which course the learner has done it before, and where taking that over is sent.
    """
    quality = catalogue.quality(activity.quality_key or "")
    done = sum(step.state == "done" for step in all_steps)
    action, hint = _action(all_steps, done, finish_url, result_url)
    return OverviewPage(
        title=activity.title,
        overline=catalogue.cluster(quality.cluster_key).title,
        tone=tone(catalogue, quality.key),
        svg=badge(catalogue, quality.key, level, "hero").svg,
        lead=typeset(activity.summary),
        facts=_facts(activity, all_steps, is_new=not done and not result_url),
        who_sees=_WHO_SEES[basis],
        summary_line=_summary_line(done, len(all_steps), finished_at),
        action=action,
        action_hint=hint,
        groups=_groups(all_steps),
        up=up,
        limits=limits,
        retiring=_retiring(activity),
        earlier=None if earlier is None else _earlier(*earlier),
    )


def _retiring(activity: Activity) -> str:
    ends = activity.retirement
    return "" if ends is None else f"Offered in new courses until {day(ends.starts)}. {typeset(ends.notice)}"


def _earlier(finished_at: datetime, course_title: str, action: str) -> tuple[str, Form]:
    text = (
        f"You finished this on {day(finished_at)} in {course_title or 'another course'}. You can use that result here."
    )
    return text, Form(action, "Use that result")


def why(catalogue: Catalogue, activity: Activity, place: Where, form: Form, onward_url: str = "") -> WhyPage:
    """Why it matters, the research behind it, and what the learner will be able to do."""
    module = module_of(catalogue, activity)
    return WhyPage(
        title="Why it matters",
        overline=module.title,
        tone=tone(catalogue, module.quality_key),
        where=place,
        paragraphs=paragraphs(module.why.text),
        evidence=_printed(module.evidence),
        outcomes=tuple(typeset(one.text) for one in module.outcomes),
        form=form,
        onward_url=onward_url,
    )


def section(
    catalogue: Catalogue,
    activity: Activity,
    step: Step,
    place: Where,
    form_action: str,
    *,
    answer: Answer | None,
    onward_url: str,
    seed: str,
    error: str = "",
    meanwhile: Meanwhile | None = None,
) -> SectionPage:
    """One behaviour. ``onward_url`` is used once the check is right; ``seed`` (the attempt's id) orders the options."""
    module = module_of(catalogue, activity)
    one = find_section(module, step.key)
    return SectionPage(
        title=typeset(one.title),
        overline=f"{module.title} · {step.place.lower()}",
        tone=tone(catalogue, module.quality_key),
        where=place,
        statement=typeset(catalogue.feature(one.key).self_form),
        looks_like=_printed(one.looks_like),
        not_like=_printed(one.not_like),
        story_setting=setting(one.example.setting),
        story_title=typeset(one.example.title),
        story=paragraphs(one.example.text),
        notice=typeset(one.example.notice),
        try_this=paragraphs(one.try_this.text),
        check=check_view(one, form_action, answer, onward_url, seed, error),
        meanwhile=meanwhile,
    )


def told(content: Module, key: str, sent: object) -> tuple[str, ...]:
    """The option that was sent for the check of a section, in its words."""
    check = find_section(content, key).check
    return tuple(typeset(one.text) for one in check.options if one.key == sent)


def finish(
    catalogue: Catalogue,
    activity: Activity,
    all_steps: tuple[Step, ...],
    *,
    basis: str,
    form_action: str,
    overview_url: str,
    within: Within | None = None,
) -> FinishPage:
    """The last step: finish, or what must be done before. ``within``: the programme that it stands in."""
    missing = tuple(step for step in all_steps if step.state != "done")
    does = {
        "completion": "Your course’s gradebook shows that you have finished.",
        "score": "Your score goes to your course’s gradebook.",
        "none": "Your course teacher sees that you have finished.",
    }
    return FinishPage(
        title=f"{counted(len(missing), 'part')} left" if missing else "All parts are done",
        overline=activity.title,
        tone=tone(catalogue, activity.quality_key),
        lead="Press Finish to earn the badge." if within else "One last step. When you finish:",
        does=(
            *(before(within) if within else (does[basis],)),
            "You and your course teacher can look at your answers again. Nobody else can.",
            "You can take it again later. Nothing is lost by that.",
        ),
        missing=missing,
        form=Form(form_action, "Finish"),
        overview=Link("Back to the overview", overview_url),
    )


def _facts(activity: Activity, all_steps: tuple[Step, ...], *, is_new: bool) -> tuple[str, ...]:
    behaviours = sum(step.kind == "section" for step in all_steps)
    situations = sum(step.kind == "scenario" for step in all_steps)
    facts = (
        minutes(activity.minutes) if is_new else "",  # of the whole, not of what is left
        counted(behaviours, "behaviour") if behaviours else "",
        counted(situations, "situation") if situations else "",
    )
    return tuple(fact for fact in facts if fact)


def _summary_line(done: int, count: int, finished_at: datetime | None) -> str:
    if finished_at is not None:
        return f"You finished this on {day(finished_at)}."
    return f"{done} of {count} parts done." if done else ""


def _action(all_steps: tuple[Step, ...], done: int, finish_url: str, result_url: str) -> tuple[Link, str]:
    """The one thing to do now, and a hint beside it."""
    if result_url:
        return Link("See your result", result_url), ""
    left = next((step for step in all_steps if step.state != "done"), None)
    if left is None:
        return Link("Finish", finish_url), "All parts are done."
    if done or left.state == "open":
        return Link(f"Continue: part {left.number}", left.url), left.name
    return Link("Start", left.url), "You can stop at any time. Your answers are kept."


def _groups(all_steps: tuple[Step, ...]) -> tuple[Group, ...]:
    """The parts under the headings of their kinds, in order."""
    kinds = dict.fromkeys(step.kind for step in all_steps)
    return tuple(Group(*_HEADINGS[kind], tuple(s for s in all_steps if s.kind == kind)) for kind in kinds)


def _printed(texts: tuple[Text, ...]) -> tuple[Text, ...]:
    return tuple(replace(one, text=typeset(one.text)) for one in texts)
