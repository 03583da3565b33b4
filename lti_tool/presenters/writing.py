"""The form of one example of practice, and who will read it: said before anything is typed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from framework.assessment.reflection import LONGEST_TEXT, Example
from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.conflict import Conflict
from lti_tool.presenters.frame import Choice, Link
from lti_tool.presenters.practice import PLACE, REACH
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import day, listed

WARNING = (
    "Nor service users, nor anything that would tell who somebody is. Write “a patient”, “a colleague on my team”."
)


@dataclass(frozen=True, slots=True)
class ExamplePage:
    """The form of one example. ``day``: day, month and year as typed; ``error`` is about ``field``."""

    title: str
    overline: str
    tone: int
    who_reads: str
    warning: str
    features: tuple[str, ...]
    action: str
    text: str
    longest: int
    day: tuple[str, str, str]
    reaches: tuple[Choice, ...]
    witness: str
    places: tuple[Choice, ...]
    can_remove: bool
    keeps: bool
    back: Link
    error: str
    field: str
    replaces: int
    conflict: Conflict | None
    comment: str
    comment_by: str


@dataclass(frozen=True, slots=True)
class WriteUpPage:
    """The form of a discussion's write-up, with the hidden fields that say what the judge has read."""

    title: str
    form: ExamplePage
    hidden: tuple[tuple[str, str], ...]


DRAFTS = "Only you can read your drafts. "


def who_reads(judges: Sequence[str], course: str, *, assessors: Collection[str] = ()) -> str:
    """Who will read what is shared, said before anything is typed. ``assessors``: those whom a teacher has named."""
    judges = [f"{name} (assessor)" if name in assessors else name for name in judges]
    course = course or "this course"
    if not judges:
        return (
            f"{DRAFTS}Once you share, the teachers of {course} and the assessors they name can read all your examples. "
            "Nobody else."
        )
    return (
        f"{DRAFTS}Once you share, those who judge practice in {course} can read all your examples: {listed(judges)}. "
        "So can a teacher who joins later, or an assessor whom a teacher names: this page then lists them. Nobody else."
    )


def example_page(
    catalogue: Catalogue,
    activity: Activity,
    number: int,
    given: Mapping[str, str],
    *,
    readers: str,
    action: str,
    back_url: str,
    can_remove: bool,
    keeps: bool = False,
    error: str = "",
    field: str = "",
    replaces: int = 0,
    conflict: Conflict | None = None,
    comment: str = "",
    comment_by: str = "",
) -> ExamplePage:
    """The form of an example, filled with ``given`` (text, day, month, year, reach, witness, witness_place).

    ``keeps``: a draft is kept while it is written, where the browser runs script. ``replaces``: the version of the
    stored example; ``conflict``: that one, where it was changed elsewhere meanwhile.
    ``comment``: with what a judge has returned the reflection.
    """
    quality = catalogue.quality(activity.quality_key or "")
    reach, place = given.get("reach") or next(iter(REACH)), given.get("witness_place", "")
    places = {"": "Nobody else, or I do not want to name anybody", **PLACE}
    return ExamplePage(
        title=f"Example {number}",
        overline=activity.title,
        tone=tone(catalogue, quality.key),
        who_reads=readers,
        warning=WARNING,
        features=tuple(one.self_form for one in quality.features),
        action=action,
        text=given.get("text", ""),
        longest=LONGEST_TEXT,
        day=(given.get("day", ""), given.get("month", ""), given.get("year", "")),
        reaches=tuple(Choice(value, text, value == reach) for value, text in REACH.items()),
        witness=given.get("witness", ""),
        places=tuple(Choice(value, text, value == place) for value, text in places.items()),
        can_remove=can_remove,
        keeps=keeps,
        back=Link(f"Back to {activity.title}", back_url),
        error=error,
        field=field,
        replaces=replaces,
        conflict=conflict,
        comment=comment,
        comment_by=comment_by,
    )


def differing(own: Example | None, sent: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """What besides the text is not the same in the stored example and the sent one: (question, stored, sent)."""
    stored = _said((own or Example("", "")).plain())
    return tuple((name, stored[name], said) for name, said in _said(sent).items() if said != stored[name])


def _said(plain: Mapping[str, str]) -> dict[str, str]:
    witness, place = plain.get("witness", "").strip(), PLACE.get(plain.get("witness_place", ""), "")
    return {
        "When it happened": _day(plain.get("event_on", "")),
        "How far it reached": REACH.get(plain.get("reach", ""), "Not said"),
        "Who could confirm it": " · ".join(part for part in (witness, place) if part) or "Nobody named",
    }


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text or "Not said"


def filled(one: Example | None) -> dict[str, str]:
    """What the form of an example shows when it opens."""
    if one is None:
        return {}
    on = one.event_on
    return {
        "text": one.text,
        "day": str(on.day) if on else "",
        "month": str(on.month) if on else "",
        "year": str(on.year) if on else "",
        "reach": one.reach,
        "witness": one.witness,
        "witness_place": one.witness_place,
    }
