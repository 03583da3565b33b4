"""What every page has around its content, and what leads on: links, forms and their choices."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_TAG = re.compile(r"(?P<language>[A-Za-z]{2,3})(-[A-Za-z]{4})?(-(?P<region>[A-Za-z]{2}))?(-[A-Za-z0-9-]*)?")


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose, in its words."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the error summary: what is wrong and the id of the field."""

    text: str
    target: str


def leaving(return_url: str, *, said: str = "", trouble: str = "") -> str:
    """The way back to the LMS, with what it is to show there (LTI Core 1.3, launch presentation claim)."""
    if not return_url:
        return ""
    name, text = ("lti_errormsg", trouble) if trouble else ("lti_msg", said)
    address, hash_mark, fragment = return_url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{name}={quote(text)}{hash_mark}{fragment}"


LANGUAGES = ("en",)  # that the pages are written in
USUAL = "en-GB"


def language(locale: str | None) -> str:
    """The language tag (BCP 47) of the pages for somebody whose LMS names this locale: ``en_AU`` is "en-AU".

    A page says the language that it is written in, so a language without pages gets the usual one: a screen reader
    would read English words by the rules of another language else. Dates name their month, so that no region can
    take one for another.
    """
    named = _TAG.fullmatch((locale or "").strip().replace("_", "-").partition(".")[0])
    if named is None or named["language"].lower() not in LANGUAGES:
        return USUAL
    region = named["region"]
    return f"{named['language'].lower()}-{region.upper()}" if region else USUAL


@dataclass(frozen=True, slots=True)
class Form:
    """A POST: where it goes, its button and its hidden fields (name, value)."""

    action: str
    button: str
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What an instructor wrote to this learner, above each page until they put it away. ``who``: by whom and when."""

    who: str
    paragraphs: tuple[str, ...]
    away: Form


@dataclass(frozen=True, slots=True)
class Frame:
    """The bar, banner and foot of a page, and what its head needs.

    ``assets``: address of the static folder, without a slash at the end; it may carry a version. ``person`` is the
    learner's name as the LMS gave it, ``not_you`` the page for somebody else at this screen. ``back`` leads to the
    course in the LMS. ``preview_exit`` is set when an instructor looks at the activity as a learner: nothing is stored
    then, nor of a ``guest``; ``is_sample`` of a preview from the picker, which stands in a window of its own.
    ``elsewhere``: the link named a page that is not there. ``message_token`` is Canvas's token for window messages.
    ``content_lang``: the language of the main part, where it is not the page's. ``foot`` has the same links in the same
    order on each page. ``queue`` leads judges of the course to what waits for them, ``queue_count`` of it. ``tabs`` are
    an instructor's pages, each with whether it is this one. ``closes_in``: seconds until the visit ends without use (0:
    there is none); ``stay``: where it is made to last longer, "" where it ends at its time.
    """

    assets: str
    product: str
    lang: str = "en-GB"
    content_lang: str = ""
    course: str = ""
    person: str = ""
    not_you: str = ""
    back: str = ""
    preview_exit: str = ""
    is_sample: bool = False
    guest: bool = False
    elsewhere: bool = False
    message_token: str = ""
    foot: tuple[Link, ...] = ()
    queue: Link | None = None
    queue_count: int = 0
    queue_is_here: bool = False
    tabs: tuple[tuple[Link, bool], ...] = ()
    message: Message | None = None
    closes_in: int = 0
    stay: str = ""
