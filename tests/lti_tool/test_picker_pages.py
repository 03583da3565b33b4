"""The designer's pages: find, choose, put in order, set the terms, look at it; what the LMS and the placement get."""

import json
import re
from datetime import date
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from framework import terms
from framework.catalogue import read
from framework.errors import Invalid
from framework.store.sessions import Store
from framework.store.tables import Answer, Attempt, Evidence, GradePush, Pick, Progress, ResourceLink, Task, Visit
from framework.terms import Terms
from lti_tool import picking
from lti_tool.presenters import choice, pick
from lti_tool.presenters.choice import Chosen
from lti_tool.presenters.frame import Form
from lti_tool.presenters.presets import chosen_by
from tests.lti_tool.platform import INSTRUCTOR, TOOL, browser, deep_linking, enter, launch, log_in, sign
from tests.own_content import content, document
from workers import vocabulary as v

pytestmark = pytest.mark.one_database
ORIGIN = {"Origin": TOOL}
TODAY = date(2026, 11, 25)
LIMITS = picking.Limits(many=True, columns=True, today=TODAY, zone=ZoneInfo("Europe/London"))
KEPT = (Answer, Attempt, Evidence, GradePush, Progress, ResourceLink, Task)


def designer(app: Flask, settings: dict[str, Any] | None = None) -> tuple[FlaskClient, str]:
    login = log_in(browser(app))
    response = launch(login, sign(deep_linking(login.nonce, settings, sub="dee", name="Dee Signer")))
    assert response.status_code == 303, response.text
    return login.browser, response.location


def send(client: FlaskClient, path: str, *fields: tuple[str, str], **named: str) -> TestResponse:
    return client.post(path, data=MultiDict([*named.items(), *fields]), headers=ORIGIN)


def ticked(*keys: str) -> list[tuple[str, str]]:
    return [("what", "separate"), *(("activity", key) for key in keys)]


def values(page: str, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)


def items(page: TestResponse) -> list[dict[str, Any]]:
    token = re.search(r'name="JWT" value="([^"]+)"', page.text)
    assert token is not None, page.text
    found: list[dict[str, Any]] = jwt.decode(token.group(1), options={"verify_signature": False})[v.CONTENT_ITEMS]
    return found


# -- Find and keep


def test_a_search_without_script_narrows_the_list_and_keeps_what_is_ticked(app: Flask) -> None:
    """Red with ``{% if one.is_found %}`` around the row of ``_offers.html`` instead of ``hidden``."""
    client, base = designer(app)
    page = send(client, base + "pick/list", *ticked("self-belief", "board"), search="account", kind="module").text
    assert "1 found" in page and 'value="account"' in page
    assert re.search(r'<fieldset class="offers__row" data-find="Self-belief [^>]* hidden>', page)
    assert re.search(r'<fieldset class="offers__row" data-find="Holding to account [^>]*"[^>]*>', page)
    for key in ("self-belief", "board"):
        assert re.search(rf'id="activity-{key}" name="activity" value="{key}" checked', page)
    assert re.search(r'data-kind="reflection"', page) and "This adds 2 items and 1 gradebook column." in page


@pytest.mark.parametrize(("cluster", "shown"), [(0, 5), (1, 5), (2, 5)])
def test_a_cluster_is_found_whole(cluster: int, shown: int) -> None:
    key = content().clusters[cluster].key
    chosen = Chosen(choice.SEPARATE, "", (), (), "completion", find=choice.Find("", key, ""))
    page = pick.picker(content(), place(), TODAY, chosen=chosen)
    assert page.found == f"{len(content().clusters[cluster].qualities)} found"
    assert [one.is_found for one in page.clusters] == [number == cluster for number in range(3)]


def place() -> pick.Place:
    form = Form("/", "Add")
    return pick.Place("T", "", "", False, True, form, "/", "/", form)


