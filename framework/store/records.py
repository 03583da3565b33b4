"""One person's own record: everything that is stored about them, in all courses, for them alone.

What others wrote is in it where it is about this person; of other people only the names of judges. A draft is its
judge's until it is signed, so it is left out.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.store import judgements
from framework.store.columns import public_id
from framework.store.tables import (
    Answer,
    Assessor,
    Attempt,
    Award,
    Competency,
    Context,
    Evidence,
    GradePush,
    Identity,
    Judgement,
    LearnerAllowance,
    LineItem,
    Membership,
    Nudge,
    NudgedPerson,
    Person,
    Platform,
    Progress,
    Remark,
    ResourceLink,
    Visit,
)

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doing:
    """What a person has of one activity in one run of a placement, with the course's title."""

    progress: Progress
    link_id: uuid.UUID
    course: str
    attempts: Sequence[Attempt]


def doings(session: Session, person_id: uuid.UUID) -> list[Doing]:
    """All that a person has begun, oldest first."""
    rows = session.execute(
        sa.select(Progress, ResourceLink.id, Context.title)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Progress.person_id == person_id)
        .order_by(Progress.started_at, Progress.id)
    ).all()
    of = _grouped(session, Attempt, Attempt.progress_id, [row[0].id for row in rows], lambda one: one.progress_id)
    return [
        Doing(progress, link_id, course, sorted(of[progress.id], key=lambda one: one.number))
        for progress, link_id, course in rows
    ]


def awards(session: Session, person_id: uuid.UUID) -> Sequence[Award]:
    """Every badge that a person has ever held, the newest first."""
    query = sa.select(Award).where(Award.person_id == person_id).order_by(Award.at.desc(), Award.id.desc())
    return session.scalars(query).all()


def plain(session: Session, person_id: uuid.UUID, *, now: datetime) -> Plain:
    """Everything as JSON knows it (docs/your-record.md names the keys). Moments are ISO 8601, in UTC."""
    person = session.scalars(sa.select(Person).where(Person.id == person_id)).one()
    courses = _courses(session, person_id)
    made: Plain = {
        "format": 1,
        "made_at": now,
        "person": {"id": public_id("prs", person.id), **_columns(person, "name", "email", "locale")},
        "identities": _identities(session, person_id),
        "courses": _memberships(session, person_id, courses),
        "visits": _visits(session, person_id, courses),
        "activities": _activities(session, person_id),
        "evidence": [
            {
                "course": courses.get(one.context_id, ""),
                **_columns(one, "framework_key", "feature_key", "kind", "value", "at"),
            }
            for one in _of(session, Evidence, person_id)
        ],
        "judgements": _judgements(session, person_id, courses),
        "competencies": [
            _columns(one, "framework_key", "quality_key", "explored", "level", "updated_at")
            for one in _of(session, Competency, person_id)
        ],
        "awards": [
            {
                **_columns(one, "framework_key", "badge_key", "level", "state", "reason", "at", "updated_at"),
                "until": one.basis.get("until"),
            }
            for one in _of(session, Award, person_id)
        ],
        "grades": _grades(session, person_id),
        "allowances": [
            _columns(one, "resource_link_id", "run", "closes_at", "extra_attempts")
            for one in _of(session, LearnerAllowance, person_id)
        ],
        "named_assessor": [
            {"course": courses.get(one.context_id, ""), **_columns(one, "named_at", "until", "ended_at")}
            for one in _of(session, Assessor, person_id)
        ],
        "nudges": _nudges(session, person_id, courses),
    }
    told: Plain = _told(made)
    return told


def _courses(session: Session, person_id: uuid.UUID) -> Mapping[uuid.UUID, str]:
    """The titles of the courses that a person has been in."""
    rows = session.execute(
        sa.select(Context.id, Context.title)
        .join(Membership, Membership.context_id == Context.id)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Identity.person_id == person_id)
    )
    return {context_id: title for context_id, title in rows}  # noqa: C416  # rows are no pairs to the type check


def _identities(session: Session, person_id: uuid.UUID) -> list[Plain]:
    rows = session.execute(
        sa.select(Identity, Platform.name)
        .join(Platform, Platform.id == Identity.platform_id)
        .where(Identity.person_id == person_id)
        .order_by(Identity.id)
    )
    return [{"platform": name, **_columns(one, "sub", "sourcedid")} for one, name in rows]


def _memberships(session: Session, person_id: uuid.UUID, courses: Mapping[uuid.UUID, str]) -> list[Plain]:
    rows = session.scalars(
        sa.select(Membership)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Identity.person_id == person_id)
        .order_by(Membership.id)
    )
    return [
        {"course": courses.get(one.context_id, ""), **_columns(one, "roles", "role", "status", "sections")}
        for one in rows
    ]


