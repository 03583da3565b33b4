"""A person's own record: everything about them from all courses, and nothing about anybody else."""

from typing import Any

import pytest
from flask import Flask

from framework import journey
from framework.store.sessions import Store, now
from framework.store.tables import Judgement
from tests.lti_tool import platform
from tests.lti_tool.markup import parse
from tests.lti_tool.rendering import render
from tests.lti_tool.samples_record import samples
from tests.lti_tool.test_judging import KEY, STORY, Visitor, explore, marks, rows
from workers import vocabulary

OTHER_COURSE: dict[str, Any] = {
    vocabulary.CONTEXT: {"id": "course-2", "title": "Care pathways"},
    vocabulary.RESOURCE_LINK: {"id": "link-9"},
    vocabulary.CUSTOM: {"activity_id": "self-assessment"},
}
SECRET = "Bartholomew wrote this."


def judged(app: Flask, store: Store) -> Visitor:
    """Priya, who has shared a reflection that Margaret has signed, and has assessed herself in another course."""
    priya, margaret = (
        Visitor(app, "priya", "Priya Nair"),
        Visitor(app, "margaret", "Margaret Osei", platform.INSTRUCTOR),
    )
    priya.writes(1)
    priya.post(f"/reflect/{KEY}/share")
    explore(store)
    url = margaret.judging_url()
    margaret.post(url, **marks(**margaret.form(url)))
    with store.transaction(1) as session:
        journey.recompute(session, rows(store, Judgement)[0].person_id, now=now())
    elsewhere = Visitor(app, "priya", "Priya Nair", **OTHER_COURSE)
    answers: dict[str, Any] = {"self-belief.1": "3", "example": "Mine."}
    elsewhere.post("/self-assessment/self-assessment/quality/self-belief", **answers)
    return priya


def test_the_record_tells_what_was_done_and_judged_in_all_courses(app: Flask, store: Store) -> None:
    priya = judged(app, store)
    assert "My record" in priya.get(f"/reflect/{KEY}/")
    text = parse(priya.get("/record")).text
    for words in (
        "Priya Nair",
        "Self-belief: Developing, level 1 of 4",
        "a teacher of the course judged practice in Self-belief as at least Developing on 3 of 4",
        "A judgement for development; not a test result",
        "Nothing yet in 14 qualities.",
        "Care pathways",
        "I rang the director at night & asked <b>plainly</b>.",
        "Margaret Osei (teacher) signed",
        "Held",
    ):
        assert words in text, words


@pytest.mark.one_database
def test_the_download_has_everything_and_only_names_of_judges(app: Flask, store: Store) -> None:
    """Red without ``.where(Progress.person_id == person_id)`` in ``records.doings``."""
    # given two learners in the same courses
    priya = judged(app, store)
    other = Visitor(app, "bart", "Bartholomew Cholmondeley", email="bart@example.org")
    other.writes(1, text=SECRET)

    # when one of them downloads their record
    response = priya.browser.get(f"{priya.root}/record.json")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="my-record-')
    made: Any = response.json

    # then what they did, wrote and were judged for is there, private answers among it
    assert made["person"]["name"] == "Priya Nair"
    assert {one["course"] for one in made["activities"]} == {"A course", "Care pathways"}
    answers = [answer for one in made["activities"] for attempt in one["attempts"] for answer in attempt["answers"]]
    assert {"Mine.", STORY} <= {one["value"].get("example") or one["value"].get("text") for one in answers}
    assert [(one["action"], one["by"]) for one in made["judgements"]] == [
        ("share", "Priya Nair"),
        ("sign", "Margaret Osei"),
    ]
    assert [one["level"] for one in made["awards"] if one["badge_key"] == "self-belief"] == [1]
    assert len(made["visits"]) == 2 and len(made["grades"]) == 1 and made["evidence"]

    # and nothing of the other learner, nor ids of the judge
    assert SECRET not in response.text and "Cholmondeley" not in response.text
    judge = rows(store, Judgement)[-1].by_person_id
    assert str(judge) not in response.text


@pytest.mark.one_database
def test_nobody_opens_somebody_elses(app: Flask, store: Store) -> None:
    """Red without ``_own()`` in ``lti_tool.record``: a preview would tell of the instructor."""
    priya = judged(app, store)
    other = Visitor(app, "bart", "Bartholomew Cholmondeley")
    teacher = Visitor(app, "margaret", "Margaret Osei", platform.INSTRUCTOR)
    for somebody in (other, teacher):
        page, data = somebody.get("/record"), somebody.get("/record.json")
        for words in ("Priya", "I rang the director", "Well done."):
            assert words not in page and words not in data

    # nor by the address of another's visit
    taken = other.browser.get(f"{priya.root}/record.json")
    assert taken.status_code == 403 and "Priya" not in taken.text

    # and a preview has none
    preview = teacher.post("/preview").headers["Location"]
    assert teacher.browser.get(f"{preview.rstrip('/')}/record").status_code == 404


def test_a_result_says_what_its_points_are() -> None:
    """Red with a result that is the bare "4 of 4"."""
    shown = {name: parse(render(page)).text for name, page in samples()}
    assert "4 of 4 questions right at the first try, 2 attempts" in shown["record"]
