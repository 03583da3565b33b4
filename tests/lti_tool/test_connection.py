"""The Connection test at the door: who sees what, and what is asked of the workers."""

from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework import authoring, catalogue
from framework.catalogue import Catalogue
from framework.errors import NotFound
from framework.store import connection_tests, tasks
from framework.store.sessions import Store, now
from framework.store.tables import Attempt, ConnectionTest, Progress, ResourceLink, Task
from lti_tool import picking
from lti_tool.presenters.choice import SEPARATE, Chosen
from tests.lti_tool.platform import INSTRUCTOR, TOOL, enter
from workers import vocabulary as v
from workers.enqueue import Bell

HERE = {v.CUSTOM: {"activity_id": "connection-test"}}
FOUND = {
    "List of learners": {"result": "failed", "said": "The setting is called <b>Services</b>."},
    "Launch by a learner": {"result": "ok", "said": "Works."},
}


def opens(app: Flask, *, teaches: bool = False, **changes: Any) -> tuple[FlaskClient, str]:
    """Launch the test; answers the browser and the visit's path."""
    role = {v.ROLES: [INSTRUCTOR], "sub": "teacher-1"} if teaches else {}
    return enter(app, **HERE, **role, **changes)


@cache
def content() -> Catalogue:
    """The product's own content."""
    return catalogue.read(authoring.document(authoring.CONTENT))


def asked(store: Store) -> list[str]:
    with store.reading(1) as session:
        query = sa.select(Task.subject).where(Task.kind == tasks.CONNECTION_TEST, Task.state == "due")
        return list(session.scalars(query))


def test_a_teacher_sees_the_steps_and_runs_it_again(app: Flask, store: Store) -> None:
    """Red without ``connection_tests.ask`` in ``again``; escaped: without Jinja's autoescape."""
    client, path = opens(app, teaches=True)
    first = client.get(path)
    assert first.status_code == 303 and first.headers["Location"].endswith("/connection")
    assert "The test is running" in client.get(f"{path}connection").text
    with store.transaction(1) as session:
        row = session.scalars(sa.select(ConnectionTest)).one()
        connection_tests.keep(session, row.resource_link_id, FOUND, now=now())
        session.scalars(sa.select(Task).where(Task.kind == tasks.CONNECTION_TEST)).one().state = "done"
    page = client.get(f"{path}connection", headers={"Sec-Fetch-Dest": "iframe"}).text
    assert "1 step does not work" in page and "&lt;b&gt;Services" in page and "Inside the LMS" in page
    assert page.index("List of learners") < page.index("Launch by a learner"), "what needs a person comes first"
    assert asked(store) == []
    assert client.post(f"{path}connection", headers={"Origin": TOOL}).status_code == 303
    assert asked(store) == [str(row.resource_link_id)]


def test_a_learner_is_thanked_starts_a_run_and_may_not_see_the_steps(app: Flask, store: Store) -> None:
    """Red without ``is_instructor`` in ``test``, and without ``connection_tests.opened`` in ``arriving.arrive``."""
    client, path = opens(app)
    page = client.get(f"{path}connection")
    assert "nothing for you to do here" in page.text and "List of learners" not in page.text
    assert len(asked(store)) == 1
    assert client.post(f"{path}connection", headers={"Origin": TOOL}).status_code == 403
    for address in ("connection-test/", "self-belief/"):
        assert client.get(f"{path}learn/{address}").status_code == 404
    with store.reading(1) as session:
        assert session.scalars(sa.select(Progress.id)).all() == session.scalars(sa.select(Attempt.id)).all() == []
        link = session.scalars(sa.select(ResourceLink)).one()
    with pytest.raises(NotFound):
        content().activity(link.activity_key or "")


def test_the_page_of_another_placement_is_none(app: Flask) -> None:
    """Red without ``row is None`` in ``_test``."""
    client, path = enter(app)
    assert client.get(f"{path}connection").status_code == 404


@pytest.mark.one_database
def test_without_redis_the_page_stands_and_says_when_nobody_works(app: Flask, store: Store) -> None:
    """Red without ``is_late``."""
    app.extensions["bell"] = Bell("redis://127.0.0.1:9/0")
    client, path = opens(app, teaches=True)
    assert client.get(f"{path}connection").status_code == 200
    with store.transaction(1) as session:
        row = session.scalars(sa.select(ConnectionTest)).one()
        row.asked_at = row.asked_at.replace(year=row.asked_at.year - 1)
    assert "lqf doctor" in client.get(f"{path}connection").text


@pytest.mark.one_database
def test_the_picker_offers_it_always_with_a_column_of_one_point() -> None:
    """Red without ``activity == CONNECTION_TEST`` in ``choice.bases_of``."""
    for basis in ("completion", "score", "none"):
        chosen = Chosen(SEPARATE, "", (), ("connection-test",), basis)
        [made] = picking.items(content(), chosen, picking.Limits(True, True, date(2026, 11, 25), ZoneInfo("UTC")))
        assert (made.activity.key, made.maximum, made.settings["grade"]) == ("connection-test", 1.0, "completion")
