"""Notices of the platform (K): a copied course is prepared before anybody opens it; forged notices do nothing."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, Response, jsonify, request

from framework.settings import Settings
from framework.store import tasks
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import Audit, CopiedPlacement, Deployment, Evidence, Notice, Platform, Progress, Task
from lti_tool import notices as door
from tests.certification.framing_lms import served
from tests.certification.test_copies_and_reviews import answers_everything, link, place, rows, settle
from tests.lti_tool import platform
from tests.lti_tool.platform import KEY, Key, enter, sign
from workers import notices, workshop
from workers import vocabulary as v
from workers.workshop import Workshop

CLAIM = {
    "service_versions": ["1.0"],
    "platform_notification_service_url": "",
    "scope": [v.SCOPE_NOTICES],
    "notice_types_supported": ["LtiHelloWorldNotice", v.CONTEXT_COPY_NOTICE],
}


def told(**changes: Any) -> dict[str, Any]:
    """Claims of a notice that course-2 is a copy of course-1."""
    return platform.claims(
        "any",
        **{
            v.NOTICE: {"id": "notice-1", "timestamp": "2026-03-19T11:24:25Z", "type": v.CONTEXT_COPY_NOTICE},
            v.CONTEXT: {"id": "course-2", "title": "The copy"},
            v.ORIGIN_CONTEXTS: ["course-1"],
        }
        | dict.fromkeys(("sub", "name", v.MESSAGE_TYPE, v.RESOURCE_LINK, v.ROLES, v.TARGET_LINK_URI))
        | changes,
    )


def deliver(app: Flask, *tokens: str) -> Any:
    return app.test_client().post("/lti/notices", json={"notices": [{"jwt": one} for one in tokens]})


@pytest.fixture
def shop(settings: Callable[..., Settings]) -> Iterator[Workshop]:
    """What jobs work with."""
    made = Workshop(settings())
    workshop.use(made)
    yield made
    workshop.use(None)
    made.close()


def the_jobs_run(store: Store) -> None:
    """The tasks that notices make, as the bell or the sweep would have them done."""
    work = {tasks.COURSE_COPY: notices.copy_course, tasks.NOTICE_HANDLER: notices.ask}
    with store.reading(1) as session:
        due = session.execute(sa.select(Task.kind, Task.subject).where(Task.kind.in_(work))).all()
    for kind, subject in due:
        work[kind](1, subject)


def task(store: Store, kind: str) -> Task:
    with store.reading(1) as session:
        return session.scalars(sa.select(Task).where(Task.kind == kind)).one()


@pytest.mark.lti("LTI-122", "LTI-121")
@pytest.mark.parametrize("custom", [{}, {"activity_id": "programme"}], ids=["by title", "by activity"])
def test_a_copied_course_is_prepared_before_anybody_opens_it(
    app: Flask, store: Store, shop: Workshop, custom: dict[str, str]
) -> None:
    """Red without ``(ready := _match(_prepared(session, placed), placed, custom))`` in ``course_copies.original``."""
    # given a course with a programme, a learner's work in it, and the LMS's word that it has been copied
    place(app, "course-1", "link-1", {"activity_id": "programme"})
    place(app, "course-1", "link-9", {"activity_id": "self-belief"}, "Self-belief")
    answers_everything(store, "link-9")
    settle(store, "link-1", settings={"qualities": ["self-belief"], "grade": "none"})
    before = rows(store, Progress), rows(store, Evidence)
    answer = deliver(app, sign(told()))
    assert (answer.status_code, answer.get_json()) == (200, {"notices": [{"code": "accepted"}]})
    the_jobs_run(store)
    assert rows(store, CopiedPlacement) == 2
    # when the old course goes its own way, and the copy is opened for the first time, with no history
    settle(store, "link-1", settings={"qualities": ["self-awareness"], "grade": "completion"})
    place(app, "course-2", "link-2", custom)
    # then the copy holds what the course held when it was copied, and nobody's work
    copied = link(store, "link-2")
    assert (copied.activity_key, copied.settings) == ("programme", {"qualities": ["self-belief"], "grade": "none"})
    assert copied.copied_from == link(store, "link-1").id
    assert (rows(store, Progress), rows(store, Evidence)) == before


@pytest.mark.lti("LTI-122")
def test_a_notice_that_comes_twice_is_worked_on_once(app: Flask, store: Store, shop: Workshop) -> None:
    """Red without ``on_conflict_do_nothing`` in ``framework.store.notices.keep``."""
    place(app, "course-1", "link-1", {"activity_id": "programme"})
    first = deliver(app, sign(told()))
    again = deliver(app, sign(told()), sign(told(**{v.CONTEXT: {"id": "course-3"}})))
    assert first.get_json()["notices"] == [{"code": "accepted"}]
    assert (again.status_code, again.get_json()["notices"]) == (200, [{"code": "notice_repeated"}] * 2)
    assert rows(store, Notice) == 1 and task(store, tasks.COURSE_COPY).wanted == 1
    the_jobs_run(store)
    notices.copy_course(1, task(store, tasks.COURSE_COPY).subject)  # a job that is rung twice
    assert rows(store, CopiedPlacement) == 1


@pytest.mark.lti("LTI-122")
def test_other_notices_are_noted_and_left_alone(app: Flask, store: Store) -> None:
    hello = {"id": "notice-2", "type": "LtiHelloWorldNotice"}
    answer = deliver(app, sign(told(**{v.NOTICE: hello, v.ORIGIN_CONTEXTS: None})))
    assert answer.get_json()["notices"] == [{"code": "accepted"}]
    assert (rows(store, Notice), rows(store, Task)) == (1, 0)


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "a stranger's issuer": ("platform_unknown", {"iss": "https://evil.example.org"}),
    "a stranger's client": ("platform_unknown", {"aud": "nobody"}),
    "no issuer": ("claims_invalid", {"iss": None}),
    "an audience beside ours": ("audience_mismatch", {"aud": [platform.CLIENT_ID, "x"], "azp": platform.CLIENT_ID}),
    "ended": ("token_expired", {"iat": int(time.time()) - 800, "exp": int(time.time()) - 700}),
    "no end": ("claims_invalid", {"exp": None}),
    "a deployment that nobody approved": ("deployment_unknown", {v.DEPLOYMENT_ID: "another"}),
    "no deployment": ("claims_invalid", {v.DEPLOYMENT_ID: None}),
    "another version": ("claims_invalid", {v.VERSION: "1.1"}),
    "no notice": ("claims_invalid", {v.NOTICE: None}),
    "a notice without id": ("claims_invalid", {v.NOTICE: {"type": v.CONTEXT_COPY_NOTICE}}),
    "no origins": ("claims_invalid", {v.ORIGIN_CONTEXTS: None}),
    "an origin that is no id": ("claims_invalid", {v.ORIGIN_CONTEXTS: [7]}),
    "no course": ("claims_invalid", {v.CONTEXT: None}),
}


@pytest.mark.one_database
@pytest.mark.lti("LTI-122", "LTI-127")
@pytest.mark.parametrize("case", REFUSED)
def test_a_notice_that_is_not_right_does_nothing(app: Flask, store: Store, case: str) -> None:
    code, changes = REFUSED[case]
    refused(app, store, sign(told(**changes)), code)


@pytest.mark.one_database
@pytest.mark.lti("LTI-122", "LTI-127")
@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda: sign(told(), Key(), kid=KEY.kid), "signature_invalid"),
        (lambda: sign(told(), kid=""), "key_unknown"),
        (lambda: sign(told(), algorithm="RS384"), "algorithm_refused"),
        (lambda: "a.b.c", "token_malformed"),
        (lambda: "a" * 70_000, "token_malformed"),
        (lambda: "W1tb" * 9000 + "." + "W1tb" * 9000 + ".YQ", "token_malformed"),
    ],
    ids=["another key", "no kid", "RS384", "no token", "too large", "nested too deep"],
)
def test_a_forged_notice_does_nothing(app: Flask, store: Store, token: Callable[[], str], code: str) -> None:
    """Red without ``signatures.claims`` in ``lti_tool.notices._verified``."""
    refused(app, store, token(), code)


def refused(app: Flask, store: Store, token: str, code: str) -> None:
    """Its code in the answer, one more in the count, an audit row, and nothing else."""
    before = door.received.labels(code)._value.get()
    answer = deliver(app, token)
    assert 400 <= answer.status_code < 500 and answer.get_json()["notices"] == [{"code": code}]
    assert door.received.labels(code)._value.get() == before + 1
    with store.reading(INSTALLATION) as session:
        row = session.scalars(sa.select(Audit)).one()
        assert (row.action, row.reason) == ("notice.refused", code)
    assert (rows(store, Notice), rows(store, Task)) == (0, 0)


@pytest.mark.one_database
@pytest.mark.lti("LTI-122", "LTI-62")
def test_a_disabled_connection_is_not_listened_to(app: Flask, store: Store) -> None:
    with store.directory() as session:
        session.scalars(sa.select(Deployment)).one().state = "disabled"
    assert deliver(app, sign(told())).get_json()["notices"] == [{"code": "deployment_unknown"}]
    with store.directory() as session:
        session.scalars(sa.select(Platform)).one().state = "disabled"
    assert deliver(app, sign(told())).get_json()["notices"] == [{"code": "platform_unknown"}]


@pytest.mark.one_database
@pytest.mark.lti("LTI-122")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notices": []}',
        b'{"notices": [{}]}',
        b'{"notices": [7]}',
        b'{"notices": [{"jwt": 7}]}',
        b'{"notices": [' + b'{"jwt": "a"},' * 20 + b'{"jwt": "a"}]}',
        b"[" * 200_000,
        b" " * (door.LARGEST_BODY + 1),
        "é".encode("latin-1"),
    ],
    ids=range(11),
)
def test_a_body_that_is_no_delivery_is_refused(app: Flask, store: Store, body: bytes) -> None:
    answer = app.test_client().post("/lti/notices", data=body, content_type="application/json")
    assert answer.status_code == 400 and answer.get_json()["notices"] == [{"code": "notice_malformed"}]
    assert rows(store, Notice) == 0


@pytest.mark.one_database
@pytest.mark.lti("LTI-122")
def test_an_answer_comes_within_two_seconds_whatever_the_keys_do(app: Flask, store: Store) -> None:
    """Red without ``seconds`` in ``signatures.claims(...)`` of ``lti_tool.notices._verified``."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls and never answers
        with store.directory() as session:
            row = session.scalars(sa.select(Platform)).one()
            row.jwks_url = f"http://127.0.0.1:{silent.getsockname()[1]}/jwks"
        began = time.monotonic()
        answer = deliver(app, *(sign(told(), kid=f"new-{number}") for number in range(5)))
        assert time.monotonic() - began < 2
    assert {one["code"] for one in answer.get_json()["notices"]} <= {"key_unknown", "keys_unreachable"}


