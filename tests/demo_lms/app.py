"""The WSGI application of the demo LMS."""

import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from tests.demo_lms import (
    access_tokens,
    activity_settings,
    ags_canvas,
    ags_moodle,
    course,
    deep_linking,
    doors,
    front,
    gradebook_pages,
    keys,
    nrps,
    oidc,
    people,
    platforms,
    refusals,
    scores_canvas,
    scores_moodle,
    sign_in,
    store,
)
from tests.demo_lms.config import Config

BLUEPRINTS = (
    front.blueprint,
    course.blueprint,
    activity_settings.blueprint,
    gradebook_pages.blueprint,
    oidc.blueprint,
    deep_linking.blueprint,
    keys.blueprint,
    access_tokens.blueprint,
    ags_moodle.blueprint,
    scores_moodle.blueprint,
    ags_canvas.blueprint,
    scores_canvas.blueprint,
    nrps.blueprint,
    doors.blueprint,
)
LARGEST_BODY = 1_000_000


def create_app(config: Config) -> Flask:
    """The LMS with its data in ``config.data_dir``; makes tables, people and keys at first start."""
    app = Flask(__name__)
    app.extensions["config"] = config
    app.extensions["store"] = store.Store(config.data_dir)
    app.extensions["platforms"] = platforms.all_platforms(config)
    with app.app_context():
        app.secret_key = store.server_secret()
        store.forget_old()
        people.seed()
        for platform in app.extensions["platforms"]:
            keys.ensure(platform)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        # Cookies know no ports: several demo LMSs on one machine must not share a name.
        SESSION_COOKIE_NAME=f"demo_lms_{urlsplit(config.public_url).port or 80}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.public_url.startswith("https:"),
        PERMANENT_SESSION_LIFETIME=datetime.timedelta(days=1),
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    refusals.register(app)
    app.teardown_appcontext(store.close)
    app.url_value_preprocessor(_enter_platform)
    app.url_defaults(_stay_on_platform)
    app.after_request(_protect)
    app.context_processor(_for_every_page)
    app.add_template_filter(_points, "points")
    return app


def _enter_platform(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Views find their platform in ``platforms.current()``; they take no ``platform`` argument."""
    key = (values or {}).pop("platform", None)
    if key is not None:
        g.platform = platforms.by_key(key)


def _stay_on_platform(endpoint: str, values: dict[str, Any]) -> None:
    if "platform" in g and current_app.url_map.is_endpoint_expecting(endpoint, "platform"):
        values.setdefault("platform", g.platform.key)


def _protect(response: Response) -> Response:
    """Pages may frame only this LMS and the tool, and may be framed only by this LMS."""
    config: Config = current_app.extensions["config"]
    if response.mimetype == "text/html":
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; frame-src 'self' {config.tool_url}; form-action 'self' {config.tool_url};"
            " frame-ancestors 'self'; base-uri 'none'; object-src 'none'",
        )
        response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _for_every_page() -> dict[str, Any]:
    in_platform = "platform" in g
    return {
        "platform": g.platform if in_platform else None,
        "me": sign_in.person() if in_platform else None,
        "form_key": sign_in.form_key,
        "framed": request.headers.get("Sec-Fetch-Dest") == "iframe",
    }


def _points(value: float) -> str:
    """A grade as people read it: at most two decimals, none for whole points."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
