"""What an administrator pastes: Canvas's JSON and the page of values (LTI-119, LTI-120)."""

from typing import Any

import jsonschema
import pytest
from flask import Flask

from framework.errors import Invalid
from lti_tool import configuration, families
from workers import vocabulary

URL = {"type": "string", "pattern": "^https?://"}
TEXT = {"type": "string", "minLength": 1, "maxLength": 255}
# The fields of Canvas's documentation of a developer key as JSON; unknown ones are mistakes.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "description", "oidc_initiation_url", "target_link_uri", "scopes", "extensions"],
    "anyOf": [{"required": ["public_jwk_url"]}, {"required": ["public_jwk"]}],
    "additionalProperties": False,
    "properties": {
        "title": TEXT,
        "description": TEXT,
        "oidc_initiation_url": URL,
        "oidc_initiation_urls": {"type": "object"},
        "target_link_uri": URL,
        "public_jwk_url": URL,
        "scopes": {
            "type": "array",
            "items": {"enum": list(configuration.ALL_SCOPES)},
            "minItems": 1,
            "uniqueItems": True,
        },
        "custom_fields": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^\\$"}},
        "extensions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["platform", "settings"],
                "additionalProperties": False,
                "properties": {
                    "platform": {"const": "canvas.instructure.com"},
                    "domain": TEXT,
                    "tool_id": TEXT,
                    "privacy_level": {"enum": ["public", "name_only", "email_only", "anonymous"]},
                    "settings": {
                        "type": "object",
                        "required": ["placements"],
                        "properties": {
                            "text": TEXT,
                            "icon_url": URL,
                            "placements": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "object",
                                    "required": ["placement", "message_type"],
                                    "properties": {
                                        "placement": {
                                            "enum": [
                                                "assignment_selection",
                                                "link_selection",
                                                "editor_button",
                                                "course_navigation",
                                                "module_index_menu_modal",
                                                "course_assignments_menu",
                                            ]
                                        },
                                        "message_type": {
                                            "enum": [
                                                vocabulary.DEEP_LINKING_REQUEST,
                                                vocabulary.RESOURCE_LINK_REQUEST,
                                            ]
                                        },
                                        "target_link_uri": URL,
                                        "text": TEXT,
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.mark.lti("LTI-119")
def test_canvas_takes_the_json(app: Flask) -> None:
    """LTI-119. Red without ``"public_jwk_url"``."""
    response = app.test_client().get("/lti/config/canvas.json")
    document = response.get_json()
    jsonschema.validate(document, SCHEMA)
    assert response.mimetype == "application/json"
    [extension] = document["extensions"]
    assert extension["domain"] == "localhost:8000"
    assert (
        app.test_client().get(extension["settings"]["icon_url"].removeprefix("http://localhost:8000")).status_code
        == 200
    )
    assert document["custom_fields"]["previous_context_ids"] == "$Canvas.course.previousContextIds"


@pytest.mark.lti("LTI-119")
def test_the_page_holds_every_value_and_the_clicks(app: Flask) -> None:
    """LTI-119. Red without any of the rows of ``connecting.values``."""
    text = app.test_client().get("/lti/config").text
    for wanted in ("/lti/login", "/lti/launch", "/lti/jwks", "/lti/config/canvas.json"):
        assert f"http://localhost:8000{wanted}" in text
    for scope in configuration.SCOPES:
        assert scope in text
    for name, value in configuration.CUSTOM.items():
        assert f"{name}={value}" in text
    for name in ("Moodle", "Canvas", "Brightspace", "Blackboard"):
        assert f"<h2>{name}</h2>" in text


def test_presets_know_the_addresses() -> None:
    moodle = families.preset("moodle", "https://lms.example.org/moodle/", "7")
    assert moodle["issuer"] == "https://lms.example.org/moodle", "without the slash, as Moodle writes it"
    assert moodle["token_url"] == "https://lms.example.org/moodle/mod/lti/token.php"
    assert moodle["frame_origins"] == ("https://lms.example.org",)
    blackboard = families.preset("blackboard", "", "7")
    assert blackboard["jwks_url"].endswith("/applications/7/jwks.json")
    assert families.preset("canvas-beta", "", "7")["family"] == "canvas"
    assert families.preset("brightspace", "https://x.example", "7")["audience"] != moodle["token_url"]
    with pytest.raises(Invalid, match="needs --url"):
        families.preset("moodle", "", "7")
