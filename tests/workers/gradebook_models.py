"""Small gradebooks that refuse, keep and erase grades as the LMSs do (whole seconds, overrides)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class ModelGradebook:
    """One learner's cell of a Moodle column that a tool made ("manual"): whoever writes last is shown."""

    value: float | None = None
    changed_at: datetime | None = None
    submissions: list[datetime] = field(default_factory=list)  # Canvas: the time of each attempt
    counts_submissions = False
    allowed: int | None = None  # attempts

    def is_exhausted(self, submitted_at: datetime) -> bool:
        """Whether this attempt would be one too many (422)."""
        is_known = bool(self.submissions) and self.submissions[-1] == submitted_at
        return self.allowed is not None and not is_known and len(self.submissions) >= self.allowed

    def submit(self, submitted_at: datetime) -> None:
        """Count an attempt, unless it is the last one again."""
        if not self.submissions or self.submissions[-1] != submitted_at:
            self.submissions.append(submitted_at)

    def post(self, value: float, stamp: datetime, now: datetime, *, progress: str = "FullyGraded") -> bool:
        """Take a score, or not (409). Anything but FullyGraded erases."""
        if self.changed_at is not None and _second(self.changed_at) >= _second(stamp):
            return False
        if progress != "FullyGraded":
            self.value = self.changed_at = None
            return True
        self.take(value, stamp, now)
        return True

    def take(self, value: float, stamp: datetime, now: datetime) -> None:
        self.value, self.changed_at = value, stamp

    def edit(self, value: float, now: datetime) -> None:
        """A teacher types a grade."""
        self.value, self.changed_at = value, now

    @property
    def shown(self) -> float | None:
        return self.value


@dataclass
class Coupled(ModelGradebook):
    """A Moodle activity's own column: its clock counts, and what a teacher typed overrides."""

    override: float | None = None

    def take(self, value: float, stamp: datetime, now: datetime) -> None:
        if value != self.value:
            self.changed_at = now
        self.value = value

    def edit(self, value: float, now: datetime) -> None:
        self.override, self.changed_at = value, now

    @property
    def shown(self) -> float | None:
        return self.value if self.override is None else self.override


@dataclass
class Canvas(ModelGradebook):
    """Canvas with ``prioritize_non_tool_grade``: refuses only what is older, and a teacher's grade stands."""

    is_teachers: bool = False
    counts_submissions = True

    def post(self, value: float, stamp: datetime, now: datetime, *, progress: str = "FullyGraded") -> bool:
        if self.changed_at is not None and stamp < self.changed_at:
            return False
        if progress != "FullyGraded":
            self.value = None
            return True
        if not self.is_teachers:
            self.value, self.changed_at = value, now
        return True

    def edit(self, value: float, now: datetime) -> None:
        self.value, self.changed_at, self.is_teachers = value, now, True


@dataclass
class OneAttempt(Canvas):
    """Canvas where the assignment allows one attempt."""

    allowed: int | None = 1


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
