"""The picker: a designer chooses activities inside the LMS, and the browser takes them there.

Deep Linking 2.0. The answer is a signed message that the designer's own browser posts to the LMS; each item carries a
``dl_uuid`` under which the choice is kept, so that a copied course finds it again.
"""

import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import terms
from framework.catalogue import Catalogue
from framework.errors import Invalid, NotAllowed
from framework.store import editions, placements, platforms, tool_keys
from framework.store.arrivals import TAG
from framework.store.sessions import now
from lti_tool import choosing, content_language, parts, picking, security, visit
from lti_tool.frame import show
from lti_tool.picking import Limits, PickedItem
from lti_tool.presenters import choice, notices, pick
from lti_tool.presenters.frame import Form
from lti_tool.presenters.pick import Place
from lti_tool.visit import Visit
from workers import vocabulary

blueprint = visit.guard(Blueprint("deep_linking", __name__, url_prefix=visit.PREFIX))

ANSWER_SECONDS = 300
CONTENT_TYPE = "ltiResourceLink"  # the one kind of content item that this tool makes
REVIEWED = ("module", "scenarios")  # kinds whose answers an instructor may see from the gradebook


@blueprint.get("/pick")
def picker() -> ResponseReturnValue:
    """Programme first, then every activity by cluster and quality."""
    if CONTENT_TYPE not in _asked()["accept_types"]:
        return show("launch/onward.html", notices.cannot_pick(g.visit.course_title, url_for(".cancelled")))
    return choosing.listed(_catalogue(), _place(), _limits())


@blueprint.post("/pick/list")
def again() -> ResponseReturnValue:
    """The list once more: narrowed by a search, or filled by a preset."""
    return choosing.again(_catalogue(), _place(), _limits())


@blueprint.post("/pick/order")
def arranged() -> ResponseReturnValue:
    """What is chosen, to be put in order and given settings."""
    return choosing.arranged(_catalogue(), _place())


@blueprint.post("/pick")
def picked() -> ResponseReturnValue:
    """Keep the choice, and send the browser back to the LMS with the items."""
    asked = _asked()
    here: Visit = g.visit
    if CONTENT_TYPE not in asked["accept_types"]:
        raise NotAllowed("Your learning system asks for another kind of content than this tool has.")
    try:
        with parts.store().transaction(here.tenant_id) as session:
            content_language.choose(session)
            _, catalogue = editions.current(session)
            chosen = picking.items(catalogue, choice.read(request.form), _limits())
            items = [_keep(session, here, catalogue, one) for one in chosen]
    except Invalid as error:
        return choosing.refused(catalogue, _place(), _limits(), error)
    return _answer(asked, items)


@blueprint.post("/pick/cancel")
def cancelled() -> ResponseReturnValue:
    """Back to the LMS with nothing."""
    asked = _asked()
    if CONTENT_TYPE not in asked["accept_types"]:
        return _answer(asked, [], error="This tool offers activities, and this place takes something else.")
    return _answer(asked, [], "Nothing was added.")


def _asked() -> dict[str, Any]:
    """The deep linking settings of this visit. Raises NotAllowed for other visits."""
    here: Visit = g.visit
    if here.mode != "deep_linking" or here.deep_linking is None or not here.is_instructor:
        raise NotAllowed("Activities are added from your course's own “add content” page.")
    return here.deep_linking


def _limits() -> Limits:
    """What the platform takes; some send texts for true and false."""
    asked = _asked()
    many, columns = asked.get("accept_multiple"), asked.get("accept_lineitem", True)
    return choosing.limits(many=many in (True, "true"), columns=columns not in (False, "false"))


def _place() -> Place:
    takes = _limits()
    return choosing.place(
        takes,
        title=pick.title(g.visit.course_title),
        lead="",
        note=pick.limits(many=takes.many, columns=takes.columns),
        add=Form(url_for(".picked"), "Add to course"),
        again=url_for(".again"),
        arrange=url_for(".arranged"),
        cancel=Form(url_for(".cancelled"), "Cancel"),
    )


