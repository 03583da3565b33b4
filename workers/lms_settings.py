"""Where an LMS's administrator finds the setting that makes something work, by family and by what it is about. Pure.

Sources: the LMSs' own pages for administrators; for Moodle a running one.
"""

from collections.abc import Mapping
from typing import Final

_WHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "moodle": {
        "grades": "In Moodle: edit the tool, Services, IMS LTI Assignment and Grade Services: “Use this service for "
        "grade sync and column management”.",
        "column": "In Moodle: edit the tool, Privacy, “Accept grades from the tool”: Always; or tick it in the "
        "activity's own settings.",
        "members": "In Moodle: edit the tool, Services, IMS LTI Names and Role Provisioning: “Use this service to "
        "retrieve members' information as per privacy settings”.",
        "names": "In Moodle: edit the tool, Privacy, “Share launcher's name with tool”: Always.",
        "email": "In Moodle: edit the tool, Privacy, “Share launcher's email with tool”: Always.",
        "token": "In Moodle: Site administration, Security, HTTP security: blocked hosts and allowed ports may keep "
        "Moodle from fetching this tool's keys. The tool must be active.",
        "closed": "In Moodle: unlock the column in the gradebook, and see that the activity takes grades.",
        "frame": "In Moodle: edit the tool, Default launch container.",
    },
    "canvas": {
        "grades": "In Canvas: Developer Keys, edit the key, and switch on all scopes for line items, results and "
        "scores.",
        "column": "In Canvas: add the test as an assignment of type External Tool, and see that the key has the scope "
        "“Can create and view assignment data”.",
        "members": "In Canvas: Developer Keys, edit the key, and switch on “Can retrieve user data associated with "
        "the context the tool is installed in”.",
        "names": "In Canvas: Developer Keys, edit the key, Additional Settings, Privacy Level: Public.",
        "email": "In Canvas: Developer Keys, edit the key, Additional Settings, Privacy Level: Public.",
        "token": "In Canvas: Developer Keys: the key's state must be On, with the scopes for grades and members.",
        "closed": "In Canvas: publish the course and the assignment; look at the course's dates.",
        "frame": "In Canvas: the placement's window target.",
    },
    "brightspace": {
        "grades": "In Brightspace: Manage Extensibility, LTI Advantage, the tool: tick Assignment and Grade Services, "
        "in the registration and in the deployment.",
        "column": "In Brightspace: give the quicklink a grade item.",
        "members": "In Brightspace: Manage Extensibility, LTI Advantage, the tool: tick Names and Role Provisioning "
        "Services, in the registration and in the deployment.",
        "names": "In Brightspace: External Learning Tools, the deployment, Security Settings: tick First Name and "
        "Last Name.",
        "email": "In Brightspace: External Learning Tools, the deployment, Security Settings: tick Email.",
        "token": "In Brightspace: the registration must be enabled and its keyset URL this tool's.",
        "closed": "In Brightspace: the role needs “Can be graded in Grades”; look at the item's dates.",
    },
    "blackboard": {
        "grades": "In Blackboard: LTI Tool Providers, edit the tool: Allow grade service access, Yes.",
        "column": "In Blackboard: add the item again with a gradebook column.",
        "members": "In Blackboard: LTI Tool Providers, edit the tool: Allow Membership Service Access, Yes.",
        "names": "In Blackboard: LTI Tool Providers, edit the tool, User fields to be sent: Name.",
        "email": "In Blackboard: LTI Tool Providers, edit the tool, User fields to be sent: Email Address.",
        "token": "In Blackboard: LTI Tool Providers: the tool must be approved.",
        "closed": "In Blackboard: see that the course is open and the item visible to learners.",
    },
}
_ANY: Final = {
    "grades": "Allow the Assignment and Grade Services for this tool in the LMS.",
    "members": "Allow the Names and Role Provisioning Services for this tool in the LMS.",
    "names": "Let the LMS share names with this tool.",
    "email": "Let the LMS share e-mail addresses with this tool.",
    "column": "Add the activity in the LMS with a grade.",
}


def where(family: str, about: str) -> str:
    """The setting in words, '' where none is known. ``about``: grades, column, members, names, email, token, closed,
    frame."""
    return _WHERE.get(family, _ANY).get(about, "")
