"""All badges of a learner, and one badge with what it says and what the next level would need."""

from collections.abc import Mapping
from dataclasses import dataclass

from framework.catalogue import Catalogue
from lti_tool.presenters.badges import Badge, badge
from lti_tool.presenters.frame import Link
from lti_tool.presenters.rungs import Ladder
from lti_tool.presenters.steps import Address
from lti_tool.presenters.wording import counted

_HINT = "A level comes from practice: write examples in the reflection on this quality, and share them with a judge."


@dataclass(frozen=True, slots=True)
class Shelf:
    """The badges of one cluster: its own, and its qualities'. Each badge comes with the address of its page."""

    tone: int
    own: tuple[Badge, str]
    badges: tuple[tuple[Badge, str], ...]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """All badges. ``nearest`` is the next thing to do and why, None when nothing is left to explore."""

    title: str
    sentence: str
    shelves: tuple[Shelf, ...]
    top: tuple[Badge, str]
    is_empty: bool
    nearest: Link | None
    nearest_hint: str


@dataclass(frozen=True, slots=True)
class BadgePage:
    """One badge with every award that it can carry, condition by condition."""

    title: str
    badge: Badge
    since: str
    ladder: Ladder
    hint: str
    does: Link | None
    back: Link


def board(
    catalogue: Catalogue, levels: Mapping[str, int | None], address: Address, nearest: Link | None, nearest_hint: str
) -> BoardPage:
    """The board. ``levels`` by badge key: 0 explored, 1 and up a level, None or absent not earned.

    ``address`` gives the page of a badge; ``nearest`` the one next action, chosen by the view.
    """

    def one(key: str) -> tuple[Badge, str]:
        return badge(catalogue, key, levels.get(key)), address(key)

    earned = sum(levels.get(quality.key) is not None for quality in catalogue.qualities)
    whole = counted(len(catalogue.qualities), "quality", "qualities")
    return BoardPage(
        title="My badges",
        sentence=f"You have explored {earned} of {whole}." if earned else f"There is a badge for each of {whole}.",
        shelves=tuple(
            Shelf(place % 6 + 1, one(cluster.key), tuple(one(quality.key) for quality in cluster.qualities))
            for place, cluster in enumerate(catalogue.clusters)
        ),
        top=one(catalogue.framework_key),
        is_empty=not earned,
        nearest=nearest,
        nearest_hint=nearest_hint,
    )


def needs_practice(catalogue: Catalogue, key: str, level: int | None, ladder: Ladder) -> bool:
    """Whether the next award of this badge comes from practice: a quality that has been explored."""
    return catalogue.badge(key).kind == "quality" and level is not None and ladder.next is not None


def badge_page(
    catalogue: Catalogue,
    key: str,
    level: int | None,
    ladder: Ladder,
    *,
    since: str,
    does: Link | None,
    back_url: str,
) -> BadgePage:
    """One badge. ``since`` is a sentence such as "Runs until 3 May 2026."."""
    shown = badge(catalogue, key, level)
    return BadgePage(
        title=shown.title,
        badge=shown,
        since=since,
        ladder=ladder,
        hint=_HINT if needs_practice(catalogue, key, level, ladder) else "",
        does=does,
        back=Link("All my badges", back_url),
    )
