"""LMSs that register a tool by themselves, over real HTTP: with the rules of Moodle, Canvas and Brightspace.

Moodle's are those of a running one; Canvas's configuration is the published example of its "Security" API (placements
without a prefix, ``authorization_server`` a host alone); Brightspace's follow its "Dynamic Registration" page: a token
good for one use, no updates, the deployment optional.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from lti_tool import configuration
from workers import vocabulary

TOKEN = "header.registration-token.signature"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CODES = {"moodle": "moodle", "canvas": "canvas", "brightspace": "desire2learn"}
EXTRA_SCOPE = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"


@dataclass
class Lms:
    """One LMS. ``changes`` overrule its configuration; ``answer`` overrules (status, body) of a registration."""

    family: str
    issuer: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    raw_configuration: tuple[int, bytes, dict[str, str]] | None = None
    answer: tuple[int, bytes] | None = None
    client_id: str = "client-7"
    uses: int = 1  # how often the token may be used
    authorizations: list[str | None] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    gets: int = 0

    def start(self) -> None:
        """Listen on a free port of loopback."""
        lms = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lms.gets += 1
                lms.authorizations.append(self.headers["Authorization"])
                if lms.raw_configuration is not None:
                    self._send(*lms.raw_configuration)
                elif lms.family == "canvas" and self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self._send(401, b"{}", {})
                else:
                    self._send(200, json.dumps(lms.configuration()).encode(), {"Content-Type": "application/json"})

            def do_POST(self) -> None:
                lms.authorizations.append(self.headers["Authorization"])
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = lms.register(self.headers["Authorization"], body)
                self._send(status, answer, {})

            def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()
        self.issuer = self.issuer or self.url

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def configuration(self) -> dict[str, Any]:
        """Its OpenID configuration."""
        picker: dict[str, Any] = {"type": vocabulary.DEEP_LINKING_REQUEST}
        picker["placements"] = {
            "moodle": ["ContentArea"],
            "canvas": [
                *("assignment_selection", "collaboration", "conference_selection", "course_assignments_menu"),
                *("editor_button", "homework_submission", "link_selection", "migration_selection"),
                *("module_index_menu_modal", "module_menu_modal", "submission_type_selection"),
            ],
        }.get(self.family, [])
        described: dict[str, Any] = {
            "product_family_code": CODES[self.family],
            "version": "1",
            "messages_supported": [{"type": vocabulary.RESOURCE_LINK_REQUEST}, picker],
            "variables": ["Context.id.history"],
        }
        if self.family == "canvas":
            described["https://canvas.instructure.com/lti/account_name"] = "The Trust's Canvas"
        document: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "jwks_uri": f"{self.url}/jwks",
            "registration_endpoint": f"{self.url}/register",
            "scopes_supported": [*vocabulary.SCOPES_GRADES, vocabulary.SCOPE_NAMES_AND_ROLES, "openid", EXTRA_SCOPE],
            "id_token_signing_alg_values_supported": ["RS256"],
            PLATFORM: described,
        }
        if self.family == "brightspace":
            document["authorization_server"] = f"{self.url}/audience"
        if self.family == "canvas":
            document["authorization_server"] = "canvas.instructure.com"
        return {name: value for name, value in (document | self.changes).items() if value is not None}

    def register(self, authorization: str | None, body: dict[str, Any]) -> tuple[int, bytes]:
        """Its answer to a registration."""
        self.posts.append(body)
        if self.answer is not None:
            return self.answer
        if authorization != f"Bearer {TOKEN}" or self.uses < 1:
            return 401, b"token_already_used"
        if problem := self._problem(body):
            return 400, problem.encode()
        self.uses -= 1
        kept = dict(body[configuration.TOOL])
        if self.family != "canvas":
            kept["deployment_id"] = "deployment-9"
        answer = {**body, "client_id": self.client_id, configuration.TOOL: kept}
        return (201 if self.family == "brightspace" else 200), json.dumps(answer).encode()

    def _problem(self, body: dict[str, Any]) -> str:
        """What Moodle refuses (registration_helper.php), and Canvas's and Brightspace's rules beside it."""
        tool = body.get(configuration.TOOL)
        if not isinstance(tool, dict):
            return "missing_tool_configuration"
        if "id_token" not in body.get("response_types", []):
            return "invalid_response_types"
        if not isinstance(body.get("redirect_uris"), list) or not body["redirect_uris"]:
            return "invalid_redirect_uris"
        missing = [name for name in ("initiate_login_uri", "client_name", "jwks_uri") if not body.get(name)]
        if missing:
            return f"missing required attribute {missing[0]}"
        if body.get("token_endpoint_auth_method") != "private_key_jwt":
            return "invalid_token_endpoint_auth_method"
        if not tool.get("domain"):
            return "missing_domain"
        if tool["domain"] != urlsplit(tool["target_link_uri"]).netloc:
            return "domain_targetlinkuri_mismatch"
        offered = self.configuration().get("scopes_supported")
        if offered is not None and not set(body["scope"].split()) <= set(offered):
            return "invalid_scope"
        if self.family == "canvas":
            allowed = set(self.configuration()[PLATFORM]["messages_supported"][1]["placements"])
            if not all(set(one.get("placements", [])) <= allowed for one in tool["messages"]):
                return "invalid_placement"
        return ""
