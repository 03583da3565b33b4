"""The API keeps what its description promises, for requests that a program made up (schemathesis)."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client

from tests.api.conftest import Course, Reader

pytestmark = pytest.mark.one_database

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    ("/oauth/token", "POST"),
    ("/v1/progress", "GET"),
    ("/v1/progress/{progress_id}", "GET"),
    ("/v1/grades/{grade_id}/resend", "POST"),
    ("/v1/awards", "GET"),
    ("/v1/people", "GET"),
    ("/v1/changes", "GET"),
    ("/v1/", "GET"),
    ("/problems/{name}", "GET"),
]


def test_every_operation_is_tried(web: Client) -> None:
    described: Any = web.get("/api/v1/openapi.json").json
    assert {path for path, _ in OPERATIONS} == set(described["paths"])


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_as_described(course: Course, web: Client, reader: Reader, path: str, method: str) -> None:
    """Statuses, media types and bodies are the described ones, whatever the parameters, with and without a token."""
    course.finish(course.learner())
    course.learner()
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", web.application)
    statuses: set[int] = set()

    @given(case=described[path][method].as_strategy())
    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def keeps_promise(case: Any) -> None:
        for headers in ({"Authorization": f"Bearer {reader.token}"}, {}):
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS)
            statuses.add(response.status_code)

    keeps_promise()
    assert statuses


def test_full_answers_are_as_described(course: Course, web: Client, reader: Reader) -> None:
    """Made-up filters mostly find nothing; here every field has a value."""
    for _ in range(3):
        course.finish(course.learner())
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", web.application)
    operation = described["/v1/progress"]["GET"]
    for query in ({}, {"limit": 1}, {"updated_since": "2026-01-01T00:00:00Z"}, {"quality": "self-belief"}):
        case = operation.Case(query=query)
        response = case.call(headers={"Authorization": f"Bearer {reader.token}"})
        assert response.status_code == 200 and response.json()["data"]
        case.validate_response(response, checks=CHECKS)
