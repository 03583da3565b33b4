"""What a learner is told while they write: saved or not, who reads it, what came back, and what they have elsewhere."""

import re
from typing import Any

import pytest
from flask import Flask

from framework.store.sessions import Store
from tests.lti_tool import platform
from tests.lti_tool.markup import parse
from tests.lti_tool.test_judging import KEY, Visitor, explore, marks
from workers import vocabulary

pytestmark = pytest.mark.one_database
MODULE: dict[str, Any] = {
    vocabulary.RESOURCE_LINK: {"id": "module", "title": "Self-belief"},
    vocabulary.CUSTOM: {"activity_id": "self-belief"},
}
COMMENT = "What came of it?"


@pytest.fixture
def priya(app: Flask) -> Visitor:
    return Visitor(app, "priya", "Priya Nair")


@pytest.fixture
def margaret(app: Flask, priya: Visitor) -> Visitor:
    return Visitor(app, "margaret", "Margaret Osei", platform.INSTRUCTOR)


def returned(priya: Visitor, margaret: Visitor, examples: int = 1) -> None:
    """Shared by the learner, and returned with a comment."""
    for number in range(1, examples + 1):
        priya.writes(number)
    priya.post(f"/reflect/{KEY}/share")
    url = margaret.judging_url()
    margaret.post(url, **marks(**margaret.form(url)) | {"action": "return", "comment": COMMENT})


def test_saving_a_draft_is_said_where_the_page_opens(priya: Visitor) -> None:
    """Red without ``said=_said()`` in ``reflect._overview``."""
    sent = priya.post(f"/reflect/{KEY}/example/1", text="A story.")
    there = sent.headers["Location"]
    assert there.endswith("?done=saved#said")
    page = priya.get(f"/reflect/{KEY}/?done=saved")
    assert re.search(r'id="said" data-focus="now"[^>]*>Draft saved. Only you can read it.<', page)
    assert 'id="said"' not in priya.get(f"/reflect/{KEY}/") + priya.get(f"/reflect/{KEY}/?done=anything")
    gone = priya.post(f"/reflect/{KEY}/example/1", action="remove").headers["Location"]
    assert "done=removed" in gone


def test_an_assessor_named_later_is_promised_and_then_listed(app: Flask, priya: Visitor, margaret: Visitor) -> None:
    """Red without ``assessors=named`` in ``reflected.reads``."""
    Visitor(app, "wei", "Wei Li")
    for path in ("example/1", ""):
        said = parse(priya.get(f"/reflect/{KEY}/{path}")).text
        assert "or an assessor whom a teacher names: this page then lists them." in said and "Wei Li" not in said
    priya.writes(1)
    priya.post(f"/reflect/{KEY}/share")
    page = margaret.get("/judging/assessors")
    assert page.index("They can also read what is already shared.") < page.index("Name as assessor")
    person = re.search(r'value="(prs_\w+)">Wei Li', page)
    assert person
    margaret.post("/judging/assessors", person=person[1])
    assert "Margaret Osei and Wei Li (assessor)." in priya.get(f"/reflect/{KEY}/")


def test_the_button_says_how_many_examples_are_shared(priya: Visitor, margaret: Visitor) -> None:
    for number, words in ((1, "Share 1 example"), (2, "Share both examples"), (3, "Share 3 examples")):
        priya.writes(number)
        for path in ("", "share"):
            assert words in priya.get(f"/reflect/{KEY}/{path}")
    assert "can read all your examples: Margaret Osei" in priya.get(f"/reflect/{KEY}/share")


