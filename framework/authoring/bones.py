"""What must be true of the framework file and the rules file beyond their shape."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from framework.authoring.modules import Frame
from framework.authoring.schema import quoted
from framework.authoring.sources import Finding, Source, Where, walk

# The names that a wording of the rules may hold in braces, by the last steps of its path.
_NAMES: Mapping[tuple[str, ...], frozenset[str]] = {
    ("statement",): frozenset({"from", "to", "judge", "title", "level", "n", "m"}),
    ("explored", "says"): frozenset({"title"}),
    ("explored", "condition"): frozenset({"quality"}),
    ("level", "says"): frozenset({"title", "level", "wording"}),
    ("level", "condition"): frozenset({"quality", "level"}),
    ("wording",): frozenset({"title"}),
}


def frame(framework: Source, rules: Source) -> Frame:
    """What the modules are held against."""
    data = framework.data
    return Frame(
        framework_key=data["id"],
        features={
            quality["id"]: tuple(feature["id"] for feature in quality["features"])
            for cluster in data["clusters"]
            for quality in cluster["qualities"]
        },
        settings=frozenset(setting["id"] for setting in data["settings"]),
        levels=tuple(level["value"] for level in data["level_scheme"]["levels"]),
        scales={scale["id"]: tuple(point["value"] for point in scale["points"]) for scale in data["scales"]},
        limits=rules.data["authoring"],
    )


def check_unique_ids(sources: list[Source]) -> Iterator[Finding]:
    """An id may stand once in the whole folder; a section shares its id with the feature it teaches."""
    seen: dict[str, str] = {}
    for source in sources:
        for where, value in walk(source.data):
            if where[-1:] != ("id",) or _is_section(where):
                continue
            if value in seen:
                yield source.finding(where, "id.unique", f"{quoted(value)} stands twice; the first is {seen[value]}")
            seen.setdefault(value, f"{source.file}:{source.line(where)}")


def _is_section(where: Where) -> bool:
    return len(where) == 3 and where[0] == "sections"


def check_framework(source: Source) -> Iterator[Finding]:
    """Levels run 1, 2, 3 ...; each quality words each level; ids of features begin with their quality's."""
    data = source.data
    levels = data["level_scheme"]["levels"]
    values = [level["value"] for level in levels]
    if values != list(range(1, len(values) + 1)):
        message = f"the values are {', '.join(map(str, values))}; they must run 1, 2, 3 and so on"
        first = next(index for index, value in enumerate(values) if value != index + 1)
        yield source.finding(("level_scheme", "levels", first, "value"), "levels.values", message)
    keys = [level["key"] for level in levels]
    for cluster_index, cluster in enumerate(data["clusters"]):
        for quality_index, quality in enumerate(cluster["qualities"]):
            where: Where = ("clusters", cluster_index, "qualities", quality_index)
            if list(quality["levels"]) != keys:
                message = f"the levels are {', '.join(quality['levels'])}; the scheme has {', '.join(keys)}"
                yield source.finding((*where, "levels"), "levels.words", message)
            for index, feature in enumerate(quality["features"]):
                if not feature["id"].startswith(f"{quality['id']}."):
                    message = f"{quoted(feature['id'])} does not begin with “{quality['id']}.”"
                    yield source.finding((*where, "features", index, "id"), "id.prefix", message)
    yield from _related(source, data)
    yield from _retired(source, data)
    yield from _references(source, data)


def _related(source: Source, data: Mapping[str, Any]) -> Iterator[Finding]:
    known = {quality["id"] for cluster in data["clusters"] for quality in cluster["qualities"]}
    for cluster_index, cluster in enumerate(data["clusters"]):
        for quality_index, quality in enumerate(cluster["qualities"]):
            seen = {quality["id"]}
            for index, one in enumerate(quality.get("related", ())):
                where: Where = ("clusters", cluster_index, "qualities", quality_index, "related", index, "quality")
                if one["quality"] not in known:
                    yield source.finding(where, "related.quality", f"there is no quality {quoted(one['quality'])}")
                elif one["quality"] in seen:
                    message = f"{quoted(one['quality'])} is the quality itself or stands here twice"
                    yield source.finding(where, "related.quality", message)
                seen.add(one["quality"])


