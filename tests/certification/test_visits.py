"""A visit's end, guests, the language of pages (B, C, K), as requests."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from framework.settings import Settings
from framework.store.sessions import Store
from framework.store.tables import Attempt, Evidence, GradePush, Identity, Membership, Person, Progress, Visit
from lti_tool.presenters.frame import language
from tests.certification.test_copies_and_reviews import rows
from tests.lti_tool import platform
from tests.lti_tool.platform import INSTRUCTOR, LEARNER, browser, claims, deep_linking, enter, launch, log_in, sign
from workers import vocabulary as v

OWN = {"Origin": platform.TOOL}
MINUTE = 60
ROLES = pytest.mark.parametrize("role", [LEARNER, INSTRUCTOR], ids=["learner", "teacher"])


@pytest.mark.lti("LTI-26")
@ROLES
def test_a_visit_ends_when_nobody_has_used_it_for_two_hours(app: Flask, role: str) -> None:
    """Red without ``seen + idle <= at`` in ``lti_tool.visit.find``."""
    client, path = enter(app, **{v.ROLES: [role]})
    with time_machine.travel(time.time() + 121 * MINUTE):
        page = client.get(path)
    then_it_says_that_answers_are_safe(page)
    with time_machine.travel(time.time() + 119 * MINUTE):
        assert client.get(path).status_code == 303


@pytest.mark.lti("LTI-26")
def test_a_visit_in_use_goes_on_up_to_its_end(app: Flask, store: Store) -> None:
    """Red without ``visits.note_seen`` in ``lti_tool.visit.find``; with it, a page writes once in five minutes."""
    client, path = enter(app)
    assert client.get(path).status_code == 303
    assert seen(store) == [None], "a page right after the launch writes nothing"
    began = time.time()
    for hour in range(1, 12):
        with time_machine.travel(began + hour * 60 * MINUTE):
            assert client.get(path).status_code == 303, f"after {hour} hours"
    # the absolute end comes all the same
    with time_machine.travel(began + 12 * 60 * MINUTE + 1):
        page = client.get(path)
    then_it_says_that_answers_are_safe(page)


@pytest.mark.lti("LTI-26")
def test_an_answer_sent_from_an_ended_visit_is_not_taken_and_its_page_says_where_to_go(
    app: Flask, store: Store
) -> None:
    client, path = enter(app)
    with time_machine.travel(time.time() + 121 * MINUTE):
        page = client.post(f"{path}learn/self-belief/part/self-belief.why", headers=OWN)
    then_it_says_that_answers_are_safe(page)
    assert rows(store, Progress) == 0


def then_it_says_that_answers_are_safe(page: Any) -> None:
    assert page.status_code == 403
    assert "Answers that you have sent are safe" in page.text
    assert "https://course.example.org/back" in page.text


def seen(store: Store) -> list[Any]:
    with store.reading(1) as session:
        return list(session.scalars(sa.select(Visit.seen_at)))


@pytest.mark.lti("LTI-26")
@ROLES
def test_revoking_a_visit_closes_it_at_once(app: Flask, store: Store, role: str) -> None:
    client, path = enter(app, **{v.ROLES: [role]})
    with store.transaction(1) as session:
        visit = session.scalars(sa.select(Visit)).one()
        visit.ended_at = visit.created_at
    assert client.get(path).status_code == 403


@pytest.fixture
def open_house(app: Flask, settings: Callable[..., Settings]) -> Iterator[Flask]:
    """The tool with LQF_GUESTS on."""
    app.config["LQF"] = settings(guests=True)
    yield app


def guest(app: Flask, **changes: Any) -> tuple[FlaskClient, str]:
    return enter(app, **{"sub": None, "name": "Ann Example", "email": "ann@example.org", **changes})


@pytest.mark.lti("LTI-47", "LTI-105")
@ROLES
def test_a_guest_sees_the_activity_and_nothing_of_it_is_kept(open_house: Flask, store: Store, role: str) -> None:
    """Red without ``or self.is_guest`` in ``lti_tool.visit.Visit.is_preview``."""
    # given an LMS that does not say who comes, whatever role it names, and a placement with a grade
    column = {"scope": list(v.SCOPES_GRADES), "lineitem": "https://lms.example.org/items/1"}
    client, path = guest(open_house, **{v.ROLES: [role], v.AGS_ENDPOINT: column})
    page = client.get(path, follow_redirects=True)
    # then it is the learner's page, and says that nothing is stored
    assert page.status_code == 200 and "You are here as a guest" in page.text
    assert "Who has done this activity" not in page.text and "Ann Example" not in page.text
    # and whatever a guest sends leaves nothing
    for target in ("part/self-belief.why", "part/self-belief.1", "finish"):
        answer = client.post(f"{path}learn/self-belief/{target}", data={"option": "self-belief.1.check.c"}, headers=OWN)
        assert answer.status_code in (200, 303), answer.text
    assert [rows(store, table) for table in (Progress, Attempt, Evidence, GradePush)] == [0, 0, 0, 0]
    for page_of_others in ("teach", "choose", "review", "own"):
        assert client.get(f"{path}{page_of_others}").status_code in (403, 404, 405)
    with store.reading(1) as session:
        assert session.execute(sa.select(Person.name, Person.email)).all() == [(None, None)]
        assert session.execute(sa.select(Identity.sub, Identity.is_test)).all() == [("", True)]
        assert session.scalars(sa.select(Membership.role)).all() == ["none"]


@pytest.mark.lti("LTI-47")
@pytest.mark.parametrize("sub", ["", 7, " \n"], ids=["empty", "number", "blank"])
def test_a_broken_user_id_makes_nobody_a_guest(open_house: Flask, count: Callable[[Any], int], sub: Any) -> None:
    login = log_in(browser(open_house))
    assert launch(login, sign(claims(login.nonce) | {"sub": sub})).status_code in (400, 403)
    assert count(Visit) == 0


@pytest.mark.lti("LTI-47", "LTI-66", "LTI-123")
def test_a_guest_picks_nothing_and_reviews_nobody(open_house: Flask, count: Callable[[Any], int]) -> None:
    login = log_in(browser(open_house))
    answer = launch(login, sign(deep_linking(login.nonce, sub=None)))
    assert (answer.status_code, count(Visit)) == (403, 0)
    login = log_in(browser(open_house))
    review = {v.MESSAGE_TYPE: v.SUBMISSION_REVIEW_REQUEST, v.ROLES: [INSTRUCTOR], v.FOR_USER: {"user_id": "user-1"}}
    assert launch(login, sign(claims(login.nonce, sub=None, **review))).status_code == 403
    assert count(Visit) == 0


@pytest.mark.one_database
@pytest.mark.lti("LTI-126")
@pytest.mark.parametrize(
    ("locale", "tag"),
    [
        ("en", "en-GB"),
        ("en-GB", "en-GB"),
        ("en_AU", "en-AU"),
        ("en-us", "en-US"),
        ("en_NZ.UTF-8", "en-NZ"),
        ("cy", "en-GB"),
        ("de-CH", "en-GB"),
        ('"><script>', "en-GB"),
        ("x" * 300, "en-GB"),
        (None, "en-GB"),
    ],
)
def test_a_page_says_its_language_by_the_learners_locale(
    app: Flask, store: Store, locale: str | None, tag: str
) -> None:
    """Red without ``lang=language(visit.locale)`` in ``lti_tool.frame``."""
    assert language(locale) == tag
    client, path = enter(app, **{v.LAUNCH_PRESENTATION: {"locale": locale} if locale else {}})
    page = client.get(path, follow_redirects=True)
    assert f'<html lang="{tag}">' in page.text
    with store.reading(1) as session:
        assert session.scalars(sa.select(Person.locale)).one() == (locale[:255] if locale else None)


@pytest.mark.lti("LTI-126")
def test_the_identitys_own_locale_counts_where_the_launch_names_none(app: Flask) -> None:
    client, path = enter(app, locale="en_IE", **{v.LAUNCH_PRESENTATION: {}})
    assert '<html lang="en-IE">' in client.get(path, follow_redirects=True).text
