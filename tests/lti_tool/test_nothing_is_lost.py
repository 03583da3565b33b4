"""Two devices at once, answers by script, and a visit that ends: nothing that somebody has typed is lost."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from framework.store.sessions import Store, now
from framework.store.tables import Answer
from framework.store.tables import Visit as VisitRow
from lti_tool.presenters.wording import typeset
from tests import own_content
from tests.lti_tool import platform
from tests.lti_tool.markup import parse
from workers import vocabulary

EDITION = own_content.content()
MODULE = EDITION.module("self-belief")
CHECK = MODULE.sections[0]
WRITTEN = "Typed on a slow train."


class Device:
    """One browser of one learner, in a visit of its own."""

    def __init__(self, app: Flask, activity: str, **changes: Any) -> None:
        self.browser, path = platform.enter(app, **{vocabulary.CUSTOM: {"activity_id": activity}, **changes})
        self.root = path.rstrip("/")

    def get(self, path: str) -> str:
        return self.browser.get(f"{self.root}{path}").text

    def version(self, path: str) -> str:
        """The version that the page's form would replace."""
        fields = [tag for tag in parse(self.get(path)).named("input") if tag.attributes.get("name") == "replaces"]
        return fields[0].attributes["value"]

    def sends(self, path: str, **fields: str) -> TestResponse:
        return self.browser.post(f"{self.root}{path}", data=fields, headers={"Origin": platform.TOOL})

    def saves(self, path: str, **fields: str) -> tuple[int, Any]:
        """As script does: the status and the JSON that came back."""
        headers = {"Origin": platform.TOOL, "Accept": "application/json"}
        response = self.browser.post(f"{self.root}{path}", data=fields, headers=headers)
        return response.status_code, response.json


def rows(store: Store, table: Any) -> list[Any]:
    with store.reading(1) as session:
        return list(session.scalars(sa.select(table).order_by(table.id)))


def hurry(store: Store, **when: timedelta) -> None:
    """Set moments of all visits, counted from now."""
    with store.transaction(1) as session:
        session.execute(sa.update(VisitRow).values({name: now() + by for name, by in when.items()}))


def test_a_check_answered_on_two_devices(app: Flask, store: Store) -> None:
    """Red without ``if replaces is not None and replaces != ...: raise Stale`` in ``attempts.put_answer``."""
    path = f"/learn/self-belief/part/{CHECK.key}"
    right = next(one for one in CHECK.check.options if one.key == CHECK.check.answer_key)
    wrong, other = [one for one in CHECK.check.options if one is not right][:2]

    # given a page open on two devices, and an answer from the first
    phone, desk = Device(app, "self-belief"), Device(app, "self-belief")
    assert phone.version(path) == desk.version(path) == "0"
    assert phone.sends(path, option=wrong.key, replaces="0").status_code == 303

    # when the second answers something else, it is told, with what it sent and what is stored
    late = desk.sends(path, option=other.key, replaces="0")
    assert late.status_code == 409
    text = parse(late.text).text
    assert "on another device or in another tab" in text
    assert text.count(typeset(other.text)) == 2  # as an option, and as what was sent
    assert [one.value for one in rows(store, Answer)] == [wrong.key]

    # then its page is now the newest, and goes on from there
    assert 'name="replaces" value="1"' in late.text
    assert desk.sends(path, option=right.key, replaces="1").status_code == 303
    (answer,) = rows(store, Answer)
    assert (answer.value, answer.first_value, answer.tries) == (right.key, wrong.key, 2)


@pytest.mark.one_database
def test_the_same_answer_twice_is_no_conflict(app: Flask, store: Store) -> None:
    """Red without ``if row is not None and row.value == value: return`` in ``attempts.put_answer``."""
    path = f"/learn/self-belief/part/{CHECK.key}"
    for device in (Device(app, "self-belief"), Device(app, "self-belief")):
        assert device.sends(path, option=CHECK.check.answer_key, replaces="0").status_code == 303
    assert [one.tries for one in rows(store, Answer)] == [1]


