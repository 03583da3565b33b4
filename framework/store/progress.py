"""Progress as programs read it: one record per person and activity, a page at a time, by keyset.

The page is found first, on an index and with its limit, and only its rows are joined: joining first made a page of
1,000 deep in 6 million rows take 400 ms instead of 8. Nothing is counted.

A list has two parts. ``own``: rows whose own time is in the asked window, by (updated_at, id). ``delivery``, only with
``since``: rows that are older, but whose grade has moved in the window, by the grade's time. A grade arrives in the
LMS seconds after the row was written; without the second part a reader who follows ``since`` would never hear of it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from framework.store.arrivals import TAG
from framework.store.columns import holds
from framework.store.tables import (
    Attempt,
    Context,
    Deployment,
    Edition,
    GradePush,
    Identity,
    LineItem,
    Membership,
    Progress,
    ResourceLink,
)

Part = Literal["own", "delivery"]
_Query = TypeVar("_Query", bound=sa.Select[*tuple[Any, ...]])
_Keys = sa.Select[uuid.UUID, datetime, uuid.UUID]  # of a page's rows: progress id, time, id in its part


@dataclass(frozen=True, slots=True)
class ProgressFilter:
    """What is asked for; None leaves a filter out. The window is [since, before)."""

    progress_id: uuid.UUID | None = None
    platform_id: uuid.UUID | None = None
    context_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    activity_key: str | None = None
    activities: Sequence[tuple[str, str]] | None = None  # (framework key, activity key), any of these
    status: str | None = None
    section: str | None = None  # the LMS's id; only with context_id
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: in which part, its time there, its id there."""

    part: Part
    at: datetime
    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a grade. All None while none is due."""

    id: uuid.UUID | None
    version: int | None
    state: str | None
    line_item: str | None
    delivered_at: datetime | None
    error_class: str | None
    last_error: str | None
    tried_at: datetime | None
    next_try: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProgressRecord:
    """One person's progress in one activity of one placement. ``attempts`` counts those begun."""

    place: Place
    delivery: Delivery
    id: uuid.UUID
    version: int
    person_id: uuid.UUID
    is_test: bool
    course_id: uuid.UUID
    course_title: str
    platform_id: uuid.UUID
    framework_key: str
    activity_key: str
    kind: str | None
    edition_id: uuid.UUID | None
    content_edition: int | None
    status: str
    fraction_complete: float
    points: float | None
    maximum: float | None
    attempts: int
    started_at: datetime
    completed_at: datetime | None
    updated_at: datetime
    sections: list[str] | None  # the LMS's ids, as they are now; None for somebody who is no member


def page(
    session: Session, wanted: ProgressFilter, after: Place | None, limit: int
) -> tuple[list[ProgressRecord], bool]:
    """Up to ``limit`` records after a place, and whether there are more."""
    records: list[ProgressRecord] = []
    if after is None or after.part == "own":
        records = _records(session, "own", _own(wanted, after).limit(limit + 1))
    if wanted.since is not None and len(records) <= limit:
        begun = after if after is not None and after.part == "delivery" else None
        records += _records(session, "delivery", _delivery(wanted, begun).limit(limit + 1 - len(records)))
    return records[:limit], len(records) > limit


def _own(wanted: ProgressFilter, after: Place | None) -> _Keys:
    query = sa.select(Progress.id, Progress.updated_at.label("at"), Progress.id.label("mark"))
    query = _window(_narrowed(query, wanted), Progress.updated_at, Progress.id, wanted, after)
    return query.order_by(Progress.updated_at, Progress.id)


def _delivery(wanted: ProgressFilter, after: Place | None) -> _Keys:
    """Rows older than the window whose grade has moved inside it.

    Most grades of a window belong to rows of the same window, which the first part has given. They are passed over
    without looking at the row: a grade is submitted no later than its row is written (``framework.journey``).

    The row is looked up grade by grade, in the order of the grades, and OFFSET 0 keeps PostgreSQL from making a join
    of it: it believes that hardly any grade has a row, and would join them all before it takes the first hundred.
    """
    row = (
        sa.select(Progress.id)
        .join(ResourceLink, _graded())
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .where(LineItem.id == GradePush.line_item_id, LineItem.tag == TAG)
        .where(Progress.identity_id == GradePush.identity_id, Progress.updated_at < wanted.since)
        .correlate(GradePush)
    )
    found = _narrowed(row, wanted).scalar_subquery()
    moved = sa.select(found.label("id"), GradePush.updated_at.label("at"), GradePush.id.label("mark"))
    moved = _window(moved, GradePush.updated_at, GradePush.id, wanted, after)
    moved = moved.where(GradePush.submitted_at < wanted.since)
    all_ = moved.order_by(GradePush.updated_at, GradePush.id).offset(0).subquery("moved")
    return sa.select(all_.c.id, all_.c.at, all_.c.mark).where(all_.c.id.is_not(None)).order_by(all_.c.at, all_.c.mark)


def _graded() -> sa.ColumnElement[bool]:
    """The progress that a placement's grade is about: its present run's, in the activity it holds."""
    return sa.and_(
        Progress.resource_link_id == ResourceLink.id,
        Progress.run == ResourceLink.run,
        Progress.activity_key == ResourceLink.activity_key,
    )


