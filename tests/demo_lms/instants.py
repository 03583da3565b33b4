"""Timestamps of scores."""

from datetime import UTC, datetime


def parsed(text: object) -> float | None:
    """An ISO 8601 date and time as Unix seconds; without a zone it is read as UTC. None when it is none."""
    if not isinstance(text, str) or len(text) < len("2026-01-01T00:00"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def written(seconds: float, milliseconds: bool = False) -> str:
    """Unix seconds as ISO 8601 with zone."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds" if milliseconds else "seconds")
