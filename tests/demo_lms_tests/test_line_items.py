"""Grade columns over HTTP: find, make, change, delete, in each platform's way."""

import json
from typing import Any

import pytest
import requests

from tests.demo_lms_tests.tool import Side, now

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"


def listed(side: Side, query: str = "", accept: str = CONTAINER) -> requests.Response:
    """Read the container."""
    url = side.line_items_url
    url += ("&" if "?" in url else "?") + query if query else ""
    return requests.get(url, headers=side.bearer() | {"Accept": accept}, timeout=5)


def send(side: Side, method: str, url: str, media_type: str = ITEM, **body: Any) -> requests.Response:
    """Send a column."""
    headers = side.bearer() | {"Content-Type": media_type}
    return requests.request(method, url, data=json.dumps(body), headers=headers, timeout=5)


def make(side: Side, **body: Any) -> requests.Response:
    """Make a column."""
    column: dict[str, Any] = {"label": "Extra", "scoreMaximum": 5} | body
    return send(side, "POST", side.line_items_url, **column)


def read(side: Side, url: str) -> requests.Response:
    """Read one column."""
    return requests.get(url, headers=side.bearer() | {"Accept": ITEM}, timeout=5)


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_columns_are_found_by_every_filter(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)
    wish = {"score_maximum": 1, "resource_id": "self-belief", "tag": "result"}
    placed = side.door("place", title="Self-belief", line_item=wish)
    assert make(side, resourceId="board", tag="result").status_code == 201

    assert [one["label"] for one in listed(side).json()] == ["Self-belief", "Extra"]
    for query in (
        "resource_id=self-belief",
        f"resource_link_id={placed['lti_id']}",
        "tag=result&resource_id=self-belief",
    ):
        assert [one["label"] for one in listed(side, query).json()] == ["Self-belief"]
    found = listed(side, "resource_id=self-belief").json()[0]
    assert found["id"] == placed["line_items"][0]["url"]
    assert (found["resourceLinkId"], found["scoreMaximum"], found["tag"]) == (placed["lti_id"], 1, "result")
    assert ("?" in found["id"]) == (platform == "moodle")


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", f"{CONTAINER}, application/json", f"{CONTAINER}; charset=utf-8", ITEM]
)
def test_moodle_lists_columns_for_exactly_one_media_type(moodle: Side, accept: str) -> None:
    assert listed(moodle, accept=accept).status_code == 400


def test_moodles_next_link_can_hardly_be_read(moodle: Side) -> None:
    for _ in range(3):
        make(moodle)

    page = listed(moodle, "limit=2")

    assert len(page.json()) == 2
    assert 'rel="next"' not in page.headers["Link"]
    assert page.headers["Link"].encode("latin-1").decode().endswith("; rel=“next”")
    assert "&amp;from=2" in page.headers["Link"]


def test_canvas_pages_its_columns(canvas: Side) -> None:
    for _ in range(5):
        make(canvas)
    canvas.door("settings", line_item_page_size=2)

    page, found = listed(canvas), []
    while True:
        found += page.json()
        if "next" not in page.links:
            break
        page = requests.get(page.links["next"]["url"], headers=canvas.bearer() | {"Accept": CONTAINER}, timeout=5)

    assert len({one["id"] for one in found}) == 5


@pytest.mark.parametrize(
    ("platform", "body", "status"),
    [
        ("moodle", {"label": None}, 400),
        ("moodle", {"scoreMaximum": None}, 400),
        ("moodle", {"scoreMaximum": "many"}, 400),
        ("moodle", {"label": "x" * 256}, 502),
        ("moodle", {"resourceLinkId": "no-number"}, 502),
        ("moodle", {"resourceLinkId": "99999"}, 403),
        ("moodle", {"media_type": ITEM + "; charset=utf-8"}, 400),
        ("canvas", {"label": None}, 422),
        ("canvas", {"scoreMaximum": None}, 422),
        ("canvas", {"scoreMaximum": -1}, 422),
        ("canvas", {"resourceLinkId": "unknown"}, 404),
        ("canvas", {"media_type": "text/plain"}, 415),
    ],
    ids=str,
)
def test_a_column_is_refused(request: pytest.FixtureRequest, platform: str, body: dict[str, Any], status: int) -> None:
    side: Side = request.getfixturevalue(platform)

    assert make(side, **body).status_code == status
    assert side.state()["line_items"] == []


