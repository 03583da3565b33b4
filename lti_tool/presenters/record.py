"""My record: what a person has done, shown and been judged for, on one page that prints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from framework import badges
from framework.catalogue import Catalogue
from framework.competency import Competency
from lti_tool.presenters import rungs
from lti_tool.presenters.frame import Link
from lti_tool.presenters.practice import Event, ShownExample
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import counted, day, short_day

_UNITS = {"module": "questions right at the first try", "scenarios": "situations taken"}  # what a point is, by kind


@dataclass(frozen=True, slots=True)
class Stands:
    """The standing in one quality, in words; ``statement`` is the fixed sentence about a judged level."""

    title: str
    tone: int
    level: str
    days: str
    statement: str


@dataclass(frozen=True, slots=True)
class Done:
    """One activity in one course. ``report`` leads to an own self-assessment's profile where it can be opened."""

    title: str
    course: str
    started: str
    finished: str
    result: str
    report: Link | None


@dataclass(frozen=True, slots=True)
class Shared:
    """One reflection that was shared, with every step since."""

    title: str
    course: str
    examples: tuple[ShownExample, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One award of a badge. ``state``: held now, or what became of it, and why."""

    title: str
    level: str
    since: str
    state: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """What is known of one activity in one course, as the view found it."""

    activity_key: str
    course: str
    started_at: datetime
    finished_at: datetime | None
    points: float | None
    maximum: float | None
    attempts: int
    report_url: str


@dataclass(frozen=True, slots=True)
class AwardFact:
    """One award row: ``state`` active, replaced or withdrawn; ``ended_at`` when it stopped being active."""

    badge_key: str
    level: int
    state: str
    reason: str
    at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The record. ``not_yet`` names the qualities of which there is nothing; ``download`` has everything as data."""

    title: str
    person: str
    made: str
    qualities: tuple[Stands, ...]
    not_yet: str
    done: tuple[Done, ...]
    assessed: tuple[Done, ...]
    shared: tuple[Shared, ...]
    held: tuple[Held, ...]
    download: Link
    begin: Link

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been done yet."""
        return not (self.qualities or self.done or self.assessed or self.shared or self.held)


def page(
    catalogue: Catalogue,
    person: str,
    at: datetime,
    folded: Mapping[str, Competency],
    done: Sequence[Attempted],
    shared: Sequence[Shared],
    awards: Iterable[AwardFact],
    *,
    download_url: str,
    begin_url: str,
) -> RecordPage:
    """The record of ``person`` at a moment."""
    stands = [_stands(catalogue, folded[one.key]) for one in catalogue.qualities if folded[one.key].is_explored]
    judged = [one.key for one in catalogue.qualities if folded[one.key].level and not folded[one.key].is_explored]
    stands += [_stands(catalogue, folded[key]) for key in judged]
    left = len(catalogue.qualities) - len(stands)
    kinds = {one.key: one.kind for one in catalogue.activities}
    rows = [(kinds.get(one.activity_key, ""), _done(catalogue, one)) for one in done]
    return RecordPage(
        title="My record",
        person=person,
        made=f"As of {day(at)}",
        qualities=tuple(stands),
        not_yet=f"Nothing yet in {counted(left, 'quality', 'qualities')}." if left else "",
        done=tuple(row for kind, row in rows if kind != "self_assessment"),
        assessed=tuple(row for kind, row in rows if kind == "self_assessment"),
        shared=tuple(shared),
        held=tuple(_held(catalogue, one) for one in awards),
        download=Link("Download everything that is stored about me (JSON)", download_url),
        begin=Link("Go to this activity", begin_url),
    )


def activity_title(catalogue: Catalogue, key: str) -> str:
    """The title of an activity; its key where this edition has none of that name any more."""
    return next((one.title for one in catalogue.activities if one.key == key), key)


def _stands(catalogue: Catalogue, one: Competency) -> Stands:
    award = one.award(one.level)
    days = [f"Explored on {day(one.explored_at)}"] if one.explored_at else []
    if one.level and award and award.since:
        days.append(f"this level since {day(award.since)}")
    if one.level and award and award.until:
        days.append(f"until {day(award.until)}")
    return Stands(
        title=catalogue.quality(one.quality_key).title,
        tone=tone(catalogue, one.quality_key),
        level=rungs.level_of(catalogue, one),
        days=", ".join(days),
        statement=badges.statement(catalogue, one) or "",
    )


def _done(catalogue: Catalogue, one: Attempted) -> Done:
    scored = one.points is not None and one.maximum is not None and one.maximum > 1
    kind = next((each.kind for each in catalogue.activities if each.key == one.activity_key), "")
    unit = _UNITS.get(kind, "points")
    result = [f"{one.points:g} of {one.maximum:g} {unit}"] if scored else []
    if one.attempts > 1:
        result.append(counted(one.attempts, "attempt"))
    return Done(
        title=activity_title(catalogue, one.activity_key),
        course=one.course or "A course without a name",
        started=short_day(one.started_at),
        finished=short_day(one.finished_at) if one.finished_at else "Not finished",
        result=", ".join(result),
        report=Link("Report", one.report_url) if one.report_url and one.finished_at else None,
    )


def _held(catalogue: Catalogue, one: AwardFact) -> Held:
    rule = catalogue.rules.award(one.level)
    title = next((badge.title for badge in catalogue.badges if badge.key == one.badge_key), one.badge_key)
    states = {"active": "Held", "replaced": f"Until {short_day(one.ended_at)}", "withdrawn": "Withdrawn"}
    ended = f" on {short_day(one.ended_at)}" if one.state == "withdrawn" else ""
    reason = f": {one.reason}" if one.reason and one.state != "active" else ""
    return Held(title, rule.label if rule else "", short_day(one.at), f"{states[one.state]}{ended}{reason}")
