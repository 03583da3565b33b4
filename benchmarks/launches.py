"""Launches a second: all logins first, then all signed answers, then first pages; this tool beside others.

The tools take turns, so that a slow minute of the machine meets all of them. Signing is the LMS's work and not timed.
"""

import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks import tools
from benchmarks.connections import AT_ONCE, Answer, ask_all
from benchmarks.flow import LEARNERS, REDIRECTS, Wrong, answer, check, login, onward
from benchmarks.ground import Ground, children, cpu_seconds, laid
from benchmarks.tables import Table
from benchmarks.tools import THREADS, WORKERS, Machine, NotRun, Tool
from tests.lti_tool.platform import KEY

LAUNCHES = 600  # in each turn of each tool
TURNS = 3
PAGES = 100  # of a turn's launches are followed to their first page
TARGETS = {"ltijs": 4.0, "plain": 1.75, "tuned": 1.5}  # how many times as fast LQF is to be
OF_BOUND = 0.6
COMMITS = 2000
VERIFIED = 5000


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of one turn's stages, CPU seconds of the tool and of its servers, and what it asked of others."""

    launches: int
    logins: float
    posts: float
    pages: float
    cpu: float
    servers_cpu: float
    commands: float
    fetches: float

    @property
    def rate(self) -> float:
        """Launches a second: login and signed answer."""
        return self.launches / (self.logins + self.posts)

    @property
    def rate_with_page(self) -> float:
        """The same to the end of the first page."""
        return self.launches / (self.logins + self.posts + self.pages)


@dataclass
class Course:
    """One tool's turns. ``replay``: what becomes of a message's second use."""

    tool: Tool
    replay: str = ""
    turns: list[Turn] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median turn's launches a second."""
        return statistics.median(turn.rate for turn in self.turns)

    @property
    def rate_with_page(self) -> float:
        """The same to the end of the first page."""
        return statistics.median(turn.rate_with_page for turn in self.turns)

    def each(self, name: str) -> float:
        """A figure for one launch, over all turns."""
        return float(sum(getattr(one, name) for one in self.turns) / sum(one.launches for one in self.turns))

    def times(self, other: "Course") -> float:
        """How many times as fast as another: the median of the turns, each beside its neighbour."""
        return statistics.median(mine.rate / theirs.rate for mine, theirs in zip(self.turns, other.turns, strict=True))


@dataclass(frozen=True, slots=True)
class Bound:
    """The least that a launch can cost with Flask: two empty views, one verification, one commit. CPU milliseconds."""

    rate: float
    views: float
    verification: float
    commit: float


def run(launches: int = LAUNCHES, turns: int = TURNS) -> Table:
    """Measure all tools in turns and compare."""
    with ExitStack() as stack:
        machine = stack.enter_context(_machine())
        courses, missing = _started(stack, machine)
        for _ in range(turns):
            for course in courses.values():
                course.turns.append(take(course.tool, launches, machine))
        bound = _bound(courses.pop("nothing"), machine)
    return _table(courses, missing, bound)


@contextmanager
def _machine() -> Iterator[Machine]:
    with laid() as ground, tempfile.TemporaryDirectory(prefix="lqf-bench-") as name:
        folder, port = Path(name), tools.free_port()
        (folder / "keys.json").write_text(json.dumps({"keys": [KEY.jwk()]}))
        command = [sys.executable, "-m", "benchmarks.key_server", str(port), str(folder / "keys.json")]
        with tools.started(command, port, folder, "keys"):
            yield Machine(ground, port, folder)


def _started(stack: ExitStack, machine: Machine) -> tuple[dict[str, Course], dict[str, str]]:
    """All tools that run here, checked and warm, and the others with the reason."""
    courses, missing = {}, {}
    for key, name, start in tools.ALL:
        try:
            tool = stack.enter_context(start(machine))
        except NotRun as error:
            if key in ("lqf", "nothing"):
                raise
            missing[name] = str(error)
            continue
        courses[key] = Course(tool, check(tool) if key != "nothing" else "")
        # twice: every learner has been here, and every process has its keys and connections
        take(tool, 2 * LEARNERS, machine)
    if courses["lqf"].replay != "refused":
        raise Wrong("LQF lets a message in twice")
    return courses, missing


