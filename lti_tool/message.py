"""One LTI message, verified.

LTI Security Framework 1.0 "Authentication Response Validation"; LTI Core 1.3; Deep Linking 2.0. pylti1p3 parses the
token and knows each message's required claims; the decisions about security are made here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.message_validators.deep_link import DeepLinkMessageValidator
from pylti1p3.message_validators.resource_message import ResourceMessageValidator

from framework.store.tables import Platform
from lti_tool import signatures
from lti_tool.keys import PlatformKeys
from lti_tool.refusals import Refusal
from lti_tool.signatures import Clients
from lti_tool.state import LaunchState
from workers import vocabulary

LONGEST_ID = 255  # characters (LTI Core 1.3)
_OBJECTS = (
    vocabulary.CONTEXT,
    vocabulary.RESOURCE_LINK,
    vocabulary.LAUNCH_PRESENTATION,
    vocabulary.LIS,
    vocabulary.CUSTOM,
    vocabulary.TOOL_PLATFORM,
    vocabulary.AGS_ENDPOINT,
    vocabulary.NAMES_AND_ROLES,
    vocabulary.DEEP_LINKING_SETTINGS,
    vocabulary.FOR_USER,
)


_SUPPORTED = (
    vocabulary.RESOURCE_LINK_REQUEST,
    vocabulary.DEEP_LINKING_REQUEST,
    vocabulary.SUBMISSION_REVIEW_REQUEST,
)


class StrictLaunch(MessageLaunch[Any, Any, Any, Any]):
    """pylti1p3's launch with this tool's checks. Nothing is stored: the visit row uses the launch up."""

    def __init__(
        self,
        id_token: str,
        state: LaunchState,
        platform: Platform,
        keys: PlatformKeys,
        clients: Clients,
        *,
        may_be_guest: bool,
    ) -> None:
        unused = cast(Any, object())  # pylti1p3 wants services that the overridden steps never call
        super().__init__(unused, unused, unused, unused, requests_session=unused)
        self._auto_validation = False
        self._id_token, self._state, self._platform = id_token, state, platform
        self._platform_keys, self._clients, self._may_be_guest = keys, clients, may_be_guest

    def claims(self) -> Mapping[str, Any]:
        """The claims of a verified message. Raises Refusal."""
        try:
            self.validate()
        except LtiException as error:
            raise Refusal(_code(str(error)), str(error)) from None
        return cast(Mapping[str, Any], self._get_jwt_body())

    def _get_request_param(self, key: str) -> str:
        return self._id_token if key == "id_token" else ""

    def validate_state(self) -> "StrictLaunch":
        return self  # opened and bound to the browser before the message is read

    def validate_jwt_format(self) -> "StrictLaunch":
        if not self._id_token:
            raise Refusal("token_missing")
        signatures.check_size(self._id_token)
        return self  # read once, with the signature

    def validate_nonce(self) -> "StrictLaunch":
        return self  # compared once the signature is known to be right

    def validate_registration(self) -> "StrictLaunch":
        return self  # the signed state names it

    def validate_jwt_signature(self) -> "StrictLaunch":
        body = signatures.claims(self._id_token, self._platform, self._platform_keys, self._clients)
        self._jwt["body"] = cast(Any, body)
        if body.get("nonce") != self._state.nonce:
            raise Refusal("nonce_mismatch")
        return self

    def validate_deployment(self) -> "StrictLaunch":
        hint, named = self._state.deployment, self._jwt["body"].get(vocabulary.DEPLOYMENT_ID)
        identifier("deployment_id", named)
        if hint is not None and hint != named:
            raise Refusal("claims_invalid", "deployment_id differs from the login's")
        return self

    def validate_message(self) -> "StrictLaunch":
        body = cast(Mapping[str, Any], self._jwt["body"])
        kind = body.get(vocabulary.MESSAGE_TYPE)
        if kind is not None and kind not in _SUPPORTED:
            raise Refusal("message_unsupported", str(kind)[:80])
        if self._may_be_guest and kind == vocabulary.RESOURCE_LINK_REQUEST and body.get("sub") is None:
            body = {**body, "sub": "a guest"}  # for pylti1p3, which wants one
        if not body.get("sub"):
            raise Refusal("anonymous_refused")
        _check_shapes(body)
        if kind == vocabulary.DEEP_LINKING_REQUEST:
            DeepLinkMessageValidator().run_common_validators(body)  # its own check refuses what a page can explain
        elif kind == vocabulary.RESOURCE_LINK_REQUEST:
            ResourceMessageValidator().validate(body)
        else:
            super().validate_message()
        if body.get(vocabulary.TARGET_LINK_URI) != self._state.target:
            raise Refusal("claims_invalid", "target_link_uri is missing or differs from the login's")
        return self

    def save_launch_data(self) -> "StrictLaunch":
        return self


@dataclass(frozen=True, slots=True)
class Message:
    """A verified message, with what the door needs before it knows the tenant."""

    claims: Mapping[str, Any]
    deployment_id: str
    role: str
    is_test: bool

    @property
    def sub(self) -> str:
        """The LMS's id of the person; '' for a guest."""
        return str(self.claims.get("sub") or "")

    @property
    def kind(self) -> str:
        """The message type."""
        return str(self.claims[vocabulary.MESSAGE_TYPE])

    @property
    def is_deep_linking(self) -> bool:
        """Whether a designer is to choose activities."""
        return self.kind == vocabulary.DEEP_LINKING_REQUEST

    @property
    def is_review(self) -> bool:
        """Whether an instructor is to see one learner's work."""
        return self.kind == vocabulary.SUBMISSION_REVIEW_REQUEST


