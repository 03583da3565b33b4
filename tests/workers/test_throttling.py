"""Canvas counts calls: one at a time over all processes, and slower when little is left. Results come in pages."""

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from framework.store import tasks
from framework.store.sessions import Store, now
from framework.store.tables import Platform
from tests import builders
from tests.workers.conftest import RawServer, read_request, response
from tests.workers.course import Lms, place
from workers import jobs
from workers.service_calls import ServiceCalls
from workers.turns import Turns
from workers.workshop import Workshop

pytestmark = pytest.mark.one_database
SCOPES = ("https://example.org/a",)


class Canvas:
    """Gives tokens, takes calls slowly, and remembers when each began and ended."""

    def __init__(self, serve: Callable[..., RawServer]) -> None:
        self.calls: list[tuple[float, float]] = []
        self.remaining: str | None = None
        self.port = serve(self.talk).port

    def talk(self, connection: Any) -> None:
        while True:
            request = read_request(connection)
            began = time.monotonic()
            if request.startswith(b"POST /token"):
                connection.sendall(response(b'{"access_token": "t", "expires_in": 3600}'))
                continue
            time.sleep(0.1)
            self.calls.append((began, time.monotonic()))
            headers = f"X-Rate-Limit-Remaining: {self.remaining}\r\n" if self.remaining else ""
            connection.sendall(response(b"[]", headers=headers))

    @property
    def gaps(self) -> list[float]:
        """Seconds from the end of each call to the beginning of the next; below 0 where they overlapped."""
        calls = sorted(self.calls)
        return [later[0] - earlier[1] for earlier, later in itertools.pairwise(calls)]


@pytest.fixture
def canvas(serve: Callable[..., RawServer]) -> Canvas:
    return Canvas(serve)


def platform(store: Store, canvas: Canvas, concurrency: int) -> Platform:
    root = f"http://127.0.0.1:{canvas.port}"
    with store.directory() as session:
        return builders.platform(
            session, root=root, token_url=f"{root}/token", family="canvas", concurrency=concurrency
        )


def call_from_all_sides(shop: Workshop, of: Platform, canvas: Canvas) -> None:
    """Three processes with two threads each call at once."""
    shops = [Workshop(shop.settings) for _ in range(3)]
    calls = [ServiceCalls(one.outgoing, one.tokens, Turns(Redis.from_url(shop.settings.redis))) for one in shops]
    url = f"http://127.0.0.1:{canvas.port}/anything"
    threads = [
        threading.Thread(target=one.call, args=[of, SCOPES, SCOPES, "GET", url]) for one in calls for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in shops:
        one.close()


@pytest.mark.lti("LTI-99")
def test_canvas_gets_one_call_at_a_time_from_all_processes(store: Store, shop: Workshop, canvas: Canvas) -> None:
    """Red without ``self._redis.set(name, mark, nx=True`` in Turns (only the process's own lock is left)."""
    call_from_all_sides(shop, platform(store, canvas, 1), canvas)
    assert len(canvas.calls) == 6
    assert min(canvas.gaps) >= 0


@pytest.mark.lti("LTI-99")
def test_other_platforms_are_called_at_once(store: Store, shop: Workshop, canvas: Canvas) -> None:
    """The measure of the test above: without a turn to take, the same calls do overlap."""
    call_from_all_sides(shop, platform(store, canvas, 4), canvas)
    assert min(canvas.gaps) < 0


@pytest.mark.lti("LTI-99")
def test_when_little_is_left_the_next_call_waits_in_every_process(store: Store, shop: Workshop, canvas: Canvas) -> None:
    """Red without ``turn.rest = ...`` in ServiceCalls: another process calls at once."""
    of = platform(store, canvas, 1)
    canvas.remaining = "99"
    other = Workshop(shop.settings)
    for one in (shop, other):
        calls = ServiceCalls(one.outgoing, one.tokens, Turns(Redis.from_url(shop.settings.redis)))
        calls.call(of, SCOPES, SCOPES, "GET", f"http://127.0.0.1:{canvas.port}/anything")
    other.close()
    assert canvas.gaps[0] >= 0.9


@pytest.mark.lti("LTI-99")
@pytest.mark.parametrize(("remaining", "least"), [("700", 0.0), ("99", 1.0), ("50", 2.9), ("0", 4.9), ("odd", 0.0)])
def test_the_less_is_left_the_longer_the_wait(
    store: Store, shop: Workshop, canvas: Canvas, remaining: str, least: float
) -> None:
    of = platform(store, canvas, 1)
    canvas.remaining = remaining
    calls = ServiceCalls(shop.outgoing, shop.tokens, Turns(Redis.from_url(shop.settings.redis)))
    calls.call(of, SCOPES, SCOPES, "GET", f"http://127.0.0.1:{canvas.port}/anything")
    pause = calls._slow_until.get(of.id, 0.0) - time.monotonic()
    assert max(0.0, pause) == pytest.approx(least, abs=0.15)


@pytest.mark.lti("LTI-99")
def test_a_roster_read_does_not_run_beside_the_grades(lms: Lms, store: Store, shop: Workshop) -> None:
    """Given grades on their way to Canvas, a teacher's launch asks for the roster: both arrive, one call at a time."""
    one = place(lms, store, "canvas", "priya", "zofia", "kwame", "lan")
    for slug in one.learners:
        one.want(slug, 1.0)
    lms.fault(endpoint="scores", platform="canvas", delay=0.2, times=4)
    with store.transaction(1) as session:
        tasks.request(session, tasks.ROSTER, str(one.context.id), now=now())
    began = time.monotonic()
    pushing = threading.Thread(target=jobs.push_grades, args=[str(one.platform.id)])
    pushing.start()
    time.sleep(0.1)
    jobs.roster(1, str(one.context.id))
    took = time.monotonic() - began
    pushing.join()
    assert {one.row(slug).state for slug in one.learners} == {"delivered"}
    assert lms.state("canvas")["roster_reads"] == 1
    assert took < 5, "the roster had its turn between the grades"


@pytest.mark.lti("LTI-102")
def test_a_result_is_found_on_any_page_of_an_lms_that_filters_nothing(lms: Lms, store: Store, shop: Workshop) -> None:
    """Red without ``page = next_page(...)`` in results.read: the grade of a teacher on page 3 was overwritten."""
    lms.door("settings", {"platform": "canvas", "result_page_size": 1, "ignores_result_filter": True})
    one = place(lms, store, "canvas", "priya", "zofia", "kwame")
    for slug in one.learners:
        one.want(slug, 0.5)
        jobs.push_grades(str(one.platform.id))
    for slug in one.learners:
        one.teacher_gives(slug, "90")
        one.want(slug, 1.0)
    jobs.push_grades(str(one.platform.id))
    assert {one.row(slug).state for slug in one.learners} == {"overridden"}
    assert len(one.scores()) == 3


@pytest.mark.lti("LTI-102")
def test_moodle_is_asked_without_limit(lms: Lms, store: Store, shop: Workshop) -> None:
    """The demo LMS fails on a limit as Moodle does; a read that works sent none."""
    one = place(lms, store, "moodle", "priya", is_coupled=False)
    one.want("priya", 0.5)
    jobs.push_grades(str(one.platform.id))
    one.teacher_gives("priya", "0.9")
    one.want("priya", 1.0)
    jobs.push_grades(str(one.platform.id))
    assert one.row("priya").state == "overridden"
