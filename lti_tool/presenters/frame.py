"""What every page has around its content, and the two things that lead on: links and forms."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go."""

    text: str
    url: str


def leaving(return_url: str, *, said: str = "", trouble: str = "") -> str:
    """The way back to the LMS, with what it is to show there (LTI Core 1.3, launch presentation claim)."""
    if not return_url:
        return ""
    name, text = ("lti_errormsg", trouble) if trouble else ("lti_msg", said)
    address, hash_mark, fragment = return_url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{name}={quote(text)}{hash_mark}{fragment}"


@dataclass(frozen=True, slots=True)
class Form:
    """A POST: where it goes, its button and its hidden fields (name, value)."""

    action: str
    button: str
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The bar, banner and foot of a page, and what its head needs.

    ``assets``: address of the static folder, without a slash at the end; it may carry a version. ``person`` is the
    learner's name as the LMS gave it, ``not_you`` the page for somebody else at this screen. ``back`` leads to the
    course in the LMS. ``preview_exit`` is set when an instructor looks at the activity as a learner: nothing is stored
    then. ``message_token`` is Canvas's token for window messages. ``foot`` has the same links in the same order on
    each page.
    """

    assets: str
    product: str
    lang: str = "en-GB"
    course: str = ""
    person: str = ""
    not_you: str = ""
    back: str = ""
    preview_exit: str = ""
    message_token: str = ""
    foot: tuple[Link, ...] = ()
