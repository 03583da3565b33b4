"""What must be true of a module beyond its shape: ids, settings, sections, checks, levels and scenarios."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framework.assessment.scenarios import chance
from framework.authoring.schema import quoted
from framework.authoring.sources import Finding, Source, Where, walk
from framework.catalogue.learning import read_scenario

OPTIONS = ("a", "b", "c", "d")

# Which keys a format's responses carry, for the message and for the check.
_KEYS: Mapping[str, str] = {
    "rank5": "5 responses with the keys 1, 2, 3, 4 and 5",
    "rate": "4 to 8 responses with keys from 1 to 4",
    "choose3": "8 responses, 3 of them keyed true and 5 false",
    "best_worst": "5 responses, one keyed best, one worst and 3 mid",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a module is held against: the framework's features, settings, levels and scales, and the limits."""

    framework_key: str
    features: Mapping[str, tuple[str, ...]]
    settings: frozenset[str]
    levels: tuple[int, ...]
    scales: Mapping[str, tuple[int, ...]]
    limits: Mapping[str, float]


def check_module(source: Source, quality_key: str, frame: Frame) -> Iterator[Finding]:
    """Every finding in one module file that fits its schema."""
    features = frame.features[quality_key]
    yield from _heading(source, quality_key, frame)
    yield from _ids(source, quality_key)
    yield from _settings(source, frame)
    yield from _sections(source, features, frame)
    yield from _levels(source, frame)
    yield from _scenarios(source, features, frame)


def _heading(source: Source, quality_key: str, frame: Frame) -> Iterator[Finding]:
    data = source.data
    if data["quality"] != quality_key:
        yield source.finding(("quality",), "module.quality", f"{quoted(data['quality'])} is not the file's name")
    if data["framework"] != frame.framework_key:
        message = f"{quoted(data['framework'])} is not this framework, {quoted(frame.framework_key)}"
        yield source.finding(("framework",), "module.framework", message)


def _ids(source: Source, quality_key: str) -> Iterator[Finding]:
    for where, value in walk(source.data):
        if where[-1:] == ("id",) and not str(value).startswith(f"{quality_key}."):
            yield source.finding(where, "id.prefix", f"{quoted(value)} does not begin with “{quality_key}.”")


def _settings(source: Source, frame: Frame) -> Iterator[Finding]:
    used = {where: value for where, value in walk(source.data) if where[-1:] == ("setting",)}
    for where, value in used.items():
        if value not in frame.settings:
            known = ", ".join(sorted(frame.settings))
            yield source.finding(where, "setting.known", f"{quoted(value)} is not one of {known}")
    if len(set(used.values())) < frame.limits["settings"]:
        message = f"only {len(set(used.values()))} different settings; needs {frame.limits['settings']:g}"
        yield source.finding(("sections",), "setting.variety", message)


def _sections(source: Source, features: Sequence[str], frame: Frame) -> Iterator[Finding]:
    keys = [section["id"] for section in source.data["sections"]]
    if keys != list(features):
        message = f"the sections are {', '.join(keys)}; the features are {', '.join(features)}"
        yield source.finding(("sections",), "module.sections", message)
    for index, section in enumerate(source.data["sections"]):
        where: Where = ("sections", index)
        if not any(one.get("overused") for one in section["not_like"]):
            yield source.finding((*where, "not_like"), "section.overused", "no item shows the overused form")
        yield from _check(source, (*where, "check"), section["check"], features, frame)


def _check(
    source: Source, where: Where, check: Mapping[str, Any], features: Sequence[str], frame: Frame
) -> Iterator[Finding]:
    options = check["options"]
    expected = [f"{check['id']}.{letter}" for letter in OPTIONS]
    if sorted(option["id"] for option in options) != expected:
        found = ", ".join(option["id"] for option in options)
        message = f"the options must be {expected[0]} to {OPTIONS[-1]}, not {found}"
        yield source.finding((*where, "options"), "check.options", message)
    if check["answer"] not in OPTIONS:
        message = f"{quoted(check['answer'])} is not one of the options {', '.join(OPTIONS)}"
        yield source.finding((*where, "answer"), "check.answer", message)
    lengths = [len(option["text"]) for option in options]
    if max(lengths) > frame.limits["option_ratio"] * min(lengths):
        message = f"options of {', '.join(map(str, lengths))} characters: a reader can guess by length"
        yield source.finding((*where, "options"), "check.lengths", message)
    for index, option in enumerate(options):
        yield from _feature(source, (*where, "options", index, "feature"), option["feature"], features)


