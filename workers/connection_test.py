"""The job behind a Connection test: sends a point for a learner, reads it and the list of learners back.

It goes the ways that real grades and rosters go, but keeps no grade row, no evidence and no roster. What has been
found is kept step by step, so that the page shows it while the rest is still being asked.
"""

import logging
import uuid
from dataclasses import replace
from datetime import timedelta

from framework.store import connection_tests, tasks
from framework.store.connection_tests import Facts, Someone
from framework.store.grade_pushes import DELIVERED, DUE, ClaimedGrade, Column, Sent, Wanted
from framework.store.sessions import now
from framework.store.tables import LineItem
from framework.store.tasks import ClaimedTask
from workers import results, vocabulary
from workers.delivery import SAME, Shown
from workers.enqueue import ROSTER_SECONDS
from workers.gradebook import below
from workers.lms_settings import where
from workers.outgoing import OutgoingError
from workers.roster import RosterUnread
from workers.self_check import Finding, failed, ok, warning
from workers.service_calls import NotGranted
from workers.tokens import NoToken
from workers.workshop import Workshop, workshop

LEASE = timedelta(seconds=ROSTER_SECONDS + 30)
COMMENT = "Sent by the connection test."
# which setting a grade's error class points to
_ABOUT = {
    "not_granted": "grades",
    "no_grade_service": "grades",
    "not_allowed": "grades",
    "scope_refused": "grades",
    "column_missing": "column",
    "may_not_make_column": "column",
    "activity_ungraded": "column",
    "not_accepting": "closed",
    "course_closed": "closed",
    "column_locked": "closed",
    "no_token": "token",
    "not_authorised": "token",
}

log = logging.getLogger(__name__)


def run(tenant_id: int, link_id: str) -> None:
    """Run a placement's test, if it has been asked for."""
    shop, one = workshop(), uuid.UUID(link_id)
    with shop.store.transaction(tenant_id) as session:
        claimed = tasks.claim(session, tasks.CONNECTION_TEST, link_id, lease=LEASE, now=now())
    if claimed is None:
        return
    with shop.store.reading(tenant_id) as session:
        facts = connection_tests.facts(session, one)
    try:
        _Run(shop, tenant_id, one, facts).all()
    except Exception as error:
        _end(shop, tenant_id, claimed, f"{type(error).__name__}: {error}")
        raise
    _end(shop, tenant_id, claimed)


def _end(shop: Workshop, tenant_id: int, claimed: ClaimedTask, trouble: str = "") -> None:
    with shop.store.transaction(tenant_id) as session:
        if trouble:
            tasks.fail(session, claimed, trouble, now=now(), final=True)
        else:
            tasks.finish(session, claimed, now=now())


