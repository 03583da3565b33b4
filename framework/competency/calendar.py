"""Dates: whole months, the day of a moment, and the time during which an award is held."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime


def day_of(moment: datetime) -> date:
    """The UTC day of an aware moment. Raises ``ValueError`` for a naive one, which could be any day."""
    if moment.tzinfo is None:
        raise ValueError("a moment of evidence must be aware")
    return moment.astimezone(UTC).date()


def add_months(day: date, months: int) -> date:
    """The same day some months later (or earlier); the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months(first: date, last: date) -> int:
    """How many whole months lie between two days; 0 where they are turned round."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return max(0, months if add_months(first, months) <= last else months - 1)


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """The days from ``since`` until the day before ``until`` (``date.max``: does not run out)."""

    since: date
    until: date

    def covers(self, day: date) -> bool:
        """Whether the award is held on this day."""
        return self.since <= day < self.until


def held_times(days: Iterable[date], valid_months: int | None) -> tuple[Held, ...]:
    """When an award is held, given the days on which its conditions were met; touching times become one."""
    times: list[Held] = []
    for day in sorted(days):
        until = date.max if valid_months is None else add_months(day, valid_months)
        if times and day <= times[-1].until:
            times[-1] = Held(times[-1].since, until)
        else:
            times.append(Held(day, until))
    return tuple(times)


def held_on(times: Iterable[Held], day: date) -> Held | None:
    """The time that covers a day, if any."""
    return next((time for time in times if time.covers(day)), None)
