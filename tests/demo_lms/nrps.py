"""NRPS: the roster of the course, in each platform's own shape; and the titles of its groups, where offered."""

import json
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import (
    access_tokens,
    claims,
    faults,
    groups,
    media_types,
    paging,
    people,
    placements,
    platforms,
    store,
)
from tests.demo_lms.people import Person
from tests.demo_lms.platforms import SCOPE_GROUPS, SCOPE_NAMES_ROLES, Platform
from tests.demo_lms.refusals import canvas_refusal, moodle_refusal

blueprint = Blueprint("nrps", __name__, url_prefix="/<any(moodle, canvas):platform>")
CANVAS_LARGEST_PAGE = 50


@blueprint.get("/services/CourseSection/<int:course>/bindings/<binding>/memberships")
@faults.endpoint("memberships")
def moodle(course: int, binding: str) -> ResponseReturnValue:
    """All active people with short role names; in pages only with ``limit``, whose next link drops ``role``."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_NAMES_ROLES)
    if not platform.is_moodle or str(course) != platform.course.id:
        raise moodle_refusal(404, f"Not Found: Course {course} doesn't exist")
    if binding != platform.deployment_id:
        raise moodle_refusal(401, "Unauthorized: the binding is another tool's")
    if request.headers.get("Accept", "") not in ("", "*/*", media_types.MEMBERSHIP_CONTAINER):
        raise moodle_refusal(400, "No handler found for this request")
    store.count(platform.key, "roster_reads")
    _check_link(platform)
    wanted = request.args.get("role", "").rpartition("#")[2]
    members = [member for member in map(_moodle_member, people.in_course(platform)) if wanted in ("", *member["roles"])]
    limit, start = request.args.get("limit", 0, int), request.args.get("from", 0, int)
    headers = {}
    if limit > 0:
        if start + limit < len(members):
            headers["Link"] = f'<{platform.memberships_url}?limit={limit}&from={start + limit}>; rel="next"'
        members = members[start : start + limit]
    return _container(platform, platform.memberships_url, members, headers)


@blueprint.get("/api/lti/courses/<int:course>/names_and_roles")
@faults.endpoint("memberships")
def canvas(course: int) -> ResponseReturnValue:
    """The active people in pages of at most fifty, with role URIs."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_NAMES_ROLES)
    if platform.is_moodle or str(course) != platform.course.id:
        raise canvas_refusal(404, "The specified resource does not exist.")
    if not media_types.listed(request.headers.get("Accept", ""), media_types.MEMBERSHIP_CONTAINER):
        raise canvas_refusal(406, f"Accept must name {media_types.MEMBERSHIP_CONTAINER}")
    store.count(platform.key, "roster_reads")
    _check_link(platform)
    wanted = request.args.get("role", "")
    everybody = [(person, claims.roles(platform, person)) for person in people.in_course(platform)]
    fitting = [person for person, roles in everybody if not wanted or any(wanted in role for role in roles)]
    size = store.setting(platform.key, "roster_page_size", CANVAS_LARGEST_PAGE)
    page = paging.Page(fitting, platform.memberships_url, size, min(size, CANVAS_LARGEST_PAGE))
    members = [_canvas_member(platform, person) for person in page.entries]
    return _container(platform, platform.memberships_url, members, page.headers())


@blueprint.get("/services/course-groups")
@faults.endpoint("groups")
def course_groups() -> ResponseReturnValue:
    """The titles of the course's groups."""
    platform = platforms.current()
    access_tokens.require(platform, SCOPE_GROUPS)
    if not groups.has_service(platform):
        raise (moodle_refusal if platform.is_moodle else canvas_refusal)(404, "There is no such service.")
    if not media_types.listed(request.headers.get("Accept", ""), media_types.GROUP_CONTAINER):
        raise (moodle_refusal if platform.is_moodle else canvas_refusal)(406, "Not acceptable")
    found = [{"id": group_id, "name": title} for group_id, title in groups.TITLES[platform.key].items()]
    body = json.dumps({"id": platform.groups_url, "groups": found})
    return Response(body, content_type=media_types.GROUP_CONTAINER)


def _check_link(platform: Platform) -> None:
    link = request.args.get("rlid")
    if link and placements.find_by_lti_id(platform, link) is None:
        raise (moodle_refusal if platform.is_moodle else canvas_refusal)(404, "The resource link does not exist.")


def _container(
    platform: Platform, address: str, members: list[dict[str, Any]], headers: dict[str, str]
) -> ResponseReturnValue:
    course = platform.course
    context = {"id": course.lti_id, "label": course.label, "title": course.title}
    body = json.dumps({"id": address, "context": context, "members": members})
    return Response(body, headers=headers, content_type=media_types.MEMBERSHIP_CONTAINER)


def _personal(platform_key: str, person: Person) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if store.setting(platform_key, "send_name", True):
        found |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    if store.setting(platform_key, "send_email", True):
        found["email"] = person.email
    return found


def _moodle_member(person: Person) -> dict[str, Any]:
    # The roster asks another permission than the launch does: a non-editing teacher is a Learner here.
    role = "Instructor" if person.is_editor else "Learner"
    member = {"status": "Active", "roles": [role], "user_id": person.lti_id, "lis_person_sourcedid": ""}
    named = _personal("moodle", person) | {"ext_user_username": person.slug}
    return member | named | _groups(person) | _message(person)


def _canvas_member(platform: Platform, person: Person) -> dict[str, Any]:
    member = {"status": "Active", "user_id": person.lti_id, "roles": claims.roles(platform, person)[:-1]}
    return member | _personal("canvas", person) | _groups(person) | _message(person)


def _groups(person: Person) -> dict[str, Any]:
    if request.args.get("groups") != "true" or not groups.has_service(platforms.current()):
        return {}
    return {"group_enrollments": [{"group_id": one} for one in people.groups_of(person.platform, person.slug)]}


def _message(person: Person) -> dict[str, Any]:
    if not request.args.get("rlid"):
        return {}
    message = {claims.LTI + "message_type": claims.RESOURCE_LINK_REQUEST, "locale": "en"}
    return (
        {"message": [message | {claims.LTI + "custom": {}}]} if person.platform == "canvas" else {"message": [message]}
    )
