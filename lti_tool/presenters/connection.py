"""The page of a Connection test: each step, how it came out, and which setting of the LMS to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.presenters.admin import RESULTS, Check
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.notices import NoticePage
from lti_tool.presenters.wording import counted, day_and_time

LATE = timedelta(seconds=20)  # after which somebody should look whether a worker runs
_WAITS = ("todo", "Waits")
_ORDER = ("trouble", "open", "todo", "done")  # what needs a person comes first
_FRAMED = {
    "iframe": ("ok", "Inside the LMS's page."),
    "frame": ("ok", "Inside the LMS's page."),
    "document": ("ok", "In a window of its own."),
}


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """``lead``: what to do next; ``said``: how the run stands; ``is_running``: the page looks again by itself.

    ``shown``: where the browser shows it, kept for the looks of the script.
    """

    title: str
    lead: str
    said: str
    trouble: str
    is_running: bool
    shown: str
    steps: tuple[Check, ...]
    again: Form
    look: Link
    change: Link


def page(
    findings: Mapping[str, Mapping[str, str]],
    *,
    is_running: bool,
    asked_at: datetime,
    tested_at: datetime | None,
    framed: str,
    now: datetime,
    again_url: str,
    look_url: str,
    change_url: str,
) -> ConnectionPage:
    """The page. ``framed``: the browser's word for where this page is shown (Sec-Fetch-Dest), '' where it says none."""
    steps = [Check(name, *_word(one["result"]), one["said"]) for name, one in findings.items()]
    if framed in _FRAMED:
        result, said = _FRAMED[framed]
        steps.insert(min(2, len(steps)), Check("This page is shown", *_word(result), said))
    is_late = is_running and now - asked_at > LATE
    return ConnectionPage(
        title="Connection test",
        lead=_lead(findings),
        said=_said(is_running, tested_at),
        trouble="Nobody has begun it yet: is a worker running, and Redis? The person who runs this tool sees it with "
        "lqf doctor."
        if is_late
        else "",
        is_running=is_running,
        shown=framed if framed in _FRAMED else "",
        steps=tuple(sorted(steps, key=lambda one: _ORDER.index(one.state))),
        again=Form(again_url, "Run the test again"),
        look=Link("Look again", look_url),
        change=Link("Use this place for an activity instead", change_url),
    )


def thanks(back_url: str) -> NoticePage:
    """What a learner sees."""
    return NoticePage(
        "Thank you, the connection test has what it needs",
        (
            "This place is there to try out the connection. It sends one point to your gradebook and reads it back.",
            "There is nothing for you to do here, and nothing of it counts.",
        ),
        Link("Back to course", back_url) if back_url else None,
    )


def _lead(findings: Mapping[str, Mapping[str, str]]) -> str:
    if not findings:
        return ""
    results = [one["result"] for one in findings.values()]
    if bad := results.count("failed"):
        beside = "it" if bad == 1 else "each"
        return f"{counted(bad, 'step does', 'steps do')} not work. The setting to look at is named beside {beside}."
    if findings.get("Launch by a learner", {}).get("result") == "waiting":
        return "Next: open this activity once with a learner's account. A preview as a learner is not enough."
    if "waiting" in results:
        return "Some steps could not be tried yet."
    if looks := results.count("warning"):
        return f"Everything needed works. {counted(looks, 'step')} could be better."
    return "Everything works. Hide or delete this activity now: its gradebook column goes with it."


def _said(is_running: bool, tested_at: datetime | None) -> str:
    if is_running:
        return "The test is running."
    return f"Tested on {day_and_time(tested_at)}." if tested_at else "Not tested yet."


def _word(result: str) -> tuple[str, str]:
    return RESULTS.get(result, _WAITS)
