"""What stands around a list of a course's people: filters, pages, how fresh it is, and whom an instructor sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool.presenters.frame import Choice, Form, Link
from lti_tool.presenters.wording import counted, day_and_time, listed

STATUSES = {"completed": "Finished", "in_progress": "In progress", "none": "Not started"}
SMALL = 8  # people who are seen at a glance, without filters


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of an address, '' for none, and the order (``presenters.course_order``)."""

    section: str = ""
    status: str = ""
    search: str = ""
    page: int = 1
    sort: str = ""

    @property
    def narrows(self) -> bool:
        """Whether somebody may be left out."""
        return bool(self.section or self.status or self.search)

    def query(self) -> dict[str, str]:
        """As parameters of an address."""
        page = str(self.page) if self.page > 1 else ""
        given = {"section": self.section, "status": self.status, "search": self.search}
        given |= {"sort": self.sort, "page": page}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class CohortFacts:
    """What the store counted: people by status in the chosen section, those that fit all filters, pages, grades that
    did not arrive."""

    counts: Mapping[str, int]
    matching: int
    page: int
    pages: int
    parked: int


@dataclass(frozen=True, slots=True)
class ListFacts:
    """The LMS's list of people as the store knows it: ``missing`` of ``active`` are doubted; ``trouble`` of the last
    try."""

    has_service: bool
    at: datetime | None = None
    missing: int = 0
    active: int = 0
    is_due: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class StrictFacts:
    """Whether instructors see their own sections alone, the titles of this one's, and whether they may change it."""

    is_strict: bool = False
    own: tuple[str, ...] = ()
    may_switch: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """A form that narrows a list; it works by its address alone. ``orders``: to choose ``sort`` from, where it can."""

    action: str
    sections: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    search: str
    clear: Link | None
    sort: str = ""
    orders: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """All around the list. ``found``: how many fit, where filters are set; ``said``: what a pressed button did.

    ``whom``: whose learners this instructor sees, which may be nobody's.
    """

    counts: tuple[tuple[str, int], ...]
    parked: int
    filters: Filters | None
    found: str
    where: str
    previous: Link | None
    next: Link | None
    freshness: str
    doubt: str
    refresh: Form | None
    said: str
    whom: str
    sees_nobody: bool
    switch: Form | None


def people(
    shown: CohortFacts,
    roster: ListFacts,
    strict: StrictFacts,
    sections: Sequence[tuple[str, str]],
    chosen: Chosen,
    *,
    url: Callable[[Chosen], str],
    refresh_url: str,
    strict_url: str,
    said: str = "",
) -> People:
    """``sections``: (id, title) to choose from; ``url``: the page's address with filters."""
    total = sum(shown.counts.values())
    here = replace(chosen, page=shown.page)
    return People(
        counts=tuple((words, shown.counts.get(status, 0)) for status, words in STATUSES.items()),
        parked=shown.parked,
        filters=_filters(sections, chosen, url) if sections or total > SMALL or chosen.narrows else None,
        found=f"{counted(shown.matching, 'person', 'people')} found"
        if (chosen.status or chosen.search) and shown.matching
        else "",
        where=f"Page {shown.page} of {shown.pages}" if shown.pages > 1 else "",
        previous=Link("Previous page", url(replace(here, page=here.page - 1))) if here.page > 1 else None,
        next=Link("Next page", url(replace(here, page=here.page + 1))) if here.page < shown.pages else None,
        freshness=_freshness(roster),
        doubt=_doubt(roster),
        refresh=Form(refresh_url, "Refresh list") if roster.has_service else None,
        said=_SAID.get(said, ""),
        whom=_whom(strict) if sections or strict.is_strict else "",
        sees_nobody=strict.is_strict and not strict.own,
        switch=_switch(strict, strict_url),
    )


_SAID = {
    "asked": "The list has been asked for. Reload this page in a few seconds.",
    "soon": "The list was asked for less than a minute ago. Wait a little, then reload this page.",
}


def _found(count: int) -> str:
    """How many fit; that nobody does is said where the list would stand."""
    return f"{counted(count, 'person', 'people')} found" if count else ""


def _filters(sections: Sequence[tuple[str, str]], chosen: Chosen, url: Callable[[Chosen], str]) -> Filters:
    known = [*sections]
    if chosen.section and chosen.section not in dict(known):
        known.append((chosen.section, "A section with nobody in it"))
    return Filters(
        action=url(Chosen()),
        sections=_options("All sections", known, chosen.section) if known else (),
        statuses=_options("Any status", list(STATUSES.items()), chosen.status),
        search=chosen.search,
        clear=Link("Show everybody", url(Chosen(sort=chosen.sort))) if chosen.narrows else None,
        sort=chosen.sort,
    )


def _options(everything: str, known: Sequence[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, text, value == chosen) for value, text in (("", everything), *known))


def _freshness(roster: ListFacts) -> str:
    if not roster.has_service:
        return "Only people who have opened the activity are listed: the LMS has not shared its list of learners."
    if roster.at is not None:
        known = f"List of learners from the LMS, {day_and_time(roster.at)}."
    else:
        known = "Only people who have opened the activity are listed so far."
    if roster.trouble:
        return f"{known} The last try to read it did not work: {roster.trouble}"
    return f"{known} The full list is being read from the LMS: reload this page soon." if roster.is_due else known


def _doubt(roster: ListFacts) -> str:
    if not roster.missing:
        return ""
    return (
        f"The last list from the LMS lacked {roster.missing} of {counted(roster.active, 'person', 'people')}. That may "
        "be a mistake there, so they are still shown here until the next list says the same."
    )


def _whom(strict: StrictFacts) -> str:
    if not strict.is_strict:
        return "Everybody who teaches this course sees all of its learners."
    if not strict.own:
        return (
            "In this course instructors see the learners of their own sections alone. The LMS lists you in none, so "
            "nobody is shown to you. An instructor who has all sections can change that."
        )
    return f"In this course instructors see the learners of their own sections alone. Yours: {listed(strict.own)}."


def _switch(strict: StrictFacts, url: str) -> Form | None:
    if not strict.may_switch:
        return None
    if strict.is_strict:
        return Form(url, "Let instructors see everybody", (("strict", "off"),))
    return Form(url, "Limit instructors to their own sections", (("strict", "on"),))