def take(tool: Tool, launches: int, machine: Machine) -> Turn:
    """One turn: every login, then every signed answer, then the first pages of some."""
    before = _figures(tool, machine)
    logins, begun = ask_all(tool.server, [login(tool, number) for number in range(launches)])
    between = _figures(tool, machine)
    signed = [answer(tool, number, one) for number, one in enumerate(begun)]
    skipped = _figures(tool, machine)
    posts, arrived = ask_all(tool.server, signed)
    after = _figures(tool, machine)
    if wrong := [one for one in arrived if one.status >= 400]:
        raise Wrong(f"{tool.name} answered {len(wrong)} of {launches} launches with an error: {wrong[0].body[:300]!r}")
    spent = {name: between[name] - before[name] + after[name] - skipped[name] for name in before}
    followed = min(PAGES, launches)
    pages = _pages(tool, begun[:followed], arrived[:followed]) * launches / followed
    return Turn(launches, logins, posts, pages, **spent)


def _pages(tool: Tool, begun: Sequence[Answer], arrived: Sequence[Answer]) -> float:
    """Seconds until these launches' pages are there; each step of the redirects is taken by all launches at once."""
    seconds, at = 0.0, list(arrived)
    jars = [first.cookies | second.cookies for first, second in zip(begun, arrived, strict=True)]
    while at[0].status in REDIRECTS:
        took, at = ask_all(tool.server, [onward(tool, one, jar) for one, jar in zip(at, jars, strict=True)])
        seconds += took
    if any(one.status != 200 for one in at):
        raise Wrong(f"{tool.name} did not show its page")
    return seconds


def _figures(tool: Tool, machine: Machine) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{machine.keys_port}/counts", timeout=10) as counts:
        fetches = json.load(counts).get(tool.key, 0)
    client = machine.ground.valkey.client()
    commands = client.info("stats")["total_commands_processed"]
    client.close()
    pid = tool.process.pid
    return {
        "cpu": cpu_seconds([pid, *children(pid)]),
        "servers_cpu": _servers_cpu(machine.ground),
        "commands": float(commands),
        "fetches": float(fetches),
    }


def _servers_cpu(ground: Ground) -> float:
    # the postmaster's own figure holds what its ended processes have used
    return cpu_seconds([ground.valkey.process.pid, ground.postmaster, *children(ground.postmaster)])


def _bound(nothing: Course, machine: Machine) -> Bound:
    views = 1000 * nothing.each("cpu")
    verification, commit = _verification(), _commit(machine.ground)
    return Bound(nothing.rate * views / (views + verification + commit), views, verification, commit)


def _verification() -> float:
    """CPU milliseconds of one RS256 verification."""
    signature, public = KEY.private.sign(b"message", PKCS1v15(), SHA256()), KEY.private.public_key()
    began = time.process_time()
    for _ in range(VERIFIED):
        public.verify(signature, b"message", PKCS1v15(), SHA256())
    return 1000 * (time.process_time() - began) / VERIFIED


def _commit(ground: Ground) -> float:
    """CPU milliseconds of one inserted row with its commit, PostgreSQL's share included."""
    with psycopg.connect(host=ground.postgresql.host, user="postgres", dbname="bench") as connection:
        connection.execute("CREATE TABLE one_row (id bigint PRIMARY KEY, said text)")
        connection.commit()
        began, servers_began = time.process_time(), _servers_cpu(ground)
        for number in range(COMMITS):
            connection.execute("INSERT INTO one_row VALUES (%s, %s)", (number, "a visit"))
            connection.commit()
        spent = time.process_time() - began + _servers_cpu(ground) - servers_began
    return 1000 * spent / COMMITS


