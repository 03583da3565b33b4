"""Waiting, approved, disabled: disabling stops grades at once, and a move keeps what hangs on the platform."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from framework.errors import Conflict, Invalid, NotFound
from framework.store import approvals, grade_claims, grade_pushes, moves
from framework.store.columns import public_id
from framework.store.moves import Move
from framework.store.sessions import Store
from framework.store.tables import Audit, Context, Deployment, GradePush, Identity, LineItem, Platform
from tests import builders
from tests.builders import AT, Placement

NEW = Move({"issuer": "https://new.example.org"}, None, {})


@pytest.fixture
def placed(store: Store) -> Placement:
    return builders.placement(store)


def wanted(store: Store, placed: Placement) -> None:
    with store.transaction(1) as session:
        grade_pushes.want(
            session,
            line_item=placed.line_item,
            identity_id=placed.identity.id,
            platform_id=placed.platform.id,
            value=1.0,
            maximum=1.0,
            submitted_at=AT,
            comment=None,
            now=AT,
        )


def claims(store: Store, placed: Placement) -> int:
    with store.transaction(1) as session:
        found = grade_claims.claim(session, placed.platform.id, limit=10, lease=timedelta(seconds=60), now=AT)
    return len(found)


def set_state(store: Store, row: Platform | Deployment, state: str) -> None:
    with store.transaction(1) as session:
        found: Platform | Deployment | None
        found = session.get(Platform, row.id) if isinstance(row, Platform) else session.get(Deployment, row.id)
        assert found is not None
        approvals.set_state(session, found, state, actor="test")


def deployment_of(store: Store, placed: Placement) -> Deployment:
    with store.directory_reading() as session:
        return session.scalars(sa.select(Deployment).where(Deployment.platform_id == placed.platform.id)).one()


@pytest.mark.lti("LTI-62")
@pytest.mark.parametrize("what", ["platform", "deployment"])
def test_disabling_stops_grades_at_once_and_approving_lets_them_go(store: Store, placed: Placement, what: str) -> None:
    """LTI-62. Red without ``*approvals.may_send(session, platform_id)`` in ``grade_claims.claim``."""
    wanted(store, placed)
    row = placed.platform if what == "platform" else deployment_of(store, placed)
    set_state(store, row, approvals.DISABLED)
    assert claims(store, placed) == 0
    with store.transaction(1) as session:
        assert grade_pushes.next_due(session, placed.platform.id, AT) is None, "or a job would wait for it in a loop"
        due = grade_pushes.due_platforms(session, AT)
    assert list(due) == ([placed.platform.id] if what == "platform" else []), "sweep asks for the platform's state"
    set_state(store, row, approvals.ACTIVE)
    assert claims(store, placed) == 1


@pytest.mark.lti("LTI-61")
def test_a_disabled_deployment_stops_no_other(store: Store, placed: Placement) -> None:
    """LTI-61. Red with ``[GradePush.id.is_(None)]`` in place of the narrowing by columns."""
    wanted(store, placed)
    with store.directory() as session:
        other = builders.deployment(session, placed.platform, lti_deployment_id="other")
    set_state(store, other, approvals.DISABLED)
    assert claims(store, placed) == 1


def test_each_step_is_on_record(store: Store, placed: Placement) -> None:
    """Red without ``audits.add`` in ``set_state``."""
    set_state(store, placed.platform, approvals.DISABLED)
    set_state(store, placed.platform, approvals.ACTIVE)
    with store.reading(1) as session:
        actions = session.scalars(sa.select(Audit.action).order_by(Audit.at, Audit.id)).all()
    assert actions == ["platform.disabled", "platform.approved"]


@pytest.mark.lti("LTI-42", "LTI-117")
def test_an_unknown_deployment_is_noted_once_and_never_too_many(
    store: Store, placed: Placement, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LTI-42, LTI-117. Red without ``>= MOST_PENDING``."""
    monkeypatch.setattr(approvals, "MOST_PENDING", 2)
    for name in ("a", "a", "b", "c"):
        with store.directory() as session:
            approvals.note_deployment(session, session.get_one(Platform, placed.platform.id), name)
    with store.directory_reading() as session:
        rows = [row for row in approvals.deployments(session) if row.state == approvals.PENDING]
    assert [(row.lti_deployment_id, row.tenant_id) for row in rows] == [("a", 1), ("b", 1)]


def test_a_disabled_deployment_is_not_asked_for_again(store: Store, placed: Placement) -> None:
    row = deployment_of(store, placed)
    set_state(store, row, approvals.DISABLED)
    with store.directory() as session:
        approvals.note_deployment(session, session.get_one(Platform, placed.platform.id), row.lti_deployment_id)
    assert deployment_of(store, placed).state == approvals.DISABLED


