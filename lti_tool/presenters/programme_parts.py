"""The instructor's page about what a placed programme holds, and what a change of it means for whoever has begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from framework.catalogue import Catalogue
from lti_tool.presenters.arrange import Part, parts_in_order
from lti_tool.presenters.choice import SELF_ASSESSMENT, Chosen
from lti_tool.presenters.frame import Choice, Form, Link
from lti_tool.presenters.wording import listed


@dataclass(frozen=True, slots=True)
class PartsPage:
    """The qualities in order; what can be added; what the change means. ``self_assessments`` is empty where the
    framework has none."""

    title: str
    overline: str
    qualities: tuple[Part, ...]
    addable: tuple[Choice, ...]
    self_assessments: tuple[Choice, ...]
    means: tuple[str, ...]
    form: Form
    order: str
    back: Link
    said: str
    error: str


def page(
    catalogue: Catalogue,
    title: str,
    chosen: Chosen,
    held: Sequence[str],
    *,
    has_begun: bool,
    today: date,
    urls: tuple[str, str, str],
    moved: str = "",
    error: str = "",
) -> PartsPage:
    """The page. ``held``: the qualities as they are kept; ``urls``: save, order, back to the settings."""
    save, order, back = urls
    qualities = parts_in_order(catalogue, chosen)
    last = next((one for one in qualities if one.key == moved), None)
    beside = any(one.key == "self-assessment" for one in catalogue.activities)
    return PartsPage(
        title="What the programme holds",
        overline=title,
        qualities=qualities,
        addable=tuple(
            Choice(one.key, one.title, False)
            for one in catalogue.qualities
            if one.key not in chosen.quality_keys and (one.key in held or catalogue.activity(one.key).is_offered(today))
        ),
        self_assessments=tuple(
            Choice(value, text, value == chosen.self_assessment) for value, text in SELF_ASSESSMENT.items() if beside
        ),
        means=_means(catalogue, chosen.quality_keys, held) if has_begun else (),
        form=Form(save, "Save"),
        order=order,
        back=Link("Back to the settings", back),
        said=f"{last.title} is number {last.number} of {len(qualities)} now. Nothing is saved yet." if last else "",
        error=error,
    )


def _means(catalogue: Catalogue, chosen: Sequence[str], held: Sequence[str]) -> tuple[str, ...]:
    """What saving would do to the people who have begun."""
    titles = {one.key: one.title for one in catalogue.qualities}
    added = [titles[key] for key in chosen if key not in held]
    removed = [titles[key] for key in held if key not in chosen and key in titles]
    said = [
        "Learners have begun. Whoever has finished the programme keeps that and their grade.",
        "What the others have done is computed anew when you save.",
    ]
    if added:
        said.append(f"Added: {listed(added)}. Whoever has not finished the programme needs this too.")
    if removed:
        said.append(
            f"Taken out: {listed(removed)}. Whoever has explored all the rest has finished, and the grade is sent. "
            "What somebody has begun there stays open to them."
        )
    return tuple(said)
