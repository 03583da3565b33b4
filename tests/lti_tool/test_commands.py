"""``lqf platform`` and ``lqf deployment`` as an operator calls them."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import lqf
from framework.errors import ToolError
from framework.settings import Settings
from framework.store import service_hosts
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import (
    Audit,
    Context,
    Deployment,
    Evidence,
    GradePush,
    Identity,
    LineItem,
    Membership,
    Person,
    Platform,
    ResourceLink,
)
from lti_tool import families
from tests import builders

MOODLE = ("--preset", "moodle", "--url", "https://lms.example.org", "--client-id", "7")
Run = Callable[..., str]


@pytest.fixture
def run(settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("platform", "list")``: the output; a refusal is its sentence."""
    made = settings()
    for name in ("env", "base_url", "database_url", "redis_url"):
        monkeypatch.setenv(f"LQF_{name.upper()}", str(getattr(made, name)))
    monkeypatch.setenv("LQF_SECRET_KEY", made.secret_key.get_secret_value())

    def call(*words: str) -> str:
        result = CliRunner().invoke(lqf.commands, list(words))
        if isinstance(result.exception, ToolError):
            return f"refused: {result.exception}"
        assert result.exit_code == 0, result.output
        return result.output

    return call


def one(store: Store) -> Platform:
    with store.directory_reading() as session:
        return session.scalars(sa.select(Platform)).one()


@pytest.mark.lti("LTI-80")
def test_a_preset_fills_in_what_is_known(run: Run, store: Store) -> None:
    """Red without ``_preset(...) | facts``."""
    said = run("platform", "add", "--name", "Trust", *MOODLE, "--deployment-id", "1")
    assert "Connected Trust." in said and "/lti/config" in said
    row = one(store)
    assert (row.issuer, row.family) == ("https://lms.example.org", "moodle")
    assert row.jwks_url == "https://lms.example.org/mod/lti/certs.php"
    assert row.audience == row.token_url
    d2l = families.preset("brightspace", "https://d2l.example.org", "7")
    assert d2l["audience"] == "https://api.brightspace.com/auth/token"
    assert "https://lms.example.org" in row.frame_origins


def test_what_is_missing_is_named(run: Run) -> None:
    said = run("platform", "add", "--name", "x", "--client-id", "7", "--issuer", "https://lms.example.org")
    assert said.startswith("refused: Missing: --auth-url, --token-url, --jwks-url.")
    assert "needs --url" in run("platform", "add", "--name", "x", "--preset", "moodle", "--client-id", "7")
    assert "--url must be a URL" in run("platform", "add", "--name", "x", *MOODLE[:2], "--url", "ftp://x", *MOODLE[4:])


def test_disabled_and_approved_by_name(run: Run, store: Store) -> None:
    run("platform", "add", "--name", "Trust", *MOODLE, "--deployment-id", "1")
    run("platform", "disable", "Trust")
    assert one(store).state == "disabled" and "\tdisabled\t" in run("platform", "list")
    run("platform", "approve", run("platform", "list").strip().split("\t")[-1])
    assert one(store).state == "active"
    assert "lqf platform list" in run("platform", "approve", "Trost")


def test_a_deployment_goes_to_its_tenant_while_nobody_has_come_from_it(run: Run, store: Store) -> None:
    """Red without ``found.state != approvals.PENDING``."""
    run("platform", "add", "--name", "Trust", *MOODLE)
    run("tenant", "add", "other", "--name", "Other")
    with store.directory() as session:
        session.add(
            Deployment(
                platform_id=session.scalars(sa.select(Platform.id)).one(),
                lti_deployment_id="9",
                tenant_id=1,
                state="pending",
                created_at=one(store).created_at,
            )
        )
    assert run("deployment", "list") == "Trust\t9\tdefault\tpending\n"
    run("deployment", "approve", "Trust", "9", "--tenant", "other")
    assert run("deployment", "list") == "Trust\t9\tother\tactive\n"
    assert "stays with its tenant" in run("deployment", "approve", "Trust", "9", "--tenant", "default")
    run("deployment", "disable", "Trust", "9")
    assert run("deployment", "list") == "Trust\t9\tother\tdisabled\n"
    assert "no deployment 8" in run("deployment", "disable", "Trust", "8")


def test_a_move_shows_first_and_is_done_when_it_is_meant(run: Run, store: Store) -> None:
    """Red without ``is_dry_run=not is_meant``."""
    run("platform", "add", "--name", "Trust", *MOODLE, "--deployment-id", "1")
    words = ("platform", "move", "Trust", "--preset", "moodle", "--url", "https://new.example.org")
    said = run(*words)
    assert "issuer: https://lms.example.org -> https://new.example.org" in said and "Nothing has been changed" in said
    assert one(store).issuer == "https://lms.example.org"
    assert "Moved." in run(*words, "--apply")
    row = one(store)
    assert (row.issuer, row.client_id) == ("https://new.example.org", "7")
    assert row.audience == row.token_url == "https://new.example.org/mod/lti/token.php"
    assert "https://new.example.org" in row.frame_origins
    assert "nothing to move" in run(*words, "--apply")


