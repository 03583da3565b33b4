"""Who is in the course: read whole or not at all, with the roles that launches know."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from framework.store.sessions import Store
from framework.store.tables import Context, Identity, Membership, Person, Platform, Visit
from tests.workers.course import Course, Lms, place
from tests.workers.rosters import members, read
from workers import jobs, vocabulary
from workers.roster import first_page
from workers.workshop import Workshop, workshop

BOTH = pytest.mark.parametrize("family", ["moodle", "canvas"])
ON_ONE = pytest.mark.parametrize("kind_of_database", ["sqlite"], scope="session")
Place = Callable[..., Course]


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Place:
    return lambda family, *learners: place(lms, store, family, *learners)


@pytest.mark.lti("LTI-104", "LTI-112")
@BOTH
def test_a_course_fills_with_its_people(course: Place, family: str) -> None:
    one = course(family, "priya")
    assert read(one).state == "done"
    found = members(one)
    assert len(found) == len(one.lms.state(family)["people"])
    assert found["Priya Nair"].seen_in == "launch"
    teacher = found["Margaret Osei" if family == "moodle" else "Ruth Abernathy"]
    assert (teacher.role, teacher.seen_in, teacher.status) == ("instructor", "roster", "active")
    assert f"{vocabulary.MEMBERSHIP}#Instructor" in teacher.roles, "short names become URIs"
    with one.store.reading(1) as session:
        assert session.scalars(sa.select(Context.roster_at)).one() is not None


@pytest.mark.lti("LTI-106")
@ON_ONE
def test_every_page_is_read(course: Place, lms: Lms, monkeypatch: pytest.MonkeyPatch) -> None:
    lms.door("people", {"platform": "canvas", "add": 12})
    lms.door("settings", {"platform": "canvas", "roster_page_size": 4})
    one = course("canvas")
    assert read(one).state == "done"
    assert len(members(one)) == len(lms.state("canvas")["people"])
    assert lms.state("canvas")["roster_reads"] == 5
    monkeypatch.setattr("workers.roster.MOST_PAGES", 4)
    assert read(one).state == "parked"


@pytest.mark.lti("LTI-109")
@ON_ONE
def test_people_without_names_are_members_too(course: Place, lms: Lms) -> None:
    lms.door("settings", {"platform": "moodle", "send_name": False, "send_email": False})
    one = course("moodle")
    read(one)
    with one.store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 8
        assert set(session.scalars(sa.select(Person.name))) == {None}


@pytest.mark.lti("LTI-109")
def test_who_left_becomes_inactive_and_comes_back(course: Place, lms: Lms) -> None:
    one = course("moodle")
    read(one)
    lms.door("people", {"platform": "moodle", "person": "priya", "status": "suspended"})
    read(one)
    assert members(one)["Priya Nair"].status == "inactive"
    assert members(one)["Wei Li"].status == "active"
    lms.door("people", {"platform": "moodle", "person": "priya", "status": "active"})
    read(one)
    assert members(one)["Priya Nair"].status == "active"


@pytest.mark.lti("LTI-109")
def test_a_roster_that_breaks_off_changes_nothing(course: Place, lms: Lms) -> None:
    one = course("canvas")
    read(one)
    before = {name: membership.version for name, membership in members(one).items()}
    lms.door("settings", {"platform": "canvas", "roster_page_size": 3})
    lms.door("people", {"platform": "canvas", "person": "priya", "status": "removed"})
    lms.door("people", {"platform": "canvas", "add": 3})
    lms.fault(endpoint="memberships", platform="canvas", after=1, status=500)
    task = read(one)
    assert (task.state, task.attempts) == ("due", 1)
    assert "500" in (task.last_error or "")
    assert {name: membership.version for name, membership in members(one).items()} == before


@pytest.mark.lti("LTI-106", "LTI-107")
@ON_ONE
@pytest.mark.parametrize(
    ("body", "headers", "state"),
    [
        ('{"members": {}}', {}, "parked"),
        ("<html>", {}, "due"),
        ('{"members": []}', {"Link": '<https://evil.example/2>; rel="next"'}, "due"),
        ('{"members": []}', {"Link": '<?page=1>; rel="next"'}, "parked"),
    ],
)
def test_an_odd_roster_is_refused_with_a_reason(
    course: Place, lms: Lms, body: str, headers: dict[str, str], state: str
) -> None:
    one = course("moodle", "priya")
    lms.fault(endpoint="memberships", platform="moodle", status=200, body=body, headers=headers, times=1100)
    task = read(one)
    assert (task.state, bool(task.last_error)) == (state, True)
    assert members(one)["Priya Nair"].status == "active"


@ON_ONE
def test_an_empty_roster_empties_no_course(course: Place, lms: Lms) -> None:
    one = course("moodle", "priya")
    lms.fault(endpoint="memberships", platform="moodle", status=200, body='{"members": []}')
    assert read(one).state == "done"
    assert members(one)["Priya Nair"].status == "active"


@pytest.mark.lti("LTI-109")
@ON_ONE
def test_odd_members_are_left_out_and_the_others_kept(course: Place, lms: Lms) -> None:
    people = [
        {"user_id": "ok", "roles": ["Learner"], "name": "Fine\u0000 Name", "status": "Active"},
        {"user_id": 7, "roles": ["Learner"], "given_name": "Only", "family_name": "Parts"},
        {"user_id": "", "roles": ["Learner"]},
        {"user_id": "x" * 256, "roles": ["Learner"]},
        {"user_id": "nul\u0000", "roles": ["Learner"]},
        {"user_id": True, "roles": ["Learner"]},
        {"roles": ["Learner"]},
        "nobody",
        {"user_id": "norole", "name": "No Role"},
        {"user_id": "gone", "roles": ["Learner"], "status": "Deleted", "name": "Gone"},
        {"user_id": "ok", "roles": ["Learner"], "name": "Fine Name"},
    ]
    one = course("moodle")
    lms.fault(endpoint="memberships", platform="moodle", status=200, body=json.dumps({"members": people}))
    assert read(one).state == "done"
    found = members(one)
    assert set(found) == {"Fine Name", "Only Parts", "No Role", "Gone"}
    assert (found["No Role"].role, found["Gone"].status) == ("none", "inactive")
    assert found["Only Parts"].status == "active", "also where the LMS names no status"


@pytest.mark.lti("LTI-108")
@pytest.mark.parametrize(
    ("family", "url", "query"),
    [
        ("moodle", "/m?type=1", {"type": ["1"], "rlid": ["7"], "role": ["Learner"], "groups": ["true"]}),
        ("canvas", "/m", {"rlid": ["7"], "role": ["Learner"], "groups": ["true"], "limit": ["50"]}),
        (
            "canvas",
            "/m?limit=10&rlid=3&x=",
            {"limit": ["10"], "rlid": ["3"], "x": [""], "role": ["Learner"], "groups": ["true"]},
        ),
        ("other", "/m?a=1&a=2&role=x%26y", {"a": ["1", "2"], "role": ["x&y"], "rlid": ["7"], "groups": ["true"]}),
    ],
)
@pytest.mark.one_database
def test_what_is_asked_joins_what_the_url_says(family: str, url: str, query: dict[str, list[str]]) -> None:
    """Red without ``if ... name not in there``: Canvas would get two limits."""
    first = first_page(Platform(family=family), url, rlid="7", role="Learner", with_groups=True)
    assert parse_qs(urlsplit(first).query, keep_blank_values=True) == query


@pytest.mark.lti("LTI-108")
@ON_ONE
def test_a_later_page_is_asked_for_as_the_lms_names_it(course: Place, lms: Lms, store: Store) -> None:
    """Red when the next page goes through ``first_page``: then groups=true is in it, which the LMS did not say."""
    one = course("moodle")
    with store.transaction(1) as session:
        session.merge(one.context).memberships_url = f"{one.context.memberships_url}?limit=3"
    asked: list[str] = []
    calls = workshop().rosters._calls
    call = calls.call

    def seen(platform: Platform, scopes: Any, needed: Any, method: str, url: str, **more: Any) -> Any:
        asked.append(urlsplit(url).query)
        return call(platform, scopes, needed, method, url, **more)

    calls.call = seen  # type: ignore[method-assign]  # to look at its calls
    try:
        assert read(one).state == "done"
    finally:
        calls.call = call  # type: ignore[method-assign]  # to look at its calls
    assert asked == ["limit=3", "limit=3&from=3", "limit=3&from=6"]
    assert len(members(one)) == 8


@pytest.mark.lti("LTI-108")
@ON_ONE
def test_the_roster_of_a_resource_link_takes_nobody_out_of_the_course(course: Place, lms: Lms, store: Store) -> None:
    """Red without ``and roster.is_whole``."""
    one = course("moodle", "priya", "somebody-else")
    with store.transaction(1) as session:
        session.merge(one.context).memberships_url = f"{one.context.memberships_url}?rlid={one.link.lti_id}"
    assert read(one).state == "done"
    assert members(one)["somebody-else"].status == "active"
    with store.transaction(1) as session:
        session.merge(one.context).memberships_url = one.context.memberships_url
    read(one)
    assert members(one)["somebody-else"].status == "inactive"


@pytest.mark.lti("LTI-109")
@ON_ONE
def test_a_list_that_lost_most_people_is_believed_the_second_time(course: Place, lms: Lms) -> None:
    lms.door("people", {"platform": "moodle", "add": 20})
    one = course("moodle")
    read(one)
    everybody = len(members(one))
    with one.store.reading(1) as session:
        named = (
            sa.select(Identity.sub).join(Person, Person.id == Identity.person_id).where(Person.name == "Margaret Osei")
        )
        margaret = session.scalars(named).one()
    few = {"members": [{"user_id": margaret, "roles": ["Instructor"], "name": "Margaret Osei"}]}
    lms.fault(endpoint="memberships", platform="moodle", status=200, body=json.dumps(few), times=2)
    assert read(one).state == "done"
    assert sum(each.status == "active" for each in members(one).values()) == everybody
    assert read(one).state == "done"
    assert [name for name, each in members(one).items() if each.status == "active"] == ["Margaret Osei"]
    read(one)
    assert all(each.status == "active" for each in members(one).values())


@pytest.mark.lti("LTI-111")
@ON_ONE
def test_who_is_known_from_the_roster_alone_can_be_graded_and_has_no_visit(course: Place, lms: Lms) -> None:
    one = course("moodle")
    read(one)
    with one.store.reading(1) as session:
        one.learners["wei"] = session.scalars(
            sa.select(Identity).join(Person, Person.id == Identity.person_id).where(Person.name == "Wei Li")
        ).one()
        assert session.scalar(sa.select(sa.func.count()).select_from(Visit)) == 0
    assert members(one)["Wei Li"].seen_in == "roster"
    one.want("wei", 1.0)
    jobs.push_grades(str(one.platform.id))
    assert one.row("wei").state == "delivered"
    assert one.grade("wei") == 1.0


@ON_ONE
def test_a_course_without_roster_service_says_so(course: Place) -> None:
    one = course("moodle")
    with one.store.transaction(1) as session:
        session.merge(one.context).memberships_url = None
    task = read(one)
    assert (task.state, task.last_error) == ("parked", "The LMS offers this tool no roster of this course.")


@ON_ONE
def test_a_job_that_nobody_asked_for_reads_nothing(course: Place, lms: Lms) -> None:
    one = course("moodle")
    jobs.roster(1, str(one.context.id))
    assert lms.state("moodle")["roster_reads"] == 0
