"""API clients: the programs of a tenant's administrators, and their secrets. Directory tables, so directory sessions.

A secret is 256 random bits made here and shown once. It is kept as plain SHA-256, not with a slow password hash: a
slow hash makes guessing a weak, human password dear; 256 random bits cannot be guessed at any price per guess, and a
hash that costs 100 ms would hand everybody who knows the address a cheap way to keep the processors busy. For the
same reason failed tries are not counted here: there is nothing to gain by them, and a count per client would let a
stranger lock a client out.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from framework.errors import NotFound
from framework.store.columns import new_id, parse_public_id, public_id
from framework.store.sessions import now
from framework.store.tables import ApiClient

_NOBODY = "sha256:" + "0" * 64  # no text is known to hash to it


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client just made. ``secret`` is in no table: who loses it needs a new client."""

    client: ApiClient
    secret: str


def create(session: Session, tenant_id: int, name: str, scopes: Sequence[str]) -> NewClient:
    """A new client of a tenant. The door has checked the scopes."""
    row_id = new_id()
    secret = f"lqf_{secrets.token_urlsafe(32)}"
    client = ApiClient(
        id=row_id,
        tenant_id=tenant_id,
        client_id=public_id("cli", row_id),
        name=name,
        secret_hash=_hashed(secret),
        other_secret_hash=None,
        scopes=sorted(set(scopes)),
        token_epoch=0,
        created_at=now(),
        disabled_at=None,
    )
    session.add(client)
    return NewClient(client, secret)


def clients(session: Session, tenant_id: int | None = None) -> Sequence[ApiClient]:
    """All clients, or one tenant's, oldest first, revoked ones too."""
    query = sa.select(ApiClient).order_by(ApiClient.created_at, ApiClient.id)
    return session.scalars(query if tenant_id is None else query.where(ApiClient.tenant_id == tenant_id)).all()


def active(session: Session, row_id: uuid.UUID) -> ApiClient | None:
    """A client that is not revoked, by its row's id."""
    return session.scalar(sa.select(ApiClient).where(ApiClient.id == row_id, ApiClient.disabled_at.is_(None)))


def revoke(session: Session, client_id: str) -> ApiClient:
    """Disable a client and every token it holds, at once. Revoking twice changes nothing. Raises NotFound."""
    client = session.scalar(sa.select(ApiClient).where(ApiClient.client_id == client_id))
    if client is None:
        raise NotFound(f"There is no client {client_id}. `lqf client list` shows all.")
    if client.disabled_at is None:
        client.disabled_at = now()
        client.token_epoch += 1
    return client


def verify(session: Session, client_id: str, secret: str) -> ApiClient | None:
    """The active client with this id and secret. Either of its two secrets will do, so one can be replaced in use."""
    row_id = parse_public_id("cli", client_id)
    client = active(session, row_id) if row_id else None
    given = _hashed(secret)
    kept = (client.secret_hash, client.other_secret_hash or _NOBODY) if client else (_NOBODY, _NOBODY)
    # both are compared, also for an unknown client, so that the time taken says nothing
    matches = [hmac.compare_digest(given, one) for one in kept]
    return client if any(matches) else None


def _hashed(secret: str) -> str:
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()