@pytest.mark.one_database
def test_a_situation_answered_on_two_devices(app: Flask, store: Store) -> None:
    """Red without ``except Stale: return _answered_meanwhile(...)`` in ``learn.answer``."""
    scenario = next(one for one in MODULE.scenarios if one.format == "rank5")
    path = f"/learn/self-belief/part/{scenario.key}"
    keys = [one.key for one in scenario.responses]
    first, second = Device(app, "self-belief"), Device(app, "self-belief")
    places = {key: str(place) for place, key in enumerate(keys, 1)}
    assert first.sends(path, replaces="0", **places).status_code == 303

    late = second.sends(path, replaces="0", **{key: str(6 - int(place)) for key, place in places.items()})
    assert late.status_code == 409
    assert "How your answer compares" in late.text
    assert "What you have just sent is not stored" in late.text
    assert [one.value[keys[0]] for one in rows(store, Answer)] == [1]


def test_an_example_written_on_two_devices(app: Flask, store: Store) -> None:
    """Red without ``replaces=replaces`` in ``write._keep``."""
    path = "/reflect/self-belief.reflection/example/1"
    first, second = Device(app, "self-belief.reflection"), Device(app, "self-belief.reflection")
    assert first.sends(path, text="From the <b>phone</b>.", reach="own_team", replaces="0").status_code == 303

    # when another text is sent from an old page
    late = second.sends(path, text=WRITTEN, reach="beyond_team", witness="", replaces="0")

    # then both are shown in full, and what else differs
    assert late.status_code == 409
    page = parse(late.text)
    assert "From the &lt;b&gt;phone&lt;/b&gt;." in late.text
    assert WRITTEN in late.text
    assert "How far it reached" in page.text
    assert [one.value["text"] for one in rows(store, Answer)] == ["From the <b>phone</b>."]

    # and the learner keeps both, or puts one in the place of the other
    assert second.sends(path, text=WRITTEN, reach="own_team", replaces="1", action="another").status_code == 303
    assert [one.value["text"] for one in rows(store, Answer)] == ["From the <b>phone</b>.", WRITTEN]
    assert second.sends(path, text="Both.", reach="own_team", replaces="1").status_code == 303
    assert [one.value["text"] for one in rows(store, Answer)] == ["Both.", WRITTEN]


