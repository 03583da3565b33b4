"""Who is in the course, as its instructors see it: sections of launches, filters, pages, the strict course."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from framework.store import cohorts, rosters, sections, tasks
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import Audit, Context, Identity, Membership, Person, ResourceLink, Task
from tests import builders
from tests.lti_tool.platform import INSTRUCTOR, LEARNER, TOOL, enter
from workers import vocabulary as v

MEMBERSHIPS = {v.NAMES_AND_ROLES: {"context_memberships_url": "https://lms.example.org/members"}}
ORIGIN = {"Origin": TOOL}
ONE = pytest.mark.one_database


def custom(**told: Any) -> dict[str, Any]:
    """A launch's custom parameters."""
    return {v.CUSTOM: {"activity_id": "self-belief", **told}}


def teacher(app: Flask, sub: str = "teacher", groups: str = "", **changes: Any) -> tuple[FlaskClient, str]:
    """Somebody who teaches the course, in these groups of Moodle's."""
    said = {v.ROLES: [INSTRUCTOR], "sub": sub, "name": f"{sub} the teacher", **custom(user_group_ids=groups)}
    return enter(app, **{**said, **MEMBERSHIPS, **changes})


def learner(app: Flask, sub: str, groups: str = "") -> tuple[FlaskClient, str]:
    return enter(app, sub=sub, name=f"{sub} Learner", **custom(user_group_ids=groups))


def listed(page: TestResponse) -> str:
    """The table of people, '' without one."""
    assert page.status_code == 200, page.text
    return page.text.partition("<tbody>")[2].partition("</tbody>")[0]


def membership(store: Store, sub: str) -> Membership:
    with store.reading(1) as session:
        return session.scalars(
            sa.select(Membership).join(Identity, Identity.id == Membership.identity_id).where(Identity.sub == sub)
        ).one()


def make_strict(store: Store) -> None:
    with store.transaction(1) as session:
        cohorts.set_strict(session, session.scalars(sa.select(Context.id)).one(), is_strict=True)


def test_an_instructor_filters_by_section_status_and_name(app: Flask, store: Store) -> None:
    for sub, groups in (("ann", "5"), ("ben", "5,9"), ("cat", "9"), ("dot", "")):
        learner(app, sub, groups)
    with store.transaction(1) as session:
        placed = session.scalars(sa.select(ResourceLink)).one()
        identity = session.scalars(sa.select(Identity).where(Identity.sub == "ben")).one()
        builders.progress(session, placed, identity, status="completed", fraction=1.0)
        sections.keep_titles(session, placed.context_id, {"5": "<Ward>"})
    browser, path = teacher(app)
    page = browser.get(f"{path}activity")
    assert [name in listed(page) for name in ("ann ", "ben ", "cat ", "dot ")] == [True] * 4
    assert '<option value="5">&lt;Ward&gt;</option>' in page.text
    assert '<option value="9">Section 9</option>' in page.text

    def shown(query: str) -> str:
        rows = listed(browser.get(f"{path}activity?{query}"))
        return "".join(sub[0] for sub in ("ann", "ben", "cat", "dot") if f"{sub} Learner" in rows)

    assert [shown(query) for query in ("section=5", "section=9", "section=404")] == ["ab", "bc", ""]
    assert [shown(query) for query in ("status=none", "status=completed", "status=odd")] == ["acd", "b", "abcd"]
    assert [shown(query) for query in ("search=BEN", "search=learner+c", "search=%00")] == ["b", "abcd"[2:3], ""]
    assert shown("section=9&status=none&search=c&page=-1") == "c"
    narrowed = browser.get(f"{path}activity?section=9&status=none").text
    assert '<option value="9" selected>' in narrowed
    assert "1 person found" in narrowed


@ONE
def test_a_big_course_comes_in_pages_of_fifty(app: Flask, store: Store) -> None:
    browser, path = teacher(app)
    with store.transaction(1) as session:
        context = session.scalars(sa.select(Context)).one()
        lms = session.scalars(sa.select(Identity.platform_id)).first()
        for n in range(121):
            person = builders.person(session, name=f"Learner {n:03}")
            identity = Identity(person_id=person.id, platform_id=lms, sub=f"n{n}")
            session.add(identity)
            session.flush()
            builders.membership(session, context, identity)
    first, last = browser.get(f"{path}activity"), browser.get(f"{path}activity?page=3&search=learner")
    assert (first.text.count("<tr>"), last.text.count("<tr>")) == (51, 22)
    assert "Page 1 of 3" in first.text
    assert "Previous page" not in first.text
    assert "search=learner&amp;page=2" in last.text
    assert "Next page" not in last.text
    assert "Page 3 of 3" in browser.get(f"{path}activity?page=99").text
    assert "<dd>121</dd>" in first.text, "all are counted, not those of the page alone"


