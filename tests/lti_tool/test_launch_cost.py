"""What a launch of somebody who has been here before asks of the database: it decides how many come in at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from framework.store.sessions import Store
from framework.store.tables import Deployment, Platform
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


def test_a_warm_launch_is_one_statement_and_a_login_reads_once(app: Flask) -> None:
    """One statement for all of it: red without ``arriving.arrive_again`` in ``_admit`` (lti_tool.launch), and without
    ``_let_in``'s ``return _enter(state, Sender(*kept, is_remembered=True), visit.COOKIE)``.
    """
    arrive(app)
    with statements() as sent:
        login = log_in(browser(app), lti_deployment_id=DEPLOYMENT)
    assert [one.partition(" ")[0] for one in sent if not one.startswith("BEGIN")] == ["SELECT"], sent
    body = claims(login.nonce, **{v.AGS_ENDPOINT: GRADES})
    with statements() as sent:
        assert launch(login, sign(body)).status_code == 303
    sent = [one for one in sent if not one.startswith("BEGIN")]
    assert len(sent) == 1, sent
    assert sent[0].startswith("INSERT INTO visit ")


@pytest.mark.parametrize("kind", [Platform, Deployment])
def test_a_registration_that_was_disabled_after_the_login_lets_nobody_in(
    app: Flask, store: Store, kind: type[Any]
) -> None:
    """What a process remembers lets nobody in: red without ``*_registered(),`` in ``_statement`` (store.returns)."""
    arrive(app)
    login = log_in(browser(app), lti_deployment_id=DEPLOYMENT)
    with store.directory() as session:
        session.scalars(sa.select(kind)).one().state = "disabled"
    assert launch(login, sign(claims(login.nonce, **{v.AGS_ENDPOINT: GRADES}))).status_code == 403
    with store.directory() as session:
        session.scalars(sa.select(kind)).one().state = "active"
    arrive(app)


def test_a_changed_registration_is_read_anew_and_remembered_again(app: Flask, store: Store) -> None:
    """Every write raises the revision: red without ``onupdate`` in ``_revision`` (store.tables.directory)."""
    arrive(app)
    with store.directory() as session:
        platform = session.scalars(sa.select(Platform)).one()
        before, platform.name = platform.revision, "Another name"
    with store.directory() as session:
        assert session.scalars(sa.select(Platform)).one().revision == before + 1
    with statements() as sent:
        arrive(app)
    assert [one.split()[0] for one in sent if "BEGIN" not in one] == ["SELECT", "INSERT", "SELECT", "INSERT"], sent
    with statements() as sent:
        arrive(app)
    assert [one.split()[0] for one in sent if "BEGIN" not in one] == ["SELECT", "INSERT"], sent


def arrive(app: Flask) -> None:
    """A whole launch."""
    login = log_in(browser(app), lti_deployment_id=DEPLOYMENT)
    body = claims(login.nonce, **{v.AGS_ENDPOINT: GRADES})
    assert launch(login, sign(body)).status_code == 303
