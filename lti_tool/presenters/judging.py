"""The judge's pages: the queue of a course, and one reflection with the levels beside each behaviour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from framework.assessment import judging
from framework.assessment.judging import Marks, Step
from framework.catalogue import Catalogue, Quality
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.practice import BASIS, Event, ShownExample
from lti_tool.presenters.rungs import OUTSIDE
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import counted, day
from lti_tool.presenters.writing import Choice

MOST_SIGNED = 50  # of those signed, the newest
_WAITS = {
    "returned": "Returned, with the learner",
    "to_confirm": "Write-up to be confirmed",
    "changing": "Being changed",
}
_ENDED = {"signed": "Signed", "withdrawn": "Signature withdrawn"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One reflection in the queue. ``box``: the value that signs its draft together with others, "" for none."""

    learner: str
    title: str
    url: str
    since: str
    note: str
    box: str = ""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue of a course. ``said`` is what the last signing of several came to."""

    title: str
    sentence: str
    waiting: tuple[Waiting, ...]
    drafts: tuple[Waiting, ...]
    sign: Form
    with_learner: tuple[Waiting, ...]
    signed: tuple[Waiting, ...]
    assessors: Link | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeatureForm:
    """One behaviour to mark. ``error`` is about the level, ``basis_error`` about how the judge knows."""

    key: str
    text: str
    levels: tuple[Choice, ...]
    basis: tuple[Choice, ...]
    error: str
    basis_error: str


@dataclass(frozen=True, slots=True)
class LevelText:
    """What a level looks like in the quality, and the rule that all qualities share."""

    label: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class JudgePage:
    """One reflection to judge. ``marking`` is false while nothing can be signed; ``state_text`` says why."""

    title: str
    overline: str
    tone: int
    state: str
    state_text: str
    back: Link
    examples: tuple[ShownExample, ...]
    looked_at: tuple[str, ...]
    asks_discussion: bool
    marking: bool
    can_return: bool
    can_discuss: bool
    action: str
    hidden: tuple[tuple[str, str], ...]
    features: tuple[FeatureForm, ...]
    levels: tuple[LevelText, ...]
    known_from: tuple[str, str]
    known_to: tuple[str, str]
    comment: str
    is_draft: bool
    signatures: tuple[tuple[str, Form], ...]
    history: tuple[Event, ...]
    statement: str
    standing: str
    outside: str
    discuss_url: str
    error: str
    field: str
    is_conflict: bool


def queue(
    course: str,
    rows: Sequence[tuple[Waiting, str]],
    *,
    sign_action: str,
    assessors_url: str,
    said: Sequence[str] = (),
) -> QueuePage:
    """The queue. ``rows``: each reflection with its state, the longest waiting first; a draft has a ``box``."""
    waiting = tuple(row for row, state in rows if state == "waiting" and not row.box)
    drafts = tuple(row for row, _ in rows if row.box)
    done = tuple(row for row, state in reversed(rows) if state in ("signed", "withdrawn") and not row.box)
    count = len(waiting) + len(drafts)
    return QueuePage(
        title="Waiting for you",
        sentence=f"{counted(count, 'reflection')} in {course or 'this course'}, the oldest first."
        if count
        else f"Nothing waits for you in {course or 'this course'}. What learners share appears here.",
        waiting=waiting,
        drafts=drafts,
        sign=Form(sign_action, "Sign those ticked"),
        with_learner=tuple(row for row, state in rows if state in _WAITS),
        signed=done[:MOST_SIGNED],
        assessors=Link("Name assessors", assessors_url) if assessors_url else None,
        said=tuple(said),
    )


def waits_note(state: str) -> str:
    """What a row says that is with its learner."""
    return _WAITS.get(state, "")


def since(state: str, moment: datetime) -> str:
    """How long it has been there, or when it was signed or its signature withdrawn."""
    return f"{_ENDED.get(state, 'Since')} {day(moment)}"


def reflection_page(
    catalogue: Catalogue,
    quality: Quality,
    steps: Sequence[Step],
    *,
    learner: str,
    examples: Sequence[ShownExample],
    given: Mapping[str, str],
    looked_at: Sequence[str],
    is_draft: bool,
    signatures: Sequence[tuple[str, Form]],
    history: tuple[Event, ...],
    statement: str,
    standing: str,
    urls: Callable[[str], str],
    error: str = "",
    field: str = "",
    is_conflict: bool = False,
) -> JudgePage:
    """The page. ``given``: fields as typed or kept: a level by feature key, ``basis-<key>``, months, comment."""
    state = judging.state(steps)
    return JudgePage(
        title=f"{learner}: {quality.title}",
        overline="Judge practice",
        tone=tone(catalogue, quality.key),
        state=state,
        state_text=_STATES[state],
        back=Link("Waiting for you", urls("queue")),
        examples=tuple(examples),
        looked_at=tuple(looked_at),
        asks_discussion=next((bool(step.comment) for step in reversed(steps) if step.action == "share"), False),
        marking=state in judging.ALLOWED["sign"] and bool(examples),
        can_return=state in judging.ALLOWED["return"],
        can_discuss=state in judging.ALLOWED["discuss"],
        action=urls("judge"),
        hidden=(("seen", str(judging.seen(steps))), ("digest", judging.shared_digest(steps))),
        features=tuple(_feature(catalogue, one.key, one.rater_form, given, error, field) for one in quality.features),
        levels=tuple(
            LevelText(one.label, quality.levels.get(one.key, ""), one.rule) for one in catalogue.level_scheme.levels
        ),
        known_from=(given.get("from_month", ""), given.get("from_year", "")),
        known_to=(given.get("to_month", ""), given.get("to_year", "")),
        comment=given.get("comment", ""),
        is_draft=is_draft,
        signatures=tuple(signatures),
        history=history,
        statement=statement,
        standing=standing,
        outside=OUTSIDE,
        discuss_url=urls("discuss"),
        error=error,
        field=field,
        is_conflict=is_conflict,
    )


_STATES = {
    "waiting": "Shared, and nobody has signed it.",
    "signed": "Signed. You can sign too, or again when you know more.",
    "returned": "Returned to the learner. It comes back when it is shared again.",
    "to_confirm": "A write-up waits for the learner to confirm it.",
    "withdrawn": "A signature was withdrawn. It can be signed again.",
    "changing": "The learner is changing the text. It comes back when it is shared again.",
    "private": "Not shared.",
}


def filled(marks: Marks, comment: str, today: date) -> dict[str, str]:
    """What the form shows when it opens: marks kept before, else nothing but this month as the last one."""
    last = marks.known_to or today
    first = marks.known_from
    return {
        **{key: str(value) for key, value in marks.values.items()},
        **{f"basis-{key}": value for key, value in marks.basis.items()},
        "from_month": str(first.month) if first else "",
        "from_year": str(first.year) if first else "",
        "to_month": str(last.month),
        "to_year": str(last.year),
        "comment": comment,
    }


def _feature(
    catalogue: Catalogue, key: str, text: str, given: Mapping[str, str], error: str, field: str
) -> FeatureForm:
    chosen, how = given.get(key, ""), given.get(f"basis-{key}", "")
    levels = (("", "Not seen"), *((str(one.value), one.label) for one in catalogue.level_scheme.levels))
    return FeatureForm(
        key=key,
        text=text,
        levels=tuple(Choice(value, words, value == chosen) for value, words in levels),
        basis=tuple(Choice(value, words, value == how) for value, words in BASIS.items()),
        error=error if field == key else "",
        basis_error=error if field == f"basis-{key}" else "",
    )
