"""Where the CPU time of a warm launch goes: one process, no HTTP server, looked at every few milliseconds."""

import io
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from werkzeug.test import run_wsgi_app

import lqf
from benchmarks import tools
from benchmarks.connections import Answer, Server
from benchmarks.flow import LEARNERS, Wrong, answer, login
from benchmarks.ground import laid
from benchmarks.tables import Table
from benchmarks.tools import Tool
from framework.settings import Settings
from framework.store.sessions import Store, now
from framework.store.tables import Platform
from tests.lti_tool.platform import KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

LAUNCHES = 1500
EVERY = 0.001  # seconds of CPU time between two looks; the kernel's clock may be coarser
PARTS = {  # a look counts for the innermost frame that is one of these
    "/psycopg": "psycopg: the question to PostgreSQL and back",
    "/sqlalchemy/": "SQLAlchemy Core: the statement, its values, the connection pool",
    "/jwt/": "PyJWT, cryptography: the signature",
    "/cryptography/": "PyJWT, cryptography: the signature",
    "/pylti1p3/": "pylti1p3: the message's claims",
    "/itsdangerous/": "itsdangerous: the signed state",
    "/werkzeug/": "Flask and Werkzeug: form, cookies, headers, dispatch",
    "/flask/": "Flask and Werkzeug: form, cookies, headers, dispatch",
    "/lti_tool/": "this tool's own code",
    "/framework/": "this tool's own code",
    "/workers/": "this tool's own code",
}


class Looks:
    """Counts what the process is at, while it is told to."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.seconds = 0.0

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look every few milliseconds of CPU time."""
        before = signal.signal(signal.SIGPROF, self._look)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.seconds += time.process_time() - began
            signal.signal(signal.SIGPROF, before)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            name = frame.f_code.co_filename
            found = next((part for mark, part in PARTS.items() if mark in name), None)
            if found is not None:
                self.counted[found] += 1
                return
            frame = frame.f_back

    def milliseconds(self, part: str, launches: int) -> float:
        """CPU milliseconds of a part for one launch."""
        return 1000 * self.seconds / launches * self.counted[part] / max(1, sum(self.counted.values()))


def run(launches: int = LAUNCHES) -> Table:
    """Play warm launches in this process and say what they spend their time on."""
    with laid() as ground:
        tools.prepare(ground.store, "http://127.0.0.1:9/keys")
        _keep_keys(ground.store)
        own = {"base_url": "https://lqf.bench.example", "trusted_proxies": 1, "log_level": "WARNING"}
        app = lqf.application(Settings(**(ground.settings.model_dump() | own)))
        logins, answers = Looks(), Looks()
        _play(app, 2 * LEARNERS, Looks(), Looks())
        _play(app, launches, logins, answers)
    return _table(logins, answers, launches)


def _keep_keys(store: Store) -> None:
    with store.directory() as session:
        platform = session.scalars(sa.select(Platform)).one()
        platform.jwks, platform.jwks_at = {"keys": [KEY.jwk()]}, now()


def _play(app: "WSGIApplication", launches: int, logins: Looks, answers: Looks) -> None:
    tool: Any = Tool("lqf", "LQF", Server(0, "lqf.bench.example"), "/lti/login", "/lti/launch", process=None)  # type: ignore[arg-type]  # this process
    begun = _ask(app, [login(tool, number) for number in range(launches)], logins)
    ended = _ask(app, [answer(tool, number, one) for number, one in enumerate(begun)], answers)
    if any(one.status != 303 for one in ended):
        raise Wrong("LQF did not let everybody in")


def _ask(app: "WSGIApplication", requests: Sequence[bytes], looks: Looks) -> list[Answer]:
    environments = [_environment(one) for one in requests]
    with looks.looking():
        came = [run_wsgi_app(app, one, buffered=True) for one in environments]
    return [_answer(status, headers, b"".join(body)) for body, status, headers in came]


def _answer(status: str, headers: Any, body: bytes) -> Answer:
    return Answer("\r\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]).encode(), body)


def _environment(request: bytes) -> "WSGIEnvironment":
    """The request as a WSGI server hands it on."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.upper().replace("-", "_"): value for name, _, value in (line.partition(": ") for line in lines)}
    own = {name: headers.pop(name) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in headers}
    return own | {
        **{f"HTTP_{name}": value for name, value in headers.items()},
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _table(logins: Looks, answers: Looks, launches: int) -> Table:
    parts = list(dict.fromkeys(PARTS.values()))
    spent = {part: (logins.milliseconds(part, launches), answers.milliseconds(part, launches)) for part in parts}
    whole = sum(map(sum, spent.values()))
    rows = [
        (part, f"{of_login:.2f}", f"{of_answer:.2f}", f"{100 * (of_login + of_answer) / whole:.0f} %")
        for part, (of_login, of_answer) in sorted(spent.items(), key=lambda one: -sum(one[1]))
    ]
    sums = [sum(one[at] for one in spent.values()) for at in (0, 1)]
    rows.append(("all of it", f"{sums[0]:.2f}", f"{sums[1]:.2f}", "100 %"))
    return Table(
        "Where a launch's time goes",
        ("CPU milliseconds of", "login", "answer", "share"),
        tuple(rows),
        (
            f"{launches} warm launches in one process, called without an HTTP server; a look every few milliseconds of "
            f"CPU time, {sum(logins.counted.values()) + sum(answers.counted.values())} in all, each counted for the "
            "innermost of these parts.",
            "Behind gunicorn a launch costs what the table above says; the difference is gunicorn's reading of two "
            "requests, its threads, and what the processes take from each other's caches.",
        ),
    )
