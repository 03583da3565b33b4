"""The picker's answer: what becomes an activity, and what is refused."""

from typing import Any

import pytest
import requests

from tests.demo_lms_tests.tool import DL, LTI, SETTINGS, Form, Side

MODULE = {
    "type": "ltiResourceLink",
    "title": "Self-belief",
    "text": "Read, check, decide",
    "custom": {"activity_id": "self-belief", "dl_uuid": "5d1e"},
    "lineItem": {"scoreMaximum": 1, "label": "Belief", "resourceId": "self-belief", "tag": "result"},
}


def opened(side: Side) -> dict[str, Any]:
    """The claims of the request with which an editor opens the picker."""
    return side.enter("tomas" if side.platform == "moodle" else "imran").launch("select")


def answer(side: Side, claims: dict[str, Any], token: str, field: str = "JWT") -> requests.Response:
    """Post the picker's answer from the editor's browser."""
    return side.browser.post(claims[SETTINGS]["deep_link_return_url"], data={field: token}, timeout=5)


def choose(side: Side, items: list[Any], **changes: Any) -> requests.Response:
    """Open the picker and answer it with these items."""
    claims = opened(side)
    return answer(side, claims, side.tool.sign(side.tool.selection(claims, items, **changes)))


def titles(side: Side) -> list[str]:
    """The course's activities in order."""
    return [one["title"] for one in side.state()["placements"]]


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_chosen_items_become_activities_in_order(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)
    second = {"type": "ltiResourceLink", "title": "Board", "custom": {"activity_id": "board"}}

    assert choose(side, [MODULE, second]).status_code == 200

    first, other = side.state()["placements"]
    assert (first["title"], first["text"], other["title"]) == ("Self-belief", "Read, check, decide", "Board")
    assert first["custom"] == MODULE["custom"]
    item = first["line_items"][0]
    assert (item["score_maximum"], item["resource_id"], item["tag"]) == (1, "self-belief", "result")
    assert item["label"] == ("Self-belief" if platform == "moodle" else "Belief")
    assert other["line_items"] == []
    assert side.enter("priya").launch(f"launch/{first['id']}")[LTI + "custom"]["dl_uuid"] == "5d1e"


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_cancelling_adds_nothing(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)

    page = choose(side, [], **{DL + "msg": "Nothing chosen"})

    assert "Nothing was added" in page.text
    assert titles(side) == []
    shown = "Nothing chosen" in side.browser.get(f"{side.lms}/{platform}/course", timeout=5).text
    assert shown == (platform == "canvas")


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://tool.example"},
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_102_444_800, "exp": 4_102_444_900},
        {"nonce": None},
        {LTI + "deployment_id": "2"},
        {LTI + "message_type": "LtiDeepLinkingRequest"},
        {LTI + "version": "1.3"},
        {DL + "content_items": {"type": "ltiResourceLink"}},
        {DL + "data": "something else"},
    ],
    ids=str,
)
def test_a_bent_answer_is_refused(request: pytest.FixtureRequest, platform: str, changes: dict[str, Any]) -> None:
    side: Side = request.getfixturevalue(platform)

    refused = choose(side, [MODULE], **changes)

    assert refused.status_code == (404 if platform == "moodle" else 400)
    assert "refused" in refused.text
    assert titles(side) == []


def test_canvas_wants_its_data_back_and_the_query_of_its_return_address(canvas: Side) -> None:
    assert choose(canvas, [MODULE], **{DL + "data": None}).status_code == 400
    claims = opened(canvas)
    claims[SETTINGS]["deep_link_return_url"] = claims[SETTINGS]["deep_link_return_url"].partition("?")[0]
    token = canvas.tool.sign(canvas.tool.selection(claims, [MODULE]))
    assert answer(canvas, claims, token).status_code == 400


