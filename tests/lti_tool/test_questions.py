"""How questions work, as whoever teaches the course sees it."""

from typing import Any

import pytest
from flask import Flask

from framework.catalogue import read
from tests.lti_tool.conftest import DOCUMENT
from tests.lti_tool.platform import TOOL
from tests.lti_tool.test_terms_pages import learner, teacher
from workers import vocabulary as v

pytestmark = pytest.mark.one_database
CHECK = read(DOCUMENT).module("self-belief").sections[0].check
WRONG = next(one.key for one in CHECK.options if one.key != CHECK.answer_key)


def answers(app: Flask, sub: str, *options: str) -> None:
    client, base = learner(app, sub)
    for option in options:
        sent = client.post(
            base + "learn/self-belief/part/self-belief.1", data={"option": option}, headers={"Origin": TOOL}
        )
        assert sent.status_code == 303, sent.text


def test_first_answers_are_counted_and_a_key_that_looks_wrong_is_named(app: Flask) -> None:
    client, base = teacher(app)
    for number in range(4):
        answers(app, f"learner-{number}", WRONG, CHECK.answer_key)
    assert "4 answers: too few to show." in client.get(base + "questions").text
    answers(app, "fifth", CHECK.answer_key)
    page = client.get(base + "questions").text
    assert "20% (4 to 62%) of 5 were right at the first try." in page
    assert "Is the key right?" in page and "4 (80%)" in page


def test_questions_are_for_those_who_teach_and_for_activities_that_have_some(app: Flask) -> None:
    client, base = learner(app, "ada")
    assert client.get(base + "questions").status_code == 403
    board: dict[str, Any] = {v.CUSTOM: {"activity_id": "board"}, v.RESOURCE_LINK: {"id": "b", "title": "Board"}}
    own, there = teacher(app, **board)
    assert own.get(there + "questions").status_code == 404
    assert "How the questions work" not in own.get(there + "activity").text
