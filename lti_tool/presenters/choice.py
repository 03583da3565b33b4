"""What a designer has chosen so far. The picker's forms carry it from page to page: nothing is stored on the way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from framework import assessment
from framework.catalogue import Activity, Catalogue
from framework.catalogue.connection import CONNECTION_TEST, placeable
from framework.errors import Invalid
from lti_tool.presenters.scenarios import FormData
from lti_tool.presenters.wording import day

PROGRAMME, SEPARATE = "programme", "separate"
LOOKED_AT = ("board", "framework")  # kinds that are only looked at: they have nothing to grade
KINDS: Final[Mapping[str, str]] = {
    "module": "Module",
    "scenarios": "Situations only",
    "reflection": "Reflection",
    "self_assessment": "Self-assessment",
    "framework": "The framework on one page",
    "board": "Badge board",
}
OPTIONS = ("title", "basis", "opens_at", "due_at", "closes_at", "attempts")  # of each item, typed on the second page
SELF_ASSESSMENT: Final[Mapping[str, str]] = {
    "none": "No self-assessment",
    "first": "Begins with the self-assessment",
    "both": "Begins and ends with the self-assessment",
}
LONGEST_TITLE, LONGEST_VALUE = 200, 40


@dataclass(frozen=True, slots=True)
class Find:
    """What the list is narrowed to: words, a cluster's key, a kind; '' for all."""

    words: str = ""
    cluster: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a picker's form says, not yet validated against the catalogue. ``what``: programme or separate.

    The keys are in the chosen order. ``typed``: the options of single items, by activity key and name.
    """

    what: str
    title: str
    quality_keys: tuple[str, ...]
    activity_keys: tuple[str, ...]
    basis: str
    self_assessment: str = "none"
    find: Find = Find()
    typed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The activities that become items: the programme alone, or each that is ticked."""
        return (PROGRAMME,) if self.what == PROGRAMME else self.activity_keys

    @property
    def parts(self) -> tuple[str, ...]:
        """What is put in order: a programme's qualities, or the items."""
        return self.quality_keys if self.what == PROGRAMME else self.activity_keys

    def option(self, key: str, name: str) -> str:
        """What was typed for an item, '' for nothing."""
        return self.typed.get(key, {}).get(name, "")


def read(form: FormData) -> Chosen:
    """What a sent picker form says."""
    order = form.getlist("order")
    activity_keys = _ordered(form.getlist("activity"), order)
    asked = form.get("self_assessment") or "none"
    return Chosen(
        what=SEPARATE if form.get("what") == SEPARATE else PROGRAMME,
        title=(form.get("title") or "").strip()[:LONGEST_TITLE],
        quality_keys=_ordered(form.getlist("quality"), order),
        activity_keys=activity_keys,
        basis=form.get("basis") or "completion",
        self_assessment=asked if asked in SELF_ASSESSMENT else "none",
        find=Find(*((form.get(name) or "").strip()[:100] for name in ("search", "cluster", "kind"))),
        typed={key: options for key in (PROGRAMME, *activity_keys) if (options := _options(form, key))},
    )


def first_choice(catalogue: Catalogue) -> Chosen:
    """What is chosen when the picker opens: a programme of no qualities yet, graded on completion."""
    return Chosen(PROGRAMME, catalogue.activity(PROGRAMME).title, (), (), "completion")


def with_all(chosen: Chosen, catalogue: Catalogue, today: date) -> Chosen:
    """The choice with every quality that is offered ``today``."""
    keys = tuple(one.key for one in catalogue.qualities if catalogue.activity(one.key).is_offered(today))
    return replace(chosen, quality_keys=keys)


def with_none(chosen: Chosen) -> Chosen:
    """The choice without any quality."""
    return replace(chosen, quality_keys=())


def known(chosen: Chosen, catalogue: Catalogue) -> Chosen:
    """The choice without what the content does not have (any more)."""
    qualities = {one.key for one in catalogue.qualities}
    activities = {one.key for one in catalogue.activities if one.kind != PROGRAMME} | {CONNECTION_TEST.key}
    return replace(
        chosen,
        quality_keys=tuple(key for key in chosen.quality_keys if key in qualities),
        activity_keys=tuple(key for key in chosen.activity_keys if key in activities),
    )


