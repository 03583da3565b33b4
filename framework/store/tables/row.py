"""What all tables share: types, names of constraints, the tenant's key, versions."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from framework.store.columns import JSON, Instant, new_id


class Row(DeclarativeBase):
    """Root of all tables. Constraint names are fixed because SQLite migrations rebuild tables by name."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Instant(),
        dict[str, Any]: JSON,
        list[str]: JSON,
        Any: JSON,
        str: sa.Text(),
    }


class DirectoryRow(Row):
    """A table that is read before the tenant is known."""

    __abstract__ = True


class TenantRow(Row):
    """A customer's row. ``framework.store.sessions`` narrows every statement on it to one tenant."""

    __abstract__ = True

    tenant_id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-1)

    def __init__(self, **columns: Any) -> None:
        """The id is there at once, so that rows can name each other before they are written."""
        columns.setdefault("id", new_id())
        super().__init__(**columns)


class Versioned:
    """Rows whose every write raises ``version`` and leaves a change row (``framework.store.changes``)."""

    version: Mapped[int] = mapped_column(default=0, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(sort_order=91)


def belongs_to(table: str, column: str) -> sa.ForeignKeyConstraint:
    """A foreign key inside the tenant: (tenant_id, column) to table's (tenant_id, id).

    It is checked at commit: without mapped relationships SQLAlchemy does not order the inserts of a flush.
    """
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{table}.tenant_id", f"{table}.id"],
        deferrable=True,
        initially="DEFERRED",
    )
