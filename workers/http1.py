"""HTTP/1.1 as a client speaks it (RFC 9112): one request as bytes, one answer read from a socket.

A grade costs little but this exchange, and general libraries take ten times as long for it. What is read is foreign:
it is bounded in size and by a deadline, and an answer that does not keep to the standard is none.
"""

import re
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MOST_HEAD = 65_536  # bytes of status line and headers
CHUNK = 65_536

_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: [^\r\n]*)?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")


class Malformed(Exception):
    """What came is no whole HTTP/1.1 answer."""


class TooMuch(Exception):
    """The answer is larger than it may be."""


class Headers(Mapping[str, str]):
    """Headers by name in any case; one that came several times is joined with commas (RFC 9110, 5.3)."""

    def __init__(self, lines: list[bytes]) -> None:
        self._values: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.decode("latin-1").partition(":")
            key, text = name.strip().lower(), value.strip()
            if colon:  # a line without one says nothing
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
    incoming = _Incoming(sock, deadline)
    minor, status, headers = _head(incoming)
    while status < 200:
        if status == 101:
            raise Malformed("another protocol")  # nobody asked for one
        minor, status, headers = _head(incoming)
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    is_framed = True
    if status in (204, 304):
        body = b""
    elif coding is not None:
        if coding.lower() != "chunked" or minor == 0:
            raise Malformed("a transfer coding that was not asked for")
        body = _chunked(incoming, most_bytes)
    elif length is not None:
        body = incoming.take(_length(length, most_bytes))
    else:
        body, is_framed = incoming.rest(most_bytes), False
    words = headers.get("connection", "").lower()
    is_clean = not incoming.held and (coding is None or length is None)
    is_kept = is_framed and is_clean and minor == 1 and "close" not in words
    return Answered(status, headers, _plain(body, headers, most_bytes), is_kept)


class _Incoming:
    """The bytes of an answer as they come."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self.held = bytearray()

    def line(self) -> bytes:
        """One line without its end."""
        while (end := self.held.find(b"\n")) < 0:
            if len(self.held) > MOST_HEAD:
                raise TooMuch
            self._wait()
        return bytes(self._cut(end + 1)).rstrip(b"\r\n")

    def head(self) -> bytes:
        """Everything up to the first empty line."""
        while (found := _HEAD_END.search(self.held)) is None:
            if len(self.held) > MOST_HEAD:
                raise TooMuch
            self._wait()
        return bytes(self._cut(found.end())[: found.start()])

    def take(self, size: int) -> bytes:
        """So many bytes."""
        while len(self.held) < size:
            self._wait()
        return bytes(self._cut(size))

    def rest(self, most_bytes: int) -> bytes:
        """Everything until the server closes."""
        while len(self.held) <= most_bytes:
            if not self._more():
                return bytes(self._cut(len(self.held)))
        raise TooMuch

    def _wait(self) -> None:
        if not self._more():
            raise Malformed("the end came too early")

    def _more(self) -> bool:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        part = self._sock.recv(CHUNK)
        self.held += part
        return bool(part)

    def _cut(self, size: int) -> bytearray:
        part = self.held[:size]
        del self.held[:size]
        return part


def _head(incoming: _Incoming) -> tuple[int, int, Headers]:
    """Minor version, status, headers."""
    first, *lines = _LINE_END.split(_FOLD.sub(b" ", incoming.head()))
    said = _STATUS.fullmatch(first)
    if said is None:
        raise Malformed("no status")
    return int(said[1]), int(said[2]), Headers(lines)


def _length(text: str, most_bytes: int) -> int:
    """A Content-Length; the same one said twice is one."""
    said = {part.strip() for part in text.split(",")}
    length = said.pop()
    if said or not (length.isascii() and length.isdigit()):
        raise Malformed("no length")
    if len(length) > 15 or int(length) > most_bytes:
        raise TooMuch
    return int(length)


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


def _chunked(incoming: _Incoming, most_bytes: int) -> bytes:
    """A body in chunks (RFC 9112, 7.1); what follows them is read and not used."""
    body = bytearray()
    while True:
        said = _CHUNK_SIZE.fullmatch(incoming.line())
        if said is None:
            raise Malformed("no chunk")
        size = int(said[1], 16)
        if len(body) + size > most_bytes:
            raise TooMuch
        if size == 0:
            break
        body += incoming.take(size)
        if incoming.line():
            raise Malformed("a chunk longer than it said")
    trailers = 0
    while line := incoming.line():
        trailers += len(line)
        if trailers > MOST_HEAD:
            raise TooMuch
    return bytes(body)
