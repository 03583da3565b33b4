"""Badges: classes, what earns them, the lowest quality counts, and what each says and does not say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import badges
from framework.assessment import Fact
from framework.catalogue import Catalogue
from framework.competency import Competency, fold
from tests.framework.editions import shipped, tiny
from tests.framework.practice import example, explored_facts, judgement, moment

DAY = date(2025, 6, 2)
EXPLORED = date(2025, 1, 10)


def standing_at(edition: Catalogue, levels: Mapping[str, int | None]) -> dict[str, Competency]:
    """Competencies at given levels (None: nothing at all), with every lower award held as well."""
    empty = fold(edition, [], on=DAY)
    made = {}
    for key, one in empty.items():
        level = levels.get(key)
        awards = tuple(
            replace(award, is_held=level is not None and award.level <= level, since=DAY) for award in one.awards
        )
        made[key] = replace(one, is_explored=level is not None, level=level or 0, awards=awards)
    return made


def every_quality(level: int | None, **others: int | None) -> dict[str, int | None]:
    """All qualities of the shipped edition at one level, but for some (underscores for hyphens)."""
    levels = dict.fromkeys((one.key for one in shipped().qualities), level)
    return levels | {key.replace("_", "-"): value for key, value in others.items()}


def won(levels: Mapping[str, int | None]) -> dict[str, int]:
    return {one.badge_key: one.level for one in badges.earned(shipped(), standing_at(shipped(), levels))}


def test_there_are_nineteen_classes_each_with_five_steps() -> None:
    stands = badges.standing(shipped(), fold(shipped(), [], on=DAY))
    assert [one.kind for one in stands] == ["quality"] * 15 + ["cluster"] * 3 + ["framework"]
    assert {tuple(step.label for step in one.steps) for one in stands} == {
        ("Explored", "Developing", "Consistent", "Extending", "Shaping")
    }
    assert not any(one.is_earned for one in stands)
    assert badges.earned(shipped(), fold(shipped(), [], on=DAY)) == ()


def test_a_finished_module_earns_explored_and_nothing_more() -> None:
    facts = explored_facts(shipped(), "self-belief", EXPLORED)
    (award,) = badges.earned(shipped(), fold(shipped(), facts, on=DAY))
    assert (award.badge_key, award.kind, award.level, award.until) == ("self-belief", "quality", 0, None)
    assert award.wording == "Has studied Self-belief. Nobody has judged practice."
    assert all(one.is_met for one in award.conditions)


def test_a_level_replaces_explored_and_runs_out() -> None:
    facts = explored_facts(shipped(), "self-belief", EXPLORED)
    judged = judgement(DAY, 1, 1, examples=(example(date(2025, 5, 1)),))
    competencies = fold(shipped(), facts, [judged], on=DAY)
    (award,) = badges.earned(shipped(), competencies)
    assert (award.level, award.label, award.until) == (1, "Developing", date(2028, 6, 2))
    assert award.wording == "Self-belief: Developing. Seen in familiar situations, with support."
    (later,) = badges.earned(shipped(), fold(shipped(), facts, [judged], on=date(2028, 6, 2)))
    assert later.level == 0


def test_the_fixed_sentence_about_a_judged_level() -> None:
    facts = explored_facts(shipped(), "self-belief", EXPLORED)
    judged = judgement(DAY, 1, 2, None, examples=(example(date(2023, 12, 30)),))
    competencies = fold(shipped(), facts, [judged], on=DAY)
    assert badges.statement(shipped(), competencies["self-belief"]) == (
        "On evidence from 30 December 2023 to 2 June 2025, Line manager judged practice in Self-belief as at least "
        "Developing on 2 of 4 behaviours. A judgement for development; not a test result, and not to be used alone "
        "for selection, pay or dismissal."
    )
    assert badges.statement(shipped(), competencies["self-awareness"]) is None


def test_a_cluster_is_explored_when_all_its_qualities_are() -> None:
    personal = [one.key for one in shipped().cluster("personal-qualities").qualities]
    assert "personal-qualities" not in won(dict.fromkeys(personal[:-1], 0))
    assert won(dict.fromkeys(personal, 0))["personal-qualities"] == 0


LOWEST = [
    (every_quality(0), 0),
    (every_quality(0, self_belief=None), None),
    (every_quality(3), 3),
    (every_quality(4, self_belief=1), 1),
    (every_quality(4, self_belief=0), 0),
    (every_quality(4, self_belief=None), None),
    (every_quality(1, self_belief=4), 1),
]


@pytest.mark.parametrize(("levels", "expected"), LOWEST)
def test_the_lowest_quality_counts(levels: Mapping[str, int | None], expected: int | None) -> None:
    earned = won(levels)
    assert earned.get("personal-qualities") == expected
    assert earned.get("leadership-qualities") == expected


def test_a_low_quality_leaves_the_other_clusters_alone() -> None:
    earned = won(every_quality(3, self_belief=1))
    assert (earned["setting-direction"], earned["personal-qualities"], earned["leadership-qualities"]) == (3, 1, 1)


def test_a_cluster_badge_explains_itself_quality_by_quality() -> None:
    levels = every_quality(2, self_belief=1)
    stands = {one.badge_key: one for one in badges.standing(shipped(), standing_at(shipped(), levels))}
    cluster = stands["personal-qualities"]
    assert (cluster.level, cluster.title) == (1, "Personal Qualities")
    assert cluster.next_step is not None
    assert cluster.next_step.says == "Personal Qualities: every quality is at Consistent or above."
    assert [(one.text, one.needed, one.have, one.is_met) for one in cluster.next_step.conditions] == [
        ("Self-belief is at Consistent or above", 1, 0, False),
        ("Self-awareness is at Consistent or above", 1, 1, True),
        ("Self-management is at Consistent or above", 1, 1, True),
        ("Drive for improvement is at Consistent or above", 1, 1, True),
        ("Personal integrity is at Consistent or above", 1, 1, True),
    ]


def test_every_step_says_something_and_says_what_it_does_not_say() -> None:
    for badge in badges.standing(shipped(), fold(shipped(), [], on=DAY)):
        for step in badge.steps:
            assert badge.title in step.says
            assert step.does_not_say
            assert step.conditions
            assert "{" not in "".join((step.says, *step.does_not_say, *(one.text for one in step.conditions)))


def test_the_next_step_of_a_new_learner_and_of_somebody_who_has_it_all() -> None:
    new = badges.standing(shipped(), fold(shipped(), [], on=DAY))[0]
    assert new.next_step is new.steps[0]
    done = badges.standing(shipped(), standing_at(shipped(), every_quality(4)))[0]
    assert (done.level, done.next_step) == (4, None)
    assert done.current is done.steps[-1]


def test_a_group_ends_with_the_first_of_its_qualities() -> None:
    competencies = standing_at(shipped(), every_quality(2))
    first = competencies["self-belief"]
    ends = tuple(
        replace(award, until=date(2027, 1, 1) if award.level == 2 else date(2026, 1, 1) if award.level else None)
        for award in first.awards
    )
    competencies["self-belief"] = replace(first, awards=ends)
    earned = {one.badge_key: one for one in badges.earned(shipped(), competencies)}
    assert earned["personal-qualities"].until == date(2027, 1, 1)
    assert earned["setting-direction"].until is None


def test_a_lower_level_that_ran_out_is_still_covered_by_a_higher_one() -> None:
    competencies = standing_at(shipped(), {"self-belief": 2})
    one = competencies["self-belief"]
    awards = tuple(replace(award, is_held=award.level in (0, 2)) for award in one.awards)
    competencies["self-belief"] = replace(one, awards=awards)
    badge = badges.standing(shipped(), competencies)[0]
    assert [step.is_earned for step in badge.steps] == [True, True, True, False, False]


def test_another_framework_has_its_own_badges_and_words() -> None:
    facts = [Fact(one.key, "studied", 1.0, moment(DAY)) for one in tiny().features]
    earned = badges.earned(tiny(), fold(tiny(), facts, on=DAY))
    assert [(one.badge_key, one.label, one.wording) for one in earned] == [
        ("asking-first", "Read", "Has read about Asking first."),
        ("keeping-promises", "Read", "Has read about Keeping promises."),
        ("sharing-credit", "Read", "Has read about Sharing credit."),
        ("library-leads", "Read", "Has read all of Leading in the library."),
    ]


LEVELS = st.fixed_dictionaries({one.key: st.one_of(st.none(), st.integers(0, 4)) for one in shipped().qualities})


def lowest(levels: list[int | None]) -> int | None:
    return None if None in levels else min(one for one in levels if one is not None)


@given(LEVELS)
@settings(max_examples=60, deadline=None)
def test_every_group_is_at_its_lowest_quality(levels: dict[str, Any]) -> None:
    stands = badges.standing(shipped(), standing_at(shipped(), levels))
    for badge, known in zip(stands, shipped().badges, strict=True):
        assert badge.level == lowest([levels[key] for key in known.quality_keys])
    earned = {one.badge_key: one.level for one in badges.earned(shipped(), standing_at(shipped(), levels))}
    assert earned == {one.badge_key: one.level for one in stands if one.level is not None}


def test_one_better_quality_never_lowers_a_badge() -> None:
    for before, after in product((None, 0, 1, 2, 3, 4), repeat=2):
        if (-1 if before is None else before) < (-1 if after is None else after):
            low = won(every_quality(2, self_belief=before))
            high = won(every_quality(2, self_belief=after))
            assert all(high.get(key, -1) >= level for key, level in low.items())
