"""The whole framework on one page: every behaviour with its quality and levels, found by words, with own marks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from framework.catalogue import Catalogue, Feature, Quality
from framework.competency import Competency
from lti_tool.presenters.frame import Link
from lti_tool.presenters.wording import counted, typeset

LONGEST_SEARCH = 80  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; ``is_found`` where it is what was looked for."""

    text: str
    is_found: bool


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour. ``mark``: the level a judge has seen it at, empty where nobody has."""

    pieces: Pieces
    mark: str


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level of a quality with its text. ``is_held``: the learner's own."""

    label: str
    pieces: Pieces
    is_held: bool


@dataclass(frozen=True, slots=True)
class QualityBlock:
    """One quality. ``standing`` in words; ``is_open``: show the levels at once, because something was found there."""

    key: str
    title: Pieces
    summary: Pieces
    standing: str
    is_standing: bool
    behaviours: tuple[Behaviour, ...]
    levels: tuple[LevelRow, ...]
    is_open: bool
    related: tuple[tuple[Link, str], ...]


@dataclass(frozen=True, slots=True)
class ClusterBlock:
    """The qualities of one cluster that the search has found."""

    title: str
    intro: str
    tone: int
    qualities: tuple[QualityBlock, ...]


@dataclass(frozen=True, slots=True)
class FrameworkPage:
    """The page. ``found`` says how many behaviours a search has found; empty without one."""

    title: str
    lead: str
    facts: tuple[str, ...]
    action: str
    search: str
    longest_search: int
    all_url: str
    found: str
    contents: tuple[tuple[Link, ...], ...]
    clusters: tuple[ClusterBlock, ...]
    legend: str


def framework_page(
    catalogue: Catalogue,
    standing: Mapping[str, Competency],
    search: str,
    url: str,
) -> FrameworkPage:
    """The framework, narrowed to what a search has found. ``standing`` by quality key, empty in a preview."""
    search = " ".join(search.split())[:LONGEST_SEARCH]
    words = tuple(dict.fromkeys(typeset(search).lower().split()))
    blocks = {one.key: _quality(catalogue, one, standing.get(one.key), words) for one in catalogue.qualities}
    shown = {key: block for key, block in blocks.items() if block is not None}
    many = sum(len(block.behaviours) for block in shown.values())
    found = ""
    if words:
        qualities = counted(len(shown), "quality", "qualities")
        found = f"{counted(many, 'behaviour')} in {qualities} for “{search}”" if shown else f"Nothing for “{search}”"
    return FrameworkPage(
        title=catalogue.title,
        lead=typeset(catalogue.summary),
        facts=(
            counted(len(catalogue.clusters), "cluster"),
            counted(len(catalogue.qualities), "quality", "qualities"),
            counted(len(catalogue.features), "behaviour"),
        ),
        action=url,
        search=search,
        longest_search=LONGEST_SEARCH,
        all_url=url,
        found=found,
        contents=tuple(
            tuple(Link(one.title, f"#{one.key}") for one in cluster.qualities if one.key in shown)
            for cluster in catalogue.clusters
        ),
        clusters=tuple(
            ClusterBlock(cluster.title, typeset(cluster.intro), place % 6 + 1, chosen)
            for place, cluster in enumerate(catalogue.clusters)
            if (chosen := tuple(shown[one.key] for one in cluster.qualities if one.key in shown))
        ),
        legend="Explored says that you have studied a quality. A level says that somebody has judged your practice.",
    )


def _quality(
    catalogue: Catalogue, quality: Quality, standing: Competency | None, words: tuple[str, ...]
) -> QualityBlock | None:
    """A quality as it is shown; None where the search finds nothing in it.

    All behaviours are shown where the title, summary or a level is what was found, else only those that match.
    """
    about = f"{quality.title} {quality.summary}"
    texts = list(quality.levels.values())
    in_levels = bool(words) and any(_has(text, words) for text in texts)
    behaviours = [one for one in quality.features if _has(f"{one.rater_form} {one.self_form}", words)]
    if not words or _has(about, words) or (in_levels and not behaviours):
        behaviours = list(quality.features)
    if not behaviours:
        return None
    label, is_standing = _standing(catalogue, standing)
    return QualityBlock(
        key=quality.key,
        title=_pieces(quality.title, words),
        summary=_pieces(quality.summary, words),
        standing=label,
        is_standing=is_standing,
        behaviours=tuple(_behaviour(catalogue, one, standing, words) for one in behaviours),
        levels=_levels(catalogue, quality, standing, words),
        is_open=in_levels,
        related=tuple(
            (Link(catalogue.quality(one.quality_key).title, f"#{one.quality_key}"), typeset(one.text))
            for one in catalogue.goes_with(quality.key)
        ),
    )


def _standing(catalogue: Catalogue, standing: Competency | None) -> tuple[str, bool]:
    if standing is not None and standing.level:
        return f"{catalogue.level_scheme.label(standing.level)}, judged", True
    award = catalogue.rules.award(0)
    if standing is not None and standing.is_explored:
        return award.label if award else "Explored", True
    return "Not explored yet", False


def _behaviour(
    catalogue: Catalogue, feature: Feature, standing: Competency | None, words: tuple[str, ...]
) -> Behaviour:
    marks = [one.marks.get(feature.key, 0) for one in standing.awards if one.is_held] if standing else []
    return Behaviour(_pieces(feature.rater_form, words), catalogue.level_scheme.label(max(marks, default=0)))


def _levels(
    catalogue: Catalogue, quality: Quality, standing: Competency | None, words: tuple[str, ...]
) -> tuple[LevelRow, ...]:
    held = standing.level if standing else 0
    return tuple(
        LevelRow(level.label, _pieces(quality.levels[level.key], words), level.value == held)
        for level in catalogue.level_scheme.levels
    )


def _has(text: str, words: tuple[str, ...]) -> bool:
    """Whether each word stands in a text, or begins a word of it, in small letters or large."""
    return all(re.search(rf"\b{re.escape(word)}", typeset(text), re.IGNORECASE) for word in words)


def _pieces(text: str, words: tuple[str, ...]) -> Pieces:
    """The text in stretches, with what was looked for marked."""
    text = typeset(text)
    if not words:
        return (Piece(text, False),)
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    parted = re.split(rf"\b({pattern})", text, flags=re.IGNORECASE)
    return tuple(Piece(part, place % 2 == 1) for place, part in enumerate(parted) if part)
