"""The course of judging one reflection, as steps: who may read it, what may happen next, which signatures count.

A signature counts until its learner changes the text or its judge withdraws it. A discussion that the judge wrote up
counts as an example once the learner has confirmed it. Drafts are their judge's own and move nothing.
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from framework.assessment.judgement import BASES, Judgement, PracticeExample
from framework.assessment.reflection import Example, digest, is_same_name
from framework.catalogue import Catalogue
from framework.errors import Invalid

# The last step that moves a reflection -> where it stands.
_AFTER = {
    "share": "waiting",
    "confirm": "waiting",
    "dispute": "waiting",
    "return": "returned",
    "sign": "signed",
    "withdraw": "withdrawn",
    "discuss": "to_confirm",
    "text_changed": "changing",
}
PRIVATE = ("private", "changing")  # nobody but the learner reads it

# What may happen -> from where. A draft may be kept wherever a signature may be given.
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "share": PRIVATE,
    "text_changed": ("waiting", "returned", "to_confirm", "signed", "withdrawn"),
    "draft": ("waiting", "signed", "withdrawn"),
    "sign": ("waiting", "signed", "withdrawn"),
    "return": ("waiting", "withdrawn"),
    "discuss": ("waiting", "signed", "withdrawn"),
    "confirm": ("to_confirm",),
    "dispute": ("to_confirm",),
    "withdraw": ("waiting", "returned", "to_confirm", "signed"),
}
LONGEST_COMMENT = 2000
_EARLIEST = 1950


@dataclass(frozen=True, slots=True)
class Marks:
    """What a judge says: level value and basis by feature (an unseen one is left out), and since when they know it."""

    values: Mapping[str, int] = field(default_factory=dict)
    basis: Mapping[str, str] = field(default_factory=dict)
    known_from: date | None = None
    known_to: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``by`` is a person's key, ``role`` learner, instructor or assessor; ``at`` is aware."""

    number: int
    action: str
    by: str
    role: str
    at: datetime
    marks: Marks = Marks()
    comment: str = ""
    examples: tuple[Example, ...] = ()
    digest: str = ""
    of_step: int | None = None


def state(steps: Sequence[Step]) -> str:
    """private, waiting, returned, to_confirm, signed, withdrawn, or changing (shared before, not now)."""
    moved = [step for step in steps if step.action in _AFTER]
    if not moved:
        return "private"
    after = _AFTER[moved[-1].action]
    return "signed" if after == "withdrawn" and signatures(steps) else after


def seen(steps: Sequence[Step]) -> int:
    """The number of the last step that others see; a judge's page carries it, to notice what came meanwhile."""
    return max((step.number for step in steps if step.action != "draft"), default=0)


def shared(steps: Sequence[Step]) -> tuple[Example, ...]:
    """What a judge may read: the examples last shared and the discussions that the learner has confirmed."""
    if state(steps) in PRIVATE:
        return ()
    own = next((step.examples for step in reversed(steps) if step.action == "share"), ())
    confirmed = {step.of_step for step in steps if step.action == "confirm"}
    told = (step.examples for step in steps if step.action == "discuss" and step.number in confirmed)
    return (*own, *(one for examples in told for one in examples))


def shared_digest(steps: Sequence[Step]) -> str:
    """The digest of what a judge may read now."""
    return digest(shared(steps))


