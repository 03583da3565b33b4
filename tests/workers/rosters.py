"""Reading a course's roster by its job, and who is a member then."""

import sqlalchemy as sa

from framework.store import tasks
from framework.store.sessions import now
from framework.store.tables import Identity, Membership, Person, Task
from tests.workers.course import Course
from workers import jobs


def read(course: Course) -> Task:
    """Ask for the roster and let the job read it; answers its task."""
    with course.store.transaction(1) as session:
        tasks.request(session, tasks.ROSTER, str(course.context.id), now=now())
    jobs.roster(1, str(course.context.id))
    with course.store.reading(1) as session:
        return session.scalars(sa.select(Task).where(Task.kind == tasks.ROSTER)).one()


def members(course: Course) -> dict[str, Membership]:
    with course.store.reading(1) as session:
        rows = session.execute(
            sa.select(Person.name, Membership)
            .join(Identity, Identity.person_id == Person.id)
            .join(Membership, Membership.identity_id == Identity.id)
            .where(Membership.context_id == course.context.id)
        )
        return {name or "nameless": membership for name, membership in rows}
