"""Self-assessment as arithmetic: what it takes, when it is done, and that it never raises a level."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import assessment, competency
from framework.assessment import Answer, Fact
from framework.assessment.profile import Profile, Rated, compare, profile
from framework.assessment.self_assessment import KIND, UNSEEN, SelfRating, qualities, read, unanswered
from framework.catalogue import Activity
from framework.errors import Invalid, NotFound
from tests.framework.editions import shipped
from tests.framework.practice import example, explored_facts, judgement

WHOLE = shipped().activity("self-assessment")
ONE = shipped().activity("self-belief.self-assessment")
NOW, THEN = datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
FEATURES = {one.key: [each.key for each in one.features] for one in shipped().qualities}


def accepted(quality: str, value: Any, activity: Activity = WHOLE) -> Answer:
    stored = assessment.accept(shipped(), activity, quality, value)
    return Answer(quality, stored, stored, 1)


def rated(quality: str, *ratings: int | str | None, **others: Any) -> Answer:
    """Answers to the statements of a quality in order; None leaves one open."""
    pairs = zip(FEATURES[quality], ratings, strict=False)
    return accepted(quality, {"statements": {key: one for key, one in pairs if one is not None}, **others})


def test_the_activities() -> None:
    assert (WHOLE.kind, WHOLE.minutes, WHOLE.quality_key) == (KIND, 12, None)
    assert (ONE.title, ONE.minutes, ONE.quality_key) == ("Self-belief: self-assessment", 1, "self-belief")
    assert [item.kind for item in assessment.items(shipped(), WHOLE)] == ["quality"] * 15
    assert [item.key for item in assessment.items(shipped(), ONE)] == ["self-belief"]
    assert sum(len(one.features) for one in qualities(shipped(), WHOLE)) == 57
    assert assessment.is_private(WHOLE)
    assert not assessment.is_private(shipped().activity("self-belief"))


ACCEPTED: list[tuple[Any, Any]] = [
    ({}, {"statements": {}}),
    ({"statements": {"self-belief.1": "4", "self-belief.2": ""}}, {"statements": {"self-belief.1": 4}}),
    ({"statements": {"self-belief.3": UNSEEN}}, {"statements": {"self-belief.3": UNSEEN}}),
    ({"importance": "4", "target": "0"}, {"statements": {}, "importance": 4, "target": 0}),
    ({"importance": "", "target": None, "example": "  "}, {"statements": {}}),
    ({"example": " one\r\ntwo\x00 "}, {"statements": {}, "example": "one\ntwo"}),
    ({"leaves_rest": True}, {"statements": {}, "leaves_rest": True}),
    ({"leaves_rest": False}, {"statements": {}}),
]


@pytest.mark.parametrize(("value", "stored"), ACCEPTED)
def test_a_form_is_stored_in_one_shape(value: Any, stored: Any) -> None:
    answer = accepted("self-belief", value)
    assert answer.value == stored
    assert accepted("self-belief", answer.value).value == stored


NOT_ONE = "That is not one of the answers. Reload the page and choose again."
FOREIGN = "This answer does not belong to this page. Reload the page and answer again."
REFUSED: list[tuple[Any, str]] = [
    ({"statements": {"self-belief.1": 0}}, NOT_ONE),
    ({"statements": {"self-belief.1": 6}}, NOT_ONE),
    ({"statements": {"self-belief.1": True}}, NOT_ONE),
    ({"statements": {"self-belief.1": 3.0}}, NOT_ONE),
    ({"statements": {"self-belief.1": "²"}}, NOT_ONE),
    ({"statements": {"self-belief.1": [3]}}, NOT_ONE),
    ({"statements": {"self-awareness.1": 3}}, FOREIGN),
    ({"statements": [3]}, FOREIGN),
    ({"importance": 5}, NOT_ONE),
    ({"target": 5}, NOT_ONE),
    ({"target": -1}, NOT_ONE),
    ({"example": 7}, FOREIGN),
    ({"example": "x" * 2003}, "Your example is 3 characters too long. The most is 2,000."),
    ({"level": 4}, FOREIGN),
    (None, FOREIGN),
    ([], FOREIGN),
    ("unseen", FOREIGN),
]


@pytest.mark.parametrize(("value", "message"), REFUSED)
def test_a_refusal_tells_the_learner_what_to_do(value: Any, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        accepted("self-belief", value)
    assert str(refusal.value) == message


def test_a_quality_that_is_not_asked_about_is_not_found() -> None:
    with pytest.raises(NotFound):
        accepted("self-awareness", {}, ONE)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["statements", "importance", "target", "example", "leaves_rest", *FEATURES["self-belief"]]),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=12,
)


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_is_accepted_or_refused_with_a_sentence(value: Any) -> None:
    try:
        answer = accepted("self-belief", value)
    except Invalid as refusal:
        assert str(refusal).endswith(".")
    else:
        assert accepted("self-belief", answer.value).value == answer.value
        read(answer.value)


DONE: list[tuple[Answer | None, bool]] = [
    (None, False),
    (rated("self-belief"), False),
    (rated("self-belief", leaves_rest=True), False),
    (rated("self-belief", 4), False),
    (rated("self-belief", 4, leaves_rest=True), True),
    (rated("self-belief", 4, 3, 2), False),
    (rated("self-belief", 4, 3, 2, UNSEEN), True),
    (rated("self-belief", *[UNSEEN] * 4), True),
]


@pytest.mark.parametrize(("answer", "is_done"), DONE)
def test_when_a_quality_is_done(answer: Answer | None, is_done: bool) -> None:
    assert assessment.settled(shipped(), WHOLE, "self-belief", answer) is is_done


def test_finishing_needs_every_quality_and_gives_one_point() -> None:
    answers = [rated(key, *[3] * len(keys)) for key, keys in FEATURES.items()]
    with pytest.raises(Invalid, match="Still to do: “Self-belief”"):
        assessment.mark(shipped(), WHOLE, answers[1:], NOW)
    marked = assessment.mark(shipped(), WHOLE, answers, NOW)
    assert (marked.result.points, marked.result.maximum, marked.result.finished_at) == (1.0, 1.0, NOW)


RATINGS = st.fixed_dictionaries(
    {
        key: st.fixed_dictionaries(
            {
                "statements": st.fixed_dictionaries(dict.fromkeys(keys, st.sampled_from([1, 2, 3, 4, 5, UNSEEN]))),
                "importance": st.integers(1, 4),
                "target": st.integers(0, 4),
            }
        )
        for key, keys in FEATURES.items()
    }
)

BEFORE = [*explored_facts(shipped(), "self-belief", date(2026, 1, 5))]
JUDGED = [judgement(date(2026, 2, 1), 1, 1, examples=(example(date(2026, 1, 10)),))]


@given(RATINGS, st.floats(0, 5))
@settings(max_examples=40, deadline=None)
def test_no_self_assessment_ever_raises_a_level(ratings: dict[str, Any], value: float) -> None:
    """Whatever is said, finishing leaves no evidence; and a self-rating that were evidence would count for nothing.

    Red with ``Marked(tuple(Evidence(key, STUDIED, 1.0) for key in ...), ...)`` in ``self_assessment.mark``.
    """
    answers = [accepted(key, one) for key, one in ratings.items()]
    assert assessment.mark(shipped(), WHOLE, answers, NOW).evidence == ()
    stray = [Fact(key, "self_rating", value, NOW) for keys in FEATURES.values() for key in keys]
    before = competency.fold(shipped(), BEFORE, JUDGED, on=NOW.date())
    assert (before["self-belief"].level, before["self-awareness"].is_explored) == (1, False)
    after = competency.fold(shipped(), [*BEFORE, *stray], JUDGED, on=NOW.date())
    assert {key: (one.level, one.is_explored) for key, one in after.items()} == {
        key: (one.level, one.is_explored) for key, one in before.items()
    }


# -- The profile, by hand


def found(*answers: Answer, activity: Activity = WHOLE, at: datetime = NOW) -> Profile:
    return profile(shipped(), activity, answers, at)


def theme(of: Profile, key: str) -> Rated:
    return next(one for one in of.themes if one.key == key)


def test_a_rating_is_the_mean_of_what_was_rated() -> None:
    of = found(
        rated("self-belief", 4, 3, UNSEEN, None, importance=4, target=2),  # 2 of 4: enough
        rated("self-awareness", 5, UNSEEN),  # 1 of 2: enough
        rated("drive-for-improvement", 5, *[UNSEEN] * 4),  # 1 of 4 or more: not enough
    )
    one = theme(of, "self-belief")
    assert (one.rating, one.rated, one.unseen, one.unanswered) == (3.5, 2, 1, 1)
    assert (one.importance, one.matters, one.target) == (4, True, 2)
    assert theme(of, "self-awareness").rating == 5.0
    assert theme(of, "drive-for-improvement").rating is None
    assert (theme(of, "self-management").rating, theme(of, "self-management").matters) == (None, None)
    assert of.average == pytest.approx(4.25)


def test_strengths_and_themes_follow_their_rules() -> None:
    said = {  # quality: rating, importance
        "self-belief": (5, 1),
        "self-awareness": (5, 4),
        "self-management": (4, 2),
        "drive-for-improvement": (4, 3),
        "personal-integrity": (3, 4),
        "seizing-the-future": (1, 1),
        "intellectual-flexibility": (2, 3),
        "broad-scanning": (2, 2),
        "political-astuteness": (1, 3),
    }  # mean 3: personal-integrity is neither
    of = found(*(rated(key, *[r] * len(FEATURES[key]), importance=i) for key, (r, i) in said.items()))
    assert of.average == 3.0
    # highest first; of two equal ones that which matters more; the fourth does not fit in
    assert [one.key for one in of.strengths] == ["self-awareness", "self-belief", "drive-for-improvement"]
    # those that matter first (3 and 4 of 4), then the lowest
    assert [one.key for one in of.to_work_on] == [
        "political-astuteness",
        "intellectual-flexibility",
        "seizing-the-future",
    ]


def test_who_rates_everything_alike_has_neither() -> None:
    of = found(*(rated(key, *[3] * len(keys)) for key, keys in FEATURES.items()))
    assert (of.average, of.strengths, of.to_work_on) == (3.0, (), ())
    empty = found(rated("self-belief", UNSEEN, leaves_rest=True))
    assert (empty.average, empty.strengths, empty.to_work_on) == (None, (), ())


def test_one_quality_is_looked_at_statement_by_statement() -> None:
    of = found(rated("self-belief", 5, 1, 3, UNSEEN), activity=ONE)
    assert [(one.key[-1], one.rating) for one in of.themes] == [("1", 5.0), ("2", 1.0), ("3", 3.0), ("4", None)]
    assert ([one.key for one in of.strengths], [one.key for one in of.to_work_on]) == (
        ["self-belief.1"],
        ["self-belief.2"],
    )


@given(RATINGS)
@settings(max_examples=40, deadline=None)
def test_a_quality_is_never_both_a_strength_and_a_theme(ratings: dict[str, Any]) -> None:
    of = found(*(accepted(key, one) for key, one in ratings.items()))
    strengths, themes = {one.key for one in of.strengths}, {one.key for one in of.to_work_on}
    assert not strengths & themes
    assert max(len(strengths), len(themes)) <= 3


def test_only_what_was_rated_both_times_is_compared() -> None:
    """Red with ``before.get(key, one)`` in place of the ``key in before`` condition."""
    then = found(rated("self-belief", 2, 2, UNSEEN, 5), rated("self-awareness", 1, 1), at=THEN)
    now = found(rated("self-belief", 4, 3, 5, UNSEEN), rated("self-management", 5, 5))
    change = compare(now, then)
    assert (change.then_at, change.now_at) == (THEN, NOW)
    assert list(change.qualities) == ["self-belief"]
    one = change.qualities["self-belief"]
    assert (one.then, one.now, one.difference, one.shared) == (2.0, 3.5, 1.5, 2)
    assert {key: each.difference for key, each in change.features.items()} == {
        "self-belief.1": 2.0,
        "self-belief.2": 1.0,
    }


@given(RATINGS, RATINGS)
@settings(max_examples=20, deadline=None)
def test_a_comparison_turned_round_is_its_opposite(first: dict[str, Any], second: dict[str, Any]) -> None:
    one, other = (found(*(accepted(key, each) for key, each in said.items())) for said in (first, second))
    forth, back = compare(one, other), compare(other, one)
    assert set(forth.features) == set(back.features)
    assert all(each.difference == -back.features[key].difference for key, each in forth.features.items())
    assert all(each.difference == 0 for each in compare(one, one).features.values())


def test_what_is_open_is_named_in_order() -> None:
    belief = shipped().quality("self-belief")
    assert unanswered(belief, SelfRating({"self-belief.2": None, "self-belief.4": 3})) == (
        "self-belief.1",
        "self-belief.3",
    )
