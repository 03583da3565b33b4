"""What a verified message says, as plain values for the store."""

import uuid
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from framework.store.arrivals import Arrival
from framework.store.tables import Platform
from lti_tool import sections, visit
from lti_tool.message import Message
from lti_tool.state import LaunchState
from workers import vocabulary


def arrival(
    message: Message,
    state: LaunchState,
    platform: Platform,
    deployment_id: uuid.UUID,
    secret: str,
    carrier: str,
    hours: int,
) -> Arrival:
    """The message as the store takes it. ``hours``: how long a visit may last at most."""
    claims = message.claims
    context = _object(claims, vocabulary.CONTEXT)
    link = _object(claims, vocabulary.RESOURCE_LINK)
    presentation = _object(claims, vocabulary.LAUNCH_PRESENTATION)
    grades = claims.get(vocabulary.AGS_ENDPOINT) or {}
    back = return_url(claims, platform)
    placed = sections.told(claims)
    return Arrival(
        launch_id=state.launch_id,
        secret_hash=visit.hash_secret(secret),
        platform_id=platform.id,
        deployment_id=deployment_id,
        sub=message.sub,
        roles=tuple(claims[vocabulary.ROLES]),
        role=message.role,
        is_test=message.is_test,
        expires_at=visit.expiry(visit.hours(hours, carrier)),
        name=_text(claims.get("name")) if message.sub else None,
        email=_text(claims.get("email")) if message.sub else None,
        locale=_text(presentation.get("locale") or claims.get("locale")),
        sourcedid=_text(_object(claims, vocabulary.LIS).get("person_sourcedid")),
        context_lti_id=context.get("id", ""),
        context_title=_text(context.get("title") or context.get("label")) or "",
        memberships_url=_text((claims.get(vocabulary.NAMES_AND_ROLES) or {}).get("context_memberships_url"), 2000),
        lineitems_url=_text(grades.get("lineitems"), 2000),
        lineitem_url=_text(grades.get("lineitem"), 2000),
        scopes=tuple(one for one in grades.get("scope") or () if isinstance(one, str)),
        link_lti_id=None if message.is_deep_linking else link["id"],
        link_title=_text(link.get("title")) or "",
        custom=_custom(claims),
        return_url=back,
        frame_origin=origin(back) if back else None,
        deep_linking=dict(claims[vocabulary.DEEP_LINKING_SETTINGS]) if message.is_deep_linking else None,
        review_of_sub=claims[vocabulary.FOR_USER]["user_id"] if message.is_review else None,
        carrier=carrier,
        sections=placed.ids,
        section_titles=placed.titles,
        groups_url=placed.groups_url,
    )


def _custom(claims: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters as texts. A value that begins with $ is a variable that the LMS did not fill in."""
    found = _object(claims, vocabulary.CUSTOM)
    return {
        name: value[:1000]
        for name, value in list(found.items())[:100]
        if isinstance(value, str) and not value.startswith("$")
    }


def _object(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], claims.get(name) or {})


def _text(value: object, longest: int = 255) -> str | None:
    """A text cut to size, without control characters and lone surrogates; None for anything else and for ''."""
    if not isinstance(value, str):
        return None
    cut = value[:longest]
    clean = cut if cut.isprintable() else "".join(mark for mark in cut if mark.isprintable())
    return clean.strip() or None


def return_url(claims: Mapping[str, Any], platform: Platform) -> str | None:
    """Where the person goes when the tool is done with them; None unless it is a safe address of this LMS's kind."""
    value = _object(claims, vocabulary.LAUNCH_PRESENTATION).get("return_url")
    if not isinstance(value, str) or len(value) > 2000:
        return None
    scheme = urlsplit(value).scheme
    is_fine = scheme == "https" or (scheme == "http" and platform.issuer.startswith("http://"))
    return value if is_fine and urlsplit(value).netloc else None


def origin(url: str) -> str:
    """Scheme, host and port of a URL, as browsers write them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
