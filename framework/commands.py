"""``lqf migrate``, ``lqf content|tenant|key|invite|admin ...``."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click

from framework import authoring, remarking
from framework.authoring.comparison import compare
from framework.settings import Settings
from framework.store import editions, invites, platforms, schema, tool_keys
from framework.store.columns import public_id
from framework.store.schema import opened
from framework.store.sessions import INSTALLATION, Store, now


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema; make the first tenant and signing key on an empty one."""
    settings = Settings.from_env()
    with closing(Store(settings.database)) as store:
        before, after = schema.migrate(store)
        with store.directory() as session:
            platforms.ensure_tenants(session)
            tool_keys.ensure(session, settings.secret_key.get_secret_value())
        was = " already." if before == after else f" (was {before or 'empty'})."
        click.echo(f"The database is at revision {after}{was}")
        if before is None:
            _show_link(settings, store, invites.REGISTER, tenant_id=1, approves=True)
            _show_link(settings, store, invites.ADMINISTER, tenant_id=INSTALLATION)


def _show_link(settings: Settings, store: Store, purpose: str, *, tenant_id: int, approves: bool = False) -> None:
    """Make a single-use link and print it, with what it is for and how long it works."""
    with store.directory() as session:
        token = invites.create(session, purpose, tenant_id=tenant_id, at=now(), approves=approves)
    what = "Administrator's pages" if purpose == invites.ADMINISTER else "To connect an LMS, paste this there"
    hours = int(invites.LIFETIMES[purpose].total_seconds() // 3600)
    until = f"{hours // 24} days" if hours > 24 else f"{hours} hours"
    click.echo(f"{what} (works once, within {until}):\n  {invites.link(settings.base_url, purpose, token)}")


@click.group()
def content() -> None:
    """Check, compare, publish and export content."""


_folder = click.argument(
    "folder",
    default=authoring.CONTENT,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="[FOLDER]",
)


_base = click.option(
    "--base",
    default=authoring.CONTENT,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The content folder that a subset.yaml is laid over (default: the content of this version).",
)
_tenant = click.option("--tenant", "tenant_key", default="default", show_default=True, help="Whose edition.")


@content.command("check")
@_folder
@_base
def check_content(folder: Path, base: Path) -> None:
    """Look for mistakes in a content folder: file, line, rule. Exit code 1 if there are any."""
    _require_clean(folder, base)
    click.echo("No mistakes found.")


@content.command("diff")
@_folder
@_base
@_tenant
@click.option("--edition", type=int, help="Compare with this edition (default: the newest).")
def diff(folder: Path, base: Path, tenant_key: str, edition: int | None) -> None:
    """Show what publishing a content folder would change: keys and rules first, then ids, then texts."""
    _require_clean(folder, base)
    after = authoring.document(folder, base)
    with opened() as (_, store):
        with store.directory_reading() as session:
            tenant_id = platforms.tenant(session, tenant_key).id
        with store.reading(tenant_id) as session:
            number, before = editions.document(session, after["framework"]["id"], edition)
    differences = compare(before, after)
    for one in differences:
        click.echo(str(one))
    keys = sum(one.kind == "key" for one in differences)
    click.echo(f"{len(differences)} differences to edition {number}, {keys} of them in what answers are worth.")
    if keys:
        click.echo("Attempts stay on the edition they began with.")


@content.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_tenant
@click.option("--framework", "framework_key", help="Which framework, where the tenant has several.")
@click.option("--edition", type=int, help="Which edition (default: the newest).")
def export(folder: Path, tenant_key: str, framework_key: str | None, edition: int | None) -> None:
    """Write an edition as a content folder, which can be changed, checked and published; texts.yaml lists all texts."""
    with opened() as (_, store):
        with store.directory_reading() as session:
            tenant_id = platforms.tenant(session, tenant_key).id
        with store.reading(tenant_id) as session:
            number, document = editions.document(session, framework_key, edition)
    files = authoring.write(document, folder)
    click.echo(f"Edition {number} is in {folder}: {files} files.")


@content.command("remark")
@_tenant
@click.option("--framework", "framework_key", help="Which framework, where the tenant has several.")
@click.option("--upwards", is_flag=True, help="Only attempts that gain points.")
@click.option("--apply", "applies", is_flag=True, help="Do it (without this: show what would change).")
@click.option("--reason", default="", help="What learners read beside their result.")
def remark(tenant_key: str, framework_key: str | None, upwards: bool, applies: bool, reason: str) -> None:
    """Mark finished attempts again by the newest edition's keys, after a key was wrong. Shows a preview first."""
    with opened() as (_, store):
        with store.directory_reading() as session:
            tenant_id = platforms.tenant(session, tenant_key).id
        with store.transaction(tenant_id) if applies else store.reading(tenant_id) as session:
            _, catalogue = editions.current(session, framework_key)
            key = catalogue.framework_key
            if applies:
                changes, _ = remarking.apply(session, key, only_upwards=upwards, reason=reason, now=now())
            else:
                changes = remarking.preview(session, key, only_upwards=upwards)
            for one in changes:
                person, key = public_id("prs", one.of.progress.person_id), one.of.progress.activity_key
                click.echo(f"{person} {key}: {one.before:g} -> {one.points:g} of {one.of.attempt.maximum:g}")
    counting = sum(one.counts for one in changes)
    done = "were marked again" if applies else "would be marked again; add --apply and --reason to do it"
    click.echo(f"{len(changes)} attempts {done}. {counting} of them in present runs, whose grades go out again.")
    click.echo("No badge changes: checks decide none.")


@content.command("publish")
@_folder
@_base
@click.option("--tenant", "tenant_key", help="Publish for this tenant only (default: all).")
def publish(folder: Path, base: Path, tenant_key: str | None) -> None:
    """Freeze a content folder as the next edition of its framework."""
    _require_clean(folder, base)
    document = authoring.document(folder, base)
    with opened() as (_, store):
        with store.directory_reading() as session:
            chosen = [platforms.tenant(session, tenant_key)] if tenant_key else platforms.tenants(session)
        for tenant in chosen:
            with store.transaction(tenant.id) as session:
                number, is_new = editions.publish(session, document, now=now())
            click.echo(f"{tenant.key}: edition {number} {'published' if is_new else 'is this content already'}.")


def _require_clean(folder: Path, base: Path) -> None:
    """Print what is wrong in a folder; stop unless it is only worth a warning."""
    findings = authoring.check(folder, base)
    for finding in findings:
        click.echo(str(finding), err=True)
    mistakes = sum(not finding.is_warning for finding in findings)
    if mistakes:
        click.echo(f"{mistakes} mistakes; nothing was published.", err=True)
        raise SystemExit(1)


@click.group()
def tenant() -> None:
    """Customers of this installation."""


@tenant.command("add")
@click.argument("key")
@click.option("--name", required=True)
def add_tenant(key: str, name: str) -> None:
    """Add a customer; publish content for it afterwards."""
    with opened() as (_, store), store.directory() as session:
        platforms.add_tenant(session, key, name)
    click.echo(f"Added {key}. Next: lqf content publish --tenant {key}")


@tenant.command("list")
def list_tenants() -> None:
    """Show all customers."""
    with opened() as (_, store), store.directory_reading() as session:
        for one in platforms.tenants(session):
            click.echo(f"{one.key}\t{one.name}")


@click.group()
def key() -> None:
    """This tool's signing keys."""


@key.command("rotate")
@click.option("--now", "at_once", is_flag=True, help="Do not wait until LMSs have seen the next key.")
def rotate_key(at_once: bool) -> None:
    """Take the next step: publish a next key; a day later, use it. Retired keys leave after a day more."""
    ahead = timedelta() if at_once else tool_keys.AHEAD
    with opened() as (settings, store), store.directory() as session:
        done = tool_keys.rotate(session, settings.secret_key.get_secret_value(), at=now(), ahead=ahead)
    for words, kid in (("Published", done.published), ("Now signing with", done.activated), ("Retired", done.retired)):
        if kid:
            click.echo(f"{words} {kid}.")
    for kid in done.removed:
        click.echo(f"No longer published: {kid}.")
    if done.usable_from:
        click.echo(f"The next key can be used from {done.usable_from:%d %B %Y %H:%M} UTC. Run `lqf key rotate` then.")
    else:
        click.echo("The retired key stays published for a day. Run `lqf key rotate` after that for the next rotation.")


@key.command("list")
def list_keys() -> None:
    """Show all signing keys: what each is for, its state and since when."""
    with opened() as (_, store), store.directory_reading() as session:
        for one in tool_keys.keys(session):
            since = one.retired_at or one.activated_at or one.created_at
            click.echo(f"{one.kid}\t{one.purpose}\t{one.state}\tsince {since:%Y-%m-%d %H:%M} UTC")


@click.group()
def invite() -> None:
    """Registration links for administrators of LMSs."""


@invite.command("create")
@click.option("--tenant", "tenant_key", default="default", show_default=True, help="Whose learners will come.")
@click.option("--pending", is_flag=True, help="The LMS waits for `lqf platform approve` after registering.")
def create_invite(tenant_key: str, pending: bool) -> None:
    """Print a link that connects one LMS by dynamic registration."""
    with opened() as (settings, store):
        with store.directory_reading() as session:
            tenant_id = platforms.tenant(session, tenant_key).id
        _show_link(settings, store, invites.REGISTER, tenant_id=tenant_id, approves=not pending)


@click.group()
def admin() -> None:
    """The administrator's pages."""


@admin.command("link")
@click.option("--tenant", "tenant_key", help="Show this customer's connections alone (default: all).")
def admin_link(tenant_key: str | None) -> None:
    """Print a link that opens the administrator's pages in one browser."""
    with opened() as (settings, store):
        tenant_id = INSTALLATION
        if tenant_key:
            with store.directory_reading() as session:
                tenant_id = platforms.tenant(session, tenant_key).id
        _show_link(settings, store, invites.ADMINISTER, tenant_id=tenant_id)
