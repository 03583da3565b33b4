"""Who sits at the browser: a signed session cookie, one sign-in per platform, and the form key against CSRF."""

import hmac
import secrets

from flask import abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from tests.demo_lms import people, platforms
from tests.demo_lms.people import Person


def browser() -> str:
    """An id of this browser's session; made at first use."""
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(16)
    return str(session["browser"])


def form_key() -> str:
    """The key every form of ours carries (Moodle calls it sesskey)."""
    if "form_key" not in session:
        session["form_key"] = secrets.token_urlsafe(9)
    return str(session["form_key"])


def key_fits(given: str) -> bool:
    """Whether a form or a return address carries this session's key."""
    return hmac.compare_digest(given.encode(), str(session.get("form_key", "")).encode()) and given != ""


def check_form() -> None:
    """Refuse a POST whose form does not carry this session's key."""
    if not key_fits(request.form.get("sesskey", "")):
        abort(403, "This form has expired. Go back, reload the page and try again.")


def sign_in(platform: str, person: Person) -> None:
    """From now on this browser is that person on that platform."""
    browser()
    form_key()
    session[platform] = person.id
    session.permanent = True


def sign_out(platform: str) -> None:
    """Nobody is signed in to that platform any more."""
    session.pop(platform, None)


def person() -> Person | None:
    """Who is signed in to the platform of this request; None when nobody is or the enrolment has ended."""
    key = platforms.current().key
    found = people.find(key, "id", session.get(key, ""))
    return found if found is not None and found.status == "active" else None


def required(editor: bool = False, staff: bool = False) -> Person:
    """The signed-in person. Aborts: to the front page when nobody is, 403 when the role is too small."""
    found = person()
    if found is None:
        abort(redirect(url_for("front.welcome")))
    if (editor and not found.is_editor) or (staff and not found.is_staff):
        abort(403, "Your role in this course does not allow this.")
    return found


def say(text: str, kind: str = "message") -> None:
    """Show a text (``message`` or ``error``) on the next page this browser opens."""
    flash(text, kind)


def sent_elsewhere() -> ResponseReturnValue:
    """Where somebody goes after signing out."""
    return redirect(url_for("front.welcome"), 303)
