"""A platform built on ``lti1p3platform``, which knows nothing of this tool: launches, tokens, grades, members."""

from typing import Any

from cryptography.hazmat.primitives import serialization
from flask import Flask, Response, jsonify, request
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

from tests.lti_tool.platform import CLIENT_ID, DEPLOYMENT, TARGET, TOOL, Key

MEMBERS = [
    {"user_id": "user-1", "roles": ["Learner"], "name": "Ann Example", "status": "Active"},
    {"user_id": "user-2", "roles": ["Learner"]},
    {"user_id": "teacher", "roles": ["Instructor"], "name": "Tom Teacher"},
]


class Asked(Request):  # type: ignore[misc]  # the library is untyped
    """Flask's request in the library's words."""

    def build_metadata(self, _request: Any) -> dict[str, Any]:
        return {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": request.args.to_dict(),
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": request.get_json(silent=True, force=True) if request.method in ("POST", "PUT") else None,
        }


class Configuration(LTI1P3PlatformConfAbstract):  # type: ignore[misc]  # the library is untyped
    """One registration."""

    def init_platform_config(self, **facts: Any) -> None:
        self._registration = facts["registration"]

    def get_registration_by_params(self, **_facts: Any) -> Registration:
        return self._registration


class Login(OIDCLoginAbstract):  # type: ignore[misc]  # the library is untyped
    """The login initiation as an address."""

    def set_lti_message_hint(self, **facts: Any) -> None:
        self._lti_message_hint = facts["hint"]

    def get_redirect(self, url: str) -> str:
        return url


class Launch(LTIAdvantageMessageLaunchAbstract):  # type: ignore[misc]  # the library is untyped
    """The launch as the fields of its form."""

    def render_launch_form(self, launch_data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        return launch_data


class Book(AssignmentsGradesService):  # type: ignore[misc]  # the library is untyped
    """A gradebook in memory; ``peer`` is set right after making it."""

    peer: "Peer"

    def find_lineitems(self, **wanted: Any) -> dict[str, Any]:
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        found = [
            one
            for one in self.peer.columns.values()
            if all(one.get(member) == wanted[name] for name, member in names.items() if wanted.get(name))
        ]
        return {"content": found, "has_next": False}

    def find_lineitem(self, line_item_id: str) -> dict[str, Any]:
        return self.peer.columns[line_item_id]

    def create_lineitem(self, creation_data: dict[str, Any]) -> dict[str, Any]:
        number = str(len(self.peer.columns) + 1)
        self.peer.columns[number] = {**creation_data, "id": f"{self.peer.url}/lineitems/{number}"}
        return self.peer.columns[number]

    def update_lineitem(self, update_data: dict[str, Any]) -> dict[str, Any]:
        self.peer.columns[update_data["id"]].update(update_data)
        return update_data

    def delete_lineitem(self, line_item_id: str) -> None:
        del self.peer.columns[line_item_id]

    def update_score(self, line_item_id: str, score: dict[str, Any]) -> UpdateScoreStatus:
        key = (line_item_id, score["userId"])
        if key in self.peer.scores and self.peer.scores[key]["timestamp"] >= score["timestamp"]:
            return UpdateScoreStatus.OLD_TIMESTAMP
        self.peer.scores[key] = score
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, user_id: str | None = None, **_page: Any) -> dict[str, Any]:
        found = [
            {
                "id": f"{self.peer.url}/lineitems/{line_item_id}/results/{user}",
                "userId": user,
                "resultScore": score["scoreGiven"],
                "resultMaximum": score["scoreMaximum"],
                "scoreOf": f"{self.peer.url}/lineitems/{line_item_id}",
            }
            for (item, user), score in self.peer.scores.items()
            if item == line_item_id and user_id in (None, user)
        ]
        return {"content": found, "has_next": False}


class Roster(NamesRoleProvisioningService):  # type: ignore[misc]  # the library is untyped
    """The members of the one course."""

    def get_member_data_page(self, **_wanted: Any) -> dict[str, Any]:
        return {"content": [dict(one) for one in MEMBERS], "has_next": False}

    def get_context_by_id(self) -> Context:
        return Context("course-1", "C1", "A course")

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        return True


