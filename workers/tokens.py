"""Access tokens of the platforms (LTI Security Framework 1.0, 4.1: client credentials with a signed assertion).

One token per platform, token URL and set of scopes, kept in this process and, sealed, in Redis for the others. However
many threads and processes want one at once, one of them asks. Without Redis each process has a token of its own.
Tokens and assertions are never logged.
"""

import base64
import hashlib
import json
import logging
import secrets
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from redis import Redis
from redis.exceptions import RedisError

from framework.errors import Unavailable
from framework.settings import Settings
from framework.store import tool_keys
from framework.store.sessions import Store
from framework.store.tables import Platform
from workers import vocabulary
from workers.outgoing import Answer, BadAnswer, Outgoing, OutgoingError
from workers.retry_after import retry_after

MARGIN = 60  # seconds before its end at which a token is no longer used
KEY_SECONDS = 60  # how long the signing key is kept: `lqf key rotate` works without a restart
LOCK_SECONDS = 15  # longer than a token request may take
ASSERTION_SECONDS = 300
CLOCK_SECONDS = 5  # the assertion is this much older than now: some platforms refuse one from their future
USUAL_LIFE = 300  # where a platform does not say how long its token lives
REFUSED_SECONDS = 300.0
UNAVAILABLE_SECONDS = 30.0

log = logging.getLogger(__name__)


class NoToken(Exception):
    """There is no token now. ``wait``: seconds before it is worth asking again."""

    def __init__(self, code: str, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.code, self.reason, self.wait = code, reason, wait


@dataclass(frozen=True, slots=True)
class Token:
    """``scopes`` are those granted, which may be fewer than were asked for. ``until``: seconds since the epoch."""

    value: str = field(repr=False)
    scopes: tuple[str, ...]
    until: float

    @property
    def is_fresh(self) -> bool:
        return time.time() < self.until


class Tokens:
    """The tokens of one process. Threads may share it."""

    def __init__(self, settings: Settings, store: Store, outgoing: Outgoing, redis: Redis) -> None:
        self._secret = settings.secret_key.get_secret_value()
        self._base_url = settings.base_url
        self._store, self._outgoing, self._redis = store, outgoing, redis
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"lqf access tokens")
        self._seal = Fernet(base64.urlsafe_b64encode(derived.derive(self._secret.encode())))
        self._kept: dict[str, Token] = {}
        self._failed: dict[str, tuple[float, NoToken]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._signing: tuple[float, tool_keys.SigningKey] | None = None

    def token(self, platform: Platform, scopes: tuple[str, ...]) -> Token:
        """A token for these scopes, kept or new. Raises NoToken; for a while at once, after it was refused."""
        name = _name(platform, scopes)
        kept = self._kept.get(name)
        if kept is not None and kept.is_fresh:
            return kept
        with self._locks.setdefault(name, threading.Lock()):
            kept = self._kept.get(name) or self._shared(name)
            if kept is None or not kept.is_fresh:
                kept = self._alone(name, platform, scopes)
            self._kept[name] = kept
            return kept

    def fresh(self, platform: Platform, scopes: tuple[str, ...]) -> Token:
        """A token that is asked for now and kept nowhere, to see whether there is one. Raises NoToken."""
        return self._fetch(platform, scopes)

    def forget(self, platform: Platform, scopes: tuple[str, ...]) -> None:
        """Ask anew the next time, also after a refusal: somebody has changed a setting in the LMS."""
        name = _name(platform, scopes)
        with self._locks.setdefault(name, threading.Lock()):
            self._kept.pop(name, None)
            self._failed.pop(name, None)
            self._delete(name)

    def drop(self, platform: Platform, scopes: tuple[str, ...], token: Token) -> None:
        """Forget a token that the platform did not take, unless somebody has got a new one meanwhile."""
        name = _name(platform, scopes)
        with self._locks.setdefault(name, threading.Lock()):
            kept = self._kept.get(name)
            if kept is not None and kept.value == token.value:
                del self._kept[name]
            shared = self._shared(name)
            if shared is not None and shared.value == token.value:
                self._delete(name)

    def _delete(self, name: str) -> None:
        try:
            self._redis.delete(name)
        except RedisError:
            log.warning("Redis did not answer; a refused token may stay there until it ends")

    def _alone(self, name: str, platform: Platform, scopes: tuple[str, ...]) -> Token:
        """Fetch while no other process does, or take what the other one fetched."""
        until, error = self._failed.get(name, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise NoToken(error.code, error.reason, until - time.monotonic())
        mark = secrets.token_hex(8)
        deadline = time.monotonic() + LOCK_SECONDS
        while not self._may_fetch(name, mark):
            time.sleep(0.05)
            shared = self._shared(name)
            if shared is not None and shared.is_fresh:
                return shared
            if time.monotonic() > deadline:
                break  # better two tokens than none
        try:
            shared = self._shared(name)
            if shared is not None and shared.is_fresh:
                return shared
            token = self._fetch(platform, scopes)
            self._share(name, token)
        except NoToken as refused:
            self._failed[name] = (time.monotonic() + refused.wait, refused)
            raise
        finally:
            self._done(name, mark)
        self._failed.pop(name, None)
        return token

    def _fetch(self, platform: Platform, scopes: tuple[str, ...]) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": vocabulary.CLIENT_ASSERTION,
            "client_assertion": self._assertion(platform),
            "scope": " ".join(scopes),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._outgoing.request(
                "POST", platform.token_url, headers=headers, body=urlencode(form).encode(), most_bytes=100_000
            )
        except OutgoingError as error:
            raise NoToken("no_token", f"No access token from the LMS: {error}", UNAVAILABLE_SECONDS) from None
        if answer.status in (200, 201):
            return _read(answer, scopes)
        self._signing = None
        raise self._refusal(answer)

    def _assertion(self, platform: Platform) -> str:
        key = self._signing_key()
        issued = int(time.time()) - CLOCK_SECONDS
        claims = {
            "iss": platform.client_id,
            "sub": platform.client_id,
            "aud": platform.audience,
            "iat": issued,
            "exp": issued + ASSERTION_SECONDS,
            "jti": secrets.token_urlsafe(24),
        }
        return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.kid})

    def _signing_key(self) -> tool_keys.SigningKey:
        kept = self._signing
        if kept is not None and time.monotonic() < kept[0]:
            return kept[1]
        try:
            with self._store.directory_reading() as session:
                key = tool_keys.signing_key(session, self._secret)
        except Unavailable as error:
            raise NoToken("no_key", str(error), UNAVAILABLE_SECONDS) from None
        self._signing = (time.monotonic() + KEY_SECONDS, key)
        return key

    def _refusal(self, answer: Answer) -> NoToken:
        if answer.status == 429 or answer.status >= 500:
            wait = retry_after(answer.headers) or UNAVAILABLE_SECONDS
            return NoToken("no_token", f"The LMS gave no access token now (status {answer.status}).", wait)
        try:
            said = answer.json()
        except BadAnswer:
            said = None
        word = said.get("error") if isinstance(said, dict) else None
        if word == "invalid_scope":
            reason = f"The LMS does not allow this tool the service (status {answer.status}, invalid_scope)."
            return NoToken("scope_refused", reason, REFUSED_SECONDS)
        named = f", {word}" if isinstance(word, str) and word.isidentifier() and len(word) < 40 else ""
        reason = (
            f"The LMS refused this tool's request for access (status {answer.status}{named}). Is the tool active "
            f"there, and can the LMS fetch {self._base_url}/lti/jwks?"
        )
        return NoToken("not_authorised", reason, REFUSED_SECONDS)

    # --- the shared copy; Redis may be away at any moment

    def _shared(self, name: str) -> Token | None:
        try:
            sealed = self._redis.get(name)
        except RedisError:
            return None
        if not isinstance(sealed, bytes):
            return None
        try:
            value, scopes, until = json.loads(self._seal.decrypt(sealed))
        except (InvalidToken, ValueError):
            return None
        return Token(value, tuple(scopes), until)

    def _share(self, name: str, token: Token) -> None:
        seconds = int(token.until - time.time())
        if seconds <= 0:
            return
        sealed = self._seal.encrypt(json.dumps([token.value, token.scopes, token.until]).encode())
        try:
            self._redis.set(name, sealed, ex=seconds)
        except RedisError:
            log.warning("Redis did not answer; other processes will ask for tokens of their own")

    def _may_fetch(self, name: str, mark: str) -> bool:
        try:
            return bool(self._redis.set(f"{name}:lock", mark, nx=True, ex=LOCK_SECONDS))
        except RedisError:
            return True

    def _done(self, name: str, mark: str) -> None:
        try:
            if self._redis.get(f"{name}:lock") == mark.encode():
                self._redis.delete(f"{name}:lock")
        except RedisError:
            return  # it ends by itself


