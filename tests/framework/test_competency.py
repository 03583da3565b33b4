"""Competency: Explored and the four levels by a table of cases, time, and the laws of folding."""

import random
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import catalogue
from framework.assessment import Fact
from framework.assessment.judgement import Judgement
from framework.catalogue import Catalogue
from framework.competency import Competency, fold, unknown_keys
from framework.competency.calendar import add_months, whole_months
from tests.framework.editions import shipped, shipped_document, tiny
from tests.framework.practice import example, explored_facts, judgement, moment

EXPLORED = date(2025, 1, 10)
DAY = date(2025, 6, 2)
LATER = date(2025, 9, 1)
ONE = (example(date(2025, 5, 1)),)
TWO = (example(date(2025, 4, 1)), example(date(2025, 4, 29)))
BEYOND = (*TWO, example(date(2025, 5, 2), "beyond_team", "outside_line"))
ELSEWHERE = (*BEYOND, example(date(2025, 5, 20), "other_organisation", "other_organisation"))


def folded(*judgements: Judgement, on: date = DAY, quality: str = "self-belief", explored: bool = True) -> Competency:
    facts = explored_facts(shipped(), quality, EXPLORED) if explored else []
    return fold(shipped(), facts, judgements, on=on)[quality]


def unmet(competency: Competency, level: int) -> set[str]:
    award = competency.award(level)
    assert award is not None
    return {one.key.rsplit(".", 1)[-1] for one in award.conditions if not one.is_met}


# Explored


def test_nothing_known_is_no_level_and_every_quality_is_there() -> None:
    everything = fold(shipped(), [], on=DAY)
    assert list(everything) == [one.key for one in shipped().qualities]
    one = everything["self-belief"]
    assert (one.is_explored, one.level, one.explored_at, one.evidence_from) == (False, 0, None, None)
    conditions = one.awards[0].conditions
    assert [(each.text, each.needed, each.have, each.is_met) for each in conditions] == [
        ("Module finished, with each check right in the end", 4, 0, False),
        ("Situations taken once", 1, 0, False),
    ]
    assert one.next_award is one.awards[0]


def test_a_finished_module_is_explored_without_a_level() -> None:
    one = folded()
    assert (one.is_explored, one.level, one.explored_at) == (True, 0, moment(EXPLORED))
    assert (one.evidence_from, one.evidence_to) == (EXPLORED, EXPLORED)
    assert one.rules_digest == shipped().rules_digest
    assert one.next_award is not None
    assert (one.next_award.label, one.next_award.is_held) == ("Developing", False)
    assert [(each.needed, each.have) for each in one.next_award.conditions] == [(1, 1), (1, 0), (1, 0), (2, 0)]


def test_explored_comes_with_the_last_thing_needed_and_not_with_repeats() -> None:
    facts = explored_facts(shipped(), "self-belief", EXPLORED)
    late = [one for one in facts if (one.feature_key, one.kind) != ("self-belief.3", "studied")]
    last = Fact("self-belief.3", "studied", None, moment(date(2025, 2, 1)))
    again = explored_facts(shipped(), "self-belief", date(2025, 3, 1))
    assert not fold(shipped(), late, on=DAY)["self-belief"].is_explored
    assert fold(shipped(), [*again, last, *late], on=DAY)["self-belief"].explored_at == last.at


def test_scenarios_placed_alone_count_for_the_same_explored() -> None:
    studied = [one for one in explored_facts(shipped(), "self-belief", EXPLORED) if one.kind == "studied"]
    alone = Fact("self-belief.2", "scenario", None, moment(DAY))
    assert not fold(shipped(), studied, on=DAY)["self-belief"].is_explored
    assert fold(shipped(), [*studied, alone], on=DAY)["self-belief"].explored_at == alone.at


def test_a_framework_decides_what_explored_needs() -> None:
    """The tiny framework asks for reading only."""
    facts = [Fact("sharing-credit.1", "studied", 1.0, moment(DAY))]
    assert fold(tiny(), facts, on=DAY)["sharing-credit"].is_explored


def test_checks_scenarios_and_self_ratings_never_raise_a_level() -> None:
    facts = explored_facts(shipped(), "self-belief", EXPLORED)
    for kind in ("check", "scenario", "self_rating", "feedback"):
        facts += [Fact(f"self-belief.{number}", kind, 5.0, moment(DAY)) for number in (1, 2, 3, 4)]
    assert fold(shipped(), facts, on=DAY)["self-belief"].level == 0


