"""Two editions for tests: the framework that the project ships, and a tiny one of a made-up library service."""

import functools
import json
from pathlib import Path
from typing import Any

from framework import authoring, catalogue
from framework.assessment import Item, JsonValue
from framework.catalogue import Activity, Catalogue
from framework.catalogue.learning import Response, Scenario
from tests import own_content

TINY = Path(__file__).parent / "content_fixtures" / "tiny"


@functools.cache
def _text(folder: Path) -> str:
    return json.dumps(own_content.document() if folder == authoring.CONTENT else authoring.document(folder))


def shipped_document() -> dict[str, Any]:
    """A fresh copy of the shipped edition document, free to change."""
    copy: dict[str, Any] = json.loads(_text(authoring.CONTENT))
    return copy


def tiny_document() -> dict[str, Any]:
    """A fresh copy of the tiny edition document, free to change."""
    copy: dict[str, Any] = json.loads(_text(TINY))
    return copy


@functools.cache
def shipped() -> Catalogue:
    """The catalogue of the shipped edition."""
    return catalogue.read(shipped_document())


@functools.cache
def tiny() -> Catalogue:
    """The catalogue of the tiny edition."""
    return catalogue.read(tiny_document())


def scenario(scenario_format: str, keys: list[Any], **others: Any) -> Scenario:
    """A scenario with these keys; its responses are called a, b, c and so on."""
    responses = tuple(
        Response(letter, "q.1", key, f"Response {letter}", f"Reason {letter}")
        for letter, key in zip("abcdefgh", keys, strict=False)
    )
    given: dict[str, Any] = {
        "key": "q.sjt.1",
        "format": scenario_format,
        "key_status": "provisional",
        "pool": "practice",
        "setting": "acute",
        "feature_keys": ("q.1",),
        "title": "A title",
        "stem": "A stem",
        "task": "A task",
        "scale_key": "scale.appropriate4" if scenario_format == "rate" else None,
        "responses": responses,
        "explanation": "An explanation",
    }
    return Scenario(**(given | others))


def answer_to(edition: Catalogue, activity: Activity, item: Item, *, wrong: bool = False) -> JsonValue:
    """An answer that a part takes: the key's own, or for a check a wrong one."""
    module = edition.module(activity.quality_key or "")
    if item.kind == "scenario":
        return _keyed(next(one for one in module.scenarios if one.key == item.key))
    if item.kind != "section":
        return True
    check = next(one.check for one in module.sections if one.key == item.key)
    return next(one.key for one in check.options if (one.key == check.answer_key) is not wrong)


def _keyed(one: Scenario) -> JsonValue:
    keyed = {response.key: response.keyed for response in one.responses}
    if one.format == "choose3":
        return [key for key, is_right in keyed.items() if is_right is True]
    if one.format == "best_worst":
        return {place: key for key, place in keyed.items() if isinstance(place, str) and place != "mid"}
    return {key: int(place) for key, place in keyed.items()}
