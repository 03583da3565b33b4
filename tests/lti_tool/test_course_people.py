"""The instructor's pages about a course's people: by quality, who is stuck, a nudge, one learner, the file."""

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from framework import journey, judging
from framework.store import cohorts, placements, terms
from framework.store.attempts import Worker
from framework.store.columns import new_id, public_id
from framework.store.sessions import Store, now
from framework.store.tables import Audit, Context, Identity, NudgedPerson, Person, ResourceLink
from framework.terms import Terms
from lti_tool.presenters.nudge import LONGEST_MAILTO, mail_links
from lti_tool.presenters.spreadsheet import csv_file, guarded
from tests import builders
from tests.framework.editions import answer_to
from tests.lti_tool.platform import INSTRUCTOR, TOOL, enter
from workers import vocabulary as v

pytestmark = pytest.mark.one_database
ORIGIN = {"Origin": TOOL}
ELSEWHERE: dict[str, Any] = {v.CONTEXT: {"id": "elsewhere", "title": "Elsewhere"}}


def placed(activity: str = "self-belief", groups: str = "5") -> dict[str, Any]:
    link = {"id": activity, "title": f"Link to {activity}"}
    return {v.CUSTOM: {"activity_id": activity, "user_group_ids": groups}, v.RESOURCE_LINK: link}


def teacher(app: Flask, activity: str = "self-belief", groups: str = "5") -> tuple[FlaskClient, str]:
    return enter(app, **{v.ROLES: [INSTRUCTOR], "sub": "teacher", "name": "Tea Cher", **placed(activity, groups)})


def learner(
    app: Flask, sub: str, activity: str = "self-belief", groups: str = "5", **more: Any
) -> tuple[FlaskClient, str]:
    said = {"sub": sub, "name": f"{sub} Learner", "email": f"{sub}@example.org", **placed(activity, groups)}
    return enter(app, **{**said, **more})


def identity(store: Store, sub: str) -> Identity:
    with store.reading(1) as session:
        return session.scalars(sa.select(Identity).where(Identity.sub == sub)).one()


def prs(store: Store, sub: str) -> str:
    return public_id("prs", identity(store, sub).person_id)


def works(store: Store, sub: str, activity: str = "self-belief", *, finishes: bool = True, wrong: int = 0) -> None:
    """The learner does the activity; ``wrong``: the first question that many times, and then stops."""
    who = identity(store, sub)
    with store.transaction(1) as session:
        link = session.scalars(sa.select(ResourceLink).where(ResourceLink.activity_key == activity)).one()
        worker = Worker(link, who.person_id, who.id)
        work = journey.begin(session, worker, activity, now=now())
        for item in work.missing:
            if wrong and item.kind == "section":
                check = next(one.check for one in work.catalogue.module(activity).sections if one.key == item.key)
                bad = [one.key for one in check.options if one.key != check.answer_key]
                for place in range(wrong):
                    journey.answer(session, worker, activity, item.key, bad[place % len(bad)], now=now())
                return
            value = answer_to(work.catalogue, work.activity, item)
            journey.answer(session, worker, activity, item.key, value, now=now())
        if finishes:
            journey.submit(session, worker, activity, now=now())


def audited(store: Store, action: str) -> list[tuple[str, str, int]]:
    with store.reading(1) as session:
        rows = session.scalars(sa.select(Audit).where(Audit.action == action).order_by(Audit.id))
        return [(row.actor, row.subject, row.people) for row in rows]


def cells(page: TestResponse, name: str) -> dict[str, str]:
    """What the page says of one learner, by quality."""
    row = next(one for one in page.text.split("<tr>") if f">{name}</a>" in one)
    found = re.findall(r'title="([^:"]+): ([^"]+)"', row)
    return {html.unescape(quality): html.unescape(words) for quality, words in found}


# -- Everybody by quality


def test_an_instructor_sees_where_everybody_stands_from_this_course_alone(app: Flask, store: Store) -> None:
    """Red without ``Evidence.context_id == context_id`` in store/cohort_learning.py."""
    for sub in ("ann", "ben", "cat"):
        learner(app, sub)
    works(store, "ann")
    works(store, "ben", wrong=1)
    learner(app, "cat", "self-awareness", **ELSEWHERE)
    works(store, "cat", "self-awareness")
    browser, path = teacher(app)
    page = browser.get(f"{path}course")
    assert page.status_code == 200
    assert f'<a href="{path}course" aria-current="page">Course</a>' in page.text
    assert cells(page, "ann Learner")["Self-belief"] == "Explored"
    assert cells(page, "ben Learner")["Self-belief"] == "In progress"
    assert set(cells(page, "cat Learner").values()) == {"Not started"}
    assert len(cells(page, "cat Learner")) == 15
    assert "1 of 1" in page.text and "0 of 1" in page.text, "the course holds one quality"
    assert "1 quality not started" in page.text
    assert "Not in this course" in page.text and next(iter(cells(page, "ann Learner"))) == "Self-belief"


