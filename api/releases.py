"""Each release of personal data is written down before it is sent: to whom, by which right, how much."""

import uuid
from collections.abc import Set

from flask import g, request

from api.auth import caller
from api.door import door
from framework.store import audits
from framework.store.sessions import now


def record_release(subject: str, scope: str, *, people: Set[uuid.UUID], rows: int) -> None:
    """Write the audit row of an answer. When it cannot be written, the answer is not given.

    It is its own short transaction: reading does not hold the lock that writing needs on SQLite.
    """
    with door().store.transaction(caller().tenant_id) as session:
        audits.add(
            session,
            actor=f"client:{caller().client_id}",
            action="api.read",
            subject=subject,
            now=now(),
            people=len(people),
            details={"scope": scope, "filters": _filters(), "rows": rows},
            request_id=g.request_id,
        )


def _filters() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "cursor"}
