"""A grade that did not arrive: what the API says of it, and sending it again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from api.schemas import show_instant
from framework.settings import Settings
from framework.store.columns import public_id
from framework.store.grade_pushes import NEVER
from framework.store.sessions import Store, now
from framework.store.tables import Audit, GradePush, Progress
from tests.api.conftest import Course, Reader
from workers.enqueue import QUEUE

pytestmark = pytest.mark.one_database


def finished(course: Course) -> Progress:
    """A learner who has finished."""
    row = course.learner()
    course.finish(row)
    return row


def park(store: Store, row: Progress, **columns: Any) -> GradePush:
    """The learner's grade does not get through."""
    at = now()
    facts = {"state": "parked", "attempts": 3, "tried_at": at, "next_try": at + timedelta(hours=1)}
    facts |= {"error_class": "unpublished", "last_error": "The assignment is not published.", **columns}
    with store.transaction(1) as session:
        push = session.scalars(sa.select(GradePush).where(GradePush.identity_id == row.identity_id)).one()
        for name, value in facts.items():
            setattr(push, name, value)
    return push


def send_again(reader: Reader, grade_id: str) -> Any:
    headers = {"Authorization": f"Bearer {reader.token}"}
    return reader.web.post(f"/api/v1/grades/{grade_id}/resend", headers=headers)


@pytest.mark.lti("LTI-103")
def test_a_failed_delivery_says_code_prose_last_and_next_try(store: Store, course: Course, reader: Reader) -> None:
    push = park(store, finished(course))
    [shown] = reader("/v1/progress")["data"]
    said = shown["grade_delivery"]
    assert (said["state"], said["reason"], said["message"]) == (
        "failed",
        "unpublished",
        "The assignment is not published.",
    )
    assert (said["tried_at"], said["next_try_at"]) == (
        show_instant(push.tried_at or now()),
        show_instant(push.next_try),
    )


@pytest.mark.lti("LTI-103")
def test_what_is_never_tried_again_by_itself_has_no_next_try(store: Store, course: Course, reader: Reader) -> None:
    row = finished(course)
    for changes in ({"next_try": NEVER}, {"state": "delivered", "error_class": None}):
        park(store, row, **changes)
        [shown] = reader("/v1/progress")["data"]
        assert shown["grade_delivery"]["next_try_at"] is None


@pytest.mark.lti("LTI-103")
def test_a_failed_grade_is_sent_again_and_the_bell_rings(
    store: Store, course: Course, reader: Reader, settings: Callable[..., Settings]
) -> None:
    push = park(store, finished(course))
    answer = send_again(reader, public_id("grd", push.id))
    assert answer.status_code == 202, answer.text
    assert answer.json["data"]["id"] == public_id("grd", push.id)
    assert (answer.json["data"]["state"], answer.json["data"]["reason"]) == ("pending", None)
    with store.reading(1) as session:
        row = session.scalars(sa.select(GradePush)).one()
        audit = session.scalars(sa.select(Audit).where(Audit.action == "grade.resend")).one()
    assert (row.state, row.attempts) == ("due", 0)
    assert row.next_try <= now()
    assert audit.actor == f"client:{reader.client.client.client_id}"
    assert redis.Redis.from_url(settings().redis).llen(f"rq:queue:{QUEUE}") == 1


@pytest.mark.lti("LTI-103")
def test_sending_again_needs_its_own_scope_and_a_grade_of_ones_own(
    store: Store, course: Course, new_reader: Callable[..., Reader], other_tenant: int
) -> None:
    push = park(store, finished(course))
    reads = new_reader(scopes=("progress.read",))
    assert send_again(reads, public_id("grd", push.id)).status_code == 403
    stranger = new_reader(tenant_id=other_tenant)
    for grade_id in (public_id("grd", push.id), "grd_nothing", public_id("prs", push.id)):
        answer = send_again(stranger, grade_id)
        assert answer.status_code == 404
        assert answer.json["code"] == "not_found"
    with store.reading(1) as session:
        assert session.scalars(sa.select(GradePush)).one().state == "parked"
