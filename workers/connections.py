"""How ``workers.outgoing`` connects: to checked addresses alone, in one piece, and not for ever."""

import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from workers.addresses import Guard


@dataclass(slots=True, eq=False)
class _Wait:
    """One connection that waits for the head of an answer."""

    sock: socket.socket
    until: float
    is_cut: bool = False


class Watch:
    """Cuts connections whose headers drip in so slowly that no single read times out."""

    def __init__(self) -> None:
        self._waits: set[_Wait] = set()
        self._lock = threading.Lock()
        self._is_running = False

    def begin(self, sock: socket.socket, seconds: float) -> _Wait:
        """Cut this connection when ``seconds`` are over."""
        wait = _Wait(sock, time.monotonic() + seconds)
        with self._lock:
            self._waits.add(wait)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="outgoing-watch", daemon=True).start()
        return wait

    def end(self, wait: _Wait) -> bool:
        """Leave the connection alone again. Answers whether it was cut: what it gave is a torso then."""
        with self._lock:
            self._waits.discard(wait)
        return wait.is_cut

    def _run(self) -> None:
        while True:
            time.sleep(0.5)
            with self._lock:
                late = [wait for wait in self._waits if wait.until < time.monotonic()]
                self._is_running = bool(self._waits)
                if not self._is_running:
                    return
            for wait in late:
                wait.is_cut = True
                try:
                    wait.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it has ended by itself


def guarded_pools(guard: Guard, watch: Watch, connect_seconds: float) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Connection classes that go to checked addresses only; the host's name stays in Host header and certificate."""

    class Guarded(HTTPConnection):
        _held: list[bytes] | None = None

        def request(self, *args: Any, **kwargs: Any) -> None:
            """Head and body leave in one piece: one system call, and one packet for a grade."""
            self._held = []
            try:
                super().request(*args, **kwargs)
                whole = b"".join(self._held)
            finally:
                self._held = None
            self.send(whole)

        def send(self, data: Any) -> None:
            if self._held is None:
                super().send(data)
            else:
                self._held.append(data)

        def _new_conn(self) -> socket.socket:  # the place where urllib3's own SOCKS support steps in
            try:
                addresses = guard.addresses(self.host, self.port)
                return _connect(addresses, self.port, connect_seconds)
            except TimeoutError:
                raise ConnectTimeoutError(self, "timed out") from None
            except OSError as error:
                raise NewConnectionError(self, str(error)) from None

        def getresponse(self) -> Any:
            assert self.sock is not None and isinstance(self.timeout, int | float)  # noqa: S101  # a request was sent
            wait = watch.begin(self.sock, self.timeout + 0.5)
            try:
                response = super().getresponse()
            finally:
                is_cut = watch.end(wait)
            if is_cut:
                response.close()
                raise TimeoutError("the headers took too long")
            return response

    class GuardedTLS(Guarded, HTTPSConnection):
        pass

    class Plain(urllib3.HTTPConnectionPool):
        ConnectionCls = Guarded

    class TLS(urllib3.HTTPSConnectionPool):
        ConnectionCls = GuardedTLS

    return {"http": Plain, "https": TLS}


def _connect(addresses: list[str], port: int, seconds: float) -> socket.socket:
    """A connection to the first address that answers."""
    last: OSError = OSError("no address")
    for address in addresses:
        try:
            connection = socket.create_connection((address, port), seconds)
        except OSError as error:
            last = error
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
    raise last
