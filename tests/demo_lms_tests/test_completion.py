"""When an activity is done, and who is shown so."""

from tests.demo_lms_tests.test_scores import column
from tests.demo_lms_tests.tool import Side, now

SUBMISSION = "https://canvas.instructure.com/lti/submission"


def done(side: Side) -> bool:
    """Whether Priya has done the course's only activity."""
    completion = side.state()["completion"]
    return bool(next(iter(completion.values()))["priya"])


def test_any_grade_ticks_on_moodle_zero_too_and_erasing_unticks(moodle: Side) -> None:
    url, priya = column(moodle), moodle.person_id("priya")
    assert not done(moodle)
    moodle.score(url, priya, scoreGiven=0)
    assert done(moodle)
    assert "✓ Done" in moodle.enter("priya").browser.get(f"{moodle.lms}/moodle/course", timeout=5).text
    moodle.score(url, priya, gradingProgress="Pending", timestamp=now(2))
    assert not done(moodle)


def test_canvas_ticks_at_a_submission_not_at_a_grade(canvas: Side) -> None:
    url, priya = column(canvas), canvas.person_id("priya")
    canvas.score(url, priya, **{SUBMISSION: {"new_submission": False}})
    assert not done(canvas)
    canvas.score(url, priya, **{SUBMISSION: {"new_submission": True}})
    assert done(canvas)


def test_canvas_may_ask_for_a_minimum(canvas: Side) -> None:
    url, priya = column(canvas, completion="min_score", min_score=60), canvas.person_id("priya")
    canvas.score(url, priya, scoreGiven=0.5)
    assert not done(canvas)
    canvas.score(url, priya, scoreGiven=0.6)
    assert done(canvas)


def test_an_ungraded_activity_is_done_when_opened(moodle: Side) -> None:
    placed = moodle.door("place")
    assert not done(moodle)
    moodle.enter("priya").launch(f"launch/{placed['id']}")
    assert done(moodle)


def test_the_completion_page_is_for_staff(moodle: Side) -> None:
    column(moodle)
    page = f"{moodle.lms}/moodle/completion"
    assert moodle.enter("priya").browser.get(page, timeout=5).status_code == 403
    assert "Dafydd" in moodle.enter("hannah").browser.get(page, timeout=5).text


def test_an_editor_chooses_the_rule(canvas: Side) -> None:
    placed = canvas.door("place", title="Self-belief", line_item=100)
    page = f"{canvas.lms}/canvas/activity/{placed['id']}/settings"
    key = canvas.door("session", person="ruth")["form_key"]
    form = {"sesskey": key, "title": "Renamed", "completion": "min_score", "min_score": "60", "allowed_attempts": "2"}
    assert canvas.browser.post(page, data=form, timeout=5).ok

    canvas.score(placed["line_items"][0]["url"], canvas.person_id("priya"), scoreGiven=0.59)
    assert not done(canvas)
    assert canvas.state()["line_items"][0]["label"] == "Renamed"
    for wrong in ({"completion": "grade"}, {"title": ""}, {"min_score": "many"}, {"allowed_attempts": "nan"}):
        assert canvas.browser.post(page, data=form | wrong, timeout=5).status_code == 400
    assert canvas.enter("priya").browser.get(page, timeout=5).status_code == 403