def _retired(source: Source, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Each is an activity of a quality or of the whole framework, and its day is in the calendar."""
    kinds = {one["kind"] for one in data["activities"]}
    qualities = {quality["id"] for cluster in data["clusters"] for quality in cluster["qualities"]}
    seen: set[str] = set()
    for index, one in enumerate(data.get("retired", ())):
        where: Where = ("retired", index)
        about, _, kind = one["activity"].partition(".")
        known = (kind or "module") in kinds if about in qualities else one["activity"].replace("-", "_") in kinds
        if not known or one["activity"] in seen:
            message = f"{quoted(one['activity'])} is no activity of this framework, or stands here twice"
            yield source.finding((*where, "activity"), "retired.activity", message)
        seen.add(one["activity"])
        try:
            date.fromisoformat(one["from"])
        except ValueError:
            yield source.finding((*where, "from"), "retired.from", f"{quoted(one['from'])} is not in the calendar")


def _references(source: Source, data: Mapping[str, Any]) -> Iterator[Finding]:
    opt_outs = {one["key"] for one in data["level_scheme"]["non_levels"]}
    for index, scale in enumerate(data["scales"]):
        if scale.get("opt_out", next(iter(opt_outs), None)) not in {*opt_outs, None}:
            message = f"{quoted(scale['opt_out'])} is not one of the non-levels {', '.join(sorted(opt_outs))}"
            yield source.finding(("scales", index, "opt_out"), "scale.opt_out", message)
    kinds: set[str] = set()
    for index, activity in enumerate(data["activities"]):
        if activity["kind"] in kinds:
            message = f"a second entry of the kind {activity['kind']}"
            yield source.finding(("activities", index, "kind"), "activity.kind", message)
        kinds.add(activity["kind"])
    if "self_assessment" in kinds and not any(
        one["kind"] == "frequency" and "opt_out" in one for one in data["scales"]
    ):
        message = "a self-assessment needs a scale of the kind frequency, with an opt_out"
        yield source.finding(("scales",), "activity.scale", message)


def check_rules(source: Source, framework: Source) -> Iterator[Finding]:
    """Awards match the level scheme, ask only for lower levels, and hold only names that will be filled in."""
    labels = {level["value"]: level["label"] for level in framework.data["level_scheme"]["levels"]}
    seen: set[int] = set()
    for index, award in enumerate(source.data["awards"]):
        where: Where = ("awards", index)
        level = award["level"]
        if level in seen:
            yield source.finding((*where, "level"), "award.level", f"a second award of level {level}")
        seen.add(level)
        if level and labels.get(level) != award["label"]:
            message = (
                f"level {level} is called {quoted(labels.get(level))} in the framework, not {quoted(award['label'])}"
            )
            yield source.finding((*where, "label"), "award.label", message)
        for number, condition in enumerate(award["conditions"]):
            yield from _condition(source, (*where, "conditions", number), level, condition)
    if 0 not in seen:
        yield source.finding(("awards",), "award.explored", "no award of level 0 (Explored)")
    yield from _badge_kinds(source)
    yield from _braces(source)


_LEARNED = {"studied", "scenario"}


def _condition(source: Source, where: Where, level: int, condition: Mapping[str, Any]) -> Iterator[Finding]:
    kind = condition["kind"]
    if (level == 0) != (kind in _LEARNED):
        message = "Explored comes from learning only" if level == 0 else "a level comes from judgement only"
        yield source.finding((*where, "kind"), "award.condition", f"{quoted(kind)}: {message}")
    if kind == "level" and condition["level"] >= level:
        message = f"level {level} cannot ask for level {condition['level']}"
        yield source.finding((*where, "level"), "award.order", message)


def _badge_kinds(source: Source) -> Iterator[Finding]:
    kinds: set[str] = set()
    for index, badge in enumerate(source.data["badges"]):
        if badge["kind"] in kinds:
            message = f"a second entry of the kind {badge['kind']}"
            yield source.finding(("badges", index, "kind"), "badge.kind", message)
        kinds.add(badge["kind"])


def _braces(source: Source) -> Iterator[Finding]:
    for where, value in walk(source.data):
        fields = tuple(step for step in where if isinstance(step, str))
        known = next((names for tail, names in _NAMES.items() if fields[-len(tail) :] == tail), frozenset())
        if isinstance(value, str):
            for name in re.findall(r"\{([^}]*)\}", value):
                if name not in known:
                    names = ", ".join(sorted(known)) or "none"
                    message = f"{{{name[:40]}}} will not be filled in; the names here are: {names}"
                    yield source.finding(where, "wording.name", message)
