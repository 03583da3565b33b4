"""What a row of progress says, and which rows the filters choose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from framework.store import sections
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import Audit, Context, GradePush, Identity, Progress, ResourceLink
from tests import builders
from tests.api.conftest import Course, Reader, prg


def deliver(store: Store, row: Progress, **columns: Any) -> None:
    """The grade of a learner moves, as the gradebook job writes it."""
    with store.transaction(1) as session:
        push = session.scalars(sa.select(GradePush).where(GradePush.identity_id == row.identity_id)).one()
        for name, value in columns.items():
            setattr(push, name, value)


def test_learner_under_way(course: Course, reader: Reader) -> None:
    row = course.learner(fraction=0.25)
    [shown] = reader("/v1/progress")["data"]
    assert shown == {
        "id": prg(row),
        "version": 1,
        "person_id": public_id("prs", row.person_id),
        "is_test": False,
        "course_id": public_id("crs", course.context_id),
        "course_title": shown["course_title"],
        "sections": [],
        "platform_id": public_id("plt", course.platform.id),
        "framework": "leadership-qualities",
        "activity_key": "self-belief",
        "activity_type": "module",
        "quality": "self-belief",
        "content_edition": 1,
        "status": "in_progress",
        "fraction_complete": 0.25,
        "points": None,
        "maximum": None,
        "attempts": 1,
        "started_at": "2026-03-02T09:00:00.000000Z",
        "completed_at": None,
        "updated_at": row.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "grade_delivery": {
            "id": None,
            "version": None,
            "state": "not_due",
            "line_item": course.line_item.url,
            "delivered_at": None,
            "reason": None,
            "message": None,
            "tried_at": None,
            "next_try_at": None,
            "updated_at": None,
        },
    }
    assert shown["course_title"].startswith("Course ")
    assert reader(f"/v1/progress/{prg(row)}")["data"] == shown


def test_grade_from_finish_to_gradebook(store: Store, course: Course, reader: Reader) -> None:
    """Given a learner who finishes, the grade is pending, then delivered; had it failed, the reason would be there."""
    row = course.learner()
    course.finish(row)
    [shown] = reader.rows()
    assert (shown["status"], shown["points"], shown["maximum"]) == ("completed", 3.0, 4.0)
    assert shown["grade_delivery"]["state"] == "pending"

    deliver(store, row, state="delivered", delivered_at=now())
    [shown] = reader.rows()
    assert shown["grade_delivery"]["state"] == "delivered"
    assert shown["grade_delivery"]["delivered_at"]

    deliver(store, row, state="parked", delivered_at=None, error_class="refused")
    [shown] = reader.rows()
    assert (shown["grade_delivery"]["state"], shown["grade_delivery"]["reason"]) == ("failed", "refused")


def test_grade_is_the_present_runs(store: Store, course: Course, reader: Reader) -> None:
    """Given a link that serves a new cohort, the earlier run's row does not claim the new run's grade."""
    row = course.learner()
    course.finish(row)
    with store.transaction(1) as session:
        session.get_one(ResourceLink, (1, course.link.id)).run = 2
    [shown] = reader.rows()
    assert shown["grade_delivery"]["state"] == "not_due"


def test_attempts_and_edition_are_those_that_count(store: Store, course: Course, reader: Reader) -> None:
    """Given a second attempt on a newer edition while the first one counts, the edition shown is the first one's."""
    row = course.learner()
    with store.transaction(1) as session:
        newer = builders.edition(session, number=2, document=course.edition.document)
        mine = session.get_one(Progress, (1, row.id))
        builders.attempt(session, mine, newer, number=2, state="submitted")
    [shown] = reader.rows()
    assert (shown["attempts"], shown["content_edition"]) == (2, 2)
    with store.transaction(1) as session:
        first = session.execute(sa.text("SELECT id FROM attempt WHERE tenant_id = 1 AND number = 1")).scalar_one()
        session.execute(
            sa.text("UPDATE progress SET counted_attempt_id = :first WHERE tenant_id = 1"), {"first": first}
        )
    [shown] = reader.rows()
    assert (shown["attempts"], shown["content_edition"]) == (2, 1)


def test_progress_before_any_attempt(store: Store, course: Course, reader: Reader) -> None:
    with store.transaction(1) as session:
        identity = builders.identity(session, builders.person(session), course.platform)
        builders.progress(session, course.link, identity)
    [shown] = reader.rows()
    assert (shown["attempts"], shown["content_edition"], shown["activity_type"]) == (0, None, None)


@pytest.fixture
def two(new_course: Callable[..., Course]) -> tuple[Course, Progress, Course, Progress]:
    """A module and a set of scenarios, on two platforms; the first learner has finished."""
    one, other = new_course(), new_course(activity_key="self-awareness.scenarios")
    first, second = one.learner(), other.learner()
    one.finish(first)
    return one, first, other, second


