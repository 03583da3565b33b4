"""A launch that says nothing new is one statement; whatever is new goes the long way, once."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from framework import arriving
from framework.catalogue.connection import CONNECTION_TEST
from framework.store import platforms
from framework.store.arrivals import Arrival
from framework.store.returns import Opened, Verified
from framework.store.sessions import Store, now
from framework.store.tables import Context, LineItem, Membership, ResourceLink, Visit

NEW: dict[str, dict[str, Any]] = {
    "the course's title": {"context_title": "Leading teams, spring"},
    "where members are asked for": {"memberships_url": "https://lms.example.org/members/2"},
    "where groups are asked for": {"groups_url": "https://lms.example.org/groups/2"},
    "where columns are": {"lineitems_url": "https://lms.example.org/columns/2"},
    "what the tool may do": {"scopes": ("https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",)},
    "the placement's title": {"link_title": "Week 2"},
    "the person's name": {"name": "Priya Nair-Jones"},
    "no name any more": {"name": None},
    "the person's address": {"email": "p.nair@example.org"},
    "the person's language": {"locale": "cy"},
    "the person's number": {"sourcedid": "S-2"},
    "a person for tests": {"is_test": True},
    "the roles": {"roles": ("Learner", "Mentor")},
    "the role": {"role": "mentor"},
    "the sections": {"sections": ("12",)},
    "the placement's column": {"lineitem_url": "https://lms.example.org/columns/2/lineitem"},
    "another pick": {"custom": {"dl_uuid": "another"}},
}


class Course:
    """A platform with one course and placement, and one learner who has been there."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.directory() as session:
            platform = platforms.add_platform(
                session,
                tenant_id=1,
                name="LMS",
                issuer="https://lms.example.org",
                client_id="a-tool",
                auth_url="https://lms.example.org/auth",
                token_url="https://lms.example.org/token",
                jwks_url="https://lms.example.org/keys",
            )
            deployment = platforms.add_deployment(session, platform, "1")
        self.verified = Verified(platform.revision, deployment.revision)
        self.arrival = Arrival(
            launch_id=uuid.uuid4(),
            secret_hash="0" * 64,
            platform_id=platform.id,
            deployment_id=deployment.id,
            sub="priya",
            roles=("Learner",),
            role="learner",
            is_test=False,
            expires_at=now() + timedelta(hours=8),
            name="Priya Nair",
            email="priya@example.org",
            locale="en-GB",
            sourcedid="S-1",
            context_lti_id="7",
            context_title="Leading teams",
            memberships_url="https://lms.example.org/members",
            groups_url="https://lms.example.org/groups",
            lineitems_url="https://lms.example.org/columns",
            lineitem_url="https://lms.example.org/columns/1/lineitem",
            scopes=("https://purl.imsglobal.org/spec/lti-ags/scope/score",),
            link_lti_id="42",
            link_title="Week 1",
        )
        self.the_long_way()
        self.change(ResourceLink, activity_key="self-belief", framework_key="leadership-qualities")
        self.the_long_way()

    def the_long_way(self, **new: Any) -> None:
        with self.store.transaction(1) as session:
            arriving.arrive(session, replace(self.arrival, launch_id=uuid.uuid4(), **new), now=now())

    def again(self, **new: Any) -> Opened | None:
        arrival = replace(self.arrival, **({"launch_id": uuid.uuid4()} | new))
        with self.store.at_once() as connection:
            return arriving.arrive_again(connection, 1, arrival, self.verified, now=now())

    def change(self, kind: type[Any], **columns: Any) -> None:
        with self.store.transaction(1) as session:
            row = session.scalars(sa.select(kind)).one()
            for name, value in columns.items():
                setattr(row, name, value)


@pytest.fixture
def course(store: Store) -> Course:
    return Course(store)


def test_who_comes_again_gets_a_visit_like_the_one_before(course: Course) -> None:
    opened = course.again()
    assert opened is not None
    with course.store.reading(1) as session:
        *_, before, again = session.scalars(sa.select(Visit).order_by(Visit.created_at))
    own = ("id", "launch_id", "created_at")
    names = [one.name for one in sa.inspect(Visit).local_table.columns if one.name not in own]
    told = [{name: getattr(one, name) for name in names} for one in (before, again)]
    assert again.id == opened.id
    assert told[0] == told[1]


@pytest.mark.parametrize("what", NEW)
def test_what_is_new_goes_the_long_way_and_is_known_the_next_time(course: Course, what: str) -> None:
    """Each is red without its comparison among the ``conditions`` of ``_statement`` (framework.store.returns)."""
    assert course.again(**NEW[what]) is None
    course.the_long_way(**NEW[what])
    if what != "another pick":  # nobody has picked it: the long way looks each time
        assert course.again(**NEW[what]) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda course: course.change(Membership, status="removed"),
        lambda course: course.change(ResourceLink, activity_key=None),
        lambda course: course.change(ResourceLink, activity_key=CONNECTION_TEST.key),
        lambda course: course.change(LineItem, origin=None),
    ],
    ids=["has left the course", "nothing chosen", "a connection test", "a column of unknown origin"],
)
def test_what_has_happened_meanwhile_goes_the_long_way(course: Course, change: Callable[[Course], None]) -> None:
    change(course)
    assert course.again() is None


def test_whoever_is_unknown_goes_the_long_way(course: Course) -> None:
    assert course.again(sub="wei") is None
    assert course.again(context_lti_id="8") is None
    assert course.again(link_lti_id="43") is None


def test_staff_go_the_long_way_while_the_list_of_members_is_old(course: Course) -> None:
    """Red without ``conditions.append(sa.or_(_CONTEXT.memberships_url.is_(None), is_fresh))`` (store.returns)."""
    teacher = {"sub": "margaret", "roles": ("Instructor",), "role": "instructor"}
    course.the_long_way(**teacher)
    assert course.again(**teacher) is None
    course.change(Context, roster_at=now())
    assert course.again(**teacher) is not None
    course.change(Context, roster_at=now() - arriving.ROSTER_AGE - timedelta(seconds=1))
    assert course.again(**teacher) is None


def test_a_launch_is_used_up_by_either_way(course: Course) -> None:
    used = uuid.uuid4()
    assert course.again(launch_id=used) is not None
    with pytest.raises(sa.exc.IntegrityError):
        course.again(launch_id=used)