# Levels: each case changes one thing in a set of judgements that is enough.


def first(*values: int | None, day: date = DAY, **others: Any) -> Judgement:
    return judgement(day, *values, **({"examples": ELSEWHERE} | others))


def second(*values: int | None, day: date = DAY, **others: Any) -> Judgement:
    given: dict[str, Any] = {
        "judge_key": "judge two",
        "judge_role": "Partner",
        "is_external": True,
        "examples": ELSEWHERE,
    }
    return judgement(day, *values, **(given | others))


LEVEL_1 = [
    ("half of four features", [first(1, 1)], 1, set()),
    ("an unseen feature does not matter", [first(None, 1, None, 1)], 1, set()),
    ("one of four is not half", [first(1)], 0, {"features"}),
    ("no example", [first(1, 1, examples=())], 0, {"examples"}),
    ("no judge", [], 0, {"examples", "judges", "features"}),
    ("the learner is no judge", [first(4, 4, 4, 4, judge_key="learner")], 0, {"examples", "judges", "features"}),
    ("a judge who saw nothing", [first(None, None)], 0, {"judges", "features"}),
    ("an example of 24 months ago", [first(1, 1, examples=(example(date(2023, 6, 2)),))], 1, set()),
    ("an older example", [first(1, 1, examples=(example(date(2023, 6, 1)),))], 0, {"examples"}),
    ("an example of tomorrow", [first(1, 1, examples=(example(date(2025, 6, 3)),))], 0, {"examples"}),
    ("a judgement of tomorrow", [first(1, 1, day=date(2025, 6, 3))], 0, {"examples", "judges", "features"}),
    ("a judgement of another quality", [first(1, 1, quality="self-awareness")], 0, {"examples", "judges", "features"}),
]


@pytest.mark.parametrize(("name", "judgements", "level", "lacking"), LEVEL_1, ids=[case[0] for case in LEVEL_1])
def test_developing(name: str, judgements: list[Judgement], level: int, lacking: set[str]) -> None:
    one = folded(*judgements)
    assert one.level == level
    assert unmet(one, 1) == lacking


def test_a_level_needs_explored_first() -> None:
    one = folded(first(1, 1), explored=False)
    assert one.level == 0
    assert unmet(one, 1) == {"explored"}


def test_a_judgement_before_the_module_counts_from_the_day_of_the_module() -> None:
    one = folded(judgement(date(2025, 1, 2), 1, 1, examples=(example(date(2025, 1, 1)),)))
    award = one.award(1)
    assert award is not None
    assert (one.level, award.since) == (1, EXPLORED)


KNOWN = {"known_from": date(2025, 3, 4), "known_to": DAY}  # a day less than 3 months
LEVEL_2 = [
    ("three of four at 2", [first(2, 2, 2)], 2, set()),
    ("a fourth may be lower", [first(2, 2, 2, 1)], 2, set()),
    ("two of four at 2", [first(2, 2, 1)], 1, {"features"}),
    ("two examples 28 days apart", [first(2, 2, 2, examples=TWO)], 2, set()),
    ("two examples 27 days apart", [first(2, 2, 2, examples=(TWO[0], example(date(2025, 4, 28))))], 1, {"examples"}),
    ("the same example twice", [first(2, 2, 2, examples=(*ONE, *ONE))], 1, {"examples"}),
    ("a judge who knows the work for less than 3 months", [first(2, 2, 2, **KNOWN)], 1, {"known"}),
    ("3 months to the day", [first(2, 2, 2, known_from=date(2025, 3, 3), known_to=DAY)], 2, set()),
    ("a judge who was told everything", [first(2, 2, 2, basis={})], 1, {"saw"}),
    ("a judge who saw one", [first(2, 2, 2, basis={"self-belief.1": "saw", "self-belief.2": "told"})], 2, set()),
]


@pytest.mark.parametrize(("name", "judgements", "level", "lacking"), LEVEL_2, ids=[case[0] for case in LEVEL_2])
def test_consistent(name: str, judgements: list[Judgement], level: int, lacking: set[str]) -> None:
    one = folded(*judgements)
    assert one.level == level
    assert unmet(one, 2) == lacking


