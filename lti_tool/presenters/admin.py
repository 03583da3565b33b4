"""The administrator's pages: which learning systems are connected, what waits, what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import counted, day_and_time
from lti_tool.refusals import REASONS

_STATES = {
    "active": ("done", "Active"),
    "pending": ("open", "Waiting for approval"),
    "disabled": ("todo", "Disabled"),
}
# How a check of a connection came out, and the word for it.
RESULTS = {"ok": ("done", "Works"), "warning": ("open", "Look at this"), "failed": ("trouble", "Does not work")}


_CHECKING = {
    "begun": "The check has begun. Reload this page in a moment to see what it found.",
    "waits": "The check has to wait: Redis does not answer, so no worker hears of it. Press the button again when it "
    "is back, or check from the command line: lqf platform check.",
}


@dataclass(frozen=True, slots=True)
class EnterPage:
    """Before a single-use link is used up: one button, so that a program that only looks does not use it."""

    title: str
    paragraphs: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, how it came out (``state``: a status class), and what to do."""

    name: str
    state: str
    word: str
    said: str


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One deployment, with the button that changes its state."""

    name: str
    state: str
    word: str
    form: Form


@dataclass(frozen=True, slots=True)
class PlatformCard:
    """One platform. ``facts``: words and value; no ``form`` where it belongs to another customer."""

    name: str
    state: str
    word: str
    facts: tuple[tuple[str, str], ...]
    deployments: tuple[DeploymentRow, ...]
    checks: tuple[Check, ...]
    checked: str
    form: Form | None
    check: Form | None
    hosts: str
    allow: tuple[Form, ...]
    values: Link


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Refused launches of one reason."""

    code: str
    what: str
    count: int
    last: str
    detail: str


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """All connections. ``said``: what has just been done; ``waiting``: what waits for approval; '' for nothing."""

    title: str
    said: str
    waiting: str
    platforms: tuple[PlatformCard, ...]
    refused: tuple[RefusedRow, ...]
    shows_refused: bool
    values_url: str


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """A deployment as the store knows it."""

    id: str
    lti_id: str
    state: str


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """A platform as the store knows it. ``checked``: name -> (result, what it said) of the last self-check.

    ``paused``: why no grades are sent to it for now.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    family: str
    state: str
    deployments: Sequence[DeploymentFacts]
    last_launch: datetime | None
    last_grade: datetime | None
    parked: int
    may_change: bool
    checked: Sequence[tuple[str, str, str]] = ()
    checked_at: datetime | None = None
    paused: str = ""
    refused_hosts: Sequence[str] = ()
    values_url: str = ""


@dataclass(frozen=True, slots=True)
class RefusedFacts:
    """Refused launches of one reason as the store knows them."""

    code: str
    count: int
    last_at: datetime
    detail: str


def enter(action: str, token: str) -> EnterPage:
    """The page behind an administrator's link."""
    return EnterPage(
        "Administrator's pages",
        ("This link works once, in one browser, for eight hours from now.",),
        Form(action, "Open the administrator's pages", (("invite", token),)),
    )


def overview(
    platforms: Sequence[PlatformFacts],
    refused: Sequence[RefusedFacts],
    *,
    shows_refused: bool,
    values_url: str,
    change_url: Callable[[str, str, str], str],
    checking: str = "",
) -> OverviewPage:
    """The page. ``change_url(kind, id, step)``: where a button posts; kind is platform or deployment."""
    waiting = sum(one.state == "pending" for one in platforms)
    waiting += sum(one.state == "pending" for row in platforms for one in row.deployments)
    return OverviewPage(
        title="Connected learning systems",
        said=_CHECKING.get(checking, ""),
        waiting=f"{counted(waiting, 'connection')} {'waits' if waiting == 1 else 'wait'} for approval."
        if waiting
        else "",
        platforms=tuple(_platform(one, change_url) for one in platforms),
        refused=tuple(_refused(one) for one in refused),
        shows_refused=shows_refused,
        values_url=values_url,
    )


def _platform(one: PlatformFacts, change_url: Callable[[str, str, str], str]) -> PlatformCard:
    state, word = _STATES[one.state]
    facts = [
        ("Issuer", one.issuer),
        ("Client id", one.client_id),
        ("Kind", one.family.capitalize()),
        ("Last launch", day_and_time(one.last_launch) if one.last_launch else "None yet"),
        ("Last grade that arrived", day_and_time(one.last_grade) if one.last_grade else "None yet"),
    ]
    if one.paused:
        facts.append(("Grades wait", one.paused))
    if one.parked:
        facts.append(("Grades that did not arrive", str(one.parked)))
    return PlatformCard(
        name=one.name,
        state=state,
        word=word,
        facts=tuple(facts),
        deployments=tuple(_deployment(row, change_url) for row in one.deployments),
        checks=tuple(Check(name, *RESULTS[result], said) for name, result, said in one.checked),
        checked=f"Checked on {day_and_time(one.checked_at)}." if one.checked_at else "Not checked yet.",
        form=_form("platform", one.id, one.state, one.name, change_url) if one.may_change else None,
        check=Form(change_url("platform", one.id, "check"), "Check the connection") if one.may_change else None,
        hosts="Launches have named services on hosts that are not this system's own. They are not called. Allow a host "
        "only if the people who run the learning system confirm it."
        if one.refused_hosts
        else "",
        allow=tuple(
            Form(change_url("platform", one.id, "allow"), f"Allow {host}", (("host", host),))
            for host in one.refused_hosts
            if one.may_change
        ),
        values=Link("Values to paste in it", one.values_url),
    )


def _deployment(one: DeploymentFacts, change_url: Callable[[str, str, str], str]) -> DeploymentRow:
    state, word = _STATES[one.state]
    form = _form("deployment", one.id, one.state, f"deployment {one.lti_id}", change_url)
    return DeploymentRow(one.lti_id, state, word, form)


def _form(kind: str, row_id: str, state: str, name: str, change_url: Callable[[str, str, str], str]) -> Form:
    step, word = ("disable", "Disable") if state == "active" else ("approve", "Approve")
    return Form(change_url(kind, row_id, step), f"{word} {name}")


def _refused(one: RefusedFacts) -> RefusedRow:
    reason = REASONS.get(one.code)
    return RefusedRow(one.code, reason.what if reason else "", one.count, day_and_time(one.last_at), one.detail)
