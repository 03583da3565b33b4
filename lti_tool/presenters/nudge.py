"""Writing to learners: the text, who gets it, and how it reaches them. Nothing is sent by this tool."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from lti_tool.presenters.frame import Form, Link, Message
from lti_tool.presenters.wording import counted, day, day_and_time, listed

LONGEST_MAILTO = 1900  # Windows cuts an address that is longer than about 2,000 characters
_ADDRESS = re.compile(r"[^\s@,;:<>()\"\\\[\]]{1,64}@[A-Za-z0-9.-]{1,190}")


@dataclass(frozen=True, slots=True)
class WritePage:
    """The text, to be written or looked at once more. ``is_preview``: it cannot be changed on this page.

    ``late``: those left out because they have had one, each with the day. ``back``: to choose others.
    """

    title: str
    overline: str
    names: tuple[str, ...]
    late: tuple[str, ...]
    text: str
    longest: int
    is_preview: bool
    form: Form
    change: Form | None
    back: Link
    error: str


@dataclass(frozen=True, slots=True)
class DonePage:
    """What to do with a nudge that is kept. ``mails``: links that open an e-mail with the text, or without it where the
    link would be too long (``pastes``). ``without``: those whose address the LMS does not send."""

    title: str
    overline: str
    sentence: str
    text: str
    addresses: str
    mails: tuple[Link, ...]
    pastes: bool
    without: str
    back: Link


def prefilled(course_title: str) -> str:
    """The text that the page opens with."""
    where = f"“{course_title}”" if course_title else "the course"
    return (
        f"Hello,\n\nI have looked at how {where} is going, and I think a part of yours is waiting. Open it when you "
        "can: whatever you have done there is kept, and it is not too late to begin.\n\nIf something is in the way, "
        "tell me, and we will find a way round it."
    )


def write(
    course_title: str,
    text: str,
    people: Sequence[tuple[str, str]],
    late: Sequence[tuple[str, datetime]],
    *,
    longest: int,
    action: str,
    key: str,
    back_url: str,
    is_preview: bool = False,
    error: str = "",
) -> WritePage:
    """The page. ``people``: (value, name) of those who get it; ``key`` makes a nudge that is sent twice one."""
    hidden = tuple(("person", value) for value, _ in people)
    chosen = (*hidden, ("key", key))
    step = ("step", "keep" if is_preview else "preview")
    sent = (("text", text),) if is_preview else ()
    return WritePage(
        title="Look at your message" if is_preview else "Write to learners",
        overline=course_title,
        names=tuple(name for _, name in people),
        late=tuple(f"{name}, on {day(at)}" for name, at in late),
        text=text,
        longest=longest,
        is_preview=is_preview,
        form=Form(action, "Show it to them" if is_preview else "Preview", (*chosen, step, *sent)),
        change=Form(action, "Change the text", (*chosen, ("step", "write"), *sent)) if is_preview else None,
        back=Link("Choose other learners", back_url),
        error=error,
    )


def done(course_title: str, text: str, people: Sequence[tuple[str, str]], *, back_url: str) -> DonePage:
    """The page. ``people``: (name, e-mail address or '') of those it is for and whom the reader may see."""
    known = [address for _, address in people if _ADDRESS.fullmatch(address)]
    without = [name for name, address in people if not _ADDRESS.fullmatch(address)]
    subject = course_title or "Your course"
    groups, pastes = mail_links(known, subject, text)
    return DonePage(
        title="Your message is ready",
        overline=course_title,
        sentence=(
            f"{counted(len(people), 'learner')} will read it here, above the next page that they open in this course. "
            "This tool sends no e-mail. To reach them sooner, copy the text and the addresses, or open your own e-mail."
        ),
        text=text,
        addresses=", ".join(known),
        mails=tuple(
            Link("Open an e-mail" if len(groups) == 1 else f"Open e-mail {number} of {len(groups)}", url)
            for number, url in enumerate(groups, 1)
        ),
        pastes=pastes,
        without=f"Your learning system sends no address of {listed(without)}." if without else "",
        back=Link("Back to the course", back_url),
    )


def mail_links(addresses: Sequence[str], subject: str, text: str) -> tuple[list[str], bool]:
    """mailto: addresses (RFC 6068) with everybody as a blind copy, none longer than LONGEST_MAILTO; and whether the
    text had to stay out of them."""
    whole = {"subject": subject[:120], "body": text.replace("\n", "\r\n")}
    pastes = len(_mailto([], whole)) > LONGEST_MAILTO // 2
    fields = {"subject": whole["subject"]} if pastes else whole
    links: list[list[str]] = []
    for address in addresses:
        if not links or len(_mailto([*links[-1], address], fields)) > LONGEST_MAILTO:
            links.append([])
        links[-1].append(address)
    return [_mailto(group, fields) for group in links], pastes and bool(links)


def _mailto(addresses: Sequence[str], fields: Mapping[str, str]) -> str:
    bcc = ",".join(quote(one, safe="@") for one in addresses)
    return f"mailto:?bcc={bcc}" + "".join(f"&{name}={quote(value, safe='')}" for name, value in fields.items())


def message(text: str, who: str, at: datetime, away_url: str, back: str) -> Message:
    """The banner. ``back``: the page it stood on."""
    return Message(
        who=f"{who or 'Your teacher'} wrote to you on {day_and_time(at)}",
        paragraphs=tuple(part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()),
        away=Form(away_url, "Put this away", (("back", back),)),
    )
