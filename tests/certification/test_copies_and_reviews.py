"""Course copies, submission review, teacher and learner in one person (K), as requests."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework import assessment
from framework.store import editions
from framework.store.sessions import Store, now
from framework.store.tables import Audit, Evidence, LineItem, Pick, Progress, ResourceLink, Visit
from tests.lti_tool import platform
from tests.lti_tool.platform import INSTRUCTOR, LEARNER, browser, claims, deep_linking, enter, launch, log_in, sign
from workers import vocabulary as v

ITEMS = "https://lms.example.org/items"
SETTINGS = {"qualities": ["self-belief"], "grade": "none"}
OWN = {"Origin": platform.TOOL}


def link(store: Store, lti_id: str) -> ResourceLink:
    with store.reading(1) as session:
        return session.scalars(sa.select(ResourceLink).where(ResourceLink.lti_id == lti_id)).one()


def settle(store: Store, lti_id: str, **facts: Any) -> None:
    with store.transaction(1) as session:
        row = session.scalars(sa.select(ResourceLink).where(ResourceLink.lti_id == lti_id)).one()
        for name, value in facts.items():
            setattr(row, name, value)


def place(app: Flask, course: str, lti_id: str, custom: dict[str, str], title: str = "Our programme") -> FlaskClient:
    """The first launch of a link in a course that offers grades."""
    client, _ = enter(
        app,
        **{
            v.CONTEXT: {"id": course, "title": course},
            v.RESOURCE_LINK: {"id": lti_id, "title": title},
            v.CUSTOM: custom,
            v.AGS_ENDPOINT: {"scope": list(v.SCOPES_GRADES), "lineitems": ITEMS, "lineitem": f"{ITEMS}/{lti_id}"},
        },
    )
    return client


def answers_everything(store: Store, lti_id: str) -> None:
    """The learner of all these launches finishes the activity of a link."""
    from framework import journey

    with store.transaction(1) as session:
        row = session.scalars(sa.select(ResourceLink).where(ResourceLink.lti_id == lti_id)).one()
        visit = session.scalars(sa.select(Visit).where(Visit.resource_link_id == row.id)).first()
        assert visit is not None
        worker = journey.worker_of(session, row.id, visit.person_id, visit.identity_id)
        _, current = editions.current(session, row.framework_key)
        activity = current.activity(row.activity_key or "")
        module = current.module(activity.quality_key or "")
        sections = {one.key: one.check.answer_key for one in module.sections}
        scenarios = {one.key: one for one in module.scenarios}
        for item in assessment.items(current, activity):
            value: Any = sections.get(item.key, True)
            if item.key in scenarios:
                value = _right(scenarios[item.key])
            journey.answer(session, worker, activity.key, item.key, value, now=now())
        journey.submit(session, worker, activity.key, now=now())


def _right(scenario: Any) -> Any:
    keyed = {one.key: one.keyed for one in scenario.responses}
    if scenario.format == "choose3":
        return [key for key, is_right in keyed.items() if is_right is True]
    if scenario.format == "best_worst":
        return {mark: next(key for key, value in keyed.items() if value == mark) for mark in ("best", "worst")}
    return keyed


COPIES: dict[str, dict[str, str]] = {
    "link history": {"resource_link_id_history": "link-1"},
    "a copy of a copy, newest first": {"resource_link_id_history": "never%2Cseen,link-1"},
    "URL-encoded ids": {"resource_link_id_history": "link%2D1"},
    "context history and activity": {"context_id_history": "never,course-1", "activity_id": "programme"},
    "Canvas's previous courses": {"previous_context_ids": "course-1"},
    "context history and title": {
        "context_id_history": "course-1",
        "resource_link_id_history": "$ResourceLink.id.history",
    },
}


@pytest.mark.lti("LTI-121", "LTI-50")
@pytest.mark.parametrize("case", COPIES)
def test_a_copied_course_finds_its_settings_and_none_of_its_learners(app: Flask, store: Store, case: str) -> None:
    """Red without ``course_copies.copy(placed, source)`` in ``framework.store.placements.resolve``."""
    # given a course with a programme whose settings a teacher has changed, and a learner's work in it
    place(app, "course-1", "link-1", {"activity_id": "programme"})
    settle(store, "link-1", settings={**SETTINGS, "grade": "completion"})
    before = rows(store, Progress), rows(store, Evidence)
    # when its copy is opened for the first time
    place(app, "course-2", "link-2", COPIES[case])
    # then it holds the same with the same settings, a gradebook column of its own, and nobody's work
    source, copied = link(store, "link-1"), link(store, "link-2")
    assert (copied.activity_key, copied.settings, copied.copied_from) == ("programme", source.settings, source.id)
    with store.reading(1) as session:
        urls = session.execute(sa.select(LineItem.resource_link_id, LineItem.url)).all()
        assert {(source.id, f"{ITEMS}/link-1"), (copied.id, f"{ITEMS}/link-2")} == {tuple(one) for one in urls}
    assert (rows(store, Progress), rows(store, Evidence)) == before


@pytest.mark.lti("LTI-121")
def test_a_deep_linked_item_is_found_by_its_own_parameter_in_the_copy(app: Flask, store: Store) -> None:
    custom = pick(app, store)
    place(app, "course-1", "link-1", custom)
    settle(store, "link-1", settings={"grade": "none"})
    place(app, "course-2", "link-2", custom)
    copied = link(store, "link-2")
    assert (copied.settings, copied.copied_from) == ({"grade": "none"}, link(store, "link-1").id)


@pytest.mark.lti("LTI-121", "LTI-79")
@pytest.mark.parametrize(
    "custom",
    [{}, {"resource_link_id_history": "nobody"}, {"activity_id": "gone"}, {"context_id_history": "course-1"}],
)
def test_what_cannot_be_told_waits_for_the_teachers_choice(app: Flask, store: Store, custom: dict[str, str]) -> None:
    # given two placements of one title in the old course, so that its history alone says nothing
    for lti_id in ("link-1", "link-3"):
        place(app, "course-1", lti_id, {"activity_id": "programme" if lti_id == "link-1" else "self-belief"})
    changes = {v.CONTEXT: {"id": "course-2"}, v.RESOURCE_LINK: {"id": "link-2", "title": "Our programme"}}
    learner, path = enter(app, **changes, **{v.CUSTOM: custom})
    assert "not ready yet" in learner.get(path, follow_redirects=True).text
    teacher, path = enter(app, **changes, **{v.CUSTOM: custom, v.ROLES: [INSTRUCTOR]})
    assert teacher.get(path).headers["Location"].endswith("/choose")


@pytest.mark.lti("LTI-79")
def test_an_activity_that_content_no_longer_has_is_the_teachers_to_choose_again(app: Flask, store: Store) -> None:
    """Red without ``placements.holds_something`` in ``lti_tool.start``."""
    enter(app)
    settle(store, "link-1", activity_key="withdrawn")
    learner, path = enter(app, **{v.CUSTOM: {}})
    assert "not ready yet" in learner.get(path, follow_redirects=True).text
    teacher, path = enter(app, **{v.CUSTOM: {}, v.ROLES: [INSTRUCTOR]})
    assert teacher.get(path).headers["Location"].endswith("/choose")


@pytest.mark.lti("LTI-78")
def test_choosing_again_switches_the_content_and_keeps_what_learners_did(app: Flask, store: Store) -> None:
    place(app, "course-1", "link-1", {"activity_id": "self-belief"})
    answers_everything(store, "link-1")
    custom = pick(app, store, what="programme")
    place(app, "course-1", "link-1", custom)
    assert link(store, "link-1").activity_key == "programme"
    assert rows(store, Progress) == 1 and rows(store, Evidence) > 0


def review(app: Flask, sub: str = "user-1", **changes: Any) -> Any:
    """What an instructor's submission review launch answers."""
    login = log_in(browser(app))
    body = claims(
        login.nonce,
        **{
            "sub": "teacher",
            "name": "Tom Teacher",
            v.MESSAGE_TYPE: v.SUBMISSION_REVIEW_REQUEST,
            v.ROLES: [INSTRUCTOR],
            v.FOR_USER: {"user_id": sub},
            v.AGS_ENDPOINT: {"scope": [], "lineitem": f"{ITEMS}/link-1"},
        }
        | changes,
    )
    response = launch(login, sign(body))
    return response if response.status_code != 303 else login.browser.get(response.location, follow_redirects=True)


