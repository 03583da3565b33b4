"""The shape of the project: addresses, jobs, locks and texts that other things rely on."""

import importlib
import inspect
import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from framework.settings import Settings
from framework.store import schema
from framework.store.sessions import Store
from framework.store.tables import Row, TenantRow
from workers import enqueue

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
TRACKED = subprocess.run(
    ["git", "ls-files"],  # noqa: S607  # whichever git made this checkout
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()


@pytest.fixture
def apps(store: Store, settings: Callable[..., Settings]) -> dict[str, Flask]:
    import api.application
    import lti_tool.application

    chosen = settings()
    return {
        "lti_tool": lti_tool.application.create_app(chosen, store, enqueue.Bell(chosen.redis)),
        "api": api.application.create_app(chosen, store),
    }


def test_addresses_change_only_on_purpose(apps: dict[str, Flask]) -> None:
    """An address that goes away breaks somebody's bookmark, LMS or script: change routes.json knowingly."""
    found = {name: sorted(_address(rule) for rule in app.url_map.iter_rules()) for name, app in apps.items()}
    golden = json.loads((HERE / "routes.json").read_text())
    assert found == golden


def _address(rule: Any) -> str:
    methods = " ".join(sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}))
    return f"{methods} {re.sub('/static/[0-9a-f]{12}', '/static/<digest>', rule.rule)}"


def test_every_bell_rings_for_a_job_that_takes_what_is_sent() -> None:
    """Jobs are rung by name, so no import would notice a wrong one."""
    sent = {
        enqueue.RECOMPUTE: {"tenant_id", "person_id"},
        enqueue.PUSH_GRADES: {"platform_id"},
        enqueue.ROSTER: {"tenant_id", "context_id"},
        enqueue.CONNECTION_TEST: {"tenant_id", "link_id"},
        enqueue.CHECK_PLATFORM: {"platform_id"},
    }
    for name, arguments in sent.items():
        module, _, function = name.rpartition(".")
        job = getattr(importlib.import_module(module), function)
        assert set(inspect.signature(job).parameters) == arguments, name


def test_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []
    assert schema.current(store) == schema.revisions()[-1]


def test_every_key_and_index_of_a_tenant_table_begins_with_the_tenant() -> None:
    """So that an existing distributed PostgreSQL can shard by tenant."""
    for mapper in Row.registry.mappers:
        if not issubclass(mapper.class_, TenantRow):
            continue
        table: Any = mapper.local_table
        for thing in [*table.indexes, *(one for one in table.constraints if list(getattr(one, "columns", ())))]:
            assert next(iter(thing.columns)).name == "tenant_id", f"{table.name}: {thing.name}"


def test_locks_are_hash_pinned_and_name_no_host() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*", text, re.MULTILINE)
        assert pins and text.count("--hash=sha256:") >= len(pins), lock.name


def test_the_demo_lms_runs_on_what_the_product_installs() -> None:
    """`make run` installs no development packages, and the demo LMS runs there too."""
    allowed = {"flask", "jwt", "cryptography", "requests", "gunicorn", "tests", "werkzeug", "urllib3", "markupsafe"}
    import sys

    for path in (ROOT / "tests/demo_lms").rglob("*.py"):
        for name in re.findall(r"^(?:from|import) (\w+)", path.read_text(), re.MULTILINE):
            assert name in allowed or name in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_no_file_speaks_of_a_workplace() -> None:
    """The project speaks of itself alone: no path of a machine, no registry's host."""
    wrong = re.compile(
        r"(?<![\w/])/(?:work|root|home)/\w|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org"
    )
    for name in TRACKED:
        path = ROOT / name
        if path.suffix in (".png", ".svg", ".js", ".css", ".lock") or "vendor" in path.parts or path == Path(__file__):
            continue
        found = wrong.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{name}: {found.group() if found else ''}"


def test_the_readme_names_only_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", readme)) <= targets
    import lqf

    for command in re.findall(r"`?lqf ([a-z]+)", readme):
        assert command in lqf.COMMANDS, command


def test_every_command_of_lqf_can_be_loaded() -> None:
    import click

    import lqf

    context = click.Context(lqf.commands)
    for name in lqf.COMMANDS:
        assert lqf.commands.get_command(context, name) is not None, name


def test_the_package_carries_its_data() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "framework" in project["tool"]["setuptools"]["package-data"]
