"""Bringing the database to this code's schema, and refusing to run on any other."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from framework.errors import Unavailable
from framework.settings import Settings
from framework.store.sessions import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Every revision this code knows, oldest first (files are named ``0001_what.py``)."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def current(store: Store) -> str | None:
    """The revision the database is at; None when it is empty."""
    with store.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return version


def check(store: Store) -> None:
    """Raise Unavailable, with what to do, unless the database is at this code's newest revision."""
    at, known = current(store), revisions()
    if at == known[-1]:
        return
    if at is None:
        raise Unavailable("The database is empty. Run `lqf migrate` first.")
    if at in known:
        raise Unavailable(f"The database is at revision {at}, this code needs {known[-1]}. Run `lqf migrate` first.")
    raise Unavailable(
        f"The database is at revision {at}, which is newer than this code ({known[-1]}). "
        "Start the newer version of the tool, or restore the backup made before it."
    )


def migrate(store: Store) -> tuple[str | None, str]:
    """Bring the database to the newest revision. Answers (from, to). Raises Unavailable when it is newer than that."""
    from alembic import command  # heavy, and only this command needs it
    from alembic.config import Config

    before, known = current(store), revisions()
    if before is not None and before not in known:
        check(store)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = store.engine
    command.upgrade(config, "head")
    return before, known[-1]


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    """Settings and store of one command. Raises Unavailable, with what to do, on a database of another schema."""
    settings = Settings.from_env()
    with closing(Store(settings.database)) as store:
        check(store)
        yield settings, store
