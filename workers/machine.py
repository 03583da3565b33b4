"""``lqf run``: everything on one machine, with a demo LMS. ``make run`` is this and an installation.

A static supervisor configuration starts and watches the programs; this parent prepares, waits, reports and stops.
"""

import fcntl
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
import urllib.request
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import click
import redis

from framework import authoring
from framework.errors import Conflict, Unavailable
from framework.settings import Settings
from framework.store import editions, platforms, schema, tool_keys
from framework.store.sessions import Store, now
from workers.parent import die_with_parent
from workers.valkey import LONGEST_SOCKET_PATH

ROOT = Path(__file__).parents[1]
READY_SECONDS = 60


@click.command()
def run() -> None:
    """Run everything on this machine, with a demo LMS (make run)."""
    die_with_parent()
    began = time.monotonic()
    ports = {name: int(os.environ.get(name, default)) for name, default in (("PORT", "8000"), ("LMS_PORT", "8001"))}
    data = Path(os.environ.get("LQF_DATA_DIR", ".data")).resolve()
    (data / "log").mkdir(parents=True, exist_ok=True)
    lock = _lock(data)
    for name, port in ports.items():
        _require_free(name, port)
    environment = _environment(data, ports)
    os.environ.update(environment)
    settings = Settings.from_env()
    _stop_orphan(settings)
    _prepare(settings)
    supervisor = Supervisor(environment, data)
    try:
        supervisor.wait_ready(
            {
                "tool": f"http://localhost:{ports['PORT']}/health/ready",
                "demo LMS": f"http://127.0.0.1:{ports['LMS_PORT']}/-/registration",
            }
        )
        _connect_demo(settings, f"http://127.0.0.1:{ports['LMS_PORT']}/-/registration")
    except Unavailable:
        supervisor.stop()
        raise
    click.echo(f"- ready after {time.monotonic() - began:.0f} s; logs are in {data / 'log'}; Ctrl-C stops everything\n")
    click.echo(f"  Demo LMS   http://127.0.0.1:{ports['LMS_PORT']}/   begin here: sign in as a teacher or a learner")
    click.echo(f"  The tool   http://localhost:{ports['PORT']}/\n")
    failed = supervisor.watch()
    lock.close()
    if failed:
        raise Unavailable(failed)