@pytest.fixture
def asked(store: Store) -> Iterator[tuple[list[tuple[str, Any]], list[int]]]:
    """The LMS's service for notices: what it was asked for, and the statuses of its next answers (200 after them)."""
    heard: list[tuple[str, Any]] = []
    statuses: list[int] = []
    lms = Flask("lms")

    def token() -> Response:
        return jsonify(access_token="t", token_type="bearer", expires_in=3600, scope=request.form["scope"])

    def handlers(number: str) -> tuple[Response, int]:
        heard.append((request.headers["Authorization"], request.get_json()))
        return jsonify({}), statuses.pop(0) if statuses else 200

    lms.add_url_rule("/token", view_func=token, methods=["POST"])
    lms.add_url_rule("/handlers/<number>", view_func=handlers, methods=["PUT"])
    with served(lms, "127.0.0.1") as port:
        with store.directory() as session:
            row = session.scalars(sa.select(Platform)).one()
            row.token_url = f"http://127.0.0.1:{port}/token"
        CLAIM["platform_notification_service_url"] = f"http://127.0.0.1:{port}/handlers/7"
        yield heard, statuses


@pytest.mark.lti("LTI-122")
def test_a_launch_that_offers_notices_has_them_asked_for_by_a_job(
    app: Flask, store: Store, asked: tuple[list[tuple[str, Any]], list[int]], shop: Workshop
) -> None:
    heard, statuses = asked
    # given an LMS that offers notices and is out of order for a moment
    statuses.append(503)
    enter(app, **{v.NOTICES: CLAIM})
    assert heard == [], "no launch waits for an LMS"
    the_jobs_run(store)
    assert (task(store, tasks.NOTICE_HANDLER).state, len(heard)) == ("due", 1)
    # when the job has had its way, more launches ask for nothing
    with store.transaction(1) as session:
        tasks.request(session, tasks.NOTICE_HANDLER, task(store, tasks.NOTICE_HANDLER).subject, now=now())
    the_jobs_run(store)
    enter(app, **{v.NOTICES: CLAIM})
    the_jobs_run(store)
    wanted = {"notice_type": v.CONTEXT_COPY_NOTICE, "handler": f"{platform.TOOL}/lti/notices"}
    assert heard == [("Bearer t", wanted)] * 2
    assert task(store, tasks.NOTICE_HANDLER).state == "done"


