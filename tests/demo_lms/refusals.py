"""How the LMS says no: to people on a page, to programs in each platform's own shape."""

import json

from flask import Flask, Response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException


class LmsError(Exception):
    """A page for a person: what is wrong and, in ``detail``, what to look at. Shown with ``status``."""

    def __init__(self, status: int, title: str, detail: str = "") -> None:
        super().__init__(f"{title} {detail}".strip())
        self.status = status
        self.title = title
        self.detail = detail


class ServiceRefusal(Exception):
    """An answer to a program. ``reason`` goes into the status line, where Moodle hides its texts."""

    def __init__(self, status: int, body: str = "", reason: str = "", media_type: str = "application/json") -> None:
        super().__init__(f"{status} {reason or body}")
        self.status = status
        self.body = body
        self.reason = reason
        self.media_type = media_type

    def response(self) -> Response:
        """The refusal as an HTTP answer."""
        response = Response(self.body, self.status, content_type=self.media_type)
        if self.reason:
            line = self.reason.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")
            response.status = f"{self.status} {line[:400]}"
        return response


def canvas_refusal(status: int, message: str) -> ServiceRefusal:
    """Canvas's JSON error."""
    kinds = {400: "bad_request", 401: "unauthorized", 404: "not_found", 422: "unprocessable_entity"}
    errors = {"type": kinds.get(status, "error"), "message": message}
    return ServiceRefusal(status, json.dumps({"errors": errors}))


def moodle_refusal(status: int, reason: str) -> ServiceRefusal:
    """Moodle's answer: an empty list, the text in the status line."""
    return ServiceRefusal(status, "[]", reason)


def register(app: Flask) -> None:
    """Turn errors into answers."""

    @app.errorhandler(LmsError)
    def page(error: LmsError) -> ResponseReturnValue:
        return render_template("error.html", title=error.title, detail=error.detail), error.status

    @app.errorhandler(ServiceRefusal)
    def service(error: ServiceRefusal) -> ResponseReturnValue:
        return error.response()

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.get_response()
        return render_template("error.html", title=error.name, detail=error.description), error.code or 500
