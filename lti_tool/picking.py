"""What a designer picked, checked: which activity under which title, with which settings and grade."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from framework import assessment
from framework.catalogue import Activity, Catalogue
from framework.catalogue.connection import CONNECTION_TEST, placeable
from framework.errors import Invalid
from framework.store import placements
from lti_tool.presenters.pick import LOOKED_AT, PROGRAMME, Chosen

MOST_ITEMS = 60  # in one answer: more than any framework has activities today


@dataclass(frozen=True, slots=True)
class PickedItem:
    """One placement to be made. ``maximum`` is that of its gradebook column, None for no column."""

    activity: Activity
    title: str
    settings: dict[str, Any]
    maximum: float | None


def items(catalogue: Catalogue, chosen: Chosen, *, many: bool, columns: bool) -> tuple[PickedItem, ...]:
    """The placements that a picker's form asks for. Raises Invalid with a sentence for the designer."""
    basis = chosen.basis if columns else "none"
    if basis not in placements.BASES:
        raise Invalid("Choose what the gradebook shows.", field="basis")
    if chosen.what == PROGRAMME:
        return (_programme(catalogue, chosen, basis),)
    if not chosen.activity_keys:
        raise Invalid("Choose at least one activity.", field="activity")
    if len(chosen.activity_keys) > (MOST_ITEMS if many else 1):
        raise Invalid("Your LMS takes one activity at a time here. Choose one.", field="activity")
    return tuple(_separate(catalogue, placeable(catalogue, key), basis) for key in chosen.activity_keys)


def item(catalogue: Catalogue, chosen: Chosen) -> PickedItem:
    """The one placement that a chooser's form asks for. Raises Invalid."""
    return items(catalogue, chosen, many=False, columns=True)[0]


def _programme(catalogue: Catalogue, chosen: Chosen, basis: str) -> PickedItem:
    activity = catalogue.activity(PROGRAMME)
    settings = placements.programme_settings(catalogue, chosen.quality_keys, basis)
    return PickedItem(activity, chosen.title or activity.title, settings, None if basis == "none" else 1.0)


def _separate(catalogue: Catalogue, activity: Activity, basis: str) -> PickedItem:
    if activity.kind == PROGRAMME:
        raise Invalid("Choose the programme by itself.", field="activity")
    if activity == CONNECTION_TEST:
        basis = "completion"  # its point is what it tests
    elif activity.kind in LOOKED_AT:
        basis = "none"
    elif basis == "score" and not assessment.offers_score(catalogue, activity):
        basis = "completion"  # only checks have a score as long as the keys of situations are provisional
    title = activity.title
    maximum = {"completion": 1.0, "score": 100.0}.get(basis)
    return PickedItem(activity, title, {"grade": basis}, maximum)


def columns(picked: Sequence[PickedItem]) -> int:
    """How many gradebook columns these make."""
    return sum(one.maximum is not None for one in picked)
