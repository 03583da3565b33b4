"""A stand-in for an LMS that costs next to nothing: tokens and scores in memory, in a process of its own.

``/<ms>/token`` and ``/<ms>/<anything>/scores`` answer after so many milliseconds; ``/-/counts`` tells what came. A
score without a token that was given out is refused (401), so that a sender cannot save itself the token.
"""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

TOKEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Counts:
    """What a stand-in has seen since the last count: requests, connections, and people with a score."""

    tokens: int
    scores: int
    people: int
    connections: int
    refused: int


class Lms:
    """The running stand-in, as a measurement sees it."""

    def __init__(self, port: int, pid: int) -> None:
        self.pid = pid
        self._root = f"http://127.0.0.1:{port}"

    def url(self, path: str, milliseconds: int = 0) -> str:
        """An address whose answers take that long."""
        return f"{self._root}/{milliseconds}/{path}"

    def counts(self) -> Counts:
        """What came since the last call; counting begins anew. Tokens stay valid."""
        with urllib.request.urlopen(f"{self._root}/-/counts", timeout=10) as answer:
            return Counts(**json.load(answer))


@contextmanager
def running() -> Iterator[Lms]:
    """Start a stand-in and stop it at the end."""
    process = subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        yield Lms(int(process.stdout.readline()), process.pid)
    finally:
        process.stdin.close()  # it ends with the pipe, also when this process is killed
        process.wait(10)
        process.stdout.close()


class _Seen:
    """All that the stand-in remembers."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.counted: Counter[str] = Counter()
        self.people: set[str] = set()

    def answer(self, path: str, head: str, body: bytes) -> tuple[str, bytes]:
        """Status and body for one request."""
        if path.endswith("/scores"):
            if _bearer(head) not in self.tokens:
                self.counted["refused"] += 1
                return "401 Unauthorized", b"{}"
            self.counted["scores"] += 1
            self.people.add(json.loads(body)["userId"])
            return "200 OK", b"{}"
        if path.endswith("/token"):
            self.counted["tokens"] += 1
            token = f"token-{len(self.tokens)}"
            self.tokens.add(token)
            given = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
            return "200 OK", json.dumps(given).encode()
        if path == "/-/counts":
            counted = {name: self.counted[name] for name in ("tokens", "scores", "connections", "refused")}
            said = json.dumps(counted | {"people": len(self.people)}).encode()
            self.counted.clear()
            self.people.clear()
            return "200 OK", said
        return "404 Not Found", b"{}"


class _Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, seen: _Seen) -> None:
        self._seen, self._waiting = seen, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._seen.counted["connections"] += 1

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end].decode("latin-1")
            whole = end + 4 + _length(head)
            if len(self._waiting) < whole:
                return
            body, self._waiting = self._waiting[end + 4 : whole], self._waiting[whole:]
            path = head.split(" ", 2)[1].partition("?")[0]
            self._say(path, *self._seen.answer(path, head, body))

    def _say(self, path: str, status: str, body: bytes) -> None:
        first = path.split("/", 2)[1]
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        seconds = int(first) / 1000 if first.isdigit() else 0.0
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._transport.write, head.encode() + body)
        else:
            self._transport.write(head.encode() + body)


def _length(head: str) -> int:
    _, found, rest = head.lower().partition("\r\ncontent-length:")
    return int(rest.partition("\r\n")[0]) if found else 0


def _bearer(head: str) -> str:
    _, _, rest = head.partition("Bearer ")
    return rest.partition("\r\n")[0]


async def _serve() -> None:
    loop, seen = asyncio.get_running_loop(), _Seen()
    server = await loop.create_server(lambda: _Connection(seen), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
