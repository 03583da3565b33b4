"""The instructor's pages about a placement's terms: settings, allowances for single learners, runs, history, and the
same for several activities of the course at once. Moments are typed and read in the installation's time zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from framework.catalogue import Activity
from framework.errors import Invalid
from framework.terms import MOST_ATTEMPTS, Allowance, Terms
from lti_tool.presenters.frame import Form
from lti_tool.presenters.wording import counted, day_and_time

MOMENTS = {
    "opens_at": ("Opens", "Learners can start from then on."),
    "due_at": ("Due", "Shown to learners. Work is taken until the close."),
    "closes_at": ("Closes", "After that nothing can be answered or finished."),
}
_COUNTS = {"best": "The best one", "latest": "The latest one"}
_REVIEWS = {
    "finished": "When they have finished",
    "closed": "After the close, when nobody can answer any more",
}
_JUDGES = {"both": "Instructors, and the assessors they name", "assessors": "The named assessors alone"}
_REUSE = {
    0: "No, everybody does it here",
    6: "Up to 6 months old",
    12: "Up to 12 months old",
    24: "Up to 2 years old",
    36: "Up to 3 years old",
    60: "Up to 5 years old",
}
_EDITIONS = {"any": "From any edition of the content", "same": "From the present edition alone"}
_BASES = {
    "completion": "Completion: 1 of 1 when finished",
    "score": "Score: the share of questions right at the first try",
    "none": "Nothing",
}
_WORDS = {
    "opens_at": "Opens",
    "due_at": "Due",
    "closes_at": "Closes",
    "attempts": "Attempts",
    "counts": "Which attempt counts",
    "review": "Answers are shown",
    "judges": "Who judges",
    "reuse_months": "Earlier results",
    "run": "Run",
    "reuse_editions": "Earlier results from",
    "grade": "In the gradebook",
    "extra_attempts": "Further attempts",
    "qualities": "Qualities",
    "self_assessment": "Self-assessment",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question."""

    value: str
    text: str
    is_chosen: bool


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


@dataclass(frozen=True, slots=True)
class Person:
    """A learner who can be allowed more, and what they have been allowed."""

    value: str
    name: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, in words."""

    when: str
    who: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a programme holds, in order, and where that is changed."""

    titles: tuple[str, ...]
    self_assessment: str
    url: str