SAME: dict[str, Any] = {"judge_key": "judge one"}
IN_LINE = (*TWO, example(date(2025, 5, 2), "beyond_team", "in_line"))
NO_WITNESS = (*TWO, example(date(2025, 5, 2), "beyond_team"))
JUDGE_AS_WITNESS = (*TWO, example(date(2025, 5, 2), "beyond_team", "outside_line", witness_key="judge two"))
LEARNER_AS_WITNESS = (*TWO, example(date(2025, 5, 2), "beyond_team", "outside_line", witness_key="learner"))


def both(left: Any, right: Any, **others: Any) -> list[Judgement]:
    return [first(*left, **others), second(*right, **others)]


LEVEL_3 = [
    ("half at 3 by both, the rest at 2", both((3, 3, 2), (3, 3, 2)), 3, set()),
    ("the lower mark counts", both((4, 4, 4, 4), (3, 3, 2, 2)), 3, set()),
    ("one of the two is too low", both((3, 3, 2), (3, 2, 2)), 2, {"features"}),
    ("a feature that one judge did not see", both((3, 3, 2, 2), (3, None, 2, 2)), 2, {"features"}),
    ("one judged feature below 2", both((3, 3, 2, 1), (3, 3, 2, 2)), 2, {"every"}),
    ("below 2 for one judge alone", both((3, 3, 2, None), (3, 3, 2, 1)), 2, {"every"}),
    ("one judge", [first(3, 3, 3, 3)], 2, {"judges", "features"}),
    ("one judge twice", [first(3, 3, 3, 3), second(3, 3, 3, 3, **SAME)], 2, {"judges", "features"}),
    ("no example beyond the team", both((3, 3, 2), (3, 3, 2), examples=TWO), 2, {"examples"}),
    ("no witness", both((3, 3, 2), (3, 3, 2), examples=NO_WITNESS), 2, {"examples"}),
    ("a witness in the line", both((3, 3, 2), (3, 3, 2), examples=IN_LINE), 2, {"examples"}),
    ("a judge as witness", both((3, 3, 2), (3, 3, 2), examples=JUDGE_AS_WITNESS), 2, {"examples"}),
    ("the learner as witness", both((3, 3, 2), (3, 3, 2), examples=LEARNER_AS_WITNESS), 2, {"examples"}),
]


@pytest.mark.parametrize(("name", "judgements", "level", "lacking"), LEVEL_3, ids=[case[0] for case in LEVEL_3])
def test_extending(name: str, judgements: list[Judgement], level: int, lacking: set[str]) -> None:
    one = folded(*judgements)
    assert one.level == level
    assert unmet(one, 3) == lacking


HELD = DAY + timedelta(days=180)
MODERATED = {"moderated_on": DAY}
LEVEL_4 = [
    ("half at 4 by both, the rest at 3", both((4, 4, 3), (4, 4, 3), **MODERATED), HELD, 4, set()),
    ("level 3 held for 179 days", both((4, 4, 3), (4, 4, 3), **MODERATED), DAY + timedelta(days=179), 3, {"level"}),
    ("one judged feature below 3", both((4, 4, 3), (4, 4, 2), **MODERATED), HELD, 3, {"every"}),
    ("one judge at 3", both((4, 4, 3), (4, 3, 3), **MODERATED), HELD, 3, {"features"}),
    ("not moderated", both((4, 4, 3), (4, 4, 3)), HELD, 3, {"moderated"}),
    ("one of two moderated", [first(4, 4, 3, **MODERATED), second(4, 4, 3)], HELD, 3, {"moderated"}),
    ("moderated tomorrow", both((4, 4, 3), (4, 4, 3), moderated_on=HELD + timedelta(days=1)), HELD, 3, {"moderated"}),
    ("no effect elsewhere", both((4, 4, 3), (4, 4, 3), examples=BEYOND, **MODERATED), HELD, 3, {"examples"}),
    (
        "nobody from outside",
        both((4, 4, 3), (4, 4, 3), is_external=False, **MODERATED),
        HELD,
        3,
        {"judges", "features"},
    ),
]


@pytest.mark.parametrize(("name", "judgements", "on", "level", "lacking"), LEVEL_4, ids=[case[0] for case in LEVEL_4])
def test_shaping(name: str, judgements: list[Judgement], on: date, level: int, lacking: set[str]) -> None:
    if name == "nobody from outside":
        lacking = {*lacking, "moderated"}  # one judge is left, so one moderation is missing too
    one = folded(*judgements, on=on)
    assert one.level == level
    assert unmet(one, 4) == lacking


