"""The page at the tool's own address, for whoever opens it outside an LMS."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lti_tool.frame import show
from lti_tool.presenters.frame import Link
from lti_tool.presenters.notices import NoticePage

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What this is and where to go instead."""
    page = NoticePage(
        "This tool lives inside your learning system",
        (
            "Open it from an activity in your course: you are signed in there already, and your work is kept under "
            "your name.",
            "Administrators find the programming interface here.",
        ),
        Link("Programming interface", "/api/docs"),
    )
    return show("errors/error.html", page)
