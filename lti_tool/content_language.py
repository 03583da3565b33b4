"""In which language a visitor reads content: the one that their LMS names, where the edition has it.

The interface itself speaks English (docs/adr/0015), so a page says of its main part where that is in another language.
"""

from flask import g
from sqlalchemy.orm import Session

from framework.store import editions
from lti_tool.visit import Visit


def choose(session: Session) -> None:
    """Content that this session reads is in the visitor's language. ``cy_GB.UTF-8`` asks for Welsh."""
    here: Visit = g.visit
    editions.speak(session, (here.locale or "").strip().partition(".")[0].replace("_", "-"))
    g.content = session


def of_page(lang: str) -> str:
    """The language of the content that was read for this page, if it is another than the page's own; else ""."""
    session: Session | None = g.get("content")
    spoken = editions.spoken(session) if session is not None else ""
    return "" if spoken.partition("-")[0] == lang.partition("-")[0] else spoken
