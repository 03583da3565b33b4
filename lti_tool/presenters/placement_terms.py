"""The instructor's pages about a placement's terms: settings, allowances, runs and history; and the same for several
activities of the course at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from framework.catalogue import Activity
from framework.errors import Invalid
from framework.terms import MOST_ATTEMPTS, Allowance, Terms
from lti_tool.presenters.frame import Form
from lti_tool.presenters.terms_form import Moment, Question, moment_field, questions
from lti_tool.presenters.terms_words import MOMENTS, Change, Entry, allowed, entry, when, zone_words

_ALLOW = {  # by whether there is a close, and a limit of attempts: the button, and what it does
    (True, True): (
        "Give more time or attempts",
        "Give more time or further attempts. A later close also reopens the activity for them. Empty fields take back "
        "what was given.",
    ),
    (True, False): (
        "Give more time",
        "A later close also reopens the activity for them. An empty field takes back what was given. Everybody may "
        "do it as often as they like, so nobody needs another attempt.",
    ),
    (False, True): (
        "Give further attempts",
        "An empty field takes back what was given. There is no close, so nobody needs more time.",
    ),
    (False, False): ("", "There is no close and no limit of attempts, so nobody needs more of either."),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A learner who can be allowed more, and what they have been allowed."""

    value: str
    name: str
    allowed: str
    is_chosen: bool = False


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
    allow_text: str
    allow_said: str
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
    allow_said: str = "",
    chosen: Collection[str] = (),
    typed: Mapping[str, str] | None = None,
    problem: Invalid | None = None,
    allow_error: str = "",
) -> TermsPage:
    """The page. ``people``: (value, name, allowance); ``urls``: where settings, allowances and a new run are sent.

    ``chosen``: the values of those whose boxes are ticked. ``typed``: what was sent, where it was refused with
    ``problem``. ``allow_said``: what was done for single learners.
    """
    given = typed if typed is not None and problem is not None else None
    return TermsPage(
        title="Settings",
        overline=title,
        said=said,
        zone=zone_words(zone),
        form=Form(urls[0], "Save settings"),
        moments=tuple(moment_field(name, getattr(held, name), zone, given) for name in MOMENTS),
        attempts=given.get("attempts", "") if given is not None else str(held.attempts or ""),
        most_attempts=MOST_ATTEMPTS,
        questions=questions(activity, held, basis, given or {}, has_score=has_score, has_begun=has_begun),
        people=tuple(
            Person(value, name, allowed(allowance, zone), value in chosen) for value, name, allowance in people
        ),
        has_close=held.closes_at is not None,
        has_limit=held.attempts is not None,
        allow=Form(urls[1], _ALLOW[held.closes_at is not None, held.attempts is not None][0]),
        allow_text=_ALLOW[held.closes_at is not None, held.attempts is not None][1],
        allow_said=allow_said,
        run=Form(urls[2], "Start a new group", (("run", str(run)),)),
        run_text=(
            f"This is run {run}. A new group makes run {run + 1}: everybody starts afresh and the dates are "
            "cleared. What was done so far is kept in people's records; grades in the gradebook change only when "
            "somebody finishes again."
        ),
        history=tuple(entry(change, zone) for change in changes),
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
                opens=when(held.opens_at, zone),
                due=when(held.due_at, zone),
                closes=when(held.closes_at, zone),
                attempts=str(held.attempts or "Any number"),
                is_chosen=value in chosen,
            )
            for value, name, held, url in rows
        ),
        moments=tuple(moment_field(name, None, zone, typed) for name in MOMENTS),
        most_attempts=MOST_ATTEMPTS,
        error=str(problem) if problem else "",
        error_field=(problem.field or "") if problem else "",
    )