class _Run:
    """One run: findings in the order of the page."""

    def __init__(self, shop: Workshop, tenant_id: int, link_id: uuid.UUID, facts: Facts) -> None:
        self._shop, self._tenant_id, self._link_id, self._facts = shop, tenant_id, link_id, facts
        self._platform = facts.platform
        self._found: dict[str, Finding] = {}

    def all(self) -> None:
        """Look at everything, and keep each step."""
        self._found |= told(self._facts)
        if not self._facts.is_active:
            self._found["Connection"] = failed("The connection is switched off here, so the LMS was not asked.")
            self._keep()
            return
        self._keep()
        self._forget()
        self._found |= self._grade()
        self._keep()
        self._found["List of learners"] = self._roster()
        self._keep()

    def _forget(self) -> None:
        """What the LMS said about access before a setting was changed does not count."""
        column = self._facts.column
        for scopes in (column.scopes if column else (), (vocabulary.SCOPE_NAMES_AND_ROLES,)):
            known = vocabulary.granted(vocabulary.SCOPES_GRADES, scopes) or scopes
            self._shop.tokens.forget(self._platform, known)

    def _keep(self) -> None:
        with self._shop.store.transaction(self._tenant_id) as session:
            connection_tests.keep(session, self._link_id, self._found, now=now())

    def _grade(self) -> dict[str, Finding]:
        """Column, point, and the point as the LMS shows it."""
        column, learner = self._facts.column, self._facts.learner
        if column is None or not column.scopes:
            none = failed(f"The launch offered no grade service. {self._where('grades')}")
            return {"Gradebook column": none, "Point sent": _later(), "Point read back": _later()}
        if learner is None:
            waiting = _waiting("A learner's account has to open this activity once.")
            return {"Gradebook column": self._column(column), "Point sent": waiting, "Point read back": waiting}
        sent = self._send(column, learner)
        column = self._known(column)
        found = {"Gradebook column": self._column(column)}
        if sent.state != DELIVERED:
            about = _ABOUT.get(sent.error_class or "", "")
            found["Point sent"] = failed(
                f"{sent.last_error or 'The LMS did not take it now. Run the test again.'} {self._where(about)}"
            )
            return found | {"Point read back": _later()}
        found["Point sent"] = ok("1 of 1 point, for the learner who opened this last.")
        return found | {"Point read back": self._read(column, learner)}

    def _send(self, column: Column, learner: Someone) -> Sent:
        """As a first grade that nobody has sent yet, through the machine that sends all grades."""
        at = now()
        claimed = ClaimedGrade(
            id=uuid.uuid4(),  # no row: nothing is kept of it
            lease_until=at + timedelta(seconds=90),
            sub=learner.sub,
            wanted=Wanted(value=1.0, maximum=1.0, submitted_at=at, comment=COMMENT, version=1),
            sent=Sent(state=DUE, attempts=1, next_try=at),
            column=column,
        )
        return self._shop.gradebook.send(self._tenant_id, self._platform, claimed, is_stopped=lambda: False).sent

    def _known(self, column: Column) -> Column:
        with self._shop.store.reading(self._tenant_id) as session:
            row = session.get_one(LineItem, (self._tenant_id, column.line_item_id))
            return replace(column, url=row.url, origin=row.origin)

    def _column(self, column: Column) -> Finding:
        if column.url is None and self._facts.learner is None:
            return _waiting("The launch named none. It is looked for, or made, with the first point.")
        if column.url is None:
            return failed(f"There is none, and none was made. {self._where('column')}")
        if column.origin == "made":
            return warning(f"The activity has no column of its own, so the tool made one. {self._where('column')}")
        return ok("The activity has its own column.")

    def _read(self, column: Column, learner: Someone) -> Finding:
        scopes = vocabulary.granted(vocabulary.SCOPES_GRADES, column.scopes)
        url = below(column.url or "", "results", {"user_id": learner.sub})
        try:
            shown = results.read(self._shop.calls, self._platform, scopes, url, learner.sub)
        except NotGranted:
            return warning(f"The LMS does not let this tool read grades back. {self._where('grades')}")
        except NoToken as error:
            return failed(f"{error.reason} {self._where('token')}")
        except OutgoingError as error:
            return failed(str(error))
        if not isinstance(shown, Shown):
            return warning("The LMS did not show the grade: a grade that a teacher typed cannot be noticed.")
        if shown.fraction is None:
            return failed(f"The LMS took the point and shows none. {self._where('closed')}")
        if abs(shown.fraction - 1) > SAME:
            return warning(f"The LMS shows {shown.fraction:.0%}: somebody has typed another grade there.")
        return ok("The gradebook shows 1 of 1.")

    def _roster(self) -> Finding:
        url, learner = self._facts.memberships_url, self._facts.learner
        if url is None:
            return failed(f"The launch offered no list of learners. {self._where('members')}")
        try:
            members = self._shop.rosters.read(self._platform, url).members
        except NotGranted:
            return failed(f"The LMS does not let this tool read the list. {self._where('members')}")
        except NoToken as error:
            return failed(f"{error.reason} {self._where('members' if error.code == 'scope_refused' else 'token')}")
        except (RosterUnread, OutgoingError) as error:
            return failed(str(error))
        learners = sum(one.role == connection_tests.LEARNER for one in members)
        said = f"{len(members)} people, {learners} of them learners."
        if learner is not None and learner.sub not in {one.sub for one in members}:
            return warning(f"{said} The learner who opened this is not among them.")
        return ok(said)

    def _where(self, about: str) -> str:
        return where(self._platform.family, about)


def told(facts: Facts) -> dict[str, Finding]:
    """What the launches themselves show: who came, what was shared, the way back, cookies."""
    someone = facts.learner or facts.teacher
    found = {
        "Launch by a teacher": _launched(facts.teacher)
        if facts.teacher
        else _waiting("Nobody who teaches has opened it yet."),
        "Launch by a learner": _launched(facts.learner)
        if facts.learner
        else _waiting("Open this activity once with a learner's account. A preview as a learner is not one."),
    }
    if someone is None:
        return found
    family = facts.platform.family
    names = ok("Shared.")
    if not someone.name:
        names = warning(f"Not shared: teachers see no names, and a badge carries none. {where(family, 'names')}")
    addresses = ok("Shared.")
    if not someone.email:
        addresses = warning(f"Not shared: nobody can be written to from here. {where(family, 'email')}")
    back = ok("The LMS names it.")
    if not someone.visit.return_url:
        back = warning("The LMS names none: pages show no link back to the course.")
    cookies = ok("This browser keeps the tool's cookie.")
    if someone.visit.carrier != "cookie":
        cookies = warning(
            "This browser keeps no cookie for a page inside another page. It works all the same, for four hours at a "
            f"time; in a window of its own it lasts longer. {where(family, 'frame')}"
        )
    return found | {"Names": names, "E-mail addresses": addresses, "Way back": back, "Cookies": cookies}


def _launched(someone: Someone) -> Finding:
    return ok(f"The last one was on {someone.visit.created_at:%d %B %Y at %H:%M} UTC.")


def _waiting(said: str) -> Finding:
    return {"result": "waiting", "said": said}


def _later() -> Finding:
    return _waiting("Cannot be tried before the step above works.")
