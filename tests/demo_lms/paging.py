"""Canvas's pages: ``?page=2&limit=10`` and a Link header with current, next, first and last."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request


class Page:
    """The part of a list that this request asks for. ``limit`` is cut to ``largest``."""

    def __init__(self, entries: Sequence[Any], address: str, size: int, largest: int) -> None:
        self.size = max(1, min(request.args.get("limit", size, int), largest))
        self.number = max(1, request.args.get("page", 1, int))
        self.last = max(1, -(-len(entries) // self.size))
        self.address = address
        self.entries = entries[(self.number - 1) * self.size : self.number * self.size]

    def headers(self) -> dict[str, str]:
        """The Link header, several links in one line; other query parameters are kept."""
        kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("page", "limit")]
        pages = {"current": self.number, "first": 1, "last": self.last}
        if self.number < self.last:
            pages["next"] = self.number + 1
        links = []
        for relation in ("current", "next", "first", "last"):
            if relation in pages:
                query = urlencode([*kept, ("page", pages[relation]), ("limit", self.size)])
                links.append(f'<{self.address}?{query}>; rel="{relation}"')
        return {"Link": ",".join(links)}
