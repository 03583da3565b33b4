"""The parts of an activity as a list to work through, and where the learner is among them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from framework import assessment
from framework.assessment import Answer, Item
from framework.catalogue import Activity, Catalogue, Module
from lti_tool.presenters.wording import typeset

Address = Callable[[str], str]  # key of a part, quality or badge -> address of its page

# Kind of part -> how its place among its kind is called.
_NAMES = {"section": "Behaviour", "scenario": "Situation"}


@dataclass(frozen=True, slots=True)
class Step:
    """One part in the list. ``state``: done, open (tried, not yet right), next or todo; ``status`` says it in words.

    ``place`` is "Behaviour 2 of 4", empty for the introduction.
    """

    key: str
    kind: str
    number: int
    name: str
    place: str
    state: str
    status: str
    url: str


@dataclass(frozen=True, slots=True)
class Where:
    """The strip at the top of a part: "Part 2 of 8", one mark per part (done, here, todo), the way to all of them."""

    text: str
    marks: tuple[str, ...]
    overview_url: str
    overview: str = "All parts"


def steps(
    catalogue: Catalogue, activity: Activity, answers: Mapping[str, Answer], address: Address
) -> tuple[Step, ...]:
    """All parts in order. The first one that is not done is ``next``, or ``open`` where it was tried."""
    items = assessment.items(catalogue, activity)
    done = {item.key: assessment.settled(catalogue, activity, item.key, answers.get(item.key)) for item in items}
    first_left = next((item.key for item in items if not done[item.key]), None)
    made = []
    for number, item in enumerate(items, 1):
        state = _state(done[item.key], item.key in answers, item.key == first_left)
        made.append(
            Step(
                key=item.key,
                kind=item.kind,
                number=number,
                name="Why it matters" if item.kind == "read" else typeset(item.title),
                place=_place(items, item),
                state=state,
                status={"done": "Done", "open": "Try again", "next": "Next", "todo": "Not started"}[state],
                url=address(item.key),
            )
        )
    return tuple(made)


def where(all_steps: tuple[Step, ...], key: str, overview_url: str) -> Where:
    """Where a part is among all parts."""
    here = next(step for step in all_steps if step.key == key)
    marks = ("here" if step is here else "done" if step.state == "done" else "todo" for step in all_steps)
    return Where(f"Part {here.number} of {len(all_steps)}", tuple(marks), overview_url)


def onward(all_steps: tuple[Step, ...], key: str, finish_url: str) -> str:
    """Where Continue leads from a part: the next one after it that is not done, else the first left, else finish."""
    at = next(i for i, step in enumerate(all_steps) if step.key == key)
    later = (*all_steps[at + 1 :], *all_steps[:at])
    return next((step.url for step in later if step.state != "done"), finish_url)


def module_of(catalogue: Catalogue, activity: Activity) -> Module:
    """The module an activity about one quality comes from."""
    return catalogue.module(activity.quality_key or "")


def tone(catalogue: Catalogue, quality_key: str | None) -> int:
    """The colour of a quality's cluster, 1 to 6, by its place in the framework; 0 for the framework's own colour."""
    if quality_key is None:
        return 0
    cluster_key = catalogue.quality(quality_key).cluster_key
    place = next(i for i, cluster in enumerate(catalogue.clusters) if cluster.key == cluster_key)
    return place % 6 + 1


def _state(is_done: bool, is_answered: bool, is_first_left: bool) -> str:
    if is_done:
        return "done"
    if is_answered:
        return "open"
    return "next" if is_first_left else "todo"


def _place(items: tuple[Item, ...], item: Item) -> str:
    if item.kind not in _NAMES:
        return ""
    same = [one.key for one in items if one.kind == item.kind]
    return f"{_NAMES[item.kind]} {same.index(item.key) + 1} of {len(same)}"
