"""Presenters: what the pages say, in which state, and what their forms send."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from framework.assessment import Answer, accept
from framework.catalogue.learning import Scenario
from lti_tool.presenters import (
    board,
    choice,
    gradebook,
    module,
    pick,
    programme,
    result,
    scenarios,
    steps,
    teach,
    wording,
)
from lti_tool.presenters.frame import Link
from tests.lti_tool.rendering import catalogue
from tests.lti_tool.samples_course import people
from tests.lti_tool.samples_learn import WHEN, keyed

ACTIVITY = catalogue().activity("self-belief")
MODULE = catalogue().module("self-belief")
FIRST, SECOND = MODULE.sections[:2]


def answers(*given: tuple[str, Any]) -> dict[str, Answer]:
    return {key: Answer(key, value, value, 1) for key, value in given}


def some_steps(given: dict[str, Answer]) -> tuple[steps.Step, ...]:
    return steps.steps(catalogue(), ACTIVITY, given, lambda key: f"/part/{key}")


def wrong_option() -> str:
    return next(one.key for one in FIRST.check.options if one.key != FIRST.check.answer_key)


def test_a_new_learner_starts_with_the_first_part() -> None:
    listed = some_steps({})
    assert [step.state for step in listed] == ["next", *["todo"] * 7]
    assert [step.place for step in listed][:2] == ["", "Behaviour 1 of 4"]
    assert listed[-1].place == "Situation 3 of 3"


def test_a_check_that_is_not_right_yet_stays_open_and_comes_next() -> None:
    listed = some_steps(answers((MODULE.why.key, True), (FIRST.key, wrong_option())))
    assert [step.state for step in listed][:3] == ["done", "open", "todo"]
    page = module.overview(catalogue(), ACTIVITY, listed, level=None, basis="completion", finish_url="/finish")
    assert page.action == Link("Continue: part 2", f"/part/{FIRST.key}")


def test_continue_leads_to_what_is_left_and_at_last_to_finish() -> None:
    first_skipped = some_steps(answers((FIRST.key, FIRST.check.answer_key)))
    assert steps.onward(first_skipped, FIRST.key, "/finish") == f"/part/{SECOND.key}"
    given = answers(*((one.key, one.check.answer_key) for one in MODULE.sections))
    given |= {one.key: Answer(one.key, keyed(one), keyed(one), 1) for one in MODULE.scenarios}
    last = MODULE.scenarios[-1].key
    assert steps.onward(some_steps(given), last, "/finish") == f"/part/{MODULE.why.key}"
    assert steps.onward(some_steps(given | answers((MODULE.why.key, True))), last, "/finish") == "/finish"


def test_the_right_option_is_not_told_before_it_is_found() -> None:
    step = some_steps({})[1]
    place = steps.where(some_steps({}), FIRST.key, "/")
    given: dict[str, Any] = {"onward_url": "/next", "seed": "s"}
    wrong = Answer(FIRST.key, wrong_option(), wrong_option(), 1)
    page = module.section(catalogue(), ACTIVITY, step, place, "/answer", answer=wrong, **given)
    assert [option for option in page.check.options if option.is_right] == []
    assert page.check.feedback is not None
    assert (page.check.feedback.is_right, page.check.onward_url) == (False, "")
    assert page.check.form.button == "Check again"


@pytest.mark.parametrize("basis", ["completion", "score", "none"])
def test_a_learner_is_told_who_sees_what(basis: str) -> None:
    page = module.overview(catalogue(), ACTIVITY, some_steps({}), level=None, basis=basis, finish_url="/")
    assert "your answers" in page.who_sees and "once you have finished" in page.who_sees
    assert ("score" in page.who_sees) is (basis == "score")


def _scenario(name: str) -> Scenario:
    return next(one for each in catalogue().modules for one in each.scenarios if one.format == name)


def _form(one: Scenario, answer: Any) -> MultiDict[str, str]:
    """What a browser sends for an answer."""
    if one.format == "choose3":
        return MultiDict([(scenarios.CHOICE, key) for key in answer])
    return MultiDict({name: str(value) for name, value in answer.items()})


@pytest.mark.parametrize("name", ["rank5", "rate", "choose3", "best_worst"])
def test_a_sent_form_comes_back_as_the_answer_it_means(name: str) -> None:
    one = _scenario(name)
    activity = catalogue().activity(one.key.split(".")[0])
    sent = scenarios.given(one, _form(one, keyed(one)))
    assert accept(catalogue(), activity, one.key, sent) == keyed(one)


def _page(one: Scenario, refused: Any, error: str) -> scenarios.ScenarioPage:
    activity = catalogue().activity(one.key.split(".")[0])
    listed = steps.steps(catalogue(), activity, {}, str)
    step = next(step for step in listed if step.key == one.key)
    where = steps.where(listed, one.key, "/")
    return scenarios.page(
        catalogue(), activity, step, where, "/", answer=None, onward_url="/", seed="s", refused=refused, error=error
    )


def test_a_refused_ranking_names_each_response_that_is_wrong_and_keeps_the_rest() -> None:
    one = _scenario("rank5")
    a, b, c, d, e = (each.key for each in one.responses)
    page = _page(one, {a: "2", b: "2", c: "1", d: "", e: "4"}, "Give each response a place.")
    assert {view.key: view.error for view in page.responses} == {
        a: "Place 2 is used more than once",
        b: "Place 2 is used more than once",
        c: "",
        d: "Choose a place",
        e: "",
    }
    assert {problem.target for problem in page.problems} == {f"{key}-field" for key in (a, b, d)}
    chosen = {view.key: [one.value for one in view.choices if one.is_chosen] for view in page.responses}
    assert chosen == {a: ["2"], b: ["2"], c: ["1"], d: [], e: ["4"]}


@pytest.mark.parametrize("refused", [None, [], "x", {"foreign": "1"}])
@pytest.mark.parametrize("name", ["rank5", "rate", "choose3", "best_worst"])
def test_a_refused_answer_of_any_shape_makes_a_page(name: str, refused: Any) -> None:
    page = _page(_scenario(name), refused, "No.")
    assert page.problems
    assert len(page.responses) == len(_scenario(name).responses)


def test_a_provisional_key_says_so() -> None:
    one = _scenario("rate")
    told = scenarios.reviewed(catalogue(), one, Answer(one.key, keyed(one), keyed(one), 1), "s")
    assert told.key_word == "Suggested for now"
    assert "experts have not agreed on it" in told.key_note
    assert (
        told.same == f"You agree with the suggested answer on {len(one.responses)} of {len(one.responses)} responses."
    )


@pytest.mark.parametrize("state", ["", "due", "check", "delivered", "parked", "overridden"])
def test_a_result_tells_where_the_grade_is(state: str) -> None:
    page = result.result(
        catalogue(),
        ACTIVITY,
        level=0,
        finished_at=WHEN,
        grade_state=state,
        score="",
        primary=Link("Back to course", "/"),
        review_url="/",
        board_url="/",
        again_action="/",
    )
    assert page.grade.endswith(".")
    assert page.badge.says == "Has studied Self-belief. Nobody has judged practice."


def test_a_programme_goes_on_with_what_was_begun() -> None:
    activities = tuple(one for one in catalogue().activities if one.kind == "module")
    done = {activities[0].key: programme.Done(True, 1.0), activities[4].key: programme.Done(False, 0.5)}
    page = programme.programme(catalogue(), "P", activities, done, lambda key: f"/{key}", "/board")
    assert page.sentence == "You have finished 1 of 15 qualities."
    assert page.action == Link(f"Continue: {activities[4].title}", f"/{activities[4].key}")
    everything = dict.fromkeys((one.key for one in activities), programme.Done(True, 1.0))
    finished = programme.programme(catalogue(), "P", activities, everything, str, "/board")
    assert (finished.share, finished.action.url) == (100, "/board")


def test_a_programme_shows_levels_and_one_way_to_the_badges() -> None:
    """Red with ``"Explored"`` for ``held`` in ``programme._row``, and without ``None if action.url == board_url``."""
    activities = tuple(one for one in catalogue().activities if one.kind == "module")[:2]
    done = {activities[0].key: programme.Done(True, 1.0, 2), activities[1].key: programme.Done(True, 1.0)}
    page = programme.programme(catalogue(), "P", activities, done, str, "/board")
    assert [row.status for group in page.groups for row in group.rows] == ["Consistent", "Explored"]
    assert (page.action.text, page.board) == ("See my badges", None)


def test_how_long_it_takes_is_said_before_the_first_part_alone() -> None:
    """Red without ``if is_new else ""`` in ``module._facts``."""
    given: dict[str, Any] = {"level": None, "basis": "completion", "finish_url": "/"}
    new = module.overview(catalogue(), ACTIVITY, some_steps({}), **given)
    begun = module.overview(catalogue(), ACTIVITY, some_steps(answers((MODULE.why.key, True))), **given)
    assert new.facts == (f"About {ACTIVITY.minutes} minutes", *begun.facts)


def test_a_board_shows_every_badge_once() -> None:
    page = board.board(catalogue(), {"self-belief": 2}, str, None, "")
    keys = [badge.key for shelf in page.shelves for badge, _ in (shelf.own, *shelf.badges)] + [page.top[0].key]
    assert sorted(keys) == sorted(one.key for one in catalogue().badges)
    shown = page.shelves[0].badges[0][0]
    assert (shown.state, shown.detail) == ("Consistent", "Level 2 of 4")
    assert page.sentence == "You have explored 1 of 15 qualities."


def test_a_teacher_may_change_the_activity_until_somebody_begins() -> None:
    given: dict[str, Any] = {"basis": "completion", "people": people(), "preview_url": "/"}
    waiting = teach.activity(ACTIVITY, "T", [], change_url="/change", **given)
    assert (waiting.change, waiting.keep) == (Link("Change activity", "/change"), "")
    begun = teach.activity(ACTIVITY, "T", [], change_url="", **given)
    assert (begun.change, begun.keep) == (None, "Learners have started: what it holds can no longer be changed.")


def grade_cell(state: str, error_class: str) -> gradebook.GradeCell:
    return gradebook.cell(gradebook.GradeFacts(state, 1.0, 1.0, error_class), "moodle", "/again")


@pytest.mark.lti("LTI-93")
def test_a_grade_that_cannot_arrive_has_a_reason() -> None:
    rows = [
        teach.LearnerRow("A", "completed", 1.0, WHEN, grade_cell("parked", error))
        for error in ("column_missing", "of its own")
    ]
    given: dict[str, Any] = {"people": people({"completed": 2}, parked=2), "preview_url": "/", "change_url": ""}
    page = teach.activity(ACTIVITY, "T", rows, basis="completion", **given)
    assert [learner.grade.reason for learner in page.learners] == [
        "The gradebook column is gone from the LMS.",
        "The LMS refused it.",
    ]
    assert page.trouble.startswith("2 grades did not reach the gradebook.")
    theirs = [teach.LearnerRow("B", "completed", 1.0, WHEN, grade_cell("overridden", "overridden"))]
    kept = teach.activity(ACTIVITY, "T", theirs, basis="score", **given)
    assert kept.learners[0].grade.state == "Set by a teacher, left alone"


@pytest.mark.parametrize(
    ("items", "columns", "sentence"),
    [
        (0, 0, "Nothing is chosen yet."),
        (1, 1, "This adds 1 item and 1 gradebook column."),
        (3, 2, "This adds 3 items and 2 gradebook columns."),
        (1, 0, "This adds 1 item and no column."),
    ],
)
def test_the_picker_counts_what_it_adds(items: int, columns: int, sentence: str) -> None:
    assert pick.says(items, columns) == sentence


def test_a_link_that_is_there_already_gains_no_item() -> None:
    assert pick.says(0, 0, pick.IN_LINK) == "Nothing is chosen yet."
    assert (pick.says(1, 1, pick.IN_LINK), pick.says(1, 0, pick.IN_LINK)) == pick.IN_LINK


def test_the_picker_counts_no_column_for_a_board_or_without_grades() -> None:
    chosen = choice.Chosen(choice.SEPARATE, "", (), ("self-belief", "board"), "completion")
    assert choice.adds(catalogue(), chosen, columns=True) == (2, 1)
    assert choice.adds(catalogue(), chosen, columns=False) == (2, 0)


def test_a_picker_form_is_read_as_it_was_sent() -> None:
    form = MultiDict([("what", "separate"), ("activity", "a"), ("activity", "b"), ("activity", "a"), ("title", " T ")])
    assert choice.read(form) == choice.Chosen("separate", "T", (), ("a", "b"), "completion")
    assert choice.read(MultiDict()).what == "programme"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ('"I\'ll take that," says Ann.', "“I’ll take that,” says Ann."),
        ('He asks: "Whose is it?"', "He asks: “Whose is it?”"),
        ('(the "Great Silence")', "(the “Great Silence”)"),
        ("staff's nurses' 'quoted' word", "staff’s nurses’ ‘quoted’ word"),
        ("plain", "plain"),
    ],
)
def test_quotation_marks_are_printed_ones(typed: str, printed: str) -> None:
    assert wording.typeset(typed) == printed


def test_words_for_dates_counts_and_paragraphs() -> None:
    assert wording.day(WHEN) == "25 November 2026"
    assert wording.day_and_time(WHEN) == "25 November 2026 at 14:02"
    assert wording.counted(1, "try", "tries") == "1 try"
    assert wording.counted(2, "try", "tries") == "2 tries"
    assert wording.paragraphs("One\nline.\n\n\nTwo.\n") == ("One line.", "Two.")
    assert wording.setting("mental-health") == "Mental health"


def test_moments_are_told_in_the_installations_zone() -> None:
    """23:30 UTC on 1 July is half past midnight in London, the next day."""
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    try:
        wording.use_zone(ZoneInfo("Europe/London"))
        assert wording.day_and_time(late) == "2 July 2026 at 00:30"
        assert (wording.day(late), wording.short_day(late)) == ("2 July 2026", "2 Jul 2026")
        assert wording.day(late.date()) == "1 July 2026", "a plain day has no zone"
    finally:
        wording.use_zone(UTC)
