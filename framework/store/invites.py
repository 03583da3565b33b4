"""Single-use links: to connect an LMS, and to open the administrator's pages. Only a hash of each token is kept."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import NotAllowed
from framework.store.tables import Invite

REGISTER = "register"
ADMINISTER = "administer"
LIFETIMES = {REGISTER: timedelta(days=7), ADMINISTER: timedelta(hours=24)}
_PATHS = {REGISTER: "/lti/register", ADMINISTER: "/admin/enter"}
_WHAT = {
    REGISTER: ("registration link", "`lqf invite create`"),
    ADMINISTER: ("administrator link", "`lqf admin link`"),
}


def create(session: Session, purpose: str, *, tenant_id: int, at: datetime, approves: bool = False) -> str:
    """A new invite; answers its token, which nobody can be told again. ``approves``: an LMS is connected at once."""
    token = secrets.token_urlsafe(24)
    session.add(
        Invite(
            tenant_id=tenant_id,
            purpose=purpose,
            token_hash=_hash(token),
            approves=approves,
            created_at=at,
            expires_at=at + LIFETIMES[purpose],
        )
    )
    return token


def link(base_url: str, purpose: str, token: str) -> str:
    """Where a token is to be opened."""
    return f"{base_url}{_PATHS[purpose]}?invite={token}"


def find(session: Session, purpose: str, token: str, *, at: datetime) -> Invite:
    """The invite of a token that can still be used. Raises NotAllowed, saying what to do."""
    name, command = _WHAT[purpose]
    again = f"Ask the person who runs this tool for a new one ({command})."
    row = session.scalar(
        sa.select(Invite).where(Invite.token_hash == _hash(token), Invite.purpose == purpose).with_for_update()
    )
    if row is None:
        raise NotAllowed(f"This {name} is not known. Check that it was copied whole. {again}")
    if row.used_at is not None:
        raise NotAllowed(f"This {name} has been used: each one works once. {again}")
    if row.expires_at <= at:
        raise NotAllowed(f"This {name} is too old. {again}")
    return row


def use(session: Session, purpose: str, token: str, *, at: datetime) -> Invite:
    """Use an invite up; of two at once only one succeeds. Raises NotAllowed."""
    row = find(session, purpose, token, at=at)
    row.used_at = at
    return row


def give_back(session: Session, invite_id: uuid.UUID) -> None:
    """What it was used for has not been done: it can be used again."""
    row = session.get(Invite, invite_id)
    if row is not None:
        row.used_at = None


def used_since(session: Session, invite_id: uuid.UUID, since: datetime) -> Invite | None:
    """An invite that was used after ``since``; None when there is none."""
    row = session.get(Invite, invite_id)
    return row if row is not None and row.used_at is not None and row.used_at > since else None


def _hash(token: str) -> str:
    """The token is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
