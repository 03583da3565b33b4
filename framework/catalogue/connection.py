"""The one thing that can be placed in a course and is no content: the Connection test. It leaves no evidence."""

from typing import Final

from framework.catalogue import Catalogue
from framework.catalogue.activities import Activity

CONNECTION_TEST: Final = Activity(
    key="connection-test",
    kind="connection_test",
    title="Connection test",
    summary="Shows whether launches, names, the list of learners and grades work. For setting up; hide it afterwards.",
    minutes=0,
    quality_key=None,
)


def placeable(catalogue: Catalogue, key: str) -> Activity:
    """What can be placed under this key: an activity of the content, or the Connection test. Raises NotFound."""
    return CONNECTION_TEST if key == CONNECTION_TEST.key else catalogue.activity(key)
