"""Choices that are ready made: one quality, the programme of a cluster, the whole framework."""

from dataclasses import dataclass
from datetime import date

from framework.catalogue import Activity, Catalogue
from framework.catalogue.connection import placeable
from lti_tool.presenters.choice import KINDS, PROGRAMME, SEPARATE, Chosen
from lti_tool.presenters.wording import counted, listed

_QUALITY, _CLUSTER, _WHOLE = "quality", "cluster", "whole"
_ORDER = ("self_assessment", "module", "reflection")  # of one quality: look, learn, use


@dataclass(frozen=True, slots=True)
class Group:
    """Presets of one sort: (value, text)."""

    title: str
    presets: tuple[tuple[str, str], ...]


def presets(catalogue: Catalogue, today: date, *, is_single: bool) -> tuple[Group, ...]:
    """What can be begun from. Where one activity can be added at a time, no preset has several."""
    whole = "Whole framework: self-assessment first and last"
    groups = [Group("Everything", ((_WHOLE, whole),))]
    programmes = tuple(
        (f"{_CLUSTER}:{one.key}", f"{one.title} programme") for one in catalogue.clusters if one.qualities
    )
    groups.append(Group("A cluster", programmes))
    if not is_single:
        offered = [one for one in catalogue.qualities if _of_quality(catalogue, one.key, today)]
        singles = tuple((f"{_QUALITY}:{one.key}", f"One quality: {one.title}") for one in offered)
        groups.append(Group("Self-assessment, module and reflection", singles))
    return tuple(groups)


def chosen_by(catalogue: Catalogue, value: str, today: date) -> Chosen | None:
    """What a preset chooses; None for a value that is none."""
    sort, _, key = value.partition(":")
    title = catalogue.activity(PROGRAMME).title
    if sort == _WHOLE:
        keys = tuple(one.key for one in catalogue.qualities if catalogue.activity(one.key).is_offered(today))
        return Chosen(PROGRAMME, title, keys, (), "completion", "both")
    cluster = next((one for one in catalogue.clusters if one.key == key), None)
    if sort == _CLUSTER and cluster is not None:
        keys = tuple(one.key for one in cluster.qualities if catalogue.activity(one.key).is_offered(today))
        return Chosen(PROGRAMME, f"{cluster.title} programme", keys, (), "completion")
    if sort == _QUALITY and key in {one.key for one in catalogue.qualities}:
        made = tuple(one.key for one in _of_quality(catalogue, key, today))
        return Chosen(SEPARATE, title, (), made, "completion")
    return None


def said(catalogue: Catalogue, chosen: Chosen | None) -> str:
    """What a preset did, in a sentence; for none, that nothing was done."""
    if chosen is None:
        return "Nothing was chosen from the list. Your own choice is as it was."
    if chosen.what == PROGRAMME:
        looks = ", with the self-assessment first and last" if chosen.self_assessment == "both" else ""
        ticked = counted(len(chosen.quality_keys), "quality is", "qualities are")
        return f"“{chosen.title}” is chosen. Its {ticked} ticked below{looks}."
    first = placeable(catalogue, chosen.activity_keys[0])
    kinds = listed(_kind(placeable(catalogue, key)) for key in chosen.activity_keys)
    return f"{catalogue.quality(first.quality_key or '').title}: {kinds} are chosen. Each can be taken out below."


def named(catalogue: Catalogue, key: str) -> str:
    """An activity as the picker lists it by name: its quality and its kind, or its title."""
    activity = placeable(catalogue, key)
    if activity.kind == "self_assessment" and not activity.quality_key:
        return f"{activity.title}, all {len(catalogue.qualities)} qualities"
    if not activity.quality_key or activity.kind not in KINDS:
        return activity.title
    return f"{catalogue.quality(activity.quality_key).title}: {_kind(activity)}"


def _kind(activity: Activity) -> str:
    kind = KINDS.get(activity.kind, activity.title)
    return f"{kind[:1].lower()}{kind[1:]}"


def _of_quality(catalogue: Catalogue, key: str, today: date) -> list[Activity]:
    found = {one.kind: one for one in catalogue.activities if one.quality_key == key and one.is_offered(today)}
    return [found[kind] for kind in _ORDER if kind in found]
