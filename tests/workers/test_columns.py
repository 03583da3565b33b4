"""What an instructor asks of a gradebook column: match it, take it away; what the LMS must allow for it."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from framework.store import gradebooks, placements, tasks
from framework.store.sessions import Store, now
from framework.store.tables import LineItem, Task
from tests.workers.course import AGS, Course, Lms, place
from workers import columns, jobs
from workers.workshop import Workshop, workshop

pytestmark = pytest.mark.one_database
Place = Callable[..., Course]
BOTH = pytest.mark.parametrize("family", ["moodle", "canvas"])


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Place:
    """``course(family, learners...)``: a placed activity that has a column of this tool's making."""

    def make(family: str, *learners: str, **placement: Any) -> Course:
        one = place(lms, store, family, *learners, is_coupled=family == "canvas", **placement)
        change(one, url=None)  # Canvas lets a tool make columns only beside the link's own one
        with store.transaction(1) as session:
            session.merge(one.link).activity_key = "self-belief"
        for slug in learners:
            one.want(slug, 1.0)
        push(one)
        return one

    return make


def push(course: Course) -> None:
    jobs.push_grades(str(course.platform.id))


def change(course: Course, **values: Any) -> None:
    with course.store.transaction(1) as session:
        row = session.merge(course.line_item)
        for name, value in values.items():
            setattr(row, name, value)


def item(course: Course) -> LineItem:
    with course.store.reading(1) as session:
        return session.scalars(sa.select(LineItem).where(LineItem.id == course.line_item.id)).one()


def ask(course: Course, kind: str) -> str:
    """An instructor's wish, and the job that fulfils it. Answers what the page then says."""
    with course.store.transaction(1) as session:
        gradebooks.ask(session, placements.link(session, course.link.id), kind, now=now())
    {tasks.MATCH_COLUMN: columns.match, tasks.REMOVE_COLUMN: columns.remove}[kind](1, str(course.line_item.id))
    return item(course).match_said or ""


def made(course: Course) -> list[dict[str, Any]]:
    """The columns in the LMS that this tool made."""
    return [one for one in course.columns() if not one["coupled"]]


def take_away(course: Course) -> None:
    """Somebody deletes the tool's column in the LMS (through the LMS's own service, with this tool's token)."""
    shop = workshop()
    token = shop.tokens.token(course.platform, (AGS + "lineitem",))
    answer = requests.delete(item(course).url or "", headers={"Authorization": f"Bearer {token.value}"}, timeout=5)
    assert answer.status_code == 204


@pytest.mark.lti("LTI-88")
@BOTH
def test_a_new_name_and_maximum_reach_a_column_of_ours_as_a_whole_object(course: Place, family: str) -> None:
    """Given a column of this tool, when the activity is renamed and graded by score, then the column follows.

    Red on Moodle without ``**read`` and the resource id in the PUT: its copy would be blanked.
    """
    one = course(family, "priya")
    assert one.grade("priya") == 1.0
    with one.store.transaction(1) as session:
        link = session.merge(one.link)
        link.title, link.settings = "Self-belief at work", {"grade": "score"}
    said = ask(one, tasks.MATCH_COLUMN)
    [column] = made(one)
    assert (column["label"], column["score_maximum"]) == ("Self-belief at work", 100.0)
    assert (column["resource_id"], column["tag"]) == ("self-belief", "result")
    assert column["placement_id"] == one.placed["id"]
    assert "Self-belief at work" in said
    assert "100 points" in said


@pytest.mark.lti("LTI-88")
@BOTH
def test_a_column_that_matches_is_left_alone(course: Place, family: str) -> None:
    one = course(family, "priya")
    one.lms.fault(endpoint="line_item", platform=family, after=1, status=500, times=9)  # a PUT would fail
    assert "match" in ask(one, tasks.MATCH_COLUMN)


