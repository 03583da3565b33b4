"""Doors for tests, below ``/-/``: see the package's docstring for the list.

They are open because this is a demo. POST takes JSON only, so that no foreign page can post here.
"""

from typing import Any

from flask import Blueprint, abort, current_app, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from tests.demo_lms import access_tokens, faults, groups, keys, people, placements, platforms, sign_in, state, store
from tests.demo_lms.config import Config
from tests.demo_lms.platforms import Platform

blueprint = Blueprint("doors", __name__, url_prefix="/-")
SETTINGS: dict[str, type | tuple[type, ...]] = {
    "send_name": bool,
    "send_email": bool,
    "line_item_scope": bool,
    "grade_service": bool,
    "roster_service": bool,
    "send_return_url": bool,
    "storage_target": (str, type(None)),
    "roster_page_size": int,
    "line_item_page_size": int,
    "result_page_size": int,
    "ignores_result_filter": bool,
    "groups_service": bool,
}


@blueprint.before_request
def open_only_when_wanted() -> None:
    """``LMS_TEST_DOORS=off`` closes all doors but the registration values, which are no secret."""
    config: Config = current_app.extensions["config"]
    if not config.doors and request.endpoint != "doors.registration":
        abort(404)


class BadRequest(Exception):
    """What is wrong with a test's request, in words."""


@blueprint.errorhandler(BadRequest)
def refused(error: BadRequest) -> ResponseReturnValue:
    """One clear line."""
    return jsonify(error=str(error)), 400


def _body() -> dict[str, Any]:
    if not request.is_json:
        raise BadRequest("Send a JSON object with Content-Type: application/json.")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def _platform(name: Any) -> Platform:
    if name not in ("moodle", "canvas"):
        raise BadRequest("platform must be moodle or canvas.")
    return platforms.by_key(name)


@blueprint.get("/registration")
def registration() -> ResponseReturnValue:
    """What a tool needs to register both platforms."""
    both = current_app.extensions["platforms"].values()
    return jsonify(platforms=[platform.registration() for platform in both])


@blueprint.get("/state")
def show_state() -> ResponseReturnValue:
    """Everything the LMS knows, by platform."""
    return jsonify({key: state.of(platform) for key, platform in current_app.extensions["platforms"].items()})


@blueprint.post("/reset")
def reset() -> ResponseReturnValue:
    """Begin a new term: nothing has happened, and nobody has the id of before; keys and the server's secret stay."""
    state.forget()
    return jsonify(reset=True)


@blueprint.post("/place")
def place() -> ResponseReturnValue:
    """Put an activity into a course without clicking."""
    body = _body()
    platform = _platform(body.get("platform"))
    try:
        wish = state.wish(platform, body)
    except (TypeError, ValueError) as error:
        raise BadRequest(str(error)) from error
    placement = placements.create(platform, wish)
    return jsonify(state.placement(platform, placement)), 201


@blueprint.post("/faults")
def inject() -> ResponseReturnValue:
    """Keep one fault or a list of them; ``clear`` and ``revoke_tokens`` act at once."""
    body = request.get_json(silent=True) if request.is_json else None
    documents = body if isinstance(body, list) else [_body()]
    revoked = 0
    try:
        with store.transaction():
            for document in documents:
                revoked += _one_fault(document)
    except (ValueError, AttributeError) as error:
        raise BadRequest(str(error)) from error
    return jsonify(waiting=state.waiting_faults(), revoked=revoked), 201


def _one_fault(document: dict[str, Any]) -> int:
    if "clear" in document:
        store.change("DELETE FROM fault")
        return 0
    if "revoke_tokens" in document:
        return access_tokens.revoke_all(_platform(document["revoke_tokens"]).key)
    faults.inject(document)
    return 0


@blueprint.post("/settings")
def settings() -> ResponseReturnValue:
    """Change how a platform behaves."""
    body = _body()
    platform = _platform(body.pop("platform", None))
    for name, value in body.items():
        if name not in SETTINGS or not isinstance(value, SETTINGS[name]):
            raise BadRequest(f"Settings are {', '.join(SETTINGS)}; {name} cannot be {value!r}.")
    for name, value in body.items():
        store.set_setting(platform.key, name, value)
    return jsonify({name: store.setting(platform.key, name, None) for name in SETTINGS})


@blueprint.post("/keys")
def rotate() -> ResponseReturnValue:
    """Give a platform a new signing key."""
    body = _body()
    platform = _platform(body.get("platform"))
    return jsonify(kid=keys.rotate(platform.key, keep_old=body.get("keep_old", True) is not False)), 201


@blueprint.post("/people")
def change_people() -> ResponseReturnValue:
    """Change one person's status or groups, or enrol ``add`` more made-up learners."""
    body = _body()
    platform = _platform(body.get("platform"))
    if "add" in body:
        if not isinstance(body["add"], int) or not 0 < body["add"] <= 5000:
            raise BadRequest("add must be a number from 1 to 5000.")
        return jsonify(added=people.add_many(platform.key, body["add"])), 201
    person = people.find(platform.key, "slug", str(body.get("person", "")))
    if person is not None and isinstance(body.get("groups"), list):
        people.leave_groups(platform.key, person.slug)
        for group_id in body["groups"]:
            if group_id not in groups.TITLES[platform.key]:
                raise BadRequest(f"groups are some of {', '.join(groups.TITLES[platform.key])}.")
            people.join(platform.key, person.slug, group_id)
        return jsonify(person=person.slug, groups=people.groups_of(platform.key, person.slug))
    if person is None or body.get("status") not in ("active", "suspended", "removed"):
        raise BadRequest("Name a person of this platform, and a status: active, suspended or removed.")
    store.change("UPDATE person SET status = ? WHERE platform = ? AND id = ?", body["status"], platform.key, person.id)
    return jsonify(person=person.slug, status=body["status"])


@blueprint.post("/session")
def session_for_programs() -> ResponseReturnValue:
    """Sign in: the cookie comes back with the answer."""
    body = _body()
    platform = _platform(body.get("platform"))
    person = _enter(platform, str(body.get("person", "")))
    return jsonify(person=person, form_key=sign_in.form_key())


@blueprint.get("/sign-in")
def sign_in_by_link() -> ResponseReturnValue:
    """Sign in and go on to ``next`` (a path of this LMS), else to the course."""
    platform = _platform(request.args.get("platform"))
    _enter(platform, request.args.get("person", ""))
    target = request.args.get("next", "")
    inside = target.startswith(f"/{platform.key}/") and "\\" not in target and "//" not in target.partition("?")[0]
    return redirect(target if inside else f"/{platform.key}/course")


def _enter(platform: Platform, slug: str) -> str:
    person = people.find(platform.key, "slug", slug)
    if person is None or person.status != "active":
        known = ", ".join(one.slug for one in people.in_course(platform))
        raise BadRequest(f"person must be one of {known}.")
    sign_in.sign_in(platform.key, person)
    return person.slug
