"""The fixtures themselves: each database is real, fresh and migrated, and the tenancy hook bites."""

import pytest
import sqlalchemy as sa

from framework.store import schema
from framework.store.sessions import Store
from framework.store.tables import Person, Tenant
from tests import builders, servers, tenancy

LEFT_OPEN: list[sa.Connection] = []


def test_database_is_migrated_and_has_its_first_customer(store: Store) -> None:
    schema.check(store)
    with store.directory_reading() as session:
        assert session.scalars(sa.select(Tenant.key).order_by(Tenant.id)).all() == ["installation", "default"]


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(store: Store, turn: int) -> None:
    with store.transaction(1) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
        session.add(Person(name=f"Person {turn}"))


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_what_a_test_leaves_is_gone(store: Store, database: str, turn: int) -> None:
    """Red without ``DELETE FROM``, ``TABLE kept.{0}``, ``END_OTHERS`` or ``"schema was altered"`` in ``databases``."""
    # given the database as it is made
    with store.directory_reading() as session:
        assert session.scalars(sa.select(Tenant.name).order_by(Tenant.id)).all()[1] != "Renamed"
        tables = sa.inspect(session.connection()).get_table_names()
        assert "left_behind" not in tables
    with store.looking() as connection:
        rows = {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name} /* tenant_id */")) for name in tables}  # noqa: S608  # our tables
    assert {name: count for name, count in rows.items() if count} == {"alembic_version": 1, "tenant": 2}

    # when a test writes to it, alters it and leaves a transaction open that holds a lock
    builders.placement(store)
    with store.directory() as session:
        session.get_one(Tenant, 1).name = "Renamed"
    if turn == 2:
        with store.engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE left_behind (id integer)"))
    LEFT_OPEN.append(sa.create_engine(database, poolclass=sa.NullPool).connect())
    LEFT_OPEN[-1].execute(sa.text("UPDATE tenant SET name = 'Not committed'"))

    # then the next one finds nothing of it


def test_empty_database_is_empty(empty_database: str) -> None:
    store = Store(empty_database)
    assert schema.current(store) is None
    store.close()


@pytest.mark.parametrize("turn", [1, 2])
def test_valkey_is_empty_and_can_be_taken_away(valkey: servers.Valkey, turn: int) -> None:
    client = valkey.client()
    assert client.dbsize() == 0
    client.set("left", "behind")
    client.close()
    valkey.stop()


WRONG = [
    "SELECT person.tenant_id, person.id FROM person WHERE person.id = ?",
    "SELECT p.tenant_id, p.id FROM person AS p WHERE p.id = ?",
    "SELECT 1 FROM person JOIN identity ON identity.person_id = person.id WHERE person.tenant_id = ?",
    "SELECT 1 FROM person, identity WHERE identity.tenant_id = ?",
    "UPDATE task SET tenant_id = 1 RETURNING id",
    "UPDATE task SET state = 'due' WHERE task.id = ?",
    "DELETE FROM visit WHERE visit.id = ?",
    "INSERT INTO change (id) VALUES (?)",
    "UPDATE change_feed SET last_seq = 1",
]
RIGHT = [
    "SELECT person.id FROM person WHERE person.tenant_id = ? AND person.id = ?",
    "SELECT 1 FROM person AS p JOIN identity ON p.tenant_id = identity.tenant_id WHERE p.tenant_id = 1",
    "UPDATE task SET state = 'due' WHERE task.tenant_id = ?",
    "INSERT INTO change (tenant_id, id) VALUES (?, ?)",
    "SELECT platform.id, platform.tenant_id FROM platform",
    "CREATE TABLE task (id INTEGER)",
]


@pytest.mark.parametrize("statement", WRONG)
def test_statement_that_leaves_its_tenant_is_found(statement: str) -> None:
    assert tenancy.wanderer(statement)


@pytest.mark.parametrize("statement", RIGHT)
def test_statement_that_stays_is_left_alone(statement: str) -> None:
    assert tenancy.wanderer(statement) is None


def test_a_whole_placement_is_written(store: Store) -> None:
    placed = builders.placement(store)
    with store.transaction(1) as session:
        done = builders.progress(session, placed.link, placed.identity)
        builders.attempt(session, done, builders.edition(session))
        builders.grade_push(session, placed.line_item, placed.identity)
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


def test_counting_a_table_counts_one_tenant(store: Store) -> None:
    with store.directory() as session:
        other = builders.tenant(session).id
    with store.transaction(other) as session:
        builders.person(session)
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
    with store.directory_reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
