"""Made-up states of a person's own record."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from framework import competency
from lti_tool.presenters import practice, record
from tests.framework.practice import example, explored_facts, judgement
from tests.lti_tool.rendering import LEARNER, Shown, catalogue
from tests.lti_tool.samples_practice import NAMES, ONE, SHARE, SIGN, WITHDRAW

AT = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
THEN = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)


def samples() -> Iterator[tuple[str, Shown]]:
    """A full record and an empty one."""
    yield "record-empty", _record([], [], [], explored=())
    done = [
        record.Attempted("self-belief", "Leading in practice, cohort 4", THEN, AT, 4.0, 4.0, 2, ""),
        record.Attempted("self-awareness", "Leading in practice, cohort 4", THEN, None, None, None, 1, ""),
        record.Attempted("self-assessment", "", THEN, AT, 1.0, 1.0, 1, "#report"),
        record.Attempted("gone.from-this-edition", "Care pathways", THEN, AT, None, None, 1, ""),
    ]
    history = practice.history(catalogue(), (SHARE, SIGN, WITHDRAW), NAMES, me="me", shows_all_marks=True)
    examples = practice.shown_examples((ONE,))
    shared = [record.Shared("Self-belief: reflection", "Leading in practice, cohort 4", examples, history)]
    awards = [
        record.AwardFact("self-belief", 1, "active", "", AT, AT),
        record.AwardFact("self-belief", 0, "replaced", "A higher level is held now.", THEN, AT),
        record.AwardFact(
            "self-awareness", 1, "withdrawn", "The judge has withdrawn the judgement: Mixed up.", THEN, AT
        ),
    ]
    yield "record", _record(done, shared, awards, explored=("self-belief", "self-awareness"))


def _record(
    done: list[record.Attempted],
    shared: list[record.Shared],
    awards: list[record.AwardFact],
    *,
    explored: tuple[str, ...],
) -> Shown:
    facts = [fact for key in explored for fact in explored_facts(catalogue(), key, date(2026, 5, 1))]
    judged = [judgement(date(2026, 6, 1), 2, 2, 1, examples=(example(date(2026, 5, 20)),))] if explored else []
    folded = competency.fold(catalogue(), facts, judged, on=AT.date())
    page = record.page(
        catalogue(), LEARNER.person, AT, folded, done, shared, awards, download_url="#download", begin_url="#first"
    )
    return Shown("record/record.html", page)