def _name(platform: Platform, scopes: tuple[str, ...]) -> str:
    """Never the issuer alone: two clients of one issuer have different tokens."""
    return _digested(platform.id, platform.client_id, platform.token_url, scopes)


@lru_cache(maxsize=1000)
def _digested(platform_id: uuid.UUID, client_id: str, token_url: str, scopes: tuple[str, ...]) -> str:
    whole = json.dumps([client_id, token_url, *sorted(scopes)])
    return f"lqf:token:{platform_id}:{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def _read(answer: Answer, asked: tuple[str, ...]) -> Token:
    """The token of an answer; content types lie (Moodle says text/html), so only the body counts."""
    try:
        said = answer.json()
    except BadAnswer:
        said = None
    value = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not 0 < len(value) < 10_000:
        raise NoToken("no_token", "The LMS answered the request for access without a token.", UNAVAILABLE_SECONDS)
    if " " in value or str(said.get("token_type", "Bearer")).lower() != "bearer":
        raise NoToken("no_token", "The LMS gave a token of an unknown kind.", REFUSED_SECONDS)
    scope = said.get("scope")
    granted = tuple(scope.split()) if isinstance(scope, str) else asked
    return Token(value, granted, time.time() + _life(said) - MARGIN)


def _life(said: Mapping[str, Any]) -> float:
    try:
        seconds = float(said.get("expires_in", USUAL_LIFE))
    except (TypeError, ValueError):
        return USUAL_LIFE
    return min(seconds, 86_400) if seconds > 0 else USUAL_LIFE
