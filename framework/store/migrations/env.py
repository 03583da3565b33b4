"""Alembic's entry: runs on the engine that ``framework.store.schema`` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from framework.store.columns import JSON, Instant
from framework.store.tables import Row


def render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write own column types as plain ones: a migration must not change when the code does."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, type(JSON)):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def forget_foreign_keys(connection: sa.Connection) -> None:
    """SQLite rebuilds a table by dropping it, which would break its children's foreign keys. No effect elsewhere.

    The pragma does nothing inside a transaction, and SQLAlchemy opens one with its first statement.
    """
    driver = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and driver is not None:
        driver.cursor().execute("PRAGMA foreign_keys=OFF")


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    connection.detach()  # nobody else gets a connection that does not check
    forget_foreign_keys(connection)
    context.configure(connection=connection, target_metadata=Row.metadata, render_as_batch=True, render_item=render)
    with context.begin_transaction():
        context.run_migrations()
