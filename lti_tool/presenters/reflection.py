"""The learner's page of a reflection: what is written, where it stands, and what its level needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from framework.assessment.judging import Step, signatures, state
from framework.assessment.reflection import MOST_EXAMPLES
from framework.catalogue import Activity, Catalogue
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.practice import Event, ShownExample
from lti_tool.presenters.rungs import Ladder
from lti_tool.presenters.sharing import share_words
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import day, listed, minutes
from lti_tool.presenters.writing import DRAFTS, WARNING


@dataclass(frozen=True, slots=True)
class Panel:
    """Where the reflection stands: ``kind`` is private, waiting, returned, to_confirm, signed or withdrawn.

    ``notes``: who else said or did something that the reader must know, and the words.
    """

    kind: str
    title: str
    text: str
    comment: str = ""
    comment_by: str = ""
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WriteUp:
    """What a judge wrote up of a discussion, to confirm or to put right."""

    example: ShownExample
    by: str
    action: str
    step: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A reflection before the newest one."""

    title: str
    examples: tuple[ShownExample, ...]
    history: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class ReflectionPage:
    """The reflection. Links and forms are None where they are not possible now."""

    title: str
    overline: str
    tone: int
    lead: str
    facts: tuple[str, ...]
    panel: Panel
    who_reads: str
    warning: str
    features: tuple[str, ...]
    examples: tuple[ShownExample, ...]
    write: Link | None
    share: Link | None
    share_hint: str
    discussion: Form | None
    asks_discussion: bool
    write_up: WriteUp | None
    up: Link | None
    change: Link | None
    another: Form | None
    ladder: Ladder
    history: tuple[Event, ...]
    earlier: tuple[Earlier, ...]
    board: Link
    said: str = ""
    beside: tuple[str, ...] = ()
    reopen: Form | None = None
    error: str = ""


SAID = {"saved": "Draft saved. Only you can read it.", "removed": "Example removed."}  # by what was just done
_BESIDE = {
    "private": "You have a draft on this",
    "changing": "You have a reflection on this, private again while you change it,",
    "waiting": "You have a reflection on this that waits for a judge",
    "returned": "You have a reflection on this that a judge has returned to you",
    "to_confirm": "You have a reflection on this with a write-up to confirm",
    "signed": "You have a signed reflection on this",
    "withdrawn": "You have a reflection on this, its signature withdrawn,",
}


def beside(title: str, state: str) -> str:
    """A reflection in another activity of the course, in a sentence; ``state`` "" where nothing is begun there."""
    if not state:
        return f"This course has an activity of its own for this: “{title}”."
    return f"{_BESIDE[state]} in “{title}”. It is safe there; open it from your course."


def panel(state: str, *, by: str = "", comment: str = "", level: str = "", marked: str = "") -> Panel:
    """Where it stands, in words. ``by``: who took the last step; ``level`` and ``marked``: what signatures gave."""
    texts = {
        "private": ("Private", "Nobody but you can read this."),
        "changing": ("Private again", "Nobody but you can read this until you share it again."),
        "waiting": (
            "Waiting for a judge",
            "Somebody who judges practice here will read it. You need not wait. It counts towards a level once they "
            "have signed it.",
        ),
        "returned": (f"Returned by {by}", "Read the comment, change your text, and share it again."),
        "to_confirm": (
            "Please read what was written up",
            f"{by} wrote up what you told. It counts once you confirm it.",
        ),
        "signed": (f"Signed by {by}", f"{marked}. Your standing now: {level}." if marked else level),
        "withdrawn": ("A signature was withdrawn", f"{by} took it back. The reason is below."),
    }
    title, text = texts[state]
    if state == "changing" and comment:
        text += f" {by} returned it with this comment:"
    return Panel(state, title, text, comment, by if comment else "")


def with_signers(panel: Panel, steps: Sequence[Step], names: Mapping[str, str]) -> Panel:
    """The card of a signed reflection names those whose signatures count, with what they wrote; others are as they are.

    A signature that was taken back last is told below: its reason is not what the signers said.
    """
    signed = {step.by: step for step in signatures(steps)}  # the last one of each
    if panel.kind != "signed" or not signed:
        return panel
    who = {key: names.get(key) or "your judge" for key in {*signed, steps[-1].by}}
    told = [(key, step.comment) for key, step in signed.items() if step.comment]
    notes = [(f"{who[key]} wrote:", comment) for key, comment in told] if len(signed) > 1 else []
    if steps[-1].action == "withdraw":
        notes.append((f"{who[steps[-1].by]} took a signature back:", steps[-1].comment))
    return replace(
        panel,
        title=f"Signed by {listed(who[key] for key in signed)}",
        comment=told[0][1] if told and len(signed) == 1 else "",
        comment_by=who[told[0][0]] if told and len(signed) == 1 else "",
        notes=tuple(notes),
    )


def earlier_title(steps: Sequence[Step]) -> str:
    """ "Shared on 3 March 2026, signed"."""
    first = next(step for step in steps if step.action == "share")
    states = {"signed": "signed", "withdrawn": "signature withdrawn", "returned": "returned"}
    return f"Shared on {day(first.at)}, {states.get(state(steps), 'not signed')}"


def page(
    catalogue: Catalogue,
    activity: Activity,
    *,
    status: Panel,
    readers: str,
    examples: Sequence[ShownExample],
    ladder: Ladder,
    history: tuple[Event, ...],
    urls: Mapping[str, str],
    asks_discussion: bool,
    write_up: WriteUp | None = None,
    up: Link | None = None,
    earlier: Sequence[Earlier] = (),
    said: str = "",
    beside: tuple[str, ...] = (),
    error: str = "",
) -> ReflectionPage:
    """The page. ``urls``: what is possible now, by name: write, share, discussion, change, reopen, another, board."""
    quality = catalogue.quality(activity.quality_key or "")
    can_share = "share" in urls and (examples or asks_discussion)
    wish = "I would rather write examples" if asks_discussion else "Ask for a discussion instead"
    return ReflectionPage(
        title=activity.title,
        overline=catalogue.cluster(quality.cluster_key).title,
        tone=tone(catalogue, quality.key),
        lead=f"Show what {quality.title.lower()} looks like in your work. Somebody who judges practice reads it; "
        "that is the way to a level.",
        facts=tuple(one for one in (minutes(activity.minutes), f"1 to {MOST_EXAMPLES} examples") if one),
        panel=status,
        who_reads=readers.removeprefix(DRAFTS) if status.kind == "private" else readers,
        warning=WARNING,
        features=tuple(one.self_form for one in quality.features),
        examples=tuple(examples),
        write=Link("Add another example" if examples else "Write an example", urls["write"])
        if "write" in urls
        else None,
        share=Link(share_words(len(examples)), urls["share"]) if can_share else None,
        share_hint="You see everything once more before it is shared." if can_share else "",
        discussion=Form(urls["discussion"], wish, (("wanted", "" if asks_discussion else "yes"),))
        if "discussion" in urls
        else None,
        asks_discussion=asks_discussion,
        write_up=write_up,
        up=up,
        change=Link("Change my text", urls["change"]) if "change" in urls else None,
        another=Form(urls["another"], "Write a new reflection") if "another" in urls else None,
        ladder=ladder,
        history=history,
        earlier=tuple(earlier),
        board=Link(f"My badge for {quality.title}", urls["board"]),
        said=said,
        beside=beside,
        reopen=Form(urls["reopen"], "Change my text") if "reopen" in urls else None,
        error=error,
    )
