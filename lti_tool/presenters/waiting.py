"""The pages between LMS and tool where no cookie has been seen: what the script on them needs, and what people read."""

from dataclasses import dataclass

from lti_tool.presenters.frame import Form, Link


@dataclass(frozen=True, slots=True)
class Storage:
    """The platform's storage: its ``origin``, the ``frame`` that answers ('' to ask), ``key`` and ``value``."""

    origin: str
    frame: str
    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class LoginPage:
    """On the way to the LMS's sign-in. ``window`` is offered where neither cookies nor storage work."""

    title: str
    waiting: str
    onward: Link
    storage: Storage
    window_title: str
    window_text: tuple[str, ...]
    window: Link
    opened: str


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Back from the LMS's sign-in: the form goes on by itself once the storage has answered."""

    title: str
    waiting: str
    form: Form
    storage: Storage
    trouble_title: str
    trouble: tuple[str, ...]
    back: Link | None


_WAITING = "This takes a moment."


def login(*, onward: str, origin: str, frame: str, key: str, value: str, window_url: str) -> LoginPage:
    """The page of a login. ``onward``: the authentication request; ``window_url``: the same login again."""
    return LoginPage(
        title="Opening your activity",
        waiting=_WAITING,
        onward=Link("Continue", onward),
        storage=Storage(origin, frame, key, value),
        window_title="Open this activity in a new window",
        window_text=(
            "Your browser does not let this page keep you signed in while it is shown inside your course.",
            "In a window of its own it works as usual. Your course stays open here.",
        ),
        window=Link("Open in a new window", window_url),
        opened="The activity is open in another window. When you have finished there, close it and come back here.",
    )


def launch(
    *, action: str, fields: tuple[tuple[str, str], ...], origin: str, frame: str, key: str, back_url: str
) -> ConfirmPage:
    """The page of a launch without its cookie. ``fields`` are the form's, with an empty ``secret``."""
    return ConfirmPage(
        title="Opening your activity",
        waiting=_WAITING,
        form=Form(action, "Continue", fields),
        storage=Storage(origin, frame, key),
        trouble_title="Your browser could not show that it began this sign-in",
        trouble=(
            "It keeps no cookies for pages inside other pages, and your learning system did not answer in time.",
            "Go back to your course and open the activity again. If this page comes back, try another browser.",
        ),
        back=Link("Back to course", back_url) if back_url else None,
    )
