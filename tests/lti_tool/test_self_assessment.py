"""The pages of a self-assessment over HTTP: answered, kept, finished, compared; and nobody else reads them."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from framework.store import terms
from framework.store.sessions import Store, now
from framework.store.tables import Answer, Attempt, Competency, Evidence, GradePush, Progress, ResourceLink
from framework.terms import Terms
from tests import own_content
from tests.lti_tool import platform
from tests.lti_tool.markup import parse
from workers import vocabulary

EDITION = own_content.content()
QUALITIES = [one.key for one in EDITION.qualities]
SECRET = "In March I asked Mr Przybylski for the night rota"
AGS = {
    "scope": list(vocabulary.SCOPES_GRADES),
    "lineitems": "https://lms.example.org/items",
    "lineitem": "https://lms.example.org/items/7",
}


class Learner:
    """Somebody who answers a self-assessment in a browser without script."""

    def __init__(self, app: Flask, key: str = "self-assessment", **changes: Any) -> None:
        self.key = key
        given = {vocabulary.CUSTOM: {"activity_id": key}, vocabulary.AGS_ENDPOINT: AGS, **changes}
        self.browser, self.first = platform.enter(app, **given)
        self.home = f"{self.first}self-assessment/{key}"

    def get(self, path: str) -> TestResponse:
        return self.browser.get(path if path.startswith("/") else f"{self.home}/{path}", follow_redirects=True)

    def post(self, path: str, **data: str) -> TestResponse:
        return self.browser.post(f"{self.home}/{path}", data=data, headers={"Origin": platform.TOOL})

    def answers(self, quality: str, rating: int | str = 3, **others: str) -> TestResponse:
        """Answer every statement of a quality alike."""
        return self.post(f"quality/{quality}", **fields(quality, rating), **others)

    def finishes(self, rating: int | str = 3, **others: str) -> TestResponse:
        """From the start to the end."""
        self.post("begin")
        for quality in QUALITIES if self.key == "self-assessment" else [self.key.partition(".")[0]]:
            assert self.answers(quality, rating, **others).status_code == 303
        return self.post("check", declared="yes")


def fields(quality: str, rating: int | str) -> dict[str, str]:
    return {one.key: str(rating) for one in EDITION.quality(quality).features}


def rows(store: Store, table: Any) -> list[Any]:
    with store.reading(1) as session:
        return list(session.scalars(sa.select(table)))


@pytest.mark.one_database
def test_from_the_start_page_to_the_profile(app: Flask, store: Store) -> None:
    # given a learner who opens the activity from the course
    ann = Learner(app)
    start = parse(ann.get(ann.first).text).text
    for words in ("57 statements", "15 qualities", "About 12 minutes", "never a rating", "stop at any time"):
        assert words in start

    # when they start, the first questions come at once, and nothing is chosen beforehand
    assert ann.post("begin").headers["Location"] == f"{ann.home}/quality/{QUALITIES[0]}"
    first = ann.get(f"quality/{QUALITIES[0]}").text
    assert first.count('type="radio"') == 4 * 6 + 4
    assert "checked" not in first

    # and each page leads on to the next, the last one to the check
    for place, quality in enumerate(QUALITIES):
        leads_to = ann.answers(quality, 2 + place % 3, importance="4", target="2").headers["Location"]
        wanted = f"quality/{QUALITIES[place + 1]}" if place < 14 else "check"
        assert leads_to == f"{ann.home}/{wanted}"

    # then the check shows what was said, and asks for a declaration
    checked = ann.get("check")
    assert parse(checked.text).text.count("About half the time") == sum(
        len(one.features) for place, one in enumerate(EDITION.qualities) if place % 3 == 1
    )
    refused = ann.post("check")
    assert (refused.status_code, "Tick the box" in refused.text) == (422, True)
    assert [one.state for one in rows(store, Attempt)] == ["open"]

    # and finishing gives one point, a grade and the profile
    assert ann.post("check", declared="yes").headers["Location"] == f"{ann.home}/done"
    assert "You have finished your self-assessment" in ann.get("done").text
    (progress,) = rows(store, Progress)
    assert (progress.status, progress.points, progress.maximum) == ("completed", 1.0, 1.0)
    assert [push.wanted for push in rows(store, GradePush)] == [1.0]
    profile = parse(ann.get("").text).text
    for words in ("Your profile", "Your strengths", "To work on", "This is your first", "Consistent"):
        assert words in profile


@pytest.mark.one_database
@pytest.mark.parametrize(("key", "leads"), [("self-belief.self-assessment", False), ("self-assessment", True)])
def test_a_list_of_one_quality_is_not_led_to(app: Flask, key: str, leads: bool) -> None:
    """Red without ``if len(rows) > 1`` in ``self_check.check``."""
    ann = Learner(app, key)
    ann.post("begin")
    ann.answers("self-belief")
    pages = (ann.get("quality/self-belief").text, ann.get("check").text)
    assert ["All qualities" in page for page in pages] == [leads, leads]


@pytest.mark.one_database
def test_it_raises_nothing(app: Flask, store: Store) -> None:
    """Red with ``Marked((Evidence(key, STUDIED, 1.0), ...), ...)`` in ``self_assessment.mark``."""
    Learner(app).finishes(rating=5, importance="4", target="4")
    assert rows(store, Evidence) == []
    assert rows(store, Competency) == []


@pytest.mark.one_database
def test_missing_statements_are_pointed_out_once(app: Flask, store: Store) -> None:
    # given one answer of four
    ann = Learner(app)
    ann.post("begin")
    first, *rest = EDITION.qualities[0].features
    warned = ann.post("quality/self-belief", **{first.key: "4"})

    # then it is kept at once, and the page says what is open, with a link to each first field
    assert [one.value["statements"] for one in rows(store, Answer)] == [{first.key: 4}]
    page = ann.get(warned.headers["Location"]).text
    assert "3 statements have no answer" in page
    assert all(f'href="#{one.key}-1"' in page and f'id="{one.key}-1"' in page for one in rest)
    assert 'name="leaves_rest" value="yes"' in page
    assert "In progress" in ann.get("?list").text

    # when the page is saved again, it goes on
    on = ann.post("quality/self-belief", **{first.key: "4"}, leaves_rest="yes")
    assert on.headers["Location"] == f"{ann.home}/quality/self-awareness"
    assert "Completed" in ann.get("?list").text

    # and a quality without any answer does not count as done, however often it is saved
    for _ in range(2):
        ann.post("quality/self-awareness", leaves_rest="yes")
    assert "Continue: Self-awareness" in ann.get("check").text
    assert ann.post("check", declared="yes").headers["Location"] == f"{ann.home}/check"
    assert [one.state for one in rows(store, Attempt)] == ["open"]


@pytest.mark.one_database
def test_stopping_and_coming_back_loses_nothing(app: Flask) -> None:
    ann = Learner(app)
    ann.post("begin")
    saved = ann.post("quality/self-belief", **{"self-belief.2": "unseen"}, go="later")
    page = ann.get(saved.headers["Location"])
    assert "Everything that you have answered is kept." in page.text
    assert "https://course.example.org/back?lti_msg=" in page.text

    again = Learner(app)
    page_ = again.get(f"{again.home}/quality/self-belief").text
    assert 'id="self-belief.2-6" name="self-belief.2" value="unseen" checked' in page_
    assert page_.count(" checked") == 1


@pytest.mark.one_database
def test_changing_an_answer_goes_back_to_the_check(app: Flask, store: Store) -> None:
    ann = Learner(app)
    ann.post("begin")
    for quality in QUALITIES:
        ann.answers(quality)
    assert f"{ann.home}/quality/self-belief?change=" in ann.get("check").text
    changed = ann.post("quality/self-belief?change=", **fields("self-belief", 5))
    assert changed.headers["Location"] == f"{ann.home}/check"


@pytest.mark.one_database
def test_an_example_that_was_taken_back_is_gone(app: Flask, store: Store) -> None:
    """Red without ``row.first_value = value`` in ``attempts.put_answer``."""
    ann = Learner(app)
    ann.post("begin")
    ann.answers("self-belief", example=SECRET)
    assert SECRET in json.dumps([one.value for one in rows(store, Answer)])
    ann.answers("self-belief", example="")
    (answer,) = rows(store, Answer)
    assert "Przybylski" not in json.dumps([answer.value, answer.first_value])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"self-belief.1": "6"}, "That is not one of the answers"),
        ({"self-belief.1": "٣"}, "That is not one of the answers"),
        ({"importance": "5"}, "That is not one of the answers"),
        ({"target": "9"}, "That is not one of the answers"),
        ({"example": "x" * 2001}, "Your example is 1 characters too long"),
    ],
)
def test_a_bad_answer_comes_back_with_what_was_typed(app: Flask, store: Store, data: dict[str, str], said: str) -> None:
    ann = Learner(app)
    ann.post("begin")
    refused = ann.post("quality/self-belief", **{"self-belief.3": "2", **data})
    assert refused.status_code == 422
    assert said in refused.text
    assert 'id="self-belief.3-2" name="self-belief.3" value="2" checked' in refused.text
    assert rows(store, Answer) == []


@pytest.mark.one_database
def test_signs_that_no_database_keeps_are_left_out(app: Flask, store: Store) -> None:
    ann = Learner(app)
    ann.post("begin")
    assert ann.answers("self-belief", example="one\x00two\r\nthree").status_code == 303
    assert [one.value["example"] for one in rows(store, Answer)] == ["onetwo\nthree"]


def test_what_is_finished_stays_and_the_next_time_is_compared(app: Flask, store: Store) -> None:
    # given somebody who has finished
    ann = Learner(app)
    ann.finishes(rating=2)
    assert ann.answers("self-belief", 5).status_code == 409
    with store.transaction(1) as session:
        for attempt in session.scalars(sa.select(Attempt)):
            attempt.submitted_at = now() - timedelta(days=200)

    # when they take it again in another course, about one quality alone
    course = {vocabulary.CONTEXT: {"id": "course-2", "title": "Later"}, vocabulary.RESOURCE_LINK: {"id": "link-9"}}
    later = Learner(app, "self-belief.self-assessment", **course)
    later.finishes(rating=4)

    # then the profile tells what has changed since then, statement by statement
    profile = parse(later.get("report").text).text
    assert "over 4 statements that you rated both times: 4 went up by half a point or more" in profile
    assert "+2.0, from 2.0 to 4.0" in profile

    # and the first one still shows its own
    first = parse(ann.get("report").text).text
    assert "This is your first self-assessment." in first

    # and it can be taken again while the profile stays to be seen
    ann.post("begin")
    assert "You have answered 0 of 15 qualities." in ann.get("?list").text
    assert "Your own average over 15 qualities: 2.0 of 5." in ann.get("report").text


@pytest.mark.one_database
def test_the_teacher_sees_who_is_done_and_nothing_else(app: Flask) -> None:
    """Red without ``if assessment.is_private(counted.activity)`` in ``lti_tool.review``."""
    # given a learner who has finished with an example of their own
    ann = Learner(app)
    ann.finishes(rating=1, example=SECRET, target="4")

    # when the teacher opens the activity, and the gradebook's way to the work
    teacher = {"sub": "teacher-1", "name": "Tea Cher", vocabulary.ROLES: [platform.INSTRUCTOR]}
    browser, first = platform.enter(app, **teacher, **{vocabulary.CUSTOM: {"activity_id": ann.key}})
    page = browser.get(first, follow_redirects=True).text
    asked = {
        vocabulary.MESSAGE_TYPE: vocabulary.SUBMISSION_REVIEW_REQUEST,
        vocabulary.FOR_USER: {"user_id": "user-1", "name": "Ann Example"},
        vocabulary.AGS_ENDPOINT: AGS,
    }
    reviewer, path = platform.enter(app, **teacher, **asked)
    reviewed = reviewer.get(path, follow_redirects=True)

    # then they see that it is finished, and never an answer
    assert "Ann Example" in page
    assert "Finished" in page
    assert reviewed.status_code == 403
    assert "theirs alone" in reviewed.text
    for text in (page, reviewed.text):
        assert SECRET not in text
        assert "Almost never" not in text
    for path in ("report", "check", f"quality/{QUALITIES[0]}"):
        own = browser.get(f"{first}self-assessment/{ann.key}/{path}", follow_redirects=True)
        assert SECRET not in own.text


@pytest.mark.one_database
def test_another_learner_sees_nothing_of_it(app: Flask) -> None:
    Learner(app).finishes(rating=1, example=SECRET)
    bob = Learner(app, sub="user-2", name="Bob Other")
    assert "57 statements" in bob.get("report").text
    assert SECRET not in bob.get("report").text + bob.get("check").text


@pytest.mark.one_database
def test_a_preview_walks_through_and_stores_nothing(app: Flask, store: Store, count: Callable[[Any], int]) -> None:
    # given a teacher who looks at it as a learner
    teacher = {"sub": "teacher-1", vocabulary.ROLES: [platform.INSTRUCTOR]}
    browser, first = platform.enter(app, **teacher, **{vocabulary.CUSTOM: {"activity_id": "self-assessment"}})
    seen = browser.post(f"{first}preview", headers={"Origin": platform.TOOL}).headers["Location"]
    home = f"{seen}self-assessment/self-assessment"

    def send(path: str, **data: str) -> TestResponse:
        return browser.post(f"{home}/{path}", data=data, headers={"Origin": platform.TOOL}, follow_redirects=True)

    # when they go the whole way
    assert "57 statements" in browser.get(seen, follow_redirects=True).text
    assert "Quality 1 of 15" in send("begin").text
    assert "Self-awareness" in send("quality/self-belief", **{"self-belief.1": "4"}).text
    assert "Finish" in browser.get(f"{home}/check").text
    assert "You have finished your self-assessment" in send("check", declared="yes").text

    # then they see what a profile looks like, and nothing is stored
    report = browser.get(f"{home}/report").text
    assert "These answers are made up" in report
    assert [count(one) for one in (Attempt, Answer, Progress)] == [0, 0, 0]


def _terms(store: Store, **changes: Any) -> None:
    with store.transaction(1) as session:
        placed = session.scalars(sa.select(ResourceLink)).one()
        terms.set_for_all(session, placed, Terms(**changes), by=uuid.uuid4(), now=now())


@pytest.mark.one_database
def test_after_the_close_nothing_is_taken_and_what_was_typed_stays_on_the_page(app: Flask, store: Store) -> None:
    """Red with ``except Invalid`` alone in ``answer``."""
    # given a learner on a page while the activity closes
    ann = Learner(app)
    ann.post("begin")
    _terms(store, closes_at=now() - timedelta(minutes=1))

    # when they save it
    refused = ann.answers("self-belief", 4, example=SECRET)

    # then they read why, and their words are still there
    assert refused.status_code == 422
    assert "This activity has closed." in refused.text
    assert SECRET in refused.text
    assert rows(store, Answer) == []


@pytest.mark.one_database
def test_attempts_are_said_first_and_run_out(app: Flask, store: Store) -> None:
    ann = Learner(app)
    _terms(store, attempts=1)
    assert "1 attempt left of 1." in ann.get("").text
    ann.finishes()
    assert "Take it again" not in ann.get("report").text
    assert "/begin" not in ann.get("report").text
    assert ann.post("begin").status_code == 409


@pytest.mark.one_database
def test_other_activities_have_no_such_pages(app: Flask) -> None:
    browser, first = platform.enter(app)
    assert browser.get(f"{first}self-assessment/self-belief/").status_code == 404
    ann = Learner(app)
    assert ann.get("quality/no-such-quality").status_code == 404