def _window(query: _Keys, at: Any, mark: Any, wanted: ProgressFilter, after: Place | None) -> _Keys:
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    if wanted.before is not None:
        query = query.where(at < wanted.before)
    if after is not None:
        place = sa.tuple_(sa.literal(after.at, at.type), sa.literal(after.id, mark.type))
        query = query.where(sa.tuple_(at, mark) > place)
    return query


def _narrowed(query: _Query, wanted: ProgressFilter) -> _Query:
    exact = {
        Progress.id: wanted.progress_id,
        Progress.person_id: wanted.person_id,
        Progress.activity_key: wanted.activity_key,
        Progress.status: wanted.status,
    }
    query = query.where(*(column == value for column, value in exact.items() if value is not None))
    if wanted.activities is not None:
        # OR of pairs, not a row value IN: SQLite has no IN over a list of row values
        pairs = [sa.and_(Progress.framework_key == one, Progress.activity_key == key) for one, key in wanted.activities]
        query = query.where(sa.or_(sa.false(), *pairs))
    if wanted.context_id is not None:
        query = query.where(Progress.resource_link_id.in_(_links().where(ResourceLink.context_id == wanted.context_id)))
    if wanted.section is not None:
        within = sa.select(Membership.identity_id).where(Membership.context_id == wanted.context_id).correlate(None)
        query = query.where(
            Progress.identity_id.in_(within.where(holds(Membership.sections, sa.literal(wanted.section, sa.Text()))))
        )
    if wanted.platform_id is not None:
        links = _links().join(Context, Context.id == ResourceLink.context_id)
        links = links.join(Deployment, Deployment.id == Context.deployment_id)
        query = query.where(Progress.resource_link_id.in_(links.where(Deployment.platform_id == wanted.platform_id)))
    return query


def _links() -> sa.Select[uuid.UUID]:
    return sa.select(ResourceLink.id).correlate(None)


def _records(session: Session, part: Part, chosen: _Keys) -> list[ProgressRecord]:
    found = chosen.subquery("page")
    other = aliased(Attempt, name="other")
    last = sa.select(sa.func.max(other.number)).where(other.progress_id == Progress.id).scalar_subquery()
    query = (
        sa.select(*_FACTS, *_DELIVERY, found.c.at, found.c.mark)
        .select_from(found)
        .join(Progress, Progress.id == found.c.id)
        .join(ResourceLink, ResourceLink.id == Progress.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Identity, Identity.id == Progress.identity_id)
        .outerjoin(
            Membership,
            sa.and_(Membership.context_id == ResourceLink.context_id, Membership.identity_id == Progress.identity_id),
        )
        .outerjoin(_newest, sa.and_(_newest.progress_id == Progress.id, _newest.number == last))
        .outerjoin(_counted, _counted.id == Progress.counted_attempt_id)
        .outerjoin(Edition, Edition.id == sa.func.coalesce(_counted.edition_id, _newest.edition_id))
        .outerjoin(LineItem, sa.and_(LineItem.resource_link_id == ResourceLink.id, LineItem.tag == TAG, _graded()))
        .outerjoin(
            GradePush,
            sa.and_(GradePush.line_item_id == LineItem.id, GradePush.identity_id == Progress.identity_id),
        )
        .order_by(found.c.at, found.c.mark)
    )
    return [_record(part, list(row)) for row in session.execute(query)]


# columns, not objects: of 1,000 rows with their six parents, objects took most of the time
_newest, _counted = aliased(Attempt, name="newest"), aliased(Attempt, name="counted")
_FACTS: tuple[Any, ...] = (  # in the order of ProgressRecord's fields, from id on
    Progress.id,
    Progress.version,
    Progress.person_id,
    Identity.is_test,
    Context.id,
    Context.title,
    Identity.platform_id,
    Progress.framework_key,
    Progress.activity_key,
    _newest.kind,
    Edition.id,
    Edition.number,
    Progress.status,
    Progress.fraction,
    Progress.points,
    Progress.maximum,
    sa.func.coalesce(_newest.number, 0),
    Progress.started_at,
    Progress.finished_at,
    Progress.updated_at,
    Membership.sections,
)
_DELIVERY: tuple[Any, ...] = (  # in the order of Delivery's
    GradePush.id,
    GradePush.version,
    GradePush.state,
    LineItem.url,
    GradePush.delivered_at,
    GradePush.error_class,
    GradePush.last_error,
    GradePush.tried_at,
    GradePush.next_try,
    GradePush.updated_at,
)


def delivery(session: Session, push_id: uuid.UUID) -> Delivery | None:
    """What became of one grade."""
    query = sa.select(*_DELIVERY).select_from(GradePush).join(LineItem, LineItem.id == GradePush.line_item_id)
    row = session.execute(query.where(GradePush.id == push_id)).one_or_none()
    return None if row is None else Delivery(*row)


def _record(part: Part, row: list[Any]) -> ProgressRecord:
    facts, delivery, place = row[: len(_FACTS)], row[len(_FACTS) : -2], row[-2:]
    return ProgressRecord(Place(part, *place), Delivery(*delivery), *facts)