PAGES_WITH_PEOPLE = ("activity", "activity?section=9", "activity?status=none&search=cat", "activity?page=2")


@pytest.mark.parametrize("address", PAGES_WITH_PEOPLE)
@ONE
def test_in_a_strict_course_an_instructor_sees_their_own_sections_alone(app: Flask, store: Store, address: str) -> None:
    """Red without ``found = [one for one in found if not one.sections.isdisjoint(own)]`` in store/cohorts.py."""
    for sub, groups in (("ann", "5"), ("cat", "9"), ("dot", "")):
        learner(app, sub, groups)
    browser, path = teacher(app, groups="5")
    assert "cat Learner" in listed(browser.get(f"{path}activity"))
    make_strict(store)
    page = browser.get(f"{path}{address}")
    assert "cat" not in page.text.replace('value="cat"', "")
    assert "dot" not in page.text
    assert "Section 9" not in page.text
    assert "Yours: Section 5." in page.text
    everybody = browser.get(f"{path}activity")
    assert "ann Learner" in listed(everybody)
    assert everybody.text.count("<dd>1</dd>") == 1, "others are not counted either"


@ONE
def test_in_a_strict_course_the_gradebook_opens_work_of_own_sections_alone(app: Flask, store: Store) -> None:
    """Red without ``if not cohorts.may_see(...)`` in lti_tool/review.py."""
    for sub, groups in (("ann", "5"), ("cat", "9")):
        learner(app, sub, groups)
    make_strict(store)

    def review(sub: str) -> TestResponse:
        changes: dict[str, Any] = {
            v.MESSAGE_TYPE: v.SUBMISSION_REVIEW_REQUEST,
            v.FOR_USER: {"user_id": sub},
            v.AGS_ENDPOINT: {"scope": [], "lineitem": "https://lms.example.org/items/1"},
        }
        browser, path = teacher(app, groups="5", **changes)
        return browser.get(f"{path}review")

    assert review("ann").status_code == 200
    assert review("cat").status_code == 403
    assert "cat" not in review("cat").text


@ONE
def test_no_page_of_an_instructor_names_somebody_of_another_section(app: Flask, store: Store) -> None:
    """Every page below a visit is opened, those to come too. Red like the test of the list, and when review does not
    ask ``may_see``."""
    enter(app, sub="zeb", name="Zebedee Quagga", **custom(user_group_ids="9"))
    learner(app, "ann", "5")
    with store.transaction(1) as session:
        placed = session.scalars(sa.select(ResourceLink)).one()
        hidden = session.scalars(sa.select(Identity).where(Identity.sub == "zeb")).one()
        builders.progress(session, placed, hidden)
    make_strict(store)
    browser, path = teacher(app, groups="5")
    ids = [str(hidden.id), str(hidden.person_id), public_id("prs", hidden.person_id)]
    opened = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.rule.startswith("/v/<visit>/"):
            continue
        for value in ids if rule.arguments - {"visit"} else ids[:1]:
            given = dict.fromkeys(rule.arguments - {"visit"}, value)
            address = rule.rule.removeprefix("/v/<visit>/")
            for name in given:
                address = re.sub(rf"<(?:[a-z()_,]+:)?{name}>", value, address)
            shown = browser.get(f"{path}{address}", follow_redirects=True)
            assert shown.status_code < 500, address
            assert "Quagga" not in shown.text, address
            opened.add(rule.endpoint)
    assert {"teach.activity", "review.work"} <= opened


@ONE
def test_who_has_all_sections_may_make_a_course_strict_and_open_it_again(app: Flask, store: Store) -> None:
    """Red without ``if not _may_switch(session, placed)`` in lti_tool/cohort.py."""
    for sub, groups in (("ann", "5"), ("cat", "9")):
        learner(app, sub, groups)
    half, half_path = teacher(app, "half", "5")
    whole, path = teacher(app, "whole", "5,9")
    assert "Limit instructors" not in half.get(f"{half_path}activity").text
    assert half.post(f"{half_path}strict", data={"strict": "on"}, headers=ORIGIN).status_code == 403
    assert "Limit instructors" in whole.get(f"{path}activity").text
    assert whole.post(f"{path}strict", data={"strict": "on"}).status_code == 403, "from no page of ours"
    assert whole.post(f"{path}strict", data={"strict": "on"}, headers=ORIGIN).status_code == 303
    assert half.post(f"{half_path}strict", data={"strict": "off"}, headers=ORIGIN).status_code == 403
    assert "cat" not in half.get(f"{half_path}activity").text
    assert whole.post(f"{path}strict", data={"strict": "off"}, headers=ORIGIN).status_code == 303
    assert "cat Learner" in half.get(f"{half_path}activity").text
    pupil, pupil_path = learner(app, "ann", "5,9")
    assert pupil.post(f"{pupil_path}strict", data={"strict": "on"}, headers=ORIGIN).status_code == 403
    with store.reading(1) as session:
        done = session.scalars(sa.select(Audit.action).where(Audit.action.like("course.%")).order_by(Audit.at)).all()
    assert done == ["course.strict", "course.open"]


