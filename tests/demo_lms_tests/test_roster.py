"""NRPS: roles, pages, people who have left."""

import pytest
import requests

from tests.demo_lms_tests.tool import NRPS_SCOPE, Side

ROSTER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def roster(side: Side, query: str = "", accept: str = ROSTER) -> requests.Response:
    """One page of the roster."""
    url = side.memberships_url + (f"?{query}" if query else "")
    return requests.get(url, headers=side.bearer(NRPS_SCOPE) | {"Accept": accept}, timeout=5)


def test_moodle_gives_everybody_with_short_roles(moodle: Side) -> None:
    moodle.door("people", add=60)

    answer = roster(moodle)

    members = answer.json()["members"]
    roles = {member["ext_user_username"]: member["roles"] for member in members}
    assert len(members) == 68
    assert "Link" not in answer.headers
    assert (roles["margaret"], roles["priya"]) == (["Instructor"], ["Learner"])
    # A non-editing teacher is Instructor in the launch and Learner here.
    assert roles["hannah"] == ["Learner"]


def test_moodles_next_link_forgets_the_role(moodle: Side) -> None:
    page = roster(moodle, "limit=2&role=Learner")

    assert len(page.json()["members"]) == 2
    assert "role" not in page.links["next"]["url"]


@pytest.mark.parametrize("accept", ["application/json", f"{ROSTER}, */*", f"{ROSTER}; charset=utf-8"])
def test_moodle_wants_exactly_its_media_type(moodle: Side, accept: str) -> None:
    assert roster(moodle, accept=accept).status_code == 400


def test_canvas_pages_at_fifty_however_many_are_asked(canvas: Side) -> None:
    canvas.door("people", add=60)
    first = roster(canvas, "limit=500&role=Learner")
    assert len(first.json()["members"]) == 50
    second = requests.get(first.links["next"]["url"], headers=canvas.bearer(NRPS_SCOPE), timeout=5)
    assert len(second.json()["members"]) == 15
    assert "next" not in second.links
    assert second.json()["members"][0]["roles"][-1].endswith("membership#Learner")


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_who_has_left_is_simply_not_there(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)
    side.door("people", person="priya", status="removed")

    members = roster(side).json()["members"]

    assert side.person_id("priya") not in {member["user_id"] for member in members}
    assert {member["status"] for member in members} == {"Active"}


def test_a_link_of_another_course_is_unknown(moodle: Side) -> None:
    assert roster(moodle, "rlid=999").status_code == 404
    placed = moodle.door("place")
    assert "message" in roster(moodle, f"rlid={placed['lti_id']}").json()["members"][0]
