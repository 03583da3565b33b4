"""What is known of each family of LMS: where its endpoints are, who may speak for which issuer. No network, no store.

Sources: the LMSs' own documentation of LTI 1.3; LTI Dynamic Registration 1.0, 3.5.1 (issuer and configuration URL).
Brightspace's addresses are those that it shows after a registration (so quoted in RunestoneInteractive/rs#1073); in
Blackboard's the application's id is the client id (docs.anthology.com, "Register an application").
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from framework.errors import Invalid

NAMES: Final = ("moodle", "canvas", "brightspace", "blackboard", "other")

# product_family_code as the LMSs write it -> family
_CODES: Final = {
    "moodle": "moodle",
    "canvas": "canvas",
    "desire2learn": "brightspace",
    "d2l": "brightspace",
    "brightspace": "brightspace",
    "blackboardlearn": "blackboard",
    "blackboard": "blackboard",
}

# {url} is the LMS's own address, {client_id} this tool's id there
PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "moodle": {
        "issuer": "{url}",
        "auth_url": "{url}/mod/lti/auth.php",
        "token_url": "{url}/mod/lti/token.php",
        "jwks_url": "{url}/mod/lti/certs.php",
    },
    "canvas": {
        "issuer": "https://canvas.instructure.com",
        "auth_url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "token_url": "https://sso.canvaslms.com/login/oauth2/token",
        "jwks_url": "https://sso.canvaslms.com/api/lti/security/jwks",
    },
    "canvas-beta": {
        "issuer": "https://canvas.beta.instructure.com",
        "auth_url": "https://sso.beta.canvaslms.com/api/lti/authorize_redirect",
        "token_url": "https://sso.beta.canvaslms.com/login/oauth2/token",
        "jwks_url": "https://sso.beta.canvaslms.com/api/lti/security/jwks",
    },
    "canvas-test": {
        "issuer": "https://canvas.test.instructure.com",
        "auth_url": "https://sso.test.canvaslms.com/api/lti/authorize_redirect",
        "token_url": "https://sso.test.canvaslms.com/login/oauth2/token",
        "jwks_url": "https://sso.test.canvaslms.com/api/lti/security/jwks",
    },
    "brightspace": {
        "issuer": "{url}",
        "auth_url": "{url}/d2l/lti/authenticate",
        "token_url": "https://auth.brightspace.com/core/connect/token",
        "jwks_url": "{url}/d2l/.well-known/jwks",
        "audience": "https://api.brightspace.com/auth/token",
    },
    "blackboard": {
        "issuer": "https://blackboard.com",
        "auth_url": "https://developer.blackboard.com/api/v1/gateway/oidcauth",
        "token_url": "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
        "jwks_url": "https://developer.blackboard.com/api/v1/management/applications/{client_id}/jwks.json",
    },
}

# issuers that are no address of the LMS -> the hosts that may speak for them
_SPEAKERS: Final[Mapping[str, tuple[str, ...]]] = {
    "https://canvas.instructure.com": ("canvas.instructure.com", "sso.canvaslms.com"),
    "https://canvas.beta.instructure.com": ("canvas.beta.instructure.com", "sso.beta.canvaslms.com"),
    "https://canvas.test.instructure.com": ("canvas.test.instructure.com", "sso.test.canvaslms.com"),
    "https://blackboard.com": ("blackboard.com", "developer.blackboard.com"),
}


def family(product_family_code: object) -> str:
    """The family of an LMS by the code that it gives itself; ``other`` for what is not known."""
    return _CODES.get(product_family_code.lower(), "other") if isinstance(product_family_code, str) else "other"


def preset(name: str, url: str, client_id: str) -> dict[str, Any]:
    """Issuer, addresses, family and frame origin of a preset. Raises Invalid where it needs ``url`` and has none."""
    template = PRESETS[name]
    address = url.rstrip("/")
    if not address and any("{url}" in value for value in template.values()):
        raise Invalid(f"--preset {name} needs --url, the address of the LMS, e.g. https://lms.example.org")
    filled: dict[str, Any] = {
        field: value.format(url=address, client_id=client_id) for field, value in template.items()
    }
    filled["family"] = name.partition("-")[0]
    if address:
        filled["frame_origins"] = (origin(address),)
        filled["service_hosts"] = (urlsplit(address).hostname or "",)  # Canvas's and Blackboard's issuers are elsewhere
    return filled


def may_speak_for(issuer: str, configuration_url: str) -> bool:
    """Whether a server may say what an issuer's addresses are: host and port must be the issuer's own, or listed."""
    host = urlsplit(configuration_url).netloc.lower()
    return host == urlsplit(issuer).netloc.lower() or host in _SPEAKERS.get(issuer, ())


def url_problem(url: object, *, is_development: bool) -> str:
    """What is wrong with an LMS's address, '' when nothing is. Production wants https."""
    wanted = ("http", "https") if is_development else ("https",)
    if not isinstance(url, str) or len(url) > 2000 or not url.isprintable() or " " in url:
        return "must be a URL"
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in wanted and parts.hostname and not parts.fragment and parts.username is None
        _ = parts.port
    except ValueError:
        return "must be a URL"
    return "" if is_fine else f"must be a URL that begins with {' or '.join(f'{one}://' for one in wanted)}"


def origin(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
