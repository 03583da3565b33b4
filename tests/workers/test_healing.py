"""What stops grades and then goes away: no click is needed, and a platform that is paused says why."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from framework.store.grade_pushes import NEVER
from framework.store.sessions import Store, now
from framework.store.tables import GradePush, Platform
from tests.workers.course import Course, Lms, place
from workers import delivery, jobs
from workers.sweep import Sweep
from workers.workshop import Workshop, workshop

pytestmark = pytest.mark.one_database
Place = Callable[..., Course]
UNPUBLISHED = '{"errors":[{"message":"cannot be changed at this time: This assignment is still unpublished"}]}'
ENDED = '{"errors":{"message":"This course has concluded. AGS requests will no longer be accepted for this course."}}'


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Place:
    """``course(family, learners...)``: a placed activity."""
    return lambda family, *learners, **placement: place(lms, store, family, *learners, **placement)


def push(course: Course) -> None:
    jobs.push_grades(str(course.platform.id))


def time_passes(course: Course) -> None:
    """Every wait of the grades is over; then one sweep."""
    with course.store.transaction(1) as session:
        for row in session.scalars(sa.select(GradePush).where(GradePush.next_try < NEVER)):
            row.next_try = now() - timedelta(seconds=1)
    assert Sweep(course.store, workshop().bell).tick()


@pytest.mark.lti("LTI-103", "LTI-98")
@pytest.mark.parametrize(
    ("status", "body", "code"), [(422, UNPUBLISHED, "unpublished"), (422, ENDED, "course_ended"), (404, "", "Gone")]
)
def test_a_canvas_course_that_is_opened_later_gets_its_grades_without_a_click(
    course: Place, lms: Lms, status: int, body: str, code: str
) -> None:
    """Given a course that takes no grades; when it does, some time later, the grade arrives and nobody did anything.

    Red without ``grade_pushes.revive`` in Sweep._sweep_tenant.
    """
    one = course("canvas", "priya")
    for endpoint in ("scores", "results", "line_items"):
        lms.fault(endpoint=endpoint, platform="canvas", status=status, body=body, times=50)
    one.want("priya", 1.0)
    push(one)
    row = one.row("priya")
    assert (row.state, row.error_class) == ("parked", "course_closed" if code == "Gone" else code)
    assert delivery.FIRST_LOOK <= row.next_try - now() + timedelta(seconds=5) <= delivery.FIRST_LOOK * 1.3
    time_passes(one)
    push(one)
    later = one.row("priya")
    assert later.state == "parked", "still closed"
    assert later.next_try - now() > delivery.FIRST_LOOK * 1.5, "looked at ever more seldom"
    lms.door("faults", {"clear": True})
    time_passes(one)
    push(one)
    assert (one.row("priya").state, one.grade("priya")) == ("delivered", 1.0)


@pytest.mark.lti("LTI-103")
def test_a_moodle_column_that_is_unlocked_gets_its_grades_without_a_click(course: Place, lms: Lms) -> None:
    one = course("moodle", "priya")
    lms.fault(endpoint="scores", platform="moodle", status=500, body="[]", times=50)
    one.want("priya", 1.0)
    with one.store.transaction(1) as session:
        session.scalars(sa.select(GradePush)).one().attempts = 9  # of the ten that a locked column gets
    push(one)
    assert (one.row("priya").state, one.row("priya").error_class) == ("parked", "column_locked")
    lms.door("faults", {"clear": True})
    time_passes(one)
    push(one)
    assert (one.row("priya").state, one.grade("priya")) == ("delivered", 1.0)


@pytest.mark.lti("LTI-103")
def test_a_learner_who_is_enrolled_again_gets_the_grade_without_a_click(course: Place, lms: Lms) -> None:
    one = course("canvas", "priya")
    lms.door("people", {"platform": "canvas", "person": "priya", "status": "removed"})
    one.want("priya", 1.0)
    push(one)
    assert one.row("priya").error_class == "not_enrolled"
    lms.door("people", {"platform": "canvas", "person": "priya", "status": "active"})
    time_passes(one)
    push(one)
    assert one.row("priya").state == "delivered"


@pytest.mark.lti("LTI-83")
def test_a_pause_keeps_its_reason_until_a_grade_goes_through(course: Place, lms: Lms, shop: Workshop) -> None:
    """Red without ``_works_again``: the pages went on telling of a trouble that is over."""
    one = course("moodle", "priya", "wei")
    lms.fault(endpoint="token", platform="moodle", status=400, times=50, body='{"error": "invalid_client"}')
    one.want("priya", 1.0)
    push(one)

    def platform() -> Platform:
        with one.store.directory_reading() as session:
            return session.get_one(Platform, one.platform.id)

    assert "refused this tool" in (platform().paused_reason or "")
    assert platform().paused_until is not None
    lms.door("faults", {"clear": True})
    with one.store.directory() as session:
        session.get_one(Platform, one.platform.id).paused_until = None
    assert platform().paused_reason, "still said: nothing has gone through yet"
    shop.tokens._failed.clear()
    time_passes(one)
    push(one)
    assert one.row("priya").state == "delivered"
    assert platform().paused_reason is None
