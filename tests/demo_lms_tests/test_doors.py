"""The doors for tests: faults, settings, sign-in, and what survives a restart."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.demo_lms.app import create_app
from tests.demo_lms.config import Config
from tests.demo_lms_tests.test_scores import column, grade
from tests.demo_lms_tests.tool import Side, Tool


def test_a_fault_answers_as_often_as_it_was_asked_to(moodle: Side) -> None:
    url, priya = column(moodle), moodle.person_id("priya")
    moodle.door("faults", endpoint="scores", times=2, status=429, headers={"Retry-After": "7"}, body="slow down")

    answers = [moodle.score(url, priya) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert (answers[0].headers["Retry-After"], answers[0].text) == ("7", "slow down")
    assert [one["status"] for one in moodle.state()["scores"]] == [429, 429, 200]


def test_a_fault_can_wait_and_is_for_its_platform_only(moodle: Side, canvas: Side) -> None:
    moodle.door("faults", endpoint="scores", after=1, status=503)

    assert canvas.score(column(canvas), canvas.person_id("priya")).status_code == 200
    statuses = [moodle.score(column(moodle), moodle.person_id("priya")).status_code for _ in range(3)]

    assert statuses == [200, 503, 200]


def test_a_dropped_answer_has_been_recorded_or_not_as_asked(moodle: Side) -> None:
    for moment, points in (("before", None), ("after", 100)):
        url = column(moodle)
        moodle.door("faults", endpoint="scores", drop=moment)
        with pytest.raises(requests.ConnectionError):
            moodle.score(url, moodle.person_id("priya"))
        assert grade(moodle, url)["final"] == points


def test_a_delay_delays(moodle: Side) -> None:
    moodle.door("faults", endpoint="jwks", delay=0.4)
    started = time.monotonic()
    assert requests.get(moodle.registration["jwks_url"], timeout=5).ok
    assert time.monotonic() - started >= 0.4
    assert moodle.state()["jwks_fetches"] == 1


@pytest.mark.parametrize(
    "body", [{"endpoint": "nothing"}, {"endpoint": "jwks", "wrong": 1}, {"endpoint": "jwks", "status": "503"}, {}]
)
def test_a_senseless_fault_is_refused_with_a_reason(moodle: Side, body: dict[str, object]) -> None:
    answer = requests.post(f"{moodle.lms}/-/faults", json=body, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_new_key_is_published_beside_or_instead_of_the_old(moodle: Side) -> None:
    def kids() -> list[str]:
        return [key["kid"] for key in requests.get(moodle.registration["jwks_url"], timeout=5).json()["keys"]]

    old = kids()
    added = moodle.door("keys")["kid"]
    assert kids() == [*old, added]
    alone = moodle.door("keys", keep_old=False)["kid"]
    assert kids() == [alone]
    moodle.enter("priya").launch(f"launch/{moodle.door('place')['id']}")


def test_signing_in_by_link_goes_nowhere_else(moodle: Side) -> None:
    for target in (
        "https://example.org/",
        "//example.org/",
        "/moodle//example.org",
        "/moodle/\\example.org",
        "/-/state",
    ):
        query = {"platform": "moodle", "person": "priya", "next": target}
        answer = requests.get(f"{moodle.lms}/-/sign-in", params=query, allow_redirects=False, timeout=5)
        assert answer.headers["Location"] == "/moodle/course"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


def test_a_form_of_another_site_changes_nothing(moodle: Side) -> None:
    moodle.enter("margaret")
    person = {"platform": "moodle", "person": moodle.state()["people"][0]["id"]}

    assert moodle.browser.post(f"{moodle.lms}/sign-in", data=person, timeout=5).status_code == 403
    assert moodle.browser.post(f"{moodle.lms}/-/place", data=person, timeout=5).status_code == 400


def test_a_killed_lms_comes_back_with_everything(tool: Tool, tmp_path: Path) -> None:
    port = free_port()
    with running(port, tmp_path, tool) as process:
        side = Side(tool, f"http://127.0.0.1:{port}", "moodle").enter("priya")
        url = column(side)
        assert side.score(url, side.person_id("priya")).status_code == 200
        process.send_signal(signal.SIGKILL)

    with running(port, tmp_path, tool):
        assert grade(side, url)["final"] == 100
        # The same browser is still signed in, and the same token is still good.
        assert "100 of 100" in side.browser.get(f"{side.lms}/moodle/grades", timeout=5).text
        assert side.score(url, side.person_id("wei")).status_code == 200


@contextmanager
def running(port: int, data: Path, tool: Tool) -> Iterator[subprocess.Popen[str]]:
    """``python -m tests.demo_lms`` as people run it, while it answers; gone at the end, its worker too."""
    environment = os.environ | {"LMS_PORT": str(port), "LMS_DATA_DIR": str(data), "TOOL_URL": tool.url}
    command = [sys.executable, "-m", "tests.demo_lms"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Demo LMS: http://127.0.0.1:{port}\n"
        wait(lambda: answers(port))
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=5)
            wait(lambda: not answers(port))


def answers(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(condition: Callable[[], bool]) -> None:
    """Wait up to five seconds."""
    for _ in range(100):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = os.environ | {"LMS_PORT": str(port), "LMS_DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-m", "tests.demo_lms"]
        outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert outcome.returncode == 1
    assert outcome.stderr == (
        f"Port {port} on 127.0.0.1 is in use. Stop what runs there, or set LMS_PORT to another port.\n"
    )


@pytest.mark.parametrize("name", ["LMS_PORT", "TOOL_URL", "LMS_PUBLIC_URL"])
def test_a_bad_setting_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Config.from_environment({name: "no"})


def test_the_doors_can_be_closed(tmp_path: Path) -> None:
    config = Config.from_environment({"LMS_DATA_DIR": str(tmp_path), "LMS_TEST_DOORS": "off"})
    client = create_app(config).test_client()

    assert client.get("/-/state").status_code == 404
    assert client.post("/-/reset").status_code == 404
    assert client.get("/-/registration").status_code == 200


def test_after_a_reset_everybody_is_new_to_the_tool(moodle: Side, canvas: Side) -> None:
    """Red without ``platforms.begin_term()``: a tool would know these people from before."""
    before = {side: (side.state()["people"], side.state()["course"]) for side in (moodle, canvas)}

    requests.post(f"{moodle.lms}/-/reset", timeout=5).raise_for_status()

    for side, (people, course) in before.items():
        now, begun = side.state()["people"], side.state()["course"]
        assert [one["slug"] for one in now] == [one["slug"] for one in people]
        for fact in ("id", "lti_id"):
            assert {one[fact] for one in now}.isdisjoint(one[fact] for one in people)
        assert begun["title"] == course["title"]
        for fact in ("id", "lti_id", "line_items_url", "memberships_url"):
            assert begun[fact] != course[fact]
        assert (now[0]["id"] == now[0]["lti_id"]) is (side is moodle), "Moodle's sub is its own number"
