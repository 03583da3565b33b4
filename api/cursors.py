"""A reader's place in a list, as a signed text: good for 24 hours and for the same question only."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request

from api.auth import caller
from api.door import door
from api.problems import KINDS, Problem
from api.signing import Expired, Forged

LIFETIME = 24 * 3600
_LONGEST = 1000  # characters; ours have about 250
_NOT_FILTERS = ("cursor", "limit")


def seal(place: Mapping[str, Any]) -> str:
    """The cursor for a place in the list that this request asks for."""
    return door().cursors.seal({"f": _question(), **place}, LIFETIME)


def resume(text: str | None) -> Mapping[str, Any] | None:
    """The place a cursor keeps; None without a cursor. Raises Problem for a forged, old or foreign one."""
    if text is None:
        return None
    try:
        if len(text) > _LONGEST:
            raise Forged
        place = door().cursors.open(text)
    except Forged:
        raise _refused("cursor_invalid") from None
    except Expired:
        raise _refused("cursor_expired") from None
    if place.get("f") != _question():
        raise _refused("cursor_mismatch")
    return place


def link(cursor: str, parameter: str = "cursor") -> dict[str, str]:
    """The Link header (RFC 8288) to the next page of the list that this request asks for."""
    query = {**request.args.to_dict(), parameter: cursor}
    address = f"{door().url}{request.path}?{urlencode(query)}"
    return {"Link": f'<{address}>; rel="next"'}


def _question() -> str:
    """A digest of the list, its filters and the tenant that asks."""
    filters = sorted((name, value) for name, value in request.args.items() if name not in _NOT_FILTERS)
    text = json.dumps([caller().tenant_id, request.path, filters])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _refused(code: str) -> Problem:
    return Problem(code, KINDS[code].advice)
