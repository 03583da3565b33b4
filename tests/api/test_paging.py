"""Walking through a list, and keeping up with it, while learners work on."""

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from werkzeug.test import Client

from api import progress as door_progress
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import GradePush, Progress
from tests.api.conftest import Course, Reader, prg


def test_pages_hold_every_row_once(course: Course, reader: Reader) -> None:
    rows = [course.learner() for _ in range(11)]
    pages = reader.walk(limit=4)
    assert [len(page["data"]) for page in pages] == [4, 4, 3]
    assert [row["id"] for page in pages for row in page["data"]] == [prg(row) for row in rows]
    assert pages[-1]["page"] == {"has_more": False, "next_cursor": None}


def test_last_page_that_is_full_says_so(course: Course, reader: Reader) -> None:
    for _ in range(4):
        course.learner()
    assert [len(page["data"]) for page in reader.walk(limit=2)] == [2, 2]


def test_rows_of_one_moment_are_told_apart_by_id(course: Course, reader: Reader) -> None:
    with time_machine.travel(now(), tick=False):
        rows = [course.learner() for _ in range(7)]
        assert len({row.updated_at for row in rows}) == 1
        walked = [row["id"] for row in reader.rows(limit=2)]
    assert sorted(walked) == sorted(prg(row) for row in rows)
    assert len(walked) == 7


def test_link_header_leads_through_all_pages(web: Client, course: Course, reader: Reader) -> None:
    for _ in range(5):
        course.learner()
    response = reader.get("/v1/progress", limit=2, status="in_progress")
    seen = 0
    while True:
        assert response.json is not None
        seen += len(response.json["data"])
        if "Link" not in response.headers:
            break
        address, _, relation = response.headers["Link"].partition("; ")
        assert relation == 'rel="next"'
        assert address.startswith("<http://localhost:8000/api/v1/progress?")
        path = address.strip("<>").removeprefix("http://localhost:8000")
        response = web.get(path, headers={"Authorization": f"Bearer {reader.token}"})
    assert seen == 5


def test_walk_while_rows_change(course: Course, reader: Reader) -> None:
    """Given learners who work on between two pages, those who rest come exactly once, those who work come again later
    in their newest version, and no version of a row comes twice."""
    rows = [course.learner() for _ in range(20)]
    working = rows[::3]
    seen: list[Any] = []
    turn: dict[str, Any] = {}
    for step in range(100):
        page = reader("/v1/progress", limit=3, **turn)
        seen += page["data"]
        if not page["page"]["has_more"]:
            break
        turn = {"cursor": page["page"]["next_cursor"]}
        if step < 12:
            course.touch(working[step % len(working)])
    versions = [(row["id"], row["version"]) for row in seen]
    assert len(versions) == len(set(versions))
    resting = [prg(row) for row in rows if row not in working]
    assert all(sum(row["id"] == one for row in seen) == 1 for one in resting)
    newest = {row["id"]: row["version"] for row in seen}
    with course.store.reading(1) as session:
        assert newest == {public_id("prg", row.id): row.version for row in session.scalars(sa.select(Progress))}


def test_cursor_of_other_filters_is_refused(course: Course, reader: Reader) -> None:
    course.learner()
    course.learner()
    cursor = reader("/v1/progress", limit=1)["page"]["next_cursor"]
    assert reader.get("/v1/progress", limit=5, cursor=cursor).status_code == 200
    response = reader.get("/v1/progress", limit=1, cursor=cursor, status="completed")
    assert response.status_code == 400
    assert response.json is not None and response.json["code"] == "cursor_mismatch"


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1], lambda text: "x" + text, lambda _: "", lambda _: "é" * 2000]
)
def test_changed_cursor_is_refused(course: Course, reader: Reader, change: Callable[[str], str]) -> None:
    course.learner()
    course.learner()
    cursor = change(reader("/v1/progress", limit=1)["page"]["next_cursor"])
    response = reader.get("/v1/progress", limit=1, cursor=cursor)
    assert response.status_code == 400
    assert response.json is not None and response.json["code"] == "cursor_invalid"


def test_cursor_ends_after_a_day(course: Course, new_reader: Callable[..., Reader]) -> None:
    course.learner()
    course.learner()
    cursor = new_reader()("/v1/progress", limit=1)["page"]["next_cursor"]
    with time_machine.travel(now() + timedelta(hours=23, minutes=59)):
        assert new_reader().get("/v1/progress", limit=1, cursor=cursor).status_code == 200
    with time_machine.travel(now() + timedelta(hours=24, seconds=1)):
        response = new_reader().get("/v1/progress", limit=1, cursor=cursor)
    assert response.status_code == 400
    assert response.json is not None and response.json["code"] == "cursor_expired"


