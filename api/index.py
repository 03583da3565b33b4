"""``GET /v1/``: where everything is. ``GET /problems/<kind>``: what a kind of problem means."""

from typing import Any

from flask import Response, jsonify

from api.arguments import StrictBlueprint
from api.door import door
from api.problems import KINDS, PAGES, type_url
from api.schemas import LinksSchema
from framework.errors import NotFound

blueprint = StrictBlueprint("Index", __name__, description="Where everything is.")


@blueprint.get("/v1/")
@blueprint.doc(operationId="listLinks", security=[])
@blueprint.response(200, LinksSchema)
def links() -> Any:
    """List the addresses of this API. Needs no token."""
    paths = {
        "self": "v1/",
        "token": "oauth/token",
        "description": "v1/openapi.json",
        "documentation": "docs",
        "progress": "v1/progress",
        "people": "v1/people",
        "awards": "v1/awards",
        "changes": "v1/changes",
    }
    return {"version": "v1", "links": {name: f"{door().url}/{path}" for name, path in paths.items()}}


@blueprint.get(f"/{PAGES}/<name>")
@blueprint.doc(operationId="explainProblem", security=[])
@blueprint.response(200, {"type": "object"})
def problem(name: str) -> Response:
    """Explain a kind of problem: the address in a problem document's `type`."""
    code = name.replace("-", "_")
    if code not in KINDS or "_" in name:
        raise NotFound("There is no such kind of problem.")
    kind = KINDS[code]
    return jsonify(type=type_url(code), code=code, status=kind.status, title=kind.title, advice=kind.advice)
