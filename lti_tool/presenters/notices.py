"""Pages about trouble, and pages that only lead on. Each says what happened and what to do."""

from dataclasses import dataclass

from lti_tool.presenters.frame import Form, Link


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A page in plain words. ``code`` is the reference to quote when asking for help, empty where there is none;
    ``typed`` are long texts that were sent and not stored."""

    title: str
    paragraphs: tuple[str, ...]
    action: Link | None = None
    code: str = ""
    typed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """A form that sends itself to the LMS; its button is for browsers without script."""

    title: str
    paragraphs: tuple[str, ...]
    form: Form


_ERRORS = {
    403: ("You cannot open this page", "This page belongs to another role or another person."),
    404: ("There is no such page", "The address leads nowhere. It may be an old link."),
    409: ("This cannot be done now", "Something has changed since the page was opened."),
    500: ("Something went wrong on our side", "The error has been recorded. You did nothing wrong."),
    503: ("The tool cannot answer just now", "A part of it is not there at the moment. Please try again in a minute."),
}
_SAFE = "Answers that you have sent are safe."


def error(status: int, what: str = "", back_url: str = "", code: str = "") -> NoticePage:
    """An error page. ``what`` takes the place of the usual sentence; ``back_url`` leads to the course."""
    title, usual = _ERRORS.get(status, _ERRORS[500])
    lines = (what or usual, _SAFE, *(() if back_url else ("Go back to your course and open the activity again.",)))
    return NoticePage(title, lines, Link("Back to course", back_url) if back_url else None, code=code)


def visit_ended(back_url: str = "") -> NoticePage:
    """The visit has expired, or its cookie is gone."""
    where = "Go back to your course and open the activity again: you will be where you stopped."
    return NoticePage(
        "Your visit has ended",
        ("For your privacy a visit ends after some hours, or when you sign in as somebody else.", _SAFE, where),
        Link("Back to course", back_url) if back_url else None,
    )


def not_you(person: str, back_url: str = "") -> NoticePage:
    """Somebody else is at this screen."""
    return NoticePage(
        f"If you are not {person}",
        (
            "Your learning system signed you in here under this name.",
            "Sign out of the learning system, sign in as yourself, and open the activity again from your course.",
            f"What you do here until then is kept for {person}.",
        ),
        Link("Back to course", back_url) if back_url else None,
    )


def unavailable(back_url: str = "") -> NoticePage:
    """A learner opens a placement whose activity nobody has chosen yet."""
    return NoticePage(
        "This activity is not ready yet",
        ("Your course teacher has added it and still has to choose what it holds.", "Please come back later."),
        Link("Back to course", back_url) if back_url else None,
    )


def nothing_to_review(person: str, back_url: str = "") -> NoticePage:
    """An instructor is sent to work that does not exist yet."""
    return NoticePage(
        f"{person} has not finished this activity",
        ("Their answers can be seen here once they have finished. Until then nobody else sees them.",),
        Link("Back to course", back_url) if back_url else None,
    )


def saved_for_later(back_url: str, *, is_preview: bool = False) -> NoticePage:
    """Somebody stops for now; their answers are kept. Without a way back to the course, the page can be closed."""
    kept = "In a preview nothing is stored." if is_preview else "Everything that you have answered is kept."
    go_on = "Open the activity again from your course when you like: you go on where you stopped."
    if not back_url:
        return NoticePage("Saved for later", (kept, go_on, "Finished for now? Close this tab to return to the app."))
    return NoticePage("Saved for later", (kept, go_on), Link("Back to course", back_url))


def refused(title: str, what: str, do: str, code: str, back_url: str = "") -> NoticePage:
    """A launch that was refused; ``code`` helps the administrator to find its record."""
    return NoticePage(title, (what, do), Link("Back to course", back_url) if back_url else None, code=code)


def cannot_pick(course: str, cancel_action: str) -> ReturnPage:
    """The LMS asks for a kind of content that this tool does not make."""
    return ReturnPage(
        "Nothing here fits this place",
        (
            "This tool offers activities. The place that you came from takes something else, such as text or a file.",
            f"Add an activity on the page of {course} instead."
            if course
            else "Add an activity in your course instead.",
        ),
        Form(cancel_action, "Back to your course"),
    )


def returning(course: str, action: str, fields: tuple[tuple[str, str], ...]) -> ReturnPage:
    """The picker's answer on its way to the LMS; ``fields`` are hidden (name, value)."""
    return ReturnPage(
        f"Adding to {course}" if course else "Adding to your course",
        ("This takes a moment. If nothing happens, use the button.",),
        Form(action, "Go on to your course", fields),
    )
