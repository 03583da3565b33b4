"""Who is asking: a bearer token, looked up against the client's row on every call, so revoking works at once."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import g, request

from api.arguments import StrictBlueprint
from api.door import door
from api.problems import Problem
from api.scopes import SCOPES
from api.signing import Expired, Forged
from framework.store import clients
from framework.store.tables import ApiClient

LIFETIME = 900  # seconds that a token is good for
SECURITY = "oauth"  # name of the scheme in the API description

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind this request, and the one tenant it may read."""

    client_id: str
    tenant_id: int
    scopes: frozenset[str]


def issue(client: ApiClient, scopes: list[str]) -> str:
    """A token for a client: its row, tenant, scopes and the row's token epoch."""
    payload = {"c": client.id.hex, "t": client.tenant_id, "s": scopes, "e": client.token_epoch}
    return door().tokens.seal(payload, LIFETIME)


def scoped(scope: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let a view run only for a token with this scope; says so in the API description."""
    assert scope in SCOPES, scope  # noqa: S101  # a view asked for a scope that nobody can be given

    def decorator(view: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(view)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            g.caller = _caller()
            if scope not in g.caller.scopes:
                raise _refused("scope_missing", f"This needs the scope {scope}.", "insufficient_scope", scope)
            return view(*args, **kwargs)

        documented: Any = StrictBlueprint.doc(security=[{SECURITY: [scope]}])(checked)
        return cast(Callable[_P, _R], documented)

    return decorator


def caller() -> Caller:
    """Who asks. Only inside a view that is ``scoped``."""
    return cast(Caller, g.caller)


def _caller() -> Caller:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise _refused("token_missing", "Send a token as Authorization: Bearer <token>.")
    try:
        token = door().tokens.open(given.token)
    except Expired:
        raise _refused("token_invalid", "The token has expired.", "invalid_token") from None
    except Forged:
        raise _refused("token_invalid", "The token was not made by this tool.", "invalid_token") from None
    with door().store.directory_reading() as session:
        client = clients.active(session, uuid.UUID(token["c"]))
    if client is None or client.token_epoch != token["e"] or client.tenant_id != token["t"]:
        raise _refused("token_invalid", "The token has been revoked.", "invalid_token")
    # a scope taken from the client is gone from its tokens too
    return Caller(client.client_id, client.tenant_id, frozenset(token["s"]) & frozenset(client.scopes))


def _refused(code: str, detail: str, error: str = "", scope: str = "") -> Problem:
    """A problem with its challenge (RFC 6750 section 3); a request without a token is told no error code."""
    challenge = 'Bearer realm="lqf"'
    if error:
        challenge += f', error="{error}", error_description="{detail}"'
    if scope:
        challenge += f', scope="{scope}"'
    return Problem(code, detail, headers={"WWW-Authenticate": challenge})
