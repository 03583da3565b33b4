"""The whole framework on one page: everything is there, words find it, and own levels are marked."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from framework import competency
from framework.competency import Competency
from lti_tool.presenters.framework_page import FrameworkPage, framework_page
from tests.framework.editions import shipped, tiny
from tests.framework.practice import example, explored_facts, judgement
from tests.lti_tool import platform
from tests.lti_tool.markup import parse
from workers import vocabulary

ON = date(2026, 11, 25)


def reached() -> dict[str, Competency]:
    """Self-belief judged at level 2, self-awareness explored."""
    facts = [fact for key in ("self-belief", "self-awareness") for fact in explored_facts(shipped(), key, ON)]
    judged = [judgement(ON, 2, 3, 2, None, examples=(example(date(2026, 9, 2)), example(date(2026, 11, 2))))]
    return dict(competency.fold(shipped(), facts, judged, on=ON))


def shown(search: str = "", edition: Any = None, standing: Any = None) -> FrameworkPage:
    return framework_page(edition or shipped(), standing or {}, search, "#framework")


def texts(page: FrameworkPage) -> list[str]:
    return [
        "".join(piece.text for piece in one.pieces)
        for cluster in page.clusters
        for quality in cluster.qualities
        for one in quality.behaviours
    ]


def marked(page: FrameworkPage) -> set[str]:
    pieces = [
        piece
        for cluster in page.clusters
        for quality in cluster.qualities
        for part in (quality.title, quality.summary, *(one.pieces for one in quality.behaviours))
        for piece in part
    ]
    return {piece.text for piece in pieces if piece.is_found}


def test_every_behaviour_and_level_is_there_once() -> None:
    page = shown()
    assert len(texts(page)) == len(set(texts(page))) == 57
    assert page.found == ""
    qualities = [quality for cluster in page.clusters for quality in cluster.qualities]
    assert [[level.label for level in one.levels] for one in qualities] == [
        ["Developing", "Consistent", "Extending", "Shaping"]
    ] * 15
    assert all(one.related for one in qualities)


def test_own_levels_are_marked_and_nobody_elses() -> None:
    """Red with ``level.value <= held``."""
    qualities = {one.key: one for cluster in shown(standing=reached()).clusters for one in cluster.qualities}
    assert qualities["self-belief"].standing == "Consistent, judged"
    assert [level.is_held for level in qualities["self-belief"].levels] == [False, True, False, False]
    assert [one.mark for one in qualities["self-belief"].behaviours] == ["Consistent", "Extending", "Consistent", ""]
    assert (qualities["self-awareness"].standing, qualities["self-awareness"].is_standing) == ("Explored", True)
    assert qualities["self-management"].standing == "Not explored yet"
    assert not any(level.is_held for key, one in qualities.items() if key != "self-belief" for level in one.levels)


def test_words_find_behaviours_and_are_marked() -> None:
    page = shown("UNPOPULAR  decision")
    assert page.found == "1 behaviour in 1 quality for “UNPOPULAR decision”"
    assert texts(page) == ["Puts their name to unpopular decisions they support and explains why."]
    assert marked(page) == {"unpopular", "decision"}


def test_a_word_is_found_from_its_beginning() -> None:
    assert any("organisation" in text for text in texts(shown("organis")))
    assert texts(shown("ganisation")) == []


def test_a_quality_is_found_by_its_name_with_all_its_behaviours() -> None:
    assert len(texts(shown("self-belief"))) == 4
    assert "Self-belief" in marked(shown("Self-belief"))


def test_a_level_is_found_and_opened() -> None:
    found = [one for cluster in shown("limits and mistakes").clusters for one in cluster.qualities]
    assert [(one.key, one.is_open) for one in found] == [("self-awareness", True)]


@pytest.mark.parametrize("search", ["zebra", "<script>", "(", "\\", "*" * 500, "ß", "\x00"])
def test_any_words_are_taken(search: str) -> None:
    page = shown(search)
    assert len(page.search) <= 80
    assert page.found.startswith("Nothing for") or page.clusters


def test_another_framework_has_the_same_page() -> None:
    page = shown(edition=tiny())
    assert page.title == "Leading in the library"
    assert len(texts(page)) == len(tiny().features)


@pytest.mark.one_database
def test_it_is_placed_searched_and_asks_for_nothing(app: Flask) -> None:
    browser, first = platform.enter(app, **{vocabulary.CUSTOM: {"activity_id": "framework"}})
    page = browser.get(first, follow_redirects=True)
    assert page.request.path == f"{first}framework"
    assert parse(page.text).text.count("Not explored yet") == 15

    found = browser.get(f"{first}framework?search=<b>unpopular").text
    assert "&lt;b&gt;unpopular" in found
    assert "<b>unpopular" not in found

    # and it is there for a learner of any other activity
    other, elsewhere = platform.enter(app, **{vocabulary.RESOURCE_LINK: {"id": "link-2"}})
    assert 'href="' + f"{elsewhere}framework" in other.get(elsewhere, follow_redirects=True).text
    assert other.get(f"{elsewhere}framework").status_code == 200
