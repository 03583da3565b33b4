"""``lqf doctor``: one line for each thing that an installation needs. Exit code 1 when one of them does not work."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click
import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from framework.errors import Unavailable
from framework.settings import Settings, SettingsError
from framework.store import platforms, schema, tasks, tool_keys
from framework.store.sessions import INSTALLATION, Store, now
from framework.store.tables import Edition, GradePush, Platform, Task, Tenant
from workers.enqueue import QUEUE
from workers.outgoing import Outgoing, OutgoingError, Refused
from workers.self_check import Finding, failed, ok, warning

LEAST_REDIS = (6, 2)
WORKER_SECONDS = 120  # a living worker shows itself several times in this
SWEEP_SECONDS = 60
LATE = timedelta(minutes=5)  # due for longer: nobody works on it
CLOCK_SECONDS = 5
ADDRESS_SECONDS = 5.0

Line = tuple[str, Finding]


@click.command()
def doctor() -> None:
    """Look whether this installation has all that it needs; each line that is not ok says what to do."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        _say("Settings", failed(f"{error} docs/operating.md lists all settings."))
        raise SystemExit(1) from None
    is_well = True
    for name, finding in examine(settings):
        _say(name, finding)
        is_well = is_well and finding["result"] != "failed"
    if not is_well:
        raise SystemExit(1)


def _say(name: str, finding: Finding) -> None:
    click.echo(f"{finding['result']:8} {name}: {finding['said']}")


def examine(settings: Settings) -> Iterator[Line]:
    """Every line, as soon as it is known."""
    yield "Settings", ok(f"{settings.env}.")
    yield "Address", _address(settings)
    redis = Redis.from_url(settings.redis, retry=None, socket_connect_timeout=1, socket_timeout=2)
    store = Store(settings.database)
    try:
        yield from _redis(redis)
        has_database, finding = _database(store)
        yield "Database", finding
        if has_database:
            yield from _rows(settings, store)
            yield "Clock", _clock(store, redis)
    except SQLAlchemyError as error:  # it went away in between
        yield "Database", failed(f"It does not answer any more ({type(error).__name__}). Run lqf doctor again.")
    finally:
        store.close()
        redis.close()


def _address(settings: Settings) -> Finding:
    host = urlsplit(settings.base_url).hostname or ""
    if settings.is_development:
        return warning(f"{settings.base_url}, with LQF_ENV=development: for this machine alone, not for learners.")
    if host == "localhost" or host.startswith("127.") or "." not in host:
        return failed(f"LQF_BASE_URL is {settings.base_url}, which no LMS can reach. Set the public address.")
    outgoing = Outgoing(settings)
    try:
        answer = outgoing.request("GET", f"{settings.base_url}/health/live", seconds=ADDRESS_SECONDS)
    except Refused as error:
        return warning(f"{settings.base_url} could not be tried from here: {error}")
    except OutgoingError as error:
        return failed(f"{settings.base_url} does not answer: {error} Is the proxy up, and its certificate right?")
    finally:
        outgoing.close()
    if answer.status != 200:
        return failed(
            f"{settings.base_url}/health/live answers with status {answer.status}: the proxy does not lead to lqf web."
        )
    return ok(f"{settings.base_url} answers, with a valid certificate.")


def _redis(redis: Redis) -> Iterator[Line]:
    try:
        info: Any = redis.info("server")
        working = _seen(redis)
    except RedisError as error:
        what = f"No answer ({type(error).__name__}). Is it running, and LQF_REDIS_URL right?"
        yield "Redis", failed(f"{what} Learners can work on; badges and grades wait.")
        return
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    name = "Valkey" if "valkey_version" in info else "Redis"
    found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    yield "Redis", ok(f"{name} {version}.") if found >= LEAST_REDIS else failed(f"{name} {version} is too old: 6.2.")
    if working:
        yield "Workers", ok(f"{working} seen in the last {WORKER_SECONDS // 60} minutes.")
    else:
        yield "Workers", failed("None has been seen. Start one: lqf worker. Badges and grades wait until then.")


def _seen(redis: Redis) -> int:
    since = datetime.now(UTC) - timedelta(seconds=WORKER_SECONDS)
    beats = [one.last_heartbeat for one in Worker.all(connection=redis) if QUEUE in one.queue_names()]
    return sum(beat is not None and beat.replace(tzinfo=beat.tzinfo or UTC) > since for beat in beats)