def test_moodle_wants_its_sesskey_the_right_field_and_a_kid(moodle: Side) -> None:
    claims = opened(moodle)
    content = moodle.tool.selection(claims, [MODULE])
    assert answer(moodle, claims, moodle.tool.sign(content), field="jwt").status_code == 404
    assert "kid must be provided" in answer(moodle, claims, moodle.tool.sign(content, kid=None)).text
    claims[SETTINGS]["deep_link_return_url"] = claims[SETTINGS]["deep_link_return_url"].replace("sesskey=", "sesskey=x")
    assert answer(moodle, claims, moodle.tool.sign(content)).status_code == 404
    assert titles(moodle) == []


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_an_answer_counts_once(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)
    claims = opened(side)
    token = side.tool.sign(side.tool.selection(claims, [MODULE]))

    assert answer(side, claims, token).status_code == 200
    assert answer(side, claims, token).status_code >= 400
    # The nonce is burnt for another selection too.
    later = opened(side)
    repeated = side.tool.selection(later, [MODULE], nonce="n-1")
    assert answer(side, later, side.tool.sign(repeated)).status_code == 200
    third = opened(side)
    assert answer(side, third, side.tool.sign(side.tool.selection(third, [MODULE], nonce="n-1"))).status_code >= 400
    assert titles(side) == ["Self-belief", "Self-belief"]


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_learners_cannot_choose(request: pytest.FixtureRequest, platform: str) -> None:
    side: Side = request.getfixturevalue(platform)

    assert side.enter("priya").browser.get(f"{side.lms}/{platform}/select", timeout=5).status_code == 403


def test_an_answer_without_our_cookie_is_posted_again_from_our_own_page(moodle: Side) -> None:
    claims = opened(moodle)
    token = moodle.tool.sign(moodle.tool.selection(claims, [MODULE]))
    address = claims[SETTINGS]["deep_link_return_url"]

    form = Form(requests.post(address, data={"JWT": token}, timeout=5).text)

    assert form.fields == {"JWT": token, "repost": "true"}
    assert moodle.browser.post(address, data=form.fields, timeout=5).status_code == 200
    assert requests.post(address, data=form.fields, timeout=5).status_code == 404


@pytest.mark.parametrize("maximum", [0, 12.5, 1000, -1, "100"])
def test_moodle_takes_only_whole_maxima_up_to_a_hundred(moodle: Side, maximum: Any) -> None:
    bad = MODULE | {"lineItem": {"scoreMaximum": maximum}}
    assert choose(moodle, [bad]).status_code == 404
    assert titles(moodle) == []
    # Among several the activity comes without a grade, and nobody is told.
    assert choose(moodle, [bad, MODULE]).status_code == 200
    assert [len(one["line_items"]) for one in moodle.state()["placements"]] == [0, 1]


def test_a_title_may_have_255_characters(moodle: Side, canvas: Side) -> None:
    for side, status in ((moodle, 404), (canvas, 400)):
        assert choose(side, [MODULE | {"title": "x" * 256}]).status_code == status
        assert choose(side, [MODULE | {"title": "x" * 255}]).status_code == 200


def test_moodle_makes_an_activity_of_any_type_and_canvas_of_its_own_only(moodle: Side, canvas: Side) -> None:
    link = {"type": "link", "title": "A page", "url": "https://example.org/"}
    assert choose(canvas, [link]).status_code == 400
    assert choose(moodle, [link, {"title": "no type"}]).status_code == 200
    assert titles(moodle) == ["A page"]
    placed = moodle.state()["placements"][0]["id"]
    assert moodle.browser.get(f"{moodle.lms}/moodle/launch/{placed}", timeout=5).status_code == 404


def test_what_a_title_says_is_text(canvas: Side) -> None:
    choose(canvas, [MODULE | {"title": "<script>alert(1)</script>", "text": "<img src=x>"}])

    page = canvas.browser.get(f"{canvas.lms}/canvas/course", timeout=5).text

    assert "&lt;script&gt;alert(1)" in page
    assert "<img" not in page