def test_as_of_is_that_of_the_first_page(course: Course, reader: Reader) -> None:
    """A later page read later would otherwise promise more than the walk has seen."""
    for _ in range(3):
        course.learner()
    before = now()
    first = reader("/v1/progress", limit=1)
    assert before - timedelta(seconds=10, milliseconds=1) <= as_of(first) <= now() - timedelta(seconds=10)
    with time_machine.travel(now() + timedelta(minutes=5)):
        second = reader("/v1/progress", limit=1, cursor=first["page"]["next_cursor"])
    assert second["meta"] == first["meta"]


def as_of(page: Any) -> datetime:
    return datetime.fromisoformat(page["meta"]["as_of"])


def test_window_includes_its_start_and_not_its_end(course: Course, reader: Reader) -> None:
    first, second = course.learner(), course.learner()
    start, end = (row.updated_at.isoformat().replace("+00:00", "Z") for row in (first, second))
    assert [row["id"] for row in reader.rows(updated_since=start, updated_before=end)] == [prg(first)]
    assert [row["id"] for row in reader.rows(updated_since=end)] == [prg(second)]


def test_moved_grade_brings_an_old_row_again(store: Store, course: Course, reader: Reader) -> None:
    """Given a reader who has walked, when a grade arrives minutes later and nothing else happens, then the next walk
    since as_of brings that row, once, after the rows that changed themselves."""
    old, idle = course.learner(), course.learner()
    course.finish(old)
    with time_machine.travel(now() + timedelta(minutes=2)):
        since = reader("/v1/progress")["meta"]["as_of"]
        assert reader.rows(updated_since=since) == []
    with time_machine.travel(now() + timedelta(minutes=4)):
        with store.transaction(1) as session:
            push = session.scalars(sa.select(GradePush)).one()
            push.state, push.delivered_at = "delivered", now()
        fresh = course.learner()
        rows = reader.rows(updated_since=since)
    assert [row["id"] for row in rows] == [prg(fresh), prg(old)]
    assert rows[1]["grade_delivery"]["state"] == "delivered"
    assert prg(idle) not in [row["id"] for row in rows]


