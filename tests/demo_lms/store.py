"""The one SQLite file. Every request has its own connection; every change is one transaction.

WAL with ``synchronous=NORMAL`` survives ``kill -9`` of the process at any moment.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app, g

SCHEMA = Path(__file__).with_name("schema.sql")


class Store:
    """Opens connections to ``<data_dir>/lms.sqlite3`` and creates its tables at first use."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.path = data_dir / "lms.sqlite3"
        db = self.connect()
        db.executescript(SCHEMA.read_text())
        db.execute("PRAGMA journal_mode=WAL")
        db.close()

    def connect(self) -> sqlite3.Connection:
        """A new connection with dictionary-like rows, in autocommit mode."""
        db = sqlite3.connect(self.path, isolation_level=None, timeout=10, check_same_thread=False)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA foreign_keys=ON")
        return db


def connection() -> sqlite3.Connection:
    """The connection of this request; closed when the application context ends."""
    if "db" not in g:
        store: Store = current_app.extensions["store"]
        g.db = store.connect()
    db: sqlite3.Connection = g.db
    return db


def close(_error: BaseException | None = None) -> None:
    """Flask teardown: close this request's connection."""
    db = g.pop("db", None)
    if db is not None:
        db.close()


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """A write transaction; commits at the end, rolls back on any error. May be nested (joins the outer)."""
    db = connection()
    if db.in_transaction:
        yield db
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def one(sql: str, *values: Any) -> sqlite3.Row | None:
    """The first row of a query, or None."""
    row: sqlite3.Row | None = connection().execute(sql, values).fetchone()
    return row


def every(sql: str, *values: Any) -> list[sqlite3.Row]:
    """All rows of a query."""
    return connection().execute(sql, values).fetchall()


def change(sql: str, *values: Any) -> sqlite3.Cursor:
    """Run one statement that writes; joins a transaction in progress, else is its own."""
    return connection().execute(sql, values)


def setting(platform: str, name: str, default: Any) -> Any:
    """A stored setting (JSON value) of one platform, or ``default``."""
    row = one("SELECT value FROM setting WHERE platform = ? AND name = ?", platform, name)
    return default if row is None else json.loads(row["value"])


def set_setting(platform: str, name: str, value: Any) -> None:
    """Keep a setting; ``value`` is anything JSON can hold."""
    change("INSERT OR REPLACE INTO setting VALUES (?, ?, ?)", platform, name, json.dumps(value))


def server_secret() -> str:
    """The server's own secret, made once and kept with the data so that sign-ins survive a restart."""
    with transaction():
        secret = setting("", "secret", None)
        if secret is None:
            secret = secrets.token_urlsafe(48)
            set_setting("", "secret", secret)
    return str(secret)


def count(platform: str, name: str) -> None:
    """Add one to a counter that the state door shows."""
    change(
        "INSERT INTO counter VALUES (?, ?, 1) ON CONFLICT (platform, name) DO UPDATE SET value = value + 1",
        platform,
        name,
    )


def use_once(platform: str, kind: str, value: str) -> bool:
    """Mark a jti or nonce as used; False when it was used before."""
    cursor = change("INSERT OR IGNORE INTO used_once VALUES (?, ?, ?, ?)", platform, kind, value, time.time())
    return cursor.rowcount == 1


def forget_old() -> None:
    """Throw away what can no longer matter: jti, nonces, logins and tokens of earlier days."""
    yesterday = time.time() - 86_400
    with transaction():
        change("DELETE FROM used_once WHERE used_at < ?", yesterday)
        change("DELETE FROM launch_hint WHERE created_at < ?", yesterday)
        change("DELETE FROM selection WHERE created_at < ?", yesterday)
        change("DELETE FROM access_token WHERE expires_at < ?", yesterday)
