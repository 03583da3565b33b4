"""What a designer picked, checked: which activity under which title, with which terms and grade."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from framework import terms
from framework.catalogue import Activity, Catalogue
from framework.catalogue.connection import placeable
from framework.errors import Invalid
from framework.store import placements
from lti_tool.presenters import choice, terms_form
from lti_tool.presenters.choice import PROGRAMME, Chosen

MOST_ITEMS = 60  # in one answer: more than any framework has activities today


@dataclass(frozen=True, slots=True)
class Limits:
    """What the place takes (``many`` items, gradebook ``columns``), and the day and zone that its dates are read in."""

    many: bool
    columns: bool
    today: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class PickedItem:
    """One placement to be made. ``maximum`` is that of its gradebook column, None for no column."""

    activity: Activity
    title: str
    settings: dict[str, Any]
    maximum: float | None


def items(catalogue: Catalogue, chosen: Chosen, limits: Limits) -> tuple[PickedItem, ...]:
    """The placements that a picker's form asks for. Raises Invalid with a sentence for the designer.

    Where one item's option is wrong, the field of the error is ``name:activity key``.
    """
    if limits.columns and chosen.basis not in placements.BASES:
        raise Invalid("Choose what the gradebook shows.", field="basis")
    if not chosen.keys:
        raise Invalid("Choose at least one activity.", field="activity")
    if len(chosen.keys) > (MOST_ITEMS if limits.many else 1):
        said = (
            f"Choose at most {MOST_ITEMS}."
            if limits.many
            else "Your LMS takes one activity at a time here. Choose one."
        )
        raise Invalid(said, field="activity")
    return tuple(_item(catalogue, placeable(catalogue, key), chosen, limits) for key in chosen.keys)


def item(catalogue: Catalogue, chosen: Chosen, limits: Limits) -> PickedItem:
    """The one placement that a chooser's form asks for. Raises Invalid."""
    return items(catalogue, chosen, limits)[0]


def programme(catalogue: Catalogue, chosen: Chosen, basis: str = "completion") -> dict[str, Any]:
    """The settings of the chosen programme, without its terms. Raises Invalid."""
    return placements.programme_settings(catalogue, chosen.quality_keys, basis, chosen.self_assessment)


def _item(catalogue: Catalogue, activity: Activity, chosen: Chosen, limits: Limits) -> PickedItem:
    basis = choice.basis_of(catalogue, activity, chosen, columns=limits.columns)
    title = chosen.option(activity.key, "title") or activity.title
    if activity.kind != PROGRAMME:
        choice.require_offered(activity, limits.today)
        settings: dict[str, Any] = {"grade": basis}
    elif chosen.what != PROGRAMME:
        raise Invalid("Choose the programme by itself.", field="activity")
    else:
        for key in chosen.quality_keys:
            choice.require_offered(placeable(catalogue, key), limits.today)
        settings = programme(catalogue, chosen, basis)
        title = chosen.option(PROGRAMME, "title") or chosen.title or activity.title
    maximum = {"completion": 1.0, "score": 100.0}.get(basis)
    return PickedItem(activity, title, settings | _terms(activity, title, chosen, limits.zone), maximum)


def _terms(activity: Activity, title: str, chosen: Chosen, zone: ZoneInfo) -> dict[str, Any]:
    """The terms that were typed for an item, as its settings keep them."""
    try:
        typed = chosen.typed.get(activity.key, {})
        return terms.written(terms.checked(terms_form.read(typed, zone, terms.DEFAULT)))
    except Invalid as error:
        raise Invalid(f"{title}: {error}", field=f"{error.field}:{activity.key}") from error


def columns(picked: Sequence[PickedItem]) -> int:
    """How many gradebook columns these make."""
    return sum(one.maximum is not None for one in picked)
