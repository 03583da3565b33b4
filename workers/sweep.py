"""Finds what no bell rang for, numbers the change feed, ends visits. Every two seconds; two sweeps do no harm.

The database says what is due. A bell that was lost, a Redis that was emptied and a worker that died are all the same
here: the row is still due, or its lease has ended.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from framework.store import audits, feed, grade_pushes, platforms, standings, tasks, visits
from framework.store.sessions import INSTALLATION, Store, now
from workers.enqueue import Bell

LEASE = timedelta(seconds=30)
MOST_WAITING = 1000  # jobs in the queue: then ringing more only makes it longer
AUDIT_KEPT = timedelta(days=6 * 366)  # six years: what health services keep of who did what
FEED_ROWS = 5000  # changes numbered in one transaction

# Which bell each kind of task has. A new kind is one entry here and one in ``tasks.JOBS``.
_RINGS: Mapping[str, Callable[[Bell, int, uuid.UUID], object]] = {
    tasks.RECOMPUTE: Bell.recompute,
    tasks.ROSTER: Bell.roster,
    tasks.MATCH_COLUMN: Bell.match_column,
    tasks.REMOVE_COLUMN: Bell.remove_column,
    tasks.COURSE_COPY: Bell.copy_course,
    tasks.CONNECTION_TEST: Bell.connection_test,
    tasks.NOTICE_HANDLER: Bell.ask_for_notices,
}

log = logging.getLogger(__name__)


class Sweep:
    """One sweep of the whole database per ``tick``."""

    def __init__(self, store: Store, bell: Bell) -> None:
        self._store, self._bell = store, bell
        self._was_silent = False

    def tick(self, is_stopped: Callable[[], bool] = lambda: False) -> bool:
        """Sweep once. False when another sweep is at it."""
        with self._store.transaction(INSTALLATION) as session:
            tasks.request(session, tasks.SWEEP, "", now=now())
            claimed = tasks.claim(session, tasks.SWEEP, "", lease=LEASE, now=now())
        if claimed is None:
            return False
        try:
            self._sweep(is_stopped)
        finally:
            with self._store.transaction(INSTALLATION) as session:
                tasks.finish(session, claimed, now=now())
        return True

    def _sweep(self, is_stopped: Callable[[], bool]) -> None:
        with self._store.directory_reading() as session:
            tenant_ids = [tenant.id for tenant in platforms.tenants(session)]
        for tenant_id in (INSTALLATION, *tenant_ids):
            self._prune(tenant_id)
        may_ring = self._may_ring()
        due_platforms: set[uuid.UUID] = set()
        for tenant_id in tenant_ids:
            if is_stopped():
                return
            due_platforms |= self._sweep_tenant(tenant_id, may_ring)
        if may_ring and due_platforms:
            self._ring_platforms(due_platforms)

    def _may_ring(self) -> bool:
        """Not into a Redis that is away (said once, not every two seconds), and not into a queue that is long."""
        waiting = self._bell.waiting()
        if waiting is None and not self._was_silent:
            log.warning("Redis does not answer; due work waits")
        self._was_silent = waiting is None
        return waiting is not None and waiting < MOST_WAITING

    def _sweep_tenant(self, tenant_id: int, may_ring: bool) -> set[uuid.UUID]:
        """One tenant's feed, tasks and visits. Answers the platforms that have grades to send."""
        at = now()
        with self._store.reading(tenant_id) as session:
            is_feed_waiting = feed.is_waiting(session)
            due = tasks.due(session, at) if may_ring else []
            due_platforms = set(grade_pushes.due_platforms(session, at))
            are_to_revive = grade_pushes.are_to_revive(session, at)
            are_visits_over = visits.are_over(session, now=at)
            run_out = standings.run_out(session, at.date())
        if is_feed_waiting:
            self._number(tenant_id)
        if are_to_revive:
            with self._store.transaction(tenant_id) as session:
                due_platforms |= grade_pushes.revive(session, now=at)
        if are_visits_over:
            with self._store.transaction(tenant_id) as session:
                visits.end_expired(session, now=at)
        if run_out:
            with self._store.transaction(tenant_id) as session:
                for person_id in run_out:
                    tasks.request(session, tasks.RECOMPUTE, str(person_id), now=at)
        for kind, subject in due:
            _RINGS[kind](self._bell, tenant_id, uuid.UUID(subject))
        return due_platforms

    def _prune(self, tenant_id: int) -> None:
        before = now() - AUDIT_KEPT
        with self._store.reading(tenant_id) as session:
            is_old = audits.is_old(session, before=before)
        if is_old:
            with self._store.transaction(tenant_id) as session:
                audits.prune(session, before=before)

    def _number(self, tenant_id: int) -> None:
        numbered = FEED_ROWS
        while numbered == FEED_ROWS:
            with self._store.transaction(tenant_id) as session:
                numbered = feed.number(session, FEED_ROWS)

    def _ring_platforms(self, due: set[uuid.UUID]) -> None:
        at = now()
        with self._store.directory_reading() as session:
            known = {one.id: one for one in platforms.platforms(session)}
        for platform_id in due & known.keys():
            platform = known[platform_id]
            is_paused = platform.paused_until is not None and platform.paused_until > at
            if platform.state == "active" and not is_paused:
                self._bell.push_grades(platform_id)
