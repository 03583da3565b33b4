"""``lqf worker``, ``lqf sweep`` and ``lqf platform check``."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from framework import logs
from framework.errors import Unavailable
from framework.settings import Settings, SettingsError
from framework.store import approvals, schema
from framework.store.schema import opened
from framework.store.sessions import Store
from workers import self_check
from workers.enqueue import QUEUE, Bell
from workers.outgoing import Outgoing
from workers.parent import follow_parent
from workers.sweep import Sweep

REDIS_SECONDS = 10.0
SWEEP_SECONDS = 2.0
DATABASE_SECONDS = 5.0  # between tries while the database is away

log = logging.getLogger(__name__)


@click.command()
def worker() -> None:
    """Work on jobs: recompute, grades, rosters."""
    settings = _begin()
    show_life = _sign_of_life(settings)
    # jobs are imported now: a worker that imports at its first job makes somebody wait
    from redis.client import Pipeline
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    from workers import jobs, workshop

    class LivingWorker(SimpleWorker):
        def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
            show_life()
            super().heartbeat(timeout, pipeline)

    workshop.use(workshop.Workshop(settings))
    connection = Redis.from_url(settings.redis, socket_connect_timeout=3)
    _wait_for_redis(settings)
    log.info("worker ready: %s", ", ".join(job.__name__ for job in (jobs.recompute, jobs.push_grades, jobs.roster)))
    # A short worker_ttl, or an idle worker blocks for 405 s and does no maintenance meanwhile.
    working = LivingWorker(
        [QUEUE], connection=connection, serializer=JSONSerializer, maintenance_interval=20, worker_ttl=30
    )
    working.work(with_scheduler=False, logging_level="WARNING")


@click.command()
@click.option("--once", is_flag=True, help="Sweep once and end.")
def sweep(once: bool) -> None:
    """Ring for work that nobody rang for, number the change feed, end visits."""
    settings = _begin()
    show_life = _sign_of_life(settings)
    stop = threading.Event()
    _stop_on_signals(stop)
    store = Store(settings.database)
    sweeping = Sweep(store, Bell(settings.redis))
    is_away = False
    while not stop.is_set():
        began = time.monotonic()
        show_life()
        try:
            sweeping.tick(stop.is_set)
        except SQLAlchemyError as error:
            if once:
                raise Unavailable(f"The database does not answer: {type(error).__name__}.") from None
            if not is_away:
                log.warning("the database does not answer; trying again: %s", type(error).__name__)
            is_away = True
            stop.wait(DATABASE_SECONDS)
            continue
        is_away = False
        if once:
            break
        stop.wait(max(0.0, SWEEP_SECONDS - (time.monotonic() - began)))
    store.close()


@click.command("check")
@click.argument("named", metavar="PLATFORM")
def check_platform(named: str) -> None:
    """Look whether a connection works: keys, token, services, clock, last launch and grade. Exit code 1 if not."""
    with opened() as (settings, store):
        with store.directory_reading() as session:
            platform = approvals.find_platform(session, named)
        outgoing = Outgoing(settings)
        try:
            found = self_check.check(settings, store, outgoing, platform)
        finally:
            outgoing.close()
    click.echo(f"{platform.name} ({platform.state})")
    for name, finding in found.items():
        click.echo(f"{finding['result']:8} {name}: {finding['said']}")
    if any(finding["result"] == "failed" for finding in found.values()):
        raise SystemExit(1)


def _begin() -> Settings:
    """What every process does first. Raises Unavailable, with what to do, on a database of another schema."""
    follow_parent()
    settings = Settings.from_env()
    logs.configure(settings)
    store = Store(settings.database)
    try:
        schema.check(store)
    except SQLAlchemyError as error:
        raise Unavailable(f"The database does not answer: {type(error).__name__}. Is LQF_DATABASE_URL right?") from None
    finally:
        store.close()
    return settings


def _sign_of_life(settings: Settings) -> Callable[[], None]:
    """What a loop calls at every turn: touches LQF_ALIVE_FILE, whose age tells a health check that the loop turns."""
    if not settings.alive_file:
        return lambda: None
    file = Path(settings.alive_file)
    try:
        file.touch()
    except OSError as error:
        raise SettingsError(f"LQF_ALIVE_FILE cannot be written: {error}") from None
    return file.touch


def _wait_for_redis(settings: Settings) -> None:
    """Wait until Redis answers: RQ's worker ends when it is faster than Redis at a start of everything."""
    client = Redis.from_url(settings.redis, retry=None, socket_connect_timeout=1)
    deadline = time.monotonic() + REDIS_SECONDS
    while True:
        try:
            client.ping()
        except RedisError:
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Redis has not answered for {REDIS_SECONDS:.0f} s. Is it running, and LQF_REDIS_URL right?"
                ) from None
            time.sleep(0.1)
        else:
            client.close()
            return


def _stop_on_signals(stop: threading.Event) -> None:
    """A background job of a script inherits SIGINT ignored, so Python would never raise KeyboardInterrupt."""

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
