"""Requests over kept connections, as a reverse proxy keeps them: many at once, timed as one stage.

The client shares the cores with what it measures, so it does as little as it can: requests are bytes made beforehand,
and of an answer it reads only what the next request needs.
"""

import re
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

AT_ONCE = 8
SECONDS = 30.0  # for one answer

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=;\r]+)=([^;\r]*)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: *([^\r]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: ``head`` is the status line and the headers."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.head[9:12])

    @property
    def location(self) -> str:
        """Where a redirect leads; '' for anything else."""
        found = _LOCATION.search(self.head)
        return found[1].decode() if found else ""

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the answer sets; one that it takes away has no value."""
        return {name.decode(): value.decode() for name, value in _COOKIE.findall(self.head) if value}


class Server:
    """Where a tool listens, with the headers that its reverse proxy would send."""

    def __init__(self, port: int, host: str) -> None:
        self.port, self.host = port, host

    def post(self, path: str, fields: Mapping[str, str], cookies: Mapping[str, str]) -> bytes:
        """A form sent by a browser."""
        body = urlencode(fields).encode()
        more = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return self._head("POST", path, cookies, more) + body

    def get(self, path: str, cookies: Mapping[str, str]) -> bytes:
        """A page asked for by a browser."""
        return self._head("GET", path, cookies, "")

    def _head(self, method: str, path: str, cookies: Mapping[str, str], more: str) -> bytes:
        carried = "; ".join(f"{name}={value}" for name, value in cookies.items())
        more += f"Cookie: {carried}\r\n" if carried else ""
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: text/html\r\nX-Forwarded-Proto: https\r\n"
            f"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: {self.host}\r\n{more}\r\n"
        ).encode()


class Connection:
    """One connection, opened again when the server has closed it."""

    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """The answer to a request. A kept connection that turns out to be closed is opened once more."""
        if self._socket is not None:
            try:
                return self._ask(self._socket, request)
            except (ConnectionError, EOFError):
                self.close()
        return self._ask(self._opened(), request)

    def close(self) -> None:
        """Close it."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _opened(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = opened
        return opened

    def _ask(self, opened: socket.socket, request: bytes) -> Answer:
        opened.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += _more(opened)
        head = bytes(received[:end])
        while not _is_whole(head, received, end + 4):
            received += _more(opened)
        if _CLOSES.search(head):
            self.close()
        return Answer(head, bytes(received[end + 4 :]))


def _more(opened: socket.socket) -> bytes:
    received = opened.recv(65536)
    if not received:
        raise EOFError("the server closed the connection before its answer was whole")
    return received


def _is_whole(head: bytes, received: bytearray, start: int) -> bool:
    if length := _LENGTH.search(head):
        return len(received) - start >= int(length[1])
    return received.endswith(b"0\r\n\r\n") if _CHUNKED.search(head) else True  # neither: an answer without a body


def ask_all(server: Server, requests: Sequence[bytes]) -> tuple[float, list[Answer]]:
    """Send all requests, AT_ONCE at a time. Seconds from the first to the last, and the answers in order."""
    pending = iter(enumerate(requests))
    answers: list[Answer | None] = [None] * len(requests)

    def work() -> None:
        connection = Connection(server)
        for at, request in pending:  # enumerate is one C call: threads take turns without a lock
            answers[at] = connection.ask(request)
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one in [pool.submit(work) for _ in range(AT_ONCE)]:
            one.result()
    return time.perf_counter() - began, [one for one in answers if one is not None]