def _catalogue() -> Catalogue:
    with parts.store().reading(g.visit.tenant_id) as session:
        content_language.choose(session)
        return editions.current(session)[1]


def _keep(session: Session, here: Visit, catalogue: Catalogue, one: PickedItem) -> dict[str, Any]:
    """Keep one choice and make its content item. No member is null: some platforms trip over that."""
    dl_uuid = str(uuid.uuid4())
    settings = one.settings
    placements.keep_pick(session, here.context_id, dl_uuid, catalogue, one.activity, one.title, settings, now=now())
    several = len(editions.frameworks(session)) > 1
    item: dict[str, Any] = {
        "type": CONTENT_TYPE,
        "title": one.title[:255],
        "text": one.activity.summary[:1000],
        "url": f"{parts.settings().base_url}/lti/launch",
        "custom": {
            "activity_id": f"{catalogue.framework_key}/{one.activity.key}" if several else one.activity.key,
            "dl_uuid": dl_uuid,
        },
    }
    item |= _moments(settings)
    if one.maximum is not None:
        # Moodle takes whole numbers from 1 to 100 alone
        item["lineItem"] = {
            "label": one.title[:255],
            "scoreMaximum": int(one.maximum),
            "resourceId": one.activity.key,
            "tag": TAG,
        }
        if one.activity.kind in REVIEWED:
            item["lineItem"]["submissionReview"] = {
                "reviewableStatus": ["Completed"],
                "label": "See the answers",
                "url": item["url"],
            }
    return item


def _moments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """When a choice is open and until when it is taken, as an item says it (Deep Linking 2.0, ISO 8601 with zone)."""
    term = terms.read(settings)
    spans = {
        "available": {"startDateTime": term.opens_at, "endDateTime": term.closes_at},
        "submission": {"endDateTime": term.due_at or term.closes_at},
    }
    told = {
        name: {at: moment.isoformat(timespec="seconds") for at, moment in span.items() if moment is not None}
        for name, span in spans.items()
    }
    return {name: span for name, span in told.items() if span}


def _answer(
    asked: dict[str, Any], items: Sequence[dict[str, Any]], said: str = "", error: str = ""
) -> ResponseReturnValue:
    """A page whose form takes the signed answer to the LMS, by itself or by its button."""
    here: Visit = g.visit
    url: str = asked["deep_link_return_url"]
    security.allow_form_to(url)
    page = notices.returning(here.course_title, url, (("JWT", _message(here, asked, items, said, error)),))
    return show("pick/return.html", page)


def _message(here: Visit, asked: dict[str, Any], items: Sequence[dict[str, Any]], said: str, error: str) -> str:
    """The signed LtiDeepLinkingResponse (Deep Linking 2.0, 4.1). ``data`` goes back exactly if it came."""
    with parts.store().directory_reading() as session:
        platform = platforms.platform(session, here.platform_id)
        deployment = platforms.deployment_by_id(session, here.deployment_id)
        key = tool_keys.signing_key(session, parts.settings().secret_key.get_secret_value())
    assert platform is not None and deployment is not None  # noqa: S101  # the visit's own, found with it
    at = int(time.time()) - 5  # an LMS whose clock is behind refuses what comes from the future
    claims: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": at,
        "exp": at + ANSWER_SECONDS,
        "nonce": secrets.token_urlsafe(24),
        vocabulary.DEPLOYMENT_ID: deployment.lti_deployment_id,
        vocabulary.MESSAGE_TYPE: vocabulary.DEEP_LINKING_RESPONSE,
        vocabulary.VERSION: "1.3.0",
        vocabulary.CONTENT_ITEMS: list(items),
    }
    if "data" in asked:
        claims[vocabulary.DATA] = asked["data"]
    if said:
        claims[vocabulary.MESSAGE] = said
    if error:
        claims[vocabulary.ERROR_MESSAGE] = claims[vocabulary.ERROR_LOG] = error
    return jwt.encode(claims, key.private_key, algorithm="RS256", headers={"kid": key.kid})