def test_an_older_external_judge_is_found_behind_two_newer_ones() -> None:
    judges = [
        second(4, 4, 4, 4, day=date(2025, 5, 30), **MODERATED),
        first(4, 4, 4, 4, **MODERATED),
        first(4, 4, 4, 4, judge_key="judge three", **MODERATED),
    ]
    assert folded(*judges, on=HELD).level == 4


# How many features are enough: half and two thirds, rounded up and at least 2.

ENOUGH = [
    ("self-awareness", 2, 2, 2),
    ("drive-for-improvement", 3, 2, 2),
    ("self-belief", 4, 2, 3),
    ("holding-to-account", 5, 3, 4),
    ("empowering-others", 6, 3, 4),
]


@pytest.mark.parametrize(("quality", "features", "half", "two_thirds"), ENOUGH)
def test_how_many_features_are_enough(quality: str, features: int, half: int, two_thirds: int) -> None:
    assert len(shipped().quality(quality).features) == features
    for count in range(1, features + 1):
        one = folded(first(*[1] * count, quality=quality), quality=quality)
        assert one.level == (1 if count >= half else 0)
        one = folded(first(*[2] * count, quality=quality), quality=quality)
        assert (one.level == 2) == (count >= two_thirds)
    assert one.awards[1].conditions[-1].needed == half
    assert one.awards[2].conditions[-1].needed == two_thirds


def test_a_quality_with_one_feature_can_be_reached() -> None:
    facts = [Fact("sharing-credit.1", "studied", 1.0, moment(EXPLORED))]
    one = fold(tiny(), facts, [judgement(DAY, 1, quality="sharing-credit")], on=DAY)["sharing-credit"]
    assert one.level == 1


# Time


def test_a_level_runs_for_three_years() -> None:
    end = date(2028, 6, 2)
    assert folded(first(1, 1), on=end - timedelta(days=1)).level == 1
    one = folded(first(1, 1), on=end)
    assert (one.level, one.is_explored) == (0, True)
    award = folded(first(1, 1)).award(1)
    assert award is not None
    assert (award.since, award.until) == (DAY, end)


def test_a_newer_judgement_renews_a_level() -> None:
    newer = date(2027, 1, 4)
    renewed = first(1, 1, day=newer, examples=(example(date(2026, 12, 1)),))
    award = folded(first(1, 1), renewed, on=date(2028, 7, 1)).award(1)
    assert award is not None
    assert (award.is_held, award.since, award.until) == (True, DAY, date(2030, 1, 4))


def test_time_and_moderation_alone_never_renew_a_level() -> None:
    moderated = [first(3, 3, 2, moderated_on=date(2027, 1, 4)), second(3, 3, 2, moderated_on=date(2027, 1, 4))]
    one = folded(*moderated, on=date(2028, 6, 2))
    assert one.level == 0


def test_a_lapse_starts_the_180_days_again() -> None:
    """Level 3 ran out in June 2028 and was judged again in August 2028; level 4 comes 180 days after that."""
    again = date(2028, 8, 1)
    examples = tuple(
        example(date(2028, month, 1), reach, place)
        for month, reach, place in (
            (5, "own_team", None),
            (6, "beyond_team", "outside_line"),
            (7, "other_organisation", "other_organisation"),
        )
    )
    judges = [
        *both((3, 3, 3, 3), (3, 3, 3, 3)),
        first(4, 4, 4, 4, day=again, examples=examples, moderated_on=again),
        second(4, 4, 4, 4, day=again, examples=examples, moderated_on=again),
    ]
    assert folded(*judges, on=again).level == 3
    assert folded(*judges, on=again + timedelta(days=179)).level == 3
    assert folded(*judges, on=again + timedelta(days=180)).level == 4


def test_a_later_lower_judgement_does_not_take_a_level_away() -> None:
    one = folded(first(2, 2, 2), first(1, 1, 1, day=LATER), on=LATER)
    assert one.level == 2


def test_not_seen_never_lowers_anything() -> None:
    unseen = first(None, None, None, None, day=LATER)
    assert folded(*both((3, 3, 2), (3, 3, 2)), unseen, on=LATER).level == 3
    award = folded(first(1, 1), first(None, None, 2, day=LATER), on=LATER).award(1)
    assert award is not None
    assert award.marks == {"self-belief.1": 1, "self-belief.2": 1, "self-belief.3": 2}


