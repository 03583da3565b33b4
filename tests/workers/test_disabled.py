"""What is disabled is left alone by jobs too: no roster is read and no grade is sent, and both go on afterwards."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from framework.store import approvals, tasks
from framework.store.sessions import Store, now
from framework.store.tables import Deployment, GradePush, Platform, Task
from tests.workers.course import Course, Lms, place
from workers import jobs
from workers.workshop import Workshop

Place = Callable[..., Course]


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Course:
    return place(lms, store, "moodle", "priya")


def set_state(course: Course, what: str, state: str) -> None:
    with course.store.transaction(1) as session:
        row: Platform | Deployment
        if what == "platform":
            row = session.get_one(Platform, course.platform.id)
        else:
            row = session.get_one(Deployment, course.context.deployment_id)
        approvals.set_state(session, row, state, actor="test")


@pytest.mark.lti("LTI-62")
@pytest.mark.parametrize("what", ["platform", "deployment"])
def test_no_roster_is_read(course: Course, lms: Lms, what: str) -> None:
    """Red without ``deployment.state != "active"`` and ``platform.state != "active"`` in ``jobs._read_roster``."""
    set_state(course, what, approvals.DISABLED)
    with course.store.transaction(1) as session:
        tasks.request(session, tasks.ROSTER, str(course.context.id), now=now())
    before = lms.state("moodle")["roster_reads"]
    jobs.roster(1, str(course.context.id))
    assert lms.state("moodle")["roster_reads"] == before
    with course.store.reading(1) as session:
        assert session.scalars(sa.select(Task).where(Task.kind == tasks.ROSTER)).one().state == "parked"


@pytest.mark.lti("LTI-62")
@pytest.mark.parametrize("what", ["platform", "deployment"])
def test_no_grade_is_sent_until_it_is_approved_again(course: Course, what: str) -> None:
    """Red without ``*approvals.may_send(session, platform_id)`` in ``grade_claims.claim``, for a deployment."""
    course.want("priya", 1.0)
    set_state(course, what, approvals.DISABLED)
    jobs.push_grades(str(course.platform.id))
    assert state(course) == "due"
    set_state(course, what, approvals.ACTIVE)
    jobs.push_grades(str(course.platform.id))
    assert state(course) == "delivered"


def state(course: Course) -> str:
    with course.store.reading(1) as session:
        return session.scalars(sa.select(GradePush.state)).one()
