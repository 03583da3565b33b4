"""A reflection and its judge, page by page through real launches; and everything that people may not do."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from framework import journey
from framework.store import standings
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import (
    Answer,
    Attempt,
    Audit,
    Award,
    Context,
    Evidence,
    GradePush,
    Membership,
    Person,
    Progress,
)
from framework.store.tables import Judgement as JudgementRow
from tests.lti_tool import platform
from workers import vocabulary

pytestmark = pytest.mark.one_database

KEY = "self-belief.reflection"
FEATURES = [f"self-belief.{number}" for number in (1, 2, 3, 4)]
REFLECTION = {
    vocabulary.RESOURCE_LINK: {"id": "reflection", "title": "Reflect"},
    vocabulary.CUSTOM: {"activity_id": KEY},
    vocabulary.AGS_ENDPOINT: {
        "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
        "lineitems": "https://lms.example.org/lineitems",
        "lineitem": "https://lms.example.org/lineitems/1/lineitem",
    },
}
STORY = "I rang the director at night & asked <b>plainly</b>."


class Visitor:
    """Somebody in a browser, in one visit."""

    def __init__(self, app: Flask, sub: str, name: str, *roles: str, **changes: Any) -> None:
        claims = REFLECTION | {"sub": sub, "name": name, vocabulary.ROLES: list(roles or [platform.LEARNER])} | changes
        self.browser, path = platform.enter(app, **claims)
        self.root = path.rstrip("/")

    def get(self, path: str, status: int = 200) -> str:
        response = self.browser.get(f"{self.root}{path}")
        assert response.status_code == status, (path, response.status_code, response.text)
        return response.text

    def post(self, path: str, status: int = 303, **fields: Any) -> TestResponse:
        response = self.browser.post(f"{self.root}{path}", data=fields, headers={"Origin": platform.TOOL})
        assert response.status_code == status, (path, response.status_code, response.text)
        return response

    def writes(self, number: int, **fields: str) -> None:
        on = now() - timedelta(days=10)
        day: dict[str, Any] = {"day": str(on.day), "month": str(on.month), "year": str(on.year)}
        self.post(f"/reflect/{KEY}/example/{number}", **({"text": STORY, "reach": "own_team"} | day | fields))

    def judging_url(self) -> str:
        """The first reflection in the queue."""
        found = re.search(rf'href="{self.root}(/judging/rfl_\w+)"', self.get("/judging"))
        assert found
        return found[1]

    def form(self, url: str) -> dict[str, Any]:
        """The hidden fields of a judge's page."""
        text = self.get(url)
        found: dict[str, Any] = dict(re.findall(r'<input type="hidden" name="(seen|digest)" value="(\w*)">', text))
        return found


def marks(**others: str) -> dict[str, Any]:
    """A judge's form: two behaviours seen, known since March 2020."""
    return {
        **dict.fromkeys(FEATURES[:3], "2"),
        **dict.fromkeys([f"basis-{key}" for key in FEATURES[:3]], "saw"),
        "from_month": "3",
        "from_year": "2020",
        "to_month": str(now().month),
        "to_year": str(now().year),
        "comment": "Well done.",
        "shows-example.1": "yes",
        "action": "sign",
    } | others


@pytest.fixture
def learner(app: Flask) -> Visitor:
    return Visitor(app, "priya", "Priya Nair")


@pytest.fixture
def teacher(app: Flask, learner: Visitor) -> Visitor:
    return Visitor(app, "margaret", "Margaret Osei", platform.INSTRUCTOR)


@pytest.fixture
def shared(learner: Visitor, teacher: Visitor) -> Visitor:
    """The learner, who has shared one example."""
    learner.writes(1)
    learner.post(f"/reflect/{KEY}/share")
    return learner


def rows(store: Store, table: Any) -> list[Any]:
    with store.reading(1) as session:
        return list(session.scalars(sa.select(table)))