def carried(chosen: Chosen, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Hidden fields for what a page does not show itself: an order of one's own, and the options of single items."""
    everything = [one.key for one in (catalogue.qualities if chosen.what == PROGRAMME else catalogue.activities)]
    usual = _ordered(chosen.parts, everything)
    order = () if usual == chosen.parts else tuple(("order", key) for key in chosen.parts)
    return order + tuple(
        (f"{name}:{key}", value) for key, options in chosen.typed.items() for name, value in options.items()
    )


def moved(chosen: Chosen, move: str) -> Chosen:
    """One part up, down or out: ``move`` is "up:key", "down:key" or "remove:key". Anything else changes nothing."""
    where, _, key = move.partition(":")
    keys = list(chosen.parts)
    if key not in keys:
        return chosen
    at = keys.index(key)
    if where == "remove":
        del keys[at]
    elif where in ("up", "down"):
        to = min(max(at + (1 if where == "down" else -1), 0), len(keys) - 1)
        keys[at], keys[to] = keys[to], keys[at]
    if chosen.what == PROGRAMME:
        return replace(chosen, quality_keys=tuple(keys))
    return replace(chosen, activity_keys=tuple(keys))


def without(chosen: Chosen, key: str) -> Chosen:
    """The choice without one of its separate activities."""
    return replace(chosen, activity_keys=tuple(one for one in chosen.activity_keys if one != key))


def with_quality(chosen: Chosen, key: str) -> Chosen:
    """One more quality, at the end."""
    return replace(chosen, quality_keys=tuple(dict.fromkeys((*chosen.quality_keys, key))))


def bases_of(catalogue: Catalogue, activity: Activity) -> tuple[str, ...]:
    """What the gradebook may show of an activity. The Connection test's point is what it tests."""
    if activity == CONNECTION_TEST:
        return ("completion",)
    if activity.kind in LOOKED_AT:
        return ("none",)
    return ("completion", *(("score",) if assessment.offers_score(catalogue, activity) else ()), "none")


def basis_of(catalogue: Catalogue, activity: Activity, chosen: Chosen, *, columns: bool) -> str:
    """What the gradebook shows of one item: as was said for it, else as for all, as far as it offers that.

    ``columns``: whether the platform takes gradebook columns from here.
    """
    if not columns:
        return "none"
    offered = bases_of(catalogue, activity)
    said = chosen.option(activity.key, "basis") or chosen.basis
    return said if said in offered else offered[0]


def adds(catalogue: Catalogue, chosen: Chosen, *, columns: bool) -> tuple[int, int]:
    """How many items a choice adds, and how many gradebook columns."""
    keys = chosen.keys if chosen.what == SEPARATE or chosen.quality_keys else ()
    made = [basis_of(catalogue, placeable(catalogue, key), chosen, columns=columns) for key in keys]
    return len(made), sum(one != "none" for one in made)


def require_offered(activity: Activity, today: date) -> None:
    """Raise Invalid for an activity that is offered no more."""
    if not activity.is_offered(today):
        raise Invalid(f"“{activity.title}” is not offered any more. Take it out of your choice.", field="activity")


def notice(activity: Activity, today: date) -> str:
    """What is said about an activity that will be offered no more from some day on."""
    end = activity.retirement
    return f"Offered until {day(end.starts)}. {end.notice}" if end is not None and activity.is_offered(today) else ""


def _options(form: FormData, key: str) -> dict[str, str]:
    found = {name: (form.get(f"{name}:{key}") or "").strip() for name in OPTIONS}
    return {
        name: value[: LONGEST_TITLE if name == "title" else LONGEST_VALUE] for name, value in found.items() if value
    }


def _ordered(keys: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    """The keys once each; those with a place in the order first, the rest as they come."""
    place = {key: number for number, key in reversed(list(enumerate(order)))}
    return tuple(sorted(dict.fromkeys(keys), key=lambda key: place.get(key, len(place))))
