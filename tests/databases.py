"""This process's database of each kind: copied from the template once, and empty again after each test.

A copy for each test cost PostgreSQL more than the tests themselves. What a test commits is committed, as in production:
nothing is rolled back; its rows are deleted once it is over.
"""

import shutil
import uuid
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg import sql

from tests import servers

LARGE = 2_000_000  # bytes; what is deleted stays in its file, so a large table is made anew

WRITTEN: LiteralString = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
NOTE: LiteralString = """
CREATE TABLE kept."schema was altered" (tag text);
CREATE FUNCTION kept.note() RETURNS event_trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO kept."schema was altered" VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION kept.note();
"""
END_OTHERS: LiteralString = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Reused(Protocol):
    """A database that serves one test after the other."""

    def begin(self) -> str:
        """URL (SQLAlchemy's) of the database, now as the template is."""

    def wipe(self) -> None:
        """End and undo what the test has left."""

    def drop(self) -> None:
        """No more tests."""


class OnSQLite:
    """A file, copied for each test under the same name, so that one engine serves all tests."""

    def __init__(self, template: Path, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._template, self._file = template, folder / "lqf.db"

    def begin(self) -> str:
        shutil.copy(self._template, self._file)
        return f"sqlite:///{self._file}"

    def wipe(self) -> None:
        for file in self._file.parent.glob(f"{self._file.name}*"):  # with -wal and -shm
            file.unlink()

    def drop(self) -> None:
        """Nothing is left."""


class OnPostgreSQL:
    """A copy of the template. It is made anew only after a test that has altered the schema."""

    def __init__(self, server: servers.PostgreSQL, template: str) -> None:
        self._server, self._template = server, template
        self._make()

    def begin(self) -> str:
        return self._url

    def wipe(self) -> None:
        self._session.execute(END_OTHERS)
        if self._session.execute('SELECT 1 FROM kept."schema was altered"').fetchone():
            self.drop()
            self._make()
            return
        written = self._written()
        steps = [
            sql.SQL("BEGIN"),
            sql.SQL("SET LOCAL session_replication_role = replica"),  # all rows go, so no reference is looked at
            *(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in written),
            *(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(name)) for name in written if written[name] > LARGE),
            *(sql.SQL("INSERT INTO public.{0} TABLE kept.{0}").format(sql.Identifier(name)) for name in self._kept),
            sql.SQL("COMMIT"),
        ]
        self._session.execute(sql.SQL(";").join(steps))

    def drop(self) -> None:
        self._session.close()
        self._server.drop(self._name)

    def _make(self) -> None:
        self._name = f"test_{uuid.uuid4().hex}"
        self._url = self._server.create(self._name, self._template)
        self._session = psycopg.connect(host=self._server.host, user="postgres", dbname=self._name, autocommit=True)
        self._kept = list(self._written())
        self._session.execute("CREATE SCHEMA kept")
        for name in self._kept:
            self._session.execute(sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(sql.Identifier(name)))
        self._session.execute(NOTE)

    def _written(self) -> dict[str, int]:
        """Tables that hold or have held rows, with their sizes in bytes."""
        return dict(self._session.execute(WRITTEN).fetchall())
