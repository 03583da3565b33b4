"""The catalogue: one edition of a framework as frozen objects, read from its edition document.

The chain begins here: catalogue -> assessment -> competency -> badges. All four are pure: no database,
network, clock or files. ``framework.authoring.document`` makes an edition document from content files; the
store keeps it.

An edition document is one JSON object::

    {"schema_version": 1, "framework": {...framework.yaml}, "rules": {...rules.yaml}, "modules": [{...}, ...],
     "translations": {"cy": {address: text}}}

The translations may be missing; see ``framework.catalogue.texts``.

Nothing here knows how many clusters, qualities, features or levels there are, nor any of their names.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from framework.catalogue.activities import Activity, make_activities
from framework.catalogue.learning import Module, read_module
from framework.catalogue.rules import Rules, read_rules
from framework.catalogue.structure import (
    Cluster,
    Feature,
    LevelScheme,
    Quality,
    Related,
    Scale,
    read_cluster,
    read_levels,
    read_scale,
)
from framework.catalogue.texts import languages, nearest, spoken_in
from framework.errors import Invalid, NotFound

__all__ = [
    "Activity",
    "BadgeClass",
    "Catalogue",
    "Cluster",
    "Feature",
    "LevelScheme",
    "Module",
    "Quality",
    "Related",
    "Rules",
    "Scale",
    "digest",
    "read",
]

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class BadgeClass:
    """A badge that can be earned. ``key`` is the key of the quality, cluster or framework it is about.

    ``quality_keys`` are the qualities that decide it: the lowest of them counts.
    """

    key: str
    kind: str
    title: str
    summary: str
    quality_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One edition of a framework, in one language. Look-ups raise ``NotFound`` with a sentence for the asker.

    ``lang`` is the language of the texts and ``languages`` are all that the edition has, its own first. Keys and
    digests are the same in each.
    """

    framework_key: str
    title: str
    summary: str
    lang: str
    languages: tuple[str, ...]
    edition: str
    digest: str
    rules_digest: str
    clusters: tuple[Cluster, ...]
    qualities: tuple[Quality, ...]
    modules: tuple[Module, ...]
    level_scheme: LevelScheme
    scales: tuple[Scale, ...]
    rules: Rules
    badges: tuple[BadgeClass, ...]
    activities: tuple[Activity, ...]
    _index: Mapping[str, Mapping[str, Any]] = field(repr=False, compare=False, hash=False)

    @property
    def features(self) -> tuple[Feature, ...]:
        """All features, in the order of the qualities."""
        return tuple(feature for quality in self.qualities for feature in quality.features)

    def cluster(self, key: str) -> Cluster:
        """The cluster with this key."""
        found: Cluster = self._find("cluster", key)
        return found

    def quality(self, key: str) -> Quality:
        """The quality with this key."""
        found: Quality = self._find("quality", key)
        return found

    def feature(self, key: str) -> Feature:
        """The feature with this key."""
        found: Feature = self._find("feature", key)
        return found

    def module(self, key: str) -> Module:
        """The module of a quality, by the quality's key (the activity key of the module)."""
        found: Module = self._find("module", key)
        return found

    def activity(self, key: str) -> Activity:
        """The activity with this key."""
        found: Activity = self._find("activity", key)
        return found

    def scale(self, key: str) -> Scale:
        """The scale with this key."""
        found: Scale = self._find("scale", key)
        return found

    def badge(self, key: str) -> BadgeClass:
        """The badge class with this key."""
        found: BadgeClass = self._find("badge", key)
        return found

    def goes_with(self, quality_key: str) -> tuple[Related, ...]:
        """The qualities that go with one: those it names, then those that name it."""
        named = self.quality(quality_key).related
        known = {one.quality_key for one in named}
        back = tuple(
            Related(other.key, one.text)
            for other in self.qualities
            for one in other.related
            if one.quality_key == quality_key and other.key not in known
        )
        return named + back

    def has_feature(self, key: str) -> bool:
        """Whether this edition still has a feature: evidence may be older than the edition."""
        return key in self._index["feature"]

    def _find(self, kind: str, key: str) -> Any:
        found = self._index[kind].get(key)
        if found is None:
            raise NotFound(f"There is no {kind} called “{key[:80]}” in {self.title}.")
        return found


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 (64 hex digits) of a JSON document, whatever the order of its keys."""
    canonical = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def read(document: Mapping[str, Any], lang: str | None = None) -> Catalogue:
    """Make a catalogue of an edition document. Raises ``Invalid`` where the document lacks something.

    ``lang`` is what somebody would like to read it in; texts that are not translated stay as the edition has them. It
    trusts the content: ``framework.authoring.check`` looks at it closely before an edition is stored.
    """
    try:
        return _read(document, lang)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"The edition document cannot be read: {type(error).__name__} at {error}.") from error


def _read(original: Mapping[str, Any], wanted: str | None) -> Catalogue:
    spoken = languages(original)
    lang = nearest(spoken, wanted)
    document = original if lang == spoken[0] else spoken_in(original, lang)
    framework = document["framework"]
    clusters = tuple(read_cluster(one) for one in framework["clusters"])
    qualities = tuple(quality for cluster in clusters for quality in cluster.qualities)
    read_modules = {module.quality_key: module for module in map(read_module, document["modules"])}
    modules = tuple(read_modules[quality.key] for quality in qualities)
    rules = read_rules(document["rules"])
    scales = tuple(read_scale(one) for one in framework["scales"])
    badges = _badges(framework, clusters, qualities, rules)
    subjects = tuple(zip(qualities, modules, strict=True))
    activities = make_activities(framework["activities"], subjects, framework.get("retired", ()))
    return Catalogue(
        framework_key=framework["id"],
        title=framework["title"],
        summary=framework["summary"],
        lang=lang,
        languages=spoken,
        edition=framework["edition"],
        digest=digest(original),
        rules_digest=digest(original["rules"]),
        clusters=clusters,
        qualities=qualities,
        modules=modules,
        level_scheme=read_levels(framework["level_scheme"]),
        scales=scales,
        rules=rules,
        badges=badges,
        activities=activities,
        _index={
            "cluster": _by_key(clusters),
            "quality": _by_key(qualities),
            "feature": _by_key(feature for quality in qualities for feature in quality.features),
            "module": {module.quality_key: module for module in modules},
            "activity": _by_key(activities),
            "scale": _by_key(scales),
            "badge": _by_key(badges),
        },
    )


def _by_key(parts: Iterable[_Part]) -> dict[str, _Part]:
    return {part.key: part for part in parts}  # type: ignore[attr-defined]  # all parts have a key


def _badges(
    framework: Mapping[str, Any], clusters: tuple[Cluster, ...], qualities: tuple[Quality, ...], rules: Rules
) -> tuple[BadgeClass, ...]:
    """One badge class per quality, one per cluster, one for the framework: the kinds that the rules word."""
    whole = tuple(quality.key for quality in qualities)
    classes = [
        *(BadgeClass(one.key, "quality", one.title, one.summary, (one.key,)) for one in qualities),
        *(
            BadgeClass(one.key, "cluster", one.title, one.intro, tuple(each.key for each in one.qualities))
            for one in clusters
        ),
        BadgeClass(framework["id"], "framework", framework["title"], framework["summary"], whole),
    ]
    return tuple(one for one in classes if one.kind in rules.badges)
