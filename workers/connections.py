"""How ``workers.outgoing`` connects: to checked addresses alone, and again over a connection that was kept."""

import http.client
import select
import socket
import ssl
import threading
import time
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from workers import http1
from workers.addresses import Guard

MOST_SERVERS = 100  # whose connections are kept
PORTS = {"http": 80, "https": 443}


class Server(NamedTuple):
    """Who is called. ``host`` is a name in ASCII, or an address without brackets."""

    scheme: str
    host: str
    port: int


class ProxyFailed(Exception):
    """The proxy did not open the way."""


class Connection:
    """One connection to one server, for one request at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)

    def is_quiet(self) -> bool:
        """Whether it may be used again: what comes unasked is its end, or an answer to nothing."""
        return not self._readable.poll(0)

    def exchange(self, request: bytes, seconds: float, most_bytes: int) -> http1.Answered:
        """Send a request and read its answer. Raises as ``http1.read``."""
        deadline = time.monotonic() + seconds
        self._sock.settimeout(seconds)
        self._sock.sendall(request)
        return http1.read(self._sock, deadline, most_bytes)

    def close(self) -> None:
        """Close it."""
        self._sock.close()


class Connections:
    """Connections to any server, kept for the next request. Threads may share it.

    https goes through the proxy, if there is one: it resolves the name then, and is the one to guard the way. The
    host's own name is what the certificate must be for, whichever address is called.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext, proxy: str, *, seconds: float, kept_per_server: int) -> None:
        self._guard, self._tls, self._seconds, self._most_kept = guard, tls, seconds, kept_per_server
        self._proxy = urlsplit(proxy) if proxy else None
        self._kept: dict[Server, list[Connection]] = {}
        self._lock = threading.Lock()

    def take(self, server: Server) -> Connection:
        """A connection for one request, to be given back or closed.

        Raises Forbidden for a server that may not be called, ProxyFailed, or an OSError; nothing was sent then.
        """
        while (kept := self._newest(server)) is not None:
            if kept.is_quiet():
                return kept
            kept.close()
        is_proxied = self._proxy is not None and server.scheme == "https"
        sock = self._tunnel(server) if is_proxied else self._direct(server)
        if server.scheme == "https":
            try:
                sock = self._tls.wrap_socket(sock, server_hostname=server.host)
            except BaseException:
                sock.close()
                raise
        return Connection(sock)

    def give_back(self, server: Server, connection: Connection) -> None:
        """Keep a connection whose last answer came whole."""
        dropped = [connection]
        with self._lock:
            of_server = self._kept.pop(server, [])
            self._kept[server] = of_server  # the last in the row is the last used
            if len(of_server) < self._most_kept:
                of_server.append(dropped.pop())
            if len(self._kept) > MOST_SERVERS:
                dropped += self._kept.pop(next(iter(self._kept)))
        for one in dropped:
            one.close()

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            kept = [one for of_server in self._kept.values() for one in of_server]
            self._kept.clear()
        for one in kept:
            one.close()

    def _newest(self, server: Server) -> Connection | None:
        with self._lock:
            of_server = self._kept.get(server)
            return of_server.pop() if of_server else None

    def _direct(self, server: Server) -> socket.socket:
        """To the first of the server's addresses that answers."""
        last: OSError = OSError("no address")
        for address in self._guard.addresses(server.host, server.port):
            try:
                sock = socket.create_connection((address, server.port), self._seconds)
            except OSError as error:
                last = error
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        raise last

    def _tunnel(self, server: Server) -> socket.socket:
        assert isinstance(self._proxy, SplitResult) and self._proxy.hostname  # noqa: S101  # asked by the caller
        through = http.client.HTTPConnection(self._proxy.hostname, self._proxy.port or 80, timeout=self._seconds)
        through.set_tunnel(server.host, server.port)
        try:
            through.connect()
        except (OSError, http.client.HTTPException) as error:
            through.close()
            raise ProxyFailed from error
        return through.sock
