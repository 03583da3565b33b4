"""The platforms' public keys: from memory, from the platform's row, or fetched once on a miss.

LTI Security Framework 1.0, "Key Set URL"; RFC 7517. This is one of the two places where a web request may wait for
an LMS: on the first launch, and when a platform signs with a key it has not shown before.
"""

import logging
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt

from framework.store.sessions import Store, now
from framework.store.tables import Platform
from lti_tool.refusals import Refusal
from workers.outgoing import Outgoing, OutgoingError

REFETCH_SECONDS = 30  # an unknown kid fetches the set at most this often, or anybody could make us flood an LMS
STALE = timedelta(hours=24)  # how long kept keys serve while the LMS does not answer

log = logging.getLogger(__name__)


class PlatformKeys:
    """Finds the key that a platform signed with. One per process; threads may share it."""

    def __init__(self, store: Store, outgoing: Outgoing) -> None:
        self._store = store
        self._outgoing = outgoing
        self._keys: dict[uuid.UUID, Mapping[str, jwt.PyJWK]] = {}
        self._refetched: dict[uuid.UUID, float] = {}

    def key(self, platform: Platform, kid: str) -> jwt.PyJWK:
        """The key with this kid. Raises Refusal key_unknown or keys_unreachable."""
        kept = self._keys.get(platform.id)
        if kept is not None and kid in kept:
            return kept[kid]
        stored = _usable(platform.jwks or {})
        if kid in stored:
            self._keys[platform.id] = stored
            return stored[kid]
        fetched = self._fetch(platform, is_first=platform.jwks is None)
        if kid not in fetched:
            raise Refusal("key_unknown", f"kid {kid[:80]!r}")
        return fetched[kid]

    def _fetch(self, platform: Platform, *, is_first: bool) -> Mapping[str, jwt.PyJWK]:
        at = time.monotonic()
        if not is_first and at - self._refetched.get(platform.id, -REFETCH_SECONDS) < REFETCH_SECONDS:
            return self._keys.get(platform.id) or _usable(platform.jwks or {})
        if not is_first:
            self._refetched[platform.id] = at
        try:
            document = self._outgoing.get_json(platform.jwks_url)
        except OutgoingError as error:
            log.warning("key set of platform %s not fetched: %s", platform.id, error)
            fresh_enough = platform.jwks_at is not None and now() - platform.jwks_at < STALE
            if fresh_enough:
                return _usable(platform.jwks or {})
            raise Refusal("keys_unreachable", str(error)) from None
        usable = _usable(document if isinstance(document, dict) else {})
        if not usable:
            raise Refusal("keys_unreachable", "the key set holds no usable RSA key")
        with self._store.directory() as session:
            row = session.get_one(Platform, platform.id)
            row.jwks, row.jwks_at = {"keys": [_public(one) for one in document["keys"]]}, now()
        self._keys[platform.id] = usable
        return usable


def _usable(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The RSA signing keys of a set, by kid. Some platforms leave out ``alg`` and ``use``; foreign keys are skipped."""
    keys = document.get("keys")
    usable = {}
    for one in keys[:50] if isinstance(keys, list) else ():
        fits = isinstance(one, dict) and one.get("kty") == "RSA" and isinstance(one.get("kid"), str)
        if not fits or one.get("use", "sig") != "sig" or one.get("alg", "RS256") != "RS256":
            continue
        try:
            usable[one["kid"]] = jwt.PyJWK(_public(one), algorithm="RS256")
        except jwt.PyJWTError:
            log.warning("a platform's key cannot be read: %s", one["kid"][:80])
    return usable


def _public(one: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a public RSA key consists of is kept."""
    return {name: one[name] for name in ("kty", "n", "e", "kid", "alg", "use") if name in one}
