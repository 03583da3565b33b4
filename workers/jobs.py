"""The jobs, by the names that ``workers.enqueue`` rings. Each looks in the database what there is to do.

A job may be rung twice, or by two workers at once: a lease in the row decides who does it, and the row, not the job,
is tried again. No job holds a transaction while it talks to an LMS.
"""

import logging
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from framework import journey
from framework.store import grade_claims, grade_pushes, platforms, rosters, tasks
from framework.store.grade_pushes import DELIVERED, ClaimedGrade
from framework.store.sessions import INSTALLATION, now
from framework.store.tables import Deployment, Platform
from framework.store.tasks import ClaimedTask
from workers import self_check
from workers.enqueue import JOB_SECONDS, ROSTER_SECONDS
from workers.gradebook import Outcome, faulted
from workers.outgoing import OutgoingError
from workers.roster import RosterUnread
from workers.service_calls import HostRefused, NotGranted
from workers.tokens import NoToken
from workers.workshop import Workshop, workshop

PUSH_SECONDS = 30  # then the job rings for another one, so that no platform keeps a worker to itself
PUSH_LEASE = timedelta(seconds=90)
TASK_LEASE = timedelta(seconds=JOB_SECONDS + 30)  # longer than RQ lets a job run
ROSTER_LEASE = timedelta(seconds=ROSTER_SECONDS + 30)
SHORT_WAIT = 1.5  # seconds worth waiting for a grade that must be a second younger than the last
BATCH = (16, 400)  # grades claimed at once: to begin with, at most

log = logging.getLogger(__name__)


def push_grades(platform_id: str) -> None:
    """Send a platform's due grades, batch by batch, until there are none."""
    shop, one = workshop(), uuid.UUID(platform_id)
    platform = _usable(shop, one)
    if platform is None:
        return
    if platform.concurrency > 1:
        _drain(shop, platform)
        return
    _alone(shop, INSTALLATION, tasks.PUSH_GRADES, platform_id, lambda: _drain(shop, platform))


def recompute(tenant_id: int, person_id: str) -> None:
    """Fold a person's evidence into competency and badges; ring for the grades that this makes due."""
    shop = workshop()
    claimed = _claim(shop, tenant_id, tasks.RECOMPUTE, person_id)
    if claimed is None:
        return
    try:
        with shop.store.transaction(tenant_id) as session:
            due = journey.recompute(session, uuid.UUID(person_id), now=now())
            is_done = tasks.finish(session, claimed, now=now())
    except Exception as error:
        _failed(shop, tenant_id, claimed, f"{type(error).__name__}: {error}")
        raise
    for platform_id in due:
        shop.bell.push_grades(platform_id)
    if not is_done:
        shop.bell.recompute(tenant_id, uuid.UUID(person_id))


def roster(tenant_id: int, context_id: str) -> None:
    """Read a course's members from its LMS."""
    shop = workshop()
    claimed = _claim(shop, tenant_id, tasks.ROSTER, context_id, ROSTER_LEASE)
    if claimed is None:
        return
    try:
        _read_roster(shop, tenant_id, uuid.UUID(context_id))
    except RosterUnread as error:
        _failed(shop, tenant_id, claimed, str(error), final=error.is_final)
    except HostRefused as error:
        _failed(shop, tenant_id, claimed, str(error), final=True)
    except NotGranted:
        _failed(shop, tenant_id, claimed, "The LMS has not switched on the roster for this tool.", final=True)
    except (NoToken, OutgoingError) as error:
        _failed(shop, tenant_id, claimed, str(error))
    except Exception as error:
        _failed(shop, tenant_id, claimed, f"{type(error).__name__}: {error}")
        raise
    else:
        with shop.store.transaction(tenant_id) as session:
            tasks.finish(session, claimed, now=now())


def check_platform(platform_id: str) -> None:
    """Look whether a connection works, and keep what was found."""
    shop = workshop()
    with shop.store.directory_reading() as session:
        platform = platforms.platform(session, uuid.UUID(platform_id))
    if platform is not None:
        self_check.check(shop.settings, shop.store, shop.outgoing, platform)


def _read_roster(shop: Workshop, tenant_id: int, context_id: uuid.UUID) -> None:
    with shop.store.reading(tenant_id) as session:
        source = rosters.source(session, context_id)
    if source is None or source.memberships_url is None:
        raise RosterUnread("The LMS offers this tool no roster of this course.", is_final=True)
    with shop.store.directory_reading() as session:
        deployment = session.get(Deployment, source.deployment_id)
        platform = platforms.platform(session, deployment.platform_id) if deployment else None
    if platform is None or platform.state != "active" or deployment is None or deployment.state != "active":
        raise RosterUnread("The connection is not active.", is_final=True)
    began = now()
    read = shop.rosters.read(platform, source.memberships_url, source.groups_url)
    shop.rosters.keep(tenant_id, context_id, platform.id, read, began)


def _drain(shop: Workshop, platform: Platform) -> None:
    """Send until nothing is due, the platform asks for a pause, or it is somebody else's turn."""
    stop_at = time.monotonic() + PUSH_SECONDS
    with shop.store.directory_reading() as session:
        tenant_ids = platforms.tenants_of(session, platform.id)
    with ThreadPoolExecutor(platform.concurrency, thread_name_prefix="push") as threads:
        for tenant_id in tenant_ids:
            if not _Push(shop, platform, tenant_id, threads, stop_at).run():
                return


