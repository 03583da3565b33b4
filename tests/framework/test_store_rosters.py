"""A roster adds what launches have not told, and takes nobody away unless it was read to its end."""

import time

import pytest
import sqlalchemy as sa

from framework.store import rosters
from framework.store.rosters import Member
from framework.store.sessions import Store
from framework.store.tables import Change, Identity, Membership, Person
from tests import builders
from tests.builders import AT, Placement

LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


@pytest.fixture
def placed(store: Store) -> Placement:
    return builders.placement(store)


def learner(sub: str, **facts: object) -> Member:
    return Member(sub, (LEARNER,), "learner", **facts)  # type: ignore[arg-type]  # by the names of its fields


def keep(store: Store, placed: Placement, *members: Member) -> None:
    with store.transaction(1) as session:
        rosters.keep(session, placed.context.id, placed.platform.id, members)


def members(store: Store) -> dict[str, tuple[Membership, Person]]:
    with store.reading(1) as session:
        rows = session.execute(
            sa.select(Identity.sub, Membership, Person)
            .join(Membership, Membership.identity_id == Identity.id)
            .join(Person, Person.id == Identity.person_id)
        )
        return {sub: (membership, person) for sub, membership, person in rows}


def test_somebody_who_never_launched_becomes_a_member(store: Store, placed: Placement) -> None:
    keep(store, placed, learner("new", name="Ada", email="ada@example.org"), learner("bare"))
    membership, person = members(store)["new"]
    assert (membership.role, membership.status, membership.seen_in) == ("learner", "active", "roster")
    assert (person.name, person.email) == ("Ada", "ada@example.org")
    assert members(store)["bare"][1].name is None


def test_reading_the_same_roster_again_writes_nothing(store: Store, placed: Placement) -> None:
    keep(store, placed, learner("new", name="Ada"))
    with store.reading(1) as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Change))
    keep(store, placed, learner("new", name="Ada"))
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Change)) == before


def test_what_a_launch_said_of_roles_stands(store: Store, placed: Placement) -> None:
    """Moodle's roster calls a non-editing teacher a learner; and a roster never makes anybody an instructor."""
    with store.transaction(1) as session:
        session.merge(placed.membership).role = "instructor"
    keep(store, placed, learner(placed.identity.sub, name="New name"))
    membership, person = members(store)[placed.identity.sub]
    assert (membership.role, membership.seen_in, person.name) == ("instructor", "launch", "New name")


@pytest.mark.lti("LTI-109")
def test_inactive_members_are_kept_as_inactive(store: Store, placed: Placement) -> None:
    keep(store, placed, learner(placed.identity.sub, is_active=False))
    assert members(store)[placed.identity.sub][0].status == "inactive"
    keep(store, placed, learner(placed.identity.sub))
    assert members(store)[placed.identity.sub][0].status == "active"


@pytest.mark.lti("LTI-109")
def test_whom_a_whole_roster_does_not_name_becomes_inactive(store: Store, placed: Placement) -> None:
    teacher = Member("teacher", (INSTRUCTOR,), "instructor")
    keep(store, placed, learner("stays"), learner("goes"), teacher)
    with store.transaction(1) as session:
        assert rosters.remove_absent(session, placed.context.id, ["stays"], now=AT) == (3, 4, False)
    found = {sub: membership.status for sub, (membership, _) in members(store).items()}
    assert found == {"stays": "active", "goes": "inactive", "teacher": "inactive", placed.identity.sub: "inactive"}


@pytest.mark.lti("LTI-109")
def test_a_roster_that_lacks_most_of_a_course_is_believed_when_it_comes_again(store: Store, placed: Placement) -> None:
    """Red without ``return Removal(len(gone), len(active), is_doubted=True)``."""
    subs = [f"n{n}" for n in range(19)]
    keep(store, placed, *(learner(sub) for sub in subs))
    assert absent(store, placed, subs[:9]) == (11, 20, True)
    assert {one.status for one, _ in members(store).values()} == {"active"}
    assert state(store, placed) == (11, 20)
    assert absent(store, placed, subs[:8]) == (12, 20, False)
    assert sum(one.status == "active" for one, _ in members(store).values()) == 8
    assert state(store, placed) == (0, 0)


def test_a_doubt_goes_when_the_next_roster_is_whole_again(store: Store, placed: Placement) -> None:
    """Red without ``context.roster_question = None``."""
    subs = [f"n{n}" for n in range(19)]
    keep(store, placed, *(learner(sub) for sub in subs))
    assert absent(store, placed, subs[:1]).is_doubted
    assert absent(store, placed, subs) == (1, 20, False)
    assert state(store, placed) == (0, 0)
    assert absent(store, placed, subs[:1]).is_doubted, "a new doubt, not the answer to the old one"


@pytest.mark.parametrize(("others", "left"), [(8, 0), (19, 10)], ids=["nine of nine", "ten of twenty"])
def test_few_people_or_half_of_a_course_may_leave_at_once(
    store: Store, placed: Placement, others: int, left: int
) -> None:
    subs = [f"n{n}" for n in range(others)]
    keep(store, placed, *(learner(sub) for sub in subs))
    assert not absent(store, placed, subs[:left]).is_doubted


def absent(store: Store, placed: Placement, present: list[str]) -> rosters.Removal:
    with store.transaction(1) as session:
        return rosters.remove_absent(session, placed.context.id, present, now=AT)


def state(store: Store, placed: Placement) -> tuple[int, int]:
    """What the course doubts: missing, of how many."""
    with store.reading(1) as session:
        found = rosters.state(session, placed.context.id)
    return found.missing, found.active


def test_staff_of_a_launch_stay_though_no_roster_names_them(store: Store, placed: Placement) -> None:
    with store.transaction(1) as session:
        session.merge(placed.membership).role = "instructor"
    with store.transaction(1) as session:
        assert rosters.remove_absent(session, placed.context.id, [], now=AT) == (0, 1, False)


def test_an_erased_person_gets_no_name_back(store: Store, placed: Placement) -> None:
    with store.transaction(1) as session:
        person = session.merge(placed.person)
        person.name, person.erased_at = None, AT
    keep(store, placed, learner(placed.identity.sub, name="Ada"))
    assert members(store)[placed.identity.sub][1].name is None


def test_a_large_roster_is_kept_in_seconds(store: Store, placed: Placement) -> None:
    began = time.monotonic()
    for part in range(4):
        keep(store, placed, *(learner(f"{part}-{n}", name=f"Learner {n}") for n in range(250)))
    assert time.monotonic() - began < 10
    assert len(members(store)) == 1001
