"""Many rows of one versioned table written as a flush would write them, at a tenth of its cost.

PostgreSQL gets a whole batch as one document and two statements, whose text is the same for any number of rows.
SQLite, in the same process, gets the rows one by one.
"""

import json
import math
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from framework.store.columns import new_id
from framework.store.sessions import now, tenant_of
from framework.store.tables import Change, Versioned

_CHANGE: Any = sa.inspect(Change).local_table
_Rows = list[dict[str, Any]]


def among(
    session: Session, column: InstrumentedAttribute[uuid.UUID], ids: Iterable[uuid.UUID]
) -> sa.ColumnElement[bool]:
    """``column IN ids`` for hundreds: on PostgreSQL one array, so that no long statement is written each time."""
    if _is_postgresql(session):
        return column == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Uuid())))
    return column.in_(list(ids))


def write_many(session: Session, kind: type[Versioned], rows: Sequence[tuple[uuid.UUID, int, dict[str, Any]]]) -> None:
    """Set columns of many rows, raise their versions and leave a change row for each.

    ``rows``: (id, version as it stands, columns to set), all with the same columns. They must be locked by the caller:
    nothing is asked again here. Objects of the session are stale afterwards and are read anew.
    """
    if not rows:
        return
    session.flush()
    at, table = now(), sa.inspect(kind).local_table
    written = [columns | {"id": row_id, "version": version + 1, "updated_at": at} for row_id, version, columns in rows]
    changed = [{"id": new_id(), "object_id": new["id"], "version": new["version"]} for new in written]
    write = _write_documents if _is_postgresql(session) else _write_each
    shared = {"tenant_id": tenant_of(session), "kind": table.name, "action": "upsert", "at": at}
    write(session.connection(), table, written, changed, shared)
    session.expire_all()


def _write_documents(
    connection: sa.Connection, table: Any, written: _Rows, changed: _Rows, shared: dict[str, Any]
) -> None:
    new = _records(table, written)
    values = {name: new.c[name] for name in written[0] if name != "id"}
    connection.execute(
        sa.update(table).where(table.c.tenant_id == shared["tenant_id"], table.c.id == new.c.id).values(values)
    )
    change = _records(_CHANGE, changed)
    columns = [*changed[0], *shared]
    said = [change.c[name] for name in changed[0]]
    said += [sa.literal(value, _CHANGE.c[name].type) for name, value in shared.items()]
    connection.execute(sa.insert(_CHANGE).from_select(columns, sa.select(*said)))


def _write_each(connection: sa.Connection, table: Any, written: _Rows, changed: _Rows, shared: dict[str, Any]) -> None:
    """Bound names differ from the columns': SQLAlchemy would take them for more columns to set."""
    names = [name for name in written[0] if name != "id"]
    write = (
        sa.update(table)
        .where(table.c.tenant_id == shared["tenant_id"], table.c.id == sa.bindparam("new_id", type_=table.c.id.type))
        .values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )
    connection.execute(write, [{f"new_{name}": value for name, value in new.items()} for new in written])
    connection.execute(sa.insert(_CHANGE), [shared | one | {"seq": None} for one in changed])


def _records(table: Any, rows: list[dict[str, Any]]) -> sa.TableValuedAlias:
    """Rows as a table that a statement can read, with the types of the table they are for."""
    columns = [sa.column(name, table.c[name].type) for name in rows[0]]
    document = sa.cast(sa.literal(_document(rows), sa.Text()), sa.JSON())
    return sa.func.json_to_recordset(document).table_valued(*columns).render_derived("new", with_types=True)


def _document(rows: list[dict[str, Any]]) -> str:
    return json.dumps([{name: _finite(value) for name, value in row.items()} for row in rows], default=_as_text)


def _finite(value: Any) -> Any:
    """JSON has no infinity; PostgreSQL reads it from a text."""
    return str(value) if value.__class__ is float and not math.isfinite(value) else value


def _as_text(value: Any) -> str:
    """Ids and times. A time without a zone would be read in the server's."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written in bulk")


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