@ONE
def test_a_strict_instructor_without_sections_is_told_why_nobody_is_there(app: Flask, store: Store) -> None:
    learner(app, "ann", "5")
    browser, path = teacher(app)
    make_strict(store)
    page = browser.get(f"{path}activity").text
    assert "ann" not in page
    assert "The LMS lists you in none, so nobody is shown to you." in page


@ONE
def test_others_see_who_left_another_section_at_once(app: Flask, store: Store) -> None:
    """Sections are read anew for each page: a visit does not keep what it saw."""
    learner(app, "ann", "5")
    browser, path = teacher(app, groups="5")
    make_strict(store)
    assert "ann Learner" in listed(browser.get(f"{path}activity"))
    learner(app, "ann", "9")
    assert "ann" not in browser.get(f"{path}activity").text


@pytest.mark.lti("LTI-112")
@ONE
def test_the_list_is_asked_for_at_most_once_a_minute(app: Flask, store: Store, count: Callable[[Any], int]) -> None:
    """Red without the ``return False`` in ``rosters.ask_again``."""
    browser, path = teacher(app)
    with store.transaction(1) as session:
        task = session.scalars(sa.select(Task).where(Task.kind == tasks.ROSTER)).one()
        asked = task.wanted
        task.next_try, task.state, task.done = builders.AT, "done", task.wanted
    first = browser.post(f"{path}roster", headers=ORIGIN)
    assert first.headers["Location"].endswith("list=asked")
    second = browser.post(f"{path}roster", headers=ORIGIN)
    assert second.headers["Location"].endswith("list=soon")
    assert "less than a minute ago" in browser.get(second.headers["Location"]).text
    with store.reading(1) as session:
        assert session.scalars(sa.select(Task.wanted)).one() == asked + 1
    pupil, pupil_path = learner(app, "ann")
    assert pupil.post(f"{pupil_path}roster", headers=ORIGIN).status_code == 403


@pytest.mark.lti("LTI-109")
@ONE
def test_the_page_says_that_a_list_was_doubted(app: Flask, store: Store) -> None:
    browser, path = teacher(app)
    with store.transaction(1) as session:
        context = session.scalars(sa.select(Context)).one()
        context.roster_question = {"missing": 14, "of": 20, "at": now().isoformat()}
        context.roster_at = now()
    assert "lacked 14 of 20 people" in browser.get(f"{path}activity").text


@pytest.mark.lti("LTI-111")
def test_a_roster_gives_nobody_the_rights_of_an_instructor(app: Flask, store: Store) -> None:
    """Red when ``_person`` in store/arrivals.py leaves the role that the roster told."""
    teacher(app)
    with store.transaction(1) as session:
        context = session.scalars(sa.select(Context)).one()
        lms = session.scalars(sa.select(Identity.platform_id)).first()
        assert lms is not None
        rosters.keep(session, context.id, lms, [rosters.Member("mole", (INSTRUCTOR,), "instructor", name="Mole")])
    assert membership(store, "mole").role == "instructor"
    browser, path = learner(app, "mole")
    assert browser.get(f"{path}activity").status_code == 403
    assert (membership(store, "mole").role, membership(store, "mole").roles) == ("learner", [LEARNER])


@pytest.mark.lti("LTI-121")
@ONE
def test_a_copied_course_has_no_people_and_is_not_strict(app: Flask, store: Store) -> None:
    learner(app, "ann", "5")
    make_strict(store)
    with store.reading(1) as session:
        before = session.scalars(sa.select(ResourceLink)).one()
    copied: dict[str, Any] = {v.CONTEXT: {"id": "course-2"}, v.RESOURCE_LINK: {"id": "copy", "title": "Self-belief"}}
    history = {"resource_link_id_history": before.lti_id, "user_group_ids": "77"}
    browser, path = teacher(app, **copied, **custom(**history))
    page = browser.get(f"{path}activity")
    assert "ann" not in page.text
    assert "own sections alone" not in page.text
    with store.reading(1) as session:
        made = session.scalars(sa.select(Context).where(Context.lti_id == "course-2")).one()
        people = session.scalars(
            sa.select(Person.name)
            .join(Identity, Identity.person_id == Person.id)
            .join(Membership, Membership.identity_id == Identity.id)
            .where(Membership.context_id == made.id)
        ).all()
    assert (people, made.is_strict) == (["teacher the teacher"], False)
