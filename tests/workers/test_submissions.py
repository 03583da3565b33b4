"""What counts as done in the LMS, and when: every rule of Moodle and Canvas; Canvas's submissions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from framework.store.sessions import Store, now
from framework.store.tables import GradePush
from tests.workers.course import Course, Lms, place
from workers import gradebook, jobs, vocabulary
from workers.workshop import Workshop

pytestmark = pytest.mark.one_database
Place = Callable[..., Course]


@pytest.fixture
def course(lms: Lms, store: Store, shop: Workshop) -> Place:
    """``course(family, learners...)``: a placed activity."""
    return lambda family, *learners, **placement: place(lms, store, family, *learners, **placement)


def push(course: Course) -> None:
    jobs.push_grades(str(course.platform.id))


def is_done(course: Course, slug: str) -> bool:
    """Whether the LMS shows the activity as done."""
    return bool(course.lms.state(course.family)["completion"][str(course.placed["id"])][slug])


def sent(course: Course) -> list[tuple[bool, str]]:
    """Of each score that Canvas got: whether it was a new submission, and of which time."""
    bodies = [score["body"] for score in course.scores()]
    return [
        (body[vocabulary.CANVAS_SUBMISSION]["new_submission"], body["submission"]["submittedAt"]) for body in bodies
    ]


@pytest.mark.lti("LTI-96")
@pytest.mark.parametrize(
    ("family", "rule", "value", "maximum"),
    [
        ("moodle", {"completion": "grade"}, 1.0, 1.0),
        ("moodle", {"completion": "pass", "min_score": 50.0}, 60.0, 100.0),
        ("canvas", {"completion": "submit"}, 1.0, 1.0),
        ("canvas", {"completion": "min_score", "min_score": 50.0}, 60.0, 100.0),
    ],
    ids=["moodle-grade", "moodle-pass-grade", "canvas-must-submit", "canvas-minimum-score"],
)
def test_it_is_done_at_finish_and_not_before(
    course: Place, family: str, rule: dict[str, Any], value: float, maximum: float
) -> None:
    """Given a learner at work; when nothing is finished, nothing is sent and nothing is done; at finish it is.

    Red without ``"new_submission": is_submission`` in gradebook.score (must submit).
    """
    one = course(family, "priya", "zofia" if family == "canvas" else "wei", **rule)
    push(one)  # learners are at work: nothing is due
    assert one.scores() == []
    assert not is_done(one, "priya")
    one.want("priya", value, maximum=maximum)
    assert not is_done(one, "priya")
    push(one)
    assert is_done(one, "priya")
    others = [slug for slug in one.learners if slug != "priya"]
    assert [is_done(one, slug) for slug in others] == [False]


@pytest.mark.lti("LTI-96")
@pytest.mark.parametrize("family", ["moodle", "canvas"])
def test_a_grade_below_the_mark_is_not_done_and_a_better_attempt_is(course: Place, family: str) -> None:
    rule = "pass" if family == "moodle" else "min_score"
    one = course(family, "priya", completion=rule, min_score=50.0)
    one.want("priya", 40.0, maximum=100.0)
    push(one)
    assert not is_done(one, "priya")
    one.want("priya", 80.0, maximum=100.0, is_new_attempt=True)
    push(one)
    assert is_done(one, "priya")


@pytest.mark.lti("LTI-96")
@pytest.mark.parametrize("family", ["moodle", "canvas"])
def test_done_when_opened_needs_no_grade_of_ours(course: Place, family: str) -> None:
    """The LMS itself sees that somebody opened it: finishing without opening it there does not make it done."""
    one = course(family, "priya", completion="view")
    one.want("priya", 1.0)
    push(one)
    assert one.row("priya").state == "delivered"
    assert not is_done(one, "priya")


@pytest.mark.lti("LTI-96")
def test_each_attempt_is_one_submission_and_a_later_change_is_none(course: Place) -> None:
    """Red without ``sent.submission != delivery.wanted.submitted_at`` in delivery.plan."""
    one = course("canvas", "priya")
    one.want("priya", 0.5)
    push(one)
    one.want("priya", 0.75)  # the first attempt, marked anew
    push(one)
    one.want("priya", 1.0, is_new_attempt=True)
    push(one)
    kinds, times = zip(*sent(one), strict=True)
    assert kinds == (True, False, True)
    assert times[0] == times[1] < times[2]
    assert times[2] == gradebook.timestamp(one.finished["priya"]), "the time of finishing, not that of sending"
    cell = one.columns()[0]["grades"]["priya"]
    assert (cell["attempts"], one.grade("priya")) == (2, 1.0)


@pytest.mark.lti("LTI-96")
def test_a_second_attempt_with_the_same_grade_is_a_submission_too(course: Place) -> None:
    """Red without ``and not _owes_submission(delivery)`` in delivery._compare: equal grades looked delivered."""
    one = course("canvas", "priya")
    for is_new in (False, True):
        one.want("priya", 1.0, is_new_attempt=is_new)
        push(one)
    assert [kind for kind, _ in sent(one)] == [True, True]
    assert one.columns()[0]["grades"]["priya"]["attempts"] == 2
    assert one.row("priya").sent_submission == one.finished["priya"]


@pytest.mark.lti("LTI-96")
def test_the_same_grade_again_is_not_sent_where_attempts_are_not_counted(course: Place) -> None:
    one = course("moodle", "priya")
    for is_new in (False, True):
        one.want("priya", 1.0, is_new_attempt=is_new)
        push(one)
    assert one.row("priya").state == "delivered"
    assert len(one.scores()) == 1


@pytest.mark.lti("LTI-96")
def test_a_lost_answer_about_a_second_attempt_adds_no_third(course: Place, lms: Lms) -> None:
    """The attempt's own time is sent again, and Canvas knows it already."""
    one = course("canvas", "priya")
    one.want("priya", 1.0)
    push(one)
    one.want("priya", 1.0, is_new_attempt=True)
    lms.fault(endpoint="scores", platform="canvas", drop="after")
    push(one)
    assert one.row("priya").state == "check"
    wake(one)
    push(one)
    assert one.row("priya").state == "delivered"
    assert one.columns()[0]["grades"]["priya"]["attempts"] == 2


