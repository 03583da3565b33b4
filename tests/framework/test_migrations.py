"""A database with rows in it is brought to the newest schema, and keeps them."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from framework.store import schema
from framework.store.sessions import Store
from framework.store.tables import Context, Membership
from tests import servers

ROWS: dict[str, dict[str, object]] = {
    "context": {"deployment_id": "one", "lti_id": "c", "title": "A course", "scopes": "[]"},
    "person": {},
    "identity": {"person_id": "one", "platform_id": "one", "sub": "s", "is_test": False},
    "membership": {
        "context_id": "one",
        "identity_id": "one",
        "roles": "[]",
        "role": "learner",
        "status": "active",
        "seen_in": "roster",
    },
}
ONE = uuid.UUID("0195c1a2-0000-7000-8000-000000000001")


@pytest.fixture
def empty(kind_of_database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store on a database without tables."""
    if kind_of_database == "sqlite":
        opened = Store(f"sqlite:///{tmp_path / 'old.db'}")
        yield opened
        opened.close()
        return
    server: servers.PostgreSQL = request.getfixturevalue("postgresql")
    name = f"test_{uuid.uuid4().hex}"
    opened = Store(server.create(name))
    yield opened
    opened.close()
    server.drop(name)


def fill(store: Store) -> None:
    """One row of each table, in the columns of the first revision."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["engine"] = store.engine
    command.upgrade(config, "0001")
    tables = sa.MetaData()
    tables.reflect(store.engine, only=list(ROWS))
    with store.engine.begin() as connection:
        for name, columns in ROWS.items():
            table = tables.tables[name]
            given: dict[str, object] = {"tenant_id": 1, "id": "one", **columns}
            if "version" in table.columns:
                given |= {"version": 1, "updated_at": sa.func.current_timestamp()}
            connection.execute(sa.insert(table).values(**{key: _value(store, value) for key, value in given.items()}))


def _value(store: Store, value: object) -> object:
    if value == "one":
        return ONE.hex if store.is_sqlite else ONE
    if value == "[]" and not store.is_sqlite:
        return []
    return value


def test_rows_of_the_first_revision_come_along(empty: Store) -> None:
    """Red without ``forget_foreign_keys(connection)`` in migrations/env.py, on SQLite."""
    fill(empty)
    assert schema.migrate(empty) == ("0001", schema.revisions()[-1])
    with empty.reading(1) as session:
        course, member = session.scalars(sa.select(Context)).one(), session.scalars(sa.select(Membership)).one()
    assert (course.title, course.is_strict, course.roster_question) == ("A course", False, None)
    assert (member.context_id, member.sections) == (ONE, [])
    if empty.is_sqlite:
        with empty.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1, "checked again from then on"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
