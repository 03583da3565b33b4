"""Every text of an edition has an address: the nearest id, then the fields below it, for example ``self-belief/title``.

Ids never change their meaning, so an address stays good from one edition to the next, in any language. A list element
without an id is named by its key, kind or quality, else counted from 1: ``dces/levels/consistent/label``.

Translations are part of the edition: ``{"translations": {"cy": {address: text}}}``. What one lacks stays in the
edition's own language.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

# Fields that the code reads and no person does.
_NOT_TEXT = frozenset(
    {
        *("id", "kind", "key", "lang", "status", "edition", "framework", "quality", "activity", "from"),
        *("setting", "format", "scale", "pool", "feature", "features", "answer", "key_status", "sources"),
        *("observability", "opt_out", "share", "reach", "witness"),
    }
)
TRANSLATIONS = "translations"
_NAMES = ("key", "kind", "quality", "activity")  # what names a list element that has no id


def texts(document: Mapping[str, Any]) -> dict[str, str]:
    """All texts by their address, in the order of the document."""
    own = {name: part for name, part in document.items() if name != TRANSLATIONS}
    return {address: holder[name] for address, holder, name in _places(own, "")}


def with_texts(document: Mapping[str, Any], changed: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the document with other words at some addresses. Raises ``KeyError`` for an address it lacks."""
    copy: dict[str, Any] = deepcopy(dict(document))
    own = {name: part for name, part in copy.items() if name != TRANSLATIONS}
    places = {address: (holder, name) for address, holder, name in _places(own, "")}
    for address, text in changed.items():
        holder, name = places[address]
        holder[name] = text
    return copy


def languages(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages (BCP 47 tags) that an edition can be read in: its own first."""
    return (document["framework"]["lang"], *sorted(document.get(TRANSLATIONS, {})))


def nearest(spoken: Sequence[str], wanted: str | None) -> str:
    """Which of these languages somebody gets who wants one: that, else the same one of another region, else the first.

    ``wanted`` comes from an LMS and may be anything.
    """
    asked = (wanted or "").lower()
    same = (one for one in spoken if one.lower() == asked)
    like = (one for one in spoken if one.lower().partition("-")[0] == asked.partition("-")[0])
    return next(same, None) or next(like, None) or spoken[0]


def spoken_in(document: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A copy of the document with the texts that its translation into this language has; ``lang`` is one it has."""
    translated = with_texts(document, document[TRANSLATIONS][lang])
    translated["framework"]["lang"] = lang
    return translated


def _places(node: Any, address: str) -> Iterator[tuple[str, Any, str | int]]:
    """Every text: its address, and the group or list and the name under which it stands there."""
    if isinstance(node, dict) and isinstance(node.get("id"), str):
        address = node["id"]
    fields = node.items() if isinstance(node, dict) else enumerate(node)
    for name, child in fields:
        if name in _NOT_TEXT and not isinstance(child, dict):
            continue
        below = f"{address}/{_called(name, child)}" if address else str(name)
        if isinstance(child, str):
            yield below, node, name
        elif isinstance(child, dict | list):
            yield from _places(child, below if address else "")


def _called(name: str | int, child: Any) -> str:
    if isinstance(name, str):
        return name
    named = next((child[one] for one in _NAMES if one in child), None) if isinstance(child, dict) else None
    return str(named or name + 1)