def test_one_more_judge_is_not_a_way_round_a_low_mark() -> None:
    """Of three judges the latest two count: an earlier high mark cannot be picked instead."""
    high, low, newest = (3, 3, 3, 3), (2, 2, 2, 2), (3, 3, 3, 3)
    judges = [
        first(*high, day=date(2025, 5, 21)),
        second(*low, day=date(2025, 5, 25)),
        first(*newest, judge_key="judge three"),
    ]
    assert folded(*judges).level == 2


def test_an_old_low_mark_is_left_behind_by_two_newer_judges() -> None:
    judges = [
        first(1, 1, 1, 1, judge_key="judge three", day=date(2025, 5, 21)),
        first(3, 3, 3, 3, day=date(2025, 5, 25)),
        second(3, 3, 3, 3),
    ]
    assert folded(*judges).level == 3


def test_the_newer_mark_of_the_same_judge_counts() -> None:
    judges = [first(1, 1, 1, day=date(2025, 5, 21)), first(2, 2, 2)]
    assert folded(*judges).level == 2
    assert folded(*reversed(judges)).level == 2


def test_how_long_a_judge_knows_the_work_adds_up_over_their_judgements() -> None:
    may, june = date(2025, 5, 21), DAY
    judges = [
        first(1, 1, day=may, known_from=date(2025, 2, 1), known_to=may),
        first(2, 2, 2, known_from=may, known_to=june),
    ]
    assert folded(judges[1]).level == 1
    assert folded(*judges).level == 2


def test_each_judge_that_counts_must_have_seen_something() -> None:
    """A framework may ask for two judges where the shipped one asks for one."""
    document = shipped_document()
    for condition in document["rules"]["awards"][2]["conditions"]:
        if condition["kind"] == "judges":
            condition["count"] = 2
    edition = catalogue.read(document)
    facts = explored_facts(edition, "self-belief", EXPLORED)
    seen, told = first(2, 2, 2), second(2, 2, 2, basis={})
    assert fold(edition, facts, [seen, second(2, 2, 2)], on=DAY)["self-belief"].level == 2
    one = fold(edition, facts, [seen, told], on=DAY)["self-belief"]
    assert (one.level, unmet(one, 2)) == (1, {"saw"})


def of_course(*values: int | None, course: str = "course", **others: Any) -> Judgement:
    return first(*values, course_key=course, **others)


SECOND: dict[str, Any] = {"judge_key": "judge two", "judge_role": "Assessor", "at": moment(DAY, 13)}
ONE_COURSE = [
    ("the second adds a behaviour", [of_course(2, 2), of_course(None, None, 2, **SECOND)], 2, {1: 2, 2: 2, 3: 2}),
    (
        "the second adds one, seen for a week",
        [of_course(1, 1), of_course(None, None, 1, **SECOND)],
        1,
        {1: 1, 2: 1, 3: 1},
    ),
    ("the second marks one lower", [of_course(2, 2, 2), of_course(None, 1, **SECOND)], 1, {1: 2, 2: 1, 3: 2}),
    ("the second marks one higher", [of_course(2, 2, 1), of_course(None, None, 2, **SECOND)], 2, {1: 2, 2: 2, 3: 2}),
    ("the signature of the second is gone", [of_course(2, 2)], 1, {1: 2, 2: 2}),
    (
        "the first has signed again",
        [of_course(1, **SECOND), of_course(2, 2, 2, at=moment(DAY, 14))],
        2,
        {1: 2, 2: 2, 3: 2},
    ),
]


@pytest.mark.parametrize(("name", "judgements", "level", "marks"), ONE_COURSE, ids=[case[0] for case in ONE_COURSE])
def test_judges_of_one_course(name: str, judgements: list[Judgement], level: int, marks: dict[int, int]) -> None:
    """`groups.setdefault(key, []).append(judge)` turned into `groups.setdefault(key, [judge])`: the latest judge alone
    counts, and who adds a behaviour takes the level away."""
    one = folded(*judgements)
    award = one.award(level)
    assert award is not None
    assert (one.level, award.marks) == (level, {f"self-belief.{number}": mark for number, mark in marks.items()})


def test_judges_of_one_course_stay_one_judge() -> None:
    """`if judge.course_key is None else ""` out of `Practice.chosen`: two colleagues give level 3."""
    colleagues = [of_course(3, 3, 3, 3), of_course(3, 3, 3, 3, **SECOND)]
    assert (folded(*colleagues).level, unmet(folded(*colleagues), 3)) == (2, {"judges", "features"})
    assert folded(*colleagues, of_course(3, 3, 3, 3, judge_key="judge three", course="another")).level == 3


