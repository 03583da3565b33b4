"""What follows a refusal: a page for the person, an audit row and a count for the administrator.

Refusals are limited by registration, never by address: a hospital is one address. The counts are of this process and
this minute, in memory: nothing else has to be there for them, and what is let in is never counted. Beyond the limit a
refusal is a short text with status 429, so that a flood of false launches costs next to nothing and no true one less.
"""

import logging
import threading
import time

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter

from framework.store import audits
from framework.store.sessions import INSTALLATION, now
from lti_tool import parts
from lti_tool.frame import show
from lti_tool.presenters import notices
from lti_tool.presenters.frame import leaving
from lti_tool.refusals import Refusal

MOST_PAGES = 600  # refusals a minute of one registration that get their page
MOST_ROWS = 60  # audit rows a minute for one reason of one registration: strangers must not fill the database

log = logging.getLogger(__name__)
refused = Counter("lqf_launches_refused", "Logins and launches refused", ["code"])
_lock = threading.Lock()
_counts: dict[tuple[str, str, str], tuple[int, int]] = {}


def register(app: Flask) -> None:
    """Translate each Refusal to its page."""
    app.register_error_handler(Refusal, _show)


def _show(refusal: Refusal) -> ResponseReturnValue:
    refused.labels(refusal.code).inc()
    if _number("", refusal) > MOST_PAGES:
        return _too_many()
    reference = record(refusal, "launch.refused", "browser")
    reason = refusal.reason
    code = f"{refusal.code} {reference}".strip()
    back = leaving(refusal.return_url, trouble=reason.title)
    page = notices.refused(reason.title, reason.what, reason.do, code, back)
    return show("launch/refused.html", page, reason.status)


def record(refusal: Refusal, action: str, actor: str) -> str:
    """Write it unless this reason floods. Answers the reference that the person can quote."""
    log.warning("%s: %s", action, refusal)
    if _number(refusal.code, refusal) > MOST_ROWS:
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


def _too_many() -> ResponseReturnValue:
    text = "Too many sign-ins of this learning system have just been refused. Please try again in a minute."
    return Response(text, 429, {"Retry-After": "60"}, mimetype="text/plain")


def _number(what: str, refusal: Refusal) -> int:
    """How many of these there have been this minute. Unknown issuers are counted together: anybody can make one up."""
    is_known = refusal.code not in ("platform_unknown", "login_incomplete")
    key = (what, refusal.issuer if is_known else "", refusal.client_id if is_known else "")
    minute = int(time.time() // 60)
    with _lock:
        at, count = _counts.get(key, (minute, 0))
        count = count + 1 if at == minute else 1
        _counts[key] = (minute, count)
    return count
