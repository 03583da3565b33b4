"""The queue of a course: what waits for its judge, and what became of the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from framework.assessment import judging
from framework.assessment.judging import Step
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import counted, day, listed

TITLE = "Reflections to judge"
OF_OTHERS = "Other people’s reflections to judge"  # for a learner, who has reflections too

MOST_SIGNED = 50  # of those signed, the newest
_WAITS = {
    "returned": "Returned, with the learner",
    "to_confirm": "Write-up to be confirmed",
    "changing": "Being changed",
}


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


def note(steps: Sequence[Step], names: Mapping[str, str], me: str) -> str:
    """What a row says beside its day: where it waits, who has signed it, or that its learner would rather talk.

    ``names``: a judge's name by key; ``me``: the reader's key.
    """
    state = judging.state(steps)
    if state == "signed":
        return _signed_by(list(dict.fromkeys(step.by for step in judging.signatures(steps))), names, me)
    asks = any(step.comment for step in steps if step.action == "share")
    return _WAITS.get(state, "") or ("Asks for a discussion" if asks and state == "waiting" else "")


def since(steps: Sequence[Step]) -> str:
    """How long it has been there, or when it was signed or its signature withdrawn."""
    state, moved = judging.state(steps), [step for step in steps if step.action != "draft"]
    if state == "signed":
        return day(judging.signatures(steps)[-1].at)
    return f"{'Signature withdrawn' if state == 'withdrawn' else 'Since'} {day(moved[-1].at)}"


def _signed_by(judges: Sequence[str], names: Mapping[str, str], me: str) -> str:
    others = [names.get(one) or "another judge" for one in judges if one != me]
    if me not in judges:
        return f"Signed by {listed(others)}; you have not judged it"
    return f"Signed by {listed(('you', *others))}"
