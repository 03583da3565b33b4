"""``POST /v1/grades/<id>/resend``, and what became of a grade as this door shows it."""

from dataclasses import asdict
from typing import Any

from api.arguments import StrictBlueprint
from api.auth import caller, scoped
from api.door import door
from api.schemas import DeliveryItemSchema
from framework.errors import NotFound
from framework.store import audits, grade_pushes, progress
from framework.store.columns import parse_public_id
from framework.store.grade_pushes import NEVER
from framework.store.progress import Delivery
from framework.store.sessions import now

STATES = {
    None: "not_due",
    "due": "pending",
    "check": "pending",
    "delivered": "delivered",
    "parked": "failed",
    "overridden": "overridden",
}
_TRIED_AGAIN = ("pending", "failed")

blueprint = StrictBlueprint("Grades", __name__, url_prefix="/v1", description="Grades on their way to the LMS.")


@blueprint.post("/grades/<grade_id>/resend")
@blueprint.doc(operationId="resendGrade")
@scoped("grades.resend")
@blueprint.response(202, DeliveryItemSchema)
def resend(grade_id: str) -> Any:
    """Send a grade to the LMS again, from the first try on.

    For a grade whose delivery has failed, once the cause is gone; most causes that go away are also found out without
    this. Doing it twice does no harm: what the LMS holds is read first, and a teacher's own grade stands. The answer
    shows the grade as it waits; ``grade_delivery`` of its progress tells later what came of it.
    """
    push_id = parse_public_id("grd", grade_id)
    if push_id is None:
        raise NotFound("There is no such grade.")
    with door().store.transaction(caller().tenant_id) as session:
        platform_id = grade_pushes.resend(session, push_id, now=now())
        actor = f"client:{caller().client_id}"
        audits.add(session, actor=actor, action="grade.resend", subject=grade_id, people=1, now=now())
        session.flush()
        found = progress.delivery(session, push_id)
    door().bell.push_grades(platform_id)
    if found is None:
        raise NotFound("There is no such grade.")
    return {"data": shown(found)}


def shown(one: Delivery) -> dict[str, Any]:
    """A delivery as clients see it."""
    state = STATES[one.state]
    is_tried_again = state in _TRIED_AGAIN and one.next_try is not None and one.next_try < NEVER
    return {
        **asdict(one),
        "state": state,
        "reason": one.error_class,
        "message": one.last_error,
        "next_try_at": one.next_try if is_tried_again else None,
    }
