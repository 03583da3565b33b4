"""The door for people on a real database, with content published and one platform connected."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from framework.settings import Settings
from framework.store import tool_keys
from framework.store.sessions import Store
from framework.store.tables import ToolKey
from lti_tool import turned_away
from lti_tool.application import create_app, working_parts
from tests import own_content, servers
from tests.lti_tool import platform
from workers.enqueue import Bell

DOCUMENT = own_content.document()
_KEY: dict[str, Any] = {}


@pytest.fixture
def app(store: Store, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, as it is in production but for the http address."""
    monkeypatch.setattr(turned_away, "_counts", {})  # the refusals of a minute would be those of many tests
    chosen = settings()
    _give_key(store, chosen.secret_key.get_secret_value())
    with store.transaction(1) as session:
        own_content.publish(session)
    platform.connect(store)
    return _application(chosen, store)


_MADE: list[Flask] = []


def _application(settings: Settings, store: Store) -> Flask:
    """One application per process: its two hundred routes take longer to make than most tests. Its parts are new."""
    bell = Bell(settings.redis)
    if not _MADE:
        _MADE.append(create_app(settings, store, bell))
        _MADE[0].jinja_env.bytecode_cache = _templates()
    made = _MADE[0]
    made.testing = False
    made.config["LQF"] = settings
    made.extensions |= working_parts(settings, store, bell)
    return made


def _give_key(store: Store, secret: str) -> None:
    """Give the tool a signing key. It is made once: making one takes longer than most tests."""
    with store.directory() as session:
        if _KEY:
            session.add(ToolKey(**_KEY))
            return
        tool_keys.ensure(session, secret)
        session.flush()
        row = session.scalars(sa.select(ToolKey)).one()
        _KEY.update({column.key: getattr(row, column.key) for column in sa.inspect(ToolKey).columns})


@cache
def _templates() -> FileSystemBytecodeCache:
    """Templates are compiled once in a run, not once in a test."""
    folder = servers.root() / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture
def count(store: Store) -> Callable[[Any], int]:
    """``count(Table)``: rows of tenant 1 in a table."""

    def counted(table: Any) -> int:
        with store.reading(1) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table).where(table.tenant_id == 1)) or 0

    return counted
