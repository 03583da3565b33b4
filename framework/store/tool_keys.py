"""This tool's signing keys: made here, sealed at rest, published as a JWK set.

States: next (published, not yet used), active (signs; exactly one per purpose), retired (published until nobody can
still hold something it signed). ``rotate`` takes the step that is due; whatever step was the last, what is signed can
be verified with the published set.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from framework.errors import Unavailable
from framework.store.sessions import now
from framework.store.tables import ToolKey

LTI = "lti"
NEXT, ACTIVE, RETIRED = "next", "active", "retired"
AHEAD = timedelta(hours=24)  # how long a key is published before it signs: LMSs keep key sets for hours
AFTER = timedelta(hours=24)  # how long a retired key stays published: longer than anything it signed is valid


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key ready to sign RS256 with its ``kid`` (RFC 7638 thumbprint)."""

    kid: str
    private_key: rsa.RSAPrivateKey


def ensure(session: Session, secret: str, purpose: str = LTI) -> None:
    """Make the first key of a purpose when there is none."""
    if session.scalar(sa.select(ToolKey.kid).where(ToolKey.purpose == purpose).limit(1)) is None:
        session.add(_new(secret, purpose, ACTIVE, now()))


def signing_key(session: Session, secret: str, purpose: str = LTI) -> SigningKey:
    """The active key. Raises Unavailable when there is none or LQF_SECRET_KEY cannot open it."""
    row = session.scalar(
        sa.select(ToolKey)
        .where(ToolKey.purpose == purpose, ToolKey.state == ACTIVE)
        .order_by(ToolKey.activated_at.desc())
        .limit(1)
    )
    if row is None:
        raise Unavailable("This tool has no signing key yet. Run `lqf migrate`.")
    try:
        pem = _sealer(secret).decrypt(row.sealed_private_key.encode())
    except InvalidToken:
        raise Unavailable("LQF_SECRET_KEY does not open the stored keys: is it the one they were made with?") from None
    # The key was validated when it was made; validating again costs 67 ms at each load.
    key = serialization.load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Unavailable(f"The stored key {row.kid} is not an RSA key.")
    return SigningKey(row.kid, key)


def jwk_set(session: Session, purpose: str = LTI) -> dict[str, Any]:
    """The public JWK set (RFC 7517): every key of the purpose, in any state."""
    rows = session.scalars(sa.select(ToolKey).where(ToolKey.purpose == purpose).order_by(ToolKey.created_at))
    return {"keys": [row.public_jwk for row in rows]}


@dataclass(frozen=True, slots=True)
class Rotation:
    """What ``rotate`` did, by kid; None where nothing. ``usable_from``: when the waiting key may be activated."""

    published: str | None = None
    activated: str | None = None
    retired: str | None = None
    removed: tuple[str, ...] = ()
    usable_from: datetime | None = None


def rotate(session: Session, secret: str, *, at: datetime, ahead: timedelta = AHEAD, purpose: str = LTI) -> Rotation:
    """Take the next step of a rotation: publish a next key; once it has been published for ``ahead``, activate it
    and retire the active one. Keys retired longer than AFTER are removed at each call. Raises Unavailable when there
    is no key at all.
    """
    rows = session.scalars(
        sa.select(ToolKey).where(ToolKey.purpose == purpose).order_by(ToolKey.created_at).with_for_update()
    ).all()
    active = next((row for row in rows if row.state == ACTIVE), None)
    if active is None:
        raise Unavailable("This tool has no signing key yet. Run `lqf migrate`.")
    removed = [row for row in rows if row.retired_at is not None and at - row.retired_at > AFTER]
    for row in removed:
        session.delete(row)
    gone = tuple(row.kid for row in removed)
    waiting = next((row for row in rows if row.state == NEXT), None)
    published = None
    if waiting is None:
        waiting = _new(secret, purpose, NEXT, at)
        published = waiting.kid
        session.add(waiting)
        session.flush()
    if waiting.created_at + ahead > at:
        return Rotation(published=published, removed=gone, usable_from=waiting.created_at + ahead)
    active.state, active.retired_at = RETIRED, at
    waiting.state, waiting.activated_at = ACTIVE, at
    return Rotation(published=published, activated=waiting.kid, retired=active.kid, removed=gone)


def keys(session: Session) -> Sequence[ToolKey]:
    """Every key of every purpose, oldest first. ``sealed_private_key`` is for nobody's eyes."""
    return session.scalars(sa.select(ToolKey).order_by(ToolKey.purpose, ToolKey.created_at)).all()


def _new(secret: str, purpose: str, state: str, at: datetime) -> ToolKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    # RFC 7638: the required members alone, in lexical order, without white space
    thumb = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    kid = base64.urlsafe_b64encode(hashlib.sha256(thumb.encode()).digest()).rstrip(b"=").decode()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ToolKey(
        kid=kid,
        purpose=purpose,
        sealed_private_key=_sealer(secret).encrypt(pem).decode(),
        public_jwk={"kty": "RSA", "n": public["n"], "e": public["e"], "kid": kid, "alg": "RS256", "use": "sig"},
        state=state,
        created_at=at,
        activated_at=at if state == ACTIVE else None,
    )


def _sealer(secret: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"lqf tool keys").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
