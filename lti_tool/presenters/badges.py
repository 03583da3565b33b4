"""Badge pictures, what a badge says and what it does not say."""

from dataclasses import dataclass

from markupsafe import Markup

from framework.catalogue import BadgeClass, Catalogue
from framework.catalogue.rules import worded
from lti_tool.emblem import Emblem, picture
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import sentence


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge on a page. ``state`` in words: "Not yet", "Explored" or a level's label; ``detail``: "Level 2 of 4"."""

    key: str
    title: str
    kind: str
    state: str
    detail: str
    is_earned: bool
    tone: int
    svg: Markup
    says: str
    does_not_say: tuple[str, ...]


def badge(catalogue: Catalogue, key: str, level: int | None, place: str = "badge") -> Badge:
    """The badge of a quality, cluster or framework. ``level``: None not earned, 0 explored, else a level's value.

    ``place`` keeps the picture's ids apart where a page shows one badge twice.
    """
    what = catalogue.badge(key)
    state, detail = state_words(catalogue, level)
    says, does_not_say = claim(catalogue, what, level or 0)
    emblem = Emblem(
        kind=what.kind,
        key=what.key,
        level=level,
        levels=len(catalogue.level_scheme.levels),
        title=f"{what.title}: {state}{f', {detail}' if detail else ''}",
        description=says if level is not None else "A badge that has not been earned yet.",
    )
    return Badge(
        key=what.key,
        title=what.title,
        kind=what.kind,
        state=state,
        detail=detail,
        is_earned=level is not None,
        tone=badge_tone(catalogue, what),
        svg=picture(emblem, f"{place}-{what.kind}-{what.key}"),
        says=says,
        does_not_say=does_not_say,
    )


def state_words(catalogue: Catalogue, level: int | None) -> tuple[str, str]:
    """The state of a badge and its detail: ("Explored", "") for 0, ("Consistent", "Level 2 of 4") for a level."""
    if level is None:
        return "Not yet", ""
    award = catalogue.rules.award(level)
    if level == 0:
        return award.label if award else "Explored", ""
    return catalogue.level_scheme.label(level), f"Level {level} of {len(catalogue.level_scheme.levels)}"


def claim(catalogue: Catalogue, what: BadgeClass, level: int) -> tuple[str, tuple[str, ...]]:
    """What a badge says at a level (0 = explored), and what it does not say."""
    wording = catalogue.rules.badges[what.kind]
    chosen = wording.level if level else wording.explored
    award = catalogue.rules.award(level)
    names = {
        "title": what.title,
        "level": catalogue.level_scheme.label(level),
        "wording": award.wording if award else "",
    }
    return sentence(worded(chosen.says, **names)), tuple(worded(text, **names) for text in chosen.does_not_say)


def badge_tone(catalogue: Catalogue, what: BadgeClass) -> int:
    """The colour of a badge: its cluster's, or the framework's own."""
    return 0 if what.kind == "framework" else tone(catalogue, what.quality_keys[0])
