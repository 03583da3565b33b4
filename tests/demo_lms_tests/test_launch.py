"""Logging in and launching: what a person's click sends, and what the LMS refuses."""

import json

import pytest
import requests

from tests.demo_lms_tests.tool import LTI, SETTINGS, Form, Side

AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def test_a_moodle_launch_has_the_claims_of_the_measured_one(moodle: Side) -> None:
    placed = moodle.door("place", title="Self-belief", custom={"activity_id": "self-belief"}, line_item=100)

    claims = moodle.enter("priya").launch(f"launch/{placed['id']}")

    assert claims["exp"] - claims["iat"] == 60
    assert claims["iss"] == f"{moodle.lms}/moodle"
    assert claims["sub"].isdigit()
    assert claims["name"] == "Priya Nair"
    assert claims[LTI + "deployment_id"] == "1"
    assert claims[LTI + "roles"] == [MEMBERSHIP + "Learner"]
    assert claims[LTI + "custom"]["activity_id"] == "self-belief"
    assert claims[LTI + "custom"]["resource_link_id_history"] == "$ResourceLink.id.history"
    assert claims[LTI + "resource_link"]["id"] == str(placed["id"])
    assert claims[LTI + "tool_platform"]["product_family_code"] == "moodle"
    assert "sesskey=" in claims[LTI + "launch_presentation"]["return_url"]
    assert claims[AGS_CLAIM]["lineitem"].endswith("/lineitem?type_id=1")
    assert claims[NRPS_CLAIM]["context_memberships_url"].endswith("/bindings/1/memberships")


def test_a_canvas_launch_has_opaque_ids_and_role_uris(canvas: Side) -> None:
    placed = canvas.door("place", title="Self-belief", custom={"activity_id": "self-belief"})

    claims = canvas.enter("imran").launch(f"launch/{placed['id']}")

    assert claims["exp"] - claims["iat"] == 3600
    assert claims["azp"] == "demo-canvas"
    assert len(claims["sub"]) == 36
    assert claims[LTI + "roles"][0] == MEMBERSHIP + "ContentDeveloper"
    assert claims[LTI + "custom"]["canvas_term_name"] == "$Canvas.term.name"
    assert claims[LTI + "resource_link"]["id"] == placed["lti_id"] != str(placed["id"])
    assert claims[LTI + "tool_platform"]["product_family_code"] == "canvas"
    assert "lineitem" not in claims[AGS_CLAIM]


def test_the_login_of_each_platform_carries_its_own_fields(moodle: Side, canvas: Side) -> None:
    for side in (moodle, canvas):
        placed = side.door("place")
        fields = side.enter("priya").initiation(f"launch/{placed['id']}")
        assert fields["lti_deployment_id"] == side.registration["deployment_id"]
        if side is moodle:
            assert set(json.loads(fields["lti_message_hint"])) == {"cmid", "launchid"}
            assert "lti_storage_target" not in fields
        else:
            assert fields["lti_message_hint"].count(".") == 2
            assert fields["deployment_id"] == side.registration["deployment_id"]
            assert fields["canvas_environment"] == "production"
            assert fields["lti_storage_target"] == "post_message_forwarding"


def test_moodle_sends_custom_parameters_as_it_keeps_them(moodle: Side) -> None:
    custom = {"MixedCase": "Yes", "flag": True, "n": 3, "two": "1\nb=2", "who": "$Person.name.given", "list": [1]}
    placed = moodle.door("place", custom=custom)

    sent = moodle.enter("siobhan").launch(f"launch/{placed['id']}")[LTI + "custom"]

    assert sent["mixedcase"] == sent["MixedCase"] == "Yes"
    assert (sent["flag"], sent["n"], sent["two"], sent["b"]) == ("1", "3", "1", "2")
    assert sent["who"] == "Siobhán"


def test_names_and_addresses_stay_here_when_the_administrator_says_so(moodle: Side) -> None:
    placed = moodle.door("place")
    moodle.door("settings", send_name=False, send_email=False)

    claims = moodle.enter("priya").launch(f"launch/{placed['id']}")

    assert not {"name", "given_name", "family_name", "email"} & set(claims)


