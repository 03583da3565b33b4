"""Rotation of the signing key: whatever step was the last, what is signed can be verified with the published set."""

from datetime import timedelta

import jwt
import pytest
import sqlalchemy as sa

from framework.errors import Unavailable
from framework.store import tool_keys
from framework.store.sessions import Store, now
from framework.store.tables import ToolKey

SECRET = "a secret that only tests know, long enough"
HOUR = timedelta(hours=1)


@pytest.fixture
def first(store: Store) -> str:
    """The kid of the first key."""
    with store.directory() as session:
        tool_keys.ensure(session, SECRET)
        return session.scalars(sa.select(ToolKey)).one().kid


def signed(store: Store) -> str:
    with store.directory_reading() as session:
        key = tool_keys.signing_key(session, SECRET)
    return jwt.encode({"sub": "x"}, key.private_key, algorithm="RS256", headers={"kid": key.kid})


def published(store: Store) -> dict[str, jwt.PyJWK]:
    with store.directory_reading() as session:
        return {one["kid"]: jwt.PyJWK(one) for one in tool_keys.jwk_set(session)["keys"]}


def verifies(token: str, keys: dict[str, jwt.PyJWK]) -> bool:
    jwt.decode(token, keys[jwt.get_unverified_header(token)["kid"]].key, algorithms=["RS256"])
    return True


@pytest.mark.lti("LTI-58")
def test_every_stage_signs_what_the_published_keys_verify(store: Store, first: str) -> None:
    """LTI-58. Red without ``waiting.state, waiting.activated_at = ACTIVE, at`` and without the flush of the next key.

    An LMS that has kept the key set of a day ago, and one that meets an old signature, both verify at every stage.
    """
    at = now()
    before = published(store)
    old = signed(store)

    with store.directory() as session:
        done = tool_keys.rotate(session, SECRET, at=at)
    assert done.published and not done.activated and done.usable_from
    assert set(published(store)) == {first, done.published}
    assert verifies(signed(store), before), "a kept key set verifies while the next key is only published"

    kept = published(store)
    with store.directory() as session:
        early = tool_keys.rotate(session, SECRET, at=at + 23 * HOUR)
    assert early.activated is None and early.published is None, "not before LMSs have seen the next key"

    with store.directory() as session:
        switched = tool_keys.rotate(session, SECRET, at=at + 25 * HOUR)
    assert (switched.activated, switched.retired) == (done.published, first)
    new = signed(store)
    assert jwt.get_unverified_header(new)["kid"] == done.published
    assert verifies(new, kept), "a key set kept since the next key was published verifies the new key"
    assert verifies(old, published(store)), "what the retired key signed still verifies"

    with store.directory() as session:
        last = tool_keys.rotate(session, SECRET, at=at + 50 * HOUR)
    assert last.removed == (first,)
    assert first not in published(store)
    assert verifies(signed(store), published(store))


@pytest.mark.lti("LTI-57")
def test_a_retired_key_stays_published_for_a_day(store: Store, first: str) -> None:
    """LTI-57. Red without ``at - row.retired_at > AFTER``."""
    at = now()
    with store.directory() as session:
        assert tool_keys.rotate(session, SECRET, at=at, ahead=timedelta()).retired == first
    with store.directory() as session:
        tool_keys.rotate(session, SECRET, at=at + 23 * HOUR)
    assert first in published(store)


@pytest.mark.lti("LTI-57", "LTI-59")
def test_the_set_holds_public_keys_alone(store: Store, first: str) -> None:
    """LTI-57, LTI-59. Red with ``json.loads(to_jwk(private))`` as the public half."""
    with store.directory() as session:
        tool_keys.rotate(session, SECRET, at=now())
    with store.directory_reading() as session:
        shown = tool_keys.jwk_set(session)["keys"]
        rows = tool_keys.keys(session)
    assert len(shown) == 2
    for one in shown:
        assert set(one) == {"kty", "n", "e", "kid", "alg", "use"}
        assert (one["alg"], one["use"]) == ("RS256", "sig")
    assert not any("PRIVATE" in row.sealed_private_key for row in rows), "sealed at rest"


@pytest.mark.lti("LTI-59")
def test_the_wrong_secret_opens_no_key(store: Store, first: str) -> None:
    """LTI-59. Red with a sealing key that does not come from LQF_SECRET_KEY."""
    with store.directory_reading() as session, pytest.raises(Unavailable, match="LQF_SECRET_KEY"):
        tool_keys.signing_key(session, "another secret, which is long enough too")


def test_there_is_exactly_one_active_key_at_every_stage(store: Store, first: str) -> None:
    """Red without ``active.state, active.retired_at = RETIRED, at``."""
    at = now()
    for step in range(5):
        with store.directory() as session:
            tool_keys.rotate(session, SECRET, at=at + step * 25 * HOUR)
        with store.directory_reading() as session:
            states = [row.state for row in tool_keys.keys(session)]
        assert states.count(tool_keys.ACTIVE) == 1, states
        assert len(states) <= 3, states


def test_rotating_without_a_key_says_what_to_do(store: Store) -> None:
    with store.directory() as session, pytest.raises(Unavailable, match="lqf migrate"):
        tool_keys.rotate(session, SECRET, at=now())
