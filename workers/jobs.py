"""The jobs, by the names that ``workers.enqueue`` rings. Each looks in the database what there is to do.

A job may be rung twice, or by two workers at once: a lease in the row decides who does it, and the row, not the job,
is tried again. No job holds a transaction while it talks to an LMS.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from framework import journey
from framework.store import platforms, rosters, tasks
from framework.store.sessions import INSTALLATION, now
from framework.store.tables import Deployment, Platform
from framework.store.tasks import ClaimedTask
from workers import pushes, self_check
from workers.enqueue import JOB_SECONDS, ROSTER_SECONDS
from workers.outgoing import OutgoingError
from workers.roster import RosterUnread
from workers.service_calls import HostRefused, NotGranted
from workers.tokens import NoToken
from workers.workshop import Workshop, workshop

TASK_LEASE = timedelta(seconds=JOB_SECONDS + 30)  # longer than RQ lets a job run
ROSTER_LEASE = timedelta(seconds=ROSTER_SECONDS + 30)

log = logging.getLogger(__name__)


def push_grades(platform_id: str) -> None:
    """Send a platform's due grades, batch by batch, until there are none."""
    shop, one = workshop(), uuid.UUID(platform_id)
    platform = _usable(shop, one)
    if platform is None:
        return
    if platform.concurrency > 1:
        pushes.drain(shop, platform)
        return
    _alone(shop, INSTALLATION, tasks.PUSH_GRADES, platform_id, lambda: pushes.drain(shop, platform))


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


def _usable(shop: Workshop, platform_id: uuid.UUID) -> Platform | None:
    """The platform, unless it is unknown, not active, or paused."""
    with shop.store.directory_reading() as session:
        platform = platforms.platform(session, platform_id)
    if platform is None or platform.state != "active":
        return None
    if platform.paused_until is not None and platform.paused_until > now():
        return None
    return platform


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