@pytest.mark.parametrize("value", ["", "quality:nonsense", "cluster:", "<script>"])
def test_an_unknown_preset_changes_nothing(app: Flask, value: str) -> None:
    client, base = designer(app)
    page = send(client, base + "pick/list", *ticked("self-belief"), preset=value, use="preset")
    assert 'value="self-belief" checked data-name' in page.text


def test_presets_choose_one_quality_a_cluster_or_everything(app: Flask) -> None:
    client, base = designer(app)
    one = send(client, base + "pick/list", preset="quality:self-belief", use="preset").text
    assert "This adds 3 items and 3 gradebook columns." in one
    order = send(client, base + "pick/order", *ticked(*values(one, "order"))).text
    assert values(order, "activity") == ["self-belief.self-assessment", "self-belief", "self-belief.reflection"]
    cluster = content().clusters[1]
    page = send(client, base + "pick/list", preset=f"cluster:{cluster.key}", use="preset").text
    assert f'value="{cluster.title} programme"' in unescape(page)
    chosen = chosen_by(content(), "whole", TODAY)
    assert chosen is not None and (len(chosen.quality_keys), chosen.self_assessment) == (15, "both")
    [made] = picking.items(content(), chosen, LIMITS)
    assert made.settings["self_assessment"] == "both" and made.maximum == 1.0


def test_after_a_preset_the_page_says_what_it_chose_and_each_can_be_taken_out(app: Flask) -> None:
    """`chosen, did = preset or sent, ...` without ``did`` in ``choosing.again``: only the count tells.

    Red without ``choice.without`` too: pressing "Take out" changes nothing.
    """
    client, base = designer(app)
    page = unescape(send(client, base + "pick/list", preset="quality:self-belief", use="preset").text)
    said = "Self-belief: self-assessment, module and reflection are chosen."
    assert said in page and 'id="said" data-focus="now"' in page and 'pick/list#said">Use it' in page
    listed = re.findall(r'<span>([^<]+)</span><button[^>]*name="move" value="remove:([^"]+)"', page)
    assert [name for name, _ in listed] == [
        "Self-belief: self-assessment",
        "Self-belief: module",
        "Self-belief: reflection",
    ]
    keys = [key for _, key in listed]

    # when one is taken out, it is gone, and that is said
    page = unescape(send(client, base + "pick/list", *ticked(*keys), move="remove:self-belief").text)
    assert "Taken out: Self-belief: module." in page and "This adds 2 items" in page
    assert 'value="self-belief" checked' not in page

    # when a whole cluster is chosen, the sentence counts what is ticked; with nothing chosen it says that
    cluster = content().clusters[0]
    page = unescape(send(client, base + "pick/list", preset=f"cluster:{cluster.key}", use="preset").text)
    assert f"“{cluster.title} programme” is chosen. Its {len(cluster.qualities)} qualities are ticked below." in page
    page = send(client, base + "pick/list", *ticked(*keys), preset="", use="preset").text
    assert "Nothing was chosen from the list" in page and "This adds 3 items" in page


def test_no_quality_is_ticked_at_first_and_buttons_tick_all_or_none(app: Flask) -> None:
    """Red without `elif request.form.get("tick") == "all":` in ``choosing.again``."""
    client, base = designer(app)

    def boxes(page: str) -> int:
        return len(re.findall(r'name="quality" value="[^"]+" checked', page))

    page = client.get(base + "pick").text
    assert (boxes(page), "Nothing is chosen yet." in page) == (0, True)
    page = send(client, base + "pick/list", what="programme", title="Mine", tick="all").text
    assert boxes(page) == 15 and "15 qualities are ticked." in page and 'value="Mine"' in page
    page = send(client, base + "pick/list", ("quality", "self-belief"), what="programme", tick="none").text
    assert boxes(page) == 0 and "No quality is ticked." in page
    refused = send(client, base + "pick", what="programme")
    assert refused.status_code == 422 and "Choose at least one" in refused.text


