"""What finishing one quality means for the grade of the programme that it stands in, before and after."""

from dataclasses import dataclass

from lti_tool.presenters.wording import counted

_WHOLE = "You have finished the whole programme."

# What the learner reads about the programme's grade, by the state of its row; "" is a row that is still to come.
_GRADE = {
    "": "Your grade is on its way.",
    "due": "Your grade is on its way.",
    "check": "Your grade is on its way.",
    "delivered": "Your grade is in your course’s gradebook.",
    "parked": "Your grade is not in your course’s gradebook yet. Your course teacher can see why.",
    "overridden": "Your course teacher has set the grade by hand, so it stays as it is.",
}


@dataclass(frozen=True, slots=True)
class Within:
    """A programme around a quality: how many of its ``count`` qualities are finished, and whether it has a grade.

    ``is_part``: False for a quality that the programme does not hold any more.
    """

    finished: int
    count: int
    is_graded: bool
    is_part: bool = True


def before(within: Within) -> tuple[str, ...]:
    """What finishing the quality does for the grade: one sentence, or none where there is no grade."""
    if not within.is_graded or not within.is_part:
        return ()
    if within.count == 1:
        return ("The gradebook column fills when you finish.",)
    return (f"The gradebook column fills when all {within.count} qualities are finished.",)


def after(within: Within, grade_state: str) -> str:
    """How far the programme is once the quality is finished, and where its grade is."""
    if within.finished >= within.count:
        return f"{_WHOLE} {_GRADE[grade_state]}" if within.is_graded else _WHOLE
    so_far = f"{within.finished} of {counted(within.count, 'quality', 'qualities')} finished."
    if not within.is_graded:
        return so_far
    return f"{so_far} Your grade comes when all {within.count} are."
