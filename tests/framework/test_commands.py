"""``lqf migrate``, ``lqf key``, ``lqf invite``, ``lqf admin`` as an operator calls them."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import lqf
from framework.settings import Settings
from framework.store import invites
from framework.store.sessions import Store, now
from framework.store.tables import Invite

LINK = re.compile(r"^  (http://localhost:8000/(?:lti/register|admin/enter)\?invite=(\S+))$", re.MULTILINE)


@pytest.fixture
def run(settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``run("key", "list", database=...)``: the output of a command that must succeed."""

    def call(*words: str, database: str | None = None) -> str:
        made = settings(**({"database_url": database} if database else {}))
        for name in ("env", "base_url", "database_url", "redis_url"):
            monkeypatch.setenv(f"LQF_{name.upper()}", str(getattr(made, name)))
        monkeypatch.setenv("LQF_SECRET_KEY", made.secret_key.get_secret_value())
        result = CliRunner().invoke(lqf.commands, list(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return call


def test_the_first_migrate_prints_both_links_and_no_later_one_does(
    run: Callable[..., str], empty_database: str
) -> None:
    """Red without ``if before is None``."""
    shown = LINK.findall(run("migrate", database=empty_database))
    assert len(shown) == 2
    store = Store(empty_database)
    with store.directory() as session:
        assert invites.use(session, invites.REGISTER, shown[0][1], at=now()).approves
        assert invites.use(session, invites.ADMINISTER, shown[1][1], at=now()).tenant_id == 0
    store.close()
    assert LINK.findall(run("migrate", database=empty_database)) == []


def test_a_key_is_published_a_day_before_it_signs(run: Callable[..., str], empty_database: str) -> None:
    run("migrate", database=empty_database)
    assert "Published" in run("key", "rotate", database=empty_database)
    again = run("key", "rotate", database=empty_database)
    assert "can be used from" in again and "Published" not in again
    states = [line.split("\t")[2] for line in run("key", "list", database=empty_database).splitlines()]
    assert sorted(states) == ["active", "next"]
    assert "Now signing with" in run("key", "rotate", "--now", database=empty_database)
    listed = run("key", "list", database=empty_database)
    assert sorted(line.split("\t")[2] for line in listed.splitlines()) == ["active", "retired"]
    assert "PRIVATE" not in listed and "gAAAA" not in listed, "LTI-59: no private key is shown, sealed or not"


def test_an_invite_may_leave_the_approval_to_an_operator(run: Callable[..., str], store: Store) -> None:
    run("invite", "create")
    run("invite", "create", "--pending")
    with store.directory_reading() as session:
        rows = session.scalars(sa.select(Invite).order_by(Invite.created_at)).all()
    assert [(row.tenant_id, row.purpose, row.approves) for row in rows] == [
        (1, "register", True),
        (1, "register", False),
    ]


def test_an_administrator_link_for_one_customer(run: Callable[..., str], store: Store) -> None:
    assert len(LINK.findall(run("admin", "link", "--tenant", "default"))) == 1
    with store.directory_reading() as session:
        assert session.scalars(sa.select(Invite)).one().tenant_id == 1
