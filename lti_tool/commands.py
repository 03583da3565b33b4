"""``lqf platform|deployment ...``: connecting LMSs, letting them in, shutting them out; ``lqf course ...``."""

from typing import Any

import click

from framework.errors import Invalid
from framework.settings import Settings
from framework.store import approvals, audits, cohorts, moves, platforms, service_hosts
from framework.store.columns import parse_public_id, public_id
from framework.store.moves import Move
from framework.store.schema import opened
from framework.store.sessions import Store, now
from framework.store.tables import Platform
from lti_tool import families

ACTOR = "command line"
URLS = ("issuer", "auth_url", "token_url", "jwks_url")
NEEDED = (*URLS, "client_id")


def check_url(settings: Settings, name: str, url: str) -> str:
    """A platform's URL as an operator typed it. Raises Invalid: production wants https."""
    if problem := families.url_problem(url, is_development=settings.is_development):
        raise Invalid(f"--{name} {problem}: {url}")
    return url


@click.group()
def platform() -> None:
    """Learning systems (LMSs) that may launch this tool."""


@platform.command("add")
@click.option("--name", required=True, help="What to call it in lists.")
@click.option("--preset", type=click.Choice(list(families.PRESETS)), help="Fill in what is known of this kind of LMS.")
@click.option("--url", default="", help="With --preset: the address of the LMS.")
@click.option("--issuer", help="The LMS's issuer, exactly as it states it.")
@click.option("--client-id", required=True)
@click.option("--auth-url", help="Its authentication request URL.")
@click.option("--token-url", help="Its access token URL.")
@click.option("--jwks-url", help="Its public key set URL.")
@click.option("--deployment-id", multiple=True, help="May be given several times.")
@click.option("--audience", help="Audience of client assertions, where it is not the token URL.")
@click.option("--family", type=click.Choice(families.NAMES))
@click.option("--tenant", "tenant_key", default="default", show_default=True)
def add(tenant_key: str, deployment_id: tuple[str, ...], preset: str | None, url: str, **given: str | None) -> None:
    """Connect an LMS by the values that its administrator sees when registering this tool."""
    facts = {name: value for name, value in given.items() if value}
    with opened() as (settings, store):
        if preset:
            facts = _preset(settings, preset, url, facts["client_id"]) | facts
        if missing := [f"--{name.replace('_', '-')}" for name in NEEDED if name not in facts]:
            raise Invalid(f"Missing: {', '.join(missing)}. --preset fills in what is known of an LMS.")
        for name in URLS:
            check_url(settings, name.replace("_", "-"), facts[name])
        with store.directory() as session:
            tenant = platforms.tenant(session, tenant_key)
            added = platforms.add_platform(session, tenant_id=tenant.id, **facts)
            own = f"/{public_id('plt', added.id)}" if platforms.is_issuer_shared(session, added.issuer) else ""
            for one in deployment_id:
                platforms.add_deployment(session, added, one)
    click.echo(
        f"Connected {facts['name']}."
        + (
            ""
            if deployment_id
            else " No deployment is approved yet: the first launch shows it in `lqf deployment list`."
        )
    )
    click.echo(
        f"Values for the LMS: login URL {settings.base_url}/lti/login{own}, launch and redirect URL "
        f"{settings.base_url}/lti/launch, public keys {settings.base_url}/lti/jwks. The clicks that come after: "
        f"{settings.base_url}/lti/config"
        + (f"?registration={own[1:]} (another connection has the same issuer)" if own else "")
    )


@platform.command("list")
def list_platforms() -> None:
    """Show all connected LMSs."""
    with opened() as (_, store), store.directory_reading() as session:
        for one in platforms.platforms(session):
            named = public_id("plt", one.id)
            click.echo(f"{one.name}\t{one.issuer}\t{one.client_id}\t{one.family}\t{one.state}\t{named}")


@platform.command("approve")
@click.argument("named", metavar="PLATFORM")
def approve_platform(named: str) -> None:
    """Let an LMS in that waits or was disabled. PLATFORM is its name or id."""
    with opened() as (_, store):
        name = _set_platform(store, named, approvals.ACTIVE)
    click.echo(f"{name} may launch this tool.")


