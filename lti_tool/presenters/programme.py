"""A programme: several qualities in one placement, with one next action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.badges import Badge, badge
from lti_tool.presenters.frame import Link
from lti_tool.presenters.steps import Address
from lti_tool.presenters.wording import counted, minutes, typeset


@dataclass(frozen=True, slots=True)
class Done:
    """How far a learner is with one quality of the programme. ``fraction`` 0 to 1 of its parts."""

    is_finished: bool = False
    fraction: float = 0.0


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
class ProgrammePage:
    """The programme. ``share`` is 0 to 100 for the meter; ``sentence`` says the same in words."""

    title: str
    lead: str
    facts: tuple[str, ...]
    who_sees: str
    sentence: str
    share: int
    action: Link
    action_hint: str
    groups: tuple[Group, ...]
    board: Link


def programme(
    catalogue: Catalogue,
    title: str,
    activities: Sequence[Activity],
    done: Mapping[str, Done],
    address: Address,
    board_url: str,
) -> ProgrammePage:
    """The programme of these module activities, in the framework's order. ``done`` by activity key."""
    rows = {one.key: _row(catalogue, one, done.get(one.key, Done()), address(one.key)) for one in activities}
    finished = sum(row.state == "done" for row in rows.values())
    action, hint = _action(list(rows.values()), board_url)
    total = sum(one.minutes for one in activities)
    return ProgrammePage(
        title=title,
        lead="Work through the qualities in any order, and come back when you like.",
        facts=(counted(len(rows), "quality", "qualities"), f"{minutes(total // max(1, len(rows)))} each"),
        who_sees="Your course teacher sees which qualities you have finished, and when. Nobody sees your answers.",
        sentence=f"You have finished {finished} of {counted(len(rows), 'quality', 'qualities')}.",
        share=round(100 * finished / max(1, len(rows))),
        action=action,
        action_hint=hint,
        groups=tuple(
            Group(cluster.title, place % 6 + 1, chosen)
            for place, cluster in enumerate(catalogue.clusters)
            if (chosen := tuple(rows[one.key] for one in cluster.qualities if one.key in rows))
        ),
        board=Link("See my badges", board_url),
    )


def _row(catalogue: Catalogue, activity: Activity, done: Done, url: str) -> Row:
    state = "done" if done.is_finished else "open" if done.fraction > 0 else "todo"
    status = {"done": "Explored", "open": f"{round(100 * done.fraction)}% done", "todo": "Not started"}[state]
    return Row(
        title=activity.title,
        summary=typeset(activity.summary),
        minutes=minutes(activity.minutes),
        url=url,
        state=state,
        status=status,
        badge=badge(catalogue, activity.quality_key or "", 0 if done.is_finished else None, "row"),
    )


def _action(rows: list[Row], board_url: str) -> tuple[Link, str]:
    """Go on with what was begun, else the first one not begun, else the board."""
    for state, verb in (("open", "Continue"), ("todo", "Start")):
        found = next((row for row in rows if row.state == state), None)
        if found is not None:
            return Link(f"{verb}: {found.title}", found.url), found.minutes
    return Link("See my badges", board_url), "You have finished the whole programme."
