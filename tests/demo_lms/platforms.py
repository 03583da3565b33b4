"""The two platforms of this server, their one course each, and every address the tool may need."""

import hashlib
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from flask import current_app, g

from tests.demo_lms import store
from tests.demo_lms.config import Config

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPE_LINE_ITEM = AGS + "lineitem"
SCOPE_LINE_ITEM_READ = AGS + "lineitem.readonly"
SCOPE_RESULT_READ = AGS + "result.readonly"
SCOPE_SCORE = AGS + "score"
SCOPE_NAMES_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_GROUPS = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
SCOPES_GRADES = (SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE)
IDS_A_TERM = 100_000


@dataclass(frozen=True)
class Course:
    """A course as its platform names it: ``id`` in its addresses, ``lti_id`` in launches."""

    id: str
    lti_id: str
    label: str
    title: str


@dataclass(frozen=True)
class Platform:
    """One LMS: its fixed facts and its addresses. ``key`` is ``moodle`` or ``canvas``."""

    key: str
    family: str
    client_id: str
    deployment_id: str
    id_token_seconds: int
    first_course: Course
    config: Config

    @property
    def is_moodle(self) -> bool:
        """Whether it behaves the Moodle way; otherwise it behaves the Canvas way."""
        return self.key == "moodle"

    @property
    def course(self) -> Course:
        """This term's course: named like the first one, with ids that no earlier term has used."""
        begun, first = term(), self.first_course
        if begun == 0:
            return first
        number = str(int(first.id) + begun * IDS_A_TERM)
        opaque = hashlib.sha1(f"{self.key}/{number}".encode(), usedforsecurity=False).hexdigest()
        return replace(first, id=number, lti_id=number if self.is_moodle else opaque)

    @property
    def issuer(self) -> str:
        """The ``iss`` of its tokens; also the browser-facing root of its pages."""
        return f"{self.config.public_url}/{self.key}"

    @property
    def services(self) -> str:
        """The root of what the tool's servers call."""
        return f"{self.config.service_url}/{self.key}"

    @property
    def auth_url(self) -> str:
        """Where the tool sends the browser to ask for an id_token."""
        return f"{self.issuer}/auth"

    @property
    def token_url(self) -> str:
        """Where the tool gets access tokens; also the ``aud`` of its assertion."""
        return f"{self.services}/token"

    @property
    def jwks_url(self) -> str:
        """The platform's public keys."""
        return f"{self.services}/jwks"

    @property
    def line_items_url(self) -> str:
        """The AGS container of the course. Moodle's carries a query string."""
        if self.is_moodle:
            return f"{self.services}/services/{self.course.id}/lineitems?type_id={self.deployment_id}"
        return f"{self.services}/api/lti/courses/{self.course.id}/line_items"

    def line_item_url(self, line_item_id: int, below: str = "") -> str:
        """The id of one line item; ``below`` (``/scores``, ``/results``) goes before the query string."""
        if self.is_moodle:
            path = f"{self.services}/services/{self.course.id}/lineitems/{line_item_id}/lineitem"
            return f"{path}{below}?type_id={self.deployment_id}"
        return f"{self.services}/api/lti/courses/{self.course.id}/line_items/{line_item_id}{below}"

    @property
    def memberships_url(self) -> str:
        """The NRPS roster of the course."""
        if self.is_moodle:
            binding = f"CourseSection/{self.course.id}/bindings/{self.deployment_id}"
            return f"{self.services}/services/{binding}/memberships"
        return f"{self.services}/api/lti/courses/{self.course.id}/names_and_roles"

    @property
    def groups_url(self) -> str:
        """The titles of the course's groups (Course Groups 1.0)."""
        return f"{self.services}/services/course-groups"

    @property
    def course_url(self) -> str:
        """The course page."""
        return f"{self.issuer}/course"

    @property
    def login_url(self) -> str:
        """The tool's OIDC login initiation address."""
        return f"{self.config.tool_url}/lti/login"

    @property
    def redirect_uri(self) -> str:
        """The one registered redirect URI; also the tool's own address for launches and deep linking."""
        return f"{self.config.tool_url}/lti/launch"

    @property
    def tool_origin(self) -> str:
        """Scheme, host and port of the tool as browsers see it."""
        parts = urlsplit(self.config.tool_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def tool_jwks_url(self) -> str:
        """The tool's public keys."""
        return f"{self.config.tool_service_url}/lti/jwks"

    def registration(self) -> dict[str, str]:
        """What a tool needs to register this platform."""
        return {
            "name": f"Demo LMS, the {self.family.title()} way",
            "family": self.family,
            "issuer": self.issuer,
            "client_id": self.client_id,
            "deployment_id": self.deployment_id,
            "auth_url": self.auth_url,
            "token_url": self.token_url,
            "jwks_url": self.jwks_url,
        }


def term() -> int:
    """How often the courses have begun anew; nobody and nothing of one term has the id that it had in another."""
    return int(store.setting("", "term", 0))


def begin_term() -> None:
    """From now on courses and people have new ids."""
    store.set_setting("", "term", term() + 1)


def all_platforms(config: Config) -> dict[str, Platform]:
    """Both platforms by key."""
    moodle = Platform(
        key="moodle",
        family="moodle",
        client_id="demo-moodle",
        deployment_id="1",
        id_token_seconds=60,
        first_course=Course("2", "2", "LT101", "Leading together"),
        config=config,
    )
    canvas = Platform(
        key="canvas",
        family="canvas",
        client_id="demo-canvas",
        deployment_id="7f3a:demo",
        id_token_seconds=3600,
        first_course=Course("7", "4dc82f1a0b6e97d3c5a8f2e14b7069d8c3ae51f7", "FSL-A", "First steps in leading"),
        config=config,
    )
    return {"moodle": moodle, "canvas": canvas}


def by_key(key: str) -> Platform:
    """The platform with this key. Raises KeyError."""
    platforms: dict[str, Platform] = current_app.extensions["platforms"]
    return platforms[key]


def current() -> Platform:
    """The platform of this request's path."""
    platform: Platform = g.platform
    return platform
