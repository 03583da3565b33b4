"""Jobs around an LMS's notices (Platform Notification Service 1.0): ask for them, and do what they say.

A job may be rung twice, or by two workers at once: the task's lease decides who does it.
"""

import json
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from framework.store import notices, platforms, tasks
from framework.store.sessions import now
from workers import vocabulary
from workers.enqueue import JOB_SECONDS
from workers.outgoing import OutgoingError
from workers.service_calls import HostRefused, NotGranted
from workers.tokens import NoToken
from workers.workshop import Workshop, workshop

LEASE = timedelta(seconds=JOB_SECONDS + 30)  # longer than RQ lets a job run
SCOPES = (vocabulary.SCOPE_NOTICES,)

log = logging.getLogger(__name__)


class NotAsked(Exception):
    """The LMS could not be asked for notices. ``is_final``: trying again will not help."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


def copy_course(tenant_id: int, notice_id: str) -> None:
    """Note for a copied course what its placements will hold."""
    shop = workshop()

    def work() -> None:
        with shop.store.transaction(tenant_id) as session:
            prepared = notices.copy_course(session, uuid.UUID(notice_id), now=now())
        log.info("notice %s: %d placements of the copied course are prepared", notice_id, prepared)

    _do(shop, tenant_id, tasks.COURSE_COPY, notice_id, work)


def ask(tenant_id: int, deployment_id: str) -> None:
    """Ask the LMS of a deployment to tell this tool when a course has been copied."""
    shop = workshop()
    _do(shop, tenant_id, tasks.NOTICE_HANDLER, deployment_id, lambda: _ask(shop, uuid.UUID(deployment_id)))


def _ask(shop: Workshop, deployment_id: uuid.UUID) -> None:
    with shop.store.directory_reading() as session:
        deployment = platforms.deployment_by_id(session, deployment_id)
        platform = platforms.platform(session, deployment.platform_id) if deployment else None
    if deployment is None or platform is None or deployment.notices_url is None:
        return
    if platform.state != "active" or deployment.state != "active":
        raise NotAsked("The connection is not active.", is_final=True)
    wanted = {"notice_type": vocabulary.CONTEXT_COPY_NOTICE, "handler": f"{shop.settings.base_url}/lti/notices"}
    try:
        answer = shop.calls.call(
            platform,
            SCOPES,
            SCOPES,
            "PUT",
            deployment.notices_url,
            accept="application/json",
            content_type="application/json",
            body=json.dumps(wanted).encode(),
        )
    except (NotGranted, HostRefused) as error:
        raise NotAsked(str(error) or "The LMS has not switched on notices for this tool.", is_final=True) from None
    except (NoToken, OutgoingError) as error:
        raise NotAsked(str(error), is_final=False) from None
    if not 200 <= answer.status < 300:
        is_final = 400 <= answer.status < 500 and answer.status not in (408, 429)
        raise NotAsked(f"The LMS answered with status {answer.status}.", is_final=is_final)


def _do(shop: Workshop, tenant_id: int, kind: str, subject: str, work: Callable[[], None]) -> None:
    with shop.store.transaction(tenant_id) as session:
        claimed = tasks.claim(session, kind, subject, lease=LEASE, now=now())
    if claimed is None:
        return
    try:
        work()
    except NotAsked as error:
        with shop.store.transaction(tenant_id) as session:
            state = tasks.fail(session, claimed, str(error), now=now(), final=error.is_final)
        log.warning("%s %s failed and is %s: %s", kind, subject, state or "somebody else's", error)
    except Exception as error:
        with shop.store.transaction(tenant_id) as session:
            tasks.fail(session, claimed, f"{type(error).__name__}: {error}", now=now())
        raise
    else:
        with shop.store.transaction(tenant_id) as session:
            tasks.finish(session, claimed, now=now())
