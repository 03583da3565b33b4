"""Whether a connection works: the LMS is asked for its keys and a token, and what launches have told is looked at.

Each finding is ``{"result": ok | warning | failed, "said": a sentence}`` by the name of what was looked at.
"""

from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime

import sqlalchemy as sa
from redis import Redis

from framework.settings import Settings
from framework.store import overview, platforms
from framework.store.columns import public_id
from framework.store.sessions import Store, now
from framework.store.tables import Identity, Person, Platform
from workers import vocabulary
from workers.lms_settings import where
from workers.outgoing import Answer, BadAnswer, Outgoing, OutgoingError
from workers.tokens import NoToken, Tokens

Finding = dict[str, str]
NEWEST = 20  # people and courses looked at
ANSWERED = ("not_authorised", "scope_refused")  # the LMS is there, and refuses

# scope -> what an administrator sees it called
_GRADE_SCOPES = {
    vocabulary.SCOPE_LINE_ITEM: "making columns (lineitem)",
    vocabulary.SCOPE_LINE_ITEM_READ: "seeing columns (lineitem.readonly)",
    vocabulary.SCOPE_RESULT_READ: "reading grades (result.readonly)",
    vocabulary.SCOPE_SCORE: "writing grades (score)",
}
SCOPES = (*_GRADE_SCOPES, vocabulary.SCOPE_NAMES_AND_ROLES)


def check(settings: Settings, store: Store, outgoing: Outgoing, platform: Platform) -> dict[str, Finding]:
    """Look at one platform and keep what was found on its row."""
    found = _keys(outgoing, platform)
    found |= _services(settings, store, outgoing, platform)
    found |= _hosts(platform)
    found |= _history(store, platform)
    with store.directory() as session:
        row = session.get_one(Platform, platform.id)
        row.checked, row.checked_at = dict(found), now()
    return found


def _keys(outgoing: Outgoing, platform: Platform) -> dict[str, Finding]:
    try:
        answer = outgoing.request("GET", platform.jwks_url, headers={"Accept": "application/json"}, seconds=5.0)
        document = answer.json() if answer.status == 200 else None
    except BadAnswer:
        document = None
    except OutgoingError as error:
        return {"Keys": failed(f"{platform.jwks_url} cannot be read: {error} Nobody can launch.")}
    listed = document.get("keys") if isinstance(document, dict) else None
    count = sum(isinstance(one, dict) and one.get("kty") == "RSA" for one in listed) if isinstance(listed, list) else 0
    if not count:
        return {"Keys": failed(f"{platform.jwks_url} shows no RSA key (status {answer.status}). Nobody can launch.")}
    return {"Keys": ok(f"{count} found."), **_clock(answer)}


def _clock(answer: Answer) -> dict[str, Finding]:
    """The LMS's clock beside ours, by the Date of its answer; whole seconds, and the way costs some."""
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return {}
    seconds = round((there - now()).total_seconds())
    if abs(seconds) <= 5:
        return {"Clock": ok("Both clocks agree.")}
    said = f"The LMS's clock is {abs(seconds)} seconds {'ahead' if seconds > 0 else 'behind'}."
    if abs(seconds) <= 60:
        return {"Clock": warning(f"{said} That still works, and no more than 60 does.")}
    return {"Clock": failed(f"{said} Launches and grades are refused: set both clocks by a time server.")}


def _services(settings: Settings, store: Store, outgoing: Outgoing, platform: Platform) -> dict[str, Finding]:
    """A fresh token for each scope by itself, so that the one that is missing has a name: Canvas refuses all that
    are asked for together when one of them is not allowed, Moodle leaves it out in silence."""
    redis = Redis.from_url(settings.redis, retry=None, socket_connect_timeout=0.3, socket_timeout=1)
    tokens = Tokens(settings, store, outgoing, redis)
    granted: set[str] = set()
    has_token, reason = False, ""
    try:
        for scope in SCOPES:
            try:
                granted |= {scope} & set(tokens.fresh(platform, (scope,)).scopes)
                has_token = True
            except NoToken as error:
                reason = error.reason
                if error.code not in ANSWERED:
                    break  # the LMS is away: asking four times more only takes long
    finally:
        redis.close()
    if not has_token:
        return {"Access": failed(f"{reason} Grades cannot be sent. {where(platform.family, 'token')}".strip())}
    found = {"Access": ok("The LMS gives access to its services.")}
    return found | _grades(platform, granted) | _members(platform, granted)


