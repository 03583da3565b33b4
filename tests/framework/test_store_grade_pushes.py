"""Grade rows: one per line item and learner, the newest wanted grade wins, whoever comes between."""

import math
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from framework.errors import NotFound
from framework.store import grade_claims, grade_pushes
from framework.store.bulk_writes import write_many
from framework.store.columns import new_id
from framework.store.grade_pushes import ClaimedGrade
from framework.store.sessions import Store
from framework.store.tables import Change, GradePush
from tests import builders
from tests.builders import AT, Placement

LEASE = timedelta(seconds=60)
LATER = AT + timedelta(seconds=61)


@pytest.fixture
def placed(store: Store) -> Placement:
    return builders.placement(store)


def want(store: Store, placed: Placement, value: float, **changes: Any) -> bool:
    fields: dict[str, Any] = {"maximum": 1.0, "submitted_at": AT, "comment": None, "now": AT} | changes
    with store.transaction(1) as session:
        return grade_pushes.want(
            session,
            line_item=placed.line_item,
            identity_id=placed.identity.id,
            platform_id=placed.platform.id,
            value=value,
            **fields,
        )


def take(store: Store, placed: Placement, now: datetime = AT, limit: int = 10) -> list[ClaimedGrade]:
    with store.transaction(1) as session:
        return grade_claims.claim(session, placed.platform.id, limit=limit, lease=LEASE, now=now)


def settle(store: Store, claimed: ClaimedGrade, now: datetime = AT, **changes: Any) -> int:
    sent = replace(claimed.sent, **changes)
    with store.transaction(1) as session:
        return grade_claims.settle(session, [(claimed, sent)], now=now)


def delivered(claimed: ClaimedGrade) -> dict[str, Any]:
    wanted = claimed.wanted
    return {
        "state": "delivered",
        "attempts": 0,
        "version": wanted.version,
        "value": wanted.value,
        "maximum": wanted.maximum,
        "stamp": AT,
        "maybe": None,
        "delivered_at": AT,
    }


def row(store: Store) -> GradePush:
    with store.reading(1) as session:
        return session.scalars(sa.select(GradePush)).one()


def test_a_wanted_grade_is_due_and_claimed_with_all_a_sender_needs(store: Store, placed: Placement) -> None:
    assert want(store, placed, 1.0)
    with store.reading(1) as session:
        assert grade_pushes.due_platforms(session, AT) == [placed.platform.id]
    [claimed] = take(store, placed)
    assert claimed.sub == placed.identity.sub
    assert claimed.wanted.value == 1.0
    assert claimed.column.url == placed.line_item.url
    assert claimed.column.link_lti_id == placed.link.lti_id
    assert claimed.column.lineitems_url == placed.context.lineitems_url
    assert claimed.column.scopes == tuple(builders.SCOPES)
    assert claimed.sent.maybe is None, "nothing was sent before this claim"
    assert row(store).maybe_sent == 1.0, "should this worker die, its try is noted"


