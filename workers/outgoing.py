"""The only module that opens connections to foreign servers: guarded addresses, timeouts, size cap, no redirects.

Connections are kept alive per host. Every failure is one of the errors below, and says by ``may_have_arrived``
whether the server may have acted on the request all the same.
"""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from framework.settings import Settings, SettingsError
from workers.addresses import Forbidden, Guard
from workers.connections import Watch, guarded_pools

CONNECT_SECONDS = 3.0
SECONDS = 10.0  # a whole exchange, once connected
MOST_BYTES = 1_000_000
CHUNK = 65_536


class OutgoingError(Exception):
    """No usable answer. ``str(error)`` names the cause for an administrator, without what was sent."""

    may_have_arrived = False


class Refused(OutgoingError):
    """This tool does not call that URL."""


class Unreached(OutgoingError):
    """No connection: nothing was sent."""


class TimedOut(OutgoingError):
    """Sent, and no whole answer in time."""

    may_have_arrived = True


class Broken(OutgoingError):
    """The connection ended in the middle."""

    may_have_arrived = True


class TooLarge(OutgoingError):
    """The answer is larger than any honest one."""

    may_have_arrived = True


class BadAnswer(OutgoingError):
    """The server answered, but with something else than what was asked for."""

    may_have_arrived = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered. Header names are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises BadAnswer."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise BadAnswer("The answer is not JSON.") from None


class Outgoing:
    """Calls foreign servers. One per process; threads may share it. Connects lazily, so a server may fork first."""

    def __init__(self, settings: Settings, *, connections_per_host: int = 16) -> None:
        self._guard = Guard(settings)
        self._agent = f"LQF (+{settings.base_url})"
        self._watch = Watch()
        options: dict[str, Any] = {
            "num_pools": 100,
            "maxsize": connections_per_host,
            "retries": False,
            "ssl_context": _tls(settings.ca_file),
        }
        self._direct = urllib3.PoolManager(**options)
        self._direct.pool_classes_by_scheme = guarded_pools(self._guard, self._watch, CONNECT_SECONDS)
        self._proxy = urllib3.ProxyManager(settings.https_proxy, **options) if settings.https_proxy else None

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """One exchange, of any status; redirects are answers like others. Raises an OutgoingError."""
        deadline = time.monotonic() + CONNECT_SECONDS + seconds
        try:
            self._guard.check(url)
            response = self._pools(url).urlopen(
                method,
                url,
                body=body,
                headers={"User-Agent": self._agent, "Accept-Encoding": "identity", **(headers or {})},
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds),
                redirect=False,
                retries=False,
                preload_content=False,
            )
            assert isinstance(response, urllib3.HTTPResponse)  # noqa: S101  # the other kind is of WebAssembly
            return Answer(response.status, response.headers, _read(response, deadline, most_bytes))
        except Forbidden as error:
            raise Refused(str(error)) from None
        except (HTTPError, OSError) as error:
            raise _named(error) from None

    def get_json(self, url: str, *, accept: str = "application/json", seconds: float = 5.0) -> Any:
        """The JSON document at a URL. Raises an OutgoingError, also for any status but 200."""
        answer = self.request("GET", url, headers={"Accept": accept}, seconds=seconds)
        if answer.status != 200:
            raise BadAnswer(f"The server answered with status {answer.status}.")
        return answer.json()

    def close(self) -> None:
        """Close all kept connections."""
        self._direct.clear()
        if self._proxy is not None:
            self._proxy.clear()

    def _pools(self, url: str) -> urllib3.PoolManager:
        """Through the proxy, if there is one: it resolves the name then, and is the one to guard the way."""
        return self._proxy if self._proxy is not None and url.startswith("https:") else self._direct


def _read(response: urllib3.HTTPResponse, deadline: float, most_bytes: int) -> bytes:
    parts, size = [], 0
    try:
        while part := response.read1(CHUNK):  # what is there; ``read`` would wait for a full chunk
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise TooLarge(f"The answer is larger than {most_bytes:,} bytes.")
            if time.monotonic() > deadline:
                raise TimedOut("The answer took too long.")
    except BaseException:
        response.close()  # what is left unread would be taken for the next answer
        raise
    response.release_conn()
    return b"".join(parts)


def _named(error: Exception) -> OutgoingError:
    """urllib3's error as one of ours. Its texts hold URLs and addresses, and are not passed on."""
    if isinstance(error, ProxyError):
        return Unreached("The proxy does not answer.")
    if isinstance(error, ConnectTimeoutError):
        return Unreached("The server does not answer.")
    if isinstance(error, NewConnectionError):
        return Unreached("The server cannot be reached.")
    if isinstance(error, SSLError):
        is_certificate = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in error.args)
        return Unreached("The server's certificate is not valid.") if is_certificate else Broken("TLS failed.")
    if isinstance(error, ReadTimeoutError | TimeoutError):
        return TimedOut("The server did not answer in time.")
    return Broken("The connection broke off.")


@cache  # reading the system's certificates takes as long as a hundred calls
def _tls(ca_file: str) -> ssl.SSLContext:
    """The system's certificates, and those of LQF_CA_FILE."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"LQF_CA_FILE {ca_file} cannot be used: {error}.") from None
    return context
