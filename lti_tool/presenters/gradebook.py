"""Grades on their way to the LMS, in words: where each is, why it does not arrive, and what somebody can do there.

The names of settings are those of the LMSs' own pages: Moodle 4, Canvas, Brightspace, Blackboard Ultra.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import counted, day_and_time
from workers import vocabulary

PARKED, OVERRIDDEN = "parked", "overridden"
NEVER_YEAR = 9000  # a next try that is none

_STATES = {
    "due": "On its way",
    "check": "Being compared with the gradebook",
    "delivered": "In the gradebook",
    PARKED: "Not delivered",
    OVERRIDDEN: "Set by a teacher, left alone",
}

_PUBLISH = "Publish the course and the assignment; the grades then go out by themselves."
_ALLOW: Mapping[str, str] = {
    "moodle": "A Moodle administrator opens Site administration > Plugins > External tool > Manage tools, edits this "
    "tool, and under Services sets IMS LTI Assignment and Grade Services to “Use this service for grade sync and "
    "column management”.",
    "canvas": "A Canvas administrator opens Admin > Developer Keys, edits this tool's LTI key, and switches on “Can "
    "create and view assignment data in the gradebook associated with the tool” and “Can create and update submission "
    "results for the assignment associated with the tool”.",
    "brightspace": "A Brightspace administrator opens Manage Extensibility > LTI Advantage, edits this tool, and ticks "
    "Assignment and Grade Services; the deployment needs it too.",
    "blackboard": "A Blackboard administrator opens LTI Tool Providers, edits this tool, and sets Allow grade service "
    "access to Yes.",
    "": "The LMS's administrator allows this tool to manage gradebook columns and to send scores (LTI Assignment and "
    "Grade Services).",
}
_MAKE: Mapping[str, str] = {
    **_ALLOW,
    "moodle": f"{_ALLOW['moodle']} Or delete this activity in the course and add it again with a grade.",
}

# By the class of the error: why, and what to do, which may differ from one LMS to another ("" is for all others).
_REASONS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "column_missing": (
        "The gradebook column is gone from the LMS.",
        {"": "Choose “Match the gradebook column” below: it is found again or made anew, and the grades are sent."},
    ),
    "activity_ungraded": (
        "The activity takes no grades any more: its own gradebook column is gone.",
        {
            "moodle": "In Moodle, edit the activity's settings: under Grade set Type to Point, and under Privacy tick "
            "“Accept grades from the tool”. The grades then go out by themselves.",
            "": "Give the activity a grade again in the LMS, or choose “Match the gradebook column” below.",
        },
    ),
    "column_removed": ("The gradebook column was removed on this page.", {"": "“Match” below makes it again."}),
    "column_locked": (
        "The gradebook column, or this grade in it, is locked.",
        {
            "moodle": "In Moodle, open Grades > Gradebook setup, edit the column and unlock it (also the category "
            "and the single grade). The grades then go out by themselves.",
            "": "Unlock it in the LMS; the grades then go out by themselves.",
        },
    ),
    "may_not_make_column": ("There is no gradebook column, and the LMS lets this tool make none.", _MAKE),
    "not_granted": ("The LMS has not switched on grades for this tool.", _ALLOW),
    "not_allowed": ("The LMS does not let this tool write grades in this course.", _ALLOW),
    "no_grade_service": ("The LMS offers this tool no gradebook here.", _ALLOW),
    "not_enrolled": (
        "The LMS knows no such learner in this course now.",
        {
            "canvas": "Look at People in Canvas: the person must be a student of a published course.",
            "": "If the person should be in the course, enrol them again; the grade then goes out by itself.",
        },
    ),
    "not_gradable": (
        "The LMS takes no grade for this person.",
        {"": "They may have left the course, or be a teacher or assistant in it. Look at the list of participants."},
    ),
    "unpublished": ("The assignment or its course is not published.", {"": _PUBLISH}),
    "course_ended": (
        "The course has ended in the LMS, so it takes no grades any more.",
        {"": "If the grade should still count, extend the course's end date there."},
    ),
    "course_closed": (
        "The LMS does not open this course to the tool now.",
        {"": "It is not published yet, has ended, or was deleted. Once it is open the grades go out by themselves."},
    ),
    "not_accepting": (
        "The assignment in the LMS takes no grades from this tool now.",
        {
            "canvas": "Look whether the assignment still opens this tool and is published.",
            "": "Look whether it is closed there, or no longer linked to this tool.",
        },
    ),
    "attempts_exhausted": (
        "The LMS allows no more attempts.",
        {"": "Allow another attempt for this learner in the LMS, or enter the grade there yourself."},
    ),
    "unreadable": (
        "The LMS did not show the grade it holds, so it was left alone.",
        {"": "Compare with the gradebook. “Send again” looks once more."},
    ),
    "no_answer": ("The LMS did not answer, however often it was tried.", {"": "It is tried again by itself."}),
    "busy": ("The LMS was too busy, however often it was tried.", {"": "It is tried again by itself."}),
    "refused_as_older": (
        "The LMS says that it holds a newer grade.",
        {"": "Compare with the gradebook. “Send again” sends this one with a new time."},
    ),
    "tool_fault": (
        "This tool failed over it.",
        {"": "Tell the people who run this tool; it is tried again by itself."},
    ),
    "host_refused": (
        "The LMS keeps this gradebook at an address that is not known as its own, so nothing was sent there.",
        {"": "Tell the people who run this tool: they can allow the address."},
    ),
    "no_grade": ("This is no grade that can be sent.", {"": "Tell the people who run this tool."}),
}
_REFUSED: tuple[str, Mapping[str, str]] = ("The LMS refused it.", {"": "“Send again” tries once more."})


@dataclass(frozen=True, slots=True)
class GradeFacts:
    """A grade row as the store knows it. ``error_class`` '' where nothing is wrong."""

    state: str
    wanted: float
    maximum: float
    error_class: str = ""
    last_error: str = ""
    tried_at: datetime | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class GradeCell:
    """A grade on the page. ``again``: sends it once more, None where nothing is to be sent."""

    points: str
    state: str
    reason: str
    todo: str
    tried: str
    is_trouble: bool
    again: Form | None


NO_GRADE = GradeCell("", "No grade yet", "", "", "", is_trouble=False, again=None)


@dataclass(frozen=True, slots=True)
class ColumnPanel:
    """The gradebook column. ``trouble``: what the LMS does not allow, ``todo``: how to allow it; '' for nothing."""

    said: str
    trouble: str
    todo: str
    match: Form | None
    remove: Link | None


@dataclass(frozen=True, slots=True)
class Gradebook:
    """What stands around the grades. ``said``: what has just been asked for; ``paused``: why nothing is sent now."""

    said: str = ""
    paused: str = ""
    column: ColumnPanel | None = None
    again: Form | None = None


NO_GRADEBOOK = Gradebook()


@dataclass(frozen=True, slots=True)
class RemovePage:
    """Asks once more before a column is deleted."""

    title: str
    paragraphs: tuple[str, ...]
    form: Form
    keep: Link


def why(error_class: str, family: str) -> tuple[str, str]:
    """Why a grade does not arrive, and what to do about it in this family of LMS."""
    reason, todo = _REASONS.get(error_class, _REFUSED)
    return reason, todo.get(family) or todo.get("", "")


def cell(facts: GradeFacts | None, family: str, again_url: str) -> GradeCell:
    """One learner's grade; without a row there is none yet."""
    if facts is None:
        return NO_GRADE
    is_parked, is_stopped = facts.state == PARKED, facts.state in (PARKED, OVERRIDDEN)
    reason, todo = why(facts.error_class, family) if is_parked else ("", "")
    points = f"{facts.wanted:g} of {facts.maximum:g}"
    if is_parked and facts.error_class not in _REASONS and facts.last_error:
        reason = facts.last_error
    return GradeCell(
        points=f"this tool's is {points}" if facts.state == OVERRIDDEN else points,
        state=_STATES.get(facts.state, facts.state),
        reason=reason or (facts.last_error if facts.error_class else ""),
        todo=todo,
        tried=_tried(facts) if is_parked or (facts.error_class and not is_stopped) else "",
        is_trouble=is_parked,
        again=Form(again_url, "Send again" if is_parked else "Compare again") if is_stopped else None,
    )


