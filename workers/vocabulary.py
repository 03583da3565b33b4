"""LTI's words: claims, roles, scopes, media types, message types. Pure; both halves of LTI read them here.

Sources: LTI 1.3 Core (claims, appendix A roles), Deep Linking 2.0, AGS 2.0, NRPS 2.0.
"""

from collections.abc import Iterable, Sequence

# Message types (LTI 1.3 Core 4.3; Deep Linking 2.0; Submission Review 1.0)
RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE = "LtiDeepLinkingResponse"
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"

# Claims (LTI 1.3 Core 5.3, 5.4)
_CORE = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = _CORE + "message_type"
VERSION = _CORE + "version"
DEPLOYMENT_ID = _CORE + "deployment_id"
TARGET_LINK_URI = _CORE + "target_link_uri"
RESOURCE_LINK = _CORE + "resource_link"
ROLES = _CORE + "roles"
CONTEXT = _CORE + "context"
TOOL_PLATFORM = _CORE + "tool_platform"
ROLE_SCOPE_MENTOR = _CORE + "role_scope_mentor"
LAUNCH_PRESENTATION = _CORE + "launch_presentation"
LIS = _CORE + "lis"
CUSTOM = _CORE + "custom"
FOR_USER = _CORE + "for_user"

# Platform Notification Service 1.0
NOTICES = _CORE + "platformnotificationservice"
NOTICE = _CORE + "notice"
ORIGIN_CONTEXTS = _CORE + "origin_contexts"
CONTEXT_COPY_NOTICE = "LtiContextCopyNotice"
SCOPE_NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"

# Claims of the services (AGS 2.0 3.1, NRPS 2.0 3.6.1.1)
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
GROUPS_SERVICE = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"  # Course Groups 1.0
NAMES_AND_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

# Deep Linking 2.0 claims
_DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
DEEP_LINKING_SETTINGS = _DEEP_LINKING + "deep_linking_settings"
CONTENT_ITEMS = _DEEP_LINKING + "content_items"
DATA = _DEEP_LINKING + "data"
MESSAGE = _DEEP_LINKING + "msg"
LOG = _DEEP_LINKING + "log"
ERROR_MESSAGE = _DEEP_LINKING + "errormsg"
ERROR_LOG = _DEEP_LINKING + "errorlog"

# Scopes of the services
SCOPE_LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_NAMES_AND_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_GROUPS = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
SCOPES_GRADES = (SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE)

# Media types. Moodle compares the whole header: no "; charset", no list.
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEM_CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULT_CONTAINER = "application/vnd.ims.lis.v2.resultcontainer+json"
GROUP_CONTAINER = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
MEMBERSHIP_CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

# The only two words of a score this tool sends (AGS 2.0 3.4.7, 3.4.8); anything but FullyGraded erases a grade.
COMPLETED = "Completed"
FULLY_GRADED = "FullyGraded"

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

# Roles (LTI 1.3 Core appendix A.2)
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

LEARNER = "learner"
INSTRUCTOR = "instructor"
DESIGNER = "designer"
MENTOR = "mentor"
NO_ROLE = "none"

_PRINCIPAL = {
    "Instructor": INSTRUCTOR,
    "Administrator": INSTRUCTOR,  # of the course: a context role, not that of an institution
    "TeachingAssistant": INSTRUCTOR,  # short form of Instructor#TeachingAssistant
    "ContentDeveloper": DESIGNER,
    "Learner": LEARNER,
    "Mentor": MENTOR,
}
_STRONGEST_FIRST = (INSTRUCTOR, DESIGNER, LEARNER, MENTOR)


def role(roles: Iterable[object]) -> str:
    """What a person may be in a course: ``learner``, ``instructor``, ``designer``, ``mentor`` or ``none``.

    Context roles alone decide: those of an institution or system give nothing here. Of several, the strongest
    counts. Sub-roles count as their principal role (``membership/Instructor#TeachingAssistant``); short names are
    taken for context roles (Core 5.3.7). What is not a known role, or no text, gives nothing.
    """
    held = {_PRINCIPAL.get(_principal(name)) for name in roles if isinstance(name, str)}
    return next((role for role in _STRONGEST_FIRST if role in held), NO_ROLE)


def is_learner(roles: Iterable[object]) -> bool:
    """Whether somebody learns in a course, whatever else they do there."""
    return any(_PRINCIPAL.get(_principal(name)) == LEARNER for name in roles if isinstance(name, str))


def is_test_user(roles: Iterable[object]) -> bool:
    """Whether this is a preview account such as Canvas's student view (LTI 1.3 Core A.2.4)."""
    return TEST_USER in roles


def full_names(roles: Iterable[object]) -> list[str]:
    """Roles as URIs: Moodle's roster gives short names where its launches give URIs."""
    return [name if ":" in name else _uri(name) for name in roles if isinstance(name, str) and name.strip()]


def granted(needed: Sequence[str], offered: Iterable[str]) -> tuple[str, ...]:
    """The scopes to ask a token for: what is needed and the launch's claim offers, sorted."""
    return tuple(sorted(set(needed) & set(offered)))


def _principal(name: str) -> str:
    """``Instructor`` of ``.../membership/Instructor#TeachingAssistant``; '' when it is no context role."""
    name = name.strip()
    if name.startswith(MEMBERSHIP + "#"):
        return name[len(MEMBERSHIP) + 1 :]
    if name.startswith(MEMBERSHIP + "/"):
        return name[len(MEMBERSHIP) + 1 :].partition("#")[0]
    return "" if ":" in name else name.partition("#")[0]


def _uri(short: str) -> str:
    return f"{MEMBERSHIP}/{short.strip()}" if "#" in short else f"{MEMBERSHIP}#{short.strip()}"
