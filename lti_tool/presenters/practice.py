"""Examples of practice and the steps of judging in words: the same for their learner and for judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from framework.assessment import judging
from framework.assessment.judgement import BASES, REACHES, WITNESSES
from framework.assessment.judging import Step
from framework.assessment.reflection import Example
from framework.catalogue import Catalogue
from lti_tool.presenters.wording import day, day_and_time

REACH = dict(zip(REACHES, ("Within my own team", "Beyond my own team", "In another organisation"), strict=True))
PLACE = dict(
    zip(
        WITNESSES,
        ("In my line: my manager, or somebody who reports to me", "Outside my line", "In another organisation"),
        strict=True,
    )
)
BASIS = dict(zip(BASES, ("I saw it", "I saw what came of it", "I was told"), strict=True))
_STANDS = dict(zip(WITNESSES, ("in the line", "outside the line", "in another organisation"), strict=True))
_BASIS_OF = dict(zip(BASES, ("seen in person", "known from what came of it", "was told"), strict=True))

_ACTIONS = {
    "share": "{who} shared it",
    "text_changed": "{who} began to change the text",
    "confirm": "{who} confirmed the write-up",
    "dispute": "{who} said that the write-up is not right",
    "sign": "{who} signed",
    "return": "{who} returned it",
    "withdraw": "{who} withdrew a signature",
    "discuss": "{who} wrote up a discussion",
}
_UNSIGNED = ", so signatures on it do not count any more"
_ROLES = {"instructor": "teacher", "assessor": "assessor"}


@dataclass(frozen=True, slots=True)
class ShownExample:
    """One example. ``facts``: when, how far, who saw it. ``edit_url`` and ``gap`` are for its learner's drafts."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[str, ...]
    gap: str = ""
    edit_url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the history. ``lines``: what was marked, feature by feature, and how the judge knows."""

    when: str
    text: str
    comment: str
    lines: tuple[str, ...]


def shown_example(one: Example, number: int, *, edit_url: str = "", note: str = "") -> ShownExample:
    """An example in words."""
    facts = [day(one.event_on)] if one.event_on else []
    facts.append(REACH[one.reach])
    if one.witness:
        facts.append(f"Witness: {one.witness}, {_STANDS[one.witness_place]}")
    return ShownExample(
        key=one.key,
        title="From the discussion" if one.key.startswith("discussion") else f"Example {number}",
        paragraphs=tuple(part.strip() for part in one.text.split("\n") if part.strip()),
        facts=tuple(facts),
        gap="" if one.is_complete else "The date is still missing.",
        edit_url=edit_url,
        note=note,
    )


def shown_examples(shared: Sequence[Example]) -> tuple[ShownExample, ...]:
    """Several examples in words."""
    return tuple(shown_example(one, number) for number, one in enumerate(shared, 1))


def history(
    catalogue: Catalogue, steps: Sequence[Step], names: Mapping[str, str], *, me: str, shows_all_marks: bool
) -> tuple[Event, ...]:
    """The steps in words, newest first. Drafts are nobody's business; other judges' marks show on request.

    ``me``: the reader's key, who is "You".
    """
    events = []
    for place, step in reversed(list(enumerate(steps))):
        if step.action not in _ACTIONS:
            continue
        role = f" ({_ROLES[step.role]})" if step.role in _ROLES and step.by != me else ""
        who = "You" if step.by == me else f"{names.get(step.by) or 'Somebody'}{role}"
        opens = step.action == "sign" and (shows_all_marks or step.by == me)
        events.append(
            Event(
                when=day_and_time(step.at),
                text=_ACTIONS[step.action].format(who=who)
                + (" and " + step.comment if step.action == "share" and step.comment else "")
                + (_UNSIGNED if step.action == "text_changed" and judging.signatures(steps[:place]) else ""),
                comment="" if step.action == "share" else step.comment,
                lines=marks(catalogue, step) if opens else (),
            )
        )
    return tuple(events)


def marks(catalogue: Catalogue, step: Step) -> tuple[str, ...]:
    """What a signature says: a line for each feature marked, then since when the judge knows the work."""
    lines = [
        f"{catalogue.feature(key).rater_form} {catalogue.level_scheme.label(value)} "
        f"({_BASIS_OF.get(step.marks.basis.get(key, ''), 'was told')})"
        for key, value in step.marks.values.items()
        if catalogue.has_feature(key)
    ]
    if step.marks.known_from and step.marks.known_to:
        lines.append(f"Knows this work from {_month(step.marks.known_from)} to {_month(step.marks.known_to)}.")
    return tuple(lines)


def summary(catalogue: Catalogue, quality_key: str, steps: Sequence[Step]) -> str:
    """How the signatures that count stand, taken together: "3 of 4 behaviours marked"."""
    signed = judging.signatures(steps)
    if not signed:
        return ""
    features = catalogue.quality(quality_key).features
    marked = sum(any(one.key in step.marks.values for step in signed) for one in features)
    return f"{marked} of {len(features)} behaviours marked"


def _month(moment: date) -> str:
    return f"{moment:%B %Y}"