def _visits(session: Session, person_id: uuid.UUID, courses: Mapping[uuid.UUID, str]) -> list[Plain]:
    rows = session.execute(
        sa.select(Visit, ResourceLink.activity_key)
        .outerjoin(ResourceLink, ResourceLink.id == Visit.resource_link_id)
        .where(Visit.person_id == person_id)
        .order_by(Visit.created_at, Visit.id)
    )
    return [
        {
            "course": courses.get(one.context_id, ""),
            "activity_key": activity_key,
            **_columns(one, "role", "mode", "created_at", "seen_at", "expires_at", "ended_at"),
        }
        for one, activity_key in rows
    ]


def _activities(session: Session, person_id: uuid.UUID) -> list[Plain]:
    done = doings(session, person_id)
    keys = [one.id for doing in done for one in doing.attempts]
    answers = _grouped(session, Answer, Answer.attempt_id, keys, lambda one: one.attempt_id)
    remarks = _grouped(session, Remark, Remark.attempt_id, keys, lambda one: one.attempt_id)
    return [
        {
            "id": public_id("prg", doing.progress.id),
            "course": doing.course,
            **_columns(
                doing.progress, "framework_key", "activity_key", "resource_link_id", "run", "status", "fraction"
            ),
            **_columns(doing.progress, "points", "maximum", "started_at", "finished_at"),
            "attempts": [
                {
                    **_columns(one, "number", "kind", "state", "points", "maximum", "started_at", "submitted_at"),
                    "is_taken_over": one.reused_from is not None,
                    "answers": [
                        _columns(answer, "item_key", "value", "first_value", "tries", "updated_at")
                        for answer in answers[one.id]
                    ],
                    "corrections": [
                        _columns(remark, "points_before", "points_after", "reason", "at") for remark in remarks[one.id]
                    ],
                }
                for one in doing.attempts
            ],
        }
        for doing in done
    ]


def _judgements(session: Session, person_id: uuid.UUID, courses: Mapping[uuid.UUID, str]) -> list[Plain]:
    rows = session.scalars(
        sa.select(Judgement)
        .where(Judgement.person_id == person_id, Judgement.action != "draft")
        .order_by(Judgement.attempt_id, Judgement.step)
    ).all()
    names = judgements.names_of(session, {one.by_person_id for one in rows})
    return [
        {
            "course": courses.get(one.context_id, ""),
            "by": names.get(str(one.by_person_id), ""),
            **_columns(one, "framework_key", "quality_key", "step", "action", "role", "feature_values", "basis"),
            **_columns(one, "known_from", "known_to", "comment", "examples", "of_step", "at"),
        }
        for one in rows
    ]


def _grades(session: Session, person_id: uuid.UUID) -> list[Plain]:
    rows = session.execute(
        sa.select(GradePush, ResourceLink.activity_key, Context.title)
        .join(Identity, Identity.id == GradePush.identity_id)
        .join(LineItem, LineItem.id == GradePush.line_item_id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .where(Identity.person_id == person_id)
        .order_by(GradePush.id)
    )
    return [
        {
            "course": course,
            "activity_key": activity_key,
            **_columns(one, "wanted", "maximum", "comment", "submitted_at", "sent_value", "sent_maximum", "state"),
            "delivered_at": one.delivered_at,
        }
        for one, activity_key, course in rows
    ]


def _nudges(session: Session, person_id: uuid.UUID, courses: Mapping[uuid.UUID, str]) -> list[Plain]:
    rows = session.execute(
        sa.select(NudgedPerson, Nudge.text)
        .join(Nudge, Nudge.id == NudgedPerson.nudge_id)
        .where(NudgedPerson.person_id == person_id)
        .order_by(NudgedPerson.at)
    )
    return [
        {"course": courses.get(one.context_id, ""), "text": text, **_columns(one, "at", "seen_at")}
        for one, text in rows
    ]


def _of(session: Session, table: Any, person_id: uuid.UUID) -> Sequence[Any]:
    return session.scalars(sa.select(table).where(table.person_id == person_id).order_by(table.id)).all()


def _grouped(
    session: Session, table: Any, column: Any, keys: Sequence[uuid.UUID], key: Callable[[Any], uuid.UUID]
) -> Mapping[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for one in session.scalars(sa.select(table).where(column.in_(keys)).order_by(table.id)):
        found[key(one)].append(one)
    return found


def _columns(row: Any, *names: str) -> Plain:
    return {name: getattr(row, name) for name in names}


def _told(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dict):
        return {key: _told(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    if isinstance(value, uuid.UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
