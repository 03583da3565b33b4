"""Who is behind the ids."""

from collections.abc import Callable

import sqlalchemy as sa

from framework.store.columns import public_id
from framework.store.sessions import Store
from framework.store.tables import Audit, Identity, Person
from tests import builders
from tests.api.conftest import Course, Reader


def test_person_as_the_lms_knows_them(store: Store, course: Course, reader: Reader) -> None:
    row = course.learner()
    with store.transaction(1) as session:
        identity = session.get_one(Identity, (1, row.identity_id))
        identity.sourcedid = "payroll-17"
        person = session.get_one(Person, (1, row.person_id))
    [shown] = reader("/v1/people")["data"]
    assert shown == {
        "id": public_id("prs", row.person_id),
        "version": 1,
        "name": person.name,
        "email": person.email,
        "locale": None,
        "same_as": None,
        "erased_at": None,
        "updated_at": person.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "identities": [
            {
                "platform_id": public_id("plt", course.platform.id),
                "user_id": identity.sub,
                "sis_id": "payroll-17",
                "is_test": False,
            }
        ],
    }


def test_person_known_to_two_platforms(store: Store, new_course: Callable[..., Course], reader: Reader) -> None:
    one, other = new_course(), new_course()
    row = one.learner()
    with store.transaction(1) as session:
        builders.identity(session, session.get_one(Person, (1, row.person_id)), other.platform)
    [shown] = reader("/v1/people")["data"]
    platforms = [public_id("plt", course.platform.id) for course in (one, other)]
    assert [identity["platform_id"] for identity in shown["identities"]] == platforms


def test_filters(store: Store, new_course: Callable[..., Course], reader: Reader) -> None:
    one, other = new_course(), new_course()
    first, second = one.learner(), other.learner()
    with store.reading(1) as session:
        sub = session.get_one(Identity, (1, first.identity_id)).sub
    here, there = (public_id("plt", course.platform.id) for course in (one, other))
    for query, wanted in [
        ({"person_id": public_id("prs", second.person_id)}, [second]),
        ({"platform_id": here}, [first]),
        ({"platform_id": here, "user_id": sub}, [first]),
        ({"platform_id": there, "user_id": sub}, []),
    ]:
        ids = [person["id"] for person in reader("/v1/people", **query)["data"]]
        assert ids == [public_id("prs", row.person_id) for row in wanted], query


def test_user_id_needs_its_platform(reader: Reader) -> None:
    response = reader.get("/v1/people", user_id="17")
    assert response.status_code == 422
    assert response.json is not None and response.json["errors"][0]["pointer"] == "/user_id"


def test_pages_hold_everybody_once(course: Course, reader: Reader) -> None:
    rows = [course.learner() for _ in range(9)]
    seen: list[str] = []
    turn: dict[str, str] = {}
    sizes = []
    while True:
        page = reader("/v1/people", limit=4, **turn)
        seen += [person["id"] for person in page["data"]]
        sizes.append(len(page["data"]))
        if not page["page"]["has_more"]:
            break
        turn = {"cursor": page["page"]["next_cursor"]}
    assert sizes == [4, 4, 1]
    assert seen == [public_id("prs", row.person_id) for row in rows]


def test_other_tenants_people_are_not_there(
    course: Course, new_course: Callable[..., Course], other_tenant: int, reader: Reader
) -> None:
    """Red without ``with_loader_criteria`` in ``framework.store.sessions``."""
    here, there = course.learner(), new_course(other_tenant).learner()
    assert [one["id"] for one in reader("/v1/people")["data"]] == [public_id("prs", here.person_id)]
    assert reader("/v1/people", person_id=public_id("prs", there.person_id))["data"] == []


def test_names_need_their_own_scope_and_are_written_down(
    store: Store, course: Course, new_reader: Callable[..., Reader]
) -> None:
    course.learner()
    course.learner()
    assert new_reader(scopes=("progress.read", "changes.read")).get("/v1/people").status_code == 403
    new_reader(scopes=("people.read",))("/v1/people")
    with store.reading(1) as session:
        [kept] = session.scalars(sa.select(Audit)).all()
    assert (kept.subject, kept.people, kept.details["scope"]) == ("people", 2, "people.read")
