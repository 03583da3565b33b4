"""One compose project on a Docker engine, under a name and on ports of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.journeys.stack import free_port

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS = 900
READY_SECONDS = 180


class EngineError(Exception):
    """What went wrong, in words for the person who ran the command."""


def require_engine() -> None:
    """Raises EngineError, in one line, unless a Docker engine answers and has Compose."""
    if shutil.which("docker") is None:
        raise EngineError("No Docker engine here: the command `docker` was not found.")
    for command, missing in (
        (
            ["docker", "version", "--format", "{{.Server.Version}}"],
            "No Docker engine answers: is one running, and may this user use it?",
        ),
        (
            ["docker", "compose", "version", "--short"],
            "The Docker engine has no Compose: `docker compose` was not found.",
        ),
    ):
        asked = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if asked.returncode:
            raise EngineError(missing)


class Project:
    """docker-compose.yml with profile ``demo``, as anybody starts it, but beside what runs here already."""

    def __init__(self) -> None:
        port, lms_port = free_port(), free_port()
        self.tool, self.lms = f"http://localhost:{port}", f"http://127.0.0.1:{lms_port}"
        self.name = f"lqf-test-{os.getpid()}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LQF_", "COMPOSE_"))},
            "PORT": str(port),
            "LMS_PORT": str(lms_port),
            "LQF_IMAGE": "lqf-test",
            "LQF_DEMO_IMAGE": "lqf-test-demo-lms",
            "BUILD_NETWORK": os.environ.get("BUILD_NETWORK", "host"),
        }

    def build(self) -> None:
        """Build both images."""
        self._compose("build", "--quiet")

    def up(self) -> None:
        """Start everything and wait until it is healthy."""
        self._compose("up", "--no-build", "--wait", "--wait-timeout", str(READY_SECONDS))

    def down(self) -> None:
        """Remove containers, networks and volumes. Raises EngineError when anything stays behind."""
        self._compose("down", "--volumes", "--remove-orphans", "--timeout", "10")
        label = f"label=com.docker.compose.project={self.name}"
        left = [
            name
            for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
            for name in self._docker(*kind, "--quiet", "--filter", label).split()
        ]
        if left:
            raise EngineError(f"Taking it down left something behind: {', '.join(left)}")

    def containers(self) -> dict[str, Any]:
        """What the engine knows of each container, by the name of its service."""
        ids = self._compose("ps", "--all", "--quiet").split()
        found = json.loads(self._docker("inspect", *ids))
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in found}

    def inside(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a running container; it may fail."""
        return self._run("docker", "compose", *self._options(), "exec", "-T", service, *command)

    def refusal(self, service: str, **environment: str) -> str:
        """What a service says when it refuses to start with these settings. Raises EngineError when it starts."""
        options = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        ran = self._run(
            "docker", "compose", *self._options(), "run", "--rm", "--no-deps", "-T", *options, service, "lqf", service
        )
        if ran.returncode == 0:
            raise EngineError(f"{service} starts with {environment}")
        return ran.stderr.strip().splitlines()[-1]

    def settings(self, service: str, **environment: str) -> dict[str, str | None]:
        """The environment that a service would get if these were set."""
        asked = subprocess.run(
            ["docker", "compose", *self._options(), "config", "--format", "json"],  # noqa: S607  # whichever Docker is there
            cwd=ROOT,
            env=self._environment | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, str | None] = json.loads(asked.stdout)["services"][service]["environment"]
        return found

    def logs(self) -> str:
        """The end of what every container wrote."""
        return self._compose("logs", "--no-color", "--tail", "25")

    def written(self) -> str:
        """All that the product's containers have logged."""
        return self._compose("logs", "--no-color", "web", "worker", "sweep")

    def _options(self) -> list[str]:
        return ["--project-name", self.name, "--env-file", os.devnull, "--profile", "demo"]

    def _compose(self, *words: str) -> str:
        return self._docker("compose", *self._options(), *words)

    def _docker(self, *words: str) -> str:
        ran = self._run("docker", *words)
        if ran.returncode:
            end = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-30:])
            raise EngineError(f"`docker {' '.join(words)}` failed ({ran.returncode}):\n{end}")
        return ran.stdout

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
