"""Alembic's entry: runs on the engine that ``framework.store.schema`` hands over."""

from typing import Any, Literal

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


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Row.metadata, render_as_batch=True, render_item=render)
    with context.begin_transaction():
        context.run_migrations()