@platform.command("disable")
@click.argument("named", metavar="PLATFORM")
def disable_platform(named: str) -> None:
    """Stop an LMS's launches, open visits and grades at once. Nothing is deleted. PLATFORM is its name or id."""
    with opened() as (_, store):
        name = _set_platform(store, named, approvals.DISABLED)
    click.echo(f"{name} is disabled. Grades that wait stay and are sent after `lqf platform approve`.")


@platform.command("allow-host")
@click.argument("named", metavar="PLATFORM")
@click.argument("host")
def allow_host(named: str, host: str) -> None:
    """Let an LMS's services be on one more host (`lqf platform check` names it). PLATFORM is its name or id."""
    with opened() as (_, store):
        with store.directory_reading() as session:
            found = approvals.find_platform(session, named)
        waiting = service_hosts.allow(store, found, host, actor=ACTOR)
    click.echo(f"{found.name} may have services on {host}. {waiting} grades that waited for it are sent now.")


@platform.command("move")
@click.argument("named", metavar="PLATFORM")
@click.option("--preset", type=click.Choice(list(families.PRESETS)), help="With --url: all addresses at once.")
@click.option("--url", default="", help="The new address of the LMS.")
@click.option("--issuer")
@click.option("--client-id")
@click.option("--auth-url")
@click.option("--token-url")
@click.option("--jwks-url")
@click.option("--audience")
@click.option("--deployment", nargs=2, multiple=True, metavar="OLD NEW", help="A deployment's id that has changed.")
@click.option(
    "--services", nargs=2, metavar="OLD NEW", help="How service addresses began and begin (else: the issuer)."
)
@click.option("--apply", "is_meant", is_flag=True, help="Do it; without this only show what would happen.")
def move(
    named: str,
    preset: str | None,
    url: str,
    deployment: tuple[tuple[str, str], ...],
    services: tuple[str, str] | None,
    is_meant: bool,
    **given: str | None,
) -> None:
    """Follow an LMS to a new address or client id; people, evidence and links stay. PLATFORM is its name or id."""
    fields = {name: value for name, value in given.items() if value}
    with opened() as (settings, store):
        with store.directory_reading() as session:
            found = approvals.find_platform(session, named)
        wanted = _move(settings, found, fields, preset, url, services, dict(deployment))
        done = moves.move(store, found, wanted, actor=ACTOR, is_dry_run=not is_meant)
    for name, old, new in done.changes:
        click.echo(f"{name}: {old} -> {new}")
    click.echo(f"{done.rewritten} service addresses {'changed' if is_meant else 'would change'}.")
    click.echo("Kept: " + ", ".join(f"{count} {name}" for name, count in done.kept.items()) + ".")
    click.echo("Moved." if is_meant else "Nothing has been changed: add --apply to do it.")


@click.group()
def deployment() -> None:
    """Parts of an LMS that may launch this tool, by their deployment ids."""


@deployment.command("list")
def list_deployments() -> None:
    """Show all deployments; those that a launch has named and nobody has approved are pending."""
    with opened() as (_, store), store.directory_reading() as session:
        names = {one.id: one.name for one in platforms.platforms(session)}
        tenants = {one.id: one.key for one in platforms.tenants(session)}
        for one in approvals.deployments(session):
            tenant = tenants.get(one.tenant_id, "")
            click.echo(f"{names[one.platform_id]}\t{one.lti_deployment_id}\t{tenant}\t{one.state}")


@deployment.command("approve")
@click.argument("named", metavar="PLATFORM")
@click.argument("deployment_id")
@click.option("--tenant", "tenant_key", help="Whose learners come from there (default: the platform's tenant).")
def approve_deployment(named: str, deployment_id: str, tenant_key: str | None) -> None:
    """Let a deployment in that waits or was disabled. PLATFORM is the platform's name or id."""
    with opened() as (_, store):
        _set_deployment(store, named, deployment_id, approvals.ACTIVE, tenant_key)
    click.echo(f"Deployment {deployment_id} may launch this tool.")


