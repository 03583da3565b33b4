"""Custom parameters: how each platform keeps them and what it sends at launch.

Moodle keeps ``key=value`` lines, so a newline in a value starts another parameter; it sends each key in
lower case with ``_`` for other characters, and the original too where that differs; every value is a
string; what is registered for the whole tool wins over the activity's own. Canvas keeps JSON. Both
resolve values that start with ``$`` and send unknown variables as they are.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

TOOL_WIDE: dict[str, dict[str, str]] = {
    "moodle": {
        "context_id_history": "$Context.id.history",
        "resource_link_id_history": "$ResourceLink.id.history",
        "user_group_ids": "$Moodle.Person.userGroupIds",
    },
    "canvas": {
        "context_id_history": "$Context.id.history",
        "previous_context_ids": "$Canvas.course.previousContextIds",
        "canvas_course_id": "$Canvas.course.id",
        "canvas_term_name": "$Canvas.term.name",
        "section_ids": "$Canvas.course.sectionIds",
        "section_names": "$com.instructure.User.sectionNames",
    },
}


def moodle_lines(custom: Mapping[str, Any]) -> str:
    """The text that Moodle keeps for an activity's custom parameters."""
    return "\n".join(f"{key}={_moodle_text(value)}" for key, value in custom.items())


def _moodle_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, (dict, list)):
        return "Array"
    return "" if value is None else str(value)


def moodle_sent(kept: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What Moodle sends at a launch for the lines it kept and the tool-wide parameters."""
    sent: dict[str, str] = {}
    for line in (*kept.splitlines(), *(f"{key}={value}" for key, value in TOOL_WIDE["moodle"].items())):
        key, found, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if not found or not key:
            continue
        plain = re.sub(r"[^a-z0-9]", "_", key.lower())
        sent[plain] = sent[key] = str(_resolved(value, variables))
    return sent


def canvas_sent(kept: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """What Canvas sends at a launch: tool-wide parameters, then the link's own, which win."""
    custom: dict[str, Any] = TOOL_WIDE["canvas"] | json.loads(kept or "{}")
    return {key: _resolved(value, variables) for key, value in custom.items()}


def as_kept(platform: str, kept: str) -> dict[str, Any]:
    """The activity's own parameters as a dictionary, unresolved, for the state door and pages."""
    if platform == "canvas":
        parameters: dict[str, Any] = json.loads(kept or "{}")
        return parameters
    pairs = (line.partition("=") for line in kept.splitlines())
    return {key.strip(): value.strip() for key, found, value in pairs if found and key.strip()}


def _resolved(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return variables.get(value[1:], value)
    return value
