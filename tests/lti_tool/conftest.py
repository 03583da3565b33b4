"""The door for people on a real database, with content published and one platform connected."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from framework import authoring
from framework.settings import Settings
from framework.store import editions, tool_keys
from framework.store.sessions import Store, now
from lti_tool.application import create_app
from tests.lti_tool import platform
from workers.enqueue import Bell

DOCUMENT = authoring.document(authoring.CONTENT)


@pytest.fixture
def app(store: Store, settings: Callable[..., Settings]) -> Flask:
    """The application, as it is in production but for the http address."""
    chosen = settings()
    with store.directory() as session:
        tool_keys.ensure(session, chosen.secret_key.get_secret_value())
    with store.transaction(1) as session:
        editions.publish(session, DOCUMENT, now=now())
    platform.connect(store)
    made = create_app(chosen, store, Bell(chosen.redis))
    made.testing = False
    return made


@pytest.fixture
def count(store: Store) -> Callable[[Any], int]:
    """``count(Table)``: rows of tenant 1 in a table."""
    import sqlalchemy as sa

    def counted(table: Any) -> int:
        with store.reading(1) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(table).where(table.tenant_id == 1)) or 0

    return counted
