"""Self-assessment: a person says how often each statement is true of them, quality by quality, for themselves alone.

It gives no evidence: a self-rating never raises a level (`levels-and-badges`: it informs the judge at most, and only
where its owner shows it). Finishing is worth one point. What the answers add up to: ``profile``.

The answer to one quality (JSON)::

    {"statements": {feature key: 1 to 5, or "unseen"}, "importance": 1 to 4, "target": 0 to 4, "example": "...",
     "leaves_rest": true}

Every member but ``statements`` may be absent. The numbers are those of the content's scales and levels.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from framework.assessment.evidence import Answer, Answers, Item, JsonValue, Marked, Result
from framework.catalogue import Activity, Catalogue, Quality, Scale
from framework.errors import Invalid, NotFound

KIND = "self_assessment"
UNSEEN = "unseen"  # "I have had no chance to do this"
NO_LEVEL = 0  # the target of somebody for whom studying a quality is enough
LONGEST_EXAMPLE = 2000  # characters
_MEMBERS = {"statements", "importance", "target", "example", "leaves_rest"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SelfRating:
    """What a person says about one quality.

    ``statements``: rating, or None for "no chance to do this", by feature key; what was left open is absent.
    ``importance`` and ``target`` are None where nothing was chosen. ``leaves_rest``: they were told that statements
    are open, and left them so.
    """

    statements: Mapping[str, int | None]
    importance: int | None = None
    target: int | None = None
    example: str = ""
    leaves_rest: bool = False


def rating_scale(catalogue: Catalogue) -> Scale:
    """How often a statement is true. Raises NotFound where the content has no such scale."""
    return _scale(catalogue, "frequency")


def importance_scale(catalogue: Catalogue) -> Scale | None:
    """How much a quality matters in the job; None where the content does not ask."""
    return next((one for one in catalogue.scales if one.kind == "importance"), None)


def qualities(catalogue: Catalogue, activity: Activity) -> tuple[Quality, ...]:
    """The qualities that an activity asks about: one, or all."""
    return catalogue.qualities if activity.quality_key is None else (catalogue.quality(activity.quality_key),)


def items(catalogue: Catalogue, activity: Activity) -> tuple[Item, ...]:
    """One part per quality."""
    return tuple(Item(one.key, "quality", one.title) for one in qualities(catalogue, activity))


def read(value: JsonValue) -> SelfRating:
    """A stored answer."""
    given = value if isinstance(value, dict) else {}
    return SelfRating(
        statements={key: None if one == UNSEEN else one for key, one in given.get("statements", {}).items()},
        importance=given.get("importance"),
        target=given.get("target"),
        example=given.get("example", ""),
        leaves_rest=given.get("leaves_rest", False),
    )


def unanswered(quality: Quality, rating: SelfRating) -> tuple[str, ...]:
    """The keys of the statements that have no answer, in order."""
    return tuple(one.key for one in quality.features if one.key not in rating.statements)


def accept(catalogue: Catalogue, activity: Activity, item_key: str, value: object) -> JsonValue:
    """One quality's answers in their stored form; digits may come as text, and empty ones count as not given.

    Raises Invalid with a sentence for the learner, NotFound where the activity does not ask about this quality.
    """
    quality = next((one for one in qualities(catalogue, activity) if one.key == item_key), None)
    if quality is None:
        raise NotFound(f"There is no part called “{item_key[:80]}” in {activity.title}.")
    if not isinstance(value, Mapping) or not set(value) <= _MEMBERS:
        raise _foreign(item_key)
    importance = importance_scale(catalogue)
    accepted: dict[str, Any] = {"statements": _statements(catalogue, quality, value.get("statements", {}))}
    choices = {
        "importance": [point.value for point in importance.points] if importance else [],
        "target": [NO_LEVEL, *(level.value for level in catalogue.level_scheme.levels)],
    }
    for name, allowed in choices.items():
        if value.get(name) not in (None, ""):
            accepted[name] = _one_of(value[name], allowed, name)
    example = _text(value.get("example", ""), item_key)
    if example:
        accepted["example"] = example
    if value.get("leaves_rest"):
        accepted["leaves_rest"] = True
    return accepted


def settled(catalogue: Catalogue, activity: Activity, item_key: str, answer: Answer | None) -> bool:
    """A quality is done when every statement has an answer, or some have and the rest was left on purpose."""
    if answer is None:
        return False
    quality = next(one for one in qualities(catalogue, activity) if one.key == item_key)
    rating = read(answer.value)
    return bool(rating.statements) and (rating.leaves_rest or not unanswered(quality, rating))


def mark(_catalogue: Catalogue, _activity: Activity, _answers: Answers, finished_at: datetime) -> Marked:
    """One point for having done it, and no evidence: what somebody thinks of themselves decides nothing."""
    return Marked((), Result(1.0, 1.0, finished_at))


def _scale(catalogue: Catalogue, kind: str) -> Scale:
    found = next((one for one in catalogue.scales if one.kind == kind), None)
    if found is None:
        raise NotFound(f"{catalogue.title} has no scale of the kind {kind}.")
    return found


def _foreign(item_key: str) -> Invalid:
    return Invalid("This answer does not belong to this page. Reload the page and answer again.", field=item_key)


def _statements(catalogue: Catalogue, quality: Quality, value: object) -> dict[str, int | str]:
    known = [one.key for one in quality.features]
    if not isinstance(value, Mapping) or not set(value) <= set(known):
        raise _foreign(quality.key)
    allowed = [point.value for point in rating_scale(catalogue).points]
    given = {key: value[key] for key in known if value.get(key) not in (None, "")}
    return {key: UNSEEN if one == UNSEEN else _one_of(one, allowed, key) for key, one in given.items()}


def _one_of(value: object, allowed: list[int], field: str) -> int:
    number = int(value) if isinstance(value, str) and len(value) == 1 and value in "0123456789" else value
    if isinstance(number, bool) or not isinstance(number, int) or number not in allowed:
        raise Invalid("That is not one of the answers. Reload the page and choose again.", field=field)
    return number


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise _foreign(field)
    text = _UNPRINTABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > LONGEST_EXAMPLE:
        over = len(text) - LONGEST_EXAMPLE
        raise Invalid(f"Your example is {over} characters too long. The most is {LONGEST_EXAMPLE:,}.", field="example")
    return text
