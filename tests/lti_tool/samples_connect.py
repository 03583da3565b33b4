"""Pages for administrators of LMSs and of this tool, with made-up systems."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lti_tool import configuration
from lti_tool.presenters import admin, connecting, connection
from lti_tool.presenters.admin import DeploymentFacts, PlatformFacts, RefusedFacts
from tests.lti_tool.rendering import LEARNER, STRANGER, TEACHER, Shown
from workers.lms_settings import where

WHEN = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


def samples() -> Iterator[tuple[str, Shown]]:
    """Each page in each of its states, by name."""
    for family in ("moodle", "canvas", "brightspace", "blackboard", "other"):
        page = connecting.registered(
            "lms.example.org", family, is_active=True, is_update=False, has_deployment=True, lacking=[]
        )
        yield f"registered-{family}", Shown("connect/registered.html", page, STRANGER)
    page = connecting.registered(
        "lms.example.org", "canvas", is_active=False, is_update=False, has_deployment=False, lacking=["grades"]
    )
    yield "registered-pending", Shown("connect/registered.html", page, STRANGER)
    values = connecting.values(
        "https://lqf.example.org", "Leadership Qualities", configuration.SCOPES, configuration.CUSTOM
    )
    yield "values", Shown("connect/values.html", values, STRANGER)
    own = connecting.values(
        "https://lqf.example.org",
        "Leadership Qualities",
        configuration.SCOPES,
        configuration.CUSTOM,
        login_url="https://lqf.example.org/lti/login/plt_01",
    )
    yield "values-own", Shown("connect/values.html", own, STRANGER)
    yield from _connection()
    yield "admin-enter", Shown("launch/onward.html", admin.enter("#enter", "token"), STRANGER)
    checked = (
        ("Keys", "ok", "1 found."),
        ("Clock", "warning", "The LMS's clock is 31 seconds behind. That still works, and no more than 60 does."),
        ("Grades", "failed", "The LMS lets the tool write no grades."),
    )
    moodle = PlatformFacts(
        *("1", "Moodle of the trust", "https://moodle.example.org", "client-1", "moodle", "active"),
        [DeploymentFacts("1", "1", "active"), DeploymentFacts("2", "a-second-one", "pending")],
        *(WHEN, WHEN, 2, True, checked, WHEN),
        refused_hosts=("grades.example.net", "files.example.net"),
        values_url="#values",
    )
    canvas = PlatformFacts(
        *("2", "Canvas", "https://canvas.instructure.com", "10000000000007", "canvas", "pending"),
        *([], None, None, 0, False),
    )
    refused = RefusedFacts("deployment_unknown", 3, WHEN, "Moodle of the trust, deployment a-second-one")
    for name, platforms, reasons in (("some", [moodle, canvas], [refused]), ("empty", [], [])):
        overview = admin.overview(
            platforms,
            reasons,
            shows_refused=True,
            values_url="#values",
            checking="begun" if name == "some" else "",
            change_url=lambda kind, row_id, step: f"#{kind}-{row_id}-{step}",
        )
        yield f"admin-{name}", Shown("admin/overview.html", overview, STRANGER)


def _connection() -> Iterator[tuple[str, Shown]]:
    """The connection test: not begun, waiting for a learner, with troubles, all well."""
    launched = {"result": "ok", "said": "The last one was on 25 November 2026 at 14:02 UTC."}
    waits = {"result": "waiting", "said": "Open this activity once with a learner's account."}
    trouble = {
        "result": "failed",
        "said": f"The LMS does not let this tool read the list. {where('moodle', 'members')}",
    }
    names = {"result": "warning", "said": f"Not shared: teachers see no names. {where('moodle', 'names')}"}
    states: dict[str, dict[str, dict[str, str]]] = {
        "new": {},
        "waiting": {"Launch by a teacher": launched, "Launch by a learner": waits, "Names": names, "Point sent": waits},
        "trouble": {
            "Launch by a learner": launched,
            "Names": names,
            "Point sent": launched,
            "List of learners": trouble,
        },
        "works": {"Launch by a teacher": launched, "Launch by a learner": launched, "Point sent": launched},
    }
    for name, findings in states.items():
        page = connection.page(
            findings,
            is_running=name == "new",
            asked_at=WHEN,
            tested_at=WHEN if findings else None,
            framed="iframe",
            now=WHEN + timedelta(minutes=1),
            again_url="#again",
            look_url="#look",
            change_url="#change",
        )
        yield f"connection-{name}", Shown("teach/connection.html", page, TEACHER)
    yield "connection-learner", Shown("errors/error.html", connection.thanks("#back"), LEARNER)
