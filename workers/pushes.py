"""The grades of one job: claimed, sent by threads and settled, without a pause between.

Threads send what is in hand. Meanwhile this job's own thread settles what they have done and claims as much again, so
that no connection waits for the database. A grade is settled only after it was sent; should the job die, its lease ends
and the next one reads the LMS's result first.
"""

import logging
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from queue import SimpleQueue

from framework.store import grade_claims, grade_pushes, platforms
from framework.store.grade_pushes import DELIVERED, ClaimedGrade
from framework.store.sessions import now
from framework.store.tables import Platform
from workers.delivery import Unsent
from workers.gradebook import Outcome, faulted
from workers.workshop import Workshop

SECONDS = 30  # then the job rings for another one, so that no platform keeps a worker to itself
LEASE = timedelta(seconds=90)
SHORT_WAIT = 1.5  # seconds worth waiting for a grade that must be a second younger than the last
IN_HAND = (16, 800)  # grades claimed and not settled: at least, at most
IN_HAND_SECONDS = 1.0  # enough that the database is little of it, so little that rival jobs end together

log = logging.getLogger(__name__)


def drain(shop: Workshop, platform: Platform) -> None:
    """Send until nothing is due, the platform asks for a pause, or it is somebody else's turn."""
    stop_at = time.monotonic() + SECONDS
    with shop.store.directory_reading() as session:
        tenant_ids = platforms.tenants_of(session, platform.id)
    with ThreadPoolExecutor(platform.concurrency, thread_name_prefix="push") as threads:
        for tenant_id in tenant_ids:
            if not _Push(shop, platform, tenant_id, stop_at).run(threads):
                return


class _Done:
    """What the threads have done. Who takes it is woken once for many: a change of threads costs as much as a grade."""

    def __init__(self) -> None:
        self._outcomes: list[tuple[ClaimedGrade, Outcome]] = []
        self._awaited = 0  # so many wake the taker
        self._condition = threading.Condition()

    def put(self, claimed: ClaimedGrade, outcome: Outcome) -> None:
        """Add one."""
        with self._condition:
            self._outcomes.append((claimed, outcome))
            if len(self._outcomes) == self._awaited:
                self._condition.notify()

    def take(self, least: int) -> list[tuple[ClaimedGrade, Outcome]]:
        """Wait until there are so many, and take all."""
        with self._condition:
            self._awaited = least
            self._condition.wait_for(lambda: len(self._outcomes) >= least)
            taken, self._outcomes = self._outcomes, []
        return taken


class _Push:
    """One tenant's grades for one platform, in one job."""

    def __init__(self, shop: Workshop, platform: Platform, tenant_id: int, stop_at: float) -> None:
        self._shop, self._platform, self._tenant_id = shop, platform, tenant_id
        self._stop_at = stop_at
        self._hold: Unsent | None = None
        self._size, self._settled_at = IN_HAND[0], time.monotonic()
        self._waiting: SimpleQueue[ClaimedGrade | None] = SimpleQueue()
        self._done = _Done()

    def run(self, threads: ThreadPoolExecutor) -> bool:
        """Whether the platform's other tenants may go on in this job."""
        hands = [threads.submit(self._hand) for _ in range(self._platform.concurrency)]
        try:
            if self._is_all_sent():
                return True
            if self._hold is not None:
                _pause(self._shop, self._platform, self._hold.reason, self._hold.wait)
            else:
                self._shop.bell.push_grades(self._platform.id)
            return False
        finally:
            self._stop_at = 0.0  # after an error, what is still in hand is left untried
            for _ in hands:
                self._waiting.put(None)
            wait(hands)

    def _is_all_sent(self) -> bool:
        """Work until nothing is due (True) or this job is over (False)."""
        in_hand, is_more = 0, True
        while True:
            if not in_hand:
                self._settled_at = time.monotonic()  # the time of waiting says nothing about the LMS's speed
            if is_more and not self._is_over():
                room = self._size - in_hand
                claimed = self._claim(room) if room > 0 else []
                in_hand, is_more = in_hand + len(claimed), len(claimed) == room or room <= 0
            if in_hand:
                in_hand -= self._settle(math.ceil(in_hand / 2))
            elif self._is_over():
                return False
            elif not is_more:
                if not self._is_more_soon():
                    return True
                is_more = True

    def _is_over(self) -> bool:
        return self._hold is not None or time.monotonic() > self._stop_at

    def _claim(self, limit: int) -> list[ClaimedGrade]:
        with self._shop.store.transaction(self._tenant_id) as session:
            claimed = grade_claims.claim(session, self._platform.id, limit=limit, lease=LEASE, now=now())
        for one in claimed:
            self._waiting.put(one)
        return claimed

    def _settle(self, least: int) -> int:
        """Settle so many grades or more, as soon as they are done; answers how many."""
        done = self._done.take(least)
        self._shop.gradebook.settle(self._tenant_id, [(one, outcome.sent) for one, outcome in done])
        if self._platform.paused_reason and any(outcome.sent.state == DELIVERED for _, outcome in done):
            _works_again(self._shop, self._platform)
        began, self._settled_at = self._settled_at, time.monotonic()
        fitting = len(done) * IN_HAND_SECONDS / max(0.001, self._settled_at - began)
        self._size = int(max(IN_HAND[0], min(fitting, IN_HAND[1])))
        return len(done)

    def _hand(self) -> None:
        """What one thread does. A future for each grade would cost as much as sending it."""
        while (claimed := self._waiting.get()) is not None:
            self._done.put(claimed, self._one(claimed))

    def _one(self, claimed: ClaimedGrade) -> Outcome:
        try:
            outcome = self._shop.gradebook.send(self._tenant_id, self._platform, claimed, is_stopped=self._is_over)
        except Exception as error:  # noqa: BLE001  # one odd grade must not hold up the others
            return faulted(claimed, error)
        self._hold = self._hold or outcome.hold  # then what is in hand goes back untried
        return outcome

    def _is_more_soon(self) -> bool:
        """Wait for a grade that is due within the second; False when there is none."""
        with self._shop.store.reading(self._tenant_id) as session:
            due = grade_pushes.next_due(session, self._platform.id, now())
        seconds = (due - now()).total_seconds() if due else SHORT_WAIT + 1
        if seconds > SHORT_WAIT:
            return False
        time.sleep(max(0.0, seconds))
        return True


def _pause(shop: Workshop, platform: Platform, reason: str, seconds: float) -> None:
    log.warning("platform %s is left alone for %d s: %s", platform.id, seconds, reason)
    with shop.store.directory() as session:
        row = session.get_one(Platform, platform.id)
        row.paused_until, row.paused_reason = now() + timedelta(seconds=seconds), reason


def _works_again(shop: Workshop, platform: Platform) -> None:
    with shop.store.directory() as session:
        session.get_one(Platform, platform.id).paused_reason = None
    platform.paused_reason = None  # this job has said it