def _table(courses: dict[str, Course], missing: dict[str, str], bound: Bound) -> Table:
    ours = courses["lqf"]
    columns = (
        "tool",
        "launches/s",
        "LQF is",
        "of the bound",
        "CPU ms, tool",
        "CPU ms, servers",
        "with first page, /s",
        "key sets fetched",
        "Redis commands",
        "message sent twice",
    )
    rows = [_row(course, ours, bound) for course in courses.values()]
    rows += [(name, "not run", why, *["-"] * (len(columns) - 3)) for name, why in missing.items()]
    rows.append(("computed bound", f"{bound.rate:.0f}", f"{ours.rate / bound.rate:.2f}x", "100 %", *["-"] * 6))
    return Table("Launches", columns, tuple(rows), (*_targets(courses, bound), *_notes(ours, bound)))


def _row(course: Course, ours: Course, bound: Bound) -> tuple[str, ...]:
    return (
        course.tool.name,
        f"{course.rate:.0f}",
        f"{ours.times(course):.2f}x",
        f"{100 * course.rate / bound.rate:.0f} %",
        f"{1000 * course.each('cpu'):.2f}",
        f"{1000 * course.each('servers_cpu'):.2f}",
        f"{course.rate_with_page:.0f}",
        f"{course.each('fetches'):.2f}",
        f"{course.each('commands'):.1f}",
        course.replay,
    )


def _targets(courses: dict[str, Course], bound: Bound) -> Iterator[str]:
    ours = courses["lqf"]
    for key, wanted in TARGETS.items():
        if key in courses:
            yield _target(f"{courses[key].tool.name}, as fast", ours.times(courses[key]), wanted, "times")
    yield _target("computed bound", 100 * ours.rate / bound.rate, 100 * OF_BOUND, "%")


def _target(name: str, found: float, wanted: float, unit: str) -> str:
    verdict = "met" if found >= wanted else f"missed by {100 * (1 - found / wanted):.0f} %"
    return f"Target against {name}: {wanted:g} {unit}; found {found:.2f} {unit}: {verdict}."


def _notes(ours: Course, bound: Bound) -> tuple[str, ...]:
    return (
        f"{LAUNCHES} launches a turn, {TURNS} turns; tools take turns and medians are shown. {AT_ONCE} connections, "
        "kept open as a reverse proxy keeps them. All logins first, then all signed answers; signing is not timed. "
        f"{LEARNERS} learners who have all been here before.",
        "A launch counts as done when the tool has answered the signed message: with its page (pylti1p3) or with a "
        "redirect to it (LQF, ltijs). The column with the first page follows "
        f"the redirects of {PAGES} launches a turn to the end: the peers show one "
        "line, LQF the activity's real page.",
        f"All tools have {WORKERS} processes on the same PostgreSQL (fsync on) and Valkey. The Python tools run behind "
        f"gunicorn with the arguments of `lqf web` (gthread, {THREADS} threads, preload), LQF by `lqf web` itself, "
        "with LQF_ENV=development alone so that the key set may be on loopback.",
        "LQF verifies the message, refuses its second use, keeps course, placement, column, person and membership "
        "up to date, and commits a visit. pylti1p3 as in its Flask example keeps launch data in Redis and lets a "
        "message in twice; tuned, it has a key cache and one HTTP session. ltijs has ltijs-sequelize 2.4.4 and "
        "tokenMaxAge 120 s, keeps nonce, id token and context in PostgreSQL. Each tool was checked to refuse a forged "
        "signature.",
        f"Computed bound: two empty Flask views ({bound.views:.2f} ms CPU), one RS256 verification "
        f"({bound.verification:.2f} ms) and one row committed ({bound.commit:.2f} ms, PostgreSQL included), by "
        "arithmetic from the empty views' launches a second.",
        f"LQF's launch: {1000 * ours.each('logins'):.2f} ms for the login and {1000 * ours.each('posts'):.2f} ms for "
        f"the answer, of {AT_ONCE} at once. Servers are PostgreSQL and Valkey.",
    )
