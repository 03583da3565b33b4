"""Single-use links: each works once, for its purpose alone, and not for ever."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from framework.errors import NotAllowed
from framework.store import invites
from framework.store.sessions import Store, now
from framework.store.tables import Invite


def made(store: Store, purpose: str = invites.REGISTER) -> str:
    with store.directory() as session:
        return invites.create(session, purpose, tenant_id=1, at=now())


def test_an_invite_works_once(store: Store) -> None:
    """Red without ``row.used_at = at``."""
    token = made(store)
    with store.directory() as session:
        assert invites.use(session, invites.REGISTER, token, at=now()).tenant_id == 1
    with store.directory() as session, pytest.raises(NotAllowed, match="has been used"):
        invites.use(session, invites.REGISTER, token, at=now())


def test_of_many_at_once_one_succeeds(store: Store) -> None:
    """Red without ``with_for_update()`` on PostgreSQL, and with BEGIN in place of BEGIN IMMEDIATE on SQLite."""
    token = made(store)
    gate, won = threading.Barrier(6), []

    def use() -> None:
        gate.wait()
        try:
            with store.directory() as session:
                invites.use(session, invites.REGISTER, token, at=now())
        except NotAllowed:
            return
        won.append(1)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1


def test_an_old_invite_is_refused(store: Store) -> None:
    """Red without ``row.expires_at <= at``."""
    token = made(store)
    with store.directory() as session, pytest.raises(NotAllowed, match="too old"):
        invites.use(session, invites.REGISTER, token, at=now() + timedelta(days=8))


def test_a_registration_link_opens_no_administrators_page(store: Store) -> None:
    """Red without ``Invite.purpose == purpose``."""
    token = made(store)
    with store.directory() as session, pytest.raises(NotAllowed, match="not known"):
        invites.use(session, invites.ADMINISTER, token, at=now())


def test_the_token_is_not_kept(store: Store) -> None:
    """Red with ``token_hash=token``."""
    token = made(store)
    with store.directory_reading() as session:
        assert token not in session.scalars(sa.select(Invite)).one().token_hash


def test_what_was_not_done_gives_the_invite_back(store: Store) -> None:
    token = made(store)
    with store.directory() as session:
        used = invites.use(session, invites.REGISTER, token, at=now()).id
    with store.directory() as session:
        invites.give_back(session, used)
    with store.directory() as session:
        assert invites.use(session, invites.REGISTER, token, at=now()).id == used
