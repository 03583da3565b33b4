"""What is different between two edition documents, for the person who decides whether to publish.

Ids come and go, texts change, and some fields decide what an answer is worth: a changed key is named as such.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from framework.authoring.sources import walk
from framework.catalogue.texts import TRANSLATIONS, texts

# Fields that decide what an answer earns or what an award needs; text is told apart by its address.
_KEYS = frozenset({"answer", "key", "format", "scale", "key_status", "pool"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. ``kind``: added, gone (an id), text, key (what an answer is worth) or rule."""

    kind: str
    address: str
    before: str
    after: str

    def __str__(self) -> str:
        """One line: ``key self-belief.1.check/answer: b -> c``; long texts are cut."""
        if self.kind in ("gone", "added"):
            return f"{self.kind} {self.address}"
        return f"{self.kind} {self.address}: {_cut(self.before)} -> {_cut(self.after)}"


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Keys and rules first, then ids that are gone or added, then texts; each in the order of the documents."""
    found = [*_keys(before, after), *_rules(before, after), *_ids(before, after), *_texts(before, after)]
    order = ("key", "rule", "gone", "added", "text")
    return tuple(sorted(found, key=lambda one: order.index(one.kind)))


def _keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    earlier, later = (_decisive(one["modules"]) for one in (before, after))
    yield from _changed("key", earlier, later)


def _rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    earlier, later = (_numbers(one["rules"]) for one in (before, after))
    yield from _changed("rule", earlier, later)


def _ids(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    earlier, later = (dict.fromkeys(_all_ids(one)) for one in (before, after))
    yield from (Difference("gone", one, one, "") for one in earlier if one not in later)
    yield from (Difference("added", one, "", one) for one in later if one not in earlier)


def _texts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    yield from _changed("text", texts(before), texts(after))
    earlier, later = (one.get(TRANSLATIONS, {}) for one in (before, after))
    for lang in sorted({*earlier, *later}):
        if lang not in earlier or lang not in later:
            yield Difference("added" if lang in later else "gone", f"lang/{lang}", "", "")
        else:
            names = ({f"{lang}: {address}": text for address, text in one[lang].items()} for one in (earlier, later))
            yield from _changed("text", *names)


def _changed(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    """What stands at the same address with another value; addresses that come or go are told by their ids."""
    for address, value in before.items():
        if address in after and after[address] != value:
            yield Difference(kind, address, value, after[address])


def _all_ids(document: Mapping[str, Any]) -> Iterable[str]:
    return (value for where, value in walk(document) if where[-1:] == ("id",) and isinstance(value, str))


def _decisive(modules: Any) -> dict[str, str]:
    return {
        f"{node['id']}/{name}": str(value)
        for _, node in walk(modules)
        if isinstance(node, dict) and "id" in node
        for name, value in node.items()
        if name in _KEYS
    }


def _numbers(rules: Any) -> dict[str, str]:
    """Everything in the rules that is no text, by the nearest id and the path below it."""
    found: dict[str, str] = {}
    for where, node in walk(rules):
        if isinstance(node, dict):
            name = node.get("id", "/".join(map(str, where)))
            found.update({f"{name}/{field}": str(value) for field, value in node.items() if isinstance(value, int)})
            if "share" in node:
                found[f"{name}/share"] = node["share"]
    return found


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"