class _Push:
    """One tenant's grades for one platform, in one job."""

    def __init__(
        self, shop: Workshop, platform: Platform, tenant_id: int, threads: ThreadPoolExecutor, stop_at: float
    ) -> None:
        self._shop, self._platform, self._tenant_id = shop, platform, tenant_id
        self._threads, self._stop_at = threads, stop_at
        self._is_held = False
        self._size = BATCH[0]

    def run(self) -> bool:
        """Whether the platform's other tenants may go on in this job."""
        while not self._is_over():
            with self._shop.store.transaction(self._tenant_id) as session:
                claimed = grade_claims.claim(session, self._platform.id, limit=self._size, lease=PUSH_LEASE, now=now())
            if claimed:
                self._send(claimed)
            elif not self._wait_a_little():
                return True
        if not self._is_held:
            self._shop.bell.push_grades(self._platform.id)
        return False

    def _is_over(self) -> bool:
        return self._is_held or time.monotonic() > self._stop_at

    def _send(self, claimed: list[ClaimedGrade]) -> None:
        began = time.monotonic()
        hands = range(min(self._platform.concurrency, len(claimed)))
        waiting = deque(claimed)
        done = [pair for pairs in self._threads.map(lambda _: self._some(waiting), hands) for pair in pairs]
        self._shop.gradebook.settle(self._tenant_id, [(one, outcome.sent) for one, outcome in done])
        hold = next((outcome.hold for _, outcome in done if outcome.hold is not None), None)
        if hold is not None:
            self._is_held = True
        if hold is None and self._platform.paused_reason and any(one.sent.state == DELIVERED for _, one in done):
            _works_again(self._shop, self._platform)
            _pause(self._shop, self._platform, hold.reason, hold.wait)
        is_quick = time.monotonic() - began < 2
        self._size = min(self._size * 2, BATCH[1]) if is_quick else max(self._size // 2, BATCH[0])

    def _some(self, waiting: deque[ClaimedGrade]) -> list[tuple[ClaimedGrade, Outcome]]:
        """What one thread gets done of a batch. A future for each grade would cost as much as sending it does."""
        done = []
        while waiting:
            try:
                claimed = waiting.popleft()
            except IndexError:  # another thread was first
                break
            done.append((claimed, self._one(claimed)))
        return done

    def _one(self, claimed: ClaimedGrade) -> Outcome:
        try:
            outcome = self._shop.gradebook.send(self._tenant_id, self._platform, claimed, is_stopped=self._is_over)
        except Exception as error:  # noqa: BLE001  # one odd grade must not hold up the others
            return faulted(claimed, error)
        if outcome.hold is not None:
            self._is_held = True  # the rest of the batch goes back untried
        return outcome

    def _wait_a_little(self) -> bool:
        """Wait for a grade that is due within the second; False when there is none."""
        with self._shop.store.reading(self._tenant_id) as session:
            due = grade_pushes.next_due(session, self._platform.id, now())
        seconds = (due - now()).total_seconds() if due else SHORT_WAIT + 1
        if seconds > SHORT_WAIT:
            return False
        time.sleep(max(0.0, seconds))
        return True


def _usable(shop: Workshop, platform_id: uuid.UUID) -> Platform | None:
    """The platform, unless it is unknown, not active, or paused."""
    with shop.store.directory_reading() as session:
        platform = platforms.platform(session, platform_id)
    if platform is None or platform.state != "active":
        return None
    if platform.paused_until is not None and platform.paused_until > now():
        return None
    return platform


def _pause(shop: Workshop, platform: Platform, reason: str, seconds: float) -> None:
    log.warning("platform %s is left alone for %d s: %s", platform.id, seconds, reason)
    with shop.store.directory() as session:
        row = session.get_one(Platform, platform.id)
        row.paused_until, row.paused_reason = now() + timedelta(seconds=seconds), reason


def _works_again(shop: Workshop, platform: Platform) -> None:
    with shop.store.directory() as session:
        session.get_one(Platform, platform.id).paused_reason = None
    platform.paused_reason = None  # this job has said it


def _alone(shop: Workshop, tenant_id: int, kind: str, subject: str, work: Callable[[], None]) -> None:
    """Do work that only one job at a time may do; who is turned away leaves word, and it is done once more."""
    with shop.store.transaction(tenant_id) as session:
        tasks.request(session, kind, subject, now=now())
    while (claimed := _claim(shop, tenant_id, kind, subject)) is not None:
        try:
            work()
        finally:
            with shop.store.transaction(tenant_id) as session:
                tasks.finish(session, claimed, now=now())


def _claim(
    shop: Workshop, tenant_id: int, kind: str, subject: str, lease: timedelta = TASK_LEASE
) -> ClaimedTask | None:
    with shop.store.transaction(tenant_id) as session:
        return tasks.claim(session, kind, subject, lease=lease, now=now())


def _failed(shop: Workshop, tenant_id: int, claimed: ClaimedTask, reason: str, *, final: bool = False) -> None:
    with shop.store.transaction(tenant_id) as session:
        state = tasks.fail(session, claimed, reason, now=now(), final=final)
    log.warning("%s %s failed and is %s: %s", claimed.kind, claimed.subject, state or "somebody else's", reason)