def test_whose_time_and_role_count_of_one_course() -> None:
    """`if one.judge_key in counted` out of `_view`: a judge without a mark that counts is named."""
    short: dict[str, Any] = {"known_from": date(2025, 5, 1), "known_to": DAY}
    added = folded(of_course(2, 2), of_course(None, None, 2, **SECOND, **short))
    award = added.award(2)
    assert award is not None and (added.level, award.judge_roles) == (2, ("Assessor", "Line manager"))
    replaced = folded(of_course(2, 2, 2), of_course(2, 2, 2, **SECOND, **short))
    award = replaced.award(1)
    assert award is not None and (award.is_held, award.judge_roles) == (True, ("Assessor",))
    assert (replaced.level, unmet(replaced, 2)) == (1, {"known"})
    apart = [of_course(2, 2, known_from=date(2025, 1, 1), known_to=date(2025, 2, 28))]
    assert unmet(folded(*apart, of_course(None, None, 2, **SECOND, **short)), 2) == {"known"}


def test_without_any_mark_not_even_every_judged_feature_is_enough() -> None:
    assert unmet(folded(), 3) == {"level", "examples", "judges", "every", "features"}


def test_a_level_that_waited_for_its_moderation_begins_with_it() -> None:
    moderated = HELD + timedelta(days=10)
    judges = both((4, 4, 3), (4, 4, 3), moderated_on=moderated)
    award = folded(*judges, on=moderated + timedelta(days=30)).award(4)
    assert award is not None
    assert (award.is_held, award.since) == (True, moderated)


def test_what_a_level_rests_on_is_kept_with_it() -> None:
    one = folded(*both((3, 3, 2), (3, 4, None)))
    award = one.award(3)
    assert award is not None
    assert award.marks == {"self-belief.1": 3, "self-belief.2": 3}
    assert sorted(award.judge_roles) == ["Line manager", "Partner"]
    assert (one.evidence_from, one.evidence_to) == (date(2024, 1, 1), DAY)


def test_the_conditions_of_a_held_level_are_those_of_the_day_it_was_awarded() -> None:
    award = folded(first(1, 1), on=date(2028, 1, 1)).award(1)
    assert award is not None
    assert award.is_held
    assert all(one.is_met for one in award.conditions)  # the examples are too old by now


# What cannot be known any more


def test_evidence_whose_feature_is_gone_is_reported_and_counts_for_nothing() -> None:
    gone = [Fact("self-belief.9", "studied", None, moment(DAY)), Fact("other.1", "studied", None, moment(DAY))]
    facts = [*explored_facts(shipped(), "self-belief", EXPLORED), *gone]
    old = judgement(DAY, 1, None, examples=ONE, values={"self-belief.1": 1, "self-belief.8": 1})
    one = fold(shipped(), facts, [old], on=DAY)["self-belief"]
    assert one.is_explored
    assert one.level == 0
    assert one.unknown_keys == ("self-belief.8", "self-belief.9")
    assert unknown_keys(shipped(), facts, [old]) == ("other.1", "self-belief.8", "self-belief.9")


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="must be aware"):
        fold(shipped(), [Fact("self-belief.1", "studied", None, datetime(2025, 1, 1))], on=DAY)  # noqa: DTZ001  # what must be refused


def test_days_are_utc_days() -> None:
    """Half past midnight on 3 June in Brisbane is still 2 June."""
    brisbane = timezone(timedelta(hours=10))
    facts = [
        Fact(one.feature_key, one.kind, None, datetime(2025, 6, 3, 0, 30, tzinfo=brisbane))
        for one in explored_facts(shipped(), "self-belief", DAY)
    ]
    assert fold(shipped(), facts, on=date(2025, 6, 2))["self-belief"].is_explored
    assert not fold(shipped(), facts, on=date(2025, 6, 1))["self-belief"].is_explored


# Laws

