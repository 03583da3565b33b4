"""What a launch of somebody who has been here before asks of the database: it decides how many come in at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.lti_tool.platform import DEPLOYMENT, browser, claims, launch, log_in, sign
from workers import vocabulary as v

GRADES = {
    "lineitems": "https://lms.example.org/lineitems",
    "lineitem": "https://lms.example.org/lineitems/1/lineitem",
    "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
}


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def look(_conn: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        sent.append(" ".join(statement.split()))

    sa.event.listen(sa.Engine, "before_cursor_execute", look)
    yield sent
    sa.event.remove(sa.Engine, "before_cursor_execute", look)


def test_a_warm_launch_reads_once_and_writes_one_row_and_a_login_reads_once(app: Flask) -> None:
    """One statement for all of the course: red without ``arriving.arrive_again`` in ``_admit`` (lti_tool.launch).

    One question before it: red with ``None`` for ``state.deployment`` in ``_sender``.
    """
    arrive(app)
    with statements() as sent:
        login = log_in(browser(app), lti_deployment_id=DEPLOYMENT)
    assert [one.partition(" ")[0] for one in sent if not one.startswith("BEGIN")] == ["SELECT"], sent
    body = claims(login.nonce, **{v.AGS_ENDPOINT: GRADES})
    with statements() as sent:
        assert launch(login, sign(body)).status_code == 303
    sent = [one for one in sent if not one.startswith("BEGIN")]
    assert [one.partition(" ")[0] for one in sent] == ["SELECT", "INSERT"], sent
    assert sent[-1].startswith("INSERT INTO visit ")


def arrive(app: Flask) -> None:
    """A whole launch."""
    login = log_in(browser(app), lti_deployment_id=DEPLOYMENT)
    body = claims(login.nonce, **{v.AGS_ENDPOINT: GRADES})
    assert launch(login, sign(body)).status_code == 303
