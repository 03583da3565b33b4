"""What this tool tells an LMS about itself: the registration (LTI Dynamic Registration 1.0), Canvas's JSON, and a page.

https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_dev_key_config
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from framework.settings import Settings
from framework.store import platforms
from framework.store.columns import parse_public_id
from lti_tool import parts, sections
from lti_tool.frame import PRODUCT, show
from lti_tool.presenters import connecting
from workers import vocabulary

blueprint = Blueprint("configuration", __name__, url_prefix="/lti")

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
DESCRIPTION = "Learning activities, self-assessment and badges for leadership qualities."
SCOPES: Final = (*vocabulary.SCOPES_GRADES, vocabulary.SCOPE_NAMES_AND_ROLES)
ALL_SCOPES: Final = (*SCOPES, vocabulary.SCOPE_NOTICES)  # the last where the LMS is known to have notices
_WHERE_OFFERED: Final = (*ALL_SCOPES, vocabulary.SCOPE_GROUPS)
CLAIMS: Final = ("iss", "sub", "name", "given_name", "family_name", "email")

# What a copied course needs so that its links find their activity again; an LMS leaves unknown variables as they are.
CUSTOM: Final = {
    "context_id_history": "$Context.id.history",
    "resource_link_id_history": "$ResourceLink.id.history",
    **sections.MOODLE_CUSTOM,
}
CANVAS_CUSTOM: Final = {
    "context_id_history": "$Context.id.history",
    "resource_link_id_history": "$ResourceLink.id.history",
    "previous_context_ids": "$Canvas.course.previousContextIds",
    **sections.CANVAS_CUSTOM,
}

# Where the picker can be opened in Canvas; the last two take several activities at once.
_PLACEMENTS: Final = ("assignment_selection", "link_selection", "module_index_menu_modal", "course_assignments_menu")
_CANVAS = "https://canvas.instructure.com/lti/"


def registration(settings: Settings, platform: Mapping[str, Any], scopes: Iterable[str] | None) -> dict[str, Any]:
    """This tool's client registration. ``platform`` is the LMS's lti-platform-configuration; ``scopes`` what it offers,
    None where it does not say."""
    launch = f"{settings.base_url}/lti/launch"
    is_canvas = platform.get("product_family_code") == "canvas"
    picker: dict[str, Any] = {
        "type": vocabulary.DEEP_LINKING_REQUEST,
        "target_link_uri": launch,
        "label": PRODUCT,
        "icon_uri": _icon(settings),
    }
    if placements := _offered_placements(platform):
        picker["placements"] = placements
    tool: dict[str, Any] = {
        "domain": urlsplit(settings.base_url).netloc,  # with its port: Moodle compares it with target_link_uri's
        "description": DESCRIPTION,
        "target_link_uri": launch,
        "custom_parameters": CANVAS_CUSTOM if is_canvas else CUSTOM,
        "claims": list(CLAIMS),
        "messages": [picker, {"type": vocabulary.RESOURCE_LINK_REQUEST, "target_link_uri": launch, "label": PRODUCT}],
    }
    if is_canvas:
        tool[f"{_CANVAS}privacy_level"] = "public"
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": f"{settings.base_url}/lti/login",
        "redirect_uris": [launch],
        "client_name": PRODUCT,
        "client_uri": settings.base_url,
        "logo_uri": _icon(settings),
        "jwks_uri": f"{settings.base_url}/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES if scopes is None else (one for one in _WHERE_OFFERED if one in scopes)),
        TOOL: tool,
    }


def canvas(settings: Settings) -> dict[str, Any]:
    """The developer key of Canvas as JSON."""
    launch = f"{settings.base_url}/lti/launch"
    placements = [
        {
            "placement": one,
            "message_type": vocabulary.DEEP_LINKING_REQUEST,
            "target_link_uri": launch,
            "text": PRODUCT,
            "enabled": True,
            "selection_width": 900,
            "selection_height": 700,
        }
        for one in _PLACEMENTS
    ]
    return {
        "title": PRODUCT,
        "description": DESCRIPTION,
        "oidc_initiation_url": f"{settings.base_url}/lti/login",
        "target_link_uri": launch,
        "public_jwk_url": f"{settings.base_url}/lti/jwks",
        "scopes": list(ALL_SCOPES),
        "custom_fields": dict(CANVAS_CUSTOM),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(settings.base_url).netloc,
                "tool_id": "leadership-qualities",
                "privacy_level": "public",
                "settings": {"text": PRODUCT, "icon_url": _icon(settings), "placements": placements},
            }
        ],
    }


@blueprint.get("/config/canvas.json")
def canvas_json() -> Response:
    """For Canvas's "Enter URL" when a developer key is made."""
    response = current_app.make_response(canvas(parts.settings()))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/config")
def values() -> ResponseReturnValue:
    """The values to paste into each LMS, and the clicks that come after."""
    settings = parts.settings()
    own = request.args.get("registration", "")
    is_shared = _shares_issuer(own)
    names = (vocabulary.SCOPES_GRADES, (vocabulary.SCOPE_NAMES_AND_ROLES,))
    page = connecting.values(
        settings.base_url,
        PRODUCT,
        [one for group in names for one in group],
        CUSTOM,
        login_url=f"{settings.base_url}/lti/login/{own}" if is_shared else "",
    )
    return show("connect/values.html", page)


def _shares_issuer(registration: str) -> bool:
    """Whether another registration has the same issuer: an LMS that names no client id then needs an address that
    says which one is meant."""
    registration_id = parse_public_id("plt", registration)
    if registration_id is None:
        return False
    with parts.store().directory_reading() as session:
        found = platforms.platform(session, registration_id)
        return found is not None and platforms.is_issuer_shared(session, found.issuer)


def _icon(settings: Settings) -> str:
    return f"{settings.origin}{url_for('assets.serve', name='icon.svg')}"


def _offered_placements(platform: Mapping[str, Any]) -> list[str]:
    """The placements for the picker that the LMS offers, as it writes them. '' and unknown ones are left out."""
    messages = platform.get("messages_supported")
    offered = []
    for one in messages if isinstance(messages, list) else ():
        if isinstance(one, dict) and one.get("type") == vocabulary.DEEP_LINKING_REQUEST:
            listed = one.get("placements")
            offered += [name for name in (listed if isinstance(listed, list) else ()) if isinstance(name, str)]
    wanted = {*_PLACEMENTS, *(f"{_CANVAS}{one}" for one in _PLACEMENTS), "ContentArea"}
    return [one for one in dict.fromkeys(offered) if one in wanted]
