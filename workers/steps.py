"""What to do next with a grade on its way: the answers of ``workers.delivery.plan``."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Find:
    """Find the gradebook column."""


@dataclass(frozen=True, slots=True)
class Read:
    """Read the LMS's result."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send the wanted grade with this timestamp. ``is_submission``: as a new submission, where an LMS counts those."""

    stamp: datetime
    is_submission: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before this time."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing to do."""


Step = Find | Read | Send | Wait | Done