@dataclass(frozen=True, slots=True)
class TermsPage:
    """The settings of one placement."""

    title: str
    overline: str
    said: str
    zone: str
    form: Form
    moments: tuple[Moment, ...]
    attempts: str
    most_attempts: int
    questions: tuple[Question, ...]
    people: tuple[Person, ...]
    has_close: bool
    has_limit: bool
    allow: Form
    run: Form
    run_text: str
    history: tuple[Entry, ...]
    error: str
    error_field: str
    allow_error: str
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One activity of the course with its terms in words."""

    value: str
    title: str
    url: str
    opens: str
    due: str
    closes: str
    attempts: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CoursePage:
    """All activities of a course, and what to set for the ticked ones."""

    title: str
    overline: str
    said: str
    zone: str
    form: Form
    rows: tuple[Row, ...]
    moments: tuple[Moment, ...]
    most_attempts: int
    error: str
    error_field: str


@dataclass(frozen=True, slots=True)
class Change:
    """One kept change as the store knows it. ``about``: the name of the learner it allows something, else ''."""

    at: datetime
    who: str
    about: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


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


def settings(
    activity: Activity,
    title: str,
    held: Terms,
    zone: ZoneInfo,
    *,
    basis: str,
    has_score: bool,
    has_begun: bool,
    run: int,
    people: Sequence[tuple[str, str, Allowance | None]],
    changes: Sequence[Change],
    urls: tuple[str, str, str],
    parts: Parts | None = None,
    said: str = "",
    typed: Mapping[str, str] | None = None,
    problem: Invalid | None = None,
    allow_error: str = "",
) -> TermsPage:
    """The page. ``people``: (value, name, allowance); ``urls``: where settings, allowances and a new run are sent.

    ``typed``: what was sent, where it was refused with ``problem``.
    """
    given = typed if typed is not None and problem is not None else None
    return TermsPage(
        title="Settings",
        overline=title,
        said=said,
        zone=zone_words(zone),
        form=Form(urls[0], "Save settings"),
        moments=tuple(_moment(name, getattr(held, name), zone, given) for name in MOMENTS),
        attempts=given.get("attempts", "") if given is not None else str(held.attempts or ""),
        most_attempts=MOST_ATTEMPTS,
        questions=_questions(activity, held, basis, given or {}, has_score=has_score, has_begun=has_begun),
        people=tuple(Person(value, name, allowed(allowance, zone)) for value, name, allowance in people),
        has_close=held.closes_at is not None,
        has_limit=held.attempts is not None,
        allow=Form(urls[1], "Allow"),
        run=Form(urls[2], f"Start run {run + 1}", (("run", str(run)),)),
        run_text=(
            f"This is run {run}. A new run is for the next group of people: everybody starts afresh and the dates are "
            "cleared. What was done so far is kept in people's records; grades in the gradebook change only when "
            "somebody finishes again."
        ),
        history=tuple(_entry(change, zone) for change in changes),
        error=str(problem) if problem else "",
        error_field=(problem.field or "") if problem else "",
        allow_error=allow_error,
        parts=parts,
    )


def course(
    title: str,
    rows: Sequence[tuple[str, str, Terms, str]],
    zone: ZoneInfo,
    *,
    action: str,
    said: str = "",
    typed: Mapping[str, str] | None = None,
    chosen: Sequence[str] = (),
    problem: Invalid | None = None,
) -> CoursePage:
    """All activities of the course: (value, title, terms, address of its settings or '')."""
    return CoursePage(
        title="All activities",
        overline=title,
        said=said,
        zone=zone_words(zone),
        form=Form(action, "Set for the ticked ones"),
        rows=tuple(
            Row(
                value=value,
                title=name,
                url=url,
                opens=_when(held.opens_at, zone),
                due=_when(held.due_at, zone),
                closes=_when(held.closes_at, zone),
                attempts=str(held.attempts or "Any number"),
                is_chosen=value in chosen,
            )
            for value, name, held, url in rows
        ),
        moments=tuple(_moment(name, None, zone, typed) for name in MOMENTS),
        most_attempts=MOST_ATTEMPTS,
        error=str(problem) if problem else "",
        error_field=(problem.field or "") if problem else "",
    )


def shown_to_learner(held: Terms, zone: ZoneInfo, now: datetime, attempts_so_far: int) -> tuple[str, ...]:
    """What a learner reads about the terms on the first page of an activity."""
    lines = []
    if held.opens_at and held.is_early(now):
        lines.append(f"Opens on {_when(held.opens_at, zone)}.")
    if held.closes_at and held.is_closed(now):
        lines.append(f"Closed on {_when(held.closes_at, zone)}.")
    else:
        if held.due_at:
            late = " That has passed, and work is still taken." if held.is_late(now) else ""
            lines.append(f"Due on {_when(held.due_at, zone)}.{late}")
        if held.closes_at and held.closes_at != held.due_at:
            lines.append(f"Closes on {_when(held.closes_at, zone)}.")
    if held.attempts is not None:
        left = max(0, held.attempts - attempts_so_far)
        lines.append(f"{counted(left, 'attempt')} left of {held.attempts}.")
    return tuple(lines)


def _questions(
    activity: Activity, held: Terms, basis: str, given: Mapping[str, str], *, has_score: bool, has_begun: bool
) -> tuple[Question, ...]:
    def ask(name: str, label: str, answers: Mapping[Any, str], now: Any, hint: str = "", locked: str = "") -> Question:
        chosen = given.get(name, str(now))
        choices = tuple(Choice(str(value), text, str(value) == chosen) for value, text in answers.items())
        return Question(name, label, hint, choices, locked)

    locked = "Learners have begun, so this stays as it is until the next run." if has_begun else ""
    bases = {key: text for key, text in _BASES.items() if key != "score" or has_score}
    found = [ask("grade", "What the gradebook shows", bases, basis, locked=locked)]
    if activity.kind == "module":
        found.append(ask("counts", "If somebody does it more than once, what counts?", _COUNTS, held.counts))
        found.append(ask("review", "When may learners look back at their answers?", _REVIEWS, held.review))
    if activity.kind == "reflection":
        found.append(ask("judges", "Who judges what learners share?", _JUDGES, held.judges))
    if activity.kind in ("module", "scenarios"):
        hint = "Somebody who has done it in another course or run is offered that result, or to start again."
        months = _REUSE if held.reuse_months in _REUSE else {**_REUSE, held.reuse_months: f"{held.reuse_months} months"}
        found.append(ask("reuse_months", "May earlier results be used?", months, held.reuse_months, hint))
        found.append(ask("reuse_editions", "Earlier results from", _EDITIONS, held.reuse_editions))
    return tuple(found)


def _moment(name: str, value: datetime | None, zone: ZoneInfo, given: Mapping[str, str] | None) -> Moment:
    label, hint = MOMENTS[name]
    shown = f"{value.astimezone(zone):%Y-%m-%dT%H:%M}" if value else ""
    return Moment(name, label, hint, given.get(name, "") if given is not None else shown)


def allowed(allowance: Allowance | None, zone: ZoneInfo) -> str:
    """What one learner has been given beyond the terms; "" for nothing."""
    if allowance is None:
        return ""
    said = [f"until {_when(allowance.closes_at, zone)}"] if allowance.closes_at else []
    if allowance.extra_attempts:
        said.append(f"{counted(allowance.extra_attempts, 'further attempt')}")
    return ", ".join(said)


def _when(value: datetime | None, zone: ZoneInfo) -> str:
    return day_and_time(value.astimezone(zone)) if value else ""


def _entry(change: Change, zone: ZoneInfo) -> Entry:
    about = f"For {change.about}: " if change.about else ""
    lines = tuple(
        f"{about}{_WORDS.get(name, name)}: {_said(name, change.before.get(name), zone)} → "
        f"{_said(name, change.after.get(name), zone)}"
        for name in change.after
    )
    return Entry(day_and_time(change.at.astimezone(zone)), change.who, lines)


def _said(name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return {"grade": "completion", "attempts": "any number", "self_assessment": "none"}.get(
            name, "as usual" if name not in MOMENTS else "none"
        )
    if name in MOMENTS:
        return _when(datetime.fromisoformat(value), zone)
    tables: Mapping[str, Mapping[Any, str]] = {
        "counts": _COUNTS,
        "review": _REVIEWS,
        "judges": _JUDGES,
        "reuse_months": _REUSE,
        "reuse_editions": _EDITIONS,
        "grade": _BASES,
    }
    return tables.get(name, {}).get(value, str(value))


def zone_words(zone: ZoneInfo) -> str:
    """Whose time the moments of a page are in."""
    return f"Times are those of {zone.key.replace('_', ' ')}."
