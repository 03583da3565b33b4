"""What a learner reads about the grade when a quality of a programme ends, and the way on through the programme."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework import assessment, journey
from framework.store import editions
from framework.store.attempts import Worker
from framework.store.sessions import Store, now
from framework.store.tables import GradePush, Identity, ResourceLink
from tests.framework.editions import answer_to
from tests.lti_tool.platform import enter
from workers import vocabulary as v

pytestmark = pytest.mark.one_database

FIRST, SECOND, THIRD = QUALITIES = ("self-belief", "self-awareness", "broad-scanning")
AGS = {
    "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
    "lineitem": "https://lms.example.org/items/7",
}
NO_COLUMN = "no column in the gradebook"


def programme(app: Flask, store: Store, **settings: Any) -> tuple[FlaskClient, str]:
    """A learner, Ada, in a programme of three qualities."""
    placed = {v.CUSTOM: {"activity_id": "programme"}, v.AGS_ENDPOINT: AGS}
    client, base = enter(app, sub="ada", name="Ada Learner", **placed)
    with store.transaction(1) as session:
        link = session.scalars(sa.select(ResourceLink)).one()
        link.settings = {"qualities": list(QUALITIES), "grade": "completion"} | settings
    return client, base


def works(store: Store, key: str, *, leaves: int = 0, finishes: bool = True) -> None:
    """Ada answers all parts of a quality but the last ``leaves``, and finishes it; then a worker looks."""
    with store.transaction(1) as session:
        one = session.scalars(sa.select(Identity).where(Identity.sub == "ada")).one()
        link = session.scalars(sa.select(ResourceLink)).one()
        worker: Worker = journey.worker_of(session, link.id, one.person_id, one.id)
        work = journey.begin(session, worker, key, now=now())
        for item in work.missing[: len(work.missing) - leaves]:
            journey.answer(session, worker, key, item.key, answer_to(work.catalogue, work.activity, item), now=now())
        if finishes:
            journey.submit(session, worker, key, now=now())
            journey.recompute(session, one.person_id, now=now())


def test_before_finish_the_page_says_when_the_column_fills(app: Flask, store: Store) -> None:
    """Red without ``within=programme`` in ``learn._finish``."""
    client, base = programme(app, store)
    works(store, FIRST, finishes=False)
    page = client.get(f"{base}learn/{FIRST}/finish").text
    assert "Press Finish to earn the badge." in page
    assert "The gradebook column fills when all 3 qualities are finished." in page
    assert "gradebook shows that you have finished" not in page


def test_after_one_of_three_the_grade_is_still_to_come(app: Flask, store: Store) -> None:
    """Red without ``within=within(session, worker, work)`` in ``finished.show_result``."""
    client, base = programme(app, store)
    works(store, FIRST)
    page = client.get(f"{base}learn/{FIRST}/result").text
    assert "1 of 3 qualities finished. Your grade comes when all 3 are." in page
    assert NO_COLUMN not in page


def test_after_the_last_the_grade_is_on_its_way_and_then_there(app: Flask, store: Store) -> None:
    """Red without ``"delivered"`` in ``programme_finish._GRADE``, and with ``>`` for ``>=`` in ``after``."""
    client, base = programme(app, store)
    for key in QUALITIES:
        works(store, key)
    page = client.get(f"{base}learn/{THIRD}/result").text
    assert "You have finished the whole programme. Your grade is on its way." in page
    with store.transaction(1) as session:
        session.scalars(sa.select(GradePush)).one().state = "delivered"
    page = client.get(f"{base}learn/{THIRD}/result").text
    assert "You have finished the whole programme. Your grade is in your course’s gradebook." in page
    assert NO_COLUMN not in page


def test_a_programme_without_a_grade_says_nothing_of_a_gradebook(app: Flask, store: Store) -> None:
    """Red without ``placements.basis(worker.link) != "none"`` in ``stepwise.within``."""
    client, base = programme(app, store, grade="none")
    works(store, FIRST, finishes=False)
    page = client.get(f"{base}learn/{FIRST}/finish").text
    assert "Press Finish to earn the badge." in page and "gradebook" not in page
    for key in QUALITIES:
        works(store, key)
        page = client.get(f"{base}learn/{key}/result").text
        assert "gradebook" not in page and "grade" not in page.lower().replace("upgrade", "")
    assert "You have finished the whole programme." in page


def test_the_programme_says_when_it_closes(app: Flask, store: Store) -> None:
    """Red without ``limits=limits`` in ``start.programme_page``. Attempts are of each quality, and stay out."""
    client, base = programme(app, store, closes_at="2126-12-17T17:00:00+00:00", attempts=2)
    page = client.get(f"{base}programme").text
    assert "Closes on 17 December 2126 at 17:00." in page
    assert "left of 2" not in page


def test_the_next_action_leads_into_the_part_that_is_open(app: Flask, store: Store) -> None:
    """Red without ``straight=straight`` in ``start.programme_page``."""
    client, base = programme(app, store)
    page = client.get(f"{base}programme").text
    why, *_, last = (f"{base}learn/{FIRST}/part/{key}" for key in part_keys(store))
    assert f'href="{why}"' in page and "About" in page
    works(store, FIRST, leaves=1, finishes=False)
    page = client.get(f"{base}programme").text
    assert f'href="{last}"' in page and "Continue: Self-belief" in page and "1 part left" in page
    works(store, FIRST, finishes=False)
    assert f'href="{base}learn/{FIRST}/finish"' in client.get(f"{base}programme").text


def test_a_first_page_that_tells_of_attempts_is_kept(app: Flask, store: Store) -> None:
    """Red without ``_terms(session, worker).attempts is not None`` in ``start._straight``."""
    client, base = programme(app, store, attempts=2)
    page = client.get(f"{base}programme").text
    assert f"{base}learn/{FIRST}/part/" not in page and "Start: Self-belief" in page
    assert "2 attempts left of 2." in client.get(f"{base}learn/{FIRST}/").text


def part_keys(store: Store) -> list[str]:
    """The parts of the first quality, in order."""
    with store.reading(1) as session:
        _, catalogue = editions.current(session, "leadership-qualities")
    return [item.key for item in assessment.items(catalogue, catalogue.activity(FIRST))]
