"""Grades reach the gradebook of a real LMS over real HTTP: once, the newest, and never over a teacher's."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from framework.store import grade_claims, grade_pushes
from framework.store.sessions import Store, now
from framework.store.tables import GradePush, LineItem, Platform
from tests.workers.course import AGS, Course, Lms, place
from workers import jobs
from workers.workshop import Workshop

BOTH = pytest.mark.parametrize("family", ["moodle", "canvas"])
ON_ONE = pytest.mark.parametrize("kind_of_database", ["sqlite"], scope="session")
Place = Callable[..., Course]


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Place:
    """``course(family, learners...)``: a placed activity."""
    return lambda family, *learners, **placement: place(lms, store, family, *learners, **placement)


def push(course: Course) -> None:
    jobs.push_grades(str(course.platform.id))


def wake(course: Course) -> None:
    """Let all waiting be over: next tries are due and the platform is not paused."""
    with course.store.directory() as session:
        session.get_one(Platform, course.platform.id).paused_until = None
    with course.store.transaction(1) as session:
        for row in session.scalars(sa.select(GradePush).where(GradePush.state.in_(["due", "check"]))):
            row.next_try = now() - timedelta(seconds=1)


@pytest.mark.lti("LTI-104")
@BOTH
def test_a_finished_activity_is_graded(course: Place, family: str) -> None:
    one = course(family, "priya")
    one.want("priya", 1.0)
    push(one)
    assert one.grade("priya") == 1.0
    row = one.row("priya")
    assert (row.state, row.sent_version, row.sent_value, row.attempts) == ("delivered", 1, 1.0, 0)
    [score] = one.scores()
    assert score["status"] == 200


@pytest.mark.lti("LTI-91")
@ON_ONE
@BOTH
def test_a_score_of_zero_is_sent(course: Place, family: str) -> None:
    one = course(family, "priya")
    one.want("priya", 0.0, maximum=100.0)
    push(one)
    assert one.grade("priya") == 0.0
    assert one.row("priya").state == "delivered"


@pytest.mark.lti("LTI-90", "LTI-95")
@ON_ONE
def test_a_score_says_all_that_the_standard_asks_for(course: Place) -> None:
    one = course("moodle", "priya")
    one.want("priya", 40.0, maximum=80.0, comment="Well <b>done</b>")
    push(one)
    body = one.scores()[0]["body"]
    assert body["userId"] == one.learners["priya"].sub
    assert (body["scoreGiven"], body["scoreMaximum"]) == (40.0, 80.0)
    assert (body["activityProgress"], body["gradingProgress"]) == ("Completed", "FullyGraded")
    assert body["timestamp"].endswith("Z")
    assert "." in body["timestamp"]
    assert body["submission"]["submittedAt"] < body["timestamp"]
    assert body["comment"] == "Well <b>done</b>"
    assert not any(name.startswith("http") for name in body), "Canvas's extension is for Canvas alone"
    one.want("priya", 80.0, maximum=80.0, comment="Well <b>done</b>")
    push(one)
    assert one.scores()[1]["body"]["comment"] == "Well <b>done</b>", "a score without it would erase it"


@ON_ONE
def test_canvas_counts_one_submission_and_keeps_a_teachers_grade(course: Place) -> None:
    one = course("canvas", "priya")
    extension = "https://canvas.instructure.com/lti/submission"
    one.want("priya", 0.5)
    push(one)
    one.want("priya", 1.0)
    push(one)
    assert [score["body"][extension]["new_submission"] for score in one.scores()] == [True, False]
    assert all(score["body"][extension]["prioritize_non_tool_grade"] is True for score in one.scores())
    assert one.columns()[0]["grades"]["priya"]["attempts"] == 1
    assert one.grade("priya") == 1.0


@ON_ONE
def test_canvas_without_attempts_left_takes_the_grade_as_no_submission(course: Place, lms: Lms) -> None:
    one = course("canvas", "priya", allowed_attempts=1)
    text = "The maximum number of allowed attempts has been reached for this submission"
    lms.fault(endpoint="scores", platform="canvas", status=422, body=f'{{"errors": {{"message": "{text}"}}}}')
    one.want("priya", 1.0)
    push(one)
    assert one.grade("priya") == 1.0
    assert (one.row("priya").state, one.row("priya").error_class) == ("delivered", None)
    assert one.columns()[0]["grades"]["priya"]["attempts"] == 0


@pytest.mark.lti("LTI-92", "LTI-94")
@BOTH
def test_two_grades_within_a_second_both_arrive(course: Place, family: str) -> None:
    one = course(family, "priya")
    for value in (0.25, 0.75):
        one.want("priya", value)
        push(one)
    assert one.grade("priya") == 0.75
    stamps = [score["body"]["timestamp"] for score in one.scores()]
    assert stamps[0][:19] < stamps[1][:19]
    assert [score["status"] for score in one.scores()] == [200, 200]
    assert {score["body"]["gradingProgress"] for score in one.scores()} == {"FullyGraded"}


@pytest.mark.lti("LTI-92", "LTI-104")
@BOTH
def test_a_lost_answer_is_not_sent_twice(course: Place, lms: Lms, family: str) -> None:
    one = course(family, "priya")
    lms.fault(endpoint="scores", platform=family, drop="after")
    one.want("priya", 1.0)
    push(one)
    row = one.row("priya")
    assert (row.state, row.error_class, row.maybe_sent) == ("check", "no_answer", 1.0)
    wake(one)
    push(one)
    assert one.row("priya").state == "delivered"
    assert len(one.scores()) == 1, "read, found, done"


@pytest.mark.lti("LTI-92", "LTI-98")
@ON_ONE
@pytest.mark.parametrize(
    ("family", "fault"),
    [
        ("moodle", {"drop": "before"}),
        ("moodle", {"status": 500}),
        ("moodle", {"status": 302}),
        ("canvas", {"status": 503}),
        ("canvas", {"status": 429}),
    ],
)
def test_what_fails_today_arrives_later(course: Place, lms: Lms, family: str, fault: dict[str, Any]) -> None:
    one = course(family, "priya")
    lms.fault(endpoint="scores", platform=family, **fault)
    one.want("priya", 1.0)
    push(one)
    assert one.row("priya").state in ("due", "check")
    assert one.row("priya").next_try > now()
    wake(one)
    push(one)
    assert (one.row("priya").state, one.grade("priya")) == ("delivered", 1.0)


@pytest.mark.lti("LTI-98")
@ON_ONE
def test_retry_after_is_kept(course: Place, lms: Lms) -> None:
    one = course("canvas", "priya")
    lms.fault(endpoint="scores", platform="canvas", status=429, headers={"Retry-After": "120"})
    one.want("priya", 1.0)
    push(one)
    assert one.row("priya").next_try > now() + timedelta(seconds=100)


@pytest.mark.lti("LTI-98")
@ON_ONE
def test_canvas_that_says_403_for_too_fast_is_tried_again(course: Place, lms: Lms) -> None:
    one = course("canvas", "priya")
    lms.fault(endpoint="scores", platform="canvas", status=403, body="403 Forbidden (Rate Limit Exceeded)")
    one.want("priya", 1.0)
    push(one)
    assert (one.row("priya").state, one.row("priya").error_class) == ("due", "busy")


@BOTH
def test_what_a_teacher_typed_stands(course: Place, family: str) -> None:
    one = course(family, "priya", is_coupled=family == "canvas")
    one.want("priya", 0.5)
    push(one)
    one.teacher_gives("priya", "0.9" if family == "moodle" else "90")
    one.want("priya", 1.0)
    push(one)
    row = one.row("priya")
    assert (row.state, row.error_class) == ("overridden", "overridden")
    assert one.grade("priya") == pytest.approx(0.9)
    assert len(one.scores()) == 1
    one.want("priya", 0.75)
    push(one)
    assert one.row("priya").state == "overridden", "looked at again, and left alone again"
    assert len(one.scores()) == 1


@pytest.mark.lti("LTI-97")
def test_a_learner_who_left_is_named_and_does_not_hold_up_the_others(course: Place) -> None:
    one = course("moodle", "margaret", "priya", "wei")
    for slug in ("margaret", "priya", "wei"):
        one.want(slug, 1.0)
    push(one)
    assert (one.row("margaret").state, one.row("margaret").error_class) == ("parked", "not_gradable")
    assert "left the course" in (one.row("margaret").last_error or "")
    assert (one.grade("priya"), one.grade("wei")) == (1.0, 1.0)


@pytest.mark.lti("LTI-97", "LTI-98")
def test_not_a_student_on_canvas_is_parked_and_can_be_sent_again(course: Place, lms: Lms) -> None:
    one = course("canvas", "priya")
    lms.door("people", {"platform": "canvas", "person": "priya", "status": "removed"})
    one.want("priya", 1.0)
    push(one)
    assert (one.row("priya").state, one.row("priya").error_class) == ("parked", "not_enrolled")
    lms.door("people", {"platform": "canvas", "person": "priya", "status": "active"})
    with one.store.transaction(1) as session:
        grade_pushes.resend(session, one.row("priya").id, now=now())
    push(one)
    assert (one.row("priya").state, one.grade("priya")) == ("delivered", 1.0)


@ON_ONE
@BOTH
def test_a_column_that_is_gone_parks_the_grade(course: Place, store: Store, family: str) -> None:
    one = course(family, "priya")
    with store.transaction(1) as session:
        row = session.merge(one.line_item)
        row.url = (row.url or "").replace("/lineitems/", "/lineitems/9").replace("/line_items/", "/line_items/9")
    one.want("priya", 1.0)
    push(one)
    assert (one.row("priya").state, one.row("priya").error_class) == ("parked", "activity_ungraded")
    assert len(one.columns()) == 1, "what somebody deleted is not made again"


def test_one_grade_that_trips_this_tool_up_does_not_hold_up_the_others(
    course: Place, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A line item's URL is foreign: this one cannot even be taken apart."""
    odd, fine = course("moodle", "priya"), course("moodle", "wei")
    with store.transaction(1) as session:
        session.merge(odd.line_item).url = "http://[nonsense/lineitem"
    odd.want("priya", 1.0)
    fine.want("wei", 1.0)
    push(odd)
    assert (odd.row("priya").state, odd.row("priya").error_class) == ("check", "tool_fault")
    assert "ValueError" in (odd.row("priya").last_error or "")
    assert "a fault of this tool" in caplog.text
    assert fine.grade("wei") == 1.0


