"""Deep linking (F): what is asked, what is answered, checked as an LMS would."""

import json
import re
from html import unescape
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework.store.sessions import Store
from framework.store.tables import Pick, ResourceLink, ToolKey
from tests.lti_tool import platform
from tests.lti_tool.platform import (
    CLIENT_ID,
    DEPLOYMENT,
    ISSUER,
    PICKER_RETURN,
    browser,
    claims,
    deep_linking,
    log_in,
    sign,
)
from tests.lti_tool.platform import launch as post_launch
from workers import vocabulary as v

pytestmark = pytest.mark.one_database  # the answer is made of what the request says

OWN = {"Origin": platform.TOOL}
SELF_BELIEF = {"what": "separate", "activity": ["self-belief"], "basis": "completion"}


def open_picker(app: Flask, settings: dict[str, Any] | None = None, **changes: Any) -> tuple[FlaskClient, str]:
    login = log_in(browser(app))
    response = post_launch(login, sign(deep_linking(login.nonce, settings, **changes)))
    assert response.status_code == 303, response.text
    return login.browser, response.location


def answered(app: Flask, page: Any, store: Store) -> dict[str, Any]:
    """The claims of the answer in a page's form, verified with the tool's published keys."""
    action, token = sent(page)
    assert action == PICKER_RETURN
    header = jwt.get_unverified_header(token)
    keys = {one["kid"]: one for one in app.test_client().get("/lti/jwks").get_json()["keys"]}
    key = jwt.PyJWK(keys[header["kid"]]).key
    assert header["alg"] == "RS256"
    found: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], audience=ISSUER, issuer=CLIENT_ID)
    return found


def sent(page: Any) -> tuple[str, str]:
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    token = re.search(r'name="JWT" value="([^"]+)"', page.text)
    assert action is not None and token is not None, page.text
    return unescape(action.group(1)), token.group(1)


@pytest.mark.lti("LTI-68", "LTI-69", "LTI-71", "LTI-73", "LTI-76", "LTI-77")
def test_the_answer_is_what_the_specification_says(app: Flask, store: Store) -> None:
    client, path = open_picker(app)
    found = answered(app, client.post(f"{path}pick", data=SELF_BELIEF, headers=OWN), store)
    assert found["exp"] - found["iat"] <= 600 and len(found["nonce"]) >= 22
    assert (found[v.DEPLOYMENT_ID], found[v.VERSION]) == (DEPLOYMENT, "1.3.0")
    assert (found[v.MESSAGE_TYPE], found[v.DATA]) == (v.DEEP_LINKING_RESPONSE, "opaque é")
    (item,) = found[v.CONTENT_ITEMS]
    assert (item["type"], item["url"]) == ("ltiResourceLink", platform.TARGET)
    line_item = item["lineItem"]
    assert (line_item["scoreMaximum"], line_item["resourceId"], line_item["tag"]) == (1, "self-belief", "result")
    assert isinstance(line_item["scoreMaximum"], int) and line_item["label"] and len(item["title"]) <= 255
    assert line_item["submissionReview"]["url"] == platform.TARGET
    assert "null" not in json.dumps(found), "some platforms trip over null members"


@pytest.mark.lti("LTI-69")
def test_no_data_asked_no_data_answered(app: Flask, store: Store) -> None:
    """Red without ``if "data" in asked`` in ``lti_tool.deep_linking``."""
    client, path = open_picker(app, {"data": None})
    assert v.DATA not in answered(app, client.post(f"{path}pick/cancel", headers=OWN), store)


@pytest.mark.lti("LTI-72", "LTI-77", "LTI-79")
def test_custom_parameters_survive_an_lms_that_keeps_them_as_lines(app: Flask, store: Store) -> None:
    client, path = open_picker(app)
    found = answered(app, client.post(f"{path}pick", data=SELF_BELIEF, headers=OWN), store)
    (item,) = found[v.CONTENT_ITEMS]
    lines = "\n".join(f"{name}={value}" for name, value in item["custom"].items())
    kept = dict(line.split("=", 1) for line in lines.split("\n"))
    assert kept == item["custom"] and set(kept) == {"activity_id", "dl_uuid"}
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) and not value.startswith("$") for name, value in kept.items())
    # and its first launch finds the choice, without any URL of its own
    login = log_in(browser(app))
    assert post_launch(login, sign(claims(login.nonce, **{v.CUSTOM: kept}))).status_code == 303
    with store.reading(1) as session:
        link = session.scalars(sa.select(ResourceLink)).one()
        assert (link.activity_key, link.dl_uuid) == ("self-belief", kept["dl_uuid"])


