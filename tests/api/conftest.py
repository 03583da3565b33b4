"""The API as lqf.py mounts it, clients with tokens, and a small course full of learners."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from api.application import create_app
from api.door import install, make
from api.scopes import SCOPES
from framework.settings import Settings
from framework.store import clients, editions
from framework.store.clients import NewClient
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import Deployment, Edition, Identity, LineItem, Platform, Progress, ResourceLink
from tests import builders, own_content


@dataclass
class Reader:
    """A program with a token: ``reader("/v1/progress", limit=2)`` answers parsed JSON of a 200."""

    web: Client
    client: NewClient
    token: str

    def get(self, path: str, **query: Any) -> TestResponse:
        """Any answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.web.get(f"/api{path}", query_string=query, headers=headers)

    def __call__(self, path: str, **query: Any) -> Any:
        response = self.get(path, **query)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.json

    def walk(self, **query: Any) -> list[Any]:
        """The pages of one walk through /v1/progress, as a careful client makes it."""
        pages = [self("/v1/progress", **query)]
        while pages[-1]["page"]["has_more"]:
            pages.append(self("/v1/progress", **query, cursor=pages[-1]["page"]["next_cursor"]))
        return pages

    def rows(self, **query: Any) -> list[Any]:
        """All rows of one walk."""
        return [row for page in self.walk(**query) for row in page["data"]]


_MADE: list[Flask] = []  # one application per process: describing its operations takes longer than most tests


@pytest.fixture
def web(store: Store, settings: Callable[..., Settings]) -> Client:
    """The whole of ``/api``, as a program reaches it."""
    chosen = settings()
    if not _MADE:
        _MADE.append(create_app(chosen, store))
    install(_MADE[0].extensions, make(chosen, store))
    return Client(DispatcherMiddleware(Response("elsewhere", 404), {"/api": _MADE[0]}))


@pytest.fixture
def new_client(store: Store) -> Callable[..., NewClient]:
    """``new_client(tenant_id=1, scopes=all)``: a client and its secret."""

    def make(tenant_id: int = 1, scopes: tuple[str, ...] = tuple(SCOPES)) -> NewClient:
        with store.directory() as session:
            return clients.create(session, tenant_id, "Reporting", scopes)

    return make


@pytest.fixture
def new_reader(web: Client, new_client: Callable[..., NewClient]) -> Callable[..., Reader]:
    """``new_reader(tenant_id=1, scopes=all)``: a client with a token."""

    def make(tenant_id: int = 1, scopes: tuple[str, ...] = tuple(SCOPES)) -> Reader:
        made = new_client(tenant_id, scopes)
        response = ask_token(web, made)
        assert response.json is not None
        return Reader(web, made, response.json["access_token"])

    return make


@pytest.fixture
def reader(new_reader: Callable[..., Reader]) -> Reader:
    """A program of tenant 1 that may read everything."""
    return new_reader()


def ask_token(web: Client, made: NewClient, **changes: Any) -> TestResponse:
    """Ask for a token with the credentials in the form; a change of None leaves a field out."""
    form = {
        "grant_type": "client_credentials",
        "client_id": made.client.client_id,
        "client_secret": made.secret,
        **changes,
    }
    return web.post("/api/oauth/token", data={name: value for name, value in form.items() if value is not None})


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The edition document of the content that ships."""
    return own_content.document()


@dataclass
class Course:
    """A placed activity on a platform of one tenant, to be filled with learners."""

    store: Store
    tenant_id: int
    platform: Platform
    deployment: Deployment
    context_id: Any
    link: ResourceLink
    line_item: LineItem
    edition: Edition

    def learner(self, **columns: Any) -> Progress:
        """One more learner, with progress and an attempt."""
        with self.store.transaction(self.tenant_id) as session:
            return self.begin(session, **columns)

    def begin(self, session: Session, **columns: Any) -> Progress:
        """The same in a transaction of the caller's."""
        identity = builders.identity(session, builders.person(session), self.platform)
        row = builders.progress(session, self.link, identity, **columns)
        builders.attempt(session, row, self.edition)
        return row

    def finish(self, row: Progress, *, at: datetime | None = None) -> None:
        """The learner finishes, and a grade is wanted."""
        with self.store.transaction(self.tenant_id) as session:
            mine = session.get_one(Progress, (self.tenant_id, row.id))
            mine.status, mine.fraction, mine.points, mine.maximum = "completed", 1.0, 3.0, 4.0
            mine.finished_at = at or now()
            identity = session.get_one(Identity, (self.tenant_id, row.identity_id))
            builders.grade_push(session, self.line_item, identity)

    def touch(self, row: Progress) -> None:
        """Something about the learner's progress changes."""
        with self.store.transaction(self.tenant_id) as session:
            mine = session.get_one(Progress, (self.tenant_id, row.id))
            mine.fraction = round(mine.fraction + 0.01, 2)


@pytest.fixture
def new_course(store: Store) -> Callable[..., Course]:
    """``new_course(tenant_id=1, activity_key="self-belief")``: a course on a platform of its own."""

    def make(tenant_id: int = 1, activity_key: str = "self-belief") -> Course:
        with store.directory() as session:
            platform = builders.platform(session, tenant_id=tenant_id)
            deployment = builders.deployment(session, platform)
        with store.transaction(tenant_id) as session:
            own_content.publish(session)
            session.flush()
            edition_id, _ = editions.current(session)
            edition = session.get_one(Edition, (tenant_id, edition_id))
            context = builders.context(session, deployment)
            link = builders.link(session, context, activity_key=activity_key)
            line_item = builders.line_item(session, link)
        return Course(store, tenant_id, platform, deployment, context.id, link, line_item, edition)

    return make


@pytest.fixture
def course(new_course: Callable[..., Course]) -> Course:
    """A course of tenant 1 with the module on self-belief."""
    return new_course()


@pytest.fixture
def other_tenant(store: Store) -> int:
    """Another customer on the same installation."""
    with store.directory() as session:
        return builders.tenant(session).id


def prg(row: Progress) -> str:
    """A progress row's id as clients see it."""
    return public_id("prg", row.id)
