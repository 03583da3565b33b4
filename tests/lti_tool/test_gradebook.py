"""What an instructor reads about grades and does about them: words by LMS, send again, match, remove."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from framework.store.sessions import Store, now
from framework.store.tables import Audit, Context, GradePush, Identity, LineItem, Platform, ResourceLink, Task
from lti_tool.presenters import gradebook
from lti_tool.presenters.gradebook import GradeFacts
from tests.lti_tool import platform
from tests.lti_tool.platform import INSTRUCTOR, LEARNER, enter
from workers import vocabulary as v

pytestmark = pytest.mark.one_database
AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
ITEMS = "https://lms.example.org/items"
OWN = {"Origin": platform.TOOL}
FAMILIES = ("moodle", "canvas", "brightspace", "blackboard", "other")


# --- words


@pytest.mark.lti("LTI-103")
@pytest.mark.parametrize(
    ("error_class", "family", "reason", "todo"),
    [
        ("unpublished", "canvas", "not published", "Publish the course"),
        ("course_ended", "canvas", "has ended", "end date"),
        ("activity_ungraded", "moodle", "takes no grades any more", "Accept grades from the tool"),
        ("column_locked", "moodle", "locked", "Gradebook setup"),
        ("column_missing", "canvas", "column is gone", "Match the gradebook column"),
        ("not_enrolled", "canvas", "no such learner", "People in Canvas"),
        ("not_allowed", "canvas", "does not let this tool", "Developer Keys"),
        ("may_not_make_column", "moodle", "lets this tool make none", "grade sync and column management"),
    ],
)
def test_each_cause_is_named_with_what_to_do_in_that_lms(error_class: str, family: str, reason: str, todo: str) -> None:
    said = gradebook.why(error_class, family)
    assert reason in said[0]
    assert todo in said[1]


@pytest.mark.lti("LTI-103")
def test_every_refusal_of_the_workers_has_words_of_its_own_in_every_lms() -> None:
    """Red when a new class of refusal gets no words."""
    from workers import delivery, line_items, verdicts
    from workers import gradebook as sender

    modules = (delivery, line_items, verdicts, sender)
    refusals = {
        one.code: one for module in modules for one in vars(module).values() if isinstance(one, delivery.Refused)
    }
    assert len(refusals) > 12
    for code in refusals:
        for family in FAMILIES:
            reason, todo = gradebook.why(code, family)
            assert reason != "The LMS refused it.", code
            assert todo.endswith("."), (code, family)


@pytest.mark.lti("LTI-103")
def test_a_cell_says_points_state_reason_and_when_it_is_tried_again() -> None:
    facts = GradeFacts("parked", 83.0, 100.0, "unpublished", "", AT, AT + timedelta(hours=1))
    cell = gradebook.cell(facts, "canvas", "/again")
    assert (cell.points, cell.state) == ("83 of 100", "Not delivered")
    assert "25 Nov" in cell.tried or "25 November" in cell.tried
    assert "tried again by itself" in cell.tried
    assert cell.again is not None
    assert (cell.again.action, cell.again.button) == ("/again", "Send again")
    never = gradebook.cell(GradeFacts("parked", 1, 1, "column_removed", "", AT, AT.replace(year=9000)), "other", "/")
    assert "tried again" not in never.tried
    theirs = gradebook.cell(GradeFacts("overridden", 1, 1, "overridden", "The gradebook shows 90%."), "other", "/again")
    assert (theirs.points, theirs.reason, theirs.is_trouble) == (
        "this tool's is 1 of 1",
        "The gradebook shows 90%.",
        False,
    )
    fine = gradebook.cell(GradeFacts("delivered", 1, 1), "canvas", "/again")
    assert (fine.again, fine.reason, fine.is_trouble) == (None, "", False)


@pytest.mark.lti("LTI-103")
def test_a_refusal_without_words_shows_what_the_worker_said() -> None:
    cell = gradebook.cell(GradeFacts("parked", 1, 1, "of_its_own", "The LMS said this and that."), "other", "/")
    assert cell.reason == "The LMS said this and that."


@pytest.mark.lti("LTI-87")
@pytest.mark.parametrize("family", FAMILIES)
def test_the_setting_to_switch_on_is_named_for_each_lms(family: str) -> None:
    given: dict[str, Any] = {"origin": None, "said": "", "said_at": None, "is_working": False}
    given |= {"family": family, "match_url": "/match", "remove_url": "/remove"}
    reads = [v.SCOPE_LINE_ITEM_READ, v.SCOPE_RESULT_READ, v.SCOPE_SCORE]
    lacking = gradebook.column(is_known=False, scopes=reads, **given)
    assert "make none" in lacking.trouble
    assert len(lacking.todo) > 40
    assert gradebook.column(is_known=True, scopes=reads, **given).trouble == "", "the column is there already"
    assert gradebook.column(is_known=False, scopes=v.SCOPES_GRADES, **given).trouble == ""
    assert "not switched on" in gradebook.column(is_known=True, scopes=[v.SCOPE_LINE_ITEM], **given).trouble


# --- the page


@pytest.fixture
def teacher(app: Flask, store: Store) -> tuple[FlaskClient, str]:
    """An instructor before an activity whose one learner has finished; the grade is parked. Client and /v/<visit>."""
    ags = {"scope": list(v.SCOPES_GRADES), "lineitems": ITEMS}
    custom = {v.CUSTOM: {"activity_id": "self-belief"}, v.AGS_ENDPOINT: ags}
    enter(app, sub="learner-1", name="Priya Nair", **{v.ROLES: [LEARNER]}, **custom)
    client, address = enter(app, sub="teacher-1", name="Ruth Adeyemi", **{v.ROLES: [INSTRUCTOR]}, **custom)
    with store.transaction(1) as session:
        item = session.scalars(sa.select(LineItem)).one()
        item.origin, item.url = "made", f"{ITEMS}/1"
        identity = session.scalars(sa.select(Identity).where(Identity.sub == "learner-1")).one()
        session.add(
            GradePush(
                line_item_id=item.id,
                identity_id=identity.id,
                platform_id=identity.platform_id,
                wanted=1.0,
                maximum=1.0,
                submitted_at=now(),
                comment=None,
                wanted_version=1,
                state="parked",
                attempts=1,
                next_try=now() + timedelta(minutes=15),
                tried_at=now(),
                error_class="unpublished",
                last_error="The assignment is not published.",
            )
        )
    return client, address.split("/v/")[1].split("/")[0]


def page(client: FlaskClient, visit: str, path: str = "activity") -> str:
    answer = client.get(f"{platform.TOOL}/v/{visit}/{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def press(client: FlaskClient, visit: str, path: str) -> Any:
    return client.post(f"{platform.TOOL}/v/{visit}/{path}", headers=OWN)


def grade(store: Store) -> GradePush:
    with store.reading(1) as session:
        return session.scalars(sa.select(GradePush)).one()


@pytest.mark.lti("LTI-103")
def test_the_page_says_why_and_sends_again(teacher: tuple[FlaskClient, str], store: Store) -> None:
    """Given a grade that did not arrive; when the instructor presses Send again, it is due at once."""
    client, visit = teacher
    text = page(client, visit)
    assert "Priya Nair" in text
    for words in ("Not delivered", "1 of 1", "is not published", "Publish the course", "tried again by itself"):
        assert words in text, words
    answer = press(client, visit, f"grades/{grade(store).id}/resend")
    assert answer.status_code == 303
    row = grade(store)
    assert (row.state, row.attempts, row.error_class) == ("due", 0, None)
    assert row.next_try <= now()
    assert "being sent again" in client.get(answer.headers["Location"]).text


@pytest.mark.lti("LTI-103")
def test_all_that_did_not_arrive_is_sent_again_at_once(teacher: tuple[FlaskClient, str], store: Store) -> None:
    client, visit = teacher
    assert "Send all of them again" in page(client, visit)
    assert press(client, visit, "grades/resend").status_code == 303
    assert grade(store).state == "due"
    with store.reading(1) as session:
        assert session.scalar(sa.select(Audit.details).where(Audit.action == "grade.resend")) == {"count": 1}


@pytest.mark.lti("LTI-103")
def test_only_who_teaches_sends_again_and_only_grades_of_this_activity(
    app: Flask, teacher: tuple[FlaskClient, str], store: Store
) -> None:
    custom = {v.CUSTOM: {"activity_id": "self-belief"}}
    learner, address = enter(app, sub="learner-1", **{v.ROLES: [LEARNER]}, **custom)
    visit = address.split("/v/")[1].split("/")[0]
    assert press(learner, visit, f"grades/{grade(store).id}/resend").status_code == 403
    elsewhere = {v.RESOURCE_LINK: {"id": "another link"}, v.ROLES: [INSTRUCTOR]}
    other, address = enter(app, sub="teacher-1", **elsewhere, **custom)
    visit = address.split("/v/")[1].split("/")[0]
    assert press(other, visit, f"grades/{grade(store).id}/resend").status_code == 404
    assert grade(store).state == "parked"


@pytest.mark.lti("LTI-88")
def test_the_column_is_matched_by_a_job(teacher: tuple[FlaskClient, str], store: Store) -> None:
    client, visit = teacher
    assert "Match the gradebook column" in page(client, visit)
    assert press(client, visit, "column/match").status_code == 303
    with store.reading(1) as session:
        task = session.scalars(sa.select(Task).where(Task.kind == "match_column")).one()
        item = session.scalars(sa.select(LineItem)).one()
    assert (task.state, task.subject) == ("due", str(item.id))
    assert "being looked at" in page(client, visit)


@pytest.mark.lti("LTI-89")
def test_a_column_is_removed_only_after_asking_and_only_one_of_ours(
    teacher: tuple[FlaskClient, str], store: Store
) -> None:
    client, visit = teacher
    assert "Remove the gradebook column" in page(client, visit)
    asked = page(client, visit, "column/remove")
    assert "with the grades in it" in asked
    with store.reading(1) as session:
        assert session.scalars(sa.select(Task).where(Task.kind == "remove_column")).all() == [], "only asked"
    assert press(client, visit, "column/remove").status_code == 303
    with store.transaction(1) as session:
        assert session.scalars(sa.select(Task).where(Task.kind == "remove_column")).one().state == "due"
        session.scalars(sa.select(LineItem)).one().origin = "coupled"
        for task in session.scalars(sa.select(Task)):
            session.delete(task)
    assert "Remove the gradebook column" not in page(client, visit)
    assert press(client, visit, "column/remove").status_code == 409
    with store.reading(1) as session:
        assert session.scalars(sa.select(Task).where(Task.kind == "remove_column")).all() == []


@pytest.mark.lti("LTI-87")
def test_the_page_names_what_the_lms_must_allow_before_any_grade_is_due(
    teacher: tuple[FlaskClient, str], store: Store
) -> None:
    client, visit = teacher
    with store.transaction(1) as session:
        session.scalars(sa.select(Context)).one().scopes = [v.SCOPE_LINE_ITEM_READ, v.SCOPE_SCORE]
        item = session.scalars(sa.select(LineItem)).one()
        item.url = item.origin = None
    with store.directory() as session:
        for one in session.scalars(sa.select(Platform)):
            one.family = "moodle"
    text = page(client, visit)
    assert "the LMS lets this tool make none" in text
    assert "grade sync and column management" in text


@pytest.mark.lti("LTI-83")
def test_a_paused_platform_is_shown_with_its_reason(teacher: tuple[FlaskClient, str], store: Store) -> None:
    client, visit = teacher
    assert "Grades for this LMS wait" not in page(client, visit)
    with store.directory() as session:
        for one in session.scalars(sa.select(Platform)):
            one.paused_until, one.paused_reason = now() + timedelta(minutes=5), "The LMS refused this tool's request."
    text = page(client, visit)
    assert "Grades for this LMS wait until" in text
    assert "The LMS refused this tool&#39;s request." in text


def test_a_placement_without_a_grade_says_nothing_of_gradebooks(teacher: tuple[FlaskClient, str], store: Store) -> None:
    client, visit = teacher
    with store.transaction(1) as session:
        session.scalars(sa.select(ResourceLink)).one().settings = {"grade": "none"}
    assert "gradebook" not in page(client, visit).lower()
