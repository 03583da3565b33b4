"""JSON as the specifications mean it: NaN and Infinity are no numbers."""

import json
from typing import Any


def parsed(text: str) -> Any:
    """The value a JSON text stands for. Raises ValueError, also for NaN and Infinity, which Python would take."""
    return json.loads(text, parse_constant=_refused)


def parsed_object(text: str) -> dict[str, Any] | None:
    """The JSON object a body holds; None when it holds anything else."""
    try:
        value = parsed(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
