"""A token that a platform has signed: who signed it, with which key, for whom, when.

LTI Security Framework 1.0 "Authentication Response Validation"; OpenID Connect Core 3.1.3.7. Launches and notices are
held to the same.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from jwt.utils import base64url_decode, base64url_encode

from framework.store.tables import Platform
from lti_tool.keys import ANSWER_SECONDS, PlatformKeys
from lti_tool.refusals import Refusal

LARGEST_TOKEN = 64 * 1024  # bytes
LEEWAY = 60  # seconds: clocks differ, and Moodle's tokens live for 60
OLDEST = 600  # seconds since iat
Clients = Callable[[], set[str]]  # all of this tool's client ids on an issuer
_SEGMENT = re.compile(rb"[A-Za-z0-9_-]*")


class _Segments(jwt.PyJWS):
    """PyJWT's reader, which looks at each character of a token in Python: where all is well a pattern does it.

    Should PyJWT rename the method, nothing changes but the time.
    """

    @staticmethod
    def _decode_base64url_segment(segment: bytes, name: str) -> bytes:
        if _SEGMENT.fullmatch(segment) and len(segment) % 4 != 1:
            decoded = base64url_decode(segment)
            if base64url_encode(decoded) == segment:
                return decoded
        return jwt.PyJWS._decode_base64url_segment(segment, name)  # and says what is wrong


class _Reader(jwt.PyJWT):
    def __init__(self) -> None:
        super().__init__()
        self._jws = _Segments()


_READER = _Reader()


def check_size(token: str) -> None:
    """Raise Refusal for a token that nobody would send."""
    if len(token) > LARGEST_TOKEN or not token.isascii():
        raise Refusal("token_malformed", f"{len(token)} characters")


def unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as the sender says, to find out whose keys decide. Raises Refusal."""
    check_size(token)
    try:
        said = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError) as error:  # the second: nested deeper than Python's reader goes
        raise Refusal("token_malformed", str(error)) from None
    return said["header"], said["payload"]


def claims(
    token: str, platform: Platform, keys: PlatformKeys, clients: Clients, seconds: float = ANSWER_SECONDS
) -> dict[str, Any]:
    """The claims of a token that this platform has signed for this tool, lately. Raises Refusal.

    ``seconds``: how long a fetch of the platform's keys may take, should one be needed.
    """
    header = _header(token)
    if header.get("alg") != "RS256":  # never the token's own choice
        raise Refusal("algorithm_refused", f"alg {str(header.get('alg'))[:40]!r}")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refusal("key_unknown", "no kid in the header")
    try:
        body: dict[str, Any] = _READER.decode(
            token,
            keys.key(platform, kid, seconds).key,
            algorithms=["RS256"],
            issuer=platform.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud"], "verify_aud": False},
        )
    except jwt.PyJWTError as error:
        raise Refusal(_code(error), str(error)) from None
    _check_audience(body, platform.client_id, clients)
    if body["iat"] < time.time() - OLDEST - LEEWAY:
        raise Refusal("token_expired", f"iat {body['iat']}")
    return body


def _header(token: str) -> Mapping[str, Any]:
    """The header alone, to find the key; PyJWT's own reader looks at every character of the claims as well."""
    try:
        header = json.loads(base64url_decode(token.partition(".")[0]))
    except (ValueError, RecursionError) as error:  # the second: nested deeper than Python's reader goes
        raise Refusal("token_malformed", str(error)) from None
    if not isinstance(header, dict):
        raise Refusal("token_malformed", "the header is no object")
    return header


def _check_audience(body: Mapping[str, Any], client_id: str, clients: Clients) -> None:
    """OpenID Connect Core 3.1.3.7: meant for us alone. Several audiences need azp, and azp must be us.

    The other audiences may only be further registrations of this tool on the same issuer.
    """
    audiences = body["aud"] if isinstance(body["aud"], list) else [body["aud"]]
    azp = body.get("azp")
    if audiences != [client_id] and not (client_id in audiences and azp == client_id):
        raise Refusal("audience_mismatch", f"aud {str(audiences)[:120]}, azp {str(azp)[:80]}")
    if azp is not None and azp != client_id:
        raise Refusal("audience_mismatch", f"azp {str(azp)[:80]}")
    if audiences != [client_id]:
        known = clients()
        if not all(isinstance(one, str) and one in known for one in audiences):
            raise Refusal("audience_mismatch", f"aud {str(audiences)[:120]} names strangers")


def _code(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError | jwt.ImmatureSignatureError):
        return "token_expired"
    if isinstance(error, jwt.InvalidIssuerError):
        return "issuer_mismatch"
    if isinstance(error, jwt.InvalidSignatureError):
        return "signature_invalid"
    if isinstance(error, jwt.MissingRequiredClaimError | jwt.InvalidIssuedAtError):
        return "claims_invalid"
    return "token_malformed"