@deployment.command("disable")
@click.argument("named", metavar="PLATFORM")
@click.argument("deployment_id")
def disable_deployment(named: str, deployment_id: str) -> None:
    """Stop a deployment's launches, open visits and grades at once. PLATFORM is the platform's name or id."""
    with opened() as (_, store):
        _set_deployment(store, named, deployment_id, approvals.DISABLED, None)
    click.echo(f"Deployment {deployment_id} is disabled. Grades that wait stay until it is approved again.")


@click.group()
def course() -> None:
    """Courses of the LMSs: who may see whom."""


@course.command("list")
@click.argument("words", default="")
@click.option("--tenant", "tenant_key", default="default", show_default=True)
def list_courses(words: str, tenant_key: str) -> None:
    """List a tenant's courses; WORDS are in the title."""
    with opened() as (_, store):
        with store.directory_reading() as session:
            tenant_id = platforms.tenant(session, tenant_key).id
        with store.reading(tenant_id) as session:
            for row in cohorts.courses(session, words):
                whom = "own sections" if row.is_strict else "everybody"
                click.echo(f"{public_id('crs', row.id)}  {whom:12}  {row.title}")


@course.command("strict")
@click.argument("course_id", metavar="COURSE")
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.option("--tenant", "tenant_key", default="default", show_default=True)
def strict_course(course_id: str, switch: str, tenant_key: str) -> None:
    """Let a course's instructors see the learners of their own sections alone, or everybody. COURSE is its id."""
    found = parse_public_id("crs", course_id)
    if found is None:
        raise Invalid(f"{course_id} is no course. `lqf course list` shows their ids.")
    action = "course.strict" if switch == "on" else "course.open"
    with opened() as (_, store):
        with store.directory_reading() as session:
            tenant_id = platforms.tenant(session, tenant_key).id
        with store.transaction(tenant_id) as session:
            cohorts.set_strict(session, found, is_strict=switch == "on")
            audits.add(session, actor=ACTOR, action=action, subject=str(found), now=now())
    whom = "the learners of their own sections alone" if switch == "on" else "everybody"
    click.echo(f"The course's instructors see {whom}.")


def _preset(settings: Settings, preset: str, url: str, client_id: str) -> dict[str, Any]:
    if url:
        check_url(settings, "url", url)
    return families.preset(preset, url, client_id)


def _move(
    settings: Settings,
    found: Platform,
    fields: dict[str, str],
    preset: str | None,
    url: str,
    services: tuple[str, str] | None,
    deployments: dict[str, str],
) -> Move:
    """The options of ``lqf platform move`` as the store takes them. Raises Invalid."""
    filled: dict[str, Any] = {}
    if preset:
        filled = _preset(settings, preset, url, fields.get("client_id", found.client_id))
        fields = {name: str(filled[name]) for name in moves.FIELDS if name in filled} | fields
        fields.setdefault("audience", fields["token_url"])
    elif "token_url" in fields and found.audience == found.token_url:
        fields.setdefault("audience", fields["token_url"])
    for name in set(URLS) & set(fields):
        check_url(settings, name.replace("_", "-"), fields[name])
    if services is None and fields.get("issuer", found.issuer) != found.issuer:
        services = (found.issuer, fields["issuer"])
    origins = tuple(families.origin(fields[name]) for name in ("issuer", "auth_url") if name in fields)
    framing = (*filled.get("frame_origins", ()), *origins)
    return Move(fields, services, deployments, framing, filled.get("service_hosts", ()))


def _set_platform(store: Store, named: str, state: str) -> str:
    with store.directory_reading() as session:
        found = approvals.find_platform(session, named)
    with store.transaction(found.tenant_id) as session:
        approvals.set_state(session, session.get_one(type(found), found.id), state, actor=ACTOR)
    return found.name


def _set_deployment(store: Store, named: str, deployment_id: str, state: str, tenant_key: str | None) -> None:
    with store.directory_reading() as session:
        found = approvals.find_deployment(session, approvals.find_platform(session, named), deployment_id)
        tenant_id = platforms.tenant(session, tenant_key).id if tenant_key else found.tenant_id
    if tenant_id != found.tenant_id and found.state != approvals.PENDING:
        raise Invalid("People have come from this deployment: it stays with its tenant.")
    with store.transaction(tenant_id) as session:
        row = session.get_one(type(found), found.id)
        row.tenant_id = tenant_id
        approvals.set_state(session, row, state, actor=ACTOR)
