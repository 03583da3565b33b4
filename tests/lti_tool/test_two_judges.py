"""Two judges of one course sign the same text: what its learner and each of them read."""

import re
from typing import Any

import pytest
from flask import Flask

from framework.store.sessions import Store
from tests.framework.editions import shipped
from tests.lti_tool import platform
from tests.lti_tool.test_judging import FEATURES, KEY, Visitor, explore, marks

pytestmark = pytest.mark.one_database
LEFT = "You see what is strong."


@pytest.fixture
def priya(app: Flask) -> Visitor:
    return Visitor(app, "priya", "Priya Nair")


@pytest.fixture
def margaret(app: Flask, priya: Visitor) -> Visitor:
    return Visitor(app, "margaret", "Margaret Osei", platform.INSTRUCTOR)


@pytest.fixture
def wei(app: Flask, margaret: Visitor) -> Visitor:
    return Visitor(app, "wei", "Wei Li", platform.INSTRUCTOR)


def signs(judge: Visitor, *features: str, comment: str) -> None:
    """Marks these behaviours as Consistent, seen in person, and leaves the others open."""
    url = judge.judging_url()
    form = {name: value for name, value in marks(comment=comment).items() if not name.startswith(("self", "basis"))}
    marked: dict[str, Any] = dict.fromkeys(features, "2") | dict.fromkeys([f"basis-{key}" for key in features], "saw")
    judge.post(url, **form, **marked, **judge.form(url))


def card(learner: Visitor) -> str:
    found = re.search(r'<section class="panel panel--state.*?</section>', learner.get(f"/reflect/{KEY}/"), re.DOTALL)
    assert found
    return found[0]


def test_a_second_signature_adds_and_is_taken_back(
    store: Store, priya: Visitor, margaret: Visitor, wei: Visitor
) -> None:
    """`return pages.with_signers(found, ...)` turned into `return found` in `reflect._panel`: who took back signed."""
    # given two behaviours that one judge has signed
    priya.writes(1)
    explore(store)
    priya.post(f"/reflect/{KEY}/share")
    signs(margaret, *FEATURES[:2], comment=LEFT)
    assert "2 of 4 behaviours marked. Your standing now: Developing" in card(priya)

    # when another signs one more, then the card names both, and nothing is lost
    signs(wei, FEATURES[2], comment="I saw the third.")
    both = card(priya)
    assert "Signed by Margaret Osei and Wei Li" in both
    assert "3 of 4 behaviours marked. Your standing now: Developing" in both
    assert "Margaret Osei wrote:" in both and LEFT in both and "Wei Li wrote:" in both and "I saw the third." in both

    # when that is taken back, the card is the first judge's again, and says below what was taken back
    url = wei.judging_url()
    own = re.search(r'withdraw your signature.*?name="step" value="(\d+)"', wei.get(url), re.DOTALL | re.IGNORECASE)
    assert own
    wei.post(f"{url}/withdraw", step=own[1], reason="I mixed up two people.")
    left = card(priya)
    assert "Signed by Margaret Osei<" in left and "2 of 4 behaviours marked" in left
    assert left.index(LEFT) < left.index("Wei Li took a signature back:") < left.index("I mixed up two people.")


def test_the_queue_says_who_has_signed(priya: Visitor, margaret: Visitor, wei: Visitor) -> None:
    """`if me not in judges` out of `judging._signed_by`: a judge who has signed nothing reads "Signed by you"."""
    priya.writes(1)
    priya.post(f"/reflect/{KEY}/share")
    signs(margaret, *FEATURES[:2], comment=LEFT)
    assert "Signed by Margaret Osei; you have not judged it" in wei.get("/judging")
    assert "Signed by you" in margaret.get("/judging")
    signs(wei, FEATURES[2], comment="")
    assert "Signed by you and Margaret Osei" in wei.get("/judging")
    assert re.search(r'aria-current="page">Reflections to judge', wei.get("/judging"))


def test_before_signing_the_form_says_what_it_decides(priya: Visitor, wei: Visitor) -> None:
    """`_NEEDS` emptied: nothing says before Sign what level 2 needs of its judge."""
    priya.writes(1)
    priya.post(f"/reflect/{KEY}/share")
    page = wei.get(wei.judging_url())
    award = shipped().rules.award(2)
    assert award is not None
    months = next(one.number("months") for one in award.conditions if one.kind == "known")
    decides = f"Level 2, Consistent, needs a judge who has known this work for {months} months and saw"
    assert page.index(decides) < page.index('value="sign"')
    assert page.count("If you have only read it here, choose “I was told”.") == len(FEATURES)
    assert "If you have only read it here, begin with the month of the oldest example." in page
    assert "Return all of it with a comment" in page and "To leave one out" not in page