def _lock(data: Path) -> IO[str]:
    handle = (data / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Unavailable(f"It is running already on {data}. Stop that one, or set LQF_DATA_DIR.") from None
    return handle


def _require_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Unavailable(
                f"Port {port} is taken. Stop what uses it, or choose another: {name}={port + 10} make run"
            ) from None


def _environment(data: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """What the programs are told. The secret is made once and kept beside the data it seals."""
    secret = data / "secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    sockets = data
    if len(str(data / "supervisor.sock").encode()) > LONGEST_SOCKET_PATH - 8:
        sockets = Path(tempfile.mkdtemp(prefix="lqf-"))
    chosen = {
        "LQF_ENV": "development",
        "LQF_BASE_URL": f"http://localhost:{ports['PORT']}",
        "LQF_BIND": f"127.0.0.1:{ports['PORT']}",
        "LQF_SECRET_KEY": secret.read_text(),
        "LQF_REDIS_URL": f"unix://{sockets / 'valkey.sock'}",
        "LMS_DATA_DIR": str(data / "demo-lms"),
        "TOOL_URL": f"http://localhost:{ports['PORT']}",
    }
    return {
        **{name: os.environ.get(name, value) for name, value in chosen.items()},
        **{name: str(port) for name, port in ports.items()},
        "LQF_DATA_DIR": str(data),
        "LQF_RUN_DIR": str(sockets),
        "LQF_PYTHON": sys.executable,
        "LQF_DIE_WITH_PARENT": "1",
    }


def _stop_orphan(settings: Settings) -> None:
    """A Valkey that outlived a killed run would share its socket's path with the new one."""
    if not settings.redis.startswith("unix://"):
        return
    client = redis.Redis.from_url(settings.redis, retry=None, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.RedisError:
        return
    client.shutdown(nosave=True)
    click.echo("- stopped a Valkey left by an earlier run")


def _prepare(settings: Settings) -> None:
    store = Store(settings.database)
    before, after = schema.migrate(store)
    click.echo(f"- database at revision {after}" + ("" if before else " (new)"))
    with store.directory() as session:
        platforms.ensure_tenants(session)
        tool_keys.ensure(session, settings.secret_key.get_secret_value())
        tenants = platforms.tenants(session)
    document = authoring.document(authoring.CONTENT)
    for tenant in tenants:
        with store.transaction(tenant.id) as session:
            number, is_new = editions.publish(session, document, now=now())
    click.echo(f"- content: edition {number}" + (" published" if is_new else ""))
    store.close()


def _connect_demo(settings: Settings, url: str) -> None:
    """Register the demo LMS's platforms, as `lqf platform add` would."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # a loopback URL made above
        registrations: list[dict[str, Any]] = json.load(answer)["platforms"]
    store = Store(settings.database)
    for one in registrations:
        deployment_id = one.pop("deployment_id")
        with store.directory() as session:
            try:
                added = platforms.add_platform(session, tenant_id=1, **one)
            except Conflict:
                continue  # connected by an earlier run
            platforms.add_deployment(session, added, deployment_id)
    store.close()


class Supervisor:
    """supervisord and its programs."""

    def __init__(self, environment: Mapping[str, str], data: Path) -> None:
        self._socket = Path(environment["LQF_RUN_DIR"]) / "supervisor.sock"
        self._data = data
        self._stopping = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(ROOT / "supervisord.conf")],
            env={**os.environ, **environment},
            cwd=ROOT,
            preexec_fn=die_with_parent,  # no threads have been started
        )
        # a background job inherits SIGINT ignored, so a handler is set and not only KeyboardInterrupt caught
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def wait_ready(self, urls: Mapping[str, str]) -> None:
        """Wait until every URL answers. Raises Unavailable, naming the program that does not start."""
        until = time.monotonic() + READY_SECONDS
        for name, url in urls.items():
            while not _answers(url):
                if self._stopping or self._process.poll() is not None:
                    raise Unavailable("Stopped before everything was up.")
                if failed := self._failed():
                    raise Unavailable(failed)
                if time.monotonic() > until:
                    raise Unavailable(f"The {name} did not answer within {READY_SECONDS} s. Logs: {self._data / 'log'}")
                time.sleep(0.05)

    def watch(self) -> str:
        """Block until everything has stopped. Answers what went wrong, '' for an orderly end."""
        while self._process.poll() is None:
            if not self._stopping and (failed := self._failed()):
                self.stop()
                return failed
            time.sleep(0.5)
        return "" if self._stopping else "The supervisor has vanished; its programs have stopped with it."

    def stop(self) -> None:
        """Stop all programs and wait for them."""
        self._stopping = True
        self._process.terminate()
        self._process.wait()

    def _on_signal(self, _number: int, _frame: types.FrameType | None) -> None:
        self._stopping = True
        self._process.terminate()

    def _failed(self) -> str:
        """A program that has given up, with the end of its log; '' if there is none."""
        from supervisor.xmlrpc import SupervisorTransport  # pulls in all of supervisor's server

        # a transport is broken for good after one failed connection, so each question gets its own
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        try:
            rows: Any = xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return ""
        for row in rows:
            if row["statename"] == "FATAL":
                lines = (self._data / "log" / f"{row['name']}.log").read_text(errors="replace").splitlines()[-8:]
                return "\n".join(
                    [f"{row['name']} does not start. The end of its log:", *(f"    {line}" for line in lines)]
                )
        return ""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # a loopback URL made above
            return bool(answer.status == 200)
    except OSError:
        return False
