"""Fixtures for every folder: a real database of each kind, a real Valkey, settings that point at them.

``--db=sqlite|postgresql|both`` says on which databases the tests that need one run (default: both). A test that needs
a database but is not about it may say ``@pytest.mark.parametrize("kind_of_database", ["sqlite"], scope="session")``.
"""

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Playwright, expect, sync_playwright

from framework.settings import Settings
from framework.store import platforms, schema
from framework.store.sessions import Store
from tests import databases, servers, tenancy

TEMPLATE = "template_lqf"
reaper = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgresql", "both"), default="both", help="databases to test on")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # xdist's workers inherit the folder of their controller
        config.stash[reaper] = servers.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if reaper in config.stash:
        config.stash[reaper].communicate()  # closes its pipe: it stops the servers and clears up


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = [mark for mark in metafunc.definition.iter_markers("parametrize") if "kind_of_database" in mark.args[0]]
    if "kind_of_database" in metafunc.fixturenames and not own:
        chosen = metafunc.config.getoption("--db")
        kinds = ["sqlite", "postgresql"] if chosen == "both" else [chosen]
        if metafunc.definition.get_closest_marker("one_database"):
            kinds = kinds[:1]
        metafunc.parametrize("kind_of_database", kinds, scope="session")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.PostgreSQL]:
    """The run's PostgreSQL server."""
    server = servers.PostgreSQL()
    yield server
    server.admin.close()


@pytest.fixture(scope="session")
def template(kind_of_database: str, request: pytest.FixtureRequest) -> str | Path:
    """A migrated database with the tenants ``installation`` (0) and ``default`` (1), made once, to be copied."""
    with servers.alone(TEMPLATE):
        if kind_of_database == "sqlite":
            path = servers.root() / f"{TEMPLATE}.db"
            if not path.exists():
                _prepare(f"sqlite:///{path}")
            return path
        server: servers.PostgreSQL = request.getfixturevalue("postgresql")
        if not server.exists(TEMPLATE):
            _prepare(server.create(TEMPLATE))
        return TEMPLATE


def _prepare(url: str) -> None:
    store = Store(url)
    schema.migrate(store)
    with store.directory() as session:
        platforms.ensure_tenants(session)
    store.close()


@pytest.fixture
def empty_database(kind_of_database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a database without any table."""
    if kind_of_database == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: servers.PostgreSQL = request.getfixturevalue("postgresql")
    name = f"test_{uuid.uuid4().hex}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture(scope="session")
def _reused(kind_of_database: str, template: str | Path, request: pytest.FixtureRequest) -> Iterator[databases.Reused]:
    made: databases.Reused
    if isinstance(template, Path):
        made = databases.OnSQLite(template, servers.root() / os.environ.get("PYTEST_XDIST_WORKER", "main"))
    else:
        made = databases.OnPostgreSQL(request.getfixturevalue("postgresql"), template)
    yield made
    made.drop()


@pytest.fixture
def database(_reused: databases.Reused) -> Iterator[str]:
    """URL (SQLAlchemy's) of this test's own database: migrated, tenants 0 and 1, nothing else."""
    yield _reused.begin()
    _reused.wipe()


@pytest.fixture(scope="session")
def _stores() -> Iterator[dict[str, Store]]:
    """Stores by URL: an engine keeps the statements that it has compiled, and each is costly."""
    made: dict[str, Store] = {}
    yield made
    for store in made.values():
        store.close()


@pytest.fixture
def store(database: str, _stores: dict[str, Store]) -> Iterator[Store]:
    """The product's store on this test's database; tenant 1 is ``default``. No connection outlives the test."""
    opened = _stores.setdefault(database, Store(database))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _valkey() -> Iterator[servers.Valkey]:
    server = servers.Valkey(f"valkey-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    yield server
    server.stop()


@pytest.fixture
def valkey(_valkey: servers.Valkey) -> Iterator[servers.Valkey]:
    """This process's Valkey, empty. A test that stops it gets it started again afterwards."""
    client = _valkey.client()
    client.flushall()
    client.close()
    yield _valkey
    if _valkey.process.poll() is not None:
        _valkey.start()


@pytest.fixture
def valkey_url(valkey: servers.Valkey) -> str:
    """redis-py's URL of an empty Valkey."""
    return valkey.url


@pytest.fixture
def settings(
    database: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Settings]:
    """``settings(**changes)``: development settings on this test's database and Valkey."""
    for name in [name for name in os.environ if name.startswith("LQF_") and name != servers.ROOT]:
        monkeypatch.delenv(name)

    def make(**changes: Any) -> Settings:
        fields: dict[str, Any] = {
            "env": "development",
            "base_url": "http://localhost:8000",
            "secret_key": "a secret that only tests know, long enough",
            "data_dir": tmp_path,
            "database_url": database,
            "redis_url": valkey_url,
        }
        return Settings(**(fields | changes))

    return make


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, once per process: a second one beside it would not start."""
    expect.set_options(timeout=30_000)  # what comes late on a busy machine is not wrong
    with sync_playwright() as started:
        yield started


@pytest.fixture(autouse=True)
def _statements_stay_in_their_tenant() -> Iterator[None]:
    """Fail a test in which any statement names a tenant table without its tenant."""
    seen: list[str] = []

    def look(_conn: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        if wrong := tenancy.wanderer(statement):
            seen.append(f"{wrong}: {statement}")

    sa.event.listen(sa.Engine, "before_cursor_execute", look)
    yield
    sa.event.remove(sa.Engine, "before_cursor_execute", look)
    assert not seen, "statements on a tenant table without tenant_id:\n" + "\n".join(sorted(set(seen)))