def test_the_whole_frameworks_activities_come_first_and_say_how_long_they_take(app: Flask) -> None:
    client, base = designer(app)
    page = unescape(client.get(base + "pick").text)
    assert page.index("Self-assessment, all 15 qualities") < page.index('id="activity-self-belief"')
    whole = next(one for one in content().activities if one.key == "self-assessment")
    assert f"About {whole.minutes} minutes. {whole.summary}" in page


def test_what_retires_carries_its_notice_and_is_offered_no_more_from_its_day() -> None:
    """Red without ``choice.require_offered`` in ``picking._item``."""
    changed = json.loads(json.dumps(document()))
    ends = {"activity": "self-belief", "from": "2027-03-01", "notice": "A newer module takes its place."}
    changed["framework"]["retired"] = [ends]
    catalogue = read(changed)
    chosen = Chosen(choice.SEPARATE, "", (), ("self-belief",), "completion")
    before = pick.picker(catalogue, place(), date(2027, 2, 28))
    said = "Offered until 1 March 2027. A newer module takes its place."
    quality = next(one for cluster in before.clusters for one in cluster.qualities if one.key == "self-belief")
    assert (quality.notice, quality.offers[0].notice, quality.is_chosen) == (said, said, False)
    after = pick.picker(catalogue, place(), date(2027, 3, 1))
    quality = next(one for cluster in after.clusters for one in cluster.qualities if one.key == "self-belief")
    assert not quality.is_offered and "self-belief" not in [one.key for one in quality.offers]
    ticked_all = choice.with_all(choice.first_choice(catalogue), catalogue, date(2027, 3, 1))
    assert len(ticked_all.quality_keys) == 14 and "self-belief" not in ticked_all.quality_keys
    late = picking.Limits(True, True, date(2027, 3, 1), LIMITS.zone)
    assert picking.items(catalogue, chosen, LIMITS)
    programme = Chosen(choice.PROGRAMME, "", ("self-belief",), (), "completion")
    for asked in (chosen, programme):
        with pytest.raises(Invalid, match="not offered any more"):
            picking.items(catalogue, asked, late)


# -- Order and settings


@pytest.mark.parametrize(
    ("move", "left"),
    [
        ("up:b", ("b", "a", "c")),
        ("down:b", ("a", "c", "b")),
        ("up:a", ("a", "b", "c")),
        ("down:c", ("a", "b", "c")),
        ("remove:b", ("a", "c")),
        ("up:nothing", ("a", "b", "c")),
        ("nonsense", ("a", "b", "c")),
    ],
)
def test_parts_move_up_down_and_out(move: str, left: tuple[str, ...]) -> None:
    for what, name in ((choice.SEPARATE, "activity_keys"), (choice.PROGRAMME, "quality_keys")):
        chosen = Chosen(what, "", ("a", "b", "c"), ("a", "b", "c"), "completion")
        assert getattr(choice.moved(chosen, move), name) == left


def test_the_order_made_is_the_order_added_and_survives_a_look_at_the_list(app: Flask) -> None:
    """Red without ``order`` in ``choice.carried``."""
    client, base = designer(app)
    page = send(client, base + "pick/order", *ticked("self-awareness", "self-belief", "board"), move="up:board").text
    assert values(page, "activity") == ["self-awareness", "board", "self-belief"]
    assert "Badge board is number 2 of 3 now." in page or "is number 2 of 3 now." in page
    back = send(client, base + "pick/list", *ticked(*values(page, "activity"))).text
    assert values(back, "order") == ["self-awareness", "board", "self-belief"]
    again = [*ticked("self-awareness", "self-belief", "board"), *(("order", key) for key in values(back, "order"))]
    added = items(send(client, base + "pick", *again))
    assert [one["custom"]["activity_id"] for one in added] == ["self-awareness", "board", "self-belief"]