def _feature(source: Source, where: Where, value: str, features: Iterable[str]) -> Iterator[Finding]:
    if value not in features:
        yield source.finding(where, "feature.known", f"{quoted(value)} is not a feature of this quality")


def _levels(source: Source, frame: Frame) -> Iterator[Finding]:
    for where in (("levels",), ("reflection", "for_assessor", "rubric")):
        rows: Any = source.data
        for step in where:
            rows = rows[step]
        values = tuple(row["value"] for row in rows)
        if values != frame.levels:
            wanted = ", ".join(map(str, frame.levels))
            message = f"the values are {', '.join(map(str, values))}; the levels are {wanted}"
            yield source.finding(where, "levels.values", message)


def _scenarios(source: Source, features: Sequence[str], frame: Frame) -> Iterator[Finding]:
    scenarios = source.data["scenarios"]
    if len(scenarios) != frame.limits["scenarios"]:
        message = f"{len(scenarios)} scenarios; needs {frame.limits['scenarios']:g}"
        yield source.finding(("scenarios",), "scenario.count", message)
    seen: set[str] = set()
    for index, scenario in enumerate(scenarios):
        where: Where = ("scenarios", index)
        if scenario["format"] in seen:
            message = f"a second scenario in the format {scenario['format']}"
            yield source.finding((*where, "format"), "scenario.formats", message)
        seen.add(scenario["format"])
        for number, key in enumerate(scenario["features"]):
            yield from _feature(source, (*where, "features", number), key, features)
        for number, response in enumerate(scenario["responses"]):
            yield from _feature(source, (*where, "responses", number, "feature"), response["feature"], features)
        yield from _key(source, where, scenario, frame)


def _key(source: Source, where: Where, scenario: Mapping[str, Any], frame: Frame) -> Iterator[Finding]:
    keys = [response["key"] for response in scenario["responses"]]
    if not _keys_fit(scenario["format"], keys):
        message = f"{scenario['format']} needs {_KEYS[scenario['format']]}; these are {', '.join(map(str, keys))}"
        yield source.finding((*where, "responses"), "scenario.keys", message)
        return
    if scenario["format"] == "rate" and set(frame.scales.get(scenario.get("scale", ""), ())) != {1, 2, 3, 4}:
        message = "a rate scenario names a scale of the framework with the values 1 to 4"
        yield source.finding((*where, "scale"), "scenario.scale", message)
    earned = chance(read_scenario(scenario))
    if earned > frame.limits["chance_limit"]:
        how = "the best constant rating" if scenario["format"] == "rate" else "chance"
        message = f"{how} earns {earned:.2f} of the points; the limit is {frame.limits['chance_limit']:g}"
        yield source.finding((*where, "responses"), "scenario.chance", message)


def _keys_fit(scenario_format: str, keys: list[Any]) -> bool:
    numbers = [key for key in keys if isinstance(key, int) and not isinstance(key, bool)]
    if scenario_format == "rank5":
        return len(keys) == 5 and sorted(numbers) == [1, 2, 3, 4, 5]
    if scenario_format == "rate":
        return 4 <= len(keys) <= 8 and len(numbers) == len(keys) and set(numbers) <= {1, 2, 3, 4}
    if scenario_format == "choose3":
        return len(keys) == 8 and sorted(keys, key=str) == [False] * 5 + [True] * 3 and not numbers
    return sorted(map(str, keys)) == ["best", "mid", "mid", "mid", "worst"]