@pytest.mark.lti("LTI-88")
@BOTH
def test_a_column_that_is_gone_is_made_once_and_gets_all_grades(course: Place, family: str) -> None:
    learners = ("priya", "wei") if family == "moodle" else ("priya", "zofia")
    one = course(family, *learners)
    take_away(one)
    one.want("priya", 0.5)
    push(one)
    assert (one.row("priya").state, one.row("priya").error_class) == ("parked", "column_missing")
    assert made(one) == [], "a push never makes again what somebody took away"
    assert "anew" in ask(one, tasks.MATCH_COLUMN)
    ask(one, tasks.MATCH_COLUMN)
    push(one)
    assert len(made(one)) == 1
    assert [one.grade(slug) for slug in learners] == [0.5, 1.0], "also a grade that had been delivered before"


@pytest.mark.lti("LTI-88")
def test_a_column_that_moved_is_found_again_and_what_a_teacher_typed_stands(course: Place) -> None:
    one = course("moodle", "priya", "wei")
    one.teacher_gives("priya", "0.9")
    change(one, url=(item(one).url or "").replace("/lineitems/", "/lineitems/9"))
    assert "found again" in ask(one, tasks.MATCH_COLUMN)
    push(one)
    assert (one.row("priya").state, one.row("wei").state) == ("overridden", "delivered")
    assert one.grade("priya") == pytest.approx(0.9)
    assert len(made(one)) == 1


@pytest.mark.lti("LTI-88", "LTI-89")
@BOTH
def test_a_column_that_came_with_the_activity_is_neither_changed_nor_deleted(
    lms: Lms, store: Store, shop: Workshop, family: str
) -> None:
    """Red without the check of the origin in columns._remove and columns._follow."""
    one = place(lms, store, family, "priya")
    before = one.columns()
    with one.store.transaction(1) as session:
        session.merge(one.link).title = "Another name"
    assert "belongs to the activity" in ask(one, tasks.MATCH_COLUMN)
    assert "not made by this tool" in ask(one, tasks.REMOVE_COLUMN)
    assert one.columns() == before


@pytest.mark.lti("LTI-89")
@BOTH
def test_a_column_of_ours_is_deleted_on_request_and_stays_away(course: Place, family: str) -> None:
    """Given a delivered grade; when the column is removed, no later grade makes it again; matching it does."""
    one = course(family, "priya")
    assert "removed" in ask(one, tasks.REMOVE_COLUMN)
    assert made(one) == []
    assert (one.row("priya").state, one.row("priya").error_class) == ("parked", "column_removed")
    one.want("priya", 0.5)
    push(one)
    assert made(one) == []
    assert (one.row("priya").state, one.row("priya").error_class) == ("parked", "column_removed")
    assert "anew" in ask(one, tasks.MATCH_COLUMN)
    push(one)
    assert one.grade("priya") == 0.5


@pytest.mark.lti("LTI-89")
def test_a_column_that_was_gone_already_counts_as_removed(course: Place) -> None:
    one = course("moodle", "priya")
    take_away(one)
    assert "removed" in ask(one, tasks.REMOVE_COLUMN)
    assert item(one).origin == "removed"


@pytest.mark.lti("LTI-88")
def test_an_lms_that_is_away_is_asked_again(course: Place) -> None:
    one = course("moodle", "priya")
    one.lms.fault(endpoint="line_item", platform="moodle", status=503)
    assert "tried again" in ask(one, tasks.MATCH_COLUMN)
    with one.store.transaction(1) as session:
        row = session.scalars(sa.select(Task).where(Task.kind == tasks.MATCH_COLUMN)).one()
        assert row.state == "due"
        row.next_try = now()
    columns.match(1, str(one.line_item.id))
    assert "match" in (item(one).match_said or "")


@pytest.mark.lti("LTI-87", "LTI-88")
def test_with_read_only_scopes_nothing_is_made_or_changed(course: Place) -> None:
    one = course("moodle", "priya")
    with one.store.transaction(1) as session:
        session.merge(one.context).scopes = [AGS + "lineitem.readonly", AGS + "result.readonly", AGS + "score"]
        session.merge(one.link).title = "Another name"
    assert "neither read nor change" in ask(one, tasks.MATCH_COLUMN)
    assert made(one)[0]["label"] == "Self-belief"
    take_away(one)
    assert "lets this tool make none" in ask(one, tasks.MATCH_COLUMN)
    assert made(one) == []
