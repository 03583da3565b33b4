"""Puts the door together: configuration, blueprints, error answers, headers."""

from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_smorest import Api

from api import awards, changes, documentation, grades, index, oauth, people, problems, progress
from api.door import Door, install, make
from api.schemas import Instant, ProblemSchema, PublicId
from framework.settings import Settings
from framework.store.columns import new_id, public_id
from framework.store.sessions import Store

LARGEST = 64 * 1024  # bytes of a request's body; a token request has 300

HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class ProblemApi(Api):
    """flask-smorest's Api, whose errors are problem documents."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to ``api.problems``."""

    def _register_responses(self) -> None:
        """Describe errors with their own media type; the answers of views keep theirs."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = problems.MEDIA_TYPE
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_pagination_header(self) -> None:
        """Pages are described by ``api.schemas``; flask-smorest's own kind is not used."""


def create_app(settings: Settings, store: Store) -> Flask:
    """The application, to be mounted under ``/api``. Nothing connects before the first request."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        API_TITLE=documentation.TITLE,
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="v1/openapi.json",
        API_SPEC_OPTIONS=documentation.describe(),
        MAX_CONTENT_LENGTH=LARGEST,
    )
    made = make(settings, store)
    install(app.extensions, made)
    problems.register(app)
    _register_views(app)
    _register_edges(app, made)
    return app


def _register_views(app: Flask) -> None:
    described = ProblemApi(app)
    described.register_field(PublicId, "string", None)
    described.register_field(Instant, "string", "date-time")
    described.register_field(changes.Seq, "string", None)
    for blueprint in (
        oauth.blueprint,
        progress.blueprint,
        grades.blueprint,
        people.blueprint,
        awards.blueprint,
        changes.blueprint,
        index.blueprint,
    ):
        described.register_blueprint(blueprint)
    app.register_blueprint(documentation.blueprint)


def _register_edges(app: Flask, made: Door) -> None:
    """What each request begins with and each answer ends with."""
    secure: dict[str, Any] = {}
    if made.settings.base_url.startswith("https://"):
        secure["Strict-Transport-Security"] = "max-age=31536000"

    @app.before_request
    def _() -> None:
        # lqf.py may have named the request already, so that both doors write the same id into their logs
        g.request_id = request.environ.get("lqf.request_id") or public_id("req", new_id())
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _(response: Response) -> Response:
        for name, value in {**HEADERS, **secure, "X-Request-ID": g.request_id}.items():
            response.headers.setdefault(name, value)
        return response
