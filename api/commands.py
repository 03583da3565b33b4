"""``lqf client``: the programs that may use the API."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError

from api.scopes import SCOPES
from framework.errors import ToolError
from framework.settings import Settings, SettingsError
from framework.store import clients, platforms, schema
from framework.store.sessions import Store


@contextmanager
def _store() -> Iterator[Store]:
    """The store of the settings, at this code's schema. Whatever is wrong becomes one line."""
    try:
        store = Store(Settings.from_env().database)
        try:
            schema.check(store)
            yield store
        finally:
            store.close()
    except (SettingsError, ToolError) as error:
        raise click.ClickException(str(error)) from None
    except OperationalError as error:
        raise click.ClickException(f"The database cannot be used: {str(error.orig).splitlines()[0]}") from None


@click.group()
def client() -> None:
    """Programs that read this tool's API."""


@client.command("create")
@click.option("--tenant", required=True, help="Key of the tenant whose data the program may read.")
@click.option("--name", required=True, help="What the program is, for people who read the list.")
@click.option(
    "--scope", "scopes", required=True, multiple=True, type=click.Choice(sorted(SCOPES)), help="May be repeated."
)
def create(tenant: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a client. Its secret is shown once and kept nowhere."""
    with _store() as store, store.directory() as session:
        made = clients.create(session, platforms.tenant(session, tenant).id, name, scopes)
        session.flush()
    click.echo(f"client_id     {made.client.client_id}")
    click.echo(f"client_secret {made.secret}")
    click.echo("Keep the secret now: it is not shown again. A token comes from /api/oauth/token.")


@client.command("list")
@click.option("--tenant", help="Key of one tenant; all tenants when left out.")
def list_(tenant: str | None) -> None:
    """Show all clients, never their secrets."""
    with _store() as store, store.directory_reading() as session:
        keys = {one.id: one.key for one in platforms.tenants(session)}
        chosen = platforms.tenant(session, tenant).id if tenant else None
        rows = clients.clients(session, chosen)
    for row in rows:
        state = f"revoked {row.disabled_at:%Y-%m-%d %H:%M}" if row.disabled_at else "active"
        click.echo(f"{row.client_id}  {keys.get(row.tenant_id, row.tenant_id)}  {state}  {row.name}")
        click.echo(f"    {' '.join(row.scopes)}")
    if not rows:
        click.echo("There are no clients. `lqf client create` makes one.")


@client.command("revoke")
@click.argument("client_id")
def revoke(client_id: str) -> None:
    """Disable a client. Tokens it holds stop working at once."""
    with _store() as store, store.directory() as session:
        row = clients.revoke(session, client_id)
    click.echo(f"{row.client_id} ({row.name}) is revoked. Its tokens have stopped working.")
