"""HTTP/1.1 answers: read whole in whatever pieces they come, and never more or longer than allowed."""

import gzip
import socket
import threading
import time

import pytest

from workers import http1
from workers.http1 import Answered, Malformed, TooMuch

BOMB = gzip.compress(b"x" * 100_000, mtime=0)
OK = b"HTTP/1.1 200 OK\r\n"
MOST = 1000


def read(*pieces: bytes, is_open: bool = False, most: int = MOST, seconds: float = 5.0) -> Answered:
    """The answer that arrives in these pieces; the server closes then, unless ``is_open``."""
    here, there = socket.socketpair()
    there.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
    with here, there:
        for piece in pieces:
            there.sendall(piece)
        if not is_open:
            there.shutdown(socket.SHUT_WR)
        return http1.read(here, time.monotonic() + seconds, most)


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + trailers + b"\r\n"


@pytest.mark.parametrize(
    ("said", "body", "is_kept"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", b"{}", True),
        (OK + b"content-length:2\r\nConnection: Close\r\n\r\n{}", b"{}", False),
        (OK + b"Content-Length: 0\r\n\r\n", b"", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}", False),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", b"{}", True),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", b"{}", True),
        (OK + b"\r\nuntil the end", b"until the end", False),
        (chunked(b"ab", b"c"), b"abc", True),
        (chunked(), b"", True),
        (chunked(b"ab", trailers=b"Digest: x\r\n"), b"ab", True),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"plain"), b"plain", False),
    ],
)
def test_an_answer_is_read_whole_and_says_whether_the_connection_may_go_on(
    said: bytes, body: bytes, is_kept: bool
) -> None:
    answer = read(said)
    assert (answer.body, answer.is_kept) == (body, is_kept)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        OK + b"Content-Length: 5\r\n\r\nshor",
        OK + b"Content-Length: 1_0\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n",
        OK + b"X: y\r\n" * 200,
        OK + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        OK + b"Content-Encoding: br\r\n\r\nx",
        OK + b"Content-Encoding: gzip\r\n\r\nnone",
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"plain")[:-1],
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_is_cut_short_or_ambiguous_is_no_answer(said: bytes) -> None:
    with pytest.raises(Malformed):
        read(said)


@pytest.mark.parametrize(
    "said",
    [
        OK + b"Content-Length: 1001\r\n\r\n",
        OK + b"\r\n" + b"x" * 1001,
        chunked(*[b"x"] * 1001),
        OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + b"x" * 200_000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 70_000,
        b"x" * 70_000,
        OK + b"Content-Length: %d\r\nContent-Encoding: gzip\r\n\r\n" % len(BOMB) + BOMB,
    ],
)
def test_no_answer_is_larger_than_allowed(said: bytes) -> None:
    with pytest.raises(TooMuch):
        read(said, is_open=True)


@pytest.mark.parametrize("start", [b"", OK, OK + b"Content-Length: 999\r\n\r\n", chunked(b"a")[:-4], OK + b"\r\nab"])
def test_no_answer_takes_longer_than_allowed(start: bytes) -> None:
    """Each byte that drips in comes in time; all of them together do not."""
    here, there = socket.socketpair()
    is_over = threading.Event()

    def drip() -> None:
        there.sendall(start)
        while not is_over.wait(0.02):
            there.sendall(b"0")

    dripping = threading.Thread(target=drip)
    with here, there:
        dripping.start()
        began = time.monotonic()
        try:
            with pytest.raises(TimeoutError):
                http1.read(here, began + 0.3, 1_000_000)
            assert 0.25 < time.monotonic() - began < 2
        finally:
            is_over.set()
            dripping.join()


def test_headers_are_found_in_any_case_and_joined_when_they_come_twice() -> None:
    answer = read(OK + b"Link: <a>\r\nX: one\r\n  two\r\nlink: <b>\r\nno colon\r\nContent-Length: 0\r\n\r\n")
    assert answer.headers.get("LINK") == "<a>, <b>"
    assert answer.headers["x"] == "one two"
    assert len(answer.headers) == len(list(answer.headers))


def test_a_request_is_one_piece() -> None:
    whole = http1.request("POST", "/a?b=c", {"Host": "lms.example.org"}, b"{}")
    assert whole == b"POST /a?b=c HTTP/1.1\r\nHost: lms.example.org\r\nContent-Length: 2\r\n\r\n{}"
    assert b"Content-Length: 0" in http1.request("POST", "/", {}, None)
    assert b"Content-Length" not in http1.request("GET", "/", {}, None)


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\nX: y", "a\rX: y"])
def test_a_header_cannot_smuggle_in_another(text: str) -> None:
    """Red without the count of line breaks."""
    with pytest.raises(ValueError, match="line break"):
        http1.request("GET", "/", {"Authorization": text}, None)
