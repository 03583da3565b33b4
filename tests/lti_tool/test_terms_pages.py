"""The settings of a placement as its instructor sets them, and what learners then meet."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework import journey
from framework import terms as held_terms
from framework.catalogue import read
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import Audit, Identity, LearnerAllowance, ResourceLink, SettingChange
from framework.terms import Terms
from tests.framework.editions import answer_to
from tests.lti_tool.conftest import DOCUMENT
from tests.lti_tool.platform import INSTRUCTOR, TOOL, enter
from workers import vocabulary as v

pytestmark = pytest.mark.one_database
ORIGIN = {"Origin": TOOL}
CATALOGUE = read(DOCUMENT)
MODULE = CATALOGUE.module("self-belief")
LONDON = ZoneInfo("Europe/London")
FIELDS = {"opens_at": "", "due_at": "", "closes_at": "", "attempts": "", "grade": "completion"}


def custom(activity: str = "self-belief") -> dict[str, Any]:
    return {v.CUSTOM: {"activity_id": activity}}


def teacher(app: Flask, activity: str = "self-belief", **changes: Any) -> tuple[FlaskClient, str]:
    return enter(app, **{v.ROLES: [INSTRUCTOR], "sub": "teacher", "name": "Tea Cher", **custom(activity), **changes})


def learner(app: Flask, sub: str = "ada") -> tuple[FlaskClient, str]:
    return enter(app, sub=sub, name=f"{sub} Learner", **custom())


def typed(days: float) -> str:
    return f"{(now() + timedelta(days=days)).astimezone(LONDON):%Y-%m-%dT%H:%M}"


def held(store: Store) -> Terms:
    with store.reading(1) as session:
        return held_terms.read(session.scalars(sa.select(ResourceLink.settings)).one())


def person(store: Store, sub: str) -> str:
    with store.reading(1) as session:
        return public_id("prs", session.scalars(sa.select(Identity.person_id).where(Identity.sub == sub)).one())


def test_an_instructor_sets_times_and_attempts_and_the_history_tells_it(app: Flask, store: Store) -> None:
    client, base = teacher(app)
    assert 'href="' + base + 'settings"' in client.get(base + "activity").text
    sent = {**FIELDS, "closes_at": "2027-07-01T17:00", "attempts": "2", "counts": "latest"}
    saved = client.post(base + "settings", data=sent, headers=ORIGIN)
    assert saved.status_code == 303
    page = client.get(saved.headers["Location"]).text
    assert "Saved. It holds from now on." in page and 'value="2027-07-01T17:00"' in page
    assert "Times are those of Europe/London." in page
    assert "Closes: none → 1 July 2027 at 17:00" in page and "Tea Cher" in page
    closes = held(store).closes_at
    assert closes is not None and closes.isoformat() == "2027-07-01T16:00:00+00:00", "summer time"
    again = client.post(base + "settings", data=sent, headers=ORIGIN)
    assert "Nothing was changed." in client.get(again.headers["Location"]).text


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"opens_at": "2027-07-02T09:00", "closes_at": "2027-07-01T17:00"}, "close must be after the opening"),
        ({"closes_at": "next week"}, "enter a day and a time"),
        ({"attempts": "0"}, "1 to 20"),
        ({"attempts": "two"}, "whole number"),
        ({"counts": "mean"}, "Choose one"),
        ({"grade": "stars"}, "Choose one"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_is_still_there(
    app: Flask, store: Store, sent: dict[str, str], says: str
) -> None:
    client, base = teacher(app)
    refused = client.post(base + "settings", data={**FIELDS, **sent}, headers=ORIGIN)
    assert refused.status_code == 422 and says in refused.text and "Nothing was saved" in refused.text
    name, value = next(iter(sent.items()))
    if name not in ("counts", "grade"):
        assert f'value="{value}"' in refused.text
    assert held(store) == Terms()


def test_a_learner_reads_the_terms_and_is_stopped_after_the_close(app: Flask, store: Store) -> None:
    client, base = teacher(app)
    client.post(base + "settings", data={**FIELDS, "due_at": typed(-1), "closes_at": typed(1)}, headers=ORIGIN)
    own, path = learner(app)
    page = own.get(path + "learn/self-belief/").text
    assert "That has passed, and work is still taken." in page and "Closes on" in page
    client.post(base + "settings", data={**FIELDS, "closes_at": typed(-1)}, headers=ORIGIN)
    part = path + "learn/self-belief/part/self-belief.1"
    refused = own.post(part, data={"option": "self-belief.1.check.c"}, headers=ORIGIN)
    assert refused.status_code == 422 and "has closed" in refused.text
    # and one learner is given more time
    chosen = {"person": person(store, "ada"), "closes_at": typed(2)}
    allowed = client.post(base + "settings/allow", data=chosen, headers=ORIGIN)
    assert allowed.headers["Location"].endswith("#allowed")
    page = client.get(allowed.headers["Location"]).text
    assert "until" in page and 'id="allowed" data-focus="now"' in page and "nobody needs another attempt" in page
    # and a learner's own page leads here, with their box ticked
    leads = re.findall(
        r'href="([^"]+)">Give more time or attempts', client.get(f"{base}learner/{chosen['person']}").text
    )
    assert f'value="{chosen["person"]}" checked' in client.get(leads[0]).text
    assert own.post(part, data={"option": "self-belief.1.check.c"}, headers=ORIGIN).status_code == 303
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(Audit.id)).where(Audit.action == "allow")) == 1


def test_nobody_is_allowed_anything_without_a_tick_or_from_another_course(app: Flask, store: Store) -> None:
    client, base = teacher(app)
    client.post(base + "settings", data={**FIELDS, "attempts": "1"}, headers=ORIGIN)
    other, there = enter(
        app, sub="eve", name="Eve", **{v.CONTEXT: {"id": "elsewhere", "title": "Elsewhere"}}, **custom()
    )
    for who in ("", person(store, "eve"), "prs_nonsense"):
        refused = client.post(base + "settings/allow", data={"person": who, "extra_attempts": "1"}, headers=ORIGIN)
        assert refused.status_code == 422 and "Tick at least one learner" in refused.text
    assert other.post(there + "settings/allow", data={"extra_attempts": "9"}, headers=ORIGIN).status_code == 403
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(LearnerAllowance.id))) == 0


def test_a_new_run_begins_once_however_often_the_page_is_sent(app: Flask, store: Store) -> None:
    """Red without ``request.form.get("run") == str(placed.run)``."""
    client, base = teacher(app)
    page = client.get(base + "settings").text
    (run,) = re.findall(r'name="run" value="(\d+)"', page)
    for _ in range(2):
        client.post(base + "settings/run", data={"run": run}, headers=ORIGIN)
    with store.reading(1) as session:
        assert session.scalars(sa.select(ResourceLink.run)).one() == 2
        assert session.scalar(sa.select(sa.func.count(SettingChange.id))) == 1


def test_several_activities_are_set_at_once_or_not_at_all(app: Flask, store: Store) -> None:
    client, base = teacher(app)
    teacher(app, "self-awareness", **{v.RESOURCE_LINK: {"id": "second", "title": "Self-awareness"}})
    page = client.get(base + "settings/course").text
    links = re.findall(r'name="link" value="(lnk_[a-z0-9]+)"', page)
    assert len(links) == 2
    sent = {"link": links, "set_closes_at": "on", "closes_at": typed(5), "attempts": "3"}
    assert client.post(base + "settings/course", data=sent, headers=ORIGIN).status_code == 303
    with store.reading(1) as session:
        both = [held_terms.read(one) for one in session.scalars(sa.select(ResourceLink.settings))]
    assert all(one.closes_at is not None and one.attempts is None for one in both), "attempts were not ticked"
    late = {"link": links, "set_opens_at": "on", "opens_at": typed(6)}
    refused = client.post(base + "settings/course", data=late, headers=ORIGIN)
    assert refused.status_code == 422 and "Nothing was changed" in refused.text
    assert client.post(base + "settings/course", data={"link": links}, headers=ORIGIN).status_code == 422
    with store.reading(1) as session:
        assert {held_terms.read(one).opens_at for one in session.scalars(sa.select(ResourceLink.settings))} == {None}


def test_learners_have_no_settings(app: Flask, store: Store) -> None:
    teacher(app)
    own, path = learner(app)
    for address in ("settings", "settings/course"):
        assert own.get(path + address).status_code == 403
        assert own.post(path + address, data=FIELDS, headers=ORIGIN).status_code == 403
    assert own.post(path + "settings/run", data={"run": "1"}, headers=ORIGIN).status_code == 403


def test_a_result_from_another_course_is_offered_and_taken_over(app: Flask, store: Store) -> None:
    """Given a learner who has done it elsewhere, the page offers that result; the grade then goes out here."""
    own, path = learner(app)
    for section in ("why", "1", "2", "3", "4"):
        check = next((one for one in MODULE.sections if one.key == f"self-belief.{section}"), None)
        sent = {"option": check.check.answer_key} if check else {}
        own.post(path + f"learn/self-belief/part/self-belief.{section}", data=sent, headers=ORIGIN)
    with store.transaction(1) as session:
        who = session.scalars(sa.select(Identity).where(Identity.sub == "ada")).one()
        link = session.scalars(sa.select(ResourceLink)).one()
        worker = journey.worker_of(session, link.id, who.person_id, who.id)
        for item in journey.look(session, worker, "self-belief").missing:
            given = answer_to(CATALOGUE, CATALOGUE.activity("self-belief"), item)
            journey.answer(session, worker, "self-belief", item.key, given, now=now())
        journey.submit(session, worker, "self-belief", now=now())
    other = {v.CONTEXT: {"id": "elsewhere", "title": "Elsewhere"}, v.RESOURCE_LINK: {"id": "again", "title": "Again"}}
    there, base = enter(app, sub="ada", name="Ada", **other, **custom())
    page = there.get(base + "learn/self-belief/").text
    assert "in A course. You can use that result here." in page and f"{base}learn/self-belief/reuse" in page
    taken = there.post(base + "learn/self-belief/reuse", headers=ORIGIN)
    assert taken.status_code == 303
    shown = there.get(taken.headers["Location"], follow_redirects=True).text
    assert "You have finished Self-belief" in shown
    assert there.get(base + "learn/self-belief/review").status_code == 200