def test_two_grade_columns_of_one_activity_leave_the_line_item_out(moodle: Side) -> None:
    placed = moodle.door("place", line_item=100)
    body = {"label": "Second", "scoreMaximum": 5, "resourceLinkId": placed["lti_id"]}
    headers = moodle.bearer() | {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
    assert requests.post(moodle.line_items_url, json.dumps(body), headers=headers, timeout=5).status_code == 201

    assert "lineitem" not in moodle.enter("priya").launch(f"launch/{placed['id']}")[AGS_CLAIM]


def test_the_first_picker_of_a_moodle_course_has_no_roster(moodle: Side) -> None:
    first = moodle.enter("tomas").launch("select")
    moodle.door("place")
    second = moodle.launch("select")

    assert NRPS_CLAIM not in first
    assert NRPS_CLAIM in second
    assert "data" not in first[SETTINGS]


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://localhost:1/lti/launch?activity=1"},
        {"redirect_uri": None},
        {"scope": "openid email"},
        {"response_type": "code"},
        {"nonce": None},
        {"client_id": None},
        {"lti_message_hint": None},
        {"lti_message_hint": "{}"},
    ],
    ids=str,
)
def test_an_untrusted_request_gets_an_error_page(
    request: pytest.FixtureRequest, platform: str, changes: dict[str, str | None]
) -> None:
    side: Side = request.getfixturevalue(platform)
    fields = side.enter("priya").initiation(f"launch/{side.door('place')['id']}")

    answer = side.authenticate(side.auth_query(fields, **changes))

    assert answer.status_code == (404 if platform == "moodle" else 400)
    assert "Invalid request" in answer.text
    assert 'name="id_token"' not in answer.text


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_mode": None}, "invalid_request"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
        ({"client_id": "somebody-else"}, "unauthorized_client"),
        ({"login_hint": "4"}, "access_denied"),
    ],
    ids=str,
)
def test_a_known_tool_is_told_what_is_wrong(
    request: pytest.FixtureRequest, platform: str, changes: dict[str, str | None], error: str
) -> None:
    side: Side = request.getfixturevalue(platform)
    fields = side.enter("priya").initiation(f"launch/{side.door('place')['id']}")
    query = side.auth_query(fields, **changes)

    form = Form(side.authenticate(query).text)

    assert form.action == side.tool.redirect_uri
    assert (form.fields["error"], form.fields["state"]) == (error, query["state"])
    assert "id_token" not in form.fields


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_a_login_can_be_answered_once_and_only_in_its_own_browser(
    request: pytest.FixtureRequest, platform: str
) -> None:
    side: Side = request.getfixturevalue(platform)
    fields = side.enter("priya").initiation(f"launch/{side.door('place')['id']}")
    query = side.auth_query(fields)

    other = Side(side.tool, side.lms, platform).enter("priya")
    assert other.authenticate(query).status_code in (400, 404)
    assert "id_token" in Form(side.authenticate(query).text).fields
    assert side.authenticate(query).status_code in (400, 404)


def test_without_the_cookie_the_request_comes_again_from_our_own_page(moodle: Side) -> None:
    fields = moodle.enter("priya").initiation(f"launch/{moodle.door('place')['id']}")
    query = moodle.auth_query(fields)

    form = Form(requests.get(moodle.registration["auth_url"], params=query, timeout=5).text)

    assert form.fields == query | {"repost": "true"}
    assert "id_token" in moodle.browser.post(moodle.registration["auth_url"], data=form.fields, timeout=5).text


def test_who_has_signed_out_is_told_so_moodles_way_and_canvass(moodle: Side, canvas: Side) -> None:
    for side in (moodle, canvas):
        placed = side.door("place")
        key = side.door("session", person="priya")["form_key"]
        query = side.auth_query(side.initiation(f"launch/{placed['id']}"))
        side.browser.post(f"{side.lms}/sign-out", data={"sesskey": key, "platform": side.platform}, timeout=5)
        answer = side.authenticate(query | {"repost": "true"})
        if side is moodle:
            assert answer.status_code == 404
        else:
            assert Form(answer.text).fields["error"] == "login_required"


def test_an_activity_of_a_foreign_address_cannot_be_opened(moodle: Side) -> None:
    placed = moodle.door("place", url="https://example.org/a-page")

    answer = moodle.enter("priya").browser.get(f"{moodle.lms}/moodle/launch/{placed['id']}", timeout=5)

    assert answer.status_code == 404


def test_a_launch_can_be_bent_for_the_tools_own_tests(moodle: Side) -> None:
    placed = moodle.door("place")
    moodle.door("faults", endpoint="id_token", claims={"sub": "other"}, remove=["name"], headers={"kid": "unknown"})
    fields = moodle.enter("priya").initiation(f"launch/{placed['id']}")

    token = Form(moodle.authenticate(moodle.auth_query(fields)).text).fields["id_token"]

    with pytest.raises(Exception, match="unknown"):
        moodle.verified(token)
    assert "name" in moodle.launch(f"launch/{placed['id']}")