@pytest.mark.one_database
@pytest.mark.lti("LTI-122", "LTI-81")
@pytest.mark.parametrize(
    "claim",
    [
        None,
        [],
        {**CLAIM, "scope": []},
        {**CLAIM, "scope": None},
        {**CLAIM, "notice_types_supported": ["LtiHelloWorldNotice"]},
        {**CLAIM, "platform_notification_service_url": 7},
        {**CLAIM, "platform_notification_service_url": "https://x.example.org/" + "a" * 2000},
    ],
    ids=["none", "no object", "no scope", "scope missing", "other notices", "no address", "too long"],
)
def test_what_is_not_offered_is_not_asked_for(app: Flask, store: Store, claim: Any) -> None:
    enter(app, **{v.NOTICES: claim})
    assert rows(store, Task) == 0


@pytest.mark.one_database
@pytest.mark.lti("LTI-122", "LTI-64")
@pytest.mark.parametrize("status", [None, 403], ids=["another host", "refused"])
def test_an_lms_that_refuses_is_not_asked_again(
    app: Flask, store: Store, asked: tuple[list[tuple[str, Any]], list[int]], shop: Workshop, status: int | None
) -> None:
    heard, statuses = asked
    claim = dict(CLAIM)
    if status is None:
        claim["platform_notification_service_url"] = "http://evil.example.org/handlers/7"
    else:
        statuses.append(status)
    enter(app, **{v.NOTICES: claim})
    the_jobs_run(store)
    assert task(store, tasks.NOTICE_HANDLER).state == "parked"
    assert len(heard) == (0 if status is None else 1)
