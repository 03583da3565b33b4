"""Errors as pages for the person who meets them. Everything else in this door raises and lets this module speak."""

import logging
import uuid
from dataclasses import replace

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from framework.errors import ToolError, Unavailable
from lti_tool import sending
from lti_tool.frame import show
from lti_tool.presenters import notices
from lti_tool.presenters.notices import NoticePage
from lti_tool.visit import VisitEnded

log = logging.getLogger(__name__)


WRITTEN = ("text", "example", "comment")  # the fields of long texts


def register(app: Flask) -> None:
    """Translate each error to a page, once."""
    app.register_error_handler(VisitEnded, _visit_ended)
    app.register_error_handler(ToolError, _tool_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(IntegrityError, _at_once)
    app.register_error_handler(Exception, _unforeseen)


def _visit_ended(error: VisitEnded) -> ResponseReturnValue:
    if sending.by_script():
        return sending.not_kept(error)
    return _page(notices.visit_ended(error.return_url or ""), error.status)


def _tool_error(error: ToolError) -> ResponseReturnValue:
    if sending.by_script():
        return sending.not_kept(error)
    return _page(notices.error(error.status, str(error), _back()), error.status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status == 413:
        return _page(notices.error(status, "That was more than this page takes.", _back()), status)
    return _page(notices.error(status, "", _back()), status)


def _at_once(error: IntegrityError) -> ResponseReturnValue:
    """Two pages made the same row at the same moment, and this one came second: nothing of it was kept."""
    log.warning("two at once: %s", error.orig)
    said = "Another page of yours was saved at the same moment, and this one was not. Go back and send it again."
    if sending.by_script():
        return sending.not_kept(Unavailable(said))  # which a script tries again
    return _page(notices.error(409, said, _back()), 409)


def _database_away(error: OperationalError) -> ResponseReturnValue:
    log.error("the database does not answer: %s", error.orig)
    return _page(notices.error(503, "", _back()), 503)


def _unforeseen(error: Exception) -> ResponseReturnValue:
    reference = uuid.uuid4().hex[:12]
    log.error("unforeseen error, reference %s", reference, exc_info=error)
    return _page(notices.error(500, "", _back(), reference), 500)


def _page(page: NoticePage, status: int) -> ResponseReturnValue:
    return show("errors/error.html", replace(page, typed=_typed()), status)


def _typed() -> tuple[str, ...]:
    """The long texts of the form that was sent, so that an error loses nothing; of this tool's own pages alone."""
    if request.method != "POST" or request.headers.get("Origin") != current_app.config["LQF"].origin:
        return ()
    try:
        return tuple(text for name in WRITTEN if (text := request.form.get(name, "").strip()))
    except HTTPException:  # too much was sent, or nothing that can be read
        return ()


def _back() -> str:
    visit = g.get("visit")
    return (visit.return_url or "") if visit else ""
