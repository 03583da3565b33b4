"""What is told when an answer was replaced on another device or in another tab: both are shown, and nothing is lost."""

from dataclasses import dataclass

from framework.assessment import Answer
from lti_tool.presenters.frame import Link

REPLACES = "replaces"  # the hidden field with the version of the answer that a form was made for; 0: none yet
MEANWHILE = "You have answered this on another device or in another tab. That answer is stored; it is shown here."


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A choice that came too late. ``sent``: what it was, line by line."""

    text: str
    sent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A text that was replaced meanwhile: the stored one in full, beside the form that holds the one just sent.

    ``differs``: (question, stored answer, answer just sent) of what else is not the same. ``keep`` leaves things as
    they are stored. ``both`` is the word of a button that keeps the sent text beside the stored one, "" without.
    """

    title: str
    text: str
    paragraphs: tuple[str, ...]
    differs: tuple[tuple[str, str, str], ...]
    keep: Link
    both: str = ""


def replaces(answer: Answer | None) -> tuple[str, str]:
    """The hidden field of a form that is filled with an answer."""
    return REPLACES, str(answer.version if answer else 0)


def conflict(stored: str, differs: tuple[tuple[str, str, str], ...], keep_url: str, *, both: str = "") -> Conflict:
    """The conflict about a long text; ``stored`` is "" where the other device has removed it."""
    return Conflict(
        title="Changed on another device or in another tab",
        text="Both are here, and nothing of what you have just sent is stored yet. Take from each what you want and "
        "save it, or keep what is stored.",
        paragraphs=tuple(part.strip() for part in stored.split("\n") if part.strip()) or ("There is no text.",),
        differs=differs,
        keep=Link("Keep what is stored", keep_url),
        both=both,
    )