def test_each_item_has_its_own_title_grade_dates_and_attempts(app: Flask, store: Store) -> None:
    client, base = designer(app)
    options = {
        "title:self-belief": "Week 1: Self-belief",
        "basis:self-belief": "score",
        "opens_at:self-belief": "2027-07-01T09:00",
        "due_at:self-belief": "2027-07-08T17:00",
        "closes_at:self-belief": "2027-07-15T17:00",
        "attempts:self-belief": "2",
        "basis:self-awareness.scenarios": "none",
    }
    chosen = ticked("self-belief", "self-awareness.scenarios")
    page = send(client, base + "pick/order", *chosen, **options).text
    assert "This adds 2 items and 1 gradebook column." in page and "3 dates, 2 attempts at most" in page
    first, second = items(send(client, base + "pick", *chosen, **options))
    assert (first["title"], first["lineItem"]["scoreMaximum"], "lineItem" in second) == (
        "Week 1: Self-belief",
        100,
        False,
    )
    assert first["available"] == {
        "startDateTime": "2027-07-01T08:00:00+00:00",
        "endDateTime": "2027-07-15T16:00:00+00:00",
    }
    assert first["submission"] == {"endDateTime": "2027-07-08T16:00:00+00:00"} and "available" not in second
    # and the launch of that item is held to the same terms
    enter(app, **{v.CUSTOM: first["custom"], v.RESOURCE_LINK: {"id": "week-1", "title": "Week 1"}})
    with store.reading(1) as session:
        placed = session.scalars(sa.select(ResourceLink).where(ResourceLink.lti_id == "week-1")).one()
        held = terms.read(placed.settings)
        assert (held.attempts, placed.settings["grade"]) == (2, "score")
        assert held.closes_at is not None and held.closes_at.isoformat() == "2027-07-15T16:00:00+00:00"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"opens_at:self-belief": "2027-07-02T09:00", "closes_at:self-belief": "2027-07-01T09:00"}, "must be after"),
        ({"due_at:self-belief": "soon"}, "enter a day and a time"),
        ({"attempts:self-belief": "0"}, "1 to 20"),
        ({"attempts:self-belief": "many"}, "whole number"),
    ],
)
def test_a_wrong_option_is_said_beside_its_item_and_nothing_is_kept(
    app: Flask, store: Store, options: dict[str, str], says: str
) -> None:
    client, base = designer(app)
    refused = send(client, base + "pick", *ticked("board", "self-belief"), **options)
    assert refused.status_code == 422 and says in refused.text
    name, value = list(options.items())[-1]
    assert f'href="#{name}"' in refused.text and f'id="{name}"' in refused.text and f'value="{value}"' in refused.text
    assert values(refused.text, "activity") == ["board", "self-belief"]
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(Pick.id))) == 0


def test_a_score_is_offered_only_where_there_is_one() -> None:
    catalogue = content()
    for key, offered in (
        ("self-belief", ("completion", "score", "none")),
        ("self-belief.scenarios", ("completion", "none")),
        ("self-belief.reflection", ("completion", "none")),
        ("self-assessment", ("completion", "none")),
        ("programme", ("completion", "none")),
        ("board", ("none",)),
        ("framework", ("none",)),
    ):
        assert choice.bases_of(catalogue, catalogue.activity(key)) == offered
    typed = {"self-belief.scenarios": {"basis": "score"}}
    chosen = Chosen(choice.SEPARATE, "", (), ("self-belief.scenarios",), "none", typed=typed)
    [made] = picking.items(catalogue, chosen, LIMITS)
    assert made.maximum == 1.0, "a score that was asked for by hand"


@pytest.mark.parametrize("basis", ["completion", "score", "none"])
@pytest.mark.parametrize("columns", [True, False])
def test_the_count_before_add_is_what_is_added_for_all_kinds(basis: str, columns: bool) -> None:
    """Red without ``if not columns`` in ``choice.basis_of``: the Connection test's point would make one."""
    limits = picking.Limits(True, columns, TODAY, LIMITS.zone)
    keys = ("self-belief", "self-belief.scenarios", "self-belief.reflection", "self-assessment", "framework", "board")
    typed = {"self-belief.reflection": {"basis": "none"}, "self-belief": {"basis": "completion"}}
    for chosen in (
        Chosen(choice.SEPARATE, "", (), (*keys, "connection-test"), basis, typed=typed),
        Chosen(choice.PROGRAMME, "", ("self-belief",), (), basis),
    ):
        made = picking.items(content(), chosen, limits)
        assert choice.adds(content(), chosen, columns=columns) == (len(made), picking.columns(made))
        assert columns or picking.columns(made) == 0


