"""The one place that knows all four folders: the WSGI application and the command line ``lqf``."""

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from framework.settings import Settings, SettingsError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from framework.store.sessions import Store

# command -> where it lives; loaded when it is called, because some parts are slow to import
COMMANDS: Final = {
    "web": "lqf:web",
    "worker": "workers.commands:worker",
    "sweep": "workers.commands:sweep",
    "valkey": "workers.valkey:valkey",
    "run": "workers.machine:run",
    "migrate": "framework.commands:migrate",
    "content": "framework.commands:content",
    "tenant": "framework.commands:tenant",
    "key": "framework.commands:key",
    "invite": "framework.commands:invite",
    "admin": "framework.commands:admin",
    "platform": "lti_tool.commands:platform",
    "platform check": "workers.commands:check_platform",  # it asks the LMS, which a door may not
    "deployment": "lti_tool.commands:deployment",
    "course": "lti_tool.commands:course",
    "client": "api.commands:client",
    "doctor": "workers.doctor:doctor",
}


class Commands(click.Group):
    """Loads each command from its folder when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for name in COMMANDS if " " not in name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = _load(COMMANDS[cmd_name])
        if isinstance(command, click.Group):
            for words, where in COMMANDS.items():
                if words.startswith(f"{cmd_name} "):
                    command.add_command(_load(where), words.removeprefix(f"{cmd_name} "))
        return command


def _load(where: str) -> click.Command:
    module, _, name = where.partition(":")
    command: click.Command = getattr(importlib.import_module(module), name)
    return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """The Leadership Qualities LTI tool."""


def main() -> None:
    """Run a command. What a person must know comes as one line, without a stack trace."""
    from framework.errors import ToolError

    try:
        commands()
    except (ToolError, SettingsError) as error:
        click.echo(f"lqf: {error}", err=True)
        sys.exit(1)


@click.command()
def web() -> None:
    """Serve the tool and its API (gunicorn)."""
    from framework.store import schema
    from framework.store.sessions import Store
    from workers.parent import follow_parent

    follow_parent()
    settings = Settings.from_env()
    store = Store(settings.database)
    schema.check(store)
    store.close()
    # each process counts for itself, and /metrics adds them up
    counts = Path(tempfile.gettempdir()) / f"lqf-metrics-{os.getuid()}-{settings.bind.rpartition(':')[2]}"
    shutil.rmtree(counts, ignore_errors=True)  # of an earlier start
    counts.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    shared_memory = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108  # heartbeats
    os.execv(  # noqa: S606  # the arguments are settings, checked above
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn", "lqf:application()"),
            *("--bind", settings.bind, "--worker-class", "gthread", "--preload"),
            *("--workers", str(settings.web_workers), "--threads", str(settings.web_threads)),
            # its default is one path for every gunicorn of a user
            *("--no-control-socket", "--log-level", "warning", "--graceful-timeout", "4"),
            *shared_memory,
        ],
    )


def application(settings: Settings | None = None) -> "WSGIApplication":
    """The whole tool as one WSGI application: pages, the API below ``/api``, health, metrics."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.middleware.proxy_fix import ProxyFix

    import api.application
    import lti_tool.application
    from framework import logs
    from framework.store.sessions import Store
    from workers.enqueue import Bell

    settings = settings or Settings.from_env()
    logs.configure(settings)
    store = Store(settings.database)
    pages = lti_tool.application.create_app(settings, store, Bell(settings.redis))
    programs = api.application.create_app(settings, store)
    whole: WSGIApplication = DispatcherMiddleware(
        pages, {"/api": programs, "/health": health(store), "/metrics": metrics(settings)}
    )
    if hops := settings.trusted_proxies:  # outermost and once; without it a forged X-Forwarded-* is ignored
        return ProxyFix(whole, x_for=hops, x_proto=hops, x_host=hops)
    return whole


def health(store: "Store") -> "WSGIApplication":
    """``/health/live``: this process answers. ``/health/ready``: so does the database, at this code's schema."""
    from sqlalchemy.exc import SQLAlchemyError
    from werkzeug.wrappers import Response

    from framework.errors import Unavailable
    from framework.store import schema

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/live":
            return Response("live\n")(environ, start_response)
        if path != "/ready":
            return Response("not found\n", status=404)(environ, start_response)
        try:
            schema.check(store)
        except Unavailable as error:
            return Response(f"{error}\n", status=503)(environ, start_response)
        except SQLAlchemyError:
            return Response("The database does not answer.\n", status=503)(environ, start_response)
        return Response("ready\n")(environ, start_response)

    return answer


def metrics(settings: Settings) -> "WSGIApplication":
    """``/metrics`` for Prometheus: from loopback, or with the token of LQF_METRICS_TOKEN."""
    import hmac

    from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app
    from prometheus_client.multiprocess import MultiProcessCollector
    from werkzeug.wrappers import Response

    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client leaves this one untyped
    exposition = make_wsgi_app(registry)
    token = settings.metrics_token.get_secret_value()

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "")
        has_token = bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
        is_local = environ.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "HTTP_X_FORWARDED_FOR" not in environ
        if not (has_token or is_local):
            return Response("not found\n", status=404)(environ, start_response)
        shown: Iterable[bytes] = exposition(environ, start_response)
        return shown

    return answer


if __name__ == "__main__":
    main()
