"""People read content in the language that their LMS names, where the edition has it."""

import re

import jwt
import pytest
import sqlalchemy as sa
from flask import Flask

from framework.store import editions
from framework.store.sessions import Store, now
from framework.store.tables import Answer
from tests import own_content
from tests.lti_tool import platform
from workers import vocabulary as v

WELSH = {
    "self-belief/title": "Hunan-gred",
    "self-belief.module/title": "Hunan-gred",
    "self-belief.1/title": "Ymgymryd â gwaith caled",
}


@pytest.fixture
def welsh(app: Flask, store: Store) -> Flask:
    """The application with an edition of which a handful of texts are in Welsh."""
    document = {**own_content.document(), "translations": {"cy": WELSH}}
    with store.transaction(1) as session:
        editions.publish(session, document, now=now())
    return app


def first_page(app: Flask, locale: str, path: str = "", **changes: object) -> str:
    client, first = platform.enter(app, **{v.LAUNCH_PRESENTATION: {"locale": locale}} | changes)
    return client.get(first + path, follow_redirects=True).text


@pytest.mark.one_database
@pytest.mark.lti("LTI-126")
@pytest.mark.parametrize("locale", ["cy", "cy_GB.UTF-8", "CY-GB"])
def test_a_learner_from_a_welsh_lms_reads_welsh_and_the_page_says_so(welsh: Flask, locale: str) -> None:
    """Red without ``content_language.choose(session)`` in lti_tool/placed.py."""
    page = first_page(welsh, locale)
    assert "<h1>Hunan-gred</h1>" in page and "Ymgymryd â gwaith caled" in page
    assert '<html lang="en-GB">' in page and '<main class="page" id="maincontent" lang="cy">' in page
    assert "Going further when it counts" in page, "what has no Welsh stays English"


@pytest.mark.one_database
@pytest.mark.parametrize("locale", ["en", "fr", "", "cy'><script>", "xx" * 100])
def test_everybody_else_reads_the_frameworks_own_language(welsh: Flask, locale: str) -> None:
    page = first_page(welsh, locale)
    assert "<h1>Self-belief</h1>" in page and "Hunan-gred" not in page and 'id="maincontent">' in page


@pytest.mark.one_database
@pytest.mark.parametrize("is_right", [True, False])
def test_an_answer_on_a_welsh_page_is_worth_the_same(welsh: Flask, store: Store, is_right: bool) -> None:
    check = own_content.content().module("self-belief").sections[0].check
    option = next(one.key for one in check.options if (one.key == check.answer_key) is is_right)
    client, first = platform.enter(welsh, **{v.LAUNCH_PRESENTATION: {"locale": "cy"}})
    part = f"{first}learn/self-belief/part/self-belief.1"
    page = client.get(part)
    assert "Ymgymryd â gwaith caled" in page.text
    answered = client.post(part, data={"option": option}, headers={"Origin": platform.TOOL})
    assert answered.status_code == 303, answered.text
    assert ("Right answer" in client.get(part).text) is is_right
    with store.reading(1) as session:
        assert session.scalars(sa.select(Answer.value)).one() == option


@pytest.mark.one_database
def test_a_designer_from_a_welsh_lms_picks_and_places_welsh_titles(welsh: Flask) -> None:
    """Red without either ``content_language.choose(session)`` in lti_tool/deep_linking.py."""
    login = platform.log_in(platform.browser(welsh))
    asked = platform.deep_linking(login.nonce, **{v.LAUNCH_PRESENTATION: {"locale": "cy"}})
    base = platform.launch(login, platform.sign(asked)).headers["Location"]
    page = login.browser.get(base + "pick", follow_redirects=True)
    assert "Hunan-gred" in page.text and 'id="maincontent" lang="cy"' in page.text
    chosen = {"what": "separate", "activity": "self-belief"}
    added = login.browser.post(base + "pick", data=chosen, headers={"Origin": platform.TOOL})
    token = re.search(r'name="JWT" value="([^"]+)"', added.text)
    assert token is not None, added.text
    (item,) = jwt.decode(token.group(1), options={"verify_signature": False})[v.CONTENT_ITEMS]
    assert (item["title"], item["custom"]["activity_id"]) == ("Hunan-gred", "self-belief")