def signatures(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The signatures that count, oldest first."""
    changed = max((step.number for step in steps if step.action == "text_changed"), default=0)
    withdrawn = [step for step in steps if step.action == "withdraw"]
    return tuple(
        step
        for step in steps
        if step.action == "sign"
        and step.number > changed
        and not any(_takes_back(one, step, steps) for one in withdrawn)
    )


def _takes_back(withdrawal: Step, signature: Step, steps: Sequence[Step]) -> bool:
    """A withdrawal takes back its signature and the same judge's earlier ones."""
    of = next((step for step in steps if step.number == withdrawal.of_step), None)
    return of is not None and of.by == signature.by and signature.number <= of.number


def draft_of(steps: Sequence[Step], judge: str) -> Step | None:
    """A judge's marks that are not signed yet, while they are about what is shared now."""
    own = [step for step in steps if step.by == judge and step.action in ("draft", "sign", "return")]
    if not own or own[-1].action != "draft" or own[-1].digest != shared_digest(steps):
        return None
    return own[-1] if state(steps) in ALLOWED["draft"] else None


def waiting_discussion(steps: Sequence[Step]) -> Step | None:
    """The write-up that the learner is asked to confirm."""
    return (
        next((step for step in reversed(steps) if step.action == "discuss"), None)
        if (state(steps) == "to_confirm")
        else None
    )


def accept_marks(
    catalogue: Catalogue,
    quality_key: str,
    values: Mapping[str, str],
    basis: Mapping[str, str],
    known: tuple[str, str],
    *,
    today: date,
) -> Marks:
    """Check a judge's form. ``values``: "" for not seen; ``known``: two months as "2026-03".

    Raises ``Invalid`` naming the field: a feature's key, ``basis-`` and a feature's key, known_from or known_to.
    """
    levels = {str(level.value): level.value for level in catalogue.level_scheme.levels}
    marked: dict[str, int] = {}
    how: dict[str, str] = {}
    for feature in catalogue.quality(quality_key).features:
        value = values.get(feature.key, "")
        if not value:
            continue
        if value not in levels:
            raise Invalid("That is not one of the levels. Choose again.", field=feature.key)
        if basis.get(feature.key) not in BASES:
            raise Invalid("Say how you know, for each behaviour that you mark.", field=f"basis-{feature.key}")
        marked[feature.key], how[feature.key] = levels[value], basis[feature.key]
    if not marked:
        first = catalogue.quality(quality_key).features[0].key
        raise Invalid("Mark at least one behaviour. If you have seen none, return it with a comment.", field=first)
    known_from, known_to = _month(known[0], "known_from"), _month(known[1], "known_to")
    if known_from > today:
        raise Invalid("The month from which you know the work lies ahead.", field="known_from")
    if known_to > today:
        raise Invalid("The month up to which you know the work lies ahead.", field="known_to")
    if known_to < known_from:
        raise Invalid("The first month lies after the last one.", field="known_from")
    last = known_to.replace(day=calendar.monthrange(known_to.year, known_to.month)[1])
    return Marks(marked, how, known_from, min(last, today))


def _month(text: str, name: str) -> date:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.min
    if first.year < _EARLIEST:
        raise Invalid("Give month and year, for example 3 and 2026.", field=name)
    return first


def accept_comment(text: str, *, needed: str = "") -> str:
    """A comment of at most 2,000 characters. Raises ``Invalid`` with ``needed`` where an empty one is not enough."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text and needed:
        raise Invalid(needed, field="comment")
    if len(text) > LONGEST_COMMENT:
        raise Invalid(f"The comment is {len(text):,} characters long. It can have 2,000.", field="comment")
    return text


def judgements(
    steps: Sequence[Step],
    *,
    attempt: str,
    quality_key: str,
    learner: str,
    course: str,
    roles: Mapping[str, str],
    names: Mapping[str, str],
) -> Iterable[Judgement]:
    """The signatures that count, as the rules of levels read them.

    ``roles``: role -> how a statement words it. ``names``: person's key -> name, of the learner and all judges: a
    witness is known by name alone, and one who bears the name of the learner or of a judge is no witness.
    """
    for one in signatures(steps):
        if one.marks.known_from is None or one.marks.known_to is None:
            continue
        yield Judgement(
            quality_key=quality_key,
            learner_key=learner,
            judge_key=one.by,
            judge_role=roles.get(one.role, one.role),
            at=one.at,
            values=one.marks.values,
            basis=one.marks.basis,
            known_from=one.marks.known_from,
            known_to=one.marks.known_to,
            examples=tuple(_practice(attempt, example, names) for example in one.examples if example.event_on),
            course_key=course,
        )


def _practice(attempt: str, one: Example, names: Mapping[str, str]) -> PracticeExample:
    if one.event_on is None:  # the caller leaves those out; a date is what makes an example countable
        raise ValueError("an example without a date cannot be counted")
    known = next((key for key, name in names.items() if is_same_name(name, one.witness)), None)
    return PracticeExample(
        key=f"{attempt}/{one.key}",
        event_on=one.event_on,
        reach=one.reach,
        witness_key=(known or f"name {one.witness.casefold()}") if one.witness else None,
        witness_place=one.witness_place or None,
    )
