"""A person's standing: the evidence it rests on, competency per quality, badges held."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework import badges, competency
from framework.assessment import Fact
from framework.catalogue import Catalogue
from framework.competency import Competency
from framework.store import judgements, tasks
from framework.store.tables import Award, Evidence, Task
from framework.store.tables import Competency as CompetencyRow


def frameworks_of(session: Session, person_id: uuid.UUID) -> Sequence[str]:
    """Keys of the frameworks in which a person has evidence or has been judged."""
    learned = session.scalars(sa.select(Evidence.framework_key).where(Evidence.person_id == person_id).distinct())
    return sorted({*learned, *judgements.frameworks_of(session, person_id)})


def facts(
    session: Session, person_id: uuid.UUID, framework_key: str, context_id: uuid.UUID | None = None
) -> tuple[Fact, ...]:
    """All evidence of a person in a framework, or that of one course alone."""
    query = sa.select(Evidence).where(Evidence.person_id == person_id, Evidence.framework_key == framework_key)
    if context_id is not None:
        query = query.where(Evidence.context_id == context_id)
    rows = session.scalars(query)
    return tuple(Fact(row.feature_key, row.kind, row.value, row.at) for row in rows)


def folded(
    session: Session, person_id: uuid.UUID, catalogue: Catalogue, *, on: date, only: str | None = None
) -> Mapping[str, Competency]:
    """A person's competency from all evidence and judgements now, whether or not the recompute has run yet.

    ``only``: of one quality.
    """
    learned = facts(session, person_id, catalogue.framework_key)
    judged = judgements.of_person(session, person_id, catalogue.framework_key)
    return competency.fold(catalogue, learned, judged, on=on, only=only)


def folded_in_course(
    session: Session, person_id: uuid.UUID, catalogue: Catalogue, context_id: uuid.UUID, *, on: date
) -> Mapping[str, Competency]:
    """What a course knows of a person: from what they did and were judged for there. For the people who teach it."""
    learned = facts(session, person_id, catalogue.framework_key, context_id)
    judged = judgements.of_person(session, person_id, catalogue.framework_key)
    here = [one for one in judged if one.course_key == str(context_id)]
    return competency.fold(catalogue, learned, here, on=on)


def keep_competencies(
    session: Session, person_id: uuid.UUID, framework_key: str, folded: Mapping[str, Competency]
) -> None:
    """Write what a fold found, only where it differs from what is there. Qualities never touched get no row."""
    rows = competencies(session, person_id, framework_key)
    for key, found in folded.items():
        row = rows.get(key)
        if row is None and found.evidence_from is None:
            continue
        if row is None:
            row = CompetencyRow(person_id=person_id, framework_key=framework_key, quality_key=key)
            session.add(row)
        facts = {
            "explored": found.is_explored,
            "level": found.level,
            "basis": _plain({"awards": [asdict(one) for one in found.awards], "unknown": found.unknown_keys}),
            "rules_digest": found.rules_digest,
        }
        for name, value in facts.items():
            if getattr(row, name) != value:
                setattr(row, name, value)


def keep_awards(
    session: Session,
    person_id: uuid.UUID,
    catalogue: Catalogue,
    edition_id: uuid.UUID,
    earned: Iterable[badges.Award],
    *,
    now: datetime,
) -> None:
    """Make the awards held equal to those earned: new ones are added, changed levels replaced, lost ones withdrawn."""
    active = {row.badge_key: row for row in awards(session, person_id, catalogue.framework_key)}
    for award in earned:
        row = active.pop(award.badge_key, None)
        basis = _plain({"rules_digest": catalogue.rules_digest, **asdict(award)})
        if row is not None and row.level == award.level:
            if row.until != award.until:
                row.basis, row.until = basis, award.until  # a newer judgement has renewed it
            continue
        if row is not None:
            row.state, row.reason = ("replaced", "A higher level is held now.")
            if award.level < row.level:
                row.state, row.reason = "withdrawn", _why_lost(session, catalogue, row, now=now)
            session.flush()  # before the new row: one active row per badge
        session.add(
            Award(
                person_id=person_id,
                framework_key=catalogue.framework_key,
                badge_key=award.badge_key,
                level=award.level,
                edition_id=edition_id,
                basis=basis,
                state="active",
                at=now,
                until=award.until,
            )
        )
    for row in active.values():
        row.state, row.reason = "withdrawn", _why_lost(session, catalogue, row, now=now)


def _why_lost(session: Session, catalogue: Catalogue, row: Award, *, now: datetime) -> str:
    """Why an award has fallen: a judgement that was taken away, or time."""
    qualities = next((one.quality_keys for one in catalogue.badges if one.key == row.badge_key), ())
    taken = judgements.loss(session, row.person_id, qualities, since=row.at)
    if taken is not None:
        return taken
    if row.until is not None and row.until <= now.date():
        return "It has run out. A newer judgement renews it."
    return "The conditions are not met any more."


def competencies(session: Session, person_id: uuid.UUID, framework_key: str) -> dict[str, CompetencyRow]:
    """A person's standing by quality key."""
    rows = session.scalars(
        sa.select(CompetencyRow).where(
            CompetencyRow.person_id == person_id, CompetencyRow.framework_key == framework_key
        )
    )
    return {row.quality_key: row for row in rows}


def awards(session: Session, person_id: uuid.UUID, framework_key: str) -> Sequence[Award]:
    """The badges a person holds."""
    return session.scalars(
        sa.select(Award).where(
            Award.person_id == person_id, Award.framework_key == framework_key, Award.state == "active"
        )
    ).all()


def run_out(session: Session, on: date, limit: int = 200) -> Sequence[uuid.UUID]:
    """People with an award whose time is over and whose recompute has not been asked for yet."""
    people = session.scalars(
        sa.select(Award.person_id).where(Award.state == "active", Award.until <= on).distinct().limit(limit)
    ).all()
    asked = session.scalars(
        sa.select(Task.subject).where(
            Task.kind == tasks.RECOMPUTE, Task.subject.in_([str(one) for one in people]), Task.state != "done"
        )
    ).all()
    return [one for one in people if str(one) not in set(asked)]


def _plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
