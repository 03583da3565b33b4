"""What follows a refusal: a page for the person, an audit row and a count for the administrator."""

import logging
import threading
import time

from flask import Flask, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter

from framework.store import audits
from framework.store.sessions import INSTALLATION, now
from lti_tool import parts
from lti_tool.frame import show
from lti_tool.presenters import notices
from lti_tool.presenters.frame import leaving
from lti_tool.refusals import Refusal

MOST_ROWS = 60  # audit rows a minute for one reason of one registration: strangers must not fill the database

log = logging.getLogger(__name__)
refused = Counter("lqf_launches_refused", "Logins and launches refused", ["code"])
_lock = threading.Lock()
_written: dict[tuple[str, str, str], tuple[int, int]] = {}


def register(app: Flask) -> None:
    """Translate each Refusal to its page."""
    app.register_error_handler(Refusal, _show)


def _show(refusal: Refusal) -> ResponseReturnValue:
    refused.labels(refusal.code).inc()
    reference = record(refusal, "launch.refused", "browser")
    reason = refusal.reason
    code = f"{refusal.code} {reference}".strip()
    back = leaving(refusal.return_url, trouble=reason.title)
    page = notices.refused(reason.title, reason.what, reason.do, code, back)
    return show("launch/refused.html", page, reason.status)


def record(refusal: Refusal, action: str, actor: str) -> str:
    """Write it unless this reason floods. Answers the reference that the person can quote."""
    log.warning("%s: %s", action, refusal)
    if not _is_due(refusal):
        return ""
    with parts.store().transaction(INSTALLATION) as session:
        row = audits.add(
            session,
            actor=actor,
            action=action,
            subject=request.path,
            reason=refusal.code,
            details={"detail": refusal.detail, "iss": refusal.issuer, "client_id": refusal.client_id},
            now=now(),
        )
    return str(row.id)[-12:]


def _is_due(refusal: Refusal) -> bool:
    """Unknown issuers are counted together: anybody can make one up."""
    is_known = refusal.code not in ("platform_unknown", "login_incomplete")
    key = (refusal.code, refusal.issuer if is_known else "", refusal.client_id if is_known else "")
    minute = int(time.time() // 60)
    with _lock:
        at, count = _written.get(key, (minute, 0))
        count = count + 1 if at == minute else 1
        _written[key] = (minute, count)
    return count <= MOST_ROWS
