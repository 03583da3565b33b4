"""What must hold of the containers while they run. Each check raises AssertionError, naming the service."""

import time
from typing import Any

from tests.compose.engine import Project

ONCE = {"secrets", "migrate", "demo-connect"}
LASTING = {"db", "valkey", "web", "worker", "sweep", "demo-lms"}
RETURN_SECONDS = 60
# ends every process but the first (the container's init) and itself, as a crash would
CRASH = """
import os, signal
for entry in os.listdir("/proc"):
    if entry.isdigit() and int(entry) not in (1, os.getpid()):
        os.kill(int(entry), signal.SIGKILL)
"""


def all_are_there(project: Project) -> None:
    """Every service runs and is healthy, every one-shot ended well."""
    containers = project.containers()
    assert set(containers) == ONCE | LASTING, f"services: {sorted(containers)}"
    for name in ONCE:
        state = containers[name]["State"]
        assert (state["Status"], state["ExitCode"]) == ("exited", 0), f"{name}: {state['Status']} {state['ExitCode']}"
    for name in LASTING:
        assert _health(containers[name]) == "healthy", f"{name}: {_health(containers[name])}"


def all_are_contained(project: Project) -> None:
    """No root, nothing to write to, no capabilities, limits on everything, no port beyond this machine."""
    for name, container in project.containers().items():
        host = container["HostConfig"]
        assert container["Config"]["User"].partition(":")[0] not in ("", "0", "root"), f"{name} runs as root"
        assert host["ReadonlyRootfs"], f"{name}: its root can be written"
        assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], None), f"{name}: capabilities"
        assert "no-new-privileges:true" in host["SecurityOpt"], f"{name}: may gain privileges"
        assert host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0, f"{name}: a limit is missing"
        bound = [one["HostIp"] for ports in (host["PortBindings"] or {}).values() for one in ports]
        assert set(bound) <= {"127.0.0.1"}, f"{name}: published on {bound}"
        told = [one for one in container["Config"]["Env"] if one.startswith(("LQF_SECRET_KEY=", "POSTGRES_PASSWORD="))]
        assert not told, f"{name}: a secret in its environment"


def all_are_contained_from_inside(project: Project) -> None:
    """The same, tried."""
    for name in sorted(LASTING):
        who = project.inside(name, "sh", "-c", "id -u").stdout.strip()
        assert who not in ("", "0"), f"{name} runs as {who or 'nobody known'}"
        wrote = project.inside(name, "sh", "-c", "echo x > /etc/probe")
        assert "Read-only file system" in wrote.stderr, f"{name}: {wrote.stderr or 'its root can be written'}"


def images_hold_what_they_should(project: Project) -> None:
    """The demo LMS has nothing of the product, the product nothing of the tests."""
    for service, stranger in (("demo-lms", "lti_tool"), ("demo-lms", "framework"), ("web", "tests")):
        tried = project.inside(service, "python", "-c", f"import {stranger}")
        assert f"No module named '{stranger}'" in tried.stderr, f"{service} contains {stranger}"


def an_address_makes_it_production(project: Project) -> None:
    """With LQF_BASE_URL the settings are production's, and production wants TLS."""
    assert project.settings("web")["LQF_ENV"] == "development"
    with_address = project.settings("web", LQF_BASE_URL="https://lqf.example.org")
    assert with_address["LQF_ENV"] == "production"
    said = project.refusal("web", LQF_ENV="production", LQF_BASE_URL="http://lqf.example.org")
    assert said == "lqf: LQF_BASE_URL must begin with https:// (LQF_ENV=development allows http)", said


def a_crashed_worker_comes_back(project: Project) -> float:
    """Kill the worker's process; answers after how many seconds it was there and healthy again."""
    before, began = project.containers()["worker"], time.monotonic()
    project.inside("worker", "python", "-c", CRASH)
    while time.monotonic() - began < RETURN_SECONDS:
        now = project.containers()["worker"]
        if now["RestartCount"] > before["RestartCount"] and _health(now) == "healthy":
            assert now["Id"] == before["Id"], "another container took its place"
            return time.monotonic() - began
        time.sleep(0.5)
    raise AssertionError(f"worker: not back within {RETURN_SECONDS} s: {now['State']}")


def _health(container: Any) -> str:
    health: str = container["State"].get("Health", {}).get("Status", container["State"]["Status"])
    return health
