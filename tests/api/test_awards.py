"""Who holds which badge, why, and why no longer."""

import pytest
import sqlalchemy as sa

from framework.store.columns import public_id
from framework.store.sessions import Store
from framework.store.tables import Audit, Award
from tests import builders
from tests.api.conftest import Course, Reader

pytestmark = pytest.mark.one_database

CONDITION = {"key": "rules.developing.judges", "text": "One judge", "needed": 1, "have": 1, "is_met": True}


def award(store: Store, course: Course, **columns: object) -> Award:
    row = course.learner()
    with store.transaction(1) as session:
        given: dict[str, object] = {
            "person_id": row.person_id,
            "framework_key": "leadership-qualities",
            "badge_key": "self-belief",
            "level": 1,
            "edition_id": builders.edition(session).id,
            "basis": {
                "rules_digest": "abc",
                "kind": "quality",
                "label": "Developing",
                "wording": "Self-belief: Developing.",
                "until": "2029-03-02",
                "conditions": [CONDITION],
            },
            "state": "active",
            "at": builders.AT,
        }
        made = Award(**(given | columns))
        session.add(made)
    return made


def test_an_award_with_its_conditions(store: Store, course: Course, reader: Reader) -> None:
    made = award(store, course)
    [shown] = reader("/v1/awards")["data"]
    assert shown == {
        "id": public_id("awd", made.id),
        "version": 1,
        "person_id": public_id("prs", made.person_id),
        "framework": "leadership-qualities",
        "badge": "self-belief",
        "kind": "quality",
        "level": 1,
        "label": "Developing",
        "wording": "Self-belief: Developing.",
        "state": "active",
        "reason": None,
        "until": "2029-03-02",
        "rules_digest": "abc",
        "conditions": [CONDITION],
        "awarded_at": "2026-03-02T09:00:00.000000Z",
        "updated_at": made.updated_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    with store.reading(1) as session:
        [row] = session.scalars(sa.select(Audit).where(Audit.subject == "awards")).all()
    assert (row.people, row.details["scope"]) == (1, "awards.read")


def test_filters_and_pages(store: Store, course: Course, reader: Reader) -> None:
    """`Award.state: wanted.state` out of ``awards.page``: what was withdrawn counts as held."""
    first = award(store, course)
    second = award(store, course, state="withdrawn", reason="I mixed up two people.", badge_key="self-awareness")
    for query, wanted in (
        ({"person_id": public_id("prs", first.person_id)}, [first]),
        ({"award_id": public_id("awd", second.id)}, [second]),
        ({"state": "withdrawn"}, [second]),
        ({"badge": "self-belief"}, [first]),
        ({}, [first, second]),
    ):
        found = reader("/v1/awards", **query)["data"]
        assert [one["id"] for one in found] == [public_id("awd", one.id) for one in wanted]
    page = reader("/v1/awards", limit="1")
    assert page["page"]["has_more"]
    after = reader("/v1/awards", limit="1", cursor=page["page"]["next_cursor"])
    assert [one["reason"] for one in after["data"]] == ["I mixed up two people."]


def test_another_tenants_awards_are_not_there(store: Store, course: Course, reader: Reader) -> None:
    award(store, course)
    with store.directory() as session:
        other = builders.tenant(session).id
    with store.transaction(other) as session:
        person = builders.person(session)
        edition = builders.edition(session)
        given = {"badge_key": "self-belief", "level": 4, "basis": {}, "state": "active", "at": builders.AT}
        session.add(Award(person_id=person.id, framework_key="leadership-qualities", edition_id=edition.id, **given))
    assert [one["level"] for one in reader("/v1/awards")["data"]] == [1]
