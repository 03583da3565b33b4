"""The platform's key set over HTTP, and how often each tool has asked for it. A process of its own, as an LMS is.

``python -m benchmarks.key_server PORT FILE``: GET /keys/<tool> answers the file; GET /counts answers the counts.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

asked: Counter[str] = Counter()


class Keys(asyncio.Protocol):
    """Answers from memory: what is measured is the tool that asks, not this."""

    document = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        path = data.split(b" ", 2)[1].decode()
        if path == "/counts":
            body = json.dumps(asked).encode()
        else:
            asked[path.rpartition("/")[2]] += 1
            body = self.document
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def serve(port: int, document: bytes) -> None:
    """Answer for ever."""
    Keys.document = document
    server = await asyncio.get_running_loop().create_server(Keys, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