def test_a_result_taken_over_from_elsewhere_is_said_to_be_one(app: Flask, store: Store) -> None:
    learner(app, "ann", **ELSEWHERE)
    works(store, "ann")
    own, base = learner(app, "ann")
    own.post(f"{base}learn/self-belief/reuse", headers=ORIGIN)
    browser, path = teacher(app)
    assert cells(browser.get(f"{path}course"), "ann Learner")["Self-belief"] == "Finished elsewhere"


def test_parts_of_a_programme_count_like_modules(app: Flask, store: Store) -> None:
    own, base = learner(app, "ann", "programme")
    browser, path = teacher(app, "programme")
    own.post(f"{base}learn/self-belief/part/self-belief.why", headers=ORIGIN)
    assert cells(browser.get(f"{path}course"), "ann Learner")["Self-belief"] == "In progress"


def test_a_big_course_comes_in_pages_and_filters_narrow_it(app: Flask, store: Store) -> None:
    browser, path = teacher(app)
    learner(app, "ann", groups="5")
    learner(app, "ben", groups="9")
    listed = browser.get(f"{path}course?section=9").text
    assert "ben Learner" in listed and "ann Learner" not in listed
    assert "ann Learner" in browser.get(f"{path}course?search=ANN").text
    assert "Nobody fits these filters" in browser.get(f"{path}course?search=nobody").text
    assert 'name="status"' not in listed, "a status belongs to one activity"
    with store.transaction(1) as session:
        context, lms = session.scalars(sa.select(Context)).one(), identity(store, "ann").platform_id
        for n in range(100):
            person = Person(name=f"Many {n:03}")
            session.add(person)
            session.flush()
            one = Identity(person_id=person.id, platform_id=lms, sub=f"n{n}")
            session.add(one)
            session.flush()
            builders.membership(session, context, one)
    last = browser.get(f"{path}course?page=3")
    assert "Page 3 of 3" in last.text and last.text.count('name="person"') == 2
    assert len(_lines(browser.get(f"{path}course.csv"))) == 103


# -- The file


def _lines(sent: TestResponse) -> list[list[str]]:
    assert sent.data.startswith(b"\xef\xbb\xbf"), "Excel reads it as UTF-8 only with the mark"
    return list(csv.reader(io.StringIO(sent.data.decode("utf-8-sig"))))


def names_in_order(text: str) -> list[str]:
    return [name.split()[0] for name in re.findall(r'href="[^"]*/learner/[^"]*">([^<]+)</a>', text)]


def test_the_heads_of_the_columns_sort_and_keep_the_filters(app: Flask, store: Store) -> None:
    """`, reverse=is_back` out of `course_order.ordered`: "most first" is least first.

    `Chosen(sort=sort)` for the filtered address of the heads in `course.page`: red too.
    """
    for sub in ("ann", "ben", "cat", "dan"):
        learner(app, sub)
    works(store, "cat")
    works(store, "ben", wrong=1)
    browser, path = teacher(app)

    def order(**asked: str) -> list[str]:
        return names_in_order(browser.get(f"{path}course", query_string=asked).text)

    # given nothing, by name; else by least, with equals by name
    assert order() == ["ann", "ben", "cat", "dan"] == order(sort="nonsense") == order(sort="name")
    assert order(sort="-name") == ["dan", "cat", "ben", "ann"]
    assert order(sort="progress") == order(sort="self-belief") == ["ann", "dan", "ben", "cat"]
    assert order(sort="-self-belief") == order(sort="-progress") == ["cat", "ben", "ann", "dan"]
    assert order(sort="-self-awareness") == ["ann", "ben", "cat", "dan"]

    # the head says how it is sorted, and its links keep what is filtered
    page = html.unescape(browser.get(f"{path}course?section=5&search=an&sort=self-belief").text)
    assert names_in_order(page) == ["ann", "dan"]
    assert re.findall(r'aria-sort="(\w+)"><a class="heat__sort" href="([^"]+)"', page) == [
        ("ascending", f"{path}course?section=5&search=an&sort=-self-belief")
    ]
    assert f'href="{path}course?section=5&search=an&sort=progress"' in page
    assert f'href="{path}course?section=5&search=an"' in page, "by name again"
    assert '<option value="self-belief" selected>Self-belief, least first' in page
    assert f'href="{path}course?sort=self-belief">Show everybody' in page

    # and the file comes in the order of the page
    rows = _lines(browser.get(f"{path}course.csv?sort=-progress"))
    assert [row[0].split()[0] for row in rows[1:]] == ["cat", "ben", "ann", "dan"]