def test_a_learner_writes_shares_and_is_signed(
    store: Store, learner: Visitor, teacher: Visitor, count: Callable[[Any], int]
) -> None:
    # given a first page that says who will read it, before anything is typed
    assert learner.browser.get(f"{learner.root}/").headers["Location"].endswith(f"/reflect/{KEY}/")
    page = learner.get(f"/reflect/{KEY}/")
    assert "Margaret Osei" in page and "Nobody but you can read this" in page
    form = learner.get(f"/reflect/{KEY}/example/1")
    assert form.index("Only you can read your drafts") < form.index("<textarea")
    assert form.index("Name no patients and no colleagues in the text") < form.index("<textarea")

    # when a draft is saved, nothing is sent and nobody sees it
    learner.writes(1)
    assert count(GradePush) == 0 and count(JudgementRow) == 0
    assert "Nothing waits for you" in teacher.get("/judging")
    assert "Reflections to judge" in teacher.get("/activity")

    # when it is shared, it is finished: one point, and the teacher's count is 1 on every page
    learner.post(f"/reflect/{KEY}/share")
    grade = rows(store, GradePush)[0]
    assert (grade.wanted, grade.maximum) == (1.0, 1.0)
    assert rows(store, Progress)[0].status == "completed"
    assert 'strip__count">1<' in teacher.get("/activity")
    url = teacher.judging_url()
    text = teacher.get(url)
    assert "&lt;b&gt;plainly&lt;/b&gt;" in text and "Steps forward for difficult work" in text
    assert (
        "Not seen" in text and "I saw what came of it" in text and "Judges from outside cannot be invited yet" in text
    )
    assert "read reflection" in [row.action for row in rows(store, Audit)]

    # when the teacher signs
    teacher.post(url, **marks(**teacher.form(url)))

    # then the learner sees who signed, what was marked, and what is still missing for a level: studying
    page = learner.get(f"/reflect/{KEY}/")
    assert "Signed by Margaret Osei" in page and "Well done." in page and "Consistent (seen in person)" in page
    assert re.search(r"Quality explored</th>\s*<td[^>]*>\s*<span class=\"match\">Not yet", page)
    board = learner.get("/board/self-belief")
    assert re.search(r"Quality explored</th>\s*<td[^>]*>\s*<span class=\"match\">Not yet", board)
    assert "One judge of your practice" in board and "Level 4: Shaping" in board
    assert f"/reflect/{KEY}/" in board and "Write an example for Self-belief" in board


