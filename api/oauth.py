"""``POST /oauth/token``: client credentials in, access token out (RFC 6749 section 4.4, errors as in section 5.2)."""

from typing import Any
from urllib.parse import unquote_plus

import marshmallow as ma
import structlog
from flask import Response, jsonify, request

from api.arguments import StrictBlueprint
from api.auth import LIFETIME, issue
from api.door import door
from api.schemas import AnswerSchema
from framework.store import clients
from framework.store.tables import ApiClient

FORM = "application/x-www-form-urlencoded"
_FIELDS = ("grant_type", "client_id", "client_secret", "scope")

log = structlog.get_logger(__name__)
blueprint = StrictBlueprint("Tokens", __name__, description="Access tokens for programs.")


class Refused(Exception):
    """A request for a token that is refused. ``error`` is RFC 6749's word."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class TokenSchema(AnswerSchema):
    """RFC 6749 section 5.1."""

    access_token = ma.fields.String(required=True)
    token_type = ma.fields.String(required=True, metadata={"enum": ["Bearer"]})
    expires_in = ma.fields.Integer(required=True, metadata={"description": "Seconds; 900."})
    scope = ma.fields.String(required=True, metadata={"description": "What the token allows, separated by spaces."})


class TokenErrorSchema(AnswerSchema):
    """RFC 6749 section 5.2."""

    error = ma.fields.String(
        required=True,
        metadata={"enum": ["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]},
    )
    error_description = ma.fields.String(required=True)


_BODY = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "scope": {"type": "string", "description": "Scopes separated by spaces; all granted if left out."},
                    "client_id": {"type": "string", "description": "Only when not sent with HTTP Basic."},
                    "client_secret": {"type": "string", "description": "Only when not sent with HTTP Basic."},
                },
            }
        }
    },
}


@blueprint.post("/oauth/token")
@blueprint.doc(operationId="getToken", requestBody=_BODY, security=[{"client": []}, {}])
@blueprint.response(200, TokenSchema)
@blueprint.alt_response(400, schema=TokenErrorSchema, description="The request cannot be granted.")
@blueprint.alt_response(401, schema=TokenErrorSchema, description="The client is unknown, revoked or its secret wrong.")
def token() -> Any:
    """Get an access token.

    Client credentials by HTTP Basic (`client_secret_basic`) or in the form (`client_secret_post`). The token lasts
    15 minutes, reads one tenant, and stops working at once when the client is revoked. It allows those of the scopes
    asked for that the client has been granted. There is no refresh token: ask again.
    """
    form = _form()
    client = _authenticate(form)
    if form.get("grant_type") != "client_credentials":
        raise Refused(*_wrong_grant(form.get("grant_type")))
    granted = _granted(client, form.get("scope"))
    body = {"access_token": issue(client, granted), "token_type": "Bearer", "expires_in": LIFETIME}
    return {**body, "scope": " ".join(granted)}, {"Cache-Control": "no-store", "Pragma": "no-cache"}


@blueprint.errorhandler(Refused)
def _refused(error: Refused) -> Response:
    response = jsonify(error=error.error, error_description=error.description)
    response.status_code = error.status
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
    if error.status == 401 and "Authorization" in request.headers:
        response.headers["WWW-Authenticate"] = 'Basic realm="lqf", charset="UTF-8"'
    return response


def _form() -> dict[str, str]:
    """The form. Secrets in an address end up in logs, so nothing is read from there."""
    if request.args:
        raise Refused("invalid_request", "Send the parameters in the body, not in the address.")
    if request.mimetype != FORM:
        raise Refused("invalid_request", f"Send the parameters as {FORM}.")
    repeated = [name for name in _FIELDS if len(request.form.getlist(name)) > 1]
    if repeated:
        raise Refused("invalid_request", f"{repeated[0]} is given more than once.")
    return {name: request.form[name] for name in _FIELDS if name in request.form}


def _authenticate(form: dict[str, str]) -> ApiClient:
    client_id, secret = _credentials(form)
    with door().store.directory_reading() as session:
        client = clients.verify(session, client_id, secret)
    if client is None:
        log.warning("token_refused", client_id=client_id[:40])
        raise Refused("invalid_client", "The client is unknown or revoked, or its secret is wrong.", 401)
    return client


def _credentials(form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret, by one way only (RFC 6749 section 2.3: never two)."""
    if "Authorization" not in request.headers:
        if "client_id" not in form or "client_secret" not in form:
            raise Refused("invalid_client", "Send client_id and client_secret, by HTTP Basic or in the form.", 401)
        return form["client_id"], form["client_secret"]
    given = request.authorization
    if given is None or given.type != "basic":
        raise Refused("invalid_client", "The Authorization header is not HTTP Basic.", 401)
    # section 2.3.1: both are form-encoded before they go into the header
    client_id, secret = unquote_plus(given.username or ""), unquote_plus(given.password or "")
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise Refused("invalid_request", "Send the client's credentials in one way only.")
    return client_id, secret


def _wrong_grant(grant: str | None) -> tuple[str, str]:
    if not grant:
        return "invalid_request", "grant_type is missing; it must be client_credentials."
    return "unsupported_grant_type", "Only client_credentials is supported."


def _granted(client: ApiClient, asked: str | None) -> list[str]:
    granted = sorted(client.scopes) if asked is None else sorted(set(asked.split()) & set(client.scopes))
    if not granted:
        raise Refused("invalid_scope", f"This client may ask for: {' '.join(sorted(client.scopes))}.")
    return granted
