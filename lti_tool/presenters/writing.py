"""The form of one example of practice, and who will read it: said before anything is typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framework.assessment.reflection import LONGEST_TEXT, Example
from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.frame import Link
from lti_tool.presenters.practice import PLACE, REACH
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import listed

WARNING = (
    "Do not name patients, service users or colleagues, and leave out what would tell who they are. "
    "Write “a patient”, “a colleague on my team”."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button."""

    value: str
    text: str
    is_checked: bool


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
    back: Link
    error: str
    field: str


@dataclass(frozen=True, slots=True)
class WriteUpPage:
    """The form of a discussion's write-up, with the hidden fields that say what the judge has read."""

    title: str
    form: ExamplePage
    hidden: tuple[tuple[str, str], ...]


def who_reads(judges: Sequence[str], course: str) -> str:
    """Who will read what is shared, said before anything is typed."""
    course = course or "this course"
    if not judges:
        return (
            f"Only you can read your drafts. Once you share them, the teachers of {course} and the assessors they "
            "name can read them. Nobody else."
        )
    return (
        f"Only you can read your drafts. Once you share them, those who judge practice in {course} can read them: "
        f"{listed(judges)}. A teacher who joins the course later can read them too. Nobody else."
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
    error: str = "",
    field: str = "",
) -> ExamplePage:
    """The form of an example, filled with ``given`` (text, day, month, year, reach, witness, witness_place)."""
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
        back=Link(f"Back to {activity.title}", back_url),
        error=error,
        field=field,
    )


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