def test_the_file_has_the_filters_of_the_page_and_who_took_it_is_kept(app: Flask, store: Store) -> None:
    learner(app, "ann", name="=HYPERLINK(1)")
    learner(app, "ben", groups="9")
    works(store, "ann")
    browser, path = teacher(app)
    assert f'href="{path}course.csv?section=5"' in browser.get(f"{path}course?section=5").text
    sent = browser.get(f"{path}course.csv?section=5")
    head, row = _lines(sent)
    assert head[:3] == ["Learner", "Sections", "Self-belief"] and len(head) == 17
    assert row[:3] == ["'=HYPERLINK(1)", "Section 5", "Explored"]
    assert sent.headers["Content-Disposition"] == 'attachment; filename="course.csv"'
    assert sent.headers["Cache-Control"] == "no-store"
    assert sent.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [people for _, _, people in audited(store, "course.file")] == [1]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """Red without ``if cell.startswith(_STARTS_A_FORMULA)`` in presenters/spreadsheet.py."""
    assert guarded(cell) == f"'{cell}"
    assert guarded(f"a{cell}") == f"a{cell}"
    sent = csv_file([[cell, "b"]]).decode("utf-8-sig")
    assert [*csv.reader(io.StringIO(sent, newline=""))] == [[f"'{cell}", "b"]]


# -- Who is stuck


def test_who_is_stuck_is_listed_with_the_reasons(app: Flask, store: Store) -> None:
    for sub in ("ann", "ben", "cat"):
        learner(app, sub)
    works(store, "ann")
    works(store, "ben", wrong=3)
    browser, path = teacher(app)
    page = browser.get(f"{path}course/stuck").text
    assert "ben Learner" in page and "3 wrong tries at one question" in page
    assert "ann Learner" not in page and "cat Learner" not in page
    assert "Who is stuck (1)" in browser.get(f"{path}course").text
    assert "all=1" in page and 'type="checkbox"' in page and " checked>" not in page
    assert " checked>" in browser.get(f"{path}course/stuck?all=1").text
    with store.transaction(1) as session:
        link = session.scalars(sa.select(ResourceLink)).one()
        by, closed = identity(store, "teacher").person_id, Terms(closes_at=now() - timedelta(days=1))
        terms.set_for_all(session, link, closed, by=by, now=now())
        terms.allow(session, link, [identity(store, "cat").person_id], now() + timedelta(days=1), 0, by=by, now=now())
    page = browser.get(f"{path}course/stuck").text
    assert "Not finished by the close" in page and "3 wrong tries" not in page
    assert "cat Learner" not in page, "who has more time is not late"


# -- A nudge


def nudge(
    browser: FlaskClient, path: str, people: list[str], step: str, text: str = "Go <on>", **more: str
) -> TestResponse:
    sent = {"person": people, "step": step, "text": text, **more}
    return browser.post(f"{path}course/nudge", data=sent, headers=ORIGIN)


def kept(browser: FlaskClient, path: str, people: list[str], text: str = "Go <on>") -> TestResponse:
    return nudge(browser, path, people, "keep", text, key=public_id("ndg", new_id()))


