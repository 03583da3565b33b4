"""Calls to a platform's services with its access token. A token the platform does not take is replaced once."""

import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from framework.store import service_hosts
from framework.store.columns import public_id
from framework.store.tables import Platform
from workers.outgoing import MOST_BYTES, Answer, Outgoing, Refused
from workers.tokens import REFUSED_SECONDS, NoToken, Tokens
from workers.turns import Turns

LOW_QUOTA = 100.0  # of Canvas's X-Rate-Limit-Remaining; a full bucket is 700, and ten flow in each second
SLOW_SECONDS = 1.0  # between two calls when it is just low
SLOWEST_SECONDS = 5.0  # when nothing remains


class NotGranted(Exception):
    """The platform's token lacks the scope for this call: somebody must switch the service on there."""


class HostRefused(Refused):
    """The service is on a host that is not allowed for this platform."""


class ServiceCalls:
    """Calls services of any platform. One per process; threads may share it.

    A platform with ``concurrency`` 1 gets one call at a time, whichever processes want to call it.
    """

    def __init__(self, outgoing: Outgoing, tokens: Tokens, turns: Turns) -> None:
        self._outgoing, self._tokens, self._turns = outgoing, tokens, turns
        self._slow_until: dict[uuid.UUID, float] = {}

    def call(
        self,
        platform: Platform,
        scopes: tuple[str, ...],
        needed: Iterable[str],
        method: str,
        url: str,
        *,
        accept: str | None = None,
        content_type: str | None = None,
        body: bytes | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """One call with a token for ``scopes``, of which one of ``needed`` must be granted.

        Raises NoToken (also when a new token is not taken either), NotGranted, or an OutgoingError: HostRefused for
        a service that is not on one of the platform's hosts.
        """
        _require_own_host(platform, url)
        headers = {name: value for name, value in (("Accept", accept), ("Content-Type", content_type)) if value}
        wanted = set(needed)
        for _ in range(2):
            token = self._tokens.token(platform, scopes)
            if not wanted & set(token.scopes):
                raise NotGranted
            authorised = headers | {"Authorization": f"Bearer {token.value}"}
            with self._turn(platform):
                answer = self._outgoing.request(method, url, headers=authorised, body=body, most_bytes=most_bytes)
                self._note_quota(platform.id, answer)
            if answer.status != 401:
                return answer
            self._tokens.drop(platform, scopes, token)
        reason = (
            "The LMS refuses this tool's access (status 401). Is the tool still active there, with its services on?"
        )
        raise NoToken("not_authorised", reason, REFUSED_SECONDS)

    @contextmanager
    def _turn(self, platform: Platform) -> Iterator[None]:
        if platform.concurrency > 1:
            self._be_slow(platform.id)
            yield
            return
        with self._turns.take(platform.id) as turn:
            self._be_slow(platform.id)
            yield
            turn.rest = max(0.0, self._slow_until.get(platform.id, 0.0) - time.monotonic())

    def _note_quota(self, platform_id: uuid.UUID, answer: Answer) -> None:
        try:
            remaining = float(answer.headers.get("X-Rate-Limit-Remaining", "inf"))
        except ValueError:
            return
        if remaining < LOW_QUOTA:
            emptiness = 1 - max(0.0, remaining) / LOW_QUOTA
            pause = SLOW_SECONDS + emptiness * (SLOWEST_SECONDS - SLOW_SECONDS)
            self._slow_until[platform_id] = time.monotonic() + pause

    def _be_slow(self, platform_id: uuid.UUID) -> None:
        pause = self._slow_until.get(platform_id, 0.0) - time.monotonic()
        if pause > 0:
            time.sleep(min(pause, SLOWEST_SECONDS))


def _require_own_host(platform: Platform, url: str) -> None:
    if not service_hosts.is_allowed(platform, url):
        host = service_hosts.host(url)[:100] or "an address without a host"
        raise HostRefused(
            f"The LMS names a service at {host}, which is not one of its own hosts, so it was not called. If it is "
            f"right, an administrator allows it: lqf platform allow-host {public_id('plt', platform.id)} {host}"
        )
