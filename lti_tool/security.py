"""Headers of every page: who may frame it, what it may load, that nobody keeps it."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g

# A page without a visit shows no data and takes no action, so any LMS may show it in its frame.
ANYONE = ("*",)


def nonce() -> str:
    """The nonce of this response's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def allow_form_to(url: str) -> None:
    """Let this page's form post to an LMS (the deep linking answer)."""
    parts = urlsplit(url)
    g.form_action = f"{parts.scheme}://{parts.netloc}"


def protect(app: Flask) -> None:
    """Set the headers on every response and offer ``csp_nonce`` to templates."""
    app.after_request(_headers)
    app.add_template_global(nonce, "csp_nonce")


def _headers(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    # no-referrer would make the Origin of own posts "null"
    response.headers["Referrer-Policy"] = "same-origin"
    if current_app.config["LQF"].base_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html" and response.location is None:
        response.headers["Content-Security-Policy"] = _policy()
    return response


def _policy() -> str:
    visit = g.get("visit")
    ancestors = visit.frame_ancestors if visit is not None else g.get("frame_ancestors", ANYONE)
    directives = {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": f"'self' 'nonce-{nonce()}'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": " ".join(["'self'", *([g.form_action] if "form_action" in g else [])]),
        "frame-ancestors": " ".join(ancestors) or "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())
