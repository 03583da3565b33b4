"""The platforms' own keys: made once, kept, published, used to sign."""

import base64
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Blueprint, Response, jsonify

from tests.demo_lms import faults, platforms, store

blueprint = Blueprint("keys", __name__, url_prefix="/<any(moodle, canvas):platform>")


def ensure(platform: str) -> None:
    """Make the platform's first key if it has none."""
    if store.one("SELECT 1 FROM platform_key WHERE platform = ?", platform) is None:
        rotate(platform, keep_old=True)


def rotate(platform: str, keep_old: bool) -> str:
    """Make a new signing key and return its kid. Without ``keep_old`` earlier keys are no longer published."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    kid = secrets.token_hex(10)
    with store.transaction():
        if not keep_old:
            store.change("UPDATE platform_key SET published = 0 WHERE platform = ?", platform)
        store.change("INSERT INTO platform_key (platform, kid, private_pem) VALUES (?, ?, ?)", platform, kid, pem)
    return kid


def sign(platform: str, claims: dict[str, Any], headers: dict[str, Any] | None = None) -> str:
    """A JWT signed with RS256 by the platform's newest key. ``headers`` with None values are left out."""
    row = store.one("SELECT * FROM platform_key WHERE platform = ? ORDER BY id DESC LIMIT 1", platform)
    if row is None:
        raise LookupError(f"platform {platform} has no key")
    header = {"kid": row["kid"]} | (headers or {})
    header = {name: value for name, value in header.items() if value is not None}
    return jwt.encode(claims, row["private_pem"], algorithm="RS256", headers=header)


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@blueprint.get("/jwks")
@faults.endpoint("jwks")
def jwks() -> Response:
    """The platform's published keys. Counted, so that tests can see the tool's caching."""
    platform = platforms.current()
    store.count(platform.key, "jwks_fetches")
    published = []
    for row in store.every("SELECT * FROM platform_key WHERE platform = ? AND published = 1 ORDER BY id", platform.key):
        key = serialization.load_pem_private_key(row["private_pem"].encode(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("a platform key is always RSA")
        numbers = key.public_key().public_numbers()
        published.append(
            {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": row["kid"],
             "e": _number(numbers.e), "n": _number(numbers.n)}
        )  # fmt: skip
    return jsonify(keys=published)
