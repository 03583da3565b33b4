"""Every text of an edition has an address: the nearest id, then the fields below it, for example ``self-belief/title``.

Ids never change their meaning, so an address stays good from one edition to the next, in any language. A list element
without an id is named by its key, kind or quality, else counted from 1: ``dces/levels/consistent/label``.
"""

from collections.abc import Iterator, Mapping
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
_NAMES = ("key", "kind", "quality", "activity")  # what names a list element that has no id


def texts(document: Mapping[str, Any]) -> dict[str, str]:
    """All texts by their address, in the order of the document."""
    return {address: holder[name] for address, holder, name in _places(document, "")}


def with_texts(document: Mapping[str, Any], changed: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the document with other words at some addresses. Raises ``KeyError`` for an address it lacks."""
    copy: dict[str, Any] = deepcopy(dict(document))
    places = {address: (holder, name) for address, holder, name in _places(copy, "")}
    for address, text in changed.items():
        holder, name = places[address]
        holder[name] = text
    return copy


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
