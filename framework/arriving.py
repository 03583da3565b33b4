"""A launch arrives: what it says is kept, and its visit is opened."""

from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from framework.store import arrivals, connection_tests, placements, returns, tasks
from framework.store.arrivals import Arrival
from framework.store.returns import Opened, Verified
from framework.store.tables import Context, Visit

STAFF = ("instructor", "designer")
ROSTER_AGE = timedelta(minutes=10)  # a teacher's launch asks for the list of members again after this


def arrive(session: Session, arrival: Arrival, *, now: datetime, again: bool = False) -> Visit:
    """Let a launch in: keep what it says, find its activity, open the visit.

    Raises IntegrityError for a used launch, and when two launches make the same rows at once: try ``again``, in a new
    transaction, which tells the two apart. Raises Conflict then for a used launch.
    """
    if again:
        arrivals.refuse_replay(session, arrival.launch_id)
    arrived = arrivals.receive(session, arrival)
    if arrived.link is not None:
        placements.resolve(session, arrived.link, arrival.custom)
        if arrived.link.activity_key is not None:
            placements.keep_column(session, arrival, arrived.link, arrived.column)
        if connection_tests.is_one(arrived.link):
            connection_tests.opened(session, arrival, arrived.link, arrived.identity, now=now)
    if arrival.role in STAFF and _is_roster_old(arrived.context, now=now):
        tasks.request(session, tasks.ROSTER, str(arrived.context.id), now=now)
    return arrivals.open_visit(session, arrival, arrived, now=now)


def arrive_again(
    connection: Connection, tenant_id: int, arrival: Arrival, verified: Verified, *, now: datetime
) -> Opened | None:
    """The same in one statement for somebody who has been here before and whose launch says nothing new, as most do.

    None: it has to go the long way, or the registration that it was verified with has changed. Raises IntegrityError
    for a used launch.
    """
    roster_since = now - ROSTER_AGE if arrival.role in STAFF else None
    return returns.open_visit(connection, tenant_id, arrival, verified, roster_since=roster_since, now=now)


def _is_roster_old(context: Context, *, now: datetime) -> bool:
    return context.memberships_url is not None and (context.roster_at is None or now - context.roster_at > ROSTER_AGE)