def test_a_platform_is_found_by_name_or_id(store: Store, placed: Placement) -> None:
    with store.directory_reading() as session:
        assert approvals.find_platform(session, placed.platform.name).id == placed.platform.id
        assert approvals.find_platform(session, public_id("plt", placed.platform.id)).id == placed.platform.id
        with pytest.raises(NotFound, match="lqf platform list"):
            approvals.find_platform(session, "nobody")
    with store.directory() as session:
        builders.platform(session, name=placed.platform.name)
    with store.directory_reading() as session, pytest.raises(Conflict, match="use the id"):
        approvals.find_platform(session, placed.platform.name)


def services(store: Store) -> set[str | None]:
    with store.reading(1) as session:
        contexts = session.scalars(sa.select(Context)).all()
        items = session.scalars(sa.select(LineItem)).all()
        return {*(one.lineitems_url for one in contexts), *(one.url for one in items)} - {None}


def owners(store: Store) -> set[uuid.UUID]:
    with store.reading(1) as session:
        return {*session.scalars(sa.select(Identity.platform_id)), *session.scalars(sa.select(GradePush.platform_id))}


def test_a_move_keeps_people_and_grades_and_gives_services_their_new_beginning(store: Store) -> None:
    """Red without ``_rewrite`` and without ``setattr(row, name, value)`` in ``_apply``."""
    placed = builders.placement(store, root="https://old.example.org", url="https://old.example.org/li/1?type_id=2")
    wanted(store, placed)
    before = owners(store)
    plan = replace(NEW, services=("https://old.example.org", "https://new.example.org/moodle"))
    done = moves.move(store, placed.platform, plan, actor="test", is_dry_run=False)

    assert (done.kept["people"], done.kept["placements"], done.kept["grades"]) == (1, 1, 1)
    assert done.rewritten >= 1
    assert "https://new.example.org/moodle/li/1?type_id=2" in services(store)
    assert not any("old.example.org" in str(url) for url in services(store))
    assert owners(store) == before == {placed.platform.id}
    with store.directory_reading() as session:
        row = session.get_one(Platform, placed.platform.id)
    assert (row.issuer, row.jwks) == ("https://new.example.org", None)


def test_a_dry_run_changes_nothing_and_says_the_same(store: Store) -> None:
    """Red without ``store.reading(tenant_id) if is_dry_run else``."""
    placed = builders.placement(store, root="https://old.example.org", url="https://old.example.org/li/1")
    plan = replace(NEW, services=("https://old.example.org", "https://new.example.org"))
    before = services(store)
    shown = moves.move(store, placed.platform, plan, actor="test", is_dry_run=True)
    assert services(store) == before
    with store.directory_reading() as session:
        assert session.get_one(Platform, placed.platform.id).issuer == placed.platform.issuer
    assert moves.move(store, placed.platform, plan, actor="test", is_dry_run=False) == shown


def test_a_move_onto_another_platform_is_refused(store: Store, placed: Placement) -> None:
    """Red without ``if rival is not None``."""
    with store.directory() as session:
        builders.platform(session, issuer="https://new.example.org", client_id=placed.platform.client_id, name="Rival")
    with pytest.raises(Conflict, match="Rival"):
        moves.move(store, placed.platform, NEW, actor="test", is_dry_run=False)


def test_a_new_registration_may_bring_a_new_deployment_id(store: Store, placed: Placement) -> None:
    old = deployment_of(store, placed)
    plan = Move({"client_id": "new-client"}, None, {old.lti_deployment_id: "77"})
    moves.move(store, placed.platform, plan, actor="test", is_dry_run=False)
    assert (deployment_of(store, placed).id, deployment_of(store, placed).lti_deployment_id) == (old.id, "77")
    with pytest.raises(Invalid, match="no deployment"):
        moves.move(store, placed.platform, Move({}, None, {"nobody": "1"}), actor="test", is_dry_run=True)


def test_a_move_to_the_same_place_says_so(store: Store, placed: Placement) -> None:
    with pytest.raises(Invalid, match="already"):
        moves.move(
            store, placed.platform, Move({"issuer": placed.platform.issuer}, None, {}), actor="t", is_dry_run=True
        )


def test_one_customers_rows_are_not_seen_by_anothers_move(store: Store, placed: Placement) -> None:
    """Red with the store's tenant narrowing switched off."""
    with store.directory() as session:
        other = builders.tenant(session)
        foreign = builders.platform(session, tenant_id=other.id)
        builders.deployment(session, foreign, tenant_id=other.id)
    done = moves.move(store, foreign, NEW, actor="test", is_dry_run=True)
    assert set(done.kept.values()) == {0}