def test_a_place_for_one_item_shows_radios_and_takes_one(app: Flask) -> None:
    client, base = designer(app, {"accept_multiple": False, "accept_lineitem": False})
    page = client.get(base + "pick").text
    assert "takes one activity at a time" in page and "takes no gradebook column" in page
    assert 'type="radio" id="activity-self-belief"' in page and 'name="basis"' not in page
    assert 'value="quality:self-belief"' not in page, "a preset of several"
    ordered = send(client, base + "pick/order", *ticked("self-belief")).text
    assert 'name="basis:self-belief"' not in ordered and 'name="closes_at:self-belief"' in ordered
    [one] = items(send(client, base + "pick", *ticked("connection-test")))
    assert "lineItem" not in one


def test_the_chooser_of_an_open_link_takes_terms_too(app: Flask, store: Store) -> None:
    client, base = enter(app, **{v.ROLES: [INSTRUCTOR], v.CUSTOM: None})
    assert "Order and settings" in client.get(base + "choose").text
    assert "1 found" in send(client, base + "choose/list", *ticked("self-belief"), search="account").text
    options = {"closes_at:self-belief": "2027-07-15T17:00", "attempts:self-belief": "3", "arranged": "yes"}
    assert 'name="attempts:self-belief"' in send(client, base + "choose/order", *ticked("self-belief")).text
    assert send(client, base + "choose", *ticked("self-belief"), **options).status_code == 303
    with store.reading(1) as session:
        held = terms.read(session.scalars(sa.select(ResourceLink.settings)).one())
    assert held.attempts == 3 and held != Terms()

    # when it holds something, the page says what, ticks it, and has a way out
    page = unescape(client.get(base + "choose").text)
    assert "This activity holds: Self-belief: module. What you choose replaces it, with its settings." in page
    assert 'value="self-belief" checked' in page and "Learners wait" not in page
    assert re.search(r'<a href="[^"]*activity">Leave it as it is</a>', page)
    assert pick.IN_LINK[0] in page and "This adds" not in page
    qualities = [("quality", "self-belief"), ("quality", "self-awareness")]
    assert send(client, base + "choose", *qualities, what="programme").status_code == 303
    page = unescape(client.get(base + "choose").text)
    titles = " and ".join(content().quality(key).title for _, key in qualities)
    assert f"This activity holds: a programme of {titles}." in page
    assert len(re.findall(r'name="quality" value="[^"]+" checked', page)) == 2
    learner, path = enter(app, sub="ada", **{v.CUSTOM: None})
    assert learner.get(path + "choose").status_code == 403
    assert send(learner, path + "choose/list").status_code == 403
    assert send(learner, path + "choose/order").status_code == 403


# -- Previews


def preview(app: Flask, client: FlaskClient, page: str, key: str, *fields: tuple[str, str]) -> tuple[FlaskClient, str]:
    """Press Preview: the new window shares no cookie with the frame."""
    window = browser(app)
    begun = send(window, "/lti/preview", ("seen_from", sealed(page)), ("preview", key), *fields)
    assert begun.status_code == 303, begun.text
    return window, begun.headers["Location"]


def sealed(page: str) -> str:
    found: str = values(page, "seen_from")[0]
    return found


def stored(store: Store) -> dict[str, int]:
    with store.reading(1) as session:
        return {one.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in KEPT}


