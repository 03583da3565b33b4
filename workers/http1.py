"""One HTTP/1.1 exchange (RFC 9112): the request in one piece, the answer read by the standard library.

What is read is foreign: it is bounded in size and by one deadline for all of it, however slowly it drips in.
"""

import http.client
import io
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MOST_HEAD = 65_536  # bytes of status line, headers and what else is not the body


class Malformed(Exception):
    """What came is no whole HTTP/1.1 answer."""


class TooMuch(Exception):
    """The answer is larger than it may be."""


class Headers(Mapping[str, str]):
    """Headers by name in any case; one that came several times is joined with commas (RFC 9110, 5.3)."""

    def __init__(self, read: http.client.HTTPMessage) -> None:
        self._values: dict[str, str] = {}
        for name, value in read.items():
            key, text = name.lower(), " ".join(value.split())
            self._values[key] = f"{self._values[key]}, {text}" if key in self._values else text

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Answered(NamedTuple):
    """An answer that came whole. ``is_kept``: the connection may be used for another request."""

    status: int
    headers: Headers
    body: bytes
    is_kept: bool


def request(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request in one piece: one system call, and one packet for a grade. Raises ValueError for a header of two."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body or b'')}")
    text = "\r\n".join(lines)
    if text.count("\r") != len(lines) - 1 or text.count("\n") != len(lines) - 1:
        raise ValueError("a line of the request holds a line break")
    return f"{text}\r\n\r\n".encode("latin-1") + (body or b"")


def read(sock: socket.socket, deadline: float, most_bytes: int) -> Answered:
    """The answer to a request other than HEAD. ``deadline``: of ``time.monotonic``.

    Raises Malformed, TooMuch, or an OSError (TimeoutError at the deadline); the connection is of no use then.
    """
    incoming: Any = _Incoming(sock, deadline, MOST_HEAD + 2 * most_bytes)  # chunks may be short
    response = http.client.HTTPResponse(incoming)
    try:
        response.begin()
        if response.status < 200:
            raise Malformed("an interim answer that was not asked for")
        if (response.length or 0) > most_bytes:
            raise TooMuch
        body = response.read(most_bytes + 1)
    except (http.client.HTTPException, ValueError) as error:
        raise Malformed(type(error).__name__) from None
    finally:
        is_kept = response.isclosed() and not response.will_close
        response.close()
    if len(body) > most_bytes:
        raise TooMuch
    if response.length:
        raise Malformed("the end came too early")
    headers = Headers(response.headers)
    return Answered(response.status, headers, _plain(body, headers, most_bytes), is_kept)


class _Incoming(io.RawIOBase):
    """A socket as ``http.client`` reads it, with a deadline and a bound for all that comes."""

    def __init__(self, sock: socket.socket, deadline: float, most_bytes: int) -> None:
        self._sock, self._deadline, self._left = sock, deadline, most_bytes

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What ``http.client`` asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        self._sock.settimeout(seconds)
        size = self._sock.recv_into(buffer)
        self._left -= size
        if self._left < 0:
            raise TooMuch
        return size


def _plain(body: bytes, headers: Headers, most_bytes: int) -> bytes:
    """The body itself, where a server compresses although it was asked not to."""
    coding = headers.get("content-encoding", "identity").lower()
    if coding == "identity" or not body:
        return body
    if coding not in ("gzip", "x-gzip"):
        raise Malformed("a coding that was not asked for")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)  # 16: with gzip's head
    try:
        plain = unpacking.decompress(body, most_bytes + 1)
    except zlib.error:
        raise Malformed("no gzip") from None
    if len(plain) > most_bytes:
        raise TooMuch
    if not unpacking.eof:
        raise Malformed("the end came too early")
    return plain
