"""One RQ job a score, done with care: a worker that does not fork, one connection pool and one token per process.

Nothing is kept of a score's fate, and a job that fails is lost. Protocol: see ``benchmarks.senders``.
"""

import json
import os
import sys
from datetime import UTC, datetime
from functools import lru_cache

import redis
import urllib3
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

QUEUE = "scores"
JOB = "benchmarks.peers.rq_scores.send"
_pool = urllib3.PoolManager(maxsize=4)


def enqueue(connection: redis.Redis, line_item_url: str, token_url: str, people: list[str]) -> None:
    """A job for each score."""
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    queue.enqueue_many([Queue.prepare_data(JOB, [line_item_url, token_url, one], result_ttl=0) for one in people])


def send(line_item_url: str, token_url: str, person: str) -> None:
    """The job: one score."""
    body = {
        "userId": person,
        "scoreGiven": 1.0,
        "scoreMaximum": 1.0,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    headers = {
        "Content-Type": "application/vnd.ims.lis.v1.score+json",
        "Authorization": f"Bearer {_token(token_url)}",
    }
    answer = _pool.request("POST", f"{line_item_url}/scores", body=json.dumps(body).encode(), headers=headers)
    if answer.status != 200:
        raise RuntimeError(f"status {answer.status}")


@lru_cache
def _token(token_url: str) -> str:
    said = _pool.request("POST", token_url, fields={"grant_type": "client_credentials"}).json()
    return str(said["access_token"])


def main() -> None:
    """Work until the queue is empty."""
    connection = redis.Redis.from_url(json.loads(os.environ["JOB"])["redis_url"])
    worker = SimpleWorker([QUEUE], connection=connection, serializer=JSONSerializer)
    print("ready", flush=True)
    sys.stdin.readline()
    worker.work(burst=True, logging_level="WARNING")


if __name__ == "__main__":
    main()
