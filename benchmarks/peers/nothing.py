"""Two Flask views that read the same forms and do nothing: what a launch cannot be faster than."""

from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix


def application() -> Any:
    """The WSGI application."""
    app = Flask("nothing")

    @app.post("/login/")
    def login() -> Response:
        where = f"https://lms.bench.example/auth?nonce=n&state={request.form['login_hint']}"
        return Response(status=302, headers={"Location": where})

    @app.post("/launch/")
    def launch() -> str:
        return f"{len(request.form['id_token'])}"

    return ProxyFix(app, x_for=1, x_proto=1, x_host=1)
