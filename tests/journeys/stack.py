"""The whole system as its own processes on free loopback ports: tool, worker, sweep, Valkey and the demo LMS."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from framework.store import editions, platforms, tool_keys
from framework.store.sessions import Store, now
from tests import own_content, servers

ROOT = Path(__file__).parents[2]
SECRET = "the secret of a journey, long enough for anybody"
START_SECONDS = 120  # 3 to 5 where nobody else uses the machine
PRODUCT = ("web", "worker", "sweep")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Lms:
    """The demo LMS's doors for tests (see the package's docstring)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def post(self, path: str, body: Any) -> Any:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def place(self, platform: str, title: str, activity: str, maximum: float | None = 1, **more: Any) -> Any:
        """An activity in a course, without the picker."""
        custom = {"activity_id": activity}
        return self.post(
            "/-/place", {"platform": platform, "title": title, "custom": custom, "line_item": maximum, **more}
        )

    def grade(self, platform: str, placement: Any, person: str) -> Any:
        """One learner's grade in a placement's own column; None when there is none."""
        state = self.get("/-/state")[platform]
        placed = next(one for one in state["placements"] if one["id"] == placement["id"])
        grades = {slug: grade for item in placed["line_items"] for slug, grade in item.get("grades", {}).items()}
        return grades.get(person)

    def scores(self, platform: str) -> list[Any]:
        """Every score this platform received, in order, with its answer."""
        found: list[Any] = self.get("/-/state")[platform]["scores"]
        return found


class Stack:
    """Starts and stops the processes. ``tool`` is on localhost and ``lms`` on 127.0.0.1: two sites to a browser."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.tool_port, lms_port = free_port(), free_port()
        self.tool, self.lms = f"http://localhost:{self.tool_port}", Lms(f"http://127.0.0.1:{lms_port}")
        self.valkey = servers.Valkey(f"journey-{self.tool_port}")
        self.store = Store(database)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LQF_")},
            "LQF_ENV": "development",
            "LQF_BASE_URL": self.tool,
            "LQF_BIND": f"127.0.0.1:{self.tool_port}",
            "LQF_SECRET_KEY": SECRET,
            "LQF_DATA_DIR": str(folder),
            "LQF_DATABASE_URL": database,
            "LQF_REDIS_URL": self.valkey.url,
            "LQF_WEB_WORKERS": "1",
            "LQF_LOG_LEVEL": "DEBUG",  # what is not in these logs is in no other
            "LQF_DIE_WITH_PARENT": "1",
            "LMS_PORT": str(lms_port),
            "LMS_DATA_DIR": str(folder / "lms"),
            "TOOL_URL": self.tool,
            "PYTHONPATH": str(ROOT),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Bring everything up, with content published and the demo LMS's platforms connected."""
        self._prepare()
        self.run("lms", "-m", "tests.demo_lms")
        for name in PRODUCT:
            self.run(name, "-m", "lqf", name)
        for url in (f"{self.tool}/health/ready", f"{self.lms.url}/-/registration"):
            self._wait(url)
        self._connect()

    def run(self, name: str, *arguments: str) -> None:
        """Start one process; its output goes to a file below the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def again(self, name: str) -> None:
        """Start a process of the product that was killed."""
        self.run(name, "-m", "lqf", name)

    def mend(self) -> None:
        """Bring back what an earlier test has taken away and not given back."""
        if self.valkey.process.poll() is not None:
            self.valkey.start()
        for name in PRODUCT:
            if name not in self.processes or self.processes[name].poll() is not None:
                self.again(name)
        self._wait(f"{self.tool}/health/ready")

    def kill(self, name: str) -> None:
        """Kill one process as a crash would, and wait until it is gone."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End every process, by its pid."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.valkey.stop()
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self) -> str:
        """The end of every process's output, for a failing test."""
        return "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in sorted(self.folder.glob("*.log"))
        )

    def written(self) -> str:
        """All that the product's processes have logged."""
        return "\n".join((self.folder / f"{name}.log").read_text(errors="replace") for name in PRODUCT)

    def _prepare(self) -> None:
        with self.store.directory() as session:
            platforms.ensure_tenants(session)
            tool_keys.ensure(session, SECRET)
        with self.store.transaction(1) as session:
            editions.publish(session, own_content.document(), now=now())

    def _connect(self) -> None:
        for registration in self.lms.get("/-/registration")["platforms"]:
            deployment_id = registration.pop("deployment_id")
            with self.store.directory() as session:
                added = platforms.add_platform(session, tenant_id=1, **registration)
                platforms.add_deployment(session, added, deployment_id)

    def _wait(self, url: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{url} did not answer within {START_SECONDS} s\n{self.logs()}")