def _database(store: Store) -> tuple[bool, Finding]:
    kind = "SQLite" if store.is_sqlite else "PostgreSQL"
    try:
        schema.check(store)
        return True, ok(f"{kind}, revision {schema.current(store)}.")
    except Unavailable as error:
        return False, failed(str(error))
    except SQLAlchemyError as error:
        return False, failed(f"{kind} does not answer ({type(error).__name__}). Is LQF_DATABASE_URL right?")


def _rows(settings: Settings, store: Store) -> Iterator[Line]:
    """What the database tells about keys, content, connections and work that waits."""
    with store.directory_reading() as session:
        yield "Signing key", _key(lambda: tool_keys.signing_key(session, settings.secret_key.get_secret_value()))
        customers = list(platforms.tenants(session))
        connected = list(platforms.platforms(session))
    yield "Content", _content(store, customers)
    yield "Learning systems", _connections(connected)
    yield "Sweep", _sweep(store)
    yield "Waiting work", _work(store, customers)


def _key(signing_key: Callable[[], Any]) -> Finding:
    try:
        signing_key()
    except Unavailable as error:
        return failed(f"{error} Without it no grade is sent and no activity added.")
    return ok("LQF_SECRET_KEY opens it.")


def _content(store: Store, customers: list[Tenant]) -> Finding:
    found, lacking = [], []
    newest = sa.select(Edition.framework_key, sa.func.max(Edition.number)).group_by(Edition.framework_key)
    for one in customers:
        with store.reading(one.id) as session:
            rows = session.execute(newest).all()
        found += [f"{one.key}: {key}, edition {number}" for key, number in rows]
        lacking += [] if rows else [one.key]
    if lacking:
        return failed(f"None for {', '.join(lacking)}: lqf content publish --tenant {lacking[0]}")
    return ok(f"{'; '.join(found)}.")


def _connections(connected: list[Platform]) -> Finding:
    pending = sum(one.state == "pending" for one in connected)
    refused = [one.name for one in connected if one.refused_hosts]
    said = f"{len(connected)} known, {sum(one.state == 'active' for one in connected)} active."
    if not connected:
        return warning("None is connected yet: lqf invite create")
    if refused:
        return warning(f"{said} Services on other hosts were not called for {', '.join(refused)}: lqf platform check")
    if pending:
        return warning(f"{said} {pending} wait for approval: lqf platform list, lqf platform approve")
    return ok(said)


def _sweep(store: Store) -> Finding:
    with store.reading(INSTALLATION) as session:
        seen = session.scalar(sa.select(Task.next_try).where(Task.kind == tasks.SWEEP))
    if seen is None or now() - seen > timedelta(seconds=SWEEP_SECONDS):
        when = f"Last seen on {seen:%d %B %Y at %H:%M} UTC." if seen else "Never seen."
        return failed(f"{when} Start one: lqf sweep. Work that was not rung for waits until then.")
    return ok("Seen within the last minute.")


def _work(store: Store, customers: list[Tenant]) -> Finding:
    late = parked = 0
    for one in customers:
        with store.reading(one.id) as session:
            for table in (GradePush, Task):
                count = sa.select(sa.func.count()).select_from(table)
                late += session.scalar(count.where(table.state == "due", table.next_try < now() - LATE)) or 0
                parked += session.scalar(count.where(table.state == "parked")) or 0
    said = f"{late} due for more than five minutes, {parked} parked."
    if late:
        return failed(f"{said} Do worker and sweep run, and is a learning system paused? See their logs.")
    if parked:
        return warning(f"{said} Parked grades need a person: the reason is beside each name in the course.")
    return ok(said)


def _clock(store: Store, redis: Redis) -> Finding:
    """This machine's clock beside the database's and Redis's, where they answer."""
    off = {}
    if not store.is_sqlite:
        with store.directory_reading() as session:
            off["the database's"] = _ahead(session.scalar(sa.select(sa.func.clock_timestamp())) or now())
    with suppress(RedisError):  # its own line has said so
        seconds, micro = redis.time()
        off["Redis's"] = _ahead(datetime.fromtimestamp(seconds + micro / 1e6, UTC))
    wrong = {name: by for name, by in off.items() if abs(by) > CLOCK_SECONDS}
    if wrong:
        said = ", ".join(f"{name} is {abs(by)} s {'ahead' if by > 0 else 'behind'}" for name, by in wrong.items())
        return failed(f"{said}. Set all clocks by a time server: launches allow 60 s.")
    return ok(f"Agrees with {' and '.join(off)}." if off else "Nothing here to compare it with.")


def _ahead(told: datetime) -> int:
    return round((told - now()).total_seconds())
