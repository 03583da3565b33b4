"""The picker's second page: the chosen items in order, and what is said of each: title, grade, dates, attempts."""

from dataclasses import dataclass

from framework.catalogue import Activity, Catalogue
from framework.catalogue.connection import CONNECTION_TEST, placeable
from framework.errors import Invalid
from framework.terms import MOST_ATTEMPTS
from lti_tool.presenters import choice
from lti_tool.presenters.choice import PROGRAMME, SELF_ASSESSMENT, SEPARATE, Chosen
from lti_tool.presenters.frame import Choice
from lti_tool.presenters.pick import LABELS, Place, says
from lti_tool.presenters.terms_words import BASES, MOMENTS
from lti_tool.presenters.wording import counted, minutes


@dataclass(frozen=True, slots=True)
class Typed:
    """A field to type in: its name in the form, label, hint and present value."""

    name: str
    label: str
    hint: str
    value: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part that has a place in the order. ``can_rise``, ``can_sink``: whether there is one above and below."""

    key: str
    title: str
    fact: str
    number: int
    can_rise: bool
    can_sink: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One item that will be added: its options. ``basis_name`` is '' where nothing about the grade can be chosen.

    ``said`` tells what has been typed, for the closed fold.
    """

    key: str
    part: Part | None
    title: Typed
    basis_name: str
    bases: tuple[Choice, ...]
    moments: tuple[Typed, ...]
    attempts: Typed | None
    said: str
    is_open: bool
    has_preview: bool


@dataclass(frozen=True, slots=True)
class ArrangePage:
    """The chosen items in order. ``qualities`` are a programme's parts; ``hidden`` carries the choice."""

    title: str
    place: Place
    hidden: tuple[tuple[str, str], ...]
    kept: str
    items: tuple[Item, ...]
    qualities: tuple[Part, ...]
    self_assessment: str
    zone: str
    said: str
    sentence: str
    error: str
    error_field: str


def page(
    catalogue: Catalogue, place: Place, chosen: Chosen, zone: str, *, moved: str = "", problem: Invalid | None = None
) -> ArrangePage:
    """The page. ``moved``: the key of the part that has just been moved; ``problem``: what was refused."""
    is_programme = chosen.what == PROGRAMME
    parts = parts_in_order(catalogue, chosen)
    wrong = (problem.field or "") if problem else ""
    numbered = {one.key: one for one in parts} if not is_programme else {}
    keys = chosen.keys if chosen.parts else ()
    items = tuple(_item(catalogue, place, chosen, key, numbered.get(key), wrong) for key in keys)
    last = next((one for one in parts if one.key == moved), None)
    return ArrangePage(
        title="Order and settings",
        place=place,
        hidden=_hidden(chosen),
        kept="quality" if is_programme else "activity",
        items=items,
        qualities=parts if is_programme else (),
        self_assessment=SELF_ASSESSMENT[chosen.self_assessment]
        if is_programme and chosen.self_assessment != "none"
        else "",
        zone=zone,
        said=f"{last.title} is number {last.number} of {len(parts)} now." if last else "",
        sentence=says(*choice.adds(catalogue, chosen, columns=place.has_columns), place.link),
        error=str(problem) if problem else "",
        error_field=wrong,
    )


def parts_in_order(catalogue: Catalogue, chosen: Chosen) -> tuple[Part, ...]:
    """A programme's qualities, or the items, each with its place."""
    last = len(chosen.parts) - 1
    return tuple(
        Part(
            key=key,
            title=activity.title,
            fact=_fact(activity),
            number=number + 1,
            can_rise=number > 0,
            can_sink=number < last,
        )
        for number, key in enumerate(chosen.parts)
        for activity in [placeable(catalogue, key)]
    )


def _fact(activity: Activity) -> str:
    kind = LABELS.get(activity.kind, "") if activity.quality_key else ""
    return ", ".join(one for one in (kind, minutes(activity.minutes).lower() if kind else "") if one)


def _hidden(chosen: Chosen) -> tuple[tuple[str, str], ...]:
    """What the page does not show but the next one needs. The parts themselves stand in the page, in order."""
    other = [("quality", key) for key in chosen.quality_keys] if chosen.what == SEPARATE else []
    other += [("activity", key) for key in chosen.activity_keys] if chosen.what == PROGRAMME else []
    find = (("search", chosen.find.words), ("cluster", chosen.find.cluster), ("kind", chosen.find.kind))
    fixed = [("what", chosen.what), ("title", chosen.title), ("basis", chosen.basis), *find]
    return (*fixed, ("self_assessment", chosen.self_assessment), *other)


def _item(catalogue: Catalogue, place: Place, chosen: Chosen, key: str, part: Part | None, wrong: str) -> Item:
    activity = placeable(catalogue, key)
    offered = choice.bases_of(catalogue, activity)
    basis = choice.basis_of(catalogue, activity, chosen, columns=place.has_columns)
    own = chosen.title if key == PROGRAMME else ""

    def typed(name: str, label: str, hint: str, value: str = "") -> Typed:
        field = f"{name}:{key}"
        return Typed(field, label, hint, chosen.option(key, name) or value, field == wrong)

    moments = tuple(typed(name, *words) for name, words in MOMENTS.items()) if _has_work(activity) else ()
    attempts = typed("attempts", "Attempts", f"1 to {MOST_ATTEMPTS}. Empty: as often as they like.")
    asks_basis = place.has_columns and len(offered) > 1
    return Item(
        key=key,
        part=part,
        title=typed("title", "Title in the course", "", own or activity.title),
        basis_name=f"basis:{key}" if asks_basis else "",
        bases=tuple(Choice(one, BASES[one], one == basis) for one in offered),
        moments=moments,
        attempts=attempts if moments else None,
        said=_said(chosen, key, basis if place.has_columns else ""),
        is_open=wrong.endswith(f":{key}") or len(chosen.keys) == 1,
        has_preview=activity != CONNECTION_TEST,
    )


def _has_work(activity: Activity) -> bool:
    return activity != CONNECTION_TEST and activity.kind not in choice.LOOKED_AT


def _said(chosen: Chosen, key: str, basis: str) -> str:
    dates = sum(bool(chosen.option(key, name)) for name in MOMENTS)
    limit = chosen.option(key, "attempts")
    said = [BASES[basis]] if basis else []
    said += [counted(dates, "date")] if dates else []
    said += [f"{limit} attempts at most"] if limit and limit != "1" else ["1 attempt"] if limit else []
    return ", ".join(said)
