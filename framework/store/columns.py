"""Column types and ids that behave alike on SQLite and PostgreSQL."""

import base64
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from uuid_utils.compat import uuid7

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


class Instant(sa.TypeDecorator[datetime]):
    """An aware datetime, kept as UTC. SQLite drops offsets in silence, so a naive value is refused here."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class holds(FunctionElement[bool]):  # noqa: N801  # reads like SQLAlchemy's own functions
    """Whether a JSON list of texts holds a text: ``holds(Membership.sections, sa.literal("42"))``."""

    inherit_cache = True
    type = sa.Boolean()


@compiles(holds, "postgresql")
def _holds_postgresql(element: holds, compiler: SQLCompiler, **more: Any) -> str:
    texts, text = (compiler.process(one, **more) for one in element.clauses)
    return f"({texts} @> to_jsonb(CAST({text} AS TEXT)))"


@compiles(holds, "sqlite")
def _holds_sqlite(element: holds, compiler: SQLCompiler, **more: Any) -> str:
    texts, text = (compiler.process(one, **more) for one in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({texts}) WHERE json_each.value = {text})"  # noqa: S608  # compiled, values stay bound


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): ordered by time, made by the application."""
    return uuid7()


def public_id(prefix: str, value: uuid.UUID) -> str:
    """The id shown outside: ``prs_`` and 26 characters of lower-case base32."""
    return f"{prefix}_{base64.b32encode(value.bytes).decode().rstrip('=').lower()}"


def parse_public_id(prefix: str, text: str) -> uuid.UUID | None:
    """The id inside a public one, or None when it is not one of this prefix."""
    head, _, body = text.partition("_")
    if head != prefix or len(body) != 26 or not body.isascii():
        return None
    try:
        value = uuid.UUID(bytes=base64.b32decode(body.upper() + "======"))
    except (ValueError, TypeError):
        return None
    return value if public_id(prefix, value) == text else None


JsonObject = dict[str, Any]
