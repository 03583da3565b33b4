"""Modules and scenarios as activities: parts, answers, when they are done, what finishing gives."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from framework import assessment
from framework.assessment import Answer, Evidence, accept, items, mark, missing, settled
from framework.assessment.module import check_feedback, find_section
from framework.assessment.scenarios import find_scenario, review
from framework.catalogue import Activity, Catalogue
from framework.errors import Invalid, NotFound
from tests.framework.editions import shipped, tiny

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def right(edition: Catalogue, activity: Activity, key: str) -> Any:
    """An answer to one part with which it is done."""
    module = edition.module(activity.quality_key or "")
    if key == module.why.key:
        return True
    for section in module.sections:
        if section.key == key:
            return section.check.answer_key
    responses = [one.key for one in find_scenario(module, key).responses]
    return {
        "rank5": {one: place for place, one in enumerate(responses, 1)},
        "rate": dict.fromkeys(responses, 2),
        "choose3": responses[:3],
        "best_worst": {"best": responses[0], "worst": responses[1]},
    }[find_scenario(module, key).format]


def everything(edition: Catalogue, activity: Activity, **first: Any) -> list[Answer]:
    """All parts done; ``first`` gives first answers that were others, by the last step of the part's key."""
    answers = []
    for item in items(edition, activity):
        value = right(edition, activity, item.key)
        before = first.get(f"section_{item.key.rsplit('.', 1)[-1]}", value)
        answers.append(Answer(item.key, value, before, 1 if before == value else 2))
    return answers


def test_the_parts_of_a_module_in_order() -> None:
    edition = shipped()
    parts = items(edition, edition.activity("self-belief"))
    assert [(one.key, one.kind) for one in parts] == [
        ("self-belief.why", "read"),
        ("self-belief.1", "section"),
        ("self-belief.2", "section"),
        ("self-belief.3", "section"),
        ("self-belief.4", "section"),
        ("self-belief.sjt.1", "scenario"),
        ("self-belief.sjt.2", "scenario"),
        ("self-belief.sjt.3", "scenario"),
    ]
    assert parts[1].title == "Taking on hard work"


def test_the_scenarios_placed_alone_are_the_same_parts() -> None:
    edition = shipped()
    alone = items(edition, edition.activity("self-belief.scenarios"))
    assert alone == items(edition, edition.activity("self-belief"))[-3:]


@pytest.mark.parametrize("key", ["board", "programme"])
def test_an_activity_without_work_has_no_parts_and_cannot_be_finished(key: str) -> None:
    edition = shipped()
    activity = edition.activity(key)
    assert items(edition, activity) == ()
    assert missing(edition, activity, []) == ()
    with pytest.raises(Invalid, match="asks for no answers"):
        mark(edition, activity, [], NOW)
    with pytest.raises(Invalid, match="asks for no answers"):
        accept(edition, activity, "self-belief.1", True)


@pytest.mark.parametrize("edition", [shipped(), tiny()], ids=["shipped", "tiny"])
def test_every_activity_can_be_worked_through_to_evidence(edition: Catalogue) -> None:
    for activity in edition.activities:
        if activity.quality_key is None or activity.kind in ("reflection", "self_assessment"):
            continue
        answers: list[Answer] = []
        for left in range(len(items(edition, activity)), 0, -1):
            waiting = missing(edition, activity, answers)
            assert len(waiting) == left
            value = accept(edition, activity, waiting[0].key, right(edition, activity, waiting[0].key))
            answers.append(Answer(waiting[0].key, value, value, 1))
        marked = mark(edition, activity, answers, NOW)
        features = {one.key for one in edition.quality(activity.quality_key).features}
        assert {one.feature_key for one in marked.evidence} <= features
        assert marked.result.points == marked.result.maximum > 0
        assert len({(one.feature_key, one.kind) for one in marked.evidence}) == len(marked.evidence)