def verify(
    id_token: str,
    state: LaunchState,
    platform: Platform,
    keys: PlatformKeys,
    clients: Clients,
    *,
    may_be_guest: bool = False,
) -> Message:
    """The message in an id_token. Raises Refusal with the reason's code.

    ``may_be_guest``: a launch of an activity may come without a user. A guest has no role, whatever the LMS says.
    """
    claims = StrictLaunch(id_token, state, platform, keys, clients, may_be_guest=may_be_guest).claims()
    if claims.get("sub") is None:
        return Message(claims, claims[vocabulary.DEPLOYMENT_ID], vocabulary.NO_ROLE, is_test=True)
    roles = claims[vocabulary.ROLES]
    role = vocabulary.role(roles)
    teaches = role in (vocabulary.INSTRUCTOR, vocabulary.DESIGNER)
    if claims[vocabulary.MESSAGE_TYPE] == vocabulary.DEEP_LINKING_REQUEST:
        _check_deep_linking(claims, may_pick=teaches, is_http=platform.issuer.startswith("http://"))
    if claims[vocabulary.MESSAGE_TYPE] == vocabulary.SUBMISSION_REVIEW_REQUEST:
        _check_review(claims, may_review=teaches)
    return Message(claims, claims[vocabulary.DEPLOYMENT_ID], role, vocabulary.is_test_user(roles))


def _check_shapes(body: Mapping[str, Any]) -> None:
    """What pylti1p3 lets through: roles that are no list, ids that are no short text, claims that are no object."""
    roles = body.get(vocabulary.ROLES)
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles) or len(roles) > 100:
        raise Refusal("claims_invalid", "roles is missing or no list of texts")
    identifier("sub", body["sub"])
    for name in _OBJECTS:
        value = body.get(name)
        if value is not None and not isinstance(value, dict):
            raise Refusal("claims_invalid", f"{name} is no object")
    for name in (vocabulary.CONTEXT, vocabulary.RESOURCE_LINK):
        if "id" in (body.get(name) or {}):
            identifier(f"{name}.id", body[name]["id"])


def check_version(body: Mapping[str, Any]) -> None:
    """Raise Refusal for a message of another version of LTI."""
    if body.get(vocabulary.VERSION) != "1.3.0":
        raise Refusal("claims_invalid", "version is not 1.3.0")


def identifier(name: str, value: object) -> None:
    """Raise Refusal for what is no id: LTI's are plain texts of 1 to 255 characters."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise Refusal("claims_invalid", f"{name} is missing or no plain text of 1 to {LONGEST_ID} characters")


def _check_deep_linking(claims: Mapping[str, Any], *, may_pick: bool, is_http: bool) -> None:
    settings = claims.get(vocabulary.DEEP_LINKING_SETTINGS) or {}
    for name in ("accept_types", "accept_presentation_document_targets"):
        listed = settings.get(name)
        if not isinstance(listed, list) or not listed or not all(isinstance(one, str) for one in listed):
            raise Refusal("claims_invalid", f"{name} is missing or no list of texts")
    url = settings.get("deep_link_return_url")
    schemes = ("https", "http") if is_http else ("https",)  # an http issuer exists in development alone
    if not isinstance(url, str) or urlsplit(url).scheme not in schemes or not urlsplit(url).netloc or len(url) > 4000:
        raise Refusal("claims_invalid", "deep_link_return_url is missing or no URL")
    if not may_pick:
        raise Refusal("picker_not_allowed")


def _check_review(claims: Mapping[str, Any], *, may_review: bool) -> None:
    """Submission Review 1.0: whose work, in which placement."""
    identifier("for_user.user_id", claims[vocabulary.FOR_USER].get("user_id"))
    identifier("resource_link.id", (claims.get(vocabulary.RESOURCE_LINK) or {}).get("id"))
    if not may_review:
        raise Refusal("review_not_allowed")


def _code(text: str) -> str:
    """pylti1p3 has one exception with prose; only the token's form is told apart from its claims."""
    return "token_malformed" if "id_token" in text or "JWT format" in text else "claims_invalid"
