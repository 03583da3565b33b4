"""Facts and judgements for tests, valid by default."""

from datetime import UTC, date, datetime
from typing import Any

from framework.assessment import Fact
from framework.assessment.judgement import Judgement, PracticeExample
from framework.catalogue import Catalogue


def moment(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def explored_facts(edition: Catalogue, quality_key: str, day: date) -> list[Fact]:
    """What finishing the module on a day leaves behind."""
    features = [one.key for one in edition.quality(quality_key).features]
    return [Fact(key, kind, None, moment(day)) for key in features for kind in ("studied", "scenario")]


def example(day: date, reach: str = "own_team", place: str | None = None, **others: Any) -> PracticeExample:
    """An example; with a place it has a witness there."""
    given: dict[str, Any] = {
        "key": f"example of {day} {reach}",
        "witness_key": None if place is None else "witness",
        "witness_place": place,
    }
    return PracticeExample(event_on=day, reach=reach, **(given | others))


def judgement(day: date, *values: int | None, quality: str = "self-belief", **others: Any) -> Judgement:
    """A judgement of the first features of a quality, None for not seen; the judge saw it all and knows it long."""
    marks = {f"{quality}.{number}": value for number, value in enumerate(values, 1) if value is not None}
    given: dict[str, Any] = {
        "quality_key": quality,
        "learner_key": "learner",
        "judge_key": "judge one",
        "judge_role": "Line manager",
        "at": moment(day),
        "values": marks,
        "basis": dict.fromkeys(marks, "saw"),
        "known_from": date(day.year - 1, 1, 1),
        "known_to": day,
        "examples": (),
    }
    return Judgement(**(given | others))
