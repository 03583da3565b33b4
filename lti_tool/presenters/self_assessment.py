"""A self-assessment around its questions: the start, the list of qualities, the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from framework import assessment
from framework.assessment import Answer
from framework.assessment.self_assessment import SelfRating, qualities, read
from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.steps import Address, tone
from lti_tool.presenters.wording import counted, minutes

WHO_SEES = (
    "Only you see your answers and your profile. Your course teacher sees whether you have finished, and when: "
    "never a rating, an example or your profile."
)


@dataclass(frozen=True, slots=True)
class StartPage:
    """Before the first answer: why, how long, who sees what."""

    title: str
    overline: str
    lead: str
    facts: tuple[str, ...]
    why: tuple[str, ...]
    who_sees: str
    tone: int
    form: Form
    up: Link | None


@dataclass(frozen=True, slots=True)
class Task:
    """One quality in the list. ``state``: done, open or todo; ``status`` says it in words."""

    number: int
    name: str
    url: str
    state: str
    status: str


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The qualities of one cluster."""

    title: str
    tone: int
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class TasksPage:
    """All qualities with how far each is. ``share`` is 0 to 100 for the meter; ``sentence`` says it in words."""

    title: str
    sentence: str
    share: int
    who_sees: str
    action: Link
    groups: tuple[TaskGroup, ...]
    up: Link | None


@dataclass(frozen=True, slots=True)
class DonePage:
    """Finished: what happens now, and where to go."""

    title: str
    said: str
    next: tuple[str, ...]
    grade: str
    report: Link
    links: tuple[Link, ...]


def start(
    catalogue: Catalogue,
    activity: Activity,
    form_action: str,
    limits: tuple[str, ...] = (),
    up: Link | None = None,
) -> StartPage:
    """The start page; ``limits`` are the placement's terms in words, ``up`` leads back to a programme."""
    asked = qualities(catalogue, activity)
    statements = sum(len(one.features) for one in asked)
    return StartPage(
        title=activity.title,
        overline=_belongs_to(catalogue, activity),
        lead="See for yourself what you do well at work and what you want to work on.",
        facts=(
            counted(statements, "statement"),
            *((counted(len(asked), "quality", "qualities"),) if len(asked) > 1 else ()),
            minutes(activity.minutes),
            *limits,
        ),
        why=(
            "You say how often each statement has been true of you. There are no right answers, and you can say that "
            "you have had no chance to do something.",
            "At the end you get a profile: your strengths, what to work on, and what has changed since last time.",
            "A self-assessment is not a test. It never raises a level: only a person who judges your practice does.",
            "You can stop at any time. Each page is kept when you save it, and you go on where you stopped.",
        ),
        who_sees=WHO_SEES,
        tone=tone(catalogue, activity.quality_key),
        form=Form(form_action, "Start"),
        up=up,
    )


def _belongs_to(catalogue: Catalogue, activity: Activity) -> str:
    """What stands over the title: the cluster of the one quality, else the framework."""
    if activity.quality_key is None:
        return catalogue.title
    return catalogue.cluster(catalogue.quality(activity.quality_key).cluster_key).title


def tasks(
    catalogue: Catalogue,
    activity: Activity,
    answers: Mapping[str, Answer],
    address: Address,
    check_url: str,
    up: Link | None = None,
) -> TasksPage:
    """The list of qualities; ``up`` leads back to a programme."""
    rows = task_list(catalogue, activity, answers, address)
    done = sum(row.state == "done" for row in rows.values())
    left = next((row for row in rows.values() if row.state != "done"), None)
    several = counted(len(rows), "quality", "qualities")
    return TasksPage(
        title=activity.title,
        sentence=f"You have answered {done} of {several}.",
        share=round(100 * done / len(rows)),
        who_sees=WHO_SEES,
        action=Link("Check your answers", check_url)
        if left is None
        else Link(f"{'Continue' if done or answers else 'Begin'}: {left.name}", left.url),
        groups=tuple(
            TaskGroup(cluster.title, place % 6 + 1, chosen)
            for place, cluster in enumerate(catalogue.clusters)
            if (chosen := tuple(rows[one.key] for one in cluster.qualities if one.key in rows))
        ),
        up=up,
    )


def task_list(
    catalogue: Catalogue, activity: Activity, answers: Mapping[str, Answer], address: Address
) -> dict[str, Task]:
    """Each quality that is asked about, by key, with how far it is."""
    words = {"done": "Completed", "open": "In progress", "todo": "Not yet started"}
    made = {}
    for number, one in enumerate(qualities(catalogue, activity), 1):
        given = answers.get(one.key)
        begun = given is not None and read(given.value) != SelfRating({})
        is_done = assessment.settled(catalogue, activity, one.key, given)
        state = "done" if is_done else "open" if begun else "todo"
        made[one.key] = Task(number, one.title, address(one.key), state, words[state])
    return made


def onward(
    catalogue: Catalogue, activity: Activity, answers: Mapping[str, Answer], key: str, address: Address, check_url: str
) -> str:
    """Where Save and continue leads: the next quality that is not done, else the first left, else check answers."""
    rows = list(task_list(catalogue, activity, answers, address).items())
    at = next(place for place, (one, _) in enumerate(rows) if one == key)
    later = [*rows[at + 1 :], *rows[:at]]
    return next((row.url for _, row in later if row.state != "done"), check_url)


def done(grade: str, report_url: str, board_url: str, framework_url: str, up: Link | None = None) -> DonePage:
    """Finished. ``grade``: what happens in the gradebook, in words; empty in a programme, to which ``up`` leads."""
    return DonePage(
        title="You have finished your self-assessment",
        said="Your answers are kept. Only you can see them.",
        next=(
            "Look at your profile, and choose one or two things to work on.",
            "Talk about it with somebody you trust, if you like. What you show is up to you.",
            "To reach a level, write examples in the reflection on a quality. Somebody who knows your work reads and "
            "judges them.",
            "Come back in a few months: you can take it again and see what has changed.",
        ),
        grade=grade,
        report=Link("See your profile", report_url),
        links=(*((up,) if up else ()), Link("My badges", board_url), Link("The framework on one page", framework_url)),
    )
