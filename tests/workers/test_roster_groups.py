"""Groups of a course: the roster tells who is in which, where the LMS has the service (Course Groups 1.0)."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from framework.store.sessions import Store
from framework.store.tables import Membership, Section
from tests.demo_lms.groups import TITLES
from tests.workers.course import Course, Lms, place
from tests.workers.rosters import members, read
from workers.workshop import Workshop

BOTH = pytest.mark.parametrize("family", ["moodle", "canvas"])
ON_ONE = pytest.mark.parametrize("kind_of_database", ["sqlite"], scope="session")
Place = Callable[..., Course]


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Place:
    return lambda family, *learners: place(lms, store, family, *learners)


@BOTH
def test_where_the_lms_has_groups_the_roster_says_who_is_in_which(course: Place, lms: Lms, family: str) -> None:
    lms.door("settings", {"platform": family, "groups_service": True})
    one = course(family, "priya")
    with one.store.transaction(1) as session:
        session.merge(one.context).groups_url = f"{lms.root}/{family}/services/course-groups"
    assert read(one).state == "done"
    expected = {each["name"]: each["groups"] for each in lms.state(family)["people"]}
    assert {name: each.sections for name, each in members(one).items()} == expected
    with one.store.reading(1) as session:
        titles = {row.lti_id: row.title for row in session.scalars(sa.select(Section))}
    assert titles == TITLES[family]
    lms.door("people", {"platform": family, "person": "priya", "groups": []})
    read(one)
    assert members(one)["Priya Nair"].sections == []


@ON_ONE
@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 200, "body": "<html>"}, {"status": 200, "body": '{"groups": [{"id": []}, 7, {}]}'}],
)
def test_groups_that_cannot_be_read_do_not_hold_up_the_roster(course: Place, lms: Lms, fault: dict[str, Any]) -> None:
    lms.door("settings", {"platform": "moodle", "groups_service": True})
    one = course("moodle")
    with one.store.transaction(1) as session:
        session.merge(one.context).groups_url = f"{lms.root}/moodle/services/course-groups"
    lms.fault(endpoint="groups", platform="moodle", **fault)
    assert read(one).state == "done"
    assert members(one)["Wei Li"].sections == ["12"]


@ON_ONE
def test_a_roster_without_groups_leaves_what_launches_told(course: Place, lms: Lms) -> None:
    """Red without ``if groups_url is None or not has_groups``."""
    one = course("moodle", "priya")
    with one.store.transaction(1) as session:
        session.scalars(sa.select(Membership)).one().sections = ["11"]
    read(one)
    assert members(one)["Priya Nair"].sections == ["11"]
    assert members(one)["Wei Li"].sections == []