@pytest.mark.one_database
def test_a_self_assessment_answered_on_two_devices(app: Flask, store: Store) -> None:
    """Red without ``replaces=replaces`` in ``self_assessment.answer``."""
    path = "/self-assessment/self-assessment/quality/self-belief"
    first, second = Device(app, "self-assessment"), Device(app, "self-assessment")
    assert first.sends(path, **{"self-belief.1": "2", "example": "One.", "replaces": "0"}).status_code == 303
    late = second.sends(path, **{"self-belief.1": "4", "example": "Two.", "replaces": "0"})
    assert late.status_code == 409
    text = parse(late.text).text
    assert "What is stored" in text and "One." in text and "Two." in late.text
    assert 'id="self-belief.1-4" name="self-belief.1" value="4" checked' in late.text
    assert [one.value["example"] for one in rows(store, Answer)] == ["One."]

    # what was typed wins once the learner says so
    assert second.sends(path, **{"self-belief.1": "4", "example": "Two.", "replaces": "1"}).status_code == 303
    assert [one.value["example"] for one in rows(store, Answer)] == ["Two."]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("activity", "path", "field"),
    [
        ("self-belief.reflection", "/reflect/self-belief.reflection/example/1", "text"),
        ("self-assessment", "/self-assessment/self-assessment/quality/self-belief", "example"),
    ],
)
def test_long_texts_are_kept_by_script(app: Flask, store: Store, activity: str, path: str, field: str) -> None:
    ann = Device(app, activity)
    assert "data-autosave" in ann.get(path)
    for number, text in enumerate(("One.", "One. Two."), 1):
        status, kept = ann.saves(path, **{field: text, "replaces": str(number - 1)})
        assert (status, kept["version"]) == (200, number)
        assert kept["closes_in"] > 0

    status, stale = ann.saves(path, **{field: "Old.", "replaces": "1"})
    assert (status, stale["code"]) == (409, "stale")
    status, wrong = ann.saves(path, **{field: "x" * 9000, "replaces": "2"})
    assert (status, wrong["code"]) == (422, "invalid")
    assert [one.value[field] for one in rows(store, Answer)] == ["One. Two."]

    # only this tool's pages may send it
    foreign = ann.browser.post(f"{ann.root}{path}", data={field: "x"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    junk = ann.sends(path, **{field: WRITTEN, "replaces": "-1"})
    assert junk.status_code == 422 and WRITTEN in junk.text


@pytest.mark.one_database
def test_a_text_sent_after_the_end_is_shown_again(app: Flask, store: Store) -> None:
    """Red without ``typed=_typed()`` in ``lti_tool.errors``."""
    path = "/reflect/self-belief.reflection/example/1"
    ann = Device(app, "self-belief.reflection")
    hurry(store, expires_at=timedelta(minutes=-1))
    late = ann.sends(path, text=f"{WRITTEN} </textarea><script>", reach="own_team", replaces="0")
    assert late.status_code == 403
    assert "Your visit has ended" in late.text
    assert f"readonly>{WRITTEN} &lt;/textarea&gt;&lt;script&gt;</textarea>" in late.text

    # by script it is told so, and the page keeps the text
    status, told = ann.saves(path, text=WRITTEN, replaces="0")
    assert (status, told["code"]) == (403, "visit_ended")

    # but no other site makes this tool show its words
    headers = {"Origin": "https://evil.example"}
    forged = ann.browser.post(f"{ann.root}{path}", data={"text": WRITTEN}, headers=headers)
    assert WRITTEN not in forged.text
    assert rows(store, Answer) == []


@pytest.mark.one_database
def test_a_visit_tells_when_it_ends_and_lasts_while_somebody_is_there(app: Flask, store: Store) -> None:
    """Red without ``visits.note_seen(...)`` in ``closing.stay``."""
    ann = Device(app, "self-belief")

    def closing() -> Any:
        found = [tag for tag in parse(ann.get("/learn/self-belief/")).tags if "data-closes-in" in tag.attributes]
        return found[0].attributes

    # given a visit that was last used four minutes ago
    hurry(store, seen_at=timedelta(minutes=-4))
    before = int(closing()["data-closes-in"])
    assert 115 * 60 < before <= 116 * 60

    # when somebody says that they are there, it ends later
    _, stayed = ann.saves("/stay")
    assert stayed["can_stay"] is True
    assert before + 200 < stayed["closes_in"] <= 120 * 60
    assert int(closing()["data-closes-in"]) > before + 200

    # but never after its time, and then nothing is offered
    hurry(store, expires_at=timedelta(minutes=3))
    assert "data-stay" not in closing()
    assert ann.saves("/stay")[1]["closes_in"] <= 180


def test_two_first_answers_at_the_same_moment_are_told_and_not_an_error_of_ours(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red without ``app.register_error_handler(IntegrityError, _at_once)``."""

    def second(*_: object, **__: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("unique"))

    monkeypatch.setattr("lti_tool.learn.journey.answer", second)
    client, base = platform.enter(app, **{vocabulary.CUSTOM: {"activity_id": "self-belief"}})
    address, sent = base + "learn/self-belief/part/self-belief.1", {"option": "self-belief.1.check.c"}
    shown = client.post(address, data=sent, headers={"Origin": platform.TOOL})
    assert shown.status_code == 409 and "at the same moment" in shown.text
    by_script = {"Origin": platform.TOOL, "Accept": "application/json"}
    assert client.post(address, data=sent, headers=by_script).status_code == 503