@pytest.mark.lti("LTI-67")
@pytest.mark.parametrize(("accepts", "many"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_several_items_only_where_the_lms_takes_them(app: Flask, store: Store, accepts: Any, many: bool) -> None:
    client, path = open_picker(app, {"accept_multiple": accepts})
    form = SELF_BELIEF | {"activity": ["self-belief", "self-belief.scenarios"]}
    page = client.post(f"{path}pick", data=form, headers=OWN)
    assert page.status_code == (200 if many else 422)
    if many:
        items = answered(app, page, store)[v.CONTENT_ITEMS]
        assert [one["lineItem"]["resourceId"] for one in items] == ["self-belief", "self-belief.scenarios"]


@pytest.mark.lti("LTI-67", "LTI-70")
def test_a_place_for_other_content_gets_a_message_and_a_way_back(app: Flask, store: Store) -> None:
    client, path = open_picker(app, {"accept_types": ["link", "html"]})
    page = client.get(f"{path}pick")
    assert page.status_code == 200 and "Nothing here fits this place" in page.text
    assert client.post(f"{path}pick", data=SELF_BELIEF, headers=OWN).status_code == 403
    found = answered(app, client.post(f"{path}pick/cancel", headers=OWN), store)
    assert found[v.CONTENT_ITEMS] == [] and found[v.ERROR_MESSAGE] and found[v.ERROR_LOG]


@pytest.mark.lti("LTI-70")
def test_cancelling_answers_with_no_items_and_a_word(app: Flask, store: Store) -> None:
    client, path = open_picker(app)
    found = answered(app, client.post(f"{path}pick/cancel", headers=OWN), store)
    assert (found[v.CONTENT_ITEMS], found[v.MESSAGE]) == ([], "Nothing was added.")
    with store.reading(1) as session:
        assert session.scalars(sa.select(Pick)).all() == []


@pytest.mark.lti("LTI-74")
def test_no_dates_are_made_up(app: Flask, store: Store) -> None:
    client, path = open_picker(app)
    (item,) = answered(app, client.post(f"{path}pick", data=SELF_BELIEF, headers=OWN), store)[v.CONTENT_ITEMS]
    assert not {"available", "submission"}.intersection(item)


@pytest.mark.lti("LTI-74")
@pytest.mark.parametrize(
    ("typed", "dates"),
    [
        (
            {"opens_at": "2026-09-01T08:00", "closes_at": "2026-12-01T23:59"},  # in London, in summer and in winter
            {
                "available": {"startDateTime": "2026-09-01T07:00:00+00:00", "endDateTime": "2026-12-01T23:59:00+00:00"},
                "submission": {"endDateTime": "2026-12-01T23:59:00+00:00"},
            },
        ),
        ({"due_at": "2026-11-01T12:00"}, {"submission": {"endDateTime": "2026-11-01T12:00:00+00:00"}}),
        ({}, {}),
    ],
    ids=["open and close", "due", "none"],
)
def test_dates_of_a_choice_are_told_with_their_zone(
    app: Flask, store: Store, typed: dict[str, str], dates: dict[str, Any]
) -> None:
    """Red without ``item |= _moments(settings)`` in ``lti_tool.deep_linking``."""
    client, path = open_picker(app)
    form = SELF_BELIEF | {f"{name}:self-belief": value for name, value in typed.items()}
    (item,) = answered(app, client.post(f"{path}pick", data=form, headers=OWN), store)[v.CONTENT_ITEMS]
    assert {name: item[name] for name in ("available", "submission") if name in item} == dates


@pytest.mark.lti("LTI-75", "LTI-76")
def test_the_return_address_is_escaped_and_keeps_its_query(app: Flask, store: Store) -> None:
    url = 'https://lms.example.org/picked?sesskey=a"><script>alert(1)</script>&data=x%26y'
    client, path = open_picker(app, {"deep_link_return_url": url})
    page = client.post(f"{path}pick", data=SELF_BELIEF, headers=OWN)
    assert "<script>alert" not in page.text
    assert sent(page)[0] == url
    assert "data-auto-submit" in page.text and "<button" in page.text
    assert "form-action 'self' https://lms.example.org;" in page.headers["Content-Security-Policy"]


@pytest.mark.lti("LTI-66")
@pytest.mark.parametrize("role", ["Learner", "Mentor", ""])
def test_who_does_not_teach_may_not_pick(app: Flask, role: str) -> None:
    login = log_in(browser(app))
    body = deep_linking(login.nonce) | {v.ROLES: [f"{v.MEMBERSHIP}#{role}"]}
    assert post_launch(login, sign(body)).status_code == 403


@pytest.mark.lti("LTI-68", "LTI-59")
def test_private_keys_are_sealed_and_never_published(app: Flask, store: Store) -> None:
    published = app.test_client().get("/lti/jwks").get_json()["keys"]
    assert published and all(set(one) <= {"kty", "n", "e", "kid", "alg", "use"} for one in published)
    with store.directory_reading() as session:
        for key in session.scalars(sa.select(ToolKey)):
            assert "PRIVATE" not in key.sealed_private_key
