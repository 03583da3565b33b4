"""Starts the tools that are measured: this one as ``lqf web`` serves it, and others with as many processes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.connections import Server
from benchmarks.ground import SECRET, Ground
from framework import authoring
from framework.store import editions, platforms
from framework.store.sessions import Store, now

WORKERS, THREADS = 2, 8
ISSUER = "https://lms.bench.example"
CLIENT_ID = "a-tool"
DEPLOYMENT = "1"
START_SECONDS = 60
PEERS = Path(__file__).parent / "peers"


class NotRun(Exception):
    """A tool that cannot run here, with the reason."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A running tool. ``key`` names it to the key server; ``login`` and ``launch`` are its paths."""

    key: str
    name: str
    server: Server
    login: str
    launch: str
    process: subprocess.Popen[bytes]

    @property
    def target(self) -> str:
        """The target_link_uri of its activities."""
        return f"https://{self.server.host}{self.launch}"


@dataclass(frozen=True, slots=True)
class Machine:
    """The servers that all tools share."""

    ground: Ground
    keys_port: int
    folder: Path

    def keys_url(self, key: str) -> str:
        """Where a tool fetches the platform's keys."""
        return f"http://127.0.0.1:{self.keys_port}/keys/{key}"

    def platform(self, key: str) -> dict[str, object]:
        """The registration as the peers read it."""
        return {
            "issuer": ISSUER,
            "client_id": CLIENT_ID,
            "auth_login_url": f"{ISSUER}/auth",
            "auth_token_url": f"{ISSUER}/token",
            "key_set_url": self.keys_url(key),
            "key_set": None,
            "deployment_ids": [DEPLOYMENT],
        }


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    command: list[str], port: int, folder: Path, name: str, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on a port, ended at the end."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=_clean() | environment, stdout=output, stderr=output, cwd=folder)
    try:
        _wait(process, port, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LQF_")} | {
        "PYTHONPATH": str(PEERS.parents[1])
    }


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(START_SECONDS * 20):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NotRun(f"it did not start: {log.read_text()[-300:].strip() or 'it said nothing'}")


@contextmanager
def ours(machine: Machine) -> Iterator[Tool]:
    """This tool, with its content and one platform."""
    prepare(machine.ground.store, machine.keys_url("lqf"))
    port = free_port()
    environment = machine.ground.environment | {
        "LQF_BASE_URL": "https://lqf.bench.example",
        "LQF_TRUSTED_PROXIES": "1",
        "LQF_WEB_WORKERS": str(WORKERS),
        "LQF_WEB_THREADS": str(THREADS),
        "LQF_BIND": f"127.0.0.1:{port}",
    }
    with started([sys.executable, "-m", "lqf", "web"], port, machine.folder, "lqf", **environment) as process:
        yield Tool("lqf", "LQF", Server(port, "lqf.bench.example"), "/lti/login", "/lti/launch", process)


def prepare(store: Store, keys_url: str) -> None:
    """Fill in what a first launch needs: a platform with a deployment, and the content."""
    with store.directory() as session:
        platform = platforms.add_platform(
            session,
            tenant_id=1,
            name="LMS",
            issuer=ISSUER,
            client_id=CLIENT_ID,
            auth_url=f"{ISSUER}/auth",
            token_url=f"{ISSUER}/token",
            jwks_url=keys_url,
        )
        platforms.add_deployment(session, platform, DEPLOYMENT)
    with store.transaction(1) as session:
        editions.publish(session, authoring.document(authoring.CONTENT), now=now())


@contextmanager
def plain(machine: Machine) -> Iterator[Tool]:
    """A pylti1p3 tool as that library's example is."""
    with _pylti(machine, "plain", is_tuned=False) as (server, process):
        yield Tool("plain", "pylti1p3 2.0.0, plain", server, "/login/", "/launch/", process)


@contextmanager
def tuned(machine: Machine) -> Iterator[Tool]:
    """The same with what the library offers for speed."""
    with _pylti(machine, "tuned", is_tuned=True) as (server, process):
        yield Tool("tuned", "pylti1p3 2.0.0, tuned", server, "/login/", "/launch/", process)


