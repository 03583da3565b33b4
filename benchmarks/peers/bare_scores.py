"""Sends scores with http.client alone, without database, queue or memory: what the machine allows at this moment.

Protocol: see ``benchmarks.senders``.
"""

import http.client
import json
import os
import sys
import threading
from collections import deque
from urllib.parse import urlsplit


def main() -> None:
    """Send what ``JOB`` asks for, with so many threads."""
    job = json.loads(os.environ["JOB"])
    token = _ask(_connection(job["token_url"]), job["token_url"], b"", {})["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/vnd.ims.lis.v1.score+json"}
    waiting = deque(job["people"])
    print("ready", flush=True)
    sys.stdin.readline()

    def some() -> None:
        url = f"{job['line_item_url']}/scores"
        connection = _connection(url)
        while waiting:
            try:
                person = waiting.popleft()
            except IndexError:  # another thread was first
                return
            body = {"userId": person, "scoreGiven": 1.0, "scoreMaximum": 1.0, "activityProgress": "Completed"}
            _ask(connection, url, json.dumps(body).encode(), headers)

    threads = [threading.Thread(target=some) for _ in range(job["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc)


def _ask(connection: http.client.HTTPConnection, url: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
    connection.request("POST", urlsplit(url).path, body=body, headers=headers)
    answer = connection.getresponse()
    said: dict[str, str] = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(f"status {answer.status}")
    return said


if __name__ == "__main__":
    main()
