"""The launch's state: a signed token that carries the login through the LMS, so that a login writes nothing.

LTI Security Framework 1.0, "Authentication Response Validation"; OpenID Connect Core 3.1.2.1 (state, nonce).
It is bound to the browser by a cookie of its own, and used up by the unique launch id of the visit row.
"""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from lti_tool.refusals import Refusal

LIFETIME = 600  # seconds from login to launch


@dataclass(frozen=True, slots=True)
class LaunchState:
    """What a login knows. ``deployment`` is the LMS's hint, None when it sent none.

    ``storage``: the frame that keeps the proof where no cookie is kept, '' when the page has to ask which one it is,
    None when the login went on without a page.
    """

    launch_id: uuid.UUID
    platform_id: uuid.UUID
    nonce: str
    target: str
    deployment: str | None
    storage: str | None


class States:
    """Seals and opens states with a key derived from LQF_SECRET_KEY."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(
            secret, salt="lti launch state", signer_kwargs={"digest_method": hashlib.sha256}
        )
        self._binding_key = hashlib.sha256(b"lti browser binding" + secret.encode()).digest()
        self._storage_key = hashlib.sha256(b"lti platform storage" + secret.encode()).digest()

    def new(
        self, platform_id: uuid.UUID, target: str, deployment: str | None, storage: str | None = None
    ) -> LaunchState:
        """A state that has never been used; launch id and nonce carry 122 and 192 random bits."""
        return LaunchState(uuid.uuid4(), platform_id, secrets.token_urlsafe(24), target, deployment, storage)

    def seal(self, state: LaunchState) -> str:
        """The text that goes through the LMS."""
        fields = [
            state.launch_id.hex,
            state.platform_id.hex,
            state.nonce,
            state.target,
            state.deployment,
            state.storage,
        ]
        return str(self._serializer.dumps(fields))

    def open(self, text: str) -> LaunchState:
        """The state in a text. Raises Refusal when it is missing, altered, too old or not ours."""
        if not text:
            raise Refusal("state_missing")
        try:
            launch, platform, nonce, target, deployment, storage = self._serializer.loads(text, max_age=LIFETIME)
        except SignatureExpired:
            raise Refusal("state_expired") from None
        except (BadSignature, ValueError, TypeError):
            raise Refusal("state_invalid") from None
        return LaunchState(uuid.UUID(launch), uuid.UUID(platform), nonce, target, deployment, storage)

    def browser_secret(self, launch_id: uuid.UUID) -> str:
        """What this launch's cookie must hold. It is derived, so no row is written at login."""
        return hmac.new(self._binding_key, launch_id.bytes, hashlib.sha256).hexdigest()

    def is_same_browser(self, launch_id: uuid.UUID, cookie: str) -> bool:
        """Whether a cookie proves that this browser began the launch."""
        return hmac.compare_digest(self.browser_secret(launch_id).encode(), cookie.encode())

    def storage_secret(self, launch_id: uuid.UUID) -> str:
        """What the platform keeps for this browser where it keeps no cookie. Never the state: that travels openly."""
        return hmac.new(self._storage_key, launch_id.bytes, hashlib.sha256).hexdigest()

    def is_stored(self, launch_id: uuid.UUID, secret: str) -> bool:
        """Whether a secret proves that this browser has got it back from the platform's storage."""
        return hmac.compare_digest(self.storage_secret(launch_id).encode(), secret.encode())


def cookie_name(launch_id: uuid.UUID) -> str:
    """One cookie per launch, so that two tabs never collide."""
    return f"lqf_state_{launch_id.hex}"


def storage_key(launch_id: uuid.UUID) -> str:
    """The name under which the platform keeps the proof."""
    return f"lqf_{launch_id.hex}"
