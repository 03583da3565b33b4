"""Pages for administrators of LMSs and of this tool, with made-up systems."""

from collections.abc import Iterator

from lti_tool import configuration
from lti_tool.presenters import connecting
from tests.lti_tool.rendering import STRANGER, Shown


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
