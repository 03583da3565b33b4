"""Nudges as they are kept: one text to several learners of a course, at most one to each of them in a week.

Nothing is sent from here. A learner reads it in the tool; whoever wrote it takes the text and the addresses elsewhere.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import Conflict, Invalid, NotFound
from framework.store.tables import Context, Nudge, NudgedPerson, Person

WEEK = timedelta(days=7)
SHOWN_FOR = timedelta(days=28)  # an older one says nothing any more about where somebody stands
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Unseen:
    """A nudge that its learner has not put away. ``who`` is the writer's name, '' where the LMS sends none."""

    id: uuid.UUID
    text: str
    who: str
    at: datetime


def accept(text: str) -> str:
    """A text of 1 to 1,000 characters. Raises Invalid with the field."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise Invalid("Write a few words first.", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"The message is {len(text):,} characters long. It can have {LONGEST:,}.", field="text")
    return text


def last(session: Session, context_id: uuid.UUID) -> Mapping[uuid.UUID, datetime]:
    """When each learner of a course was last nudged, by person."""
    rows = session.execute(
        sa.select(NudgedPerson.person_id, sa.func.max(NudgedPerson.at))
        .where(NudgedPerson.context_id == context_id)
        .group_by(NudgedPerson.person_id)
    )
    return {row[0]: row[1] for row in rows}


def is_recent(at: datetime | None, now: datetime) -> bool:
    """Whether somebody was nudged less than a week ago."""
    return at is not None and now < at + WEEK


def write(
    session: Session,
    nudge_id: uuid.UUID,
    context_id: uuid.UUID,
    people: Sequence[uuid.UUID],
    text: str,
    *,
    by: uuid.UUID,
    now: datetime,
) -> tuple[uuid.UUID, ...]:
    """Keep a nudge for those of the people who had none in the last seven days; answers them, nobody when it was kept
    before. Raises Invalid for a text that cannot be, Conflict where everybody has had one.

    The course's row is locked: two instructors at once would nudge somebody twice else.
    """
    text = accept(text)
    session.execute(sa.select(Context.id).where(Context.id == context_id).with_for_update())
    known = session.scalar(sa.select(Nudge.context_id).where(Nudge.id == nudge_id))
    if known is not None:
        if known != context_id:
            raise NotFound("There is no such message in this course.")
        return ()
    before = last(session, context_id)
    left = tuple(one for one in dict.fromkeys(people) if not is_recent(before.get(one), now))
    if not left:
        raise Conflict("Everybody you chose has had a message within the last seven days, so nothing was kept.")
    session.add(Nudge(id=nudge_id, context_id=context_id, by_person_id=by, text=text, at=now))
    session.add_all(NudgedPerson(nudge_id=nudge_id, context_id=context_id, person_id=one, at=now) for one in left)
    return left


def nudge(session: Session, context_id: uuid.UUID, nudge_id: uuid.UUID | None) -> tuple[Nudge, Sequence[uuid.UUID]]:
    """One nudge of a course with the people it is for. Raises NotFound."""
    row = session.scalar(sa.select(Nudge).where(Nudge.id == nudge_id, Nudge.context_id == context_id))
    if row is None:
        raise NotFound("There is no such message in this course.")
    return row, session.scalars(sa.select(NudgedPerson.person_id).where(NudgedPerson.nudge_id == row.id)).all()


def addresses(session: Session, people: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """E-mail addresses as the LMS sent them, by person; who has none is left out."""
    rows = session.execute(sa.select(Person.id, Person.email).where(Person.id.in_(people), Person.email.is_not(None)))
    return {person_id: email for person_id, email in rows if email}


def unseen(session: Session, context_id: uuid.UUID, person_id: uuid.UUID, *, now: datetime) -> Unseen | None:
    """The newest nudge that a learner has not put away, for four weeks."""
    found = session.execute(
        sa.select(NudgedPerson.id, Nudge.text, Person.name, Nudge.at)
        .join(Nudge, Nudge.id == NudgedPerson.nudge_id)
        .join(Person, Person.id == Nudge.by_person_id)
        .where(
            NudgedPerson.context_id == context_id,
            NudgedPerson.person_id == person_id,
            NudgedPerson.seen_at.is_(None),
            NudgedPerson.at > now - SHOWN_FOR,
        )
        .order_by(NudgedPerson.at.desc())
        .limit(1)
    ).first()
    return None if found is None else Unseen(found[0], found[1], found[2] or "", found[3])


def put_away(
    session: Session, context_id: uuid.UUID, person_id: uuid.UUID, id_: uuid.UUID | None, *, now: datetime
) -> None:
    """A learner has read it: this one and what came before. Another's, or none at all, changes nothing."""
    mine = (NudgedPerson.context_id == context_id, NudgedPerson.person_id == person_id)
    upto = session.scalar(sa.select(NudgedPerson.at).where(NudgedPerson.id == id_, *mine))
    if upto is None:
        return
    for row in session.scalars(sa.select(NudgedPerson).where(*mine, NudgedPerson.seen_at.is_(None))):
        if row.at <= upto:
            row.seen_at = now
