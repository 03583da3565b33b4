"""``lqf platform ...``: connecting LMSs."""

from urllib.parse import urlsplit

import click

from framework.errors import Invalid
from framework.settings import Settings
from framework.store import platforms, schema
from framework.store.sessions import Store


def _store() -> tuple[Settings, Store]:
    settings = Settings.from_env()
    store = Store(settings.database)
    schema.check(store)
    return settings, store


def check_url(settings: Settings, name: str, url: str) -> str:
    """A platform's URL as an operator typed it. Raises Invalid: production wants https."""
    parts = urlsplit(url)
    wanted = ("http", "https") if settings.is_development else ("https",)
    if parts.scheme not in wanted or not parts.hostname or parts.fragment or parts.username:
        raise Invalid(f"--{name} must be a URL that begins with {' or '.join(f'{one}://' for one in wanted)}: {url}")
    return url


@click.group()
def platform() -> None:
    """Learning systems (LMSs) that may launch this tool."""


@platform.command("add")
@click.option("--name", required=True, help="What to call it in lists.")
@click.option("--issuer", required=True, help="The LMS's issuer, exactly as it states it.")
@click.option("--client-id", required=True)
@click.option("--auth-url", required=True, help="Its authentication request URL.")
@click.option("--token-url", required=True, help="Its access token URL.")
@click.option("--jwks-url", required=True, help="Its public key set URL.")
@click.option("--deployment-id", multiple=True, help="May be given several times.")
@click.option("--audience", help="Audience of client assertions, where it is not the token URL.")
@click.option(
    "--family", default="other", type=click.Choice(["moodle", "canvas", "brightspace", "blackboard", "other"])
)
@click.option("--tenant", "tenant_key", default="default", show_default=True)
def add(tenant_key: str, deployment_id: tuple[str, ...], **facts: str) -> None:
    """Connect an LMS by the values that its administrator sees when registering this tool."""
    settings, store = _store()
    for name in ("auth_url", "token_url", "jwks_url", "issuer"):
        check_url(settings, name.replace("_", "-"), facts[name])
    with store.directory() as session:
        tenant = platforms.tenant(session, tenant_key)
        added = platforms.add_platform(session, tenant_id=tenant.id, **facts)
        for one in deployment_id:
            platforms.add_deployment(session, added, one)
    click.echo(f"Connected {facts['name']}." + ("" if deployment_id else " No deployment is approved yet."))
    click.echo(
        f"Values for the LMS: login URL {settings.base_url}/lti/login, launch and redirect URL "
        f"{settings.base_url}/lti/launch, public keys {settings.base_url}/lti/jwks"
    )


@platform.command("list")
def list_platforms() -> None:
    """Show all connected LMSs."""
    _, store = _store()
    with store.directory_reading() as session:
        for one in platforms.platforms(session):
            click.echo(f"{one.name}\t{one.issuer}\t{one.client_id}\t{one.family}\t{one.state}")
