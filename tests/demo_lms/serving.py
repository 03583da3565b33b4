"""Two ways to serve the LMS: as a process of its own, and in a thread of a test."""

import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.demo_lms.app import create_app
from tests.demo_lms.config import Config

PR_SET_PDEATHSIG = 1
THREADS = 8


def main() -> int:
    """Serve until stopped. Answers 1, after one plain line, when it cannot start."""
    if os.environ.get("LQF_DIE_WITH_PARENT"):
        _die_with_parent()
    try:
        config = Config.from_environment(os.environ)
    except ValueError as error:
        return _fail(str(error))
    if _taken(config):
        return _fail(
            f"Port {config.port} on {config.bind} is in use. Stop what runs there, or set LMS_PORT to another port."
        )
    try:
        app = create_app(config)
    except OSError as error:
        return _fail(f"The data directory {config.data_dir} cannot be used: {error.strerror}.")
    print(f"Demo LMS: {config.public_url}", flush=True)  # noqa: T201 (this line is for the terminal)
    _Gunicorn(app, config).run()
    return 0


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _fail(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201 (the one line the person at the terminal gets)
    return 1


def _taken(config: Config) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.bind, config.port))
        except OSError:
            return True
    return False


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with one worker process of eight threads, without its control socket."""

    def __init__(self, app: Flask, config: Config) -> None:
        self._app = app
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": f"{self._config.bind}:{self._config.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
            "graceful_timeout": 2,
            "keepalive": 15,
            "post_fork": lambda _arbiter, _worker: _die_with_parent(),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


class QuietRequests(WSGIRequestHandler):
    """A request handler that logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def in_thread(data_dir: Path, tool_url: str = "http://localhost:8000") -> Iterator[Config]:
    """A demo LMS on a free port of 127.0.0.1, for the time of a ``with`` block; yields its configuration."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        port = listening.getsockname()[1]
        config = Config(data_dir, f"http://127.0.0.1:{port}", tool_url, port=port)
        server = make_server(
            "127.0.0.1", port, create_app(config), threaded=True, request_handler=QuietRequests, fd=listening.fileno()
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield config
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
