"""The bell: says "look", in JSON, and a Redis that is away costs nobody anything."""

import importlib
import inspect
import json
import logging
import time
import zlib

import pytest
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from framework.store.columns import new_id
from tests import servers
from workers import enqueue
from workers.enqueue import Bell


def ring_all(bell: Bell) -> None:
    bell.recompute(1, new_id())
    bell.push_grades(new_id())
    bell.roster(2, new_id())


def test_every_name_that_is_rung_is_a_job_that_takes_these_ids(valkey: servers.Valkey) -> None:
    bell = Bell(valkey.url)
    ring_all(bell)
    client = valkey.client()
    jobs = Queue(enqueue.QUEUE, connection=client, serializer=JSONSerializer).jobs
    assert bell.waiting() == len(jobs) == 3
    for job in jobs:
        module, _, name = str(job.func_name).rpartition(".")
        function = getattr(importlib.import_module(module), name)
        inspect.signature(function).bind(**job.kwargs)
        assert all(isinstance(value, str | int) for value in job.kwargs.values())
        assert job.timeout == (600 if job.func_name == enqueue.ROSTER else 60)
        assert (job.result_ttl, job.failure_ttl) == (0, 604_800)
    bell.close()
    client.close()


def test_no_pickle_is_in_redis(valkey: servers.Valkey) -> None:
    bell = Bell(valkey.url)
    bell.push_grades(new_id())
    client = valkey.client()
    [key] = client.scan_iter("rq:job:*")
    data = client.hget(key, "data")
    assert isinstance(data, bytes)
    assert json.loads(zlib.decompress(data) if data[:1] == b"\x78" else data)[0] == enqueue.PUSH_GRADES
    bell.close()
    client.close()


def test_redis_away_is_a_log_line_and_a_count(valkey: servers.Valkey, caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell(valkey.url)
    ring_all(bell)
    before = _failures(enqueue.PUSH_GRADES)
    valkey.stop()
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        ring_all(bell)
    assert time.monotonic() - began < 1.5, "redis-py's own retries take 3 to 5 s for each call"
    assert caplog.text.count("the sweep will find the work") == 3
    assert _failures(enqueue.PUSH_GRADES) == before + 1
    assert bell.waiting() is None
    valkey.start()
    ring_all(bell)
    assert bell.waiting() == 3
    bell.close()


def test_a_job_of_nobodys_platform_just_ends(valkey: servers.Valkey, shop: object) -> None:
    bell = Bell(valkey.url)
    bell.push_grades(new_id())
    bell.roster(1, new_id())
    bell.recompute(1, new_id())
    client = valkey.client()
    worker = SimpleWorker([enqueue.QUEUE], connection=client, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="ERROR")
    assert bell.waiting() == 0
    assert worker.failed_job_count == 0
    assert not client.keys("rq:job:*"), "all three ended well and are gone"
    bell.close()
    client.close()


def _failures(job: str) -> float:
    return float(enqueue.failures.labels(job)._value.get())
