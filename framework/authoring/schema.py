"""JSON Schema first: the shape of a content file, told to its author in plain words."""

import functools
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from framework.authoring.sources import Finding, Source, Where

SCHEMAS = Path(__file__).parents[1] / "content" / "schema"
MAX_FINDINGS = 50  # per file; a file with more is mended in rounds

_TYPES = {
    "object": "a group of fields",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}


def check_schema(source: Source, kind: str) -> tuple[Finding, ...]:
    """What in a file does not fit its schema (framework, rules or module), in the order of the file."""
    errors = islice(_validator(kind).iter_errors(source.data), MAX_FINDINGS)
    findings = {finding for error in errors for finding in _findings(source, error)}
    return tuple(sorted(findings, key=lambda one: (one.line, one.rule, one.message)))


@functools.cache
def _validator(kind: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def _findings(source: Source, error: Any) -> Iterator[Finding]:
    where: Where = tuple(error.absolute_path)
    rule = f"schema.{error.validator}"
    if error.validator == "additionalProperties":
        for name in sorted(set(error.instance) - set(error.schema["properties"])):
            yield source.finding((*where, name), "schema.unknown", f"{path((*where, name))}: unknown field")
    elif error.validator == "required":
        for name in (name for name in error.validator_value if name not in error.instance):
            yield source.finding(where, rule, f"{path((*where, name))}: missing")
    elif "propertyNames" in error.absolute_schema_path:
        yield source.finding(
            (*where, error.instance), "schema.unknown", f"{path((*where, error.instance))}: unknown field"
        )
    else:
        yield source.finding(where, rule, f"{path(where)}: {_sentence(error)}")


def path(where: Where) -> str:
    """A path for people: ``sections[2].check.answer`` (lists counted from 1)."""
    written = ""
    for step in where:
        written += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if written else step
    return written or "the file"


def quoted(value: Any) -> str:
    """A value as it stands in the file, cut to a length that fits a line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _sentence(error: Any) -> str:
    value, wanted = error.instance, error.validator_value
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        quotes = "; put it in quotes" if kinds == ["string"] and not isinstance(value, dict | list | None) else ""
        return f"must be {' or '.join(_TYPES[kind] for kind in kinds)}, not {quoted(value)}{quotes}"
    if error.validator == "enum":
        return f"{quoted(value)} is not one of {', '.join(map(str, wanted))}"
    if error.validator == "const":
        return f"must be {quoted(wanted)}, not {quoted(value)}"
    if error.validator == "pattern":
        return f"{quoted(value)} is not {error.schema.get('description', 'in the right form')}"
    sentences = {
        "minLength": "is empty",
        "maxLength": f"is longer than {wanted} characters",
        "minItems": f"has fewer than {wanted}",
        "maxItems": f"has more than {wanted}",
        "maxProperties": f"has more than {wanted}",
        "minimum": f"{quoted(value)} is less than {wanted}",
        "maximum": f"{quoted(value)} is more than {wanted}",
        "uniqueItems": "holds the same thing twice",
    }
    return sentences.get(str(error.validator), f"{quoted(value)} does not fit")