def test_a_returned_text_is_changed_at_once_with_the_comment_above(priya: Visitor, margaret: Visitor) -> None:
    """Red without ``last = steps[-2]`` in ``reflect._panel``, and without ``loses_nothing`` in ``reflect._urls``."""
    # given a reflection that was returned, and nothing is signed
    returned(priya, margaret)
    assert re.search(rf'<form method="post" action="[^"]*/reflect/{KEY}/change"', priya.get(f"/reflect/{KEY}/"))

    # when the learner begins to change it, the text opens with the comment above it
    there = priya.post(f"/reflect/{KEY}/change").headers["Location"]
    assert there.endswith(f"/reflect/{KEY}/example/1")
    form = priya.get(f"/reflect/{KEY}/example/1")
    assert "Margaret Osei returned it" in form and form.index(COMMENT) < form.index("<textarea")
    wrong = priya.post(f"/reflect/{KEY}/example/1", 422, text="Changed.", day="40", month="1", year="2026").text
    assert COMMENT in wrong

    # and the overview keeps it until the text is shared again, and speaks of no signature
    page = priya.get(f"/reflect/{KEY}/")
    assert "Margaret Osei returned it with this comment:" in page
    assert "You began to change the text" in page and "signatures on it do not count" not in page
    priya.post(f"/reflect/{KEY}/share")
    assert "Margaret Osei returned it with this comment:" not in priya.get(f"/reflect/{KEY}/")


def test_of_several_returned_examples_the_learner_chooses(priya: Visitor, margaret: Visitor) -> None:
    returned(priya, margaret, examples=2)
    assert priya.post(f"/reflect/{KEY}/change").headers["Location"].endswith(f"/reflect/{KEY}/")
    assert COMMENT in priya.get(f"/reflect/{KEY}/example/2")


def test_what_was_signed_is_asked_about_first_and_then_told(priya: Visitor, margaret: Visitor) -> None:
    priya.writes(1)
    priya.post(f"/reflect/{KEY}/share")
    url = margaret.judging_url()
    margaret.post(url, **marks(**margaret.form(url)))
    assert f'href="{priya.root}/reflect/{KEY}/change"' in priya.get(f"/reflect/{KEY}/")
    assert priya.post(f"/reflect/{KEY}/change").headers["Location"].endswith(f"/reflect/{KEY}/")
    assert "began to change the text, so signatures on it do not count any more" in priya.get(f"/reflect/{KEY}/")


def test_a_reflection_in_another_activity_of_the_course_is_not_lost(
    app: Flask, priya: Visitor, margaret: Visitor
) -> None:
    """Red without ``beside=beside`` in ``reflect._overview``; without ``Progress.person_id == person_id`` in
    ``judgements.beside`` a learner is told of somebody else's."""
    # given a reflection placed as an activity of its own, and the same one reached from a module
    module, other = (Visitor(app, sub, name, **MODULE) for sub, name in (("priya", "Priya Nair"), ("wei", "Wei Li")))
    own = "This course has an activity of its own for this: “Reflect”."
    assert own in module.get(f"/reflect/{KEY}/") and own not in priya.get(f"/reflect/{KEY}/")

    # when it is written, shared and signed there
    priya.writes(1)
    assert "You have a draft on this in “Reflect”." in module.get(f"/reflect/{KEY}/")
    priya.post(f"/reflect/{KEY}/share")
    assert "that waits for a judge in “Reflect”." in module.get(f"/reflect/{KEY}/")
    url = margaret.judging_url()
    margaret.post(url, **marks(**margaret.form(url)))

    # then the empty one says so, to nobody else and no longer than it is empty
    assert "You have a signed reflection on this in “Reflect”." in module.get(f"/reflect/{KEY}/")
    assert own in other.get(f"/reflect/{KEY}/")
    module.writes(1)
    assert "in “Reflect”" not in module.get(f"/reflect/{KEY}/")


def test_the_badge_of_a_studied_quality_leads_to_its_reflection(store: Store, app: Flask, priya: Visitor) -> None:
    """Red with ``does=action or practice`` in ``board.one_badge`` where another quality is left to study here."""
    priya.writes(1)
    explore(store)
    module = Visitor(app, "priya", "Priya Nair", **MODULE)
    page = module.get("/board/self-belief")
    assert "A level comes from practice" in page
    assert re.search(rf'href="[^"]*/reflect/{KEY}/"[^>]*>\s*Write an example for Self-belief', page)
