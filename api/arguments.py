"""Reading query parameters strictly: an unknown, repeated or wrong one is named, never ignored."""

from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from api.problems import Problem, field_error

_UNKNOWN = "There is no such parameter."
_MISSING = "This is needed."
_CODES = {_UNKNOWN: "unknown_parameter", _MISSING: "missing"}


class QuerySchema(ma.Schema):
    """Root of all schemas that read a query string."""

    error_messages = {"unknown": _UNKNOWN}

    class Meta:
        unknown = ma.RAISE


class Parser(FlaskParser):
    """webargs' parser, with our words for what is wrong."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": None}  # leave it to the schema

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """The query string. Raises Problem when a parameter is given twice: which one was meant is anybody's guess."""
        twice = sorted(name for name, values in req.args.lists() if len(values) > 1)
        if twice:
            raise _problem({name: ["Give this once."] for name in twice})
        return MultiDictProxy(req.args, schema)

    def handle_error(
        self, error: ma.ValidationError, req: Request, schema: ma.Schema, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        """Raise a Problem that lists each field."""
        messages = error.messages
        raise _problem(messages.get("query", {}) if isinstance(messages, dict) else {})


class StrictBlueprint(Blueprint):
    """A blueprint whose ``arguments`` are read by Parser."""

    ARGUMENTS_PARSER = Parser()


def _problem(fields: dict[str, list[str]]) -> Problem:
    errors = [
        field_error(str(name)[:100], text, _CODES.get(text, "not_valid"))
        for name, texts in sorted(fields.items())
        for text in texts
    ]
    count = f"{len(errors)} problem{'s' if len(errors) != 1 else ''}"
    return Problem("validation_failed", f"The request has {count}. Nothing was read.", errors=errors[:50])
