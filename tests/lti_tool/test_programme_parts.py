"""An instructor changes what a placed programme holds, also after learners have begun; nobody is locked out."""

import re
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from framework import journey
from framework.store import tasks
from framework.store.attempts import Worker
from framework.store.sessions import Store, now
from framework.store.tables import Identity, Progress, ResourceLink, SettingChange, Task
from tests.framework.editions import answer_to
from tests.lti_tool.platform import INSTRUCTOR, TOOL, enter
from workers import vocabulary as v

ORIGIN = {"Origin": TOOL}
PLACED = {v.CUSTOM: {"activity_id": "programme"}}
FIRST, SECOND, THIRD = "self-belief", "self-awareness", "broad-scanning"


def send(client: FlaskClient, path: str, *keys: str, **named: str) -> TestResponse:
    fields = MultiDict([("what", "programme"), *(("quality", key) for key in keys), *named.items()])
    return client.post(path, data=fields, headers=ORIGIN)


def teacher(app: Flask) -> tuple[FlaskClient, str]:
    changes = {v.ROLES: [INSTRUCTOR], "sub": "teacher", "name": "Tea Cher"}
    client, base = enter(app, **changes, **PLACED)
    return client, f"{base}settings/programme/"


def learner(app: Flask, sub: str) -> tuple[FlaskClient, str]:
    return enter(app, sub=sub, name=f"{sub} Learner", **PLACED)


def works(store: Store, sub: str, *, begins: str = "", finishes: tuple[str, ...] = ()) -> uuid.UUID:
    """What a learner does in the programme; answers the person."""
    with store.transaction(1) as session:
        one = session.scalars(sa.select(Identity).where(Identity.sub == sub)).one()
        link = session.scalars(sa.select(ResourceLink)).one()
        worker: Worker = journey.worker_of(session, link.id, one.person_id, one.id)
        for key in (begins, *finishes):
            work = journey.begin(session, worker, key, now=now()) if key else None
            if work is None or key == begins:
                continue
            for item in work.missing:
                value = answer_to(work.catalogue, work.activity, item)
                journey.answer(session, worker, key, item.key, value, now=now())
            journey.submit(session, worker, key, now=now())
        person_id = one.person_id
    computes(store, person_id)
    return person_id


def computes(store: Store, person_id: uuid.UUID) -> None:
    with store.transaction(1) as session:
        journey.recompute(session, person_id, now=now())


def status(store: Store, person_id: uuid.UUID) -> tuple[str, float]:
    with store.reading(1) as session:
        asked = sa.select(Progress.status, Progress.fraction).where(
            Progress.person_id == person_id, Progress.activity_key == "programme"
        )
        found = session.execute(asked).one()
        return found[0], found[1]


def asked(store: Store) -> dict[str, int]:
    """How often a worker has been asked to compute each person anew."""
    with store.reading(1) as session:
        rows = session.execute(sa.select(Task.subject, Task.wanted).where(Task.kind == tasks.RECOMPUTE))
        return {one.subject: one.wanted for one in rows}


def titles(page: str) -> list[str]:
    return re.findall(r'<span class="order__title">([^<]+)</span>', page)


