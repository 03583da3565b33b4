"""The tool with a platform that others wrote, ``lti1p3platform`` 0.1.8: keys, tokens, services go over real HTTP."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework.settings import Settings
from framework.store import tasks
from framework.store.sessions import Store
from framework.store.tables import GradePush, Identity, Membership, Person, Platform, Task
from tests.certification.framing_lms import served
from tests.certification.peer import Peer
from tests.certification.test_copies_and_reviews import answers_everything
from tests.certification.test_deep_linking import sent
from tests.lti_tool import platform
from workers import jobs, workshop
from workers.workshop import Workshop

OWN = {"Origin": platform.TOOL}


@pytest.fixture
def peer(app: Flask, store: Store) -> Iterator[Peer]:
    """The platform, registered with the tool and the tool with it."""
    made = Peer()
    with served(made.app, "127.0.0.1") as port:
        made.settle(f"http://127.0.0.1:{port}", app.test_client().get("/lti/jwks").get_json())
        added = platform.connect(store, issuer=made.url)
        with store.directory() as session:  # its keys have to be fetched
            row = session.get_one(Platform, added.id)
            row.jwks, row.jwks_at = None, None
        yield made


@pytest.fixture
def shop(peer: Peer, settings: Callable[..., Settings]) -> Iterator[Workshop]:
    """What jobs work with."""
    made = Workshop(settings())
    workshop.use(made)
    yield made
    workshop.use(None)
    made.close()


def enter(app: Flask, peer: Peer, user: str, role: str, **how: Any) -> tuple[FlaskClient, str]:
    """Log in and launch; answers the browser and the visit's first page."""
    browser = app.test_client()
    login = urlsplit(peer.login(user))
    to_platform = browser.get(f"{login.path}?{login.query}")
    assert to_platform.status_code == 302, to_platform.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(to_platform.location).query).items()}
    response = browser.post("/lti/launch", data=peer.launch(asked, user, role, **how))
    assert response.status_code == 303, response.text
    return browser, response.location


@pytest.mark.lti("LTI-128")
@pytest.mark.parametrize(("role", "sees"), [("Learner", "Start"), ("Instructor", "Who has done this activity")])
def test_a_launch(app: Flask, peer: Peer, role: str, sees: str) -> None:
    browser, path = enter(app, peer, "user-1", role)
    page = browser.get(path, follow_redirects=True)
    assert page.status_code == 200 and sees in page.text


@pytest.mark.lti("LTI-128", "LTI-68", "LTI-69")
def test_deep_linking(app: Flask, peer: Peer) -> None:
    browser, path = enter(app, peer, "teacher", "Instructor", picks=True)
    form = {"what": "separate", "activity": ["self-belief"], "basis": "completion"}
    action, token = sent(browser.post(f"{path}pick", data=form, headers=OWN))
    assert action == f"{peer.url}/picked"
    (item,) = peer.configuration.validate_deeplinking_resp({"JWT": token})
    assert item["custom"]["activity_id"] == "self-belief"
    whole = peer.configuration.tool_validate_and_decode(token)
    assert whole["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == {"a": [1]}


@pytest.mark.lti("LTI-128")
def test_a_column_is_made_and_a_grade_arrives(app: Flask, store: Store, peer: Peer, shop: Workshop) -> None:
    enter(app, peer, "user-1", "Learner")
    answers_everything(store, "link-1")
    with store.reading(1) as session:
        platform_id = session.scalars(sa.select(Identity.platform_id)).one()
    jobs.push_grades(str(platform_id))
    with store.reading(1) as session:
        assert session.scalars(sa.select(GradePush.state)).one() == "delivered"
    (column,) = peer.columns.values()
    assert (column["resourceId"], column["tag"], column["resourceLinkId"]) == ("self-belief", "result", "link-1")
    score = peer.scores["1", "user-1"]
    assert (score["scoreGiven"], score["scoreMaximum"], score["gradingProgress"]) == (1, 1, "FullyGraded")
    assert peer.tokens == 1


@pytest.mark.lti("LTI-128", "LTI-112")
def test_the_roster_is_read(app: Flask, store: Store, peer: Peer, shop: Workshop) -> None:
    enter(app, peer, "teacher", "Instructor")
    with store.reading(1) as session:
        context_id = session.scalars(sa.select(Membership.context_id)).one()
    jobs.roster(1, str(context_id))
    with store.reading(1) as session:
        found = session.execute(
            sa.select(Identity.sub, Membership.role, Person.name)
            .select_from(Membership)
            .join(Identity, Identity.id == Membership.identity_id)
            .join(Person, Person.id == Identity.person_id)
            .order_by(Identity.sub)
        ).all()
    assert [tuple(one)[:2] for one in found] == [
        ("teacher", "instructor"),
        ("user-1", "learner"),
        ("user-2", "learner"),
    ]
    assert found[1][2] == "Ann Example" and found[2][2] is None
    enter(app, peer, "teacher", "Instructor")
    with store.reading(1) as session:
        states = session.scalars(sa.select(Task.state).where(Task.kind == tasks.ROSTER)).all()
    assert states == ["done"], "a list that was just read is not asked for again"
