"""Open edX's LTI platform (``lti-consumer-xblock``) as a program: a JSON object a line in, one a line out.

It runs in an environment of its own (``make .venv/.openedx``), because it is under the AGPL and wants Django; nothing
of the product or of its tests imports it. Each request names a step below; an error comes back as ``{"error": ...}``.
"""

import json
import sys
from typing import Any

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "lti_consumer", "config_models"],
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    PLATFORM_NAME="Open edX",
    LMS_ROOT_URL="http://openedx.example.org",
    LMS_BASE="openedx.example.org",
    FEATURES={},
    USE_TZ=True,
)
django.setup()

from lti_consumer.data import Lti1p3LaunchData  # noqa: E402  # Django has to be set up first
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer  # noqa: E402  # Django wants its settings first


class Platform:
    """One registration of one tool; ``steps`` are its public methods."""

    def __init__(self, *, url: str, tool: str, client_id: str, deployment_id: str) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.url, self.tool = url, tool
        self.consumer = LtiAdvantageConsumer(
            iss=url,
            lti_oidc_url=f"{tool}/lti/login",
            lti_launch_url=f"{tool}/lti/launch",
            client_id=client_id,
            deployment_id=deployment_id,
            rsa_key=pem.decode(),
            rsa_key_id="openedx-1",
            redirect_uris=[f"{tool}/lti/launch"],
            tool_keyset_url=f"{url}/tool-keys",
        )
        self.consumer.enable_ags(f"{url}/lineitems", allow_programmatic_grade_interaction=True)
        self.consumer.enable_nrps(f"{url}/members")
        self.consumer.enable_deep_linking(f"{tool}/lti/launch", f"{url}/picked")

    def keys(self) -> Any:
        return self.consumer.get_public_keyset()

    def login(self, *, user: str, role: str, picks: bool) -> Any:
        """The address of the login initiation."""
        return self.consumer.prepare_preflight_url(
            Lti1p3LaunchData(
                user_id=user,
                user_role=role,
                config_id="configuration-1",
                resource_link_id="link-1",
                message_type="LtiDeepLinkingRequest" if picks else "LtiResourceLinkRequest",
            )
        )

    def launch(self, *, asked: dict[str, str], user: str, role: str) -> Any:
        """The form that answers an authentication request."""
        self.consumer.set_user_data(user, role, full_name="Ann Example")
        self.consumer.set_resource_link_claim("link-1", title="Self-belief")
        self.consumer.set_context_claim("course-1", context_title="A course")
        self.consumer.set_custom_parameters({"activity_id": "self-belief"})
        return self.consumer.generate_launch_request(asked)

    def picked(self, *, token: str) -> Any:
        """The items of a deep linking answer, once it has been checked."""
        return self.consumer.check_and_decode_deep_linking_token(token)

    def token(self, *, form: dict[str, str]) -> Any:
        """An access token for a client assertion, once that has been checked."""
        return self.consumer.access_token(form)

    def check(self, *, token: str, scope: str) -> Any:
        """Whether an access token is good for a scope."""
        return self.consumer.check_token(token, [scope])


def main() -> None:
    platform = Platform(**json.loads(sys.stdin.readline()))
    print(json.dumps("ready"), flush=True)  # noqa: T201  # this is how it talks
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"answer": getattr(platform, asked.pop("step"))(**asked)}
        except Exception as error:  # noqa: BLE001  # the library's errors are many; the test shows which it was
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)  # noqa: T201  # this is how it talks


if __name__ == "__main__":
    main()