def test_a_nudge_from_the_tick_to_the_learners_next_page(app: Flask, store: Store) -> None:
    own, base = learner(app, "ann")
    other, there = learner(app, "ben")
    browser, path = teacher(app)
    ann = prs(store, "ann")
    opened = nudge(browser, path, [ann], "", "").text
    assert "ann Learner" in opened and "ben Learner" not in opened and "“A course”" in html.unescape(opened)
    too_long = nudge(browser, path, [ann], "preview", "x" * 1001)
    assert too_long.status_code == 422 and "1,001 characters" in too_long.text and "x" * 1001 in too_long.text
    preview = nudge(browser, path, [ann], "preview")
    assert "Go &lt;on&gt;" in preview.text
    key = re.findall(r'name="key" value="(ndg_\w+)"', preview.text)[0]
    assert "wrote to you" not in own.get(f"{base}learn/self-belief/").text, "nothing is kept before Done"
    for _ in range(2):  # sent twice by an impatient hand
        done = nudge(browser, path, [ann], "keep", key=key)
        assert done.status_code == 303
    ready = browser.get(done.headers["Location"]).text
    assert "ann@example.org" in ready and "mailto:?bcc=ann@example.org" in ready
    assert [people for _, _, people in audited(store, "nudge")] == [1]
    page = own.get(f"{base}learn/self-belief/").text
    assert "Tea Cher wrote to you on" in page and "Go &lt;on&gt;" in page and "<on>" not in page
    assert "wrote to you" not in other.get(f"{there}learn/self-belief/").text
    assert "wrote to you" not in browser.get(f"{path}activity").text
    action = re.findall(r'action="([^"]+/away)"', page)[0]
    assert other.post(action.replace(base, there), headers=ORIGIN).status_code == 303
    assert "wrote to you" in own.get(f"{base}learn/self-belief/").text, "another puts nothing away"
    assert own.post(action).status_code == 403
    put_away = own.post(action, data={"back": f"{base}learn/self-belief/"}, headers=ORIGIN)
    assert put_away.headers["Location"] == f"{base}learn/self-belief/"
    assert "wrote to you" not in own.get(f"{base}learn/self-belief/").text
    with store.reading(1) as session:
        assert session.scalars(sa.select(NudgedPerson.seen_at)).one() is not None


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/v/vis_other/", "", "\r\nX: 1"])
def test_putting_away_leads_nowhere_else(app: Flask, store: Store, back: str) -> None:
    """Red without ``back.startswith(first) and`` in lti_tool/nudge.py."""
    own, base = learner(app, "ann")
    sent = own.post(f"{base}nudge/ndp_x/away", data={"back": back}, headers=ORIGIN)
    assert sent.headers["Location"] == base


def test_who_has_had_one_within_the_week_is_named_and_left_out(app: Flask, store: Store) -> None:
    learner(app, "ann")
    learner(app, "ben")
    browser, path = teacher(app)
    ann, ben = prs(store, "ann"), prs(store, "ben")
    kept(browser, path, [ann])
    page = nudge(browser, path, [ann, ben], "preview").text
    assert "Left out" in page and f'value="{ben}"' in page and f'value="{ann}"' not in page
    again = kept(browser, path, [ann])
    assert again.status_code == 422 and "within the last seven days" in again.text
    assert kept(browser, path, [ann, ben]).status_code == 303
    assert [people for _, _, people in audited(store, "nudge")] == [1, 1]
    listed = browser.get(f"{path}course/stuck")
    assert listed.status_code == 200


def test_nobody_out_of_sight_is_nudged(app: Flask, store: Store) -> None:
    """Red without ``if one in seen`` in lti_tool/nudge.py, and when ``done`` takes everybody of the nudge."""
    learner(app, "ann", groups="5")
    learner(app, "zeb", groups="9")
    learner(app, "eve", **ELSEWHERE)
    whole, whole_path = teacher(app, groups="5,9")
    both = kept(whole, whole_path, [prs(store, one) for one in ("ann", "zeb", "eve")])
    ready = whole.get(both.headers["Location"]).text
    assert [people for _, _, people in audited(store, "nudge")] == [2], "eve is in another course"
    assert "2 learners will read it" in ready and "eve@example.org" not in ready
    browser, path = teacher(app, groups="5")
    with store.transaction(1) as session:
        context_id = session.scalars(sa.select(Context.id).where(Context.title != "Elsewhere")).one()
        cohorts.set_strict(session, context_id, is_strict=True)
    token = both.headers["Location"].rpartition("/")[2]
    half = browser.get(f"{path}course/nudge/{token}").text
    assert "ann@example.org" in half and "zeb@example.org" not in half
    refused = kept(browser, path, [prs(store, "zeb")])
    assert refused.status_code == 422 and "zeb" not in refused.text
    assert nudge(browser, path, [prs(store, "zeb")], "").status_code == 422
    pupil, base = learner(app, "ann")
    assert kept(pupil, base, [prs(store, "ann")]).status_code == 403