# --- columns


@pytest.mark.lti("LTI-85", "LTI-104")
@BOTH
def test_a_column_is_made_when_there_is_none(course: Place, family: str) -> None:
    one = course(family, "priya", is_coupled=family == "canvas")
    if family == "canvas":  # Canvas makes columns only beside one that the link has
        with one.store.transaction(1) as session:
            session.merge(one.line_item).url = None
    one.want("priya", 1.0)
    push(one)
    assert one.row("priya").state == "delivered", one.row("priya").last_error
    [made] = [column for column in one.columns() if not column["coupled"]]
    assert (made["resource_id"], made["tag"], made["label"]) == ("self-belief", "result", "Self-belief")
    assert made["score_maximum"] == 1.0
    assert one.grade("priya") == 1.0


@pytest.mark.lti("LTI-85")
@ON_ONE
@BOTH
def test_a_column_that_fits_is_found_on_any_page(course: Place, lms: Lms, store: Store, family: str) -> None:
    if family == "canvas":
        lms.door("settings", {"platform": "canvas", "line_item_page_size": 1})
    wish = {"score_maximum": 10, "resource_id": "self-belief", "tag": "result"}
    one = course(family, "priya", line_item=wish)
    with store.transaction(1) as session:
        session.merge(one.line_item).url = None
    one.want("priya", 1.0)
    push(one)
    assert one.grade("priya") == 1.0
    assert len(one.columns()) == 1
    with store.reading(1) as session:
        assert session.scalars(sa.select(LineItem.origin)).one() == "found"