def _grades(platform: Platform, granted: set[str]) -> dict[str, Finding]:
    missing = [words for scope, words in _GRADE_SCOPES.items() if scope not in granted]
    setting = where(platform.family, "grades")
    if vocabulary.SCOPE_SCORE not in granted:
        return {"Grades": failed(f"The LMS lets the tool write no grades ({_names(missing)} missing). {setting}")}
    if missing:
        can = "" if vocabulary.SCOPE_LINE_ITEM in granted else " Grades go into columns that the LMS makes itself."
        return {"Grades": warning(f"Missing: {_names(missing)}.{can} {setting}".strip())}
    return {"Grades": ok("The LMS lets the tool write grades, read them back and make columns.")}


def _names(missing: list[str]) -> str:
    return ", ".join(missing)


def _members(platform: Platform, granted: set[str]) -> dict[str, Finding]:
    if vocabulary.SCOPE_NAMES_AND_ROLES in granted:
        return {"Learners of a course": ok("The LMS shows who is in a course.")}
    said = "The LMS does not show who is in a course: teachers do not see who has not begun."
    return {"Learners of a course": warning(f"{said} {where(platform.family, 'members')}".strip())}


def _hosts(platform: Platform) -> dict[str, Finding]:
    """Services on hosts that are not the platform's own."""
    if not platform.refused_hosts:
        return {}
    named, known = ", ".join(platform.refused_hosts), public_id("plt", platform.id)
    said = f"The LMS names services at {named}. They are not called before an administrator allows that: "
    commands = "; ".join(f"lqf platform allow-host {known} {one}" for one in platform.refused_hosts)
    return {"Hosts": failed(f"{said}{commands}")}


def _history(store: Store, platform: Platform) -> dict[str, Finding]:
    """What launches have told so far."""
    with store.directory_reading() as session:
        tenant_ids: Sequence[int] = sorted({*platforms.tenants_of(session, platform.id), platform.tenant_id})
    launches, grades, parked, names, addresses, people = [], [], 0, 0, 0, 0
    for tenant_id in tenant_ids:
        with store.reading(tenant_id) as session:
            launched, graded, waiting = overview.facts(session, platform.id)
            launches += [launched] if launched else []
            grades += [graded] if graded else []
            parked += waiting
            newest = session.execute(
                sa.select(Person.name, Person.email)
                .join(Identity, Identity.person_id == Person.id)
                .where(Identity.platform_id == platform.id)
                .order_by(Person.id.desc())
                .limit(NEWEST)
            ).all()
            people += len(newest)
            names += sum(bool(one.name) for one in newest)
            addresses += sum(bool(one.email) for one in newest)
    found = {
        "Last launch": ok(f"{max(launches):%d %B %Y %H:%M} UTC.") if launches else warning("Nobody has launched yet."),
        "Last grade": ok(f"{max(grades):%d %B %Y %H:%M} UTC.") if grades else warning("No grade has arrived yet."),
    }
    if parked:
        found["Grades that wait for a person"] = failed(f"{parked}. The reason is beside each name in the course.")
    if people:
        found |= _privacy(platform, has_names=bool(names), has_addresses=bool(addresses))
    return found


def _privacy(platform: Platform, *, has_names: bool, has_addresses: bool) -> dict[str, Finding]:
    """What the LMS's privacy settings cost."""
    names, addresses = ok("The LMS shares names."), ok("The LMS shares e-mail addresses.")
    if not has_names:
        names = warning(
            "The LMS shares no names: teachers see “Name not shared by the LMS”, and a badge carries no name. "
            f"{where(platform.family, 'names')}".strip()
        )
    if not has_addresses:
        addresses = warning(
            "The LMS shares no e-mail addresses: teachers cannot copy them to write to learners. Nothing else needs "
            f"them. {where(platform.family, 'email')}".strip()
        )
    return {"Names": names, "E-mail addresses": addresses}


def ok(said: str) -> Finding:
    """It works."""
    return {"result": "ok", "said": said}


def warning(said: str) -> Finding:
    """It works in part, or costs something."""
    return {"result": "warning", "said": said}


def failed(said: str) -> Finding:
    """It does not work."""
    return {"result": "failed", "said": said}
