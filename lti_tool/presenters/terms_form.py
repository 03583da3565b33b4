"""The fields of a placement's terms: what was typed, and the fields as they are shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from framework.catalogue import Activity
from framework.errors import Invalid
from framework.terms import Terms
from lti_tool.presenters.frame import Choice
from lti_tool.presenters.terms_words import BASES, COUNTS, EDITIONS, JUDGES, MOMENTS, REUSE, REVIEWS


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment to type: the value as ``datetime-local`` has it."""

    name: str
    label: str
    hint: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with radio buttons. ``locked`` says why it cannot be changed now."""

    name: str
    label: str
    hint: str
    choices: tuple[Choice, ...]
    locked: str = ""


def moment(form: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """A typed moment, None where the field is empty. Raises Invalid with the field."""
    typed = form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        words = MOMENTS[name][0]
        raise Invalid(f"{words}: enter a day and a time, such as 2027-03-31T17:00.", field=name) from None


def number(form: Mapping[str, str], name: str) -> int | None:
    """A typed whole number, None where the field is empty. Raises Invalid with the field."""
    typed = form.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
        raise Invalid("Enter a whole number, such as 2.", field=name)
    return int(typed)


def read(form: Mapping[str, str], zone: ZoneInfo, held: Terms) -> Terms:
    """The terms that a sent form asks for; a question that it does not answer stays as it is held."""
    months = number(form, "reuse_months")
    return replace(
        held,
        opens_at=moment(form, "opens_at", zone),
        due_at=moment(form, "due_at", zone),
        closes_at=moment(form, "closes_at", zone),
        attempts=number(form, "attempts"),
        counts=form.get("counts", held.counts),
        review=form.get("review", held.review),
        judges=form.get("judges", held.judges),
        reuse_months=held.reuse_months if months is None else months,
        reuse_editions=form.get("reuse_editions", held.reuse_editions),
    )


def moment_field(name: str, value: datetime | None, zone: ZoneInfo, given: Mapping[str, str] | None) -> Moment:
    label, hint = MOMENTS[name]
    shown = f"{value.astimezone(zone):%Y-%m-%dT%H:%M}" if value else ""
    return Moment(name, label, hint, given.get(name, "") if given is not None else shown)


def questions(
    activity: Activity, held: Terms, basis: str, given: Mapping[str, str], *, has_score: bool, has_begun: bool
) -> tuple[Question, ...]:
    def ask(name: str, label: str, answers: Mapping[Any, str], now: Any, hint: str = "", locked: str = "") -> Question:
        chosen = given.get(name, str(now))
        choices = tuple(Choice(str(value), text, str(value) == chosen) for value, text in answers.items())
        return Question(name, label, hint, choices, locked)

    locked = "Learners have begun, so this stays as it is until you start a new group." if has_begun else ""
    bases = {key: text for key, text in BASES.items() if key != "score" or has_score}
    found = [ask("grade", "What the gradebook shows", bases, basis, locked=locked)]
    if activity.kind == "module":
        found.append(ask("counts", "If somebody does it more than once, what counts?", COUNTS, held.counts))
        found.append(ask("review", "When may learners look back at their answers?", REVIEWS, held.review))
    if activity.kind == "reflection":
        found.append(ask("judges", "Who judges what learners share?", JUDGES, held.judges))
    if activity.kind in ("module", "scenarios"):
        hint = "Somebody who has done it in another course or run is offered that result, or to start again."
        months = REUSE if held.reuse_months in REUSE else {**REUSE, held.reuse_months: f"{held.reuse_months} months"}
        found.append(ask("reuse_months", "May earlier results be used?", months, held.reuse_months, hint))
        found.append(ask("reuse_editions", "Earlier results from", EDITIONS, held.reuse_editions))
    return tuple(found)
