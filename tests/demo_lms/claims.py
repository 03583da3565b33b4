"""The claims of an id_token: each platform in its own shape."""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

import jwt
from flask import current_app

from tests.demo_lms import custom_parameters, gradebook, groups, placements, sign_in, store
from tests.demo_lms.people import Person
from tests.demo_lms.placements import Placement
from tests.demo_lms.platforms import SCOPE_GROUPS, SCOPE_LINE_ITEM, SCOPES_GRADES, Platform

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS_CLAIM = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM_USER = "http://purl.imsglobal.org/vocab/lis/v2/system/person#User"
RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"

CANVAS_ROLES = {
    "teacher": (INSTITUTION + "Instructor", MEMBERSHIP + "Instructor", SYSTEM_USER),
    "designer": (MEMBERSHIP + "ContentDeveloper", SYSTEM_USER),
    "assistant": (INSTITUTION + "Instructor", MEMBERSHIP + "Instructor", SYSTEM_USER),
    "learner": (INSTITUTION + "Student", MEMBERSHIP + "Learner", SYSTEM_USER),
}


def roles(platform: Platform, person: Person) -> list[str]:
    """The launch's role URIs. Moodle calls everybody who may manage the activity an instructor."""
    if platform.is_moodle:
        return [MEMBERSHIP + ("Instructor" if person.is_staff else "Learner")]
    return list(CANVAS_ROLES[person.role])


def common(platform: Platform, person: Person, nonce: str, target_link_uri: str) -> dict[str, Any]:
    """What launches and deep-linking requests share."""
    now = int(time.time())
    course = platform.course
    context = {"id": course.lti_id, "label": course.label, "title": course.title}
    course_type = "CourseSection" if platform.is_moodle else MEMBERSHIP.replace("membership#", "course#CourseOffering")
    claims: dict[str, Any] = {
        "nonce": nonce,
        "iat": now,
        "exp": now + platform.id_token_seconds,
        "iss": platform.issuer,
        "aud": platform.client_id,
        "sub": person.lti_id,
        LTI + "deployment_id": platform.deployment_id,
        LTI + "version": "1.3.0",
        LTI + "target_link_uri": target_link_uri,
        LTI + "roles": roles(platform, person),
        LTI + "context": context | {"type": [course_type]},
    }
    if store.setting(platform.key, "grade_service", True):
        claims[AGS_CLAIM] = {"scope": granted_scopes(platform), "lineitems": platform.line_items_url}
    if store.setting(platform.key, "send_name", True):
        claims |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    if store.setting(platform.key, "send_email", True):
        claims["email"] = person.email
    versions = {"service_versions": ["1.0", "2.0"] if platform.is_moodle else ["2.0"]}
    if store.setting(platform.key, "roster_service", True):
        claims[NRPS_CLAIM] = {"context_memberships_url": platform.memberships_url} | versions
    if groups.has_service(platform):
        claims[GROUPS_CLAIM] = {
            "context_groups_url": platform.groups_url,
            "scope": [SCOPE_GROUPS],
            "service_versions": ["1.0"],
        }
    return claims | (_moodle_extras(person) if platform.is_moodle else _canvas_extras(platform, person))


def granted_scopes(platform: Platform) -> list[str]:
    """The AGS scopes the administrator has allowed; the settings ``grade_service`` and ``line_item_scope`` narrow
    them."""
    if not store.setting(platform.key, "grade_service", True):
        return []
    may_write = store.setting(platform.key, "line_item_scope", True)
    return [scope for scope in SCOPES_GRADES if may_write or scope != SCOPE_LINE_ITEM]


def _moodle_extras(person: Person) -> dict[str, Any]:
    return {
        LTI + "lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
        LTI + "ext": {"user_username": person.slug, "lms": "moodle-2"},
        LTI + "tool_platform": {
            "product_family_code": "moodle",
            "version": "2023112400",
            "guid": hashlib.md5(b"demo-lms/moodle", usedforsecurity=False).hexdigest(),
            "name": "Demo LMS",
            "description": "Demo LMS, the Moodle way",
        },
    }


def _canvas_extras(platform: Platform, person: Person) -> dict[str, Any]:
    legacy = hashlib.sha1(person.lti_id.encode(), usedforsecurity=False).hexdigest()
    return {
        "azp": platform.client_id,
        "locale": "en-GB",
        "picture": f"{platform.config.public_url}/static/avatar.svg",
        "errors": {"errors": {}},
        LTI + "lti11_legacy_user_id": legacy,
        LTI + "lti1p1": {"user_id": legacy},
        LTI + "lis": {"person_sourcedid": None, "course_offering_sourcedid": None},
        LTI + "tool_platform": {
            "product_family_code": "canvas",
            "version": "cloud",
            "guid": "d3m0lms0000000000000000000000000canvas:canvas-lms",
            "name": "Demo LMS, the Canvas way",
        },
        "https://www.instructure.com/placement": None,
    }


