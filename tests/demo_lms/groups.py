"""Groups of the Moodle way's course and sections of the Canvas way's: who is in which, and the service for groups.

Launches tell a person's own by each platform's variables. The service (Course Groups 1.0), which neither platform has
by itself, is switched on by the setting ``groups_service``; the roster then says who is in which group.
"""

import json

from tests.demo_lms import people, store
from tests.demo_lms.platforms import Platform

TITLES: dict[str, dict[str, str]] = {
    "moodle": {"11": "Ward teams", "12": "Community teams"},
    "canvas": {"301": "Monday group", "302": "Thursday group"},
}


def variables(platform: Platform, slug: str) -> dict[str, str]:
    """The variables that tell a person's groups, each platform's own."""
    ids = people.groups_of(platform.key, slug)
    if platform.is_moodle:
        return {"Moodle.Person.userGroupIds": ",".join(ids)}
    titles = [TITLES["canvas"][one] for one in ids]
    return {"Canvas.course.sectionIds": ", ".join(ids), "com.instructure.User.sectionNames": json.dumps(titles)}


def has_service(platform: Platform) -> bool:
    """Whether the platform offers the service for groups."""
    return bool(store.setting(platform.key, "groups_service", False))
