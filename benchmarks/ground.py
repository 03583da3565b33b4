"""What a measurement stands on: its own PostgreSQL and Valkey, durable as in production; CPU time read off /proc."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from framework.settings import Settings
from framework.store import platforms, schema, tool_keys
from framework.store.sessions import Store
from tests import servers

SECRET = "a secret of the measurements alone, long enough"
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")  # the tests' PostgreSQL has them off
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Ground:
    """Both servers, and the tool's settings and store on an empty, migrated database with a signing key."""

    postgresql: servers.PostgreSQL
    valkey: servers.Valkey
    settings: Settings
    store: Store

    @property
    def postmaster(self) -> int:
        """The process that all of PostgreSQL's others belong to."""
        found = self.postgresql.admin.execute("SELECT pg_backend_pid()").fetchone()
        assert found is not None
        return int(_stat(found[0])[1])

    @property
    def environment(self) -> dict[str, str]:
        """What a process of the tool needs to know, for ``subprocess``."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("LQF_")}
        return own | {
            "LQF_ENV": "development",
            "LQF_BASE_URL": self.settings.base_url,
            "LQF_SECRET_KEY": SECRET,
            "LQF_DATABASE_URL": self.settings.database,
            "LQF_REDIS_URL": self.settings.redis,
            "LQF_DATA_DIR": str(self.settings.data_dir),
        }


@contextmanager
def laid() -> Iterator[Ground]:
    """Start both servers, and stop them at the end."""
    reaper = servers.begin()
    try:
        postgresql, valkey = servers.PostgreSQL(), servers.Valkey("valkey-bench")
        for name in DURABLE:
            postgresql.admin.execute(f"ALTER SYSTEM RESET {name}")
        postgresql.admin.execute("SELECT pg_reload_conf()")
        settings = Settings(
            env="development",
            base_url="http://localhost:8000",
            secret_key=SECRET,
            data_dir=Path(servers.root()),
            database_url=postgresql.create("bench"),
            redis_url=valkey.url,
        )
        store = Store(settings.database)
        schema.migrate(store)
        with store.directory() as session:
            platforms.ensure_tenants(session)
            tool_keys.ensure(session, SECRET)
        yield Ground(postgresql, valkey, settings, store)
        store.close()
        postgresql.admin.close()
        valkey.stop()
    finally:
        reaper.communicate()  # closes its pipe: it stops the servers and clears up


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time that these processes and their ended children have used so far."""
    return sum(sum(int(ticks) for ticks in _stat(pid)[11:15]) for pid in pids) / TICKS


def children(pid: int) -> list[int]:
    """The processes that this one has started and that still run."""
    found = Path("/proc").glob("[0-9]*")
    return [int(one.name) for one in found if (fields := _stat(int(one.name))) and int(fields[1]) == pid]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; none when it has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
