"""The feed of changes, read by number."""

import sqlalchemy as sa

from framework.store import feed
from framework.store.sessions import Store
from framework.store.tables import ChangeFeed, Progress
from tests.api.conftest import Course, Reader, prg


def number(store: Store, tenant_id: int) -> int:
    """Number a tenant's changes, as the sweep does; answers the last number."""
    with store.transaction(tenant_id) as session:
        feed.number(session)
        return session.get_one(ChangeFeed, tenant_id).last_seq


def test_reader_hears_of_each_write_once_and_in_order(store: Store, course: Course, reader: Reader) -> None:
    """Given two learners of whom one works on, the feed tells three writes, by pages, and then nothing more."""
    first, second = course.learner(), course.learner()
    course.touch(first)
    number(store, 1)
    told, query = [], {"type": "progress", "limit": 2}
    while True:
        page = reader("/v1/changes", **query)
        told += page["data"]
        query["after"] = page["page"]["next_cursor"]
        if not page["page"]["has_more"]:
            break
    assert [(one["id"], one["version"], one["action"]) for one in told] == [
        (prg(first), 1, "upsert"),
        (prg(second), 1, "upsert"),
        (prg(first), 2, "upsert"),
    ]
    assert [one["seq"] for one in told] == sorted(one["seq"] for one in told)
    assert reader("/v1/changes", **query)["data"] == []


def test_change_without_a_number_waits(store: Store, course: Course, reader: Reader) -> None:
    """What is not numbered yet may stand before something that is: nobody hears of it until it is."""
    course.learner()
    assert reader("/v1/changes")["data"] == []
    number(store, 1)
    assert reader("/v1/changes", type="progress")["data"]


def test_deleted_row_is_told(store: Store, course: Course, reader: Reader) -> None:
    row = course.learner()
    after = f"chg_{number(store, 1):016d}"
    with store.transaction(1) as session:
        session.execute(sa.text("DELETE FROM attempt WHERE tenant_id = 1"))
        session.delete(session.get_one(Progress, (1, row.id)))
    number(store, 1)
    assert [(one["id"], one["action"]) for one in reader("/v1/changes", after=after)["data"]] == [(prg(row), "delete")]


def test_other_tables_are_passed_over_and_not_told(store: Store, course: Course, reader: Reader) -> None:
    """Attempts and answers are nobody's business here; the cursor goes past them, so they are not read again."""
    course.learner()
    last = number(store, 1)
    page = reader("/v1/changes", type="award")
    assert page["data"] == []
    assert page["page"] == {"has_more": False, "next_cursor": f"chg_{last:016d}"}
    assert {one["type"] for one in reader("/v1/changes")["data"]} == {"progress", "person", "course"}


def test_reader_ahead_of_the_feed_is_not_sent_back(reader: Reader) -> None:
    page = reader("/v1/changes", after="chg_0000000000000099")
    assert page["page"]["next_cursor"] == "chg_0000000000000099"


def test_wrong_place_in_the_feed_is_named(reader: Reader) -> None:
    for after in ("7", "chg_7", "chg_000000000000000x", "chg_٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠"):
        response = reader.get("/v1/changes", after=after)
        assert response.status_code == 422
        assert response.json is not None and response.json["errors"][0]["pointer"] == "/after"