FEATURES = ["self-belief.1", "self-belief.2", "self-belief.3", "self-belief.4", "self-awareness.1", "gone.1"]
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
FACTS = st.lists(
    st.builds(
        Fact,
        feature_key=st.sampled_from(FEATURES),
        kind=st.sampled_from(["studied", "check", "scenario"]),
        value=st.none(),
        at=DAYS.map(moment),
    ),
    max_size=20,
)
JUDGEMENTS = st.lists(
    st.builds(
        lambda day, values, judge, course, moderated, reach: judgement(
            day,
            *values,
            judge_key=judge,
            course_key=course,
            is_external=judge == "outsider",
            moderated_on=moderated,
            examples=tuple(example(day - timedelta(days=back), reach, "other_organisation") for back in (5, 50)),
        ),
        day=DAYS,
        values=st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=4, max_size=4),
        judge=st.sampled_from(["one", "two", "outsider", "learner"]),
        course=st.sampled_from([None, "course", "another"]),
        moderated=st.one_of(st.none(), DAYS),
        reach=st.sampled_from(["own_team", "beyond_team", "other_organisation"]),
    ),
    max_size=6,
)


def whole(edition: Catalogue, facts: list[Fact]) -> list[Fact]:
    return [*facts, *explored_facts(edition, "self-belief", EXPLORED)]


@given(FACTS, JUDGEMENTS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_evidence_does_not_matter(
    facts: list[Fact], judgements: list[Judgement], shuffle: random.Random
) -> None:
    facts = whole(shipped(), facts)
    before = fold(shipped(), facts, judgements, on=LATER)
    shuffle.shuffle(facts)
    shuffle.shuffle(judgements)
    assert fold(shipped(), facts, judgements, on=LATER) == before


@given(FACTS, JUDGEMENTS)
@settings(max_examples=40, deadline=None)
def test_folding_twice_or_everything_twice_changes_nothing(facts: list[Fact], judgements: list[Judgement]) -> None:
    facts = whole(shipped(), facts)
    once = fold(shipped(), facts, judgements, on=LATER)
    assert fold(shipped(), facts, judgements, on=LATER) == once
    assert fold(shipped(), facts * 2, judgements * 2, on=LATER) == once


@given(FACTS, JUDGEMENTS, st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_what_comes_later_never_changes_how_a_day_looked(
    facts: list[Fact], judgements: list[Judgement], days: int
) -> None:
    on = LATER - timedelta(days=days)
    facts = [one for one in whole(shipped(), facts) if shipped().has_feature(one.feature_key)]
    known = [one for one in facts if one.at.date() <= on]
    judged = [one for one in judgements if one.at.date() <= on]
    assert fold(shipped(), facts, judgements, on=on) == fold(shipped(), known, judged, on=on)


@given(JUDGEMENTS)
@settings(max_examples=60, deadline=None)
def test_a_held_level_has_all_its_conditions_and_the_level_is_the_highest_held(judgements: list[Judgement]) -> None:
    one = fold(shipped(), whole(shipped(), []), judgements, on=LATER)["self-belief"]
    held = [award for award in one.awards if award.is_held]
    assert one.level == max((award.level for award in held), default=0)
    assert all(condition.is_met for award in held for condition in award.conditions)
    for award in one.awards:
        if not award.is_held and one.award(award.level) is one.next_award:
            assert not all(condition.is_met for condition in award.conditions)


@given(JUDGEMENTS)
@settings(max_examples=40, deadline=None)
def test_a_judgement_that_saw_nothing_changes_no_level(judgements: list[Judgement]) -> None:
    unseen = judgement(date(2025, 8, 1), None, None, None, None, judge_key="newcomer")
    before = fold(shipped(), whole(shipped(), []), judgements, on=LATER)["self-belief"]
    after = fold(shipped(), whole(shipped(), []), [*judgements, unseen], on=LATER)["self-belief"]
    assert after.level == before.level


# Dates

MONTHS = [
    (date(2025, 1, 31), 1, date(2025, 2, 28)),
    (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2024, 2, 29), 36, date(2027, 2, 28)),
    (date(2025, 3, 15), -24, date(2023, 3, 15)),
    (date(2025, 12, 1), 1, date(2026, 1, 1)),
    (date(2025, 1, 1), -1, date(2024, 12, 1)),
]


@pytest.mark.parametrize(("day", "months", "then"), MONTHS)
def test_adding_months(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


@given(DAYS, DAYS)
def test_whole_months_are_the_most_that_fit(left: date, right: date) -> None:
    first_day, last_day = min(left, right), max(left, right)
    months = whole_months(first_day, last_day)
    assert add_months(first_day, months) <= last_day < add_months(first_day, months + 1)
    assert whole_months(last_day + timedelta(days=40), first_day) == 0