def test_mail_links_are_short_enough_and_hide_everybody_from_everybody() -> None:
    many = [f"learner-{n}@a-rather-long-name.example.org" for n in range(200)]
    links, pastes = mail_links(many, "A course & more", "Go on\nplease")
    assert not pastes and len(links) > 1
    assert all(len(one) <= LONGEST_MAILTO and one.startswith("mailto:?bcc=") for one in links)
    assert sum(one.count("%40") + one.count("@") for one in links) == 200
    assert "&subject=A%20course%20%26%20more&body=Go%20on%0D%0Aplease" in links[0]
    long, pastes = mail_links(many[:1], "A course", "ä" * 900)
    assert pastes and "body=" not in long[0]
    assert mail_links([], "A course", "Hello") == ([], False)


# -- One learner


def test_a_learner_as_their_instructor_sees_them(app: Flask, store: Store) -> None:
    learner(app, "ann")
    learner(app, "ann", "self-assessment")
    works(store, "ann")
    browser, path = teacher(app)
    page = browser.get(f"{path}learner/{prs(store, 'ann')}")
    assert page.status_code == 200 and "<h1>ann Learner</h1>" in page.text
    assert "Finished on" in page.text and "1 attempt" in page.text and "Explored" in page.text
    me, her = (identity(store, one).person_id for one in ("teacher", "ann"))
    assert audited(store, "view_learner") == [(f"person {me}", f"person {her}", 1)]
    link = re.findall(r'href="([^"]+/work/[^"]+)"', page.text)[0]
    work = browser.get(link)
    assert "Answers of ann Learner" in work.text and "They see the same answers" in work.text
    assert len(audited(store, "view_learner")) == 2


def test_only_learners_of_the_course_whom_the_instructor_may_see_have_a_page(app: Flask, store: Store) -> None:
    """Red without ``if not cohorts.may_see(...)`` in lti_tool/learner.py."""
    learner(app, "ann", groups="5")
    learner(app, "zeb", groups="9")
    works(store, "zeb")
    learner(app, "eve", **ELSEWHERE)
    browser, path = teacher(app, groups="5")
    open_page = browser.get(f"{path}learner/{prs(store, 'zeb')}")
    link = re.findall(r'href="([^"]+/work/[^"]+)"', open_page.text)[0]
    with store.transaction(1) as session:
        context_id = session.scalars(sa.select(Context.id).where(Context.title != "Elsewhere")).one()
        cohorts.set_strict(session, context_id, is_strict=True)
    assert browser.get(f"{path}learner/{prs(store, 'ann')}").status_code == 200
    for address in (f"{path}learner/{prs(store, 'zeb')}", link):
        refused = browser.get(address)
        assert refused.status_code == 403 and "zeb" not in refused.text
    for token in (prs(store, "eve"), prs(store, "teacher"), "prs_nonsense"):
        assert browser.get(f"{path}learner/{token}").status_code == 404
    own, base = learner(app, "ann")
    for address in ("course", "course/stuck", "course.csv", f"learner/{prs(store, 'ann')}"):
        assert own.get(base + address).status_code == 403


def test_what_is_a_learners_alone_is_not_on_the_page(app: Flask, store: Store) -> None:
    """Red without ``if assessment.is_private(...)``, or ``events if may_judge else ()``, in lti_tool/learner.py."""
    learner(app, "ann", "self-belief.reflection")
    who = identity(store, "ann")
    with store.transaction(1) as session:
        link = session.scalars(sa.select(ResourceLink)).one()
        worker, key = Worker(link, who.person_id, who.id), "self-belief.reflection"
        example = {"text": "SECRET WORDS of mine", "event_on": "2026-01-02"}
        journey.answer(session, worker, key, "example.1", example, now=now())
    browser, path = teacher(app, "self-belief.reflection")
    address = f"{path}learner/{prs(store, 'ann')}"
    page = browser.get(address).text
    assert "In progress" in page and "SECRET" not in page and "Nothing has been shared" in page
    with store.transaction(1) as session:
        worker = Worker(placements.link(session, worker.link.id), who.person_id, who.id)
        judging.share(session, worker, "self-belief.reflection", now=now())
    page = browser.get(address).text
    assert "Shared, waits for a judge" in page and "Read and judge" in page and "SECRET" not in page
    work = browser.get(f"{address}/work/{public_id('lnk', worker.link.id)}/self-belief.reflection")
    assert work.status_code in (403, 404) and "SECRET" not in work.text
    with store.transaction(1) as session:
        by = identity(store, "teacher").person_id
        link = placements.link(session, worker.link.id)
        terms.set_for_all(session, link, Terms(judges="assessors"), by=by, now=now())
    page = browser.get(address).text
    assert "Shared, waits for a judge" in page and "Read and judge" not in page
    assert "ann Learner shared it" not in page, "whoever may not judge reads no history"
