"""Part of a framework with own words: a folder with one file, ``subset.yaml``, laid over a base document.

Ids stay those of the base, so evidence, levels and badges of a person go on when an organisation begins with the
whole framework and later keeps twelve qualities, or gives them its own names.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from framework.authoring.schema import quoted
from framework.authoring.sources import Finding, Source
from framework.catalogue.texts import TRANSLATIONS, texts, with_texts

FILE = "subset.yaml"


def check_subset(subset: Source, base: Mapping[str, Any]) -> Iterator[Finding]:
    """The base is the one named, it has each quality, and each address of ``texts`` is left after the rest is gone."""
    key = base["framework"]["id"]
    if subset.data["framework"] != key:
        message = f"{quoted(subset.data['framework'])} is not the base, which is {quoted(key)}"
        yield subset.finding(("framework",), "subset.framework", message)
        return
    known = {quality["id"] for cluster in base["framework"]["clusters"] for quality in cluster["qualities"]}
    wrong = [index for index, one in enumerate(subset.data["qualities"]) if one not in known]
    for index in wrong:
        message = f"the base has no quality {quoted(subset.data['qualities'][index])}"
        yield subset.finding(("qualities", index), "subset.quality", message)
    left = {} if wrong else texts(_kept(base, subset.data["qualities"]))
    for address in subset.data.get("texts", {}) if left else ():
        if address not in left:
            message = f"there is no text at {quoted(address)}; `lqf content export` writes all that have one"
            yield subset.finding(("texts", address), "subset.text", message)


def laid_over(subset: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The edition document of a checked subset: the qualities that stay, in their clusters, with the other words."""
    kept, changed = _kept(base, subset["qualities"]), dict(subset.get("texts", {}))
    for module in kept["modules"]:  # a quality that gets another name gives it to its module
        changed.setdefault(f"{module['id']}/title", changed.get(f"{module['quality']}/title", module["title"]))
    document = with_texts(kept, changed)
    document["framework"]["edition"] = subset["edition"]
    if TRANSLATIONS in base:
        document[TRANSLATIONS] = _still_true(base, document)
    return document


def _still_true(base: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The base's translations of the texts that are as they were: an own word has to be translated by its owner."""
    before, after = texts(base), texts(document)
    return {
        lang: {address: text for address, text in said.items() if after.get(address) == before[address]}
        for lang, said in base[TRANSLATIONS].items()
    }


def _kept(base: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    kept = frozenset(keys)
    framework = dict(base["framework"])
    clusters = [
        {**one, "qualities": [_quality(each, kept) for each in one["qualities"] if each["id"] in kept]}
        for one in framework["clusters"]
    ]
    framework["clusters"] = [one for one in clusters if one["qualities"]]
    if "retired" in framework:
        gone = {each["id"] for one in base["framework"]["clusters"] for each in one["qualities"]} - kept
        framework["retired"] = [one for one in framework["retired"] if one["activity"].partition(".")[0] not in gone]
    modules = [one for one in base["modules"] if one["quality"] in kept]
    return {**base, "framework": framework, "modules": modules}


def _quality(quality: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    related = [one for one in quality.get("related", ()) if one["quality"] in kept]
    return {**quality, "related": related} if "related" in quality else dict(quality)
