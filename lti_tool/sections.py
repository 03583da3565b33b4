"""What a launch tells of a person's sections and groups, by the variables that this tool asks each LMS for.

Canvas: ``$Canvas.course.sectionIds`` ("42, 43") and ``$com.instructure.User.sectionNames`` (a JSON list, in the order
of the ids). Moodle: ``$Moodle.Person.userGroupIds`` ("5,9"; it has no variable for their names). Elsewhere the roster
tells it, where the LMS has the service for groups (Course Groups 1.0).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from framework.store import sections
from workers import vocabulary

SECTION_IDS, SECTION_NAMES, GROUP_IDS = "section_ids", "section_names", "user_group_ids"
MOODLE_CUSTOM: Final = {GROUP_IDS: "$Moodle.Person.userGroupIds"}
CANVAS_CUSTOM: Final = {
    SECTION_IDS: "$Canvas.course.sectionIds",
    SECTION_NAMES: "$com.instructure.User.sectionNames",
}
LONGEST = 20_000  # of a variable's value


@dataclass(frozen=True, slots=True)
class Told:
    """``ids`` is None where the LMS does not say. ``groups_url``: where the roster's groups have their titles."""

    ids: tuple[str, ...] | None
    titles: dict[str, str] = field(default_factory=dict)
    groups_url: str | None = None


def told(claims: Mapping[str, Any]) -> Told:
    """The sections of whoever launches.

    Where the LMS has sections, its groups are not asked for: instructors are put in charge of sections.
    """
    said = claims.get(vocabulary.CUSTOM)
    custom = said if isinstance(said, dict) else {}
    ids = _listed(custom.get(SECTION_IDS))
    if ids is not None:
        return Told(sections.usable(ids), _titles(ids, custom.get(SECTION_NAMES)))
    groups = _listed(custom.get(GROUP_IDS))
    return Told(None if groups is None else sections.usable(groups), groups_url=_groups_url(claims))


def _listed(value: object) -> list[str] | None:
    """The ids of a list with commas; [] of '', None of a variable that the LMS did not fill in."""
    if not isinstance(value, str) or value.startswith("$") or len(value) > LONGEST:
        return None
    return [one.strip() for one in value.split(",") if one.strip()]


def _titles(ids: list[str], value: object) -> dict[str, str]:
    """Titles by id, where there is one for each."""
    if isinstance(value, str):
        value = _decoded(value)
    if not isinstance(value, list) or len(value) != len(ids):
        return {}
    pairs = ((one, _title(name)) for one, name in zip(ids, value, strict=True) if sections.usable([one]))
    return dict([(one, name) for one, name in pairs if name][: sections.MOST_OF_A_PERSON])


def _decoded(value: str) -> object:
    """A JSON text, which Canvas may have escaped once more; None when it is neither."""
    for text in (value, value.replace('\\"', '"')) if len(value) <= LONGEST else ():
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            continue
    return None


def _title(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return "".join(mark for mark in value[: sections.LONGEST] if mark.isprintable()).strip()


def _groups_url(claims: Mapping[str, Any]) -> str | None:
    service = claims.get(vocabulary.GROUPS_SERVICE)
    url = service.get("context_groups_url") if isinstance(service, dict) else None
    return url if isinstance(url, str) and 0 < len(url) <= 2000 and url.isprintable() else None