@pytest.mark.lti("LTI-85")
def test_twenty_parallel_jobs_make_one_column(course: Place, shop: Workshop) -> None:
    slugs = ["priya", "dafydd", "chukwuemeka", "siobhan", "wei"]
    one = course("moodle", *slugs, is_coupled=False)
    for slug in slugs:
        one.want(slug, 1.0)
    shops = [Workshop(shop.settings) for _ in range(4)]  # processes, of five jobs each
    at = now()

    def work(own: Workshop) -> None:
        with own.store.transaction(1) as session:
            claimed = grade_claims.claim(session, one.platform.id, limit=1, lease=timedelta(seconds=60), now=at)
        for grade in claimed:
            outcome = own.gradebook.send(1, one.platform, grade, is_stopped=lambda: False)
            own.gradebook.settle(1, [(grade, outcome.sent)])

    threads = [threading.Thread(target=work, args=[own]) for own in shops * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in shops:
        own.close()
    wake(one)
    push(one)
    assert len(one.columns()) == 1
    assert [one.grade(slug) for slug in slugs] == [1.0] * 5


@pytest.mark.lti("LTI-87")
@ON_ONE
def test_without_the_right_to_make_columns_the_teacher_is_told_what_to_allow(course: Place, store: Store) -> None:
    one = course("moodle", "priya", is_coupled=False)
    with store.transaction(1) as session:
        session.merge(one.context).scopes = [AGS + "lineitem.readonly", AGS + "result.readonly", AGS + "score"]
    one.want("priya", 1.0)
    push(one)
    assert one.row("priya").error_class == "may_not_make_column"
    assert "manage columns" in (one.row("priya").last_error or "")
    assert one.columns() == []


@pytest.mark.lti("LTI-85")
def test_a_lost_answer_about_a_new_column_makes_no_second_one(course: Place, lms: Lms) -> None:
    one = course("moodle", "priya", is_coupled=False)
    lms.fault(endpoint="line_items", platform="moodle", after=1, drop="after")
    one.want("priya", 1.0)
    push(one)
    assert len(one.columns()) == 1
    wake(one)
    push(one)
    assert len(one.columns()) == 1
    assert one.grade("priya") == 1.0


# --- access


@pytest.mark.lti("LTI-83")
@ON_ONE
def test_a_revoked_token_is_replaced_once(course: Place, lms: Lms) -> None:
    one = course("moodle", "priya", "wei", "dafydd")
    one.want("priya", 1.0)
    push(one)
    lms.door("faults", {"revoke_tokens": "moodle"})
    one.want("wei", 1.0)
    one.want("dafydd", 1.0)
    push(one)
    assert (one.grade("wei"), one.grade("dafydd")) == (1.0, 1.0)
    assert lms.state("moodle")["token_requests"] == 2
    lms.fault(endpoint="scores", platform="moodle", status=401, times=50)
    one.want("priya", 0.5)
    push(one)
    assert lms.state("moodle")["token_requests"] == 3, "one new token, one more try, and no third"


@pytest.mark.lti("LTI-83")
def test_a_tool_that_is_switched_off_pauses_the_platform_and_loses_nothing(
    course: Place, lms: Lms, shop: Workshop
) -> None:
    one = course("moodle", "priya", "wei", "dafydd")
    lms.fault(endpoint="token", platform="moodle", status=400, times=50, body='{"error": "invalid_client"}')
    for slug in one.learners:
        one.want(slug, 1.0)
    push(one)
    push(one)
    with one.store.directory_reading() as session:
        paused = session.get_one(Platform, one.platform.id).paused_until
    assert paused is not None
    assert paused > now() + timedelta(seconds=200)
    assert lms.state("moodle")["token_requests"] <= 1, "the fault answers before it counts; nobody asked twice"
    assert {one.row(slug).state for slug in one.learners} == {"due"}
    assert max(one.row(slug).attempts for slug in one.learners) == 0
    lms.door("faults", {"clear": True})
    wake(one)
    shop.tokens._failed.clear()
    push(one)
    assert [one.grade(slug) for slug in one.learners] == [1.0] * 3


@ON_ONE
def test_a_disabled_platform_gets_nothing(course: Place, store: Store) -> None:
    one = course("moodle", "priya")
    one.want("priya", 1.0)
    with store.directory() as session:
        session.get_one(Platform, one.platform.id).state = "disabled"
    push(one)
    assert one.scores() == []
    assert one.row("priya").state == "due"


@pytest.mark.lti("LTI-82")
@BOTH
def test_a_whole_class_is_one_token_and_every_grade_once(course: Place, lms: Lms, family: str) -> None:
    lms.door("people", {"platform": family, "add": 30})
    learners = [one["slug"] for one in lms.state(family)["people"] if one["role"] == "learner"]
    one = course(family, *learners)
    for slug in learners:
        one.want(slug, 1.0)
    push(one)
    assert {one.row(slug).state for slug in learners} == {"delivered"}
    assert sorted(score["person"] for score in one.scores()) == sorted(learners)
    assert lms.state(family)["token_requests"] == 1


# --- crashes and rivals


@pytest.mark.lti("LTI-101")
def test_a_worker_that_died_after_sending_is_not_repeated(course: Place, shop: Workshop) -> None:
    """Red when the claim does not note ``maybe_sent``: the second worker then sends over the teacher's grade."""
    one = course("moodle", "priya", is_coupled=False)
    one.want("priya", 0.5)
    with shop.store.transaction(1) as session:
        [claimed] = grade_claims.claim(session, one.platform.id, limit=1, lease=timedelta(seconds=60), now=now())
    outcome = shop.gradebook.send(1, one.platform, claimed, is_stopped=lambda: False)
    assert outcome.sent.state == "delivered"
    # ... and here the worker dies: nothing is settled. A teacher changes the grade; then the lease ends.
    one.teacher_gives("priya", "0.9")
    with shop.store.transaction(1) as session:
        session.scalars(sa.select(GradePush)).one().lease_until = now() - timedelta(seconds=1)
    push(one)
    assert one.row("priya").state == "overridden"
    assert one.grade("priya") == pytest.approx(0.9)
    assert len(one.scores()) == 1


@pytest.mark.lti("LTI-100")
def test_a_newer_grade_that_came_while_the_older_was_on_its_way_goes_out(course: Place, shop: Workshop) -> None:
    one = course("moodle", "priya")
    one.want("priya", 0.5)
    with shop.store.transaction(1) as session:
        [claimed] = grade_claims.claim(session, one.platform.id, limit=1, lease=timedelta(seconds=60), now=now())
    outcome = shop.gradebook.send(1, one.platform, claimed, is_stopped=lambda: False)
    one.want("priya", 1.0)
    shop.gradebook.settle(1, [(claimed, outcome.sent)])
    assert one.row("priya").state == "due"
    push(one)
    assert one.grade("priya") == 1.0
    assert [score["body"]["scoreGiven"] for score in one.scores()] == [0.5, 1.0]


def test_a_lease_that_is_about_to_end_sends_nothing_more(course: Place, shop: Workshop) -> None:
    one = course("moodle", "priya")
    one.want("priya", 0.5)
    with shop.store.transaction(1) as session:
        [claimed] = grade_claims.claim(session, one.platform.id, limit=1, lease=timedelta(seconds=60), now=now())
    late = replace(claimed, lease_until=now() + timedelta(seconds=5))
    outcome = shop.gradebook.send(1, one.platform, late, is_stopped=lambda: False)
    assert (outcome.sent.state, outcome.sent.attempts) == ("due", 0)
    assert one.scores() == []


@pytest.mark.lti("LTI-100")
def test_four_rival_jobs_send_each_grade_once(course: Place, lms: Lms) -> None:
    lms.door("people", {"platform": "moodle", "add": 20})
    learners = [one["slug"] for one in lms.state("moodle")["people"] if one["role"] == "learner"]
    one = course("moodle", *learners)
    for slug in learners:
        one.want(slug, 1.0)
    threads = [threading.Thread(target=push, args=[one]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(score["person"] for score in one.scores()) == sorted(learners)


@pytest.mark.lti("LTI-101")
def test_a_worker_whose_database_failed_to_settle_repeats_nothing(
    course: Place, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = course("moodle", "priya")
    one.want("priya", 1.0)
    with monkeypatch.context() as broken:
        broken.setattr(grade_claims, "settle", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            push(one)
    with one.store.transaction(1) as session:
        session.scalars(sa.select(GradePush)).one().lease_until = now() - timedelta(seconds=1)
    push(one)
    assert one.row("priya").state == "delivered"
    assert len(one.scores()) == 1


@pytest.mark.lti("LTI-101")
@ON_ONE
def test_a_job_that_falls_leaves_the_rest_untried_and_all_arrive_once(
    course: Place, lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red without ``self._stop_at = 0.0`` in ``workers.pushes``: a job that has failed would go on sending."""
    lms.door("people", {"platform": "moodle", "add": 16})
    learners = [one["slug"] for one in lms.state("moodle")["people"] if one["role"] == "learner"][:16]
    one = course("moodle", *learners)
    for slug in learners:
        one.want(slug, 1.0)
    lms.fault(endpoint="scores", platform="moodle", delay=0.2, times=16)
    with monkeypatch.context() as broken:
        broken.setattr(grade_claims, "settle", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            push(one)
    assert 8 <= len(one.scores()) < 16
    lms.door("faults", {"clear": True})
    with one.store.transaction(1) as session:
        for row in session.scalars(sa.select(GradePush)):
            row.lease_until = now() - timedelta(seconds=1)
    push(one)
    assert {one.row(slug).state for slug in learners} == {"delivered"}
    assert sorted(score["person"] for score in one.scores()) == sorted(learners)


def test_canvas_is_called_by_one_job_at_a_time(course: Place, lms: Lms) -> None:
    one = course("canvas", "priya", "zofia", "kwame", "lan")
    for slug in one.learners:
        one.want(slug, 1.0)
    lms.fault(endpoint="scores", platform="canvas", delay=0.2, times=4)
    threads = [threading.Thread(target=push, args=[one]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    received = sorted(score["received_at"] for score in one.scores())
    assert len(received) == 4
    assert min(later - earlier for earlier, later in itertools.pairwise(received)) >= 0.15