def test_each_filter_chooses(two: tuple[Course, Progress, Course, Progress], reader: Reader) -> None:
    one, first, other, second = two
    for query, wanted in [
        ({"platform_id": public_id("plt", one.platform.id)}, first),
        ({"platform_id": public_id("plt", other.platform.id)}, second),
        ({"course_id": public_id("crs", one.context_id)}, first),
        ({"person_id": public_id("prs", second.person_id)}, second),
        ({"activity": "self-belief"}, first),
        ({"activity": "self-awareness.scenarios"}, second),
        ({"quality": "self-belief"}, first),
        ({"quality": "self-awareness"}, second),
        ({"status": "completed"}, first),
        ({"status": "in_progress"}, second),
    ]:
        assert [row["id"] for row in reader.rows(**query)] == [prg(wanted)], query


def test_sections_are_told_and_chosen(
    store: Store, two: tuple[Course, Progress, Course, Progress], reader: Reader
) -> None:
    """Red without ``holds(Membership.sections, ...)`` in the filter: the other learner comes too."""
    one, first, other, second = two
    third = one.learner()
    course = public_id("crs", one.context_id)
    with store.transaction(1) as session:
        for where, row, ids in ((one, first, ["4", "42"]), (one, third, ["42"]), (other, second, ["4"])):
            context = session.get_one(Context, (1, where.context_id))
            builders.membership(session, context, session.get_one(Identity, (1, row.identity_id)), sections=ids)
        sections.keep_titles(session, one.context_id, {"42": "Ward"})
    assert [row["id"] for row in reader.rows(course_id=course, section="4")] == [prg(first)]
    both = reader.rows(course_id=course, section="42")
    assert {row["id"] for row in both} == {prg(first), prg(third)}
    assert both[0]["sections"][-1] == {"id": "42", "title": "Ward"}
    assert reader.rows(course_id=course, section="2") == []
    [elsewhere] = reader.rows(course_id=public_id("crs", other.context_id))
    assert elsewhere["sections"] == [{"id": "4", "title": None}]
    assert reader.get("/v1/progress", section="4").status_code == 422, "an id belongs to a course"


def test_filters_hold_together(two: tuple[Course, Progress, Course, Progress], reader: Reader) -> None:
    one, first, _, _ = two
    assert reader.rows(activity="self-belief", status="in_progress") == []
    [row] = reader.rows(activity="self-belief", status="completed", course_id=public_id("crs", one.context_id))
    assert row["id"] == prg(first)
    assert reader.rows(activity="never-was") == []


def test_filters_narrow_moved_grades_too(
    store: Store, two: tuple[Course, Progress, Course, Progress], reader: Reader
) -> None:
    """The second part of a list obeys the same filters as the first."""
    one, first, other, _ = two
    with time_machine.travel(now() + timedelta(minutes=5)):
        since = now().isoformat().replace("+00:00", "Z")
        deliver(store, first, state="delivered")
        for query, count in [
            ({}, 1),
            ({"platform_id": public_id("plt", one.platform.id)}, 1),
            ({"platform_id": public_id("plt", other.platform.id)}, 0),
            ({"course_id": public_id("crs", other.context_id)}, 0),
            ({"quality": "self-awareness"}, 0),
            ({"status": "in_progress"}, 0),
        ]:
            assert len(reader.rows(updated_since=since, **query)) == count, query


def test_unknown_quality_is_named(course: Course, reader: Reader) -> None:
    response = reader.get("/v1/progress", quality="self-beleif")
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["errors"] == [
        {
            "in": "query",
            "pointer": "/quality",
            "code": "not_valid",
            "message": "There is no quality called self-beleif.",
        }
    ]


def test_reading_is_written_down(store: Store, course: Course, reader: Reader) -> None:
    """Who read, by which right, with which filters, and about how many people: here two, of whom one has two rows."""
    first, _ = course.learner(), course.learner()
    with store.transaction(1) as session:
        other = builders.link(session, session.get_one(Context, (1, course.context_id)), activity_key="self-awareness")
        builders.progress(session, other, session.get_one(Identity, (1, first.identity_id)))
    response = reader.get("/v1/progress", status="in_progress")
    with store.reading(1) as session:
        [row] = session.scalars(sa.select(Audit)).all()
    assert row.actor == f"client:{reader.client.client.client_id}"
    assert (row.action, row.subject, row.people) == ("api.read", "progress", 2)
    assert row.details == {"scope": "progress.read", "filters": {"status": "in_progress"}, "rows": 3}
    assert row.request_id == response.headers["X-Request-ID"]


def test_refused_reading_is_not_written_down(store: Store, course: Course, reader: Reader) -> None:
    row = course.learner()
    assert reader.get("/v1/progress", limit=0).status_code == 422
    assert reader.get("/v1/progress/prg_aaaaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404
    with store.reading(1) as session:
        assert session.scalars(sa.select(Audit)).all() == []
    reader(f"/v1/progress/{prg(row)}")
    with store.reading(1) as session:
        [kept] = session.scalars(sa.select(Audit)).all()
    assert (kept.subject, kept.people) == (prg(row), 1)
