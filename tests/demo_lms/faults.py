"""Wrong answers on demand: the next calls of a named endpoint fail in the way a test asks for.

A fault is a JSON object: ``endpoint`` (token, jwks, auth, id_token, line_items, line_item, scores,
results, memberships, groups, deep_link_return), ``platform`` (moodle, canvas; absent: both), ``times`` (default
1), ``after`` (calls to let through first, default 0) and what happens: ``delay`` (seconds), ``status``
with ``body``, ``headers`` (also of an answer that is right), ``drop`` ("before": the connection is
closed and nothing happens; "after": the work is done, then it is closed without an answer). For
``id_token``: ``claims`` (replace or add), ``remove`` (claim names), ``headers`` (of the JWT; null removes).
"""

import json
import socket
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import platforms, store

ENDPOINTS = (
    "token", "jwks", "auth", "id_token", "line_items", "line_item", "scores", "results", "memberships", "groups",
    "deep_link_return",
)  # fmt: skip
HUNG_UP = "X-Hung-Up"
FIELDS = {
    "endpoint": str, "platform": (str, type(None)), "times": int, "after": int, "delay": (int, float),
    "status": int, "body": str, "headers": dict, "drop": str, "claims": dict, "remove": list,
}  # fmt: skip


def inject(document: dict[str, Any]) -> None:
    """Keep a fault. Raises ValueError with a plain text when it makes no sense."""
    unknown = sorted(set(document) - set(FIELDS))
    if unknown:
        raise ValueError(f"A fault knows no {', '.join(unknown)}; it knows {', '.join(FIELDS)}.")
    for name, kind in FIELDS.items():
        if name in document and not isinstance(document[name], kind):  # type: ignore[arg-type]  # each kind is a type or a tuple of types
            raise ValueError(f"{name} has the wrong type.")
    if document.get("endpoint") not in ENDPOINTS:
        raise ValueError(f"endpoint must be one of {', '.join(ENDPOINTS)}.")
    if document.get("platform") not in (None, "moodle", "canvas"):
        raise ValueError("platform must be moodle or canvas, or be left out.")
    if document.get("drop") not in (None, "before", "after"):
        raise ValueError("drop must be before or after.")
    store.change(
        "INSERT INTO fault (platform, endpoint, remaining, document) VALUES (?, ?, ?, ?)",
        document.get("platform"), document["endpoint"], document.get("times", 1), json.dumps(document),
    )  # fmt: skip


def take(platform: str, name: str) -> dict[str, Any] | None:
    """The oldest fault waiting for this call, used up by one; None when the call shall work."""
    with store.transaction():
        row = store.one(
            "SELECT * FROM fault WHERE endpoint = ? AND remaining > 0 AND (platform IS NULL OR platform = ?)"
            " ORDER BY id LIMIT 1",
            name, platform,
        )  # fmt: skip
        if row is None:
            return None
        document: dict[str, Any] = json.loads(row["document"])
        if document.get("after", 0) > 0:
            document["after"] -= 1
            store.change("UPDATE fault SET document = ? WHERE id = ?", json.dumps(document), row["id"])
            return None
        store.change("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", row["id"])
        return document


def endpoint(name: str) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., ResponseReturnValue]]:
    """Give a view a name by which faults find it."""

    def decorate(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> ResponseReturnValue:
            fault = take(platforms.current().key, name)
            if fault is None:
                return view(*args, **values)
            time.sleep(fault.get("delay", 0))
            if fault.get("drop") == "before":
                return hang_up()
            if "status" in fault:
                return Response(fault.get("body", ""), fault["status"], fault.get("headers", {}))
            response = make_response(view(*args, **values))
            response.headers.update(fault.get("headers", {}))
            return hang_up() if fault.get("drop") == "after" else response

        return guarded

    return decorate


def hang_up() -> Response:
    """Close the caller's connection without an answer; what is returned reaches nobody."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500, headers={HUNG_UP: "yes"})
