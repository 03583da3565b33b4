"""Columns and grades at rest, on both databases: what is parked comes back, a column is replaced or taken away."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from framework.errors import NotFound
from framework.store import grade_pushes, gradebooks, tasks
from framework.store.grade_pushes import NEVER
from framework.store.sessions import Store
from framework.store.tables import GradePush, LineItem
from tests import builders
from tests.builders import AT, Placement

DELIVERED: dict[str, Any] = {
    "state": "delivered",
    "sent_version": 1,
    "sent_value": 1.0,
    "sent_maximum": 1.0,
    "sent_submission": AT,
    "sent_stamp": AT,
    "delivered_at": AT,
}


@pytest.fixture
def placed(store: Store) -> Placement:
    return builders.placement(store, origin="made", url="https://lms.example.org/items/1")


def grade(store: Store, placed: Placement, **columns: Any) -> None:
    with store.transaction(1) as session:
        builders.grade_push(session, placed.line_item, placed.identity, **columns)


def row(store: Store) -> GradePush:
    with store.reading(1) as session:
        return session.scalars(sa.select(GradePush)).one()


def test_what_is_parked_is_due_again_when_its_time_has_come(store: Store, placed: Placement) -> None:
    grade(store, placed, state="parked", next_try=AT + timedelta(hours=1), attempts=3, error_class="unpublished")
    for at, is_due in ((AT, False), (AT + timedelta(hours=2), True)):
        with store.transaction(1) as session:
            assert grade_pushes.are_to_revive(session, at) is is_due
            assert grade_pushes.revive(session, now=at) == ({placed.platform.id} if is_due else set())
    assert (row(store).state, row(store).attempts) == ("due", 3), "attempts go on, so that waits grow"


def test_another_tenants_parked_grades_are_not_seen(store: Store, placed: Placement) -> None:
    grade(store, placed, state="parked", next_try=AT)
    with store.directory() as session:
        other = builders.tenant(session).id
    with store.transaction(other) as session:
        assert not grade_pushes.are_to_revive(session, AT + timedelta(hours=1))
        assert grade_pushes.revive(session, now=AT + timedelta(hours=1)) == set()


@pytest.mark.lti("LTI-88")
@pytest.mark.parametrize(("is_empty", "state", "sent"), [(True, "due", None), (False, "check", 1.0)])
def test_a_column_in_place_of_another_gets_every_grade(
    store: Store, placed: Placement, is_empty: bool, state: str, sent: float | None
) -> None:
    """Into an empty one blindly; one that was found again is read first."""
    grade(store, placed, **DELIVERED)
    with store.transaction(1) as session:
        gradebooks.begin_anew(session, placed.line_item.id, is_empty=is_empty, now=AT)
    assert (row(store).state, row(store).sent_value) == (state, sent)


@pytest.mark.lti("LTI-89")
def test_a_removed_column_holds_no_grade_and_is_never_tried_by_itself(store: Store, placed: Placement) -> None:
    grade(store, placed, **DELIVERED)
    with store.transaction(1) as session:
        gradebooks.forget_column(session, placed.line_item.id, "Removed.", now=AT)
    kept = row(store)
    assert (kept.state, kept.error_class, kept.sent_value, kept.sent_submission, kept.delivered_at) == (
        "parked",
        "column_removed",
        None,
        None,
        None,
    )
    assert kept.next_try == NEVER
    with store.reading(1) as session:
        item = session.scalars(sa.select(LineItem)).one()
        shown = gradebooks.column(session, placed.link)
    assert (item.url, item.origin) == (None, "removed")
    assert shown is not None
    assert shown.said == "Removed."


def test_only_grades_of_the_placement_are_sent_again(store: Store, placed: Placement) -> None:
    grade(store, placed, state="parked", next_try=NEVER)
    elsewhere = builders.placement(store)
    with store.transaction(1) as session:
        with pytest.raises(NotFound):
            gradebooks.resend(session, elsewhere.link, row(store).id, now=AT)
        assert gradebooks.resend(session, elsewhere.link, None, now=AT) == 0
        assert gradebooks.resend(session, placed.link, None, now=AT) == 1
    assert (row(store).state, row(store).next_try) == ("due", AT)


def test_the_platform_of_a_column_is_told_only_while_its_deployment_is_active(store: Store, placed: Placement) -> None:
    with store.reading(1) as session:
        assert gradebooks.platform_of(session, placed.line_item.id) == placed.platform.id
    with store.directory() as session:
        session.merge(placed.deployment).state = "disabled"
    with store.reading(1) as session:
        assert gradebooks.platform_of(session, placed.line_item.id) is None


def test_a_wish_stands_until_the_job_has_done_it(store: Store, placed: Placement) -> None:
    with store.transaction(1) as session:
        gradebooks.ask(session, placed.link, tasks.MATCH_COLUMN, now=AT)
        session.flush()
        assert gradebooks.column(session, placed.link).work == tasks.MATCH_COLUMN  # type: ignore[union-attr]  # None would fail it too
    with store.transaction(1) as session:
        claimed = tasks.claim(
            session, tasks.MATCH_COLUMN, str(placed.line_item.id), lease=timedelta(seconds=60), now=AT
        )
        assert claimed is not None
        tasks.finish(session, claimed, now=AT)
    with store.reading(1) as session:
        assert gradebooks.column(session, placed.link).work == ""  # type: ignore[union-attr]  # None would fail it too
