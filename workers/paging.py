"""The next page of a list: Link headers (RFC 8288) as platforms really write them."""

import contextlib
import re
from urllib.parse import urljoin, urlsplit

from workers.outgoing import BadAnswer

LONGEST_HEADER = 20_000

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+\s*(?:=\s*(?:"[^"]*"|[^\s,;"]+))?)*)')
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s,;"]+))', re.IGNORECASE)


def next_page(link_header: str, current: str) -> str | None:
    """The URL of ``rel=next``, made absolute; None when there is none. Raises BadAnswer when it is on another server.

    Moodle writes typographic quotes (which arrive as Latin-1) and ``&amp;``; others leave the quotes out.
    """
    for found in _LINK.finditer(_plain(link_header)):
        relation = _RELATION.search(found[2])
        words = (relation[1] or relation[2] or "").lower().split() if relation else []
        if "next" in words:
            try:
                url = str(urljoin(current, found[1].strip()))
                is_same = _server(url) == _server(current)
            except ValueError:
                raise BadAnswer("The next page has no usable address.") from None
            if not is_same:
                raise BadAnswer("The next page is on another server.")
            return url
    return None


def _plain(header: str) -> str:
    with contextlib.suppress(UnicodeError):  # else it was no UTF-8 in disguise
        header = header.encode("latin-1").decode("utf-8")
    header = " ".join(header[:LONGEST_HEADER].split())  # runs of spaces would make the pattern slow
    return header.replace("\u201c", '"').replace("\u201d", '"').replace("&amp;", "&")


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
