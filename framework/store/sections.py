"""Titles of a course's sections and groups, and the bounds on what an LMS may tell of them."""

import uuid
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store.tables import Section

MOST_OF_A_COURSE = 1000
MOST_OF_A_PERSON = 100
LONGEST = 255


def usable(ids: Iterable[object]) -> tuple[str, ...]:
    """The LMS's ids that can be kept, each once, sorted. Numbers are taken as texts; anything odd is left out."""
    texts = (str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in ids)
    fine = {
        one.strip()
        for one in texts
        if isinstance(one, str) and 0 < len(one.strip()) <= LONGEST and one.strip().isprintable()
    }
    return tuple(sorted(fine)[:MOST_OF_A_PERSON])


def titles(session: Session, context_ids: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], str]:
    """Known titles by (course, the LMS's id)."""
    rows = session.execute(
        sa.select(Section.context_id, Section.lti_id, Section.title).where(Section.context_id.in_(set(context_ids)))
    )
    return {(context_id, lti_id): title for context_id, lti_id, title in rows}


def keep_titles(session: Session, context_id: uuid.UUID, titles: Mapping[str, str]) -> None:
    """Bring titles up to date; writes only what differs. A title that is not told any more stays.

    Two launches that make the same section at once: IntegrityError, try once more.
    """
    if not titles:
        return
    known = {row.lti_id: row for row in session.scalars(sa.select(Section).where(Section.context_id == context_id))}
    for lti_id, title in titles.items():
        row = known.get(lti_id)
        if row is not None:
            if row.title != title:
                row.title = title
        elif len(known) < MOST_OF_A_COURSE:
            known[lti_id] = Section(context_id=context_id, lti_id=lti_id, title=title)
            session.add(known[lti_id])
    session.flush()