@contextmanager
def nothing(machine: Machine) -> Iterator[Tool]:
    """Two views that do nothing."""
    with _gunicorn("nothing", "nothing", machine.folder, {}) as (server, process):
        yield Tool("nothing", "Flask, doing nothing", server, "/login/", "/launch/", process)


@contextmanager
def _pylti(machine: Machine, key: str, *, is_tuned: bool) -> Iterator[tuple[Server, subprocess.Popen[bytes]]]:
    environment = {
        "PLATFORM": json.dumps(machine.platform(key)),
        "REDIS_URL": machine.ground.valkey.url,
        "TUNED": str(int(is_tuned)),
    }
    with _gunicorn("pylti_tool", key, machine.folder, environment) as served:
        yield served


@contextmanager
def _gunicorn(
    module: str, name: str, folder: Path, environment: dict[str, str]
) -> Iterator[tuple[Server, subprocess.Popen[bytes]]]:
    """Serve a peer with the arguments that ``lqf web`` gives to gunicorn."""
    port = free_port()
    shared_memory = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108  # as lqf web does
    command = [
        *(sys.executable, "-m", "gunicorn", f"benchmarks.peers.{module}:application()"),
        *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--preload"),
        *("--workers", str(WORKERS), "--threads", str(THREADS)),
        *("--no-control-socket", "--log-level", "warning", "--graceful-timeout", "4", *shared_memory),
    ]
    with started(command, port, folder, name, **environment) as process:
        yield Server(port, f"{name}.bench.example"), process


@contextmanager
def ltijs(machine: Machine) -> Iterator[Tool]:
    """An ltijs tool on PostgreSQL. Raises NotRun where Node, npm or its packages are missing."""
    node, folder, port = shutil.which("node"), installed(), free_port()
    machine.ground.postgresql.create("bench_ltijs")
    environment = {
        "PLATFORM": json.dumps(machine.platform("ltijs")),
        "TOOL_SECRET": SECRET,
        "PGHOST": machine.ground.postgresql.host,
        "PGUSER": "postgres",
        "PGDATABASE": "bench_ltijs",
        "WORKERS": str(WORKERS),
        "PORT": str(port),
        "NODE_ENV": "production",
        "NODE_PATH": str(folder / "node_modules"),
    }
    command = [str(node), str(PEERS / "ltijs" / "tool.js")]
    with started(command, port, machine.folder, "ltijs", **environment) as process:
        yield Tool("ltijs", "ltijs 5.9.9", Server(port, "ltijs.bench.example"), "/login", "/", process)


def installed() -> Path:
    """The folder with ltijs's packages, installed from the lock file where they are not there yet."""
    npm = shutil.which("npm")
    if shutil.which("node") is None or npm is None:
        raise NotRun("Node or npm is not installed")
    lock = (PEERS / "ltijs" / "package-lock.json").read_bytes()
    folder = PEERS.parents[1] / ".data" / "bench-ltijs"
    kept = folder / "node_modules" / "ltijs", folder / "package-lock.json"
    if all(one.exists() for one in kept) and kept[1].read_bytes() == lock:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PEERS / "ltijs" / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        shutil.rmtree(folder)
        raise NotRun("npm could not install it within 5 minutes") from None
    if done.returncode != 0:
        shutil.rmtree(folder)
        raise NotRun(f"npm could not install it ({_code(done.stderr)})")
    return folder


def _code(said: str) -> str:
    """npm's error code, without the addresses that stand around it."""
    codes = [line.rpartition(" ")[2] for line in said.splitlines() if " code " in line]
    return codes[0] if codes else "no reason given"


ALL: tuple[tuple[str, str, Callable[[Machine], AbstractContextManager[Tool]]], ...] = (
    ("lqf", "LQF", ours),
    ("plain", "pylti1p3 2.0.0, plain", plain),
    ("tuned", "pylti1p3 2.0.0, tuned", tuned),
    ("ltijs", "ltijs 5.9.9", ltijs),
    ("nothing", "Flask, doing nothing", nothing),
)