@pytest.mark.lti("LTI-64")
def test_a_move_keeps_people_evidence_and_links_and_forgets_the_old_keys(run: Run, store: Store) -> None:
    """Red without ``row.jwks, row.jwks_at``, without ``_rewrite``, and with a transaction in the dry run."""
    old, new = "https://old.example.org", "https://new.example.org"
    placed = builders.placement(store, root=old)
    with store.directory() as session:
        row = session.get_one(Platform, placed.platform.id)
        row.jwks, row.jwks_at, row.paused_until = {"keys": []}, now(), now()
    with store.transaction(1) as session:
        session.get_one(Context, (1, placed.context.id)).memberships_url = f"{old}/members?x=1"
        done = builders.attempt(
            session, builders.progress(session, placed.link, placed.identity), builders.edition(session)
        )
        session.add(
            Evidence(
                person_id=placed.person.id,
                framework_key="leadership-qualities",
                feature_key="self-belief.1",
                kind="studied",
                attempt_id=done.id,
                context_id=placed.context.id,
                at=now(),
            )
        )
    kept = everything(store)
    words = ("platform", "move", placed.platform.name, "--issuer", new, "--jwks-url", f"{new}/jwks")
    assert "would change" in run(*words)
    assert everything(store) == kept and one(store).jwks is not None, "the dry run changes nothing"
    run(*words, "--apply")
    row = one(store)
    assert (row.jwks, row.jwks_at, row.paused_until) == (None, None, None)
    assert row.jwks_url == f"{new}/jwks" and service_hosts.is_allowed(row, f"{new}/grades")
    with store.reading(1) as session:
        assert session.get_one(Context, (1, placed.context.id)).memberships_url == f"{new}/members?x=1"
    assert everything(store) == kept, "people, evidence, links and grades stay as they were"


def everything(store: Store) -> dict[str, list[uuid.UUID]]:
    """The ids of what a move must keep."""
    with store.reading(1) as session:
        return {
            table.__name__: sorted(session.scalars(sa.select(table.id)))
            for table in (Person, Identity, Membership, Context, ResourceLink, LineItem, Evidence)
        }


def test_a_host_is_allowed_and_grades_that_waited_for_it_are_due(run: Run, store: Store) -> None:
    """Red without ``_send_again``; the other grade: without ``GradePush.error_class == REFUSED``."""
    placed = builders.placement(store)
    with store.transaction(1) as session:
        other = builders.identity(session, placed.person, placed.platform, sub="another")
        waits = builders.grade_push(session, placed.line_item, placed.identity)
        stays = builders.grade_push(session, placed.line_item, other)
        waits.state, waits.error_class = "parked", service_hosts.REFUSED
        stays.state, stays.error_class = "parked", "not_enrolled"
    assert "1 grades" in run("platform", "allow-host", placed.platform.name, "Grades.Example.net")
    assert one(store).service_hosts == ["grades.example.net"]
    with store.reading(1) as session:
        states = {row.id: row.state for row in session.scalars(sa.select(GradePush))}
    assert states == {waits.id: "due", stays.id: "parked"}
    for bad in ("https://grades.example.net", "a/b", "", "*.example.net", "x" * 300):
        assert run("platform", "allow-host", placed.platform.name, bad).startswith("refused:"), bad


def test_the_guide_names_only_commands_and_options_that_exist() -> None:
    """docs/connecting-an-lms.md: red when a command or an option in it is renamed."""
    text = (Path(__file__).parents[2] / "docs" / "connecting-an-lms.md").read_text()
    named = re.findall(r"\blqf ([a-z]+) ([a-z-]+)([^\n`#]*)", text)
    assert len(named) > 10
    for group, name, rest in named:
        found = lqf.commands.get_command(click.Context(lqf.commands), group)
        assert isinstance(found, click.Group), group
        command = found.get_command(click.Context(found), name)
        assert command is not None, f"lqf {group} {name}"
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"lqf {group} {name}{rest}"


def test_every_command_has_a_help(run: Run) -> None:
    for name in lqf.COMMANDS:
        if " " not in name:
            command = lqf.commands.get_command(click.Context(lqf.commands), name)
            assert command is not None and command.help


def test_a_course_is_made_strict_and_opened_again(run: Run, store: Store) -> None:
    placed = builders.placement(store)
    line = run("course", "list", placed.context.title.upper())
    course_id = line.split()[0]
    assert "everybody" in line
    assert "own sections alone" in run("course", "strict", course_id, "on")
    assert "own sections" in run("course", "list")
    assert run("course", "list", "no such title") == ""
    with store.reading(1) as session:
        assert session.get_one(Context, (1, placed.context.id)).is_strict
    assert "everybody" in run("course", "strict", course_id, "off")
    assert run("course", "strict", "crs_x", "on").startswith("refused: crs_x is no course.")
    unknown = public_id("crs", placed.link.id)
    assert run("course", "strict", unknown, "on") == "refused: There is no such course."
    with store.reading(1) as session:
        assert not session.get_one(Context, (1, placed.context.id)).is_strict
        done = session.execute(sa.select(Audit.actor, Audit.action).where(Audit.action.like("course.%"))).all()
    assert {tuple(row) for row in done} == {("command line", "course.strict"), ("command line", "course.open")}
