"""The platforms' public keys: from memory, from the platform's row, or fetched once on a miss.

LTI Security Framework 1.0, "Key Set URL"; RFC 7517. This is one of the two places where a web request may wait for
an LMS: on the first launch, and when a platform signs with a key it has not shown before.
"""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import jwt

from framework.store.sessions import Store, now
from framework.store.tables import Platform
from lti_tool.refusals import Refusal
from workers.outgoing import Outgoing, OutgoingError

REFETCH_SECONDS = 30  # an unknown kid fetches the set at most this often, or anybody could make us flood an LMS
FRESH = timedelta(hours=6)  # how long keys serve without a look whether the LMS has withdrawn them
STALE = timedelta(hours=24)  # how long kept keys serve while the LMS does not answer
ANSWER_SECONDS = 4.0  # a person waits
MOST_KEYS = 50

log = logging.getLogger(__name__)


class PlatformKeys:
    """Finds the key that a platform signed with. One per process; threads may share it."""

    def __init__(self, store: Store, outgoing: Outgoing) -> None:
        self._store = store
        self._outgoing = outgoing
        self._read: dict[uuid.UUID, tuple[datetime | None, Mapping[str, jwt.PyJWK]]] = {}
        self._looked: dict[uuid.UUID, float] = {}
        self._locks: defaultdict[uuid.UUID, threading.Lock] = defaultdict(threading.Lock)

    def key(self, platform: Platform, kid: str, seconds: float = ANSWER_SECONDS) -> jwt.PyJWK:
        """The key with this kid; the LMS may take ``seconds``. Raises Refusal key_unknown or keys_unreachable."""
        kept, age = self._kept(platform, platform.jwks, platform.jwks_at), _age(platform)
        if kid in kept and age < FRESH:
            return kept[kid]
        found = self._renewed(platform, kept, seconds)
        if kid not in found:
            raise Refusal("key_unknown", f"kid {kid[:80]!r}")
        return found[kid]

    def _kept(
        self, platform: Platform, document: Mapping[str, Any] | None, at: datetime | None
    ) -> Mapping[str, jwt.PyJWK]:
        """The keys of the platform's row, read once for each time that they were fetched."""
        if self._read.get(platform.id, (None, {}))[0] != at or at is None:
            self._read[platform.id] = (at, _usable(document or {}))
        return self._read[platform.id][1]

    def _renewed(self, platform: Platform, kept: Mapping[str, jwt.PyJWK], seconds: float) -> Mapping[str, jwt.PyJWK]:
        """The set as the LMS has it now. Of many who miss a key at once, one asks and the others wait for it.

        A set that has never been fetched is fetched at once, and does not start the 30 seconds if that works.
        """
        lock = self._locks[platform.id]
        if not lock.acquire(timeout=seconds):
            raise Refusal("keys_unreachable", "the key set is still being fetched")
        try:
            return self._looked_up(platform, kept, seconds)
        finally:
            lock.release()

    def _looked_up(self, platform: Platform, kept: Mapping[str, jwt.PyJWK], seconds: float) -> Mapping[str, jwt.PyJWK]:
        with self._store.directory_reading() as session:
            row = session.get_one(Platform, platform.id)
            if row.jwks_at != platform.jwks_at:  # somebody else has just asked
                return self._kept(platform, row.jwks, row.jwks_at)
        at = monotonic()
        is_due = at - self._looked.get(platform.id, -REFETCH_SECONDS) >= REFETCH_SECONDS
        if is_due:
            fetched = self._fetch(row, seconds)
            if fetched is None or platform.jwks is not None:
                self._looked[platform.id] = at
            if fetched is not None:
                return fetched
        if platform.jwks is None or _age(platform) >= STALE:
            raise Refusal("keys_unreachable", "the key set could not be fetched")
        return kept

    def _fetch(self, platform: Platform, seconds: float) -> Mapping[str, jwt.PyJWK] | None:
        """The platform's keys, fetched and kept; None when it does not answer with a usable set."""
        try:
            document = self._outgoing.get_json(platform.jwks_url, seconds=seconds)
        except OutgoingError as error:
            log.warning("key set of platform %s not fetched: %s", platform.id, error)
            return None
        usable = _usable(document if isinstance(document, dict) else {})
        if not usable:
            log.warning("key set of platform %s holds no usable RSA key", platform.id)
            return None
        with self._store.directory() as session:
            row = session.get_one(Platform, platform.id)
            row.jwks, row.jwks_at = {"keys": [_public(one) for one in document["keys"][:MOST_KEYS]]}, now()
            at = row.jwks_at
        self._read[platform.id] = (at, usable)
        return usable


def _age(platform: Platform) -> timedelta:
    return now() - platform.jwks_at if platform.jwks_at is not None else STALE


def _usable(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The RSA signing keys of a set, by kid. Some platforms leave out ``alg`` and ``use``; foreign keys are skipped."""
    keys = document.get("keys")
    usable = {}
    for one in keys[:MOST_KEYS] if isinstance(keys, list) else ():
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