@pytest.mark.lti("LTI-123")
def test_an_instructor_sees_the_named_learners_finished_work(app: Flask, store: Store) -> None:
    enter(app)
    assert "has not finished" in review(app).text
    answers_everything(store, "link-1")
    page = review(app)
    assert page.status_code == 200 and "The finished work of Ann Example" in page.text
    assert "<form" not in page.text, "it is there to read"
    with store.reading(1) as session:
        assert "review" in session.scalars(sa.select(Audit.action)).all()


@pytest.mark.lti("LTI-123")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({v.ROLES: [LEARNER]}, "review_not_allowed"),
        ({v.ROLES: ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"]}, "review_not_allowed"),
        ({v.CONTEXT: {"id": "another-course"}}, "review_unknown"),
        ({"sub_": "nobody"}, "review_unknown"),
        ({v.FOR_USER: None}, "claims_invalid"),
        ({v.FOR_USER: {"user_id": 7}}, "claims_invalid"),
        ({v.RESOURCE_LINK: None}, "claims_invalid"),
    ],
)
def test_nobody_else_and_nobody_elses_work(
    app: Flask, store: Store, count: Callable[[Any], int], changes: dict[str, Any], code: str
) -> None:
    """Red without ``Membership.context_id == context.id`` in ``framework.store.arrivals`` (another course)."""
    enter(app)
    answers_everything(store, "link-1")
    changes = dict(changes)
    response = review(app, changes.pop("sub_", "user-1"), **changes)
    assert code in response.text, response.text
    assert "Ann Example" not in response.text
    assert count(Visit) == 1


