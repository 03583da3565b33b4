"""Errors as pages for the person who meets them. Everything else in this door raises and lets this module speak."""

import logging
import uuid

from flask import Flask, g
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from framework.errors import ToolError
from lti_tool.frame import show
from lti_tool.presenters import notices
from lti_tool.visit import VisitEnded

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Translate each error to a page, once."""
    app.register_error_handler(VisitEnded, _visit_ended)
    app.register_error_handler(ToolError, _tool_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unforeseen)


def _visit_ended(error: VisitEnded) -> ResponseReturnValue:
    return show("errors/error.html", notices.visit_ended(error.return_url or ""), error.status)


def _tool_error(error: ToolError) -> ResponseReturnValue:
    return show("errors/error.html", notices.error(error.status, str(error), _back()), error.status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status == 413:
        return show("errors/error.html", notices.error(status, "That was more than this page takes.", _back()), status)
    return show("errors/error.html", notices.error(status, "", _back()), status)


def _database_away(error: OperationalError) -> ResponseReturnValue:
    log.error("the database does not answer: %s", error.orig)
    return show("errors/error.html", notices.error(503, "", _back()), 503)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    reference = uuid.uuid4().hex[:12]
    log.error("unforeseen error, reference %s", reference, exc_info=error)
    return show("errors/error.html", notices.error(500, "", _back(), reference), 500)


def _back() -> str:
    visit = g.get("visit")
    return (visit.return_url or "") if visit else ""
