"""``lqf migrate``, ``lqf content ...``, ``lqf tenant ...``."""

from pathlib import Path

import click

from framework import authoring
from framework.settings import Settings
from framework.store import editions, platforms, schema, tool_keys
from framework.store.sessions import Store, now


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema; make the first tenant and signing key on an empty one."""
    settings = Settings.from_env()
    store = Store(settings.database)
    before, after = schema.migrate(store)
    with store.directory() as session:
        platforms.ensure_tenants(session)
        tool_keys.ensure(session, settings.secret_key.get_secret_value())
    click.echo(
        f"The database is at revision {after}" + (" already." if before == after else f" (was {before or 'empty'}).")
    )


@click.group()
def content() -> None:
    """Check and publish content."""


_folder = click.argument(
    "folder",
    default=authoring.CONTENT,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="[FOLDER]",
)


@content.command("check")
@_folder
def check_content(folder: Path) -> None:
    """Look for mistakes in a content folder: file, line, rule. Exit code 1 if there are any."""
    _require_clean(folder)
    click.echo("No mistakes found.")


@content.command("publish")
@_folder
@click.option("--tenant", "tenant_key", help="Publish for this tenant only (default: all).")
def publish(folder: Path, tenant_key: str | None) -> None:
    """Freeze a content folder as the next edition of its framework."""
    _require_clean(folder)
    store = Store(Settings.from_env().database)
    schema.check(store)
    document = authoring.document(folder)
    with store.directory_reading() as session:
        chosen = [platforms.tenant(session, tenant_key)] if tenant_key else platforms.tenants(session)
    for tenant in chosen:
        with store.transaction(tenant.id) as session:
            number, is_new = editions.publish(session, document, now=now())
        click.echo(f"{tenant.key}: edition {number} {'published' if is_new else 'is this content already'}.")


def _require_clean(folder: Path) -> None:
    """Print what is wrong in a folder; stop unless it is only worth a warning."""
    findings = authoring.check(folder)
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
    store = Store(Settings.from_env().database)
    with store.directory() as session:
        platforms.add_tenant(session, key, name)
    click.echo(f"Added {key}. Next: lqf content publish --tenant {key}")


@tenant.command("list")
def list_tenants() -> None:
    """Show all customers."""
    store = Store(Settings.from_env().database)
    with store.directory_reading() as session:
        for one in platforms.tenants(session):
            click.echo(f"{one.key}\t{one.name}")
