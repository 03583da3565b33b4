"""Why a login or launch is refused: a stable code each, with words for the person who meets it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """``what`` happened and what to ``do``, for people; ``status`` of the page."""

    title: str
    what: str
    do: str
    status: int = 400


_AGAIN = "Go back to your course and open the activity again."
_ADMIN = "Please show this page to the person who looks after your learning system."

REASONS: Final[dict[str, Reason]] = {
    "login_incomplete": Reason(
        "This link is incomplete", "Your learning system sent a sign-in request with a part missing.", _ADMIN
    ),
    "platform_unknown": Reason(
        "This learning system is not connected",
        "The tool does not know the learning system that sent you, or its connection is not active.",
        _ADMIN,
        403,
    ),
    "client_ambiguous": Reason(
        "This learning system did not say who it is",
        "More than one connection fits, and the sign-in request names none.",
        _ADMIN,
    ),
    "target_foreign": Reason(
        "This link leads somewhere else", "The activity's address does not belong to this tool.", _ADMIN
    ),
    "state_missing": Reason(
        "This page cannot be opened on its own", "It needs to be opened from an activity in your course.", _AGAIN
    ),
    "state_expired": Reason("That took too long", "The sign-in was started more than 10 minutes ago.", _AGAIN),
    "state_invalid": Reason(
        "This sign-in was not started here", "The sign-in does not match one that this tool began.", _AGAIN
    ),
    "state_used": Reason(
        "This sign-in has been used", "Each sign-in works once. Reloading this page cannot use it again.", _AGAIN, 403
    ),
    "browser_unknown": Reason(
        "Your browser did not bring its sign-in cookie",
        "Either this sign-in was started in another browser, or your browser keeps no cookies for pages inside other pages.",
        "Go back to your course and open the activity again. If this page comes back, open it in a new window or another browser.",
        403,
    ),
    "platform_error": Reason(
        "Your learning system stopped the sign-in", "It answered with an error instead of signing you in.", _AGAIN
    ),
    "token_missing": Reason(
        "Your learning system sent no sign-in", "The answer of your learning system holds no sign-in token.", _AGAIN
    ),
    "token_malformed": Reason(
        "The sign-in could not be read", "The sign-in token of your learning system is damaged or too large.", _ADMIN
    ),
    "algorithm_refused": Reason(
        "The sign-in is signed in a way that is not accepted", "Only RS256 signatures are accepted.", _ADMIN
    ),
    "key_unknown": Reason(
        "The sign-in's key is not known",
        "The sign-in was signed with a key that the learning system does not publish.",
        _ADMIN,
    ),
    "keys_unreachable": Reason(
        "The learning system's keys cannot be read",
        "The tool could not fetch the keys that prove who sent you.",
        "Please try again in a minute. If it keeps happening, tell the person who looks after your learning system.",
        502,
    ),
    "signature_invalid": Reason(
        "The sign-in's signature is wrong",
        "The sign-in was changed on its way, or was not made by your learning system.",
        _ADMIN,
        403,
    ),
    "token_expired": Reason(
        "The sign-in is too old", "The sign-in token ran out before it arrived, or a clock is wrong.", _AGAIN
    ),
    "issuer_mismatch": Reason(
        "The sign-in comes from another system",
        "The token's issuer is not the one that the sign-in began with.",
        _ADMIN,
        403,
    ),
    "audience_mismatch": Reason(
        "The sign-in is meant for somebody else", "The token's audience is not this tool's connection.", _ADMIN, 403
    ),
    "nonce_mismatch": Reason(
        "The sign-in does not belong to this request", "The token answers another sign-in.", _AGAIN, 403
    ),
    "claims_invalid": Reason(
        "The sign-in is incomplete", "The token of your learning system lacks something that LTI 1.3 requires.", _ADMIN
    ),
    "deployment_unknown": Reason(
        "This deployment is not approved yet",
        "The connection is known, but this part of your learning system has not been approved for it.",
        _ADMIN,
        403,
    ),
    "message_unsupported": Reason(
        "This kind of link is not supported",
        "The tool opens activities and lets teachers choose them. This link asks for something else.",
        _ADMIN,
    ),
    "anonymous_refused": Reason(
        "The tool needs to know who you are",
        "Your learning system sent you without a user id, so nothing could be kept for you.",
        _ADMIN,
        403,
    ),
    "notice_malformed": Reason(
        "The notice could not be read",
        "A delivery holds a list of signed notices and is not larger than 512 KiB.",
        _ADMIN,
    ),
    "picker_not_allowed": Reason(
        "Only teachers and designers can add activities",
        "Your role in this course does not allow adding activities.",
        "If you teach here, ask for an editing role in this course.",
        403,
    ),
    "review_not_allowed": Reason(
        "Only the people who teach the course can see a learner's work",
        "Your role in this course does not allow it.",
        "If you teach here, ask for a teaching role in this course.",
        403,
    ),
    "review_unknown": Reason(
        "There is no such learner in this course",
        "Your learning system asks for the work of somebody who has not opened this activity here.",
        _AGAIN,
        404,
    ),
}


class Refusal(Exception):
    """A login or launch that is refused. ``code`` is a key of REASONS; ``detail`` is for the administrator's record.

    ``return_url`` leads the person back to the course; '' where that is not known for certain.
    """

    def __init__(self, code: str, detail: str = "", return_url: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail[:300]
        self.return_url = return_url
        self.issuer = self.client_id = ""

    def of(self, issuer: str | None, client_id: str | None) -> "Refusal":
        """The same refusal, naming the registration that was asked for."""
        self.issuer, self.client_id = (issuer or "")[:200], (client_id or "")[:200]
        return self

    @property
    def reason(self) -> Reason:
        """The words for the person."""
        return REASONS[self.code]