class Peer:
    """The platform: ``app`` serves it, ``url`` is where. ``tokens`` counts the access tokens given."""

    def __init__(self) -> None:
        self.url, self.tokens = "", 0
        self.columns: dict[str, dict[str, Any]] = {}
        self.scores: dict[tuple[str, str], dict[str, Any]] = {}
        self.app = Flask(__name__)
        for rule, view, methods in (
            ("/jwks", self.jwks, ["GET"]),
            ("/token", self.token, ["POST"]),
            ("/lineitems", self.line_items, ["GET", "POST"]),
            ("/lineitems/<number>", self.line_item, ["GET"]),
            ("/lineitems/<number>/scores", self.score, ["POST"]),
            ("/lineitems/<number>/results", self.results, ["GET"]),
            ("/members", self.members, ["GET"]),
        ):
            self.app.add_url_rule(rule, view_func=view, methods=methods)

    def settle(self, url: str, tool_keys: dict[str, Any]) -> None:
        """Take up its address and register the tool."""
        self.url = url
        private = Key().private
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        made = Registration()
        made.set_iss(url).set_client_id(CLIENT_ID).set_deployment_id(DEPLOYMENT).set_launch_url(TARGET)
        made.set_deeplink_launch_url(TARGET).set_oidc_login_url(f"{TOOL}/lti/login").set_tool_key_set(tool_keys)
        made.set_platform_private_key(pem.decode()).set_platform_public_key(public.decode())
        self.configuration = Configuration(registration=made)

    def login(self, user: str) -> str:
        """The address that begins a launch."""
        login = Login(None, self.configuration)
        login.set_lti_message_hint(hint="a hint")
        return str(login.initiate_login(user))

    def launch(self, asked: dict[str, Any], user: str, role: str, *, picks: bool = False) -> dict[str, str]:
        """The form that answers an authentication request."""
        with self.app.test_request_context(query_string=asked):
            launch = Launch(Asked(request), self.configuration)
            launch.set_user_data(user, [f"http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"], "Ann Example")
            launch.set_launch_context_claim("course-1", context_title="A course")
            if picks:
                launch.set_dl(f"{self.url}/picked", accept_types={"ltiResourceLink"}, extra_data={"a": [1]})
            else:
                launch.set_resource_link_claim("link-1", title="Self-belief")
                launch.set_custom_parameters_claim({"activity_id": "self-belief"})
                launch.set_ags(f"{self.url}/lineitems")
                launch.set_nrps(f"{self.url}/members")
            data = launch.lti_launch()
        return {"id_token": data["id_token"], "state": data["state"]}

    def jwks(self) -> Response:
        return jsonify(self.configuration.get_jwks())

    def token(self) -> Response:
        self.tokens += 1
        return jsonify(self.configuration.get_access_token(request.form.to_dict()))

    def line_items(self) -> Response:
        book = self._book()
        answer = book.handle_resp(book.handle_get_lineitems if request.method == "GET" else book.handle_create_lineitem)
        return self._answer(answer, "content" if request.method == "GET" else "")

    def line_item(self, number: str) -> Response:
        book = self._book()
        return self._answer(book.handle_resp(book.handle_get_lineitem, line_item_id=number))

    def score(self, number: str) -> Response:
        book = self._book()
        return self._answer(book.handle_resp(book.handle_update_score, line_item_id=number))

    def results(self, number: str) -> Response:
        book = self._book()
        return self._answer(book.handle_resp(book.handle_get_results, line_item_id=number), "content")

    def members(self) -> Response:
        roster = Roster(Asked(request), self.configuration, f"{self.url}/members")
        return self._answer(roster.handle_resp(roster.handle_get_members))

    def _book(self) -> Book:
        book = Book(Asked(request), self.configuration, f"{self.url}/lineitems")
        book.peer = self
        return book

    def _answer(self, answer: Any, inside: str = "") -> Response:
        response: Response = jsonify(answer.result[inside] if inside and answer.result else answer.result)
        response.status_code, response.mimetype = answer.code, answer.media_type
        return response