@pytest.mark.lti("LTI-96")
def test_with_no_attempts_left_the_better_grade_goes_as_no_submission(course: Place) -> None:
    one = course("canvas", "priya", allowed_attempts=1)
    one.want("priya", 0.5)
    push(one)
    one.want("priya", 1.0, is_new_attempt=True)
    push(one)
    assert [kind for kind, _ in sent(one)] == [True, True, False]
    assert (one.row("priya").state, one.grade("priya")) == ("delivered", 1.0)
    assert one.columns()[0]["grades"]["priya"]["attempts"] == 1


@pytest.mark.lti("LTI-96")
def test_an_attempt_from_a_host_whose_clock_is_ahead_waits_and_keeps_its_time(course: Place) -> None:
    """Red without ``return Wait(delivery.wanted.submitted_at)`` in delivery.plan."""
    one = course("canvas", "priya")
    one.finished["priya"] = now() + timedelta(milliseconds=900)
    one.want("priya", 1.0)
    push(one)
    [(_, time)] = sent(one)
    assert time == gradebook.timestamp(one.finished["priya"])
    assert time <= one.scores()[0]["body"]["timestamp"], "never in the future"


@pytest.mark.lti("LTI-96")
def test_only_canvas_is_told_of_submissions(course: Place) -> None:
    one = course("moodle", "priya")
    one.want("priya", 1.0)
    push(one)
    assert not [name for name in one.scores()[0]["body"] if "canvas" in name]


def wake(course: Course) -> None:
    """Let the waiting of the row be over."""
    with course.store.transaction(1) as session:
        row = session.get_one(GradePush, (1, course.row("priya").id))
        row.next_try = now() - timedelta(seconds=1)
