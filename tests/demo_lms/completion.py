"""When an activity counts as done.

Moodle knows for an external tool: opened, any grade that is not empty, be it 0 or a part, or a passing grade.
Canvas knows: opened, submitted, or scored at least so much.
"""

from tests.demo_lms import gradebook, store
from tests.demo_lms.placements import Placement


def done(placement: Placement, person_id: str) -> bool:
    """Whether this person has completed the activity, by its rule, as things stand now."""
    if placement.completion == "view":
        return bool(store.one("SELECT 1 FROM viewed WHERE placement_id = ? AND person_id = ?", placement.id, person_id))
    own = [item for item in gradebook.of_placement(placement.id) if item.coupled]
    if not own:
        return False
    grade = gradebook.grade(own[0].id, person_id)
    if placement.completion == "grade":
        return grade.final is not None
    if placement.completion == "submit":
        return grade.attempts > 0
    return grade.final is not None and grade.final >= (placement.min_score or 0)


def rules(platform: str, graded: bool) -> dict[str, str]:
    """The rules an editor may choose from, with their words."""
    if not graded:
        return {"view": "When it was opened"}
    if platform == "moodle":
        return {"view": "When it was opened", "grade": "When there is a grade", "pass": "When the grade is a pass"}
    return {"view": "When it was opened", "submit": "When something was submitted", "min_score": "At a minimum score"}


def rule(placement: Placement) -> str:
    """The rule in words."""
    return {
        "view": "Done when opened",
        "grade": "Done when graded",
        "submit": "Done when submitted",
        "pass": f"Done at {placement.min_score or 0:g} points or more, which is a pass",
        "min_score": f"Done at {placement.min_score or 0:g} points or more",
    }[placement.completion]
