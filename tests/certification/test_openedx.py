"""Launches, deep linking, tokens and members with Open edX's platform, which runs as a program of its own."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient

from framework.settings import Settings
from framework.store.sessions import Store
from framework.store.tables import Identity, Membership, Person, Platform, Visit
from tests.certification.framing_lms import served
from tests.certification.test_deep_linking import sent
from tests.lti_tool import platform
from workers import jobs, workshop
from workers import vocabulary as v
from workers.workshop import Workshop

pytestmark = pytest.mark.one_database  # the partner is on trial; the other one runs on both

PYTHON = Path(__file__).parents[2] / ".venv" / "openedx" / "bin" / "python"
PROGRAM = Path(__file__).with_name("openedx_platform.py")
OWN = {"Origin": platform.TOOL}
MEMBERS = [
    {"user_id": "user-1", "roles": ["Learner"], "name": "Ann Example", "status": "Active"},
    {"user_id": "user-2", "roles": ["Learner"]},
]


class OpenEdx:
    """The program, and the little of a web server that it needs. ``tokens`` counts the access tokens given."""

    def __init__(self) -> None:
        self.url, self.tokens = "", 0
        self.tool_keys: dict[str, Any] = {}
        self.app = Flask("openedx")
        self.app.add_url_rule("/jwks", "jwks", lambda: jsonify(self.does("keys")))
        self.app.add_url_rule("/tool-keys", "tool_keys", lambda: jsonify(self.tool_keys))
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/members", view_func=self.members)

    def start(self, url: str) -> None:
        """Run the program for the platform at this address."""
        if not PYTHON.exists():
            pytest.fail("Open edX's platform is missing: run `make .venv/.openedx`.")
        self.url = url
        self.process = subprocess.Popen(
            [str(PYTHON), str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        made = {"url": url, "tool": platform.TOOL, "client_id": platform.CLIENT_ID}
        assert self._says({**made, "deployment_id": platform.DEPLOYMENT}) == "ready"

    def stop(self) -> None:
        self.process.communicate(timeout=10)  # closes its input: it ends

    def does(self, step: str, **given: Any) -> Any:
        """One step of the platform's. Raises ValueError with what the library said."""
        answer = self._says({"step": step, **given})
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["answer"]

    def _says(self, given: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def token(self) -> Response:
        self.tokens += 1
        return jsonify(self.does("token", form=request.form.to_dict()))

    def members(self) -> tuple[Response, int]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.does("check", token=token, scope=v.SCOPE_NAMES_AND_ROLES):
            return jsonify({}), 403
        page = jsonify({"id": request.url, "context": {"id": "course-1"}, "members": MEMBERS})
        page.mimetype = v.MEMBERSHIP_CONTAINER
        return page, 200


@pytest.fixture(scope="module")
def program() -> Iterator[OpenEdx]:
    """Open edX's platform, started once."""
    made = OpenEdx()
    with served(made.app, "127.0.0.1") as port:
        made.start(f"http://127.0.0.1:{port}")
        yield made
        made.stop()


@pytest.fixture
def openedx(program: OpenEdx, app: Flask, store: Store) -> OpenEdx:
    """The platform, registered with this test's tool and the tool with it."""
    program.tool_keys, program.tokens = app.test_client().get("/lti/jwks").get_json(), 0
    added = platform.connect(store, issuer=program.url)
    with store.directory() as session:  # its keys have to be fetched
        row = session.get_one(Platform, added.id)
        row.jwks, row.jwks_at = None, None
    return program


def enter(app: Flask, openedx: OpenEdx, user: str, role: str, *, picks: bool = False) -> tuple[FlaskClient, str]:
    """Log in and launch; answers the browser and the visit's first page."""
    browser = app.test_client()
    login = urlsplit(openedx.does("login", user=user, role=role, picks=picks))
    to_platform = browser.get(f"{login.path}?{login.query}")
    assert to_platform.status_code == 302, to_platform.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(to_platform.location).query).items()}
    response = browser.post("/lti/launch", data=openedx.does("launch", asked=asked, user=user, role=role))
    assert response.status_code == 303, response.text
    return browser, response.location


@pytest.mark.lti("LTI-128")
@pytest.mark.parametrize(("role", "sees"), [("student", "Start"), ("staff", "Who has done this activity")])
def test_a_launch(app: Flask, openedx: OpenEdx, role: str, sees: str) -> None:
    browser, path = enter(app, openedx, "user-1", role)
    page = browser.get(path, follow_redirects=True)
    assert page.status_code == 200 and sees in page.text


@pytest.mark.lti("LTI-128", "LTI-13")
def test_a_launch_that_is_sent_twice(app: Flask, openedx: OpenEdx, count: Callable[[Any], int]) -> None:
    browser = app.test_client()
    login = urlsplit(openedx.does("login", user="user-1", role="student", picks=False))
    to_platform = browser.get(f"{login.path}?{login.query}")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(to_platform.location).query).items()}
    form = openedx.does("launch", asked=asked, user="user-1", role="student")
    assert [browser.post("/lti/launch", data=form).status_code for _ in range(2)] == [303, 403]
    assert count(Visit) == 1


@pytest.mark.lti("LTI-128", "LTI-68")
def test_deep_linking(app: Flask, openedx: OpenEdx) -> None:
    browser, path = enter(app, openedx, "teacher", "staff", picks=True)
    form = {"what": "separate", "activity": ["self-belief"], "basis": "completion"}
    action, token = sent(browser.post(f"{path}pick", data=form, headers=OWN))
    assert action == f"{openedx.url}/picked"
    (item,) = openedx.does("picked", token=token)
    assert (item["type"], item["custom"]["activity_id"]) == ("ltiResourceLink", "self-belief")
    with pytest.raises(ValueError, match=r"[Ii]nvalid|[Ss]ignature|[Kk]ey"):
        openedx.does("picked", token=token[:-12] + "A" * 12)  # it does look


@pytest.mark.lti("LTI-128", "LTI-80", "LTI-112")
def test_a_token_and_the_members(app: Flask, store: Store, openedx: OpenEdx, settings: Callable[..., Settings]) -> None:
    enter(app, openedx, "teacher", "staff")
    with store.reading(1) as session:
        context_id = session.scalars(sa.select(Membership.context_id)).one()
    shop = Workshop(settings())
    workshop.use(shop)
    try:
        jobs.roster(1, str(context_id))
    finally:
        workshop.use(None)
        shop.close()
    with store.reading(1) as session:
        found = session.execute(
            sa.select(Identity.sub, Membership.role, Person.name)
            .select_from(Membership)
            .join(Identity, Identity.id == Membership.identity_id)
            .join(Person, Person.id == Identity.person_id)
            .order_by(Identity.sub)
        ).all()
    assert ("user-1", "learner", "Ann Example") in [tuple(one) for one in found]
    assert ("user-2", "learner", None) in [tuple(one) for one in found]
    assert openedx.tokens == 1
