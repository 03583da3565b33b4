"""One tenant never sees another's rows, and cannot tell them from rows that do not exist.

Tried: each statement quoted below was taken out of the code, and the test beside it failed.
"""

from collections.abc import Callable
from typing import Any

import pytest

from framework.store.columns import public_id
from framework.store.sessions import Store
from tests.api.conftest import Course, Reader, prg
from tests.api.test_changes import number


@pytest.fixture
def mine(new_course: Callable[..., Course]) -> Course:
    return new_course()


@pytest.fixture
def theirs(new_course: Callable[..., Course], other_tenant: int) -> Course:
    return new_course(other_tenant)


def test_list_holds_the_callers_tenant_alone(mine: Course, theirs: Course, new_reader: Callable[..., Reader]) -> None:
    """Red without ``state.statement = state.statement.options(with_loader_criteria(TenantRow, ...))`` in
    ``framework.store.sessions``, and with a fixed tenant in ``door().store.reading(caller().tenant_id)``."""
    here, there = mine.learner(), theirs.learner()
    assert [row["id"] for row in new_reader(1).rows()] == [prg(here)]
    assert [row["id"] for row in new_reader(theirs.tenant_id).rows()] == [prg(there)]


def test_deliveries_hold_the_callers_tenant_alone(mine: Course, theirs: Course, reader: Reader) -> None:
    """The list's second part (grades that have moved) is narrowed too. Red without the same statement."""
    here, there = mine.learner(), theirs.learner()
    mine.finish(here)
    theirs.finish(there)
    assert {row["id"] for row in reader.rows(updated_since="2026-01-01T00:00:00Z")} == {prg(here)}


@pytest.mark.parametrize("filter_", ["platform_id", "course_id", "person_id"])
def test_filter_by_a_foreign_id_finds_nothing(theirs: Course, reader: Reader, filter_: str) -> None:
    """An id of another tenant answers as an id that never was. Red without ``with_loader_criteria``."""
    there = theirs.learner()
    ids = {
        "platform_id": public_id("plt", theirs.platform.id),
        "course_id": public_id("crs", theirs.context_id),
        "person_id": public_id("prs", there.person_id),
    }
    assert reader.rows(**{filter_: ids[filter_]}) == []


def test_foreign_row_is_not_found(theirs: Course, new_reader: Callable[..., Reader]) -> None:
    """404, not 403, and word for word what a made-up id answers. Red without ``with_loader_criteria``."""
    there = theirs.learner()
    foreign = new_reader(1).get(f"/v1/progress/{prg(there)}")
    made_up = new_reader(1).get("/v1/progress/prg_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert foreign.status_code == made_up.status_code == 404
    assert foreign.json is not None and made_up.json is not None
    assert foreign.json["detail"] == made_up.json["detail"]
    assert new_reader(theirs.tenant_id).get(f"/v1/progress/{prg(there)}").status_code == 200


def test_cursor_of_another_tenant_is_refused(mine: Course, theirs: Course, new_reader: Callable[..., Reader]) -> None:
    """Red without ``caller().tenant_id`` in ``api.cursors._question``."""
    for course in (mine, theirs):
        course.learner()
        course.learner()
    page = new_reader(theirs.tenant_id)("/v1/progress", limit=1)
    response = new_reader(1).get("/v1/progress", limit=1, cursor=page["page"]["next_cursor"])
    assert response.status_code == 400
    assert response.json is not None and response.json["code"] == "cursor_mismatch"


def test_feed_of_changes_is_the_callers_tenants_alone(
    store: Store, mine: Course, theirs: Course, new_reader: Callable[..., Reader]
) -> None:
    """Red without ``ChangeFeed.tenant_id == tenant_of(session)`` in ``framework.store.changes``."""
    here, there = mine.learner(), theirs.learner()
    theirs.touch(there)
    numbers = number(store, 1), number(store, theirs.tenant_id)
    assert numbers[0] != numbers[1]
    for tenant_id, row, last in ((1, here, numbers[0]), (theirs.tenant_id, there, numbers[1])):
        page: Any = new_reader(tenant_id)("/v1/changes", type="progress")
        assert {change["id"] for change in page["data"]} == {prg(row)}
        assert page["page"]["next_cursor"] == f"chg_{last:016d}"


def test_token_says_the_tenant_and_the_row_is_asked(
    store: Store, theirs: Course, reader: Reader, new_reader: Callable[..., Reader]
) -> None:
    """A client moved to another tenant loses its tokens. Red without ``client.tenant_id != token["t"]``."""
    with store.directory() as session:
        session.merge(reader.client.client).tenant_id = theirs.tenant_id
    assert reader.get("/v1/progress").status_code == 401
