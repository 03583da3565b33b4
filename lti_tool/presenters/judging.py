"""The queue of a course: what waits for its judge, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import counted, day

TITLE = "Reflections to judge"
OF_OTHERS = "Other people’s reflections to judge"  # for a learner, who has reflections too

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
    count, where = len({row.learner for row in (*waiting, *drafts)}), course or "this course"
    return QueuePage(
        title=TITLE,
        sentence=f"{counted(count, 'learner waits', 'learners wait')} for you in {where}. The oldest comes first."
        if count
        else f"Nothing waits for you in {where}. What learners share appears here.",
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