def resource_link(
    platform: Platform, person: Person, placement: Placement, nonce: str, document_target: str
) -> dict[str, Any]:
    """The claims of a launch of an activity."""
    claims = common(platform, person, nonce, placement.url)
    link = {"id": placement.lti_id, "title": placement.title, "description": placement.text}
    claims |= {
        LTI + "message_type": RESOURCE_LINK_REQUEST,
        LTI + "resource_link": link,
        LTI + "custom": _custom(platform, person, placement),
        LTI + "launch_presentation": {
            "locale": "en" if platform.is_moodle else "en-GB",
            "document_target": document_target,
            "return_url": return_url(platform, placement),
        },
    }
    if not store.setting(platform.key, "send_return_url", True):
        del claims[LTI + "launch_presentation"]["return_url"]
    line_items = gradebook.of_placement(placement.id)
    if len(line_items) == 1 and AGS_CLAIM in claims:
        claims[AGS_CLAIM]["lineitem"] = platform.line_item_url(line_items[0].id)
    return claims


def return_url(platform: Platform, placement: Placement) -> str:
    """Where the tool may lead people back to; Moodle's holds the session's form key."""
    if platform.is_moodle:
        query = f"course={platform.course.id}&launch_container=3&instanceid={placement.id}"
        return f"{platform.issuer}/return?{query}&sesskey={sign_in.form_key()}"
    return f"{platform.issuer}/return"


def deep_link_return_url(platform: Platform, selection_id: str) -> str:
    """Where the picker's answer goes; everything that matters is in its query string."""
    address = f"{platform.issuer}/selection"
    if platform.is_moodle:
        course = f"course={platform.course.id}&id=1"
        return f"{address}?{course}&sesskey={sign_in.form_key()}&selection={selection_id}"
    data = jwt.encode({"selection": selection_id}, str(current_app.secret_key), algorithm="HS256")
    return f"{address}?data={data}"


def deep_linking(platform: Platform, person: Person, nonce: str, selection_id: str, data: str | None) -> dict[str, Any]:
    """The claims of a deep-linking request. ``data`` is sent by Canvas only."""
    claims = common(platform, person, nonce, platform.redirect_uri)
    settings: dict[str, Any] = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"]
        if platform.is_moodle
        else ["iframe", "window"],
        "accept_multiple": True,
        "auto_create": not platform.is_moodle,
        "deep_link_return_url": deep_link_return_url(platform, selection_id),
    }
    if platform.is_moodle:
        settings |= {
            "accept_copy_advice": False,
            "accept_unsigned": False,
            "can_confirm": False,
            "title": "",
            "text": "",
        }
        # Moodle leaves the roster out until the course has an activity of this tool.
        if not placements.in_course(platform):
            claims.pop(NRPS_CLAIM, None)
    else:
        settings |= {"accept_media_types": "application/vnd.ims.lti.v1.ltilink", "accept_lineitem": True}
    if data is not None:
        settings["data"] = data
    presentation = {"locale": "en" if platform.is_moodle else "en-GB"}
    return claims | {
        LTI + "message_type": DEEP_LINKING_REQUEST,
        LTI + "custom": _custom(platform, person, None),
        LTI + "launch_presentation": presentation,
        DEEP_LINKING_SETTINGS: settings,
    }


def _custom(platform: Platform, person: Person, placement: Placement | None) -> dict[str, Any]:
    kept = placement.custom if placement else ""
    if not platform.is_moodle:
        return custom_parameters.canvas_sent(kept, _variables(platform, person, placement))
    sent = custom_parameters.moodle_sent(kept, _variables(platform, person, placement))
    return sent | {"context_memberships_url": platform.memberships_url}


def _variables(platform: Platform, person: Person, placement: Placement | None) -> Mapping[str, str]:
    course = platform.course
    known = {
        "Context.id": course.lti_id,
        "Context.label": course.label,
        "Context.title": course.title,
        "CourseSection.title": course.title,
        "CourseSection.label": course.label,
        "Person.name.full": person.name,
        "Person.name.given": person.given_name,
        "Person.name.family": person.family_name,
        "Person.email.primary": person.email,
        "User.id": person.lti_id,
        "User.username": person.slug,
        **groups.variables(platform, person.slug),
    }
    if placement is not None:
        known |= {"ResourceLink.id": placement.lti_id, "ResourceLink.title": placement.title}
    if platform.is_moodle:
        return known | {"Context.id.history": ""}
    return known | {"Canvas.course.id": course.id, "Canvas.user.id": person.id}