def test_moodle_makes_the_same_column_twice(moodle: Side) -> None:
    assert [make(moodle, resourceId="a", tag="b").status_code for _ in range(2)] == [201, 201]
    assert len(listed(moodle, "resource_id=a").json()) == 2


def test_moodle_echoes_what_it_does_not_know(moodle: Side) -> None:
    made = make(moodle, gradesReleased=True, colour="red").json()

    assert (made["colour"], made["gradesReleased"]) == ("red", True)
    assert "colour" not in read(moodle, made["id"]).json()


def test_canvas_ties_a_column_only_to_a_graded_activity(canvas: Side) -> None:
    ungraded, graded = canvas.door("place"), canvas.door("place", line_item=True)

    assert make(canvas, resourceLinkId=ungraded["lti_id"]).status_code == 412
    assert make(canvas, resourceLinkId=graded["lti_id"]).status_code == 201


def test_a_put_on_moodle_replaces_everything_but_the_activitys_name(moodle: Side) -> None:
    wish = {"score_maximum": 100, "resource_id": "self-belief", "tag": "result"}
    url = moodle.door("place", title="Self-belief", line_item=wish)["line_items"][0]["url"]
    moodle.score(url, moodle.person_id("priya"), scoreGiven=60, scoreMaximum=100)

    assert send(moodle, "PUT", url, label="Renamed", scoreMaximum=10).status_code == 200

    item = read(moodle, url).json()
    assert (item["label"], item["resourceId"], item["tag"]) == ("Self-belief", "", "")
    assert moodle.state()["line_items"][0]["grades"]["priya"]["final"] == 6
    assert send(moodle, "PUT", url, label="No maximum").status_code == 400


def test_a_put_on_canvas_changes_what_it_names_and_renames_the_activity(canvas: Side) -> None:
    wish = {"score_maximum": 100, "resource_id": "self-belief", "tag": "result"}
    url = canvas.door("place", title="Self-belief", line_item=wish)["line_items"][0]["url"]

    assert send(canvas, "PUT", url, label="Renamed").status_code == 200

    assert read(canvas, url).json()["tag"] == "result"
    assert canvas.state()["placements"][0]["title"] == "Renamed"


def test_deleting_takes_any_column_on_moodle_and_only_the_tools_own_on_canvas(moodle: Side, canvas: Side) -> None:
    for side, status in ((moodle, 204), (canvas, 401)):
        coupled = side.door("place", line_item=True)["line_items"][0]["url"]
        assert send(side, "DELETE", coupled).status_code == status
        own = make(side).json()["id"]
        assert send(side, "DELETE", own).status_code == 204
        assert read(side, own).status_code == 404
        assert side.score(own, side.person_id("priya")).status_code == 404


def test_deleting_the_activity_deletes_its_column(moodle: Side) -> None:
    placed = moodle.door("place", line_item=True)
    url = placed["line_items"][0]["url"]
    key = moodle.door("session", person="margaret")["form_key"]
    page = f"{moodle.lms}/moodle/activity/{placed['id']}/delete"

    assert moodle.browser.post(page, data={"sesskey": "forged"}, timeout=5).status_code == 403
    assert read(moodle, url).status_code == 200
    assert moodle.browser.post(page, data={"sesskey": key}, timeout=5).ok
    assert moodle.score(url, moodle.person_id("priya"), timestamp=now()).status_code == 404
