"""Two questions before a step that others notice: share this, and change what was shared."""

from collections.abc import Sequence
from dataclasses import dataclass

from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.practice import ShownExample
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import counted, listed


@dataclass(frozen=True, slots=True)
class SharePage:
    """What is shared with whom, before it is."""

    title: str
    overline: str
    tone: int
    readers: str
    examples: tuple[ShownExample, ...]
    asks_discussion: bool
    does: tuple[str, ...]
    missing: tuple[ShownExample, ...]
    is_empty: bool
    form: Form
    back: Link


@dataclass(frozen=True, slots=True)
class ChangePage:
    """What changing a shared text does, before it does it."""

    title: str
    overline: str
    tone: int
    does: tuple[str, ...]
    loses: str
    form: Form
    back: Link


def share_words(count: int) -> str:
    """The words of the button that shares so many examples; with none, it is the wish for a discussion."""
    return {0: "Share", 2: "Share both examples"}.get(count, f"Share {counted(count, 'example')}")


def share_page(
    catalogue: Catalogue,
    activity: Activity,
    examples: Sequence[ShownExample],
    *,
    readers: str,
    asks_discussion: bool,
    basis: str,
    action: str,
    back_url: str,
) -> SharePage:
    """The last look before sharing, or what is missing."""
    gradebook = {
        "none": "Your course teacher sees here that you have shared it.",
    }.get(
        basis, "Your course’s gradebook shows that it is done: 1 of 1. What you wrote and how it is judged is not sent."
    )
    missing = tuple(one for one in examples if one.gap)
    return SharePage(
        title=f"{counted(len(missing), 'example')} not complete" if missing else "Share this?",
        overline=activity.title,
        tone=tone(catalogue, activity.quality_key),
        readers=readers,
        examples=tuple(examples),
        asks_discussion=asks_discussion,
        does=(
            "Those named above can read it from then on.",
            gradebook,
            "You can still change it. Then it has to be judged again.",
        ),
        missing=missing,
        is_empty=not examples and not asks_discussion,
        form=Form(action, share_words(len(examples))),
        back=Link("Not yet", back_url),
    )


def change_page(
    catalogue: Catalogue, activity: Activity, *, signed_by: Sequence[str], level: str, action: str, back_url: str
) -> ChangePage:
    """What changing does. ``signed_by``: whose signatures stop counting; ``level``: the standing that rests on them."""
    loses = (
        f"{listed(signed_by)} signed what you wrote. If you change it, that signature does not count any more, and a "
        f"level that rests on it is withdrawn until the new text is signed. Your standing now: {level}."
        if signed_by
        else ""
    )
    return ChangePage(
        title="Change what you shared?",
        overline=activity.title,
        tone=tone(catalogue, activity.quality_key),
        does=(
            "Your text becomes private again while you change it.",
            "It has to be read and signed again after you share it.",
            "The gradebook stays as it is.",
        ),
        loses=loses,
        form=Form(action, "Change my text"),
        back=Link("Leave it as it is", back_url),
    )
