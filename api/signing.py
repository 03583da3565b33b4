"""Texts that clients keep for us and cannot make: access tokens and cursors. Each kind has a key of its own."""

import hashlib
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from framework.store.sessions import now


class Forged(Exception):
    """The text was not made here, or was changed on its way."""


class Expired(Exception):
    """The text was made here, too long ago."""


class Signer:
    """Seals small JSON objects with a key derived from LQF_SECRET_KEY and ``purpose`` (HMAC-SHA256)."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            secret, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )

    def seal(self, payload: dict[str, Any], seconds: int) -> str:
        """The text for a payload that is good for so many seconds."""
        # The end is written, not the start: two hosts' clocks differ, and a token from the future is no fault.
        return str(self._serializer.dumps({**payload, "exp": int(now().timestamp()) + seconds}))

    def open(self, text: str) -> dict[str, Any]:
        """The payload of a text. Raises Forged or Expired."""
        try:
            payload = self._serializer.loads(text)
        except BadData:
            raise Forged from None
        if not isinstance(payload, dict) or not isinstance(payload.get("exp"), int):
            raise Forged
        if payload["exp"] <= now().timestamp():
            raise Expired
        return payload
