"""A reflection: own examples of practice in one quality, or the wish for a professional discussion instead.

Parts are ``example.1`` to ``example.5`` and ``discussion``. An example as JSON::

    {"text": str, "event_on": "2026-03-14" or "", "reach": one of REACHES, "witness": str, "witness_place": str}

An empty text as the whole answer means: removed. What is not complete yet is kept as a draft. Finishing shares it: one
complete example or a wish for a discussion is enough. It gives no evidence by itself; only a judgement does.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from framework.assessment.evidence import Answer, Answers, Item, JsonValue, Marked, Result
from framework.assessment.judgement import REACHES, WITNESSES
from framework.catalogue import Activity, Catalogue
from framework.errors import Invalid, NotFound

KIND = "reflection"
MOST_EXAMPLES = 5
LONGEST_TEXT = 4000
LONGEST_NAME = 120
DISCUSSION = "discussion"
SLOTS = tuple(f"example.{number}" for number in range(1, MOST_EXAMPLES + 1))


@dataclass(frozen=True, slots=True)
class Example:
    """One own example, as its learner or (after a discussion) its judge wrote it. ``event_on`` None: not said yet."""

    key: str
    text: str
    event_on: date | None = None
    reach: str = REACHES[0]
    witness: str = ""
    witness_place: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether it can be judged: what happened, and when."""
        return bool(self.text) and self.event_on is not None

    def plain(self) -> dict[str, str]:
        """As JSON."""
        return {
            "text": self.text,
            "event_on": self.event_on.isoformat() if self.event_on else "",
            "reach": self.reach,
            "witness": self.witness,
            "witness_place": self.witness_place,
        }


def read_example(key: str, value: Mapping[str, Any]) -> Example:
    """An example from its stored form."""
    day = value.get("event_on") or ""
    return Example(
        key=key,
        text=value.get("text") or "",
        event_on=date.fromisoformat(day) if day else None,
        reach=value.get("reach") or REACHES[0],
        witness=value.get("witness") or "",
        witness_place=value.get("witness_place") or "",
    )


def examples(answers: Mapping[str, Answer]) -> tuple[Example, ...]:
    """The learner's own examples, drafts included, in order; removed ones left out."""
    values = ((key, answers[key].value) for key in SLOTS if key in answers)
    return tuple(read_example(key, value) for key, value in values if isinstance(value, dict))


def free_slot(answers: Mapping[str, Answer]) -> str | None:
    """The part for the next example; None when there are enough."""
    used = {one.key for one in examples(answers)}
    return next((key for key in SLOTS if key not in used), None)


def asks_discussion(answers: Mapping[str, Answer]) -> bool:
    """Whether the learner would rather tell it in a professional discussion."""
    given = answers.get(DISCUSSION)
    return given is not None and given.value is True


def digest(shared: Iterable[Example]) -> str:
    """The SHA-256 of examples, whatever their order of keys: what a judge has read and signs against."""
    body = [[one.key, one.plain()] for one in sorted(shared, key=lambda example: example.key)]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


def items(catalogue: Catalogue, activity: Activity) -> tuple[Item, ...]:
    """The places for examples, then the wish for a discussion."""
    catalogue.quality(activity.quality_key or "")
    slots = (Item(key, "example", f"Example {number}") for number, key in enumerate(SLOTS, 1))
    return (*slots, Item(DISCUSSION, "discussion", "Professional discussion"))


def accept(_: Catalogue, activity: Activity, item_key: str, value: object) -> JsonValue:
    """Accept a draft of an example, its removal (an empty text), or the wish for a discussion (True or False)."""
    if item_key == DISCUSSION:
        if not isinstance(value, bool):
            raise Invalid("Say whether you would like a discussion.", field=DISCUSSION)
        return value
    if item_key not in SLOTS:
        raise NotFound(f"There is no part called “{item_key[:80]}” in {activity.title}.")
    if value == "":
        return ""
    if not isinstance(value, Mapping):
        raise Invalid("That is not an example. Reload the page and try again.", field="text")
    plain: JsonValue = dict(accept_example(item_key, value).plain())
    return plain


def accept_example(key: str, value: Mapping[str, Any]) -> Example:
    """Check the fields of an example. Raises ``Invalid`` naming the field, with a sentence for its writer."""
    text = _text(value, "text", LONGEST_TEXT, "The example")
    if not text:
        raise Invalid("Write what happened, or remove the example.", field="text")
    reach, place = str(value.get("reach") or REACHES[0]), str(value.get("witness_place") or "")
    witness = _text(value, "witness", LONGEST_NAME, "The name")
    if reach not in REACHES:
        raise Invalid("Choose how far it reached.", field="reach")
    if place not in ("", *WITNESSES):
        raise Invalid("Choose where the person works.", field="witness_place")
    if witness and not place:
        raise Invalid(f"Say where {witness} works, seen from you.", field="witness_place")
    if place and not witness:
        raise Invalid("Give the name of the person, or choose “Nobody else”.", field="witness")
    return Example(key, text, _day(value.get("event_on")), reach, witness, place)


def settled(_catalogue: Catalogue, _activity: Activity, item_key: str, answer: Answer | None) -> bool:
    """Whether a part stands in nobody's way: unused, removed or complete."""
    if answer is None or not isinstance(answer.value, dict):
        return True
    return read_example(item_key, answer.value).is_complete


def missing(catalogue: Catalogue, activity: Activity, answers: Answers) -> tuple[Item, ...]:
    """Examples that are not complete; the first place where there is nothing to share at all."""
    left = tuple(
        item for item in items(catalogue, activity) if not settled(catalogue, activity, item.key, answers.get(item.key))
    )
    if left or examples(answers) or asks_discussion(answers):
        return left
    return items(catalogue, activity)[:1]


def mark(_catalogue: Catalogue, _activity: Activity, answers: Answers, finished_at: datetime) -> Marked:
    """One point for sharing, and no evidence. Raises ``Invalid`` for an event that lies ahead."""
    for one in examples(answers):
        if one.event_on is not None and one.event_on > finished_at.date():
            raise Invalid("The event of an example lies ahead. Write about something that has happened.", field=one.key)
    return Marked((), Result(1.0, 1.0, finished_at))


def is_same_name(one: str, other: str) -> bool:
    """Whether two names as people type them are the same: “Osei, Margaret” and “margaret osei”."""
    words = [frozenset(name.casefold().replace(",", " ").replace(".", " ").split()) for name in (one, other)]
    return bool(words[0]) and words[0] == words[1]


def witnesses_named(shared: Sequence[Example], name: str) -> tuple[Example, ...]:
    """The examples that name this person as their witness."""
    return tuple(one for one in shared if one.witness and is_same_name(one.witness, name))


def _text(value: Mapping[str, Any], field: str, longest: int, called: str) -> str:
    text = str(value.get(field) or "").replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > longest:
        raise Invalid(f"{called} is {len(text):,} characters long. It can have {longest:,}.", field=field)
    return text


def _day(value: object) -> date | None:
    if value in (None, ""):
        return None
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise Invalid("That is no date. Give day, month and year, for example 14 3 2026.", field="event_on") from None
    if day.year < 1950:
        raise Invalid("Give the year with four digits, for example 2026.", field="event_on")
    return day
