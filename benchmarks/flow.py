"""One launch as an LMS and a browser play it: login, signed answer, first page. And that a tool really verifies."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.connections import Answer, Connection
from benchmarks.tools import CLIENT_ID, DEPLOYMENT, ISSUER, Tool
from tests.lti_tool.platform import sign
from workers import vocabulary as v

LEARNERS = 100
HOPS = 5  # redirects from the launch to the first page, at most
REDIRECTS = (302, 303)


class Wrong(Exception):
    """A tool that answered otherwise than a tool must: its speed means nothing."""


def claims(tool: Tool, number: int, nonce: str) -> dict[str, Any]:
    """What an LMS says of a learner who opens an activity: grade service, roster and presentation included."""
    at = int(time.time())
    learner = number % LEARNERS
    return {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": f"learner-{learner}",
        "iat": at,
        "exp": at + 600,
        "nonce": nonce,
        "name": f"Learner {learner}",
        "given_name": "Learner",
        "family_name": str(learner),
        "email": f"learner-{learner}@bench.example",
        v.DEPLOYMENT_ID: DEPLOYMENT,
        v.MESSAGE_TYPE: v.RESOURCE_LINK_REQUEST,
        v.VERSION: "1.3.0",
        v.TARGET_LINK_URI: tool.target,
        v.ROLES: [f"{v.MEMBERSHIP}#Learner", "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"],
        v.CONTEXT: {"id": "7", "label": "LEAD", "title": "Leadership", "type": ["CourseSection"]},
        v.RESOURCE_LINK: {"id": "12", "title": "Self-belief"},
        v.CUSTOM: {"activity_id": "self-belief"},
        v.LAUNCH_PRESENTATION: {"document_target": "iframe", "locale": "en", "return_url": f"{ISSUER}/course/7"},
        v.TOOL_PLATFORM: {"guid": "lms", "name": "LMS", "product_family_code": "moodle", "version": "2024100700"},
        v.AGS_ENDPOINT: {
            "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
            "lineitems": f"{ISSUER}/lineitems?type_id=1",
            "lineitem": f"{ISSUER}/lineitems/3/lineitem?type_id=1",
        },
        v.NAMES_AND_ROLES: {"context_memberships_url": f"{ISSUER}/members", "service_versions": ["2.0"]},
    }


def login(tool: Tool, number: int) -> bytes:
    """The first request of a launch. It has no Sec-Fetch-Dest, so this tool answers at once and not with a page."""
    fields = {
        "iss": ISSUER,
        "client_id": CLIENT_ID,
        "login_hint": str(number % LEARNERS),
        "lti_message_hint": "12",
        "target_link_uri": tool.target,
        "lti_deployment_id": DEPLOYMENT,
    }
    return tool.server.post(tool.login, fields, {})


def answer(tool: Tool, number: int, begun: Answer, *, is_forged: bool = False) -> bytes:
    """The second request: the LMS's signed answer to a login, brought by the browser that began it.

    A forged one says that it is the next learner's, with the first one's signature.
    """
    if begun.status not in REDIRECTS:
        raise Wrong(f"{tool.name} answered a login with {begun.status}: {begun.body[:200]!r}")
    query = {name: values[0] for name, values in parse_qs(urlsplit(begun.location).query).items()}
    token = sign(claims(tool, number, query["nonce"]))
    if is_forged:
        other = sign(claims(tool, number + 1, query["nonce"]))
        token = f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}"
    return tool.server.post(tool.launch, {"state": query["state"], "id_token": token}, begun.cookies)


def onward(tool: Tool, at: Answer, cookies: dict[str, str]) -> bytes:
    """The request that a redirect leads to."""
    where = urlsplit(at.location)
    return tool.server.get(where.path + (f"?{where.query}" if where.query else ""), cookies)


def check(tool: Tool) -> str:
    """That a forged message opens nothing and a true one a page. Answers what becomes of a message's second use."""
    connection = Connection(tool.server)
    forged = answer(tool, 0, connection.ask(login(tool, 0)), is_forged=True)
    if connection.ask(forged).status < 400:
        raise Wrong(f"{tool.name} lets a forged message in")
    begun = connection.ask(login(tool, 0))
    request = answer(tool, 0, begun)
    page = connection.ask(request)
    cookies = begun.cookies | page.cookies
    for _ in range(HOPS):
        if page.status in REDIRECTS:
            page = connection.ask(onward(tool, page, cookies))
    if page.status != 200 or b"Learner 0" not in page.body:
        raise Wrong(f"{tool.name} shows {page.status} to a learner: {page.body[:300]!r}")
    again = connection.ask(request)
    connection.close()
    return "refused" if again.status >= 400 else "let in"
