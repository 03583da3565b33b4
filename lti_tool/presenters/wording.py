"""Dates, counts and texts in plain words, UK spelling."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo

_zone: tzinfo = UTC


def use_zone(zone: tzinfo) -> None:
    """Tell moments in this zone from now on: once, at the start of the process."""
    global _zone  # a fact of the installation, as its language is
    _zone = zone


def _local(moment: date) -> date:
    """An aware moment in the installation's zone; a plain day stays what it is."""
    return moment.astimezone(_zone) if isinstance(moment, datetime) and moment.tzinfo else moment


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a content text: a blank line parts them."""
    return tuple(typeset(" ".join(part.split())) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def typeset(text: str) -> str:
    """Straight quotation marks and apostrophes as printed ones: content files are typed on keyboards."""
    text = re.sub(r"(^|[\s(\[“‘—–-])\"", r"\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[“—–])'(?=\w)", r"\1‘", text).replace("'", "’")


def day(moment: date) -> str:
    """ "25 November 2026", in the installation's zone."""
    moment = _local(moment)
    return f"{moment.day} {moment:%B %Y}"


def short_day(moment: datetime) -> str:
    """ "25 Nov 2026", for tables, in the installation's zone."""
    moment = moment.astimezone(_zone)
    return f"{moment.day} {moment:%b %Y}"


def day_and_time(moment: datetime) -> str:
    """ "25 November 2026 at 14:02", in the installation's zone."""
    return f"{day(moment)} at {_local(moment):%H:%M}"


def minutes(count: int) -> str:
    """ "About 24 minutes"; an empty text for 0."""
    if count <= 0:
        return ""
    return "About 1 minute" if count == 1 else f"About {count} minutes"


def counted(count: int, one: str, many: str | None = None) -> str:
    """ "1 situation", "3 situations"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(names: Iterable[str]) -> str:
    """ "a, b and c"."""
    *most, last = tuple(names) or ("",)
    return f"{', '.join(most)} and {last}" if most else last


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends with a mark of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


def setting(key: str) -> str:
    """Where a story is set, from its key: "mental-health" is "Mental health"."""
    return key.replace("-", " ").capitalize()