@pytest.mark.lti("LTI-100")
def test_a_claimed_grade_is_nobody_elses_until_the_lease_ends(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    assert take(store, placed)
    assert take(store, placed) == []
    [again] = take(store, placed, LATER)
    assert again.sent.maybe == 1.0, "the dead worker may have sent it"
    assert again.sent.attempts == 2


def test_wanting_the_same_again_changes_nothing(store: Store, placed: Placement) -> None:
    assert want(store, placed, 1.0)
    assert not want(store, placed, 1.0)
    assert row(store).wanted_version == 1


def test_zero_is_a_grade(store: Store, placed: Placement) -> None:
    assert want(store, placed, 0.0)
    [claimed] = take(store, placed)
    assert claimed.wanted.value == 0.0
    assert row(store).maybe_sent == 0.0


@pytest.mark.lti("LTI-100")
def test_a_newer_grade_that_came_while_the_older_was_sent_goes_out_next(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0, maximum=2.0)
    [claimed] = take(store, placed)
    want(store, placed, 2.0, maximum=2.0)
    assert settle(store, claimed, **delivered(claimed)) == 1
    after = row(store)
    assert (after.state, after.sent_value, after.sent_version, after.wanted) == ("due", 1.0, 1, 2.0)
    [again] = take(store, placed)
    assert again.wanted.version == 2


def test_a_worker_that_lost_its_lease_settles_nothing(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    [dead] = take(store, placed)
    [alive] = take(store, placed, LATER)
    assert settle(store, dead, **delivered(dead)) == 0
    assert row(store).lease_until == alive.lease_until


def test_a_newer_grade_for_an_overridden_row_is_checked_first(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    settle(store, claimed, state="overridden")
    assert take(store, placed) == []
    want(store, placed, 1.0, submitted_at=LATER)
    [again] = take(store, placed)
    assert again.sent.state == "check"


@pytest.mark.lti("LTI-97", "LTI-98")
def test_a_parked_grade_is_tried_again_on_resend(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    settle(store, claimed, state="parked", error_class="not_enrolled", last_error="Not in the course.")
    assert take(store, placed) == []
    with store.transaction(1) as session:
        assert grade_pushes.resend(session, claimed.id, now=AT) == placed.platform.id
    assert row(store).error_class is None
    assert take(store, placed)
    with store.transaction(1) as session, pytest.raises(NotFound):
        grade_pushes.resend(session, new_id(), now=AT)


def test_every_write_but_the_claim_leaves_a_change_row(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    settle(store, claimed, **delivered(claimed))
    with store.reading(1) as session:
        versions = session.scalars(sa.select(Change.version).where(Change.kind == "grade_push").order_by(Change.id))
        assert versions.all() == [1, 2]


def test_a_batch_is_settled_row_by_row_as_if_each_were_alone(store: Store, placed: Placement) -> None:
    """One delivered, one wanted anew meanwhile, one lost to another worker; each kept row leaves its change.

    Red without ``if row.lease_until == by_id[row.id][0].lease_until`` in ``grade_claims.settle``, and without
    ``if wanted_version == claimed.wanted.version`` in ``grade_claims._settled``.
    """
    with store.transaction(1) as session:
        learners = [builders.identity(session, builders.person(session), placed.platform) for _ in range(3)]
        rows = [builders.grade_push(session, placed.line_item, one).id for one in learners]
    claimed = {one.id: one for one in take(store, placed)}
    with store.transaction(1) as session:
        session.get_one(GradePush, (1, rows[1])).wanted_version += 1
        session.get_one(GradePush, (1, rows[2])).lease_until = LATER + LEASE
    outcomes = [(one, replace(one.sent, **delivered(one))) for one in claimed.values()]
    with store.transaction(1) as session:
        assert grade_claims.settle(session, outcomes, now=AT) == 2
    with store.reading(1) as session:
        found = [session.get_one(GradePush, (1, one)) for one in rows]
        last = {one.object_id: one.version for one in session.scalars(sa.select(Change).order_by(Change.id))}
    assert [one.state for one in found] == ["delivered", "due", "due"]
    assert [one.sent_version for one in found] == [1, 1, None]
    assert [one.lease_until for one in found] == [None, None, LATER + LEASE]
    assert [one.version for one in found] == [2, 3, 2]
    assert [last[one.id] for one in found] == [2, 3, 2]
    assert found[0].updated_at > AT


def test_a_batch_reaches_no_other_tenants_row(store: Store, placed: Placement) -> None:
    """Red without ``table.c.tenant_id == tenant_id`` in ``bulk_writes`` (and every statement is looked at)."""
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    with store.directory() as session:
        other = builders.tenant(session).id
    with store.transaction(other) as session:
        write_many(session, GradePush, [(claimed.id, 1, {"state": "parked"})])
    assert row(store).state == "due"


def test_one_odd_number_does_not_keep_a_batch_from_being_written(store: Store, placed: Placement) -> None:
    """A grade of 0 points, over which this tool fell, leaves an endless part. Red without ``not math.isfinite``."""
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    with store.transaction(1) as session:
        grade_claims.settle(session, [(claimed, replace(claimed.sent, maybe=math.inf))], now=AT)
    assert row(store).maybe_sent == math.inf


def test_another_tenants_grades_are_not_claimed(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    with store.directory() as session:
        other = builders.tenant(session).id
    with store.transaction(other) as session:
        assert grade_claims.claim(session, placed.platform.id, limit=10, lease=LEASE, now=AT) == []


def test_rival_workers_share_a_batch_without_sharing_a_row(store: Store, placed: Placement) -> None:
    with store.transaction(1) as session:
        for _ in range(60):
            learner = builders.identity(session, builders.person(session), placed.platform)
            builders.grade_push(session, placed.line_item, learner)
    got: list[list[ClaimedGrade]] = []
    threads = [threading.Thread(target=lambda: got.append(take(store, placed, limit=10))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [claimed.id for batch in got for claimed in batch]
    assert len(ids) == len(set(ids)) == 60


@pytest.mark.lti("LTI-100")
def test_two_first_grades_at_once_are_one_row(store: Store, placed: Placement) -> None:
    values = [0.25, 0.5, 0.75, 1.0]
    threads = [threading.Thread(target=want, args=[store, placed, value]) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row(store).wanted_version == 4


def test_next_due_is_when_the_next_try_may_be(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    settle(store, claimed, state="due", next_try=LATER, maybe=None)
    with store.reading(1) as session:
        assert grade_pushes.next_due(session, placed.platform.id, AT) == LATER
        assert grade_pushes.due_platforms(session, AT) == []


def test_settled_row_keeps_no_lease_and_no_doubt(store: Store, placed: Placement) -> None:
    want(store, placed, 1.0)
    [claimed] = take(store, placed)
    settle(store, claimed, **delivered(claimed))
    after = row(store)
    assert (after.state, after.lease_until, after.maybe_sent, after.sent_maximum) == ("delivered", None, None, 1.0)