def test_the_first_answer_to_a_check_counts_and_later_ones_teach() -> None:
    edition = shipped()
    activity = edition.activity("self-belief")
    answers = everything(edition, activity, section_2="self-belief.2.check.a", section_4="self-belief.4.check.b")
    marked = mark(edition, activity, answers, NOW)
    assert (marked.result.points, marked.result.maximum, marked.result.finished_at) == (2.0, 4.0, NOW)
    checks = {one.feature_key: one.value for one in marked.evidence if one.kind == "check"}
    assert checks == {"self-belief.1": 1.0, "self-belief.2": 0.0, "self-belief.3": 1.0, "self-belief.4": 0.0}


def test_the_evidence_of_a_module() -> None:
    edition = shipped()
    marked = mark(edition, edition.activity("self-belief"), everything(edition, edition.activity("self-belief")), NOW)
    assert Counter(one.kind for one in marked.evidence) == {"studied": 4, "check": 4, "scenario": 4}
    assert Evidence("self-belief.1", "studied", 1.0) in marked.evidence
    assert Evidence("self-belief.3", "scenario", None) in marked.evidence


def test_the_evidence_of_scenarios_alone_is_taking_part_and_no_score() -> None:
    edition = shipped()
    activity = edition.activity("self-belief.scenarios")
    marked = mark(edition, activity, everything(edition, activity), NOW)
    assert {one.kind for one in marked.evidence} == {"scenario"}
    assert {one.value for one in marked.evidence} == {None}
    assert (marked.result.points, marked.result.maximum) == (3.0, 3.0)


def test_scenarios_are_evidence_only_for_the_features_they_name() -> None:
    edition = tiny()
    activity = edition.activity("asking-first.scenarios")
    marked = mark(edition, activity, everything(edition, activity), NOW)
    assert marked.evidence == (Evidence("asking-first.1", "scenario", None),)


def test_a_module_cannot_be_finished_while_parts_are_left() -> None:
    edition = shipped()
    activity = edition.activity("self-belief")
    with pytest.raises(Invalid) as refusal:
        mark(edition, activity, [], NOW)
    assert str(refusal.value) == (
        "Not finished yet. Still to do: “Self-belief”, “Taking on hard work”, “Putting your name to it” and 5 more."
    )
    assert refusal.value.field == "self-belief.why"


def test_a_wrong_check_must_be_put_right_before_the_end() -> None:
    edition = shipped()
    activity = edition.activity("self-belief")
    answers = [
        Answer(one.item_key, "self-belief.1.check.a", "self-belief.1.check.a", 1)
        if one.item_key == "self-belief.1"
        else one
        for one in everything(edition, activity)
    ]
    assert [one.key for one in missing(edition, activity, answers)] == ["self-belief.1"]
    with pytest.raises(Invalid, match=r"Still to do: “Taking on hard work”\."):
        mark(edition, activity, answers, NOW)


def test_when_a_part_is_settled() -> None:
    edition = shipped()
    activity = edition.activity("self-belief")
    assert not settled(edition, activity, "self-belief.1", None)
    assert not settled(edition, activity, "self-belief.1", Answer("self-belief.1", "self-belief.1.check.a", None, 1))
    assert settled(edition, activity, "self-belief.1", Answer("self-belief.1", "self-belief.1.check.c", None, 2))
    assert settled(edition, activity, "self-belief.why", Answer("self-belief.why", True, True, 1))


REFUSED = [
    ("self-belief.why", False, "Mark this page as read to go on."),
    ("self-belief.why", "true", "Mark this page as read to go on."),
    ("self-belief.1", "", "Choose an answer."),
    ("self-belief.1", None, "Choose an answer."),
    ("self-belief.1", "self-belief.2.check.a", "That is not one of the answers. Reload the page and choose again."),
    ("self-belief.1", "c", "That is not one of the answers. Reload the page and choose again."),
    ("self-belief.1", ["self-belief.1.check.c"], "That is not one of the answers. Reload the page and choose again."),
    ("self-belief.1", {"a": 1}, "That is not one of the answers. Reload the page and choose again."),
]


