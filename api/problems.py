"""Every error of this door as a problem document (RFC 9457), and the one place where its words are kept.

``code`` is stable for programs, ``type`` is the address of a page that explains it, ``errors`` names each field.
The token endpoint alone answers as RFC 6749 wants (``api.oauth``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from api.door import door
from framework.errors import Invalid, ToolError

MEDIA_TYPE = "application/problem+json"
PAGES = "problems"  # the path below this door where each kind is explained


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status, title, and what a client should do about it."""

    status: int
    title: str
    advice: str


KINDS: dict[str, Kind] = {
    "bad_request": Kind(400, "The request cannot be understood", "Correct the request before sending it again."),
    "cursor_invalid": Kind(
        400, "The cursor is not one of ours", "Use next_cursor exactly as it was given, or begin again without one."
    ),
    "cursor_expired": Kind(
        400,
        "The cursor is older than 24 hours",
        "Begin again without a cursor, with updated_since where it is offered.",
    ),
    "cursor_mismatch": Kind(
        400,
        "The cursor belongs to another question",
        "Send the same filters with every page, or begin again without a cursor. limit may change.",
    ),
    "token_missing": Kind(
        401, "An access token is needed", "Get one from /api/oauth/token and send it as Authorization: Bearer."
    ),
    "token_invalid": Kind(
        401,
        "The access token is not valid",
        "Get a new one from /api/oauth/token. If that is refused, the client has been revoked: ask an administrator.",
    ),
    "scope_missing": Kind(
        403,
        "The access token does not allow this",
        "Ask for the scope when getting a token; an administrator decides which scopes a client has.",
    ),
    "not_allowed": Kind(403, "This is not allowed", "Ask an administrator of this tool."),
    "not_found": Kind(
        404, "There is no such thing here", "Check the address. Another tenant's data is not found either."
    ),
    "method_not_allowed": Kind(405, "The address does not take this method", "The Allow header names those it takes."),
    "not_acceptable": Kind(406, "The answer cannot be given in that form", "Accept application/json."),
    "conflict": Kind(409, "It has changed since it was read", "Read it again, then decide."),
    "too_large": Kind(413, "The request is too large", "Send less."),
    "unsupported_media_type": Kind(
        415, "The body is of a kind that is not read here", "Send the content type that the API description names."
    ),
    "validation_failed": Kind(
        422, "The request has wrong or unknown fields", "errors names each one. Nothing was read or changed."
    ),
    "rate_limited": Kind(429, "Too many requests", "Wait as long as Retry-After says."),
    "internal_error": Kind(
        500, "Something went wrong in the tool", "Try again later. If it stays, report the request_id."
    ),
    "unavailable": Kind(503, "A part of the tool cannot be reached", "Try again after a while; Retry-After says when."),
}

_BY_STATUS = {
    400: "bad_request",
    401: "token_missing",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "validation_failed",
    429: "rate_limited",
    503: "unavailable",
}
_RETRY = {"Retry-After": "5"}


class Problem(Exception):
    """An error that this door itself finds. ``code`` is a key of KINDS."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


def type_url(code: str) -> str:
    """The address that explains a kind of problem."""
    return f"{door().url}/{PAGES}/{code.replace('_', '-')}"


def answer(
    code: str, detail: str, errors: Sequence[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The problem document. It holds nothing that the client did not send and need not know."""
    kind = KINDS[code]
    body: dict[str, Any] = {
        "type": type_url(code),
        "title": kind.title,
        "status": kind.status,
        "code": code,
        "detail": detail,
        "instance": request.script_root + request.path,
        "request_id": g.request_id,
    }
    if errors:
        body["errors"] = list(errors)
    return Response(json.dumps(body), kind.status, headers, content_type=MEDIA_TYPE)


def from_http(error: HTTPException) -> Response:
    """Flask's and werkzeug's own errors: unknown addresses, wrong methods, bodies too large, crashes."""
    if error.code is None or error.code < 400:
        return current_app.make_response(error.get_response())
    code = _BY_STATUS.get(error.code, "internal_error" if error.code >= 500 else "bad_request")
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return answer(code, KINDS[code].advice, headers=headers)


def register(app: Flask) -> None:
    """Turn every exception into a problem document. A crash has been logged by Flask before it comes here."""

    app.register_error_handler(HTTPException, from_http)

    @app.errorhandler(Problem)
    def _(error: Problem) -> Response:
        return answer(error.code, error.detail, error.errors, error.headers)

    @app.errorhandler(ToolError)
    def _(error: ToolError) -> Response:
        code = _BY_STATUS.get(error.status, "internal_error")
        fields = [field_error(error.field, str(error))] if isinstance(error, Invalid) and error.field else []
        return answer(code, str(error), fields, _RETRY if error.status == 503 else None)

    @app.errorhandler(OperationalError)
    def _(error: OperationalError) -> Response:
        # connection refused, statement timeout, locked: all pass, and none is the client's fault
        app.logger.error("database failed in request %s: %s", g.request_id, error.orig)
        return answer("unavailable", "The database did not answer in time.", headers=_RETRY)


def field_error(field: str, message: str, code: str = "not_valid", where: str = "query") -> dict[str, str]:
    """One entry of ``errors``; ``pointer`` is a JSON pointer into the query or the body."""
    return {"in": where, "pointer": "/" + field.replace("~", "~0").replace("/", "~1"), "code": code, "message": message}