def test_windows_side_by_side_miss_nothing(store: Store, course: Course, reader: Reader) -> None:
    """Given rows that change and grades that move over four minutes, windows of a minute, one after the other, hold
    each row that has changed at least once, and the last one that holds a row has its newest version."""
    start = now()
    rows = [course.learner() for _ in range(4)]
    for row in rows:
        course.finish(row)
    for minute in (1, 2, 3):
        with time_machine.travel(start + timedelta(minutes=minute)):
            course.touch(rows[minute - 1])
            with store.transaction(1) as session:
                moved = sa.select(GradePush).where(GradePush.identity_id == rows[minute].identity_id)
                session.scalars(moved).one().attempts += 1
    told = {}
    times = [(start + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z") for minute in (-1, 1, 2, 3, 4)]
    for since, before in pairwise(times):
        for row in reader.rows(updated_since=since, updated_before=before, limit=1):
            told[row["id"]] = row["version"], row["grade_delivery"]["version"]
    assert told == {
        prg(rows[0]): (3, 1),
        prg(rows[1]): (3, 2),
        prg(rows[2]): (3, 2),
        prg(rows[3]): (2, 2),
    }


def test_row_and_its_grade_in_one_window_come_once(store: Store, course: Course, reader: Reader) -> None:
    """Whether the grade is that of this very change, or an old one that has moved since."""
    rows = [course.learner() for _ in range(5)]
    for row in rows[:3]:
        course.finish(row)
    walked = [row["id"] for row in reader.rows(updated_since="2026-01-01T00:00:00Z", limit=2)]
    assert sorted(walked) == sorted(prg(row) for row in rows)
    with time_machine.travel(now() + timedelta(minutes=5)):
        since = now().isoformat().replace("+00:00", "Z")
        for row in rows[:3]:
            course.touch(row)
        with store.transaction(1) as session:
            for push in session.scalars(sa.select(GradePush)):
                push.attempts += 1
        walked = [row["id"] for row in reader.rows(updated_since=since, limit=2)]
    assert sorted(walked) == sorted(prg(row) for row in rows[:3])


def test_pages_run_through_both_parts(store: Store, course: Course, reader: Reader) -> None:
    """Given 5 old rows whose grades have moved and 4 new rows, pages of 2 hold each of the 9 once."""
    old = [course.learner() for _ in range(5)]
    for row in old:
        course.finish(row)
    with time_machine.travel(now() + timedelta(minutes=5)):
        since = now().isoformat().replace("+00:00", "Z")
        new = [course.learner() for _ in range(4)]
        with store.transaction(1) as session:
            for push in session.scalars(sa.select(GradePush)):
                push.state = "delivered"
        pages = reader.walk(updated_since=since, limit=2)
    assert [len(page["data"]) for page in pages] == [2, 2, 2, 2, 1]
    ids = [row["id"] for page in pages for row in page["data"]]
    assert ids[:4] == [prg(row) for row in new]
    assert sorted(ids[4:]) == sorted(prg(row) for row in old)


@pytest.mark.parametrize("overlap", [10, 0])
def test_row_that_is_committed_late(
    store: Store, course: Course, reader: Reader, monkeypatch: pytest.MonkeyPatch, overlap: int
) -> None:
    """Given a row written before and committed after a walk, the next walk since as_of brings it.

    The second run takes the overlap away, and the row is lost for good: that is what the ten seconds are for.
    """
    if store.is_sqlite:
        pytest.skip("SQLite has one writer at a time: the audit of the walk would wait for the late commit")
    monkeypatch.setattr(door_progress, "OVERLAP", timedelta(seconds=overlap))
    with store.transaction(1) as session:
        late = course.begin(session)
        time.sleep(0.05)
        first = reader("/v1/progress")
        assert first["data"] == []
    caught = [row["id"] for row in reader.rows(updated_since=first["meta"]["as_of"])]
    assert caught == ([prg(late)] if overlap else [])


def test_reader_keeps_up_with_many_writers(
    store: Store, course: Course, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given 4 writers who commit up to 0.3 s late and 40 grades that move, a reader who only ever passes as_of on has
    every row and every grade in its newest version at the end. (The overlap is 1 s here, to keep the test short.)"""
    if store.is_sqlite:
        pytest.skip("SQLite has one writer at a time: nothing is committed late")
    monkeypatch.setattr(door_progress, "OVERLAP", timedelta(seconds=1))
    rows = [course.learner() for _ in range(40)]
    for row in rows:
        course.finish(row)
    stop = time.monotonic() + 4

    def write(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  # no secret depends on it
        while time.monotonic() < stop:
            row = rows[chance.randrange(seed, len(rows), 4)]
            with store.transaction(1) as session:
                if chance.random() < 0.5:
                    session.get_one(Progress, (1, row.id)).fraction = chance.random()
                else:
                    query = sa.select(GradePush).where(GradePush.identity_id == row.identity_id)
                    session.scalars(query).one().attempts += 1
                session.flush()
                time.sleep(chance.random() * 0.3)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    known: dict[str, tuple[int, int]] = {}
    since: dict[str, str] = {}
    rounds = 0
    while any(writer.is_alive() for writer in writers):
        rounds += 1
        since = keep_up(reader, known, since)
    keep_up(reader, known, since)
    with store.reading(1) as session:
        pushes = {push.identity_id: push.version for push in session.scalars(sa.select(GradePush))}
        wanted = {prg(row): (row.version, pushes[row.identity_id]) for row in session.scalars(sa.select(Progress))}
    assert known == wanted
    assert rounds > 1
    assert sum(version for version, _ in wanted.values()) > 80  # somebody did write


def keep_up(reader: Reader, known: dict[str, tuple[int, int]], since: dict[str, str]) -> dict[str, str]:
    """One walk of a careful client; answers what to ask with next time."""
    pages = reader.walk(limit=7, **since)
    for page in pages:
        for row in page["data"]:
            known[row["id"]] = row["version"], row["grade_delivery"]["version"]
    return {"updated_since": pages[0]["meta"]["as_of"]}


def test_page_takes_as_many_statements_for_30_rows_as_for_3(store: Store, course: Course, reader: Reader) -> None:
    for _ in range(30):
        course.finish(course.learner())
    counts = []
    for limit in (3, 30):
        seen: list[str] = []

        def count(_c: Any, _cur: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        sa.event.listen(sa.Engine, "before_cursor_execute", count)
        assert len(reader("/v1/progress", limit=limit)["data"]) == limit
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
        counts.append(len(seen))
        assert not any("count(" in statement.lower() for statement in seen)
    assert counts[0] == counts[1]