@pytest.mark.parametrize(("key", "value", "message"), REFUSED)
def test_a_refusal_tells_the_learner_what_to_do(key: str, value: Any, message: str) -> None:
    edition = shipped()
    with pytest.raises(Invalid) as refusal:
        accept(edition, edition.activity("self-belief"), key, value)
    assert (str(refusal.value), refusal.value.field) == (message, key)


@pytest.mark.parametrize("activity_key", ["self-belief", "self-belief.scenarios"])
@pytest.mark.parametrize("key", ["", "self-awareness.1", "self-awareness.sjt.1", "x" * 10_000])
def test_a_part_of_something_else_is_not_found(activity_key: str, key: str) -> None:
    edition = shipped()
    with pytest.raises(NotFound) as refusal:
        accept(edition, edition.activity(activity_key), key, True)
    assert len(str(refusal.value)) < 200


def test_the_feedback_on_a_check() -> None:
    check = find_section(shipped().module("self-belief"), "self-belief.2").check
    wrong, good = check_feedback(check, "self-belief.2.check.a"), check_feedback(check, "self-belief.2.check.b")
    assert not wrong.is_right
    assert wrong.feedback.startswith("It keeps you popular until lunchtime.")
    assert (good.is_right, good.feedback[:4], good.answer_key) == (True, "Yes.", "self-belief.2.check.b")


def test_the_review_of_a_ranking() -> None:
    edition = shipped()
    item = find_scenario(edition.module("self-belief"), "self-belief.sjt.1")
    ranking = {f"self-belief.sjt.1.{letter}": place for letter, place in zip("abcde", (4, 2, 5, 3, 1), strict=True)}
    seen = review(edition, item, ranking)
    assert [(one.chosen, one.keyed, one.is_match) for one in seen.responses[:2]] == [
        ("Place 4", "Place 4", True),
        ("Place 2", "Place 1", False),
    ]
    assert seen.responses[1].reason.startswith("You raise the concern early")
    assert seen.explanation.startswith("A united front")
    assert seen.is_provisional


def test_the_review_of_ratings_uses_the_words_of_the_scale() -> None:
    edition = shipped()
    item = find_scenario(edition.module("self-belief"), "self-belief.sjt.2")
    seen = review(edition, item, {one.key: 4 for one in item.responses})
    assert [(one.chosen, one.keyed, one.is_match) for one in seen.responses[:2]] == [
        ("Do this", "Weak choice", False),
        ("Do this", "Do this", True),
    ]


def test_the_review_of_a_choice() -> None:
    edition = shipped()
    item = find_scenario(edition.module("self-belief"), "self-belief.sjt.3")
    seen = review(edition, item, [f"self-belief.sjt.3.{letter}" for letter in "abd"])
    assert [(one.chosen, one.keyed, one.is_match) for one in seen.responses[:3]] == [
        ("One of the 3", "One of the 3", True),
        ("One of the 3", "Not one of the 3", False),
        ("Not one of the 3", "Not one of the 3", True),
    ]


def test_the_review_of_best_and_worst() -> None:
    edition = tiny()
    item = find_scenario(edition.module("sharing-credit"), "sharing-credit.sjt.1")
    seen = review(edition, item, {"best": "sharing-credit.sjt.1.e", "worst": "sharing-credit.sjt.1.b"})
    assert [(one.chosen, one.keyed) for one in seen.responses] == [
        ("Neither best nor worst", "Best"),
        ("Worst", "Neither best nor worst"),
        ("Neither best nor worst", "Neither best nor worst"),
        ("Neither best nor worst", "Neither best nor worst"),
        ("Best", "Worst"),
    ]


def test_nothing_scores_a_whole_quality() -> None:
    """The only scores there are belong to one scenario, to many of them, and to the checks of one attempt."""
    offered = set(assessment.__all__) - {"offers_score"}
    assert not {name for name in offered if "score" in name.lower()}
    assert {one.kind for one in shipped().activities if assessment.offers_score(shipped(), one)} == {"module"}
