"""The page for people: the API description, shown by Swagger UI from our own files. No other host is asked."""

import secrets
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Blueprint, Response, make_response, render_template, send_from_directory, url_for

from api.auth import SECURITY
from api.door import MOUNT
from api.scopes import SCOPES
from framework.errors import NotFound

TITLE = "Leadership Qualities API"
_FILES = Path(flask_swagger_ui.__file__).parent / "dist"
_NAMES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_DAY = 24 * 3600

CONVENTIONS = """\
What learners have done, for the programs of an organisation's administrators.

**Tokens.** An administrator makes a client with `lqf client create`. Exchange its id and secret at
`/api/oauth/token` for a token that lasts 15 minutes, and send it as `Authorization: Bearer`. A token reads one tenant;
what belongs to another is not found.

**Lists.** `limit` is 100 unless you ask for 1 to 1000. While `page.has_more` is true, ask again with the same filters
and `cursor` set to `page.next_cursor`, or follow the `Link` header. Cursors are opaque and good for 24 hours.

**Errors** are problem documents (RFC 9457). `code` is stable, `errors` names each wrong field, and `request_id` is
what to quote when you report one. Unknown parameters are refused, not ignored. Only the token endpoint answers in the
form of RFC 6749.

**What may be added.** New fields, new values of `status`, `state` and `type`, and new endpoints come without a new
version. Ignore what you do not know. Nothing is taken away within `/v1`.

**Times** are UTC with Z. Ids are opaque and never used twice. Each answer with personal data is recorded: which
client, which scope, which filters, how many people.
"""

blueprint = Blueprint("documentation", __name__)


def describe() -> dict[str, Any]:
    """What the API description says beside its paths and schemas."""
    flow = {"clientCredentials": {"tokenUrl": f"{MOUNT}/oauth/token", "scopes": SCOPES}}
    return {
        "servers": [{"url": MOUNT}],
        "info": {"description": CONVENTIONS},
        "components": {
            "securitySchemes": {
                SECURITY: {"type": "oauth2", "flows": flow},
                "client": {"type": "http", "scheme": "basic", "description": "A client's id and secret."},
            }
        },
    }


@blueprint.get("/docs")
def page() -> Response:
    """Show the description."""
    nonce = secrets.token_urlsafe(16)
    description = url_for("api-docs.openapi_json")
    response = make_response(render_template("docs.html", title=TITLE, nonce=nonce, description=description))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


@blueprint.get("/docs/assets/<name>")
def asset(name: str) -> Response:
    """One of the page's files."""
    if name not in _NAMES:
        raise NotFound("There is no such file.")
    return send_from_directory(_FILES, name, max_age=_DAY)
