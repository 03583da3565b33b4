"""The only module that opens connections to foreign servers: guarded addresses, timeouts, size cap, no redirects.

Connections are kept alive per host. Every failure is one of the errors below, and says by ``may_have_arrived``
whether the server may have acted on the request all the same.
"""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from framework.settings import Settings, SettingsError
from workers import http1
from workers.addresses import Forbidden, Guard
from workers.connections import PORTS, Connections, ProxyFailed, Server

CONNECT_SECONDS = 3.0
SECONDS = 10.0  # a whole exchange, once connected
MOST_BYTES = 1_000_000
CONNECTIONS_PER_SERVER = 16  # kept, not at most: a platform's concurrency decides that

_URL_CHARACTERS = "%:/?#[]@!$&'()*+,;=~"  # beside letters and digits (RFC 3986); others are written as %XX


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

    def __init__(self, settings: Settings) -> None:
        self._guard = Guard(settings)
        self._own_headers = {"User-Agent": f"LQF (+{settings.base_url})", "Accept-Encoding": "identity"}
        self._connections = Connections(
            self._guard,
            _tls(settings.ca_file),
            _proxy(settings.https_proxy),
            seconds=CONNECT_SECONDS,
            kept_per_server=CONNECTIONS_PER_SERVER,
        )

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
        try:
            self._guard.check(url)
            place = _place(url)
            whole = {"Host": place.host_header, **self._own_headers, **(headers or {})}
            request = http1.request(method, place.target, whole, body)
            connection = self._connections.take(place.server)
        except Forbidden as error:
            raise Refused(str(error)) from None
        except ProxyFailed:
            raise Unreached("The proxy does not answer.") from None
        except OSError as error:
            raise _unreached(error) from None
        is_kept = False  # after an error, what comes late would be taken for the next answer
        try:
            answer = connection.exchange(request, seconds, most_bytes)
            is_kept = answer.is_kept
        except http1.TooMuch:
            raise TooLarge(f"The answer is larger than {most_bytes:,} bytes.") from None
        except TimeoutError:
            raise TimedOut("The server did not answer in time.") from None
        except (OSError, http1.Malformed):
            raise Broken("The connection broke off.") from None
        finally:
            if is_kept:
                self._connections.give_back(place.server, connection)
            else:
                connection.close()
        return Answer(answer.status, answer.headers, answer.body)

    def get_json(self, url: str, *, accept: str = "application/json", seconds: float = 5.0) -> Any:
        """The JSON document at a URL. Raises an OutgoingError, also for any status but 200."""
        answer = self.request("GET", url, headers={"Accept": accept}, seconds=seconds)
        if answer.status != 200:
            raise BadAnswer(f"The server answered with status {answer.status}.")
        return answer.json()

    def close(self) -> None:
        """Close all kept connections."""
        self._connections.close()


class _Place(NamedTuple):
    """A URL as a request needs it."""

    server: Server
    host_header: str
    target: str


@lru_cache(maxsize=1000)  # a class of learners has one address
def _place(url: str) -> _Place:
    """Take a URL apart that the guard has let through. Raises Forbidden for what cannot be sent."""
    parts = urlsplit(url)
    whole = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        host, target = (parts.hostname or "").encode("idna").decode(), quote(whole, safe=_URL_CHARACTERS)
    except UnicodeError:
        raise Forbidden("The URL holds characters or a host name that no server has.") from None
    port = parts.port or PORTS[parts.scheme]
    named = f"[{host}]" if ":" in host else host
    host_header = named if port == PORTS[parts.scheme] else f"{named}:{port}"
    return _Place(Server(parts.scheme, host, port), host_header, target)


def _unreached(error: OSError) -> Unreached:
    """Why there is no connection. Texts of the system hold addresses, and are not passed on."""
    if isinstance(error, TimeoutError):
        return Unreached("The server does not answer.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreached("The server's certificate is not valid.")
    return Unreached("TLS failed." if isinstance(error, ssl.SSLError) else "The server cannot be reached.")


@cache  # reading the system's certificates takes as long as a hundred calls
def _tls(ca_file: str) -> ssl.SSLContext:
    """The system's certificates, and those of LQF_CA_FILE."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"LQF_CA_FILE {ca_file} cannot be used: {error}.") from None
    return context


def _proxy(url: str) -> str:
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme == "http" and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise SettingsError("LQF_HTTPS_PROXY is no proxy's address. Write it as http://proxy.example.org:3128.")
    return url
