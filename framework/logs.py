"""Logging: one JSON line per event in production, readable lines in development. No names, tokens or answers."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from framework.settings import Settings

WORDY = ("sqlalchemy", "urllib3")  # at DEBUG they write values of rows and addresses with their queries
_SECRET = re.compile(r"(/v/vis_[a-z2-7]+)\.[^/\s?]+|(eyJ[\w-]{8,})\.[\w.-]+|((?:secret|token|sesskey)=)[^&\s]+")


def configure(settings: Settings) -> None:
    """Set up logging for this process: the standard library's loggers all end in one handler. Safe to call twice."""
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = (
        structlog.dev.ConsoleRenderer(colors=False) if settings.is_development else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _mask,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for library in WORDY:
        logging.getLogger(library).setLevel(max(root.level, logging.WARNING))


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out secrets that a URL or an error text may carry."""
    return {name: mask(value) if isinstance(value, str) else value for name, value in event.items()}


def mask(text: str) -> str:
    """A text without visit secrets, tokens and session keys."""
    return _SECRET.sub(lambda found: next(group for group in found.groups() if group) + "[masked]", text)
