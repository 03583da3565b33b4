"""The Connection test against the demo LMS, in both ways, whole and with each setting switched off."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from framework import arriving
from framework.store import connection_tests
from framework.store.arrivals import Arrival
from framework.store.sessions import Store, now
from framework.store.tables import Attempt, Evidence, GradePush, Progress, ResourceLink, Task
from tests.workers.course import Course, Lms, place
from workers import connection_test
from workers.workshop import Workshop

FAMILIES = ("moodle", "canvas")
LEARNERS = {"moodle": "priya", "canvas": "priya"}


@dataclass
class Placed:
    """A Connection test in a course of the demo LMS."""

    course: Course
    store: Store

    def launch(self, slug: str, **changes: Any) -> None:
        """What a launch of one of the course's people says."""
        known = next(one for one in self.course.lms.state(self.course.family)["people"] if one["slug"] == slug)
        context = self.course.context
        role = "learner" if known["role"] == "learner" else "instructor"
        said: dict[str, Any] = {
            "launch_id": uuid.uuid4(),
            "secret_hash": "x",
            "platform_id": self.course.platform.id,
            "deployment_id": context.deployment_id,
            "sub": known["lti_id"],
            "roles": (role,),
            "role": role,
            "is_test": False,
            "expires_at": now() + timedelta(hours=1),
            "name": known["name"],
            "email": f"{slug}@example.org",
            "context_lti_id": context.lti_id,
            "memberships_url": context.memberships_url,
            "lineitems_url": context.lineitems_url,
            "lineitem_url": self.course.line_item.url,
            "scopes": tuple(context.scopes),
            "link_lti_id": self.course.link.lti_id,
            "custom": {"activity_id": "connection-test"},
            "return_url": "https://lms.example.org/back",
        }
        with self.store.transaction(1) as session:
            arriving.arrive(session, Arrival(**(said | changes)), now=now())

    def run(self) -> dict[str, tuple[str, str]]:
        """Work on the test as a worker does; answers what the page would show."""
        connection_test.run(1, str(self.course.link.id))
        with self.store.reading(1) as session:
            row = connection_tests.of(session, self.course.link.id)
        assert row is not None and row.findings is not None
        return {name: (one["result"], one["said"]) for name, one in row.findings.items()}

    def ask(self) -> dict[str, tuple[str, str]]:
        """Run it again, as the teacher's button does."""
        with self.store.transaction(1) as session:
            row = connection_tests.of(session, self.course.link.id)
            assert row is not None
            connection_tests.ask(session, row, now=now())
        return self.run()


def placed(lms: Lms, shop: Workshop, family: str, **placement: Any) -> Placed:
    course = place(lms, shop.store, family, title="Connection test", **placement)
    with shop.store.transaction(1) as session:
        link = session.scalars(sa.select(ResourceLink).where(ResourceLink.id == course.link.id)).one()
        link.activity_key = "connection-test"
    return Placed(course, shop.store)


@pytest.mark.parametrize("family", FAMILIES)
def test_it_waits_for_a_learner_and_then_everything_works(shop: Workshop, lms: Lms, family: str) -> None:
    """Red without ``connection_tests.opened`` in ``arriving.arrive``; the waiting: without ``learner is None``."""
    one = placed(lms, shop, family)
    teacher = "margaret" if family == "moodle" else "ruth"
    one.launch(teacher)
    found = one.run()
    assert found["Launch by a learner"][0] == found["Point sent"][0] == "waiting"
    assert found["List of learners"][0] == "ok", found
    one.launch(LEARNERS[family])
    found = one.run()
    assert {name: result for name, (result, _) in found.items() if result != "ok"} == {}, found
    assert [score["body"]["scoreGiven"] for score in one.course.scores()] == [1.0]
    assert one.course.grade(LEARNERS[family]) == 1.0


def test_it_leaves_no_evidence_progress_or_grade_row(shop: Workshop, lms: Lms) -> None:
    """Red with a GradePush for the point, and with an activity of the content in its place."""
    one = placed(lms, shop, "moodle")
    one.launch("priya")
    one.run()
    with shop.store.reading(1) as session:
        for table in (Evidence, Progress, Attempt, GradePush):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table
        assert set(session.scalars(sa.select(Task.kind))) <= {"connection_test", "roster", "line_item"}


def test_a_job_that_nobody_asked_for_sends_nothing(shop: Workshop, lms: Lms) -> None:
    """Red without ``if claimed is None``."""
    one = placed(lms, shop, "moodle")
    one.launch("priya")
    one.run()
    connection_test.run(1, str(one.course.link.id))
    assert len(one.course.scores()) == 1


