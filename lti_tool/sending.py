"""How an answer is sent: with the version that it replaces, by a form or by script. Script reads JSON."""

from flask import Response, g, jsonify, request

from framework.errors import Invalid, ToolError
from lti_tool.presenters.conflict import REPLACES
from lti_tool.visit import Visit

LONGEST_VERSION = 9  # digits


def replaces() -> int | None:
    """The version that the sent form was made for; None where it says nothing. Raises Invalid for anything else."""
    given = request.form.get(REPLACES, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit()) or len(given) > LONGEST_VERSION:
        raise Invalid("This page is not as it was made. Reload it and try again.")
    return int(given)


def by_script() -> bool:
    """Whether the answer was sent by script, which keeps the page and reads JSON."""
    return request.accept_mimetypes.best == "application/json"


def kept(version: int) -> Response:
    """An answer is stored: its version, and in how many seconds the visit ends."""
    here: Visit = g.visit
    return jsonify(version=version, closes_in=here.closes_in)


def not_kept(error: ToolError) -> Response:
    """An answer is not stored, and why; ``code`` is that of the error."""
    response = jsonify(error=str(error), code=error.code)
    response.status_code = error.status
    return response