def _tried(facts: GradeFacts) -> str:
    parts = [f"Last tried {day_and_time(facts.tried_at)}"] if facts.tried_at else []
    if facts.next_try is not None and facts.next_try.year < NEVER_YEAR:
        parts.append(f"tried again by itself {day_and_time(facts.next_try)}")
    return f"{', '.join(parts)}." if parts else ""


def trouble(parked: int) -> str:
    """That grades did not arrive; '' when all did."""
    if not parked:
        return ""
    return f"{counted(parked, 'grade')} did not reach the gradebook. The reason is beside each name."


def paused(reason: str | None, until: datetime | None, now: datetime) -> str:
    """That nothing is sent to this LMS for now, and why; '' when all is well."""
    if not reason:
        return ""
    when = f"until {day_and_time(until)}" if until is not None and until > now else "and are just being tried again"
    return f"Grades for this LMS wait {when}. {reason} Nothing is lost: they go out by themselves once it works."


def column(
    *,
    origin: str | None,
    is_known: bool,
    scopes: Collection[str],
    said: str,
    said_at: datetime | None,
    is_working: bool,
    family: str,
    match_url: str,
    remove_url: str,
) -> ColumnPanel:
    """The column, with what an instructor can do about it. ``origin``: coupled, found, made, removed or not known."""
    lack, todo = _lack(is_known, scopes, family)
    report = f"{said} ({day_and_time(said_at)})" if said and said_at else ""
    return ColumnPanel(
        said="The column is being looked at. Reload this page in a moment." if is_working else report,
        trouble=lack,
        todo=todo,
        match=None if is_working else Form(match_url, "Match the gradebook column"),
        remove=Link("Remove the gradebook column", remove_url) if origin == "made" and not is_working else None,
    )


def _lack(is_known: bool, scopes: Collection[str], family: str) -> tuple[str, str]:
    """What the newest launch did not allow, as one reason with what to switch on."""
    if vocabulary.SCOPE_SCORE not in scopes:
        return why("not_granted", family)
    if not is_known and vocabulary.SCOPE_LINE_ITEM not in scopes:
        return why("may_not_make_column", family)
    return "", ""


def remove(action: str, keep_url: str) -> RemovePage:
    """The page between the link and the deletion."""
    return RemovePage(
        title="Remove the gradebook column?",
        paragraphs=(
            "The column that this tool made is deleted in your learning system, with the grades in it, also those "
            "that a teacher has typed there.",
            "What learners did stays here. “Match the gradebook column” makes a new column and sends their grades.",
        ),
        form=Form(action, "Remove the column"),
        keep=Link("Keep it", keep_url),
    )