@pytest.mark.parametrize("nobody", [{"is_test": True}, {"sub": ""}], ids=["preview user", "guest"])
def test_a_test_user_and_a_guest_are_not_the_learner_it_waits_for(
    shop: Workshop, lms: Lms, nobody: dict[str, Any]
) -> None:
    """An LMS refuses grades for them. Red without ``not arrival.is_test``, and without ``arrival.sub``."""
    one = placed(lms, shop, "canvas")
    one.launch("priya", **nobody)
    assert one.run()["Point sent"][0] == "waiting"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("switch", "step", "words"),
    [
        ("grade_service", "Point sent", {"moodle": "grade sync", "canvas": "scopes for line items"}),
        ("roster_service", "List of learners", {"moodle": "Names and Role", "canvas": "Can retrieve user data"}),
    ],
)
def test_a_service_that_is_switched_off_is_named_with_its_setting_and_found_when_it_is_on_again(
    shop: Workshop, lms: Lms, family: str, switch: str, step: str, words: dict[str, str]
) -> None:
    """Red without ``scope_refused`` in ``workers.tokens``; on again: without ``_forget``."""
    one = placed(lms, shop, family)
    one.launch("priya")
    one.run()
    lms.door("settings", {"platform": family, switch: False})
    result, said = one.ask()[step]
    assert result == "failed" and words[family] in said, said
    lms.door("settings", {"platform": family, switch: True})
    assert one.ask()[step][0] == "ok"


@pytest.mark.parametrize("family", FAMILIES)
def test_launches_that_offer_nothing_name_every_setting(shop: Workshop, lms: Lms, family: str) -> None:
    """Red without one of the branches of ``told``, ``_grade`` and ``_roster``."""
    one = placed(lms, shop, family, is_coupled=False)
    with shop.store.transaction(1) as session:
        session.delete(session.merge(one.course.line_item))
        session.merge(one.course.context).memberships_url = None
    nothing: dict[str, Any] = dict.fromkeys(
        ("name", "email", "memberships_url", "lineitems_url", "lineitem_url", "return_url")
    )
    one.launch("priya", **nothing, scopes=(), carrier="path")
    found = one.run()
    results = {name: result for name, (result, _) in found.items()}
    assert results["Gradebook column"] == results["List of learners"] == "failed", found
    assert results["Point sent"] == results["Point read back"] == "waiting"
    for step in ("Names", "E-mail addresses", "Way back", "Cookies"):
        assert results[step] == "warning", step
    assert {"moodle": "Privacy", "canvas": "Privacy Level"}[family] in found["Names"][1]


def test_an_activity_without_a_grade_where_no_column_may_be_made(shop: Workshop, lms: Lms) -> None:
    """Moodle's “Accept grades from the tool” is off. Red without ``may_not_make_column`` in ``_ABOUT``."""
    lms.door("settings", {"platform": "moodle", "line_item_scope": False})
    one = placed(lms, shop, "moodle", is_coupled=False)
    one.launch("priya", scopes=tuple(scope for scope in one.course.context.scopes if not scope.endswith("/lineitem")))
    found = one.run()
    assert found["Point sent"][0] == "failed" and "Accept grades from the tool" in found["Point sent"][1], found
    assert found["Gradebook column"][0] == "failed"


def test_a_column_that_had_to_be_made_is_said(shop: Workshop, lms: Lms) -> None:
    """Red without ``column.origin == "made"``."""
    one = placed(lms, shop, "moodle", is_coupled=False)
    one.launch("priya")
    found = one.run()
    assert found["Gradebook column"][0] == "warning" and found["Point read back"][0] == "ok", found


@pytest.mark.lti("LTI-64")
def test_services_on_a_foreign_host_are_named_and_not_called(shop: Workshop, lms: Lms) -> None:
    """Red without ``_require_own_host``: localhost is another host than 127.0.0.1, where the LMS is."""
    one = placed(lms, shop, "moodle")
    foreign = {
        name: str(url).replace("127.0.0.1", "localhost")
        for name, url in (
            ("memberships_url", one.course.context.memberships_url),
            ("lineitems_url", one.course.context.lineitems_url),
            ("lineitem_url", one.course.line_item.url),
        )
    }
    one.launch("priya", **foreign)
    found = one.run()
    for step in ("Point sent", "List of learners"):
        assert found[step][0] == "failed" and "allow-host" in found[step][1] and "localhost" in found[step][1], found
    assert one.course.scores() == []


def test_a_connection_that_is_switched_off_asks_nothing(shop: Workshop, lms: Lms) -> None:
    """Red without ``is_active`` in ``all``."""
    one = placed(lms, shop, "moodle")
    one.launch("priya")
    with shop.store.directory() as session:
        session.merge(one.course.platform).state = "disabled"
    assert one.run()["Connection"][0] == "failed"
    assert one.course.scores() == []