def test_the_level_and_its_fixed_words_are_on_every_page(
    store: Store, shared: Visitor, teacher: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    explore(store)
    url = teacher.judging_url()
    teacher.post(url, **marks(**teacher.form(url)))
    words = "A judgement for development; not a test result, and not to be used alone for selection, pay or dismissal."
    for page in (shared.get(f"/reflect/{KEY}/"), shared.get("/board/self-belief"), teacher.get(url)):
        assert words in page
        assert "a teacher of the course judged practice in Self-belief as at least Developing on 3 of 4" in page
    assert "Level 1 of 4" in shared.get("/board")
    with store.transaction(1) as session:
        person = rows(store, JudgementRow)[0].person_id
        journey.recompute(session, person, now=now())
    held = {row.badge_key: row.level for row in rows(store, Award) if row.state == "active"}
    assert held["self-belief"] == 1


def explore(store: Store) -> None:
    """Let the learner have studied the quality, in this course."""
    with store.transaction(1) as session:
        attempt = session.scalars(sa.select(Attempt)).one()
        of = session.scalars(sa.select(Progress)).one()
        context = session.scalars(sa.select(Context)).one()
        for key in FEATURES:
            for kind in ("studied", "scenario"):
                given = {"framework_key": of.framework_key, "feature_key": key, "kind": kind, "at": now()}
                session.add(
                    Evidence(person_id=of.person_id, attempt_id=attempt.id, context_id=context.id, value=None, **given)
                )


def test_a_changed_text_says_first_what_it_resets(store: Store, shared: Visitor, teacher: Visitor) -> None:
    explore(store)
    url = teacher.judging_url()
    teacher.post(url, **marks(**teacher.form(url)))
    assert "Level 1 of 4" in shared.get("/board")
    asked = shared.get(f"/reflect/{KEY}/change")
    assert "Margaret Osei signed what you wrote" in asked and "does not count any more" in asked
    assert "Level 1 of 4" in shared.get("/board")
    shared.post(f"/reflect/{KEY}/change")
    assert "Level 1 of 4" not in shared.get("/board")
    assert STORY[:10] not in teacher.get(url)
    shared.writes(2, text="Another story.")
    shared.post(f"/reflect/{KEY}/share")
    assert "Another story." in teacher.get(url)


def test_what_the_judge_typed_is_kept_when_the_text_has_changed(shared: Visitor, teacher: Visitor) -> None:
    """`given=request.form.to_dict() if error else ...` in `judging._page` gives the kept draft instead: red."""
    url = teacher.judging_url()
    opened = teacher.form(url)
    shared.post(f"/reflect/{KEY}/change")
    sent = teacher.post(url, 409, **marks(comment="Kept words.", **opened)).text
    assert "is changing the text" in sent and "Kept words." in sent
    shared.writes(1, text="Other words.")
    shared.post(f"/reflect/{KEY}/share")
    sent = teacher.post(url, 409, **marks(comment="Kept words.", **opened)).text
    assert "The text has changed since you opened this page" in sent
    assert "Kept words." in sent and "Other words." in sent
    assert sent.count('value="2" checked') == 3


def test_nothing_that_counts_is_set_beforehand(store: Store, shared: Visitor, teacher: Visitor) -> None:
    """`value == (chosen or "")` in `marking._choices`: "Not seen" is chosen before anybody has said so.

    `not in _SHOWS` turned to `in ()` in `marking.unanswered`: only three are missing, and no example would count.
    """
    url = teacher.judging_url()
    page = teacher.get(url)
    assert "checked" not in page and 'value="2026"' not in page

    # when the form is sent empty, all that is missing is named at once, and nothing is signed
    empty = teacher.post(url, 422, action="sign", **teacher.form(url)).text
    assert "4 answers are still missing" in empty and "is kept on this page" in empty
    for said, field in (
        ("Say whether example 1 shows Self-belief: yes or no.", "shows-example.1"),
        ("Mark at least one behaviour. If you have seen none, return it with a comment instead.", FEATURES[0]),
        ("Give the first month in which you knew this work.", "from_month"),
        ("Give the last month in which you knew this work.", "to_month"),
    ):
        assert re.search(rf'href="#{re.escape(field)}">\s*{re.escape(said)}', empty), said
        assert f'id="{field}"' in empty
    assert [row.action for row in rows(store, JudgementRow)] == ["share"]

    # and one answer that is missing is named by itself, with the rest as it was said
    sent = marks(**teacher.form(url))
    del sent[f"basis-{FEATURES[1]}"]
    page = teacher.post(url, 422, **sent).text
    assert "There is a problem" in page and "Say how you know: “" in page
    assert page.count('value="2" checked') == 3 and 'value="yes" checked' in page


def test_an_example_that_does_not_show_it_does_not_count(store: Store, shared: Visitor, teacher: Visitor) -> None:
    url = teacher.judging_url()
    teacher.post(url, **marks(**teacher.form(url), **{"shows-example.1": "no", "action": "draft"}))
    assert 'value="no" checked' in teacher.get(url)
    teacher.post(url, **marks(**teacher.form(url), **{"shows-example.1": "no"}))
    assert next(row for row in rows(store, JudgementRow) if row.action == "sign").examples == []


def test_several_are_signed_at_once(app: Flask, shared: Visitor, teacher: Visitor, store: Store) -> None:
    other = Visitor(app, "wei", "Wei Li")
    other.writes(1)
    other.post(f"/reflect/{KEY}/share")
    for _ in range(2):
        url = teacher.judging_url()
        teacher.post(url, **marks(action="draft", **teacher.form(url)))
    queue = teacher.get("/judging")
    boxes = re.findall(r'name="box" value="([^"]+)"', queue)
    assert len(boxes) == 2 and "Marked by you, not signed" in queue
    # one of them changes meanwhile
    other.post(f"/reflect/{KEY}/change")
    said = teacher.post("/judging/sign", 200, box=boxes).text
    assert "1 signed." in said and "Wei Li: Self-belief was not signed." in said
    assert [row.action for row in rows(store, JudgementRow)].count("sign") == 1


def test_a_discussion_is_written_up_and_confirmed(learner: Visitor, teacher: Visitor) -> None:
    learner.post(f"/reflect/{KEY}/discussion", wanted="yes")
    learner.post(f"/reflect/{KEY}/share")
    url = teacher.judging_url()
    assert "asks for a professional discussion" in teacher.get(url)
    form = teacher.form(f"{url}/discussion")
    teacher.post(f"{url}/discussion", 422, text="She told.", day="31", month="2", year="2026", **form)
    teacher.post(f"{url}/discussion", text="She told.", day="1", month="2", year="2026", **form)
    page = learner.get(f"/reflect/{KEY}/")
    assert "She told." in page and "It counts once you confirm it" in page
    step = re.search(r'name="step" value="(\d+)"', page)
    assert step
    learner.post(f"/reflect/{KEY}/discussion/answer", step=step[1], action="confirm")
    assert "From the discussion" in teacher.get(url)


def test_returned_and_withdrawn_reach_the_learner_with_words(shared: Visitor, teacher: Visitor) -> None:
    url = teacher.judging_url()
    form = teacher.form(url)
    teacher.post(url, 422, **marks(action="return", **form) | {"comment": ""})
    teacher.post(url, **marks(action="return", **form) | {"comment": "What came of it?"})
    page = shared.get(f"/reflect/{KEY}/")
    assert "Returned by Margaret Osei" in page and "What came of it?" in page
    shared.post(f"/reflect/{KEY}/change")
    shared.post(f"/reflect/{KEY}/share")
    teacher.post(url, **marks(**teacher.form(url)))
    step = re.search(r'name="step" value="(\d+)"', teacher.get(url))
    assert step
    teacher.post(f"{url}/withdraw", step=step[1], reason="I mixed up two people.")
    assert "I mixed up two people." in shared.get(f"/reflect/{KEY}/")


def test_a_new_reflection_leaves_the_signed_one_as_it_is(store: Store, shared: Visitor, teacher: Visitor) -> None:
    """`one.attempt_id != work.attempt.id` turned round in `reflect._earlier`: what was signed is lost from view."""
    explore(store)
    url = teacher.judging_url()
    teacher.post(url, **marks(**teacher.form(url)))
    shared.post(f"/reflect/{KEY}/another")
    page = shared.get(f"/reflect/{KEY}/")
    assert "Nobody but you can read this" in page and "Level 1 of 4" in shared.get("/board")
    assert re.search(
        r"Earlier reflections.*Shared on .*, signed.*plainly.*Margaret Osei \(teacher\) signed", page, re.S
    )


def test_an_event_ahead_is_refused_and_what_was_typed_stays(learner: Visitor) -> None:
    ahead = now() + timedelta(days=400)
    sent = learner.post(
        f"/reflect/{KEY}/example/1", 422, text="Soon.", day="1", month="1", year=str(ahead.year), reach="own_team"
    ).text
    assert "The date lies ahead" in sent and "Soon." in sent


def test_private_text_keeps_no_earlier_wording(store: Store, learner: Visitor) -> None:
    learner.writes(1, text="Mrs Smith on ward 4.")
    learner.writes(1, text="A patient.")
    assert "Smith" not in str([(row.value, row.first_value) for row in rows(store, Answer)])


def test_the_modules_pages_do_not_share_it(store: Store, learner: Visitor) -> None:
    """`activity_work(session, worker, key)` out of `learn.submit`: the reflection is finished and was never shared."""
    learner.writes(1)
    learner.post(f"/learn/{KEY}/finish", 404)
    assert rows(store, Progress)[0].status == "in_progress"


# Who may not


def test_learners_are_no_judges(app: Flask, shared: Visitor, teacher: Visitor) -> None:
    """`if not role` out of `placed.judging`: any member of the course reads what others shared."""
    url = teacher.judging_url()
    other = Visitor(app, "wei", "Wei Li")
    for path in ("/judging", url, "/judging/assessors", f"{url}/discussion"):
        other.get(path, 403)
    for path in (url, f"{url}/withdraw", f"{url}/discussion", "/judging/assessors"):
        other.post(path, 403, **marks())
    assert "strip__count" not in other.get(f"/reflect/{KEY}/")


def test_a_designer_is_no_judge(app: Flask, shared: Visitor) -> None:
    designer = Visitor(app, "tomas", "Tomás", f"{vocabulary.MEMBERSHIP}#ContentDeveloper")
    designer.get("/judging", 403)


def test_the_teacher_of_another_course_finds_nothing(app: Flask, shared: Visitor, teacher: Visitor) -> None:
    url = teacher.judging_url()
    elsewhere = Visitor(
        app,
        "boris",
        "Boris",
        platform.INSTRUCTOR,
        **{
            vocabulary.CONTEXT: {"id": "course-2", "title": "Another course"},
            vocabulary.RESOURCE_LINK: {"id": "other", "title": "Reflect"},
        },
    )
    assert "Nothing waits for you" in elsewhere.get("/judging")
    elsewhere.get(url, 404)
    elsewhere.post(url, 404, **marks())


def test_another_tenant_finds_nothing(app: Flask, store: Store, shared: Visitor, teacher: Visitor) -> None:
    url = teacher.judging_url()
    with store.directory() as session:
        from tests import builders

        tenant = builders.tenant(session).id
    with store.transaction(tenant) as session:
        from framework.store import editions
        from tests.lti_tool.conftest import DOCUMENT

        editions.publish(session, DOCUMENT, now=now())
    issuer = "https://other.example.org"
    platform.connect(store, issuer=issuer, client_id="other", tenant_id=tenant)
    login = platform.log_in(platform.browser(app), iss=issuer, client_id="other")
    claims = REFLECTION | {"sub": "eve", "name": "Eve", vocabulary.ROLES: [platform.INSTRUCTOR]}
    token = platform.sign(platform.claims(login.nonce, iss=issuer, aud="other", **claims))
    answer = platform.launch(login, token)
    assert answer.status_code == 303, answer.text
    root = answer.headers["Location"].rstrip("/")
    assert login.browser.get(f"{root}{url}").status_code == 404


def test_a_teacher_who_learns_does_not_judge_themselves(app: Flask, shared: Visitor, teacher: Visitor) -> None:
    url = teacher.judging_url()
    both = Visitor(app, "priya", "Priya Nair", platform.INSTRUCTOR, platform.LEARNER)
    assert "Nothing waits for you" in both.get("/judging")
    both.get(url, 403)
    both.post(url, 403, **marks())


def test_a_preview_judges_nothing_and_stores_nothing(
    store: Store, shared: Visitor, teacher: Visitor, count: Callable[[Any], int]
) -> None:
    """`if here.is_preview` out of `placed.judges_as`: somebody who looks as a learner does would judge."""
    url = teacher.judging_url()
    margaret = next(row.id for row in rows(store, Person) if row.name == "Margaret Osei")
    teacher.post("/judging/assessors", person=public_id("prs", margaret))
    answer = teacher.post("/preview")
    preview = answer.headers["Location"].rstrip("/")
    before = [count(table) for table in (Answer, JudgementRow, Progress)]
    headers = {"Origin": platform.TOOL}
    assert teacher.browser.get(f"{preview}{url}").status_code == 403
    page = teacher.browser.get(f"{preview}/reflect/{KEY}/")
    assert page.status_code == 200 and "Write an example" in page.text
    for path in ("example/1", "share", "change", "discussion", "another"):
        assert (
            teacher.browser.post(f"{preview}/reflect/{KEY}/{path}", data={"text": "x"}, headers=headers).status_code
            == 303
        )
    assert [count(table) for table in (Answer, JudgementRow, Progress)] == before


def test_a_strict_course_hides_other_sections(store: Store, shared: Visitor, teacher: Visitor) -> None:
    """`if not placed.may_judge(...)` out of `judging.opened`: the teacher of another section reads it."""
    url = teacher.judging_url()
    with store.transaction(1) as session:
        session.scalars(sa.select(Context)).one().is_strict = True
        for membership in session.scalars(sa.select(Membership)):
            membership.sections = ["a"] if membership.role == "learner" else ["b"]
    assert "Nothing waits for you" in teacher.get("/judging")
    assert 'strip__count">0<' in teacher.get("/activity")
    teacher.get(url, 404)


def test_an_assessor_is_named_judges_and_is_ended(app: Flask, shared: Visitor, teacher: Visitor) -> None:
    # given a colleague in the course, who is no judge
    wei = Visitor(app, "wei", "Wei Li")
    wei.get("/judging", 403)
    person = re.search(r'<option value="(prs_\w+)">Wei Li', teacher.get("/judging/assessors"))
    assert person

    # when the teacher names them
    teacher.post("/judging/assessors", person=person[1])

    # then any launch of theirs leads to the queue, and they can sign
    wei = Visitor(app, "wei", "Wei Li")
    assert 'strip__count">1<' in wei.get(f"/reflect/{KEY}/")
    url = wei.judging_url()
    wei.post(url, **marks(**wei.form(url)))
    assert "Signed by Wei Li" in shared.get(f"/reflect/{KEY}/")
    wei.get("/judging/assessors", 403)

    # and when it is ended, no longer; what was signed stays
    teacher.post("/judging/assessors", person=person[1], action="end")
    wei.get("/judging", 403)
    assert "Signed by Wei Li" in shared.get(f"/reflect/{KEY}/")


def test_the_first_judges_marks_are_hidden_from_the_second(app: Flask, shared: Visitor, teacher: Visitor) -> None:
    """`opens = step.action == "sign" and ...` in `practice.history` taken for true: the second judge copies."""
    url = teacher.judging_url()
    teacher.post(url, **marks(**teacher.form(url)))
    second = Visitor(app, "ruth", "Ruth Abernathy", platform.INSTRUCTOR)
    text = second.get(url)
    assert "Margaret Osei (teacher) signed" in text and "Consistent (seen in person)" not in text
    second.post(url, **marks(**second.form(url)))
    assert second.get(url).count("Consistent (seen in person)") == 6


def test_what_is_known_elsewhere_is_not_shown_to_the_teacher(store: Store, shared: Visitor, teacher: Visitor) -> None:
    """`folded_in_course` replaced by `folded` in `judging._page`: the teacher sees what other courses know."""
    explore(store)
    with store.transaction(1) as session:
        for one in session.scalars(sa.select(Evidence)):
            one.context_id = uuid.uuid4()
    url = teacher.judging_url()
    teacher.post(url, **marks(**teacher.form(url)))
    assert "from what this course knows: <b>Nothing yet</b>" in teacher.get(url)
    with store.reading(1) as session:
        person = rows(store, JudgementRow)[0].person_id
        from tests.framework.editions import shipped

        assert standings.folded(session, person, shipped(), on=now().date())["self-belief"].level == 1


def test_a_learner_goes_on_from_the_module_to_practice_in_the_same_place(app: Flask, store: Store) -> None:
    """Given a placed module alone, its reflection can be written and judged; the module's grade is left alone."""
    placed = {vocabulary.RESOURCE_LINK: {"id": "module", "title": "Self-belief"}}
    own = Visitor(app, "lin", "Lin Wu", **placed, **{vocabulary.CUSTOM: {"activity_id": "self-belief"}})
    page = own.get(f"/reflect/{KEY}/")
    assert "Back to Self-belief" in page and f'href="{own.root}/learn/self-belief/"' in page
    own.writes(1)
    own.post(f"/reflect/{KEY}/share")
    judge = Visitor(app, "margaret", "Margaret Osei", platform.INSTRUCTOR, **placed)
    assert "Lin Wu" in judge.get("/judging")
    with store.reading(1) as session:
        assert session.scalar(sa.select(sa.func.count(GradePush.id))) == 0
    own.get("/reflect/self-awareness.reflection/", status=404)