def walk(client: FlaskClient, start: str) -> None:
    """Every page and every form that can be reached, as somebody curious would; each one must answer."""
    seen: set[str] = set()
    left = [start]
    while left and len(seen) < 60:
        path = left.pop(0)
        if path in seen:
            continue
        seen.add(path)
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, f"{path}: {page.status_code}"
        assert "Nothing is stored" in page.text, path
        for form in re.findall(r'<form method="post" action="([^"]+)".*?</form>', page.text, re.DOTALL):
            hidden = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page.text)
            answer = client.post(unescape(form), data=MultiDict(hidden), headers=ORIGIN, follow_redirects=True)
            assert answer.status_code in (200, 422), f"{form}: {answer.status_code}"
        root = start.split("/v/")[1].split("/")[0]
        left += [unescape(one).split("#")[0] for one in re.findall(r'href="(/v/[^"]+)"', page.text) if root in one]


KINDS = [
    "self-belief",
    "self-belief.scenarios",
    "self-belief.reflection",
    "self-assessment",
    "self-belief.self-assessment",
    "framework",
    "board",
    "programme",
]


@pytest.mark.parametrize("key", KINDS)
def test_a_preview_from_the_picker_shows_every_kind_and_stores_nothing(app: Flask, store: Store, key: str) -> None:
    """Red without ``here.sample is not None`` in ``placed.learning``."""
    client, base = designer(app)
    page = client.get(base + "pick").text
    before = stored(store)
    window, path = preview(app, client, page, key, ("quality", "self-belief"), ("self_assessment", "both"))
    shown = window.get(path, follow_redirects=True).text
    assert "Close this window to go on choosing" in shown and "Back to your own view" not in shown
    walk(window, path)
    assert stored(store) == before


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("who", ["instructor", "guest"])
def test_an_instructors_and_a_guests_look_stores_nothing(app: Flask, store: Store, key: str, who: str) -> None:
    placed = {v.CUSTOM: {"activity_id": key}}
    if who == "guest":
        app.config["LQF"] = app.config["LQF"].model_copy(update={"guests": True})
        client, path = enter(app, sub=None, name=None, **placed)
    else:
        client, base = enter(app, **{v.ROLES: [INSTRUCTOR]}, **placed)
        path = send(client, base + "preview").headers["Location"]
    before = stored(store)
    walk(client, path)
    assert stored(store) == before


@pytest.mark.parametrize("key", KINDS)
def test_a_test_user_opens_every_kind(app: Flask, key: str) -> None:
    roles = [f"{v.MEMBERSHIP}#Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"]
    client, path = enter(app, **{v.ROLES: roles, v.CUSTOM: {"activity_id": key}})
    assert client.get(path, follow_redirects=True).status_code == 200


def test_a_preview_shows_the_programme_as_it_is_chosen_now(app: Flask) -> None:
    client, base = designer(app)
    fields = [("quality", "broad-scanning"), ("quality", "self-belief"), ("title", "Starting to lead")]
    window, path = preview(app, client, client.get(base + "pick").text, "programme", *fields)
    shown = window.get(path, follow_redirects=True).text
    assert "Starting to lead" in shown and "You have finished 0 of 2 qualities." in shown
    assert shown.index("Broad scanning") < shown.index("Self-belief")


def test_a_preview_ends_with_the_page_that_it_comes_from(app: Flask, store: Store) -> None:
    """Red without ``row.ended_at is not None`` in ``lti_tool.sample``."""
    client, base = designer(app)
    page = client.get(base + "pick").text
    for text in ("", "nonsense", sealed(page)[:-2]):
        assert browser(app).post("/lti/preview", data={"seen_from": text, "preview": "board"}).status_code == 403
    assert browser(app).post("/lti/preview", data={"seen_from": sealed(page), "preview": "x"}).status_code == 404
    with store.transaction(1) as session:
        row = session.scalars(sa.select(Visit)).one()
        row.ended_at = row.created_at
    ended = browser(app).post("/lti/preview", data={"seen_from": sealed(page), "preview": "board"})
    assert ended.status_code == 403
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(Visit.id))) == 1
