"""The bones of a framework: clusters, qualities, behavioural features, levels and answer scales.

A ``key`` is the permanent id that the content files call ``id``. The address of a text is the nearest id and
the field's name, for example ``self-belief.1`` + ``rater``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the level scheme. ``value`` runs upwards from 1; no level is 0 and has no entry here."""

    key: str
    value: int
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class NonLevel:
    """An answer that is not a level, such as "not seen". Never shown as a score of zero."""

    key: str
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class LevelScheme:
    """The levels of a framework, lowest first, and the answers that are not levels."""

    key: str
    levels: tuple[Level, ...]
    non_levels: tuple[NonLevel, ...]

    def label(self, value: int) -> str:
        """The label of a level value; an empty text for 0 (no level)."""
        return next((level.label for level in self.levels if level.value == value), "")


@dataclass(frozen=True, slots=True)
class ScalePoint:
    """One answer of a scale."""

    key: str
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """An answer scale. ``kind``: frequency, importance or appropriateness. ``opt_out`` is a non-level key."""

    key: str
    kind: str
    points: tuple[ScalePoint, ...]
    stem_self: str
    stem_rater: str
    opt_out: str | None


@dataclass(frozen=True, slots=True)
class Feature:
    """A behavioural feature of a quality, as a statement about oneself and about another person.

    ``observability``: how far another person could see it (high, medium, low). ``parts`` are single-behaviour
    statements of a compound feature, empty otherwise.
    """

    key: str
    quality_key: str
    self_form: str
    rater_form: str
    observability: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """Another quality that goes with one, and why, in a sentence."""

    quality_key: str
    text: str


@dataclass(frozen=True, slots=True)
class Quality:
    """A quality, its features in order, one short descriptor per level key, and the qualities it names as related."""

    key: str
    cluster_key: str
    title: str
    summary: str
    features: tuple[Feature, ...]
    levels: Mapping[str, str]
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of qualities, in order."""

    key: str
    title: str
    intro: str
    qualities: tuple[Quality, ...]


def read_levels(document: Document) -> LevelScheme:
    """Read ``level_scheme`` of a framework document."""
    levels = (Level(one["key"], one["value"], one["label"], one["rule"]) for one in document["levels"])
    others = (NonLevel(one["key"], one["label"], one["rule"]) for one in document["non_levels"])
    return LevelScheme(
        key=document["id"],
        levels=tuple(sorted(levels, key=lambda level: level.value)),
        non_levels=tuple(others),
    )


def read_scale(document: Document) -> Scale:
    """Read one entry of ``scales``; points keep their order, which is the order on the page."""
    return Scale(
        key=document["id"],
        kind=document["kind"],
        points=tuple(ScalePoint(one["id"], one["value"], one["text"]) for one in document["points"]),
        stem_self=document.get("stem_self", ""),
        stem_rater=document.get("stem_rater", ""),
        opt_out=document.get("opt_out"),
    )


def read_cluster(document: Document) -> Cluster:
    """Read one entry of ``clusters``."""
    return Cluster(
        key=document["id"],
        title=document["title"],
        intro=document["intro"],
        qualities=tuple(_quality(one, document["id"]) for one in document["qualities"]),
    )


def _quality(document: Document, cluster_key: str) -> Quality:
    return Quality(
        key=document["id"],
        cluster_key=cluster_key,
        title=document["title"],
        summary=document["summary"],
        features=tuple(_feature(one, document["id"]) for one in document["features"]),
        levels=dict(document["levels"]),
        related=tuple(Related(one["quality"], one["text"]) for one in document.get("related", ())),
    )


def _feature(document: Document, quality_key: str) -> Feature:
    return Feature(
        key=document["id"],
        quality_key=quality_key,
        self_form=document["self"],
        rater_form=document["rater"],
        observability=document["observability"],
        parts=tuple(document.get("split_into", ())),
    )
