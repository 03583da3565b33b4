"""A connection that has died is found out before it is used, not by the person whose page it was for."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store import sessions
from framework.store.sessions import Store
from tests import servers


@pytest.mark.parametrize("kind_of_database", ["postgresql"], scope="session")
def test_a_dead_connection_is_replaced(
    store: Store, postgresql: servers.PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a restart of the database. Red without ``event.listen(engine, "checkout", taken)``."""
    monkeypatch.setattr(sessions, "UNASKED_SECONDS", 0)
    with store.directory_reading() as session:
        backend = number(session)
    postgresql.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    with store.directory_reading() as session:
        assert number(session) != backend


def number(session: Session) -> int:
    """The process of the database that serves this session."""
    return int(session.scalar(sa.select(sa.func.pg_backend_pid())) or 0)
