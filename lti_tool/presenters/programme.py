"""A programme: several qualities in one placement, with one next action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.badges import Badge, badge, state_words
from lti_tool.presenters.frame import Link
from lti_tool.presenters.steps import Address
from lti_tool.presenters.wording import counted, minutes, typeset


@dataclass(frozen=True, slots=True)
class Done:
    """How far a learner is with one quality of the programme. ``fraction`` 0 to 1 of its parts; ``level`` 0: none."""

    is_finished: bool = False
    fraction: float = 0.0
    level: int = 0

    @property
    def state(self) -> str:
        return "done" if self.is_finished else "open" if self.fraction > 0 else "todo"


@dataclass(frozen=True, slots=True)
class Straight:
    """The way into the quality that comes next: to its part that is open, and what is left there, in words."""

    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One quality in the list. ``state``: done, open or todo."""

    title: str
    summary: str
    minutes: str
    url: str
    state: str
    status: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class Group:
    """The chosen qualities of one cluster."""

    title: str
    tone: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A self-assessment at the programme's begin or end. ``state``: done, open or todo."""

    title: str
    summary: str
    url: str
    state: str
    status: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """The self-assessment that goes with a programme: how often finished, whether one is open, and ``is_twice``."""

    activity: Activity
    url: str
    finished: int
    is_open: bool
    is_twice: bool


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """The programme. ``share`` is 0 to 100 for the meter; ``sentence`` says the same in words."""

    title: str
    lead: str
    facts: tuple[str, ...]
    limits: tuple[str, ...]
    who_sees: str
    sentence: str
    share: int
    action: Link
    action_hint: str
    groups: tuple[Group, ...]
    before: Look | None
    after: Look | None
    left_out: tuple[Row, ...]
    board: Link | None


def following(activities: Sequence[Activity], done: Mapping[str, Done]) -> Activity | None:
    """The quality to go on with: the first that was begun, else the first in order; None when all are finished."""
    for state in ("open", "todo"):
        found = next((one for one in activities if done.get(one.key, Done()).state == state), None)
        if found is not None:
            return found
    return None


def programme(
    catalogue: Catalogue,
    title: str,
    activities: Sequence[Activity],
    done: Mapping[str, Done],
    address: Address,
    board_url: str,
    assessed: Assessed | None = None,
    left_out: Sequence[Activity] = (),
    *,
    limits: tuple[str, ...] = (),
    straight: Straight | None = None,
) -> ProgrammePage:
    """The programme of these module activities, in its own order. ``done`` by activity key.

    ``left_out``: what the learner has begun and the programme does not hold any more. ``limits``: the placement's terms
    in words. ``straight``: the way into the quality that is ``following``, where it is not its first page.
    """
    before, after = _looks(assessed)
    rows = {one.key: _row(catalogue, one, done.get(one.key, Done()), address(one.key)) for one in activities}
    finished = sum(row.state == "done" for row in rows.values())
    coming = following(activities, done)
    untouched = all(row.state == "todo" for row in rows.values())
    if before is not None and before.state != "done" and untouched:
        action, hint = Link("Start with the self-assessment", before.url), ""
    else:
        action, hint = _action(None if coming is None else rows[coming.key], straight, after, board_url)
    total = sum(one.minutes for one in activities)
    return ProgrammePage(
        title=title,
        lead="Take the qualities in any order. Come back when you like.",
        facts=(counted(len(rows), "quality", "qualities"), f"{minutes(total // max(1, len(rows)))} each"),
        limits=limits,
        who_sees="Your course teacher sees how far you are, and can look at your answers once you have finished.",
        sentence=f"You have finished {finished} of {counted(len(rows), 'quality', 'qualities')}.",
        share=round(100 * finished / max(1, len(rows))),
        action=action,
        action_hint=hint,
        groups=_groups(catalogue, list(rows.items())),
        before=before,
        after=after,
        left_out=tuple(_row(catalogue, one, done.get(one.key, Done()), address(one.key)) for one in left_out),
        board=None if action.url == board_url else Link("See my badges", board_url),
    )


def _groups(catalogue: Catalogue, rows: Sequence[tuple[str, Row]]) -> tuple[Group, ...]:
    """Neighbours of one cluster stand together; the order is the programme's."""
    place = {one.key: number for number, cluster in enumerate(catalogue.clusters) for one in cluster.qualities}
    return tuple(
        Group(catalogue.clusters[number].title, number % 6 + 1, tuple(row for _, row in neighbours))
        for number, neighbours in groupby(rows, lambda one: place[one[0]])
    )


def _looks(assessed: Assessed | None) -> tuple[Look | None, Look | None]:
    if assessed is None:
        return None, None
    before = _look(assessed, "Where you are now", assessed.finished > 0, is_open=assessed.is_open)
    if not assessed.is_twice:
        return before, None
    is_open = assessed.is_open and assessed.finished > 0
    return before, _look(assessed, "Where you are at the end", assessed.finished > 1, is_open=is_open)


def _look(assessed: Assessed, title: str, is_done: bool, *, is_open: bool) -> Look:
    state = "done" if is_done else "open" if is_open else "todo"
    status = {"done": "Finished", "open": "In progress", "todo": "Not started"}[state]
    words = f"{assessed.activity.title}. {minutes(assessed.activity.minutes)}; nobody else sees your ratings."
    return Look(title, words, assessed.url, state, status)


def _row(catalogue: Catalogue, activity: Activity, done: Done, url: str) -> Row:
    held = state_words(catalogue, done.level)[0]
    words = {"done": held, "open": f"{round(100 * done.fraction)}% done", "todo": "Not started"}
    return Row(
        title=activity.title,
        summary=typeset(activity.summary),
        minutes=minutes(activity.minutes),
        url=url,
        state=done.state,
        status=words[done.state],
        badge=badge(catalogue, activity.quality_key or "", done.level if done.is_finished else None, "row"),
    )


def _action(coming: Row | None, straight: Straight | None, after: Look | None, board_url: str) -> tuple[Link, str]:
    """Go on with what was begun, else the next thing in order, else the board."""
    if coming is not None:
        is_open = coming.state == "open"
        way = straight or Straight(coming.url, "" if is_open else coming.minutes)
        return Link(f"{'Continue' if is_open else 'Start'}: {coming.title}", way.url), way.hint
    if after is not None and after.state != "done":
        return Link("See where you are now: the self-assessment again", after.url), "You have finished all qualities."
    return Link("See my badges", board_url), "You have finished the whole programme."
