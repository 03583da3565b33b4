"""One call at a time to a platform that slows down parallel callers (Canvas), over all threads and processes.

A lock of this process and a key in Redis, which ends by itself should its holder die. Jobs come through Redis, so
while it is away there are hardly any to run beside each other; then the lock of this process is all there is.
"""

import secrets
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from workers.outgoing import CONNECT_SECONDS, SECONDS, Refused

HELD_SECONDS = CONNECT_SECONDS + SECONDS + 7  # longer than any call lasts
PATIENCE_SECONDS = 45.0
LOOK_SECONDS = 0.02


class Crowded(Refused):
    """Other calls to this platform left no turn for a long time. Nothing was sent."""


@dataclass
class Turn:
    """``rest``: seconds for which nobody calls the platform after this turn."""

    rest: float = 0.0


class Turns:
    """The turns of any platform. One per process; threads may share it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._locks: dict[uuid.UUID, threading.Lock] = {}

    @contextmanager
    def take(self, platform_id: uuid.UUID) -> Iterator[Turn]:
        """Wait for a turn and have it. Raises Crowded."""
        name, mark, turn = f"lqf:turn:{platform_id}", secrets.token_hex(8), Turn()
        with self._locks.setdefault(platform_id, threading.Lock()):
            self._wait(name, mark)
            try:
                yield turn
            finally:
                self._leave(name, mark, turn.rest)

    def _wait(self, name: str, mark: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._may_go(name, mark):
            if time.monotonic() > until:
                raise Crowded("This LMS takes one call at a time, and others were before this one.")
            time.sleep(LOOK_SECONDS)

    def _may_go(self, name: str, mark: str) -> bool:
        try:
            if self._redis.set(name, mark, nx=True, px=int(HELD_SECONDS * 1000)):
                return True
            self._redis.set(f"{name}:waiting", 1, px=1000)
        except RedisError:
            return True
        return False

    def _leave(self, name: str, mark: str, rest: float) -> None:
        try:
            if self._redis.get(name) != mark.encode():
                return
            if rest > 0:
                self._redis.pexpire(name, int(rest * 1000))
            else:
                self._redis.delete(name)
            is_waited_for = self._redis.delete(f"{name}:waiting")
        except RedisError:
            return  # it ends by itself
        if is_waited_for:
            time.sleep(2 * LOOK_SECONDS)  # else the one who has just left is always the first again
