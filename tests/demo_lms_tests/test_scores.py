"""Scores and results: what arrives, what erases, what is refused."""

import json
from typing import Any

import pytest
import requests

from tests.demo_lms_tests.tool import Side, now

RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SUBMISSION = "https://canvas.instructure.com/lti/submission"


def column(side: Side, maximum: float = 100, **placement: Any) -> str:
    """The line item URL of a new graded activity."""
    return str(side.door("place", line_item=maximum, **placement)["line_items"][0]["url"])


def own_column(side: Side, maximum: float = 100) -> str:
    """The URL of a column that the tool makes itself."""
    headers = side.bearer() | {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
    body = json.dumps({"label": "Extra", "scoreMaximum": maximum})
    return str(requests.post(side.line_items_url, body, headers=headers, timeout=5).json()["id"])


def grade(side: Side, url: str, person: str = "priya") -> dict[str, Any]:
    """A learner's grade as the LMS keeps it."""
    item = next(one for one in side.state()["line_items"] if one["url"] == url)
    found: dict[str, Any] = item["grades"].get(person, {"final": None, "raw": None})
    return found


def results(side: Side, url: str, query: str = "", accept: str = RESULTS) -> requests.Response:
    """Read the results of a column."""
    path, mark, kept = url.partition("?")
    address = f"{path}/results{mark}{kept}"
    address += ("&" if mark else "?") + query if query else ""
    return requests.get(address, headers=side.bearer() | {"Accept": accept}, timeout=5)


def teacher_gives(side: Side, url: str, points: str, person: str = "priya") -> None:
    """A teacher edits a grade on the gradebook's page."""
    item = next(one["id"] for one in side.state()["line_items"] if one["url"] == url)
    learner = next(one["id"] for one in side.state()["people"] if one["slug"] == person)
    teacher = Side(side.tool, side.lms, side.platform)
    key = teacher.door("session", person="margaret" if side.platform == "moodle" else "ruth")["form_key"]
    page = f"{side.lms}/{side.platform}/grades/{item}/{learner}"
    assert teacher.browser.post(page, data={"sesskey": key, "points": points}, timeout=5).ok


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_a_score_is_scaled_kept_and_shown(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)
    url = column(side, 30)
    priya = side.person_id("priya")

    answer = side.score(url, priya, scoreGiven=1, scoreMaximum=4, comment="<b>Good</b>")

    assert answer.status_code == 200
    assert (grade(side, url)["final"], grade(side, url)["comment"]) == (7.5, "<b>Good</b>")
    result = results(side, url).json()[0]
    assert (result["userId"], result["resultScore"], result["resultMaximum"]) == (priya, 7.5, 30)
    posted = side.state()["scores"][-1]
    assert (posted["person"], posted["status"], posted["body"]["scoreGiven"]) == ("priya", 200, 1)
    assert side.state()["placements"][0]["line_items"][0]["grades"]["priya"]["final"] == 7.5
    page = side.enter("priya").browser.get(f"{side.lms}/{platform}/grades", timeout=5).text
    assert "7.5 of 30" in page
    assert "&lt;b&gt;Good&lt;/b&gt;" in page


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
@pytest.mark.parametrize("missing", ["userId", "timestamp", "activityProgress", "gradingProgress"])
def test_a_score_needs_its_members(request: pytest.FixtureRequest, platform: str, missing: str) -> None:
    side: Side = request.getfixturevalue(platform)
    url = column(side)

    assert side.score(url, side.person_id("priya"), **{missing: None}).status_code == 400
    assert grade(side, url)["final"] is None


@pytest.mark.parametrize(
    ("platform", "changes", "status"),
    [
        ("moodle", {"scoreMaximum": None}, 400),
        ("moodle", {"scoreGiven": float("nan")}, 400),
        ("moodle", {"scoreGiven": True}, 400),
        ("canvas", {"scoreGiven": float("inf")}, 400),
        ("canvas", {"scoreGiven": "1"}, 422),
        ("moodle", {"timestamp": "1795379521"}, 400),
        ("moodle", {"timestamp": "yesterday, at about noon"}, 400),
        ("moodle", {"media_type": "application/json"}, 400),
        ("moodle", {"media_type": "application/vnd.ims.lis.v1.score+json; charset=utf-8"}, 400),
        ("moodle", {"userId": "priya"}, 502),
        ("moodle", {"userId": "999"}, 400),
        ("canvas", {"scoreMaximum": None}, 422),
        ("canvas", {"timestamp": "yesterday, at about noon"}, 400),
        ("canvas", {"media_type": "text/plain"}, 415),
        ("canvas", {"userId": "999"}, 422),
        ("canvas", {"gradingProgress": "Graded"}, 422),
        ("canvas", {"submission": {"submittedAt": "2096-10-02T07:06:40.000+00:00"}}, 400),
        ("canvas", {SUBMISSION: {"submitted_at": "2096-10-02T07:06:40.000+00:00"}}, 400),
    ],
    ids=str,
)
def test_a_score_is_refused(
    request: pytest.FixtureRequest, platform: str, changes: dict[str, Any], status: int
) -> None:
    side: Side = request.getfixturevalue(platform)
    url = column(side)

    assert side.score(url, side.person_id("priya"), **changes).status_code == status
    assert grade(side, url)["final"] is None


@pytest.mark.parametrize(
    ("platform", "person", "status"),
    [("moodle", "margaret", 400), ("moodle", "hannah", 400), ("canvas", "ruth", 422)],
)
def test_only_learners_are_graded(request: pytest.FixtureRequest, platform: str, person: str, status: int) -> None:
    side: Side = request.getfixturevalue(platform)

    assert side.score(column(side), side.person_id(person)).status_code == status


def test_moodle_grades_the_suspended_and_canvas_does_not(moodle: Side, canvas: Side) -> None:
    for side, status in ((moodle, 200), (canvas, 422)):
        side.door("people", person="priya", status="suspended")
        assert side.score(column(side), side.person_id("priya")).status_code == status


def test_the_path_comes_before_the_query_string(moodle: Side) -> None:
    url = column(moodle)
    headers = moodle.bearer() | {"Content-Type": "application/vnd.ims.lis.v1.score+json"}

    assert requests.post(f"{url}/scores", "{}", headers=headers, timeout=5).status_code >= 400


def test_moodle_compares_its_own_grade_with_its_own_clock_in_whole_seconds(moodle: Side) -> None:
    url, priya, stamp = column(moodle), moodle.person_id("priya"), now()
    assert moodle.score(url, priya, timestamp=stamp, scoreGiven=0.1).status_code == 200
    assert moodle.score(url, priya, timestamp=stamp, scoreGiven=0.2).status_code == 409
    assert moodle.score(url, priya, timestamp=now(-60), scoreGiven=0.3).status_code == 409
    # A stamp from the future does not block: what counts is when the grade changed here.
    assert moodle.score(url, priya, timestamp=now(3600), scoreGiven=0.4).status_code == 200
    assert moodle.score(url, priya, timestamp=now(1.1), scoreGiven=0.5).status_code == 200
    assert grade(moodle, url)["final"] == 50


def test_moodle_compares_the_tools_own_column_with_the_tools_last_stamp(moodle: Side) -> None:
    url, priya = own_column(moodle), moodle.person_id("priya")
    assert moodle.score(url, priya, timestamp=now(3600), scoreGiven=0.1).status_code == 200
    assert moodle.score(url, priya, timestamp=now(60), scoreGiven=0.2).status_code == 409
    assert moodle.score(url, priya, timestamp=now(3602), scoreGiven=0.3).status_code == 200


def test_the_same_value_again_changes_nothing_on_moodle(moodle: Side) -> None:
    url, priya = own_column(moodle), moodle.person_id("priya")
    moodle.score(url, priya, timestamp=now(-100))
    first = grade(moodle, url)["modified"]

    assert moodle.score(url, priya, timestamp=now()).status_code == 200
    assert grade(moodle, url)["modified"] == first


def test_canvas_takes_an_equal_stamp_and_refuses_an_older_one(canvas: Side) -> None:
    url, priya, stamp = column(canvas), canvas.person_id("priya"), now()
    assert canvas.score(url, priya, timestamp=stamp, scoreGiven=0.1).status_code == 200
    assert canvas.score(url, priya, timestamp=stamp, scoreGiven=0.2).status_code == 200
    answer = canvas.score(url, priya, timestamp=now(-60), scoreGiven=0.3)
    assert answer.status_code == 400
    assert "before last updated" in answer.text
    assert grade(canvas, url)["final"] == 20


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
@pytest.mark.parametrize("progress", ["Pending", "Failed", "NotReady"])
def test_anything_but_a_full_grade_erases(request: pytest.FixtureRequest, platform: str, progress: str) -> None:
    side: Side = request.getfixturevalue(platform)
    url, priya = column(side), side.person_id("priya")
    side.score(url, priya, timestamp=now(-1))

    assert side.score(url, priya, gradingProgress=progress, timestamp=now(2)).status_code == 200
    assert grade(side, url)["final"] is None
    if platform == "moodle":
        assert results(side, url).json() == []
        # With the grade, the guard against old stamps is gone.
        assert side.score(url, priya, timestamp="2020-01-01T00:00:00Z").status_code == 200


def test_a_score_without_points_erases_too(moodle: Side) -> None:
    url, priya = column(moodle), moodle.person_id("priya")
    moodle.score(url, priya)

    assert moodle.score(url, priya, scoreGiven=None, timestamp=now(2)).status_code == 200
    assert grade(moodle, url)["final"] is None


def test_canvas_keeps_the_grade_when_asked_and_takes_pending_manual(canvas: Side) -> None:
    url, priya = column(canvas), canvas.person_id("priya")
    canvas.score(url, priya)
    canvas.score(url, priya, gradingProgress="Pending", **{SUBMISSION: {"preserve_score": True}})
    assert grade(canvas, url)["final"] == 100
    canvas.score(url, priya, gradingProgress="PendingManual", scoreGiven=0.5)
    assert grade(canvas, url)["final"] == 50


def test_zero_is_a_grade_and_more_than_all_is_all_on_moodle(moodle: Side) -> None:
    url = column(moodle, 40)
    moodle.score(url, moodle.person_id("priya"), scoreGiven=0)
    moodle.score(url, moodle.person_id("wei"), scoreGiven=2.5)

    assert grade(moodle, url, "priya")["final"] == 0
    assert (grade(moodle, url, "wei")["raw"], grade(moodle, url, "wei")["final"]) == (100, 40)
    assert [one["resultScore"] for one in results(moodle, url).json()] == [0, 40]


def test_a_later_score_without_comment_erases_the_comment_on_moodle(moodle: Side) -> None:
    url, priya = column(moodle), moodle.person_id("priya")
    moodle.score(url, priya, comment="Well done", scoreGiven=0.5)
    moodle.score(url, priya, timestamp=now(2))

    assert grade(moodle, url)["comment"] is None


def test_a_teachers_grade_stays_on_moodles_own_grade_and_is_lost_on_the_tools_column(moodle: Side) -> None:
    coupled, own, priya = column(moodle), own_column(moodle), moodle.person_id("priya")
    for url in (coupled, own):
        moodle.score(url, priya, scoreGiven=0.5, timestamp=now(-5))
        teacher_gives(moodle, url, "77")
        assert results(moodle, url).json()[0]["resultScore"] == 77
        assert moodle.score(url, priya, scoreGiven=0.9, timestamp=now(2)).status_code == 200

    assert (grade(moodle, coupled)["raw"], grade(moodle, coupled)["final"]) == (90, 77)
    assert grade(moodle, own)["final"] == 90


def test_a_teachers_grade_stays_on_canvas_only_when_the_tool_says_so(canvas: Side) -> None:
    url, priya = column(canvas), canvas.person_id("priya")
    teacher_gives(canvas, url, "77")
    polite = {SUBMISSION: {"prioritize_non_tool_grade": True}}
    assert canvas.score(url, priya, scoreGiven=0.5, **polite).status_code == 200
    assert grade(canvas, url)["final"] == 77
    assert canvas.score(url, priya, scoreGiven=0.5).status_code == 200
    assert grade(canvas, url)["final"] == 50


def test_canvas_counts_attempts(canvas: Side) -> None:
    url, priya = column(canvas, allowed_attempts=1), canvas.person_id("priya")
    finished = {"submission": {"submittedAt": now(-30)}}
    assert canvas.score(url, priya, scoreGiven=0.1, **finished).status_code == 200
    assert canvas.score(url, priya, scoreGiven=0.2, **finished).status_code == 200
    assert grade(canvas, url)["attempts"] == 1
    exhausted = canvas.score(url, priya, scoreGiven=0.3, submission={"submittedAt": now()})
    assert exhausted.status_code == 422
    assert "maximum number of allowed attempts" in exhausted.text
    regrade = {SUBMISSION: {"new_submission": False}}
    assert canvas.score(url, priya, scoreGiven=0.4, **regrade).status_code == 200
    assert (grade(canvas, url)["attempts"], grade(canvas, url)["final"]) == (1, 40)


def test_results_on_moodle_crash_with_a_limit_and_want_their_media_type(moodle: Side) -> None:
    url = column(moodle)
    crashed = results(moodle, url, "limit=10")

    assert crashed.status_code == 404
    assert crashed.headers["Content-Type"].startswith("text/html")
    assert results(moodle, url, accept=f"{RESULTS}, application/json").status_code == 400
    assert results(moodle, url, accept=f"{RESULTS};q=1").status_code == 400
    assert results(moodle, url, accept="*/*").status_code == 200
    assert results(moodle, url, "user_id=999").json() == []


def test_a_burst_of_scores_for_many_learners_is_kept(moodle: Side) -> None:
    moodle.door("people", add=30)
    url = column(moodle)
    learners = [one for one in moodle.state()["people"] if one["slug"].startswith("learner-")]

    assert {moodle.score(url, one["lti_id"]).status_code for one in learners} == {200}
    assert [one["body"]["userId"] for one in moodle.state()["scores"]] == [one["lti_id"] for one in learners]