@pytest.mark.lti("LTI-123")
def test_another_visit_of_an_instructor_shows_no_learners_work(app: Flask) -> None:
    teacher, path = enter(app, sub="teacher", **{v.ROLES: [INSTRUCTOR]})
    assert teacher.get(f"{path}review").status_code == 403


@pytest.mark.lti("LTI-124")
@pytest.mark.parametrize("kind", ["LtiStartProctoring", "LtiEndAssessment", "DataPrivacyLaunchRequest", "x"])
def test_other_messages_open_no_activity(app: Flask, count: Callable[[Any], int], kind: str) -> None:
    login = log_in(browser(app))
    response = launch(login, sign(claims(login.nonce, **{v.MESSAGE_TYPE: kind})))
    assert response.status_code == 400 and "message_unsupported" in response.text
    assert count(Visit) == 0


@pytest.mark.lti("LTI-44", "LTI-45")
def test_a_teacher_who_learns_here_too_does_their_own_work(app: Flask, store: Store) -> None:
    # given somebody with both roles; when they open the activity
    teacher, path = enter(app, **{v.ROLES: [INSTRUCTOR, LEARNER]})
    page = teacher.get(path, follow_redirects=True)
    # then it is the teacher's page, with both ways in
    assert "Who has done this activity" in page.text
    assert "See it as a learner" in page.text and "Do my own work" in page.text
    # and their own work is kept
    own = teacher.post(f"{path}own", headers=OWN)
    assert own.status_code == 303
    sent = teacher.post(f"{own.location}learn/self-belief/part/self-belief.why", headers=OWN)
    assert sent.status_code == 303
    assert rows(store, Progress) == 1

    # while somebody who only teaches is offered no such thing
    plain, path = enter(app, sub="teacher", **{v.ROLES: [INSTRUCTOR]})
    assert "Do my own work" not in plain.get(path, follow_redirects=True).text
    assert plain.post(f"{path}own", headers=OWN).status_code == 403


def pick(app: Flask, store: Store, what: str = "separate") -> dict[str, str]:
    """Choose in the picker; answers the custom parameters of the item."""
    login = log_in(browser(app))
    opened = launch(login, sign(deep_linking(login.nonce, sub="teacher")))
    form: dict[str, Any] = {"what": what, "title": "Ours", "basis": "completion"}
    form |= {"activity": ["self-belief"]} if what == "separate" else {"quality": ["self-belief"]}
    answer = login.browser.post(f"{opened.location}pick", data=form, headers=OWN)
    assert answer.status_code == 200, answer.text
    with store.reading(1) as session:
        row = session.scalars(sa.select(Pick).order_by(Pick.created_at.desc())).first()
        assert row is not None
        return {"dl_uuid": row.dl_uuid, "activity_id": row.activity_key}


def rows(store: Store, table: Any) -> int:
    with store.reading(1) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
