"""Transactions. A session is opened for one tenant, and every statement on a tenant table is narrowed to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker, with_loader_criteria

from framework.store.tables import Change, TenantRow, Versioned

INSTALLATION = 0  # the tenant id of what belongs to no customer
KEPT = 16  # connections that a process keeps open once it has needed them: closing the sixth costs more than a launch
UNASKED_SECONDS = 1.0  # a connection that has worked this recently is used without asking whether it still does


def now() -> datetime:
    """The current time, aware, UTC."""
    return datetime.now(UTC)


class Store:
    """Opens transactions on one database. Nothing connects before the first one, so a server may fork first.

    SQLite gets two engines: writers take the lock at BEGIN (a lock taken later fails under load instead of
    waiting), readers do not. On PostgreSQL the directory is read without BEGIN and ROLLBACK: a statement there sees
    what is committed when it begins, inside a transaction or not.
    """

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self._writing = sessionmaker(self._engine("BEGIN IMMEDIATE"), expire_on_commit=False)
        self._reading = sessionmaker(self._engine("BEGIN"), expire_on_commit=False) if self.is_sqlite else self._writing
        self._looking = self._reading
        if not self.is_sqlite:  # its own connections: switching one costs as much as a question
            looking = self._engine("", isolation_level="AUTOCOMMIT")
            self._looking = sessionmaker(looking, expire_on_commit=False, autoflush=False)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> sa.Engine:
        """The engine that writes (migrations use it)."""
        engine = self._writing.kw["bind"]
        assert isinstance(engine, sa.Engine)  # noqa: S101  # set four lines above; tells mypy so
        return engine

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._reading.kw["bind"].dispose()
        self._looking.kw["bind"].dispose()

    @contextmanager
    def transaction(self, tenant_id: int) -> Iterator[Session]:
        """A transaction that may write rows of one tenant; commits at the end, rolls back on any error."""
        with self._writing(info={"tenant_id": tenant_id}) as session, session.begin():
            yield session

    @contextmanager
    def reading(self, tenant_id: int) -> Iterator[Session]:
        """A transaction that reads rows of one tenant and keeps nothing."""
        with self._reading(info={"tenant_id": tenant_id}) as session:
            yield session

    @contextmanager
    def directory(self) -> Iterator[Session]:
        """A transaction on the directory tables alone; commits at the end."""
        with self._writing(info={"tenant_id": None}) as session, session.begin():
            yield session

    @contextmanager
    def directory_reading(self) -> Iterator[Session]:
        """Reads the directory tables alone, and keeps nothing."""
        with self._looking(info={"tenant_id": None}) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """A connection for a question in plain columns, at a fourth of a session's cost.

        Nothing narrows its statements: one on a tenant table has to name its tenant.
        """
        with self._looking.kw["bind"].connect() as connection:
            yield connection

    @contextmanager
    def at_once(self) -> Iterator[sa.Connection]:
        """The same for one statement that writes and is a transaction by itself."""
        with (self.engine if self.is_sqlite else self._looking.kw["bind"]).begin() as connection:
            yield connection

    def _engine(self, begin: str, **options: Any) -> sa.Engine:
        if not self.is_sqlite:
            limits = "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=5000"
            arguments = {"options": limits, "connect_timeout": 3}
            engine = sa.create_engine(self.url, pool_size=KEPT, connect_args=arguments, **options)
            _ask_the_idle(engine)
            return engine
        engine = sa.create_engine(self.url, connect_args={"timeout": 10})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine


def tenant_of(session: Session) -> int:
    """The tenant a session was opened for. Raises LookupError in a directory session."""
    tenant_id = session.info["tenant_id"]
    if tenant_id is None:
        raise LookupError("a directory session has no tenant")
    return int(tenant_id)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, see Store
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _ask_the_idle(engine: sa.Engine) -> None:
    """Ask a connection whether it still works before it is used, unless it has just been: that costs a round trip."""

    def returned(_connection: Any, record: Any) -> None:
        record.info["worked"] = monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("worked", monotonic()) < UNASKED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error

    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", taken)


@event.listens_for(Session, "do_orm_execute")
def _stay_in_tenant(state: ORMExecuteState) -> None:
    """Narrow every statement; what the session may see is asked here and not of ``state.all_mappers``, which does
    not know of tables that are only selected from (``select(count()).select_from(Person)``)."""
    tenant_id = state.session.info["tenant_id"]
    if tenant_id is None and any(issubclass(mapper.class_, TenantRow) for mapper in state.all_mappers):
        raise LookupError("a directory session has no tenant")
    state.statement = state.statement.options(
        with_loader_criteria(TenantRow, lambda row: row.tenant_id == tenant_id, include_aliases=True)
    )


@event.listens_for(Session, "before_flush")
def _mark(session: Session, _context: Any, _instances: Any) -> None:
    """Give new rows their tenant; raise the version of written rows and leave a change row for each."""
    changes = []
    for row in session.new | session.dirty:
        if isinstance(row, TenantRow) and row in session.new:
            _own(session, row)
        if isinstance(row, Versioned) and (row in session.new or session.is_modified(row)):
            row.version = (row.version or 0) + 1
            row.updated_at = now()
            changes.append(_change(row, "upsert"))
    for row in session.deleted:
        if isinstance(row, Versioned):
            row.version += 1
            changes.append(_change(row, "delete"))
    for change in changes:
        _own(session, change)
    session.add_all(changes)


def _own(session: Session, row: TenantRow) -> None:
    tenant_id = tenant_of(session)
    if row.tenant_id is None:
        row.tenant_id = tenant_id
    elif row.tenant_id != tenant_id:
        raise LookupError(f"a row of tenant {row.tenant_id} in a session of tenant {tenant_id}")


def _change(row: Any, action: str) -> Change:
    return Change(kind=row.__tablename__, object_id=row.id, action=action, version=row.version, at=now(), seq=None)