def test_a_change_after_learners_began_says_what_it_means_and_locks_nobody_out(app: Flask, store: Store) -> None:
    """Red without ``attempts.in_programme`` in ``terms.set_programme``, and without ``left_out`` in
    ``placements.check``."""
    # given a programme of two qualities that one learner has finished, one half, and one has just begun
    client, page = teacher(app)
    assert send(client, page, FIRST, SECOND).status_code == 303
    browsers = {sub: learner(app, sub) for sub in ("ada", "ben", "carla")}
    ada, ben = works(store, "ada", finishes=(FIRST, SECOND)), works(store, "ben", finishes=(FIRST,))
    carla = works(store, "carla", begins=SECOND)
    assert (status(store, ada)[0], status(store, ben), status(store, carla)[1]) == (
        "completed",
        ("in_progress", 0.5),
        0.0,
    )
    # when the instructor takes one out, the page says what that does, before anything is kept
    shown = send(client, f"{page}order", FIRST, SECOND, move=f"remove:{SECOND}").text
    assert titles(shown) == ["Self-belief"]
    assert "Learners have begun." in shown and "Taken out: Self-awareness." in shown
    assert len(titles(client.get(page).text)) == 2
    before = asked(store)
    assert send(client, page, FIRST).status_code == 303
    # then whoever has done the rest is finished as soon as a worker has looked
    after = asked(store)
    assert {one for one, wanted in after.items() if wanted > before.get(one, 0)} == {str(ben), str(carla)}
    for person_id in (ada, ben, carla):
        computes(store, person_id)
    assert [status(store, one)[0] for one in (ada, ben, carla)] == ["completed", "completed", "in_progress"]
    # and who had begun what was taken out goes on there
    browser, path = browsers["carla"]
    programme = browser.get(f"{path}programme").text
    assert "No longer part of the programme" in programme and f"learn/{SECOND}/" in programme
    assert browser.get(f"{path}learn/{SECOND}/").status_code == 200
    assert "No longer part" not in browsers["ben"][0].get(f"{browsers['ben'][1]}programme").text
    # and what is added asks more of those who have not finished, and of nobody else
    assert "Added: Broad scanning." in send(client, f"{page}order", FIRST, add=THIRD, added="yes").text
    assert send(client, page, THIRD, FIRST).status_code == 303
    for person_id in (ada, ben, carla):
        computes(store, person_id)
    assert [status(store, one) for one in (ada, carla)] == [("completed", 1.0), ("in_progress", 0.0)]
    # and the history tells all of it
    told = client.get(page.removesuffix("/programme/")).text
    assert "Qualities: Self-belief and Self-awareness → Self-belief" in told and "Tea Cher" in told
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(SettingChange.id))) == 3


@pytest.mark.one_database
def test_an_unfinished_change_and_a_change_to_nothing(app: Flask, store: Store) -> None:
    client, page = teacher(app)
    send(client, page, FIRST, SECOND)
    moved = send(client, f"{page}order", FIRST, SECOND, move=f"down:{FIRST}").text
    assert titles(moved) == ["Self-awareness", "Self-belief"] and "Nothing is saved yet." in moved
    assert "Learners have begun." not in moved
    refused = send(client, page)
    assert refused.status_code == 422 and "Choose at least one quality." in refused.text
    assert send(client, page, "nonsense").status_code == 422
    assert send(client, page, FIRST, self_assessment="first").status_code == 303
    assert "Begins with the self-assessment" in client.get(page.removesuffix("/programme/")).text
    same = send(client, page, FIRST, self_assessment="first")
    assert "said=same" in same.headers["Location"]
    with store.reading(1) as session:
        held = session.scalars(sa.select(ResourceLink.settings)).one()
    assert held == {"qualities": [FIRST], "grade": "completion", "self_assessment": "first"}


@pytest.mark.one_database
def test_the_page_is_for_programmes_and_for_those_who_teach(app: Flask) -> None:
    client, base = enter(app, **{v.ROLES: [INSTRUCTOR]})
    assert client.get(f"{base}settings/programme/").status_code == 404
    assert send(client, f"{base}settings/programme/", FIRST).status_code == 404
    own, path = learner(app, "ada")
    for answer in (own.get(f"{path}settings/programme/"), send(own, f"{path}settings/programme/", FIRST)):
        assert answer.status_code == 403


@pytest.mark.one_database
def test_a_programme_that_begins_and_ends_with_the_self_assessment(app: Flask, store: Store) -> None:
    """Red without ``beside`` in ``placements.check``."""
    client, page = teacher(app)
    send(client, page, FIRST, self_assessment="both")
    own, path = learner(app, "ada")
    shown = own.get(f"{path}programme").text
    assert "Where you are now" in shown and "Where you are at the end" in shown
    assert "Start with the self-assessment" in shown
    assert own.get(f"{path}self-assessment/self-assessment/").status_code == 200
    # it is no condition of finishing
    person_id = works(store, "ada", finishes=(FIRST,))
    assert status(store, person_id)[0] == "completed"
    assert "the self-assessment again" in own.get(f"{path}programme").text
