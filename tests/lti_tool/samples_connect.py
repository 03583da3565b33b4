"""Pages for administrators of LMSs and of this tool, with made-up systems."""

from collections.abc import Iterator
from datetime import UTC, datetime

from lti_tool import configuration
from lti_tool.presenters import admin, connecting
from lti_tool.presenters.admin import DeploymentFacts, PlatformFacts, RefusedFacts
from tests.lti_tool.rendering import STRANGER, Shown

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
    yield "admin-enter", Shown("admin/enter.html", admin.enter("#enter", "token"), STRANGER)
    checked = (
        ("Keys", "ok", "1 found."),
        ("Clock", "warning", "The LMS's clock is 31 seconds behind. That still works, and no more than 60 does."),
        ("Grades", "failed", "The LMS lets the tool write no grades."),
    )
    moodle = PlatformFacts(
        *("1", "Moodle of the trust", "https://moodle.example.org", "client-1", "moodle", "active"),
        [DeploymentFacts("1", "1", "active"), DeploymentFacts("2", "a-second-one", "pending")],
        *(WHEN, WHEN, 2, True, checked, WHEN),
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
            is_checking=name == "some",
            change_url=lambda kind, row_id, step: f"#{kind}-{row_id}-{step}",
        )
        yield f"admin-{name}", Shown("admin/overview.html", overview, STRANGER)
