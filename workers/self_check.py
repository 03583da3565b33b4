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
from framework.store.sessions import Store, now
from framework.store.tables import Identity, Person, Platform
from workers import vocabulary
from workers.outgoing import Answer, BadAnswer, Outgoing, OutgoingError
from workers.tokens import NoToken, Tokens

Finding = dict[str, str]
NEWEST = 20  # people and courses looked at

# Where an administrator finds the setting, by family and what it is about.
_WHERE = {
    (
        "moodle",
        "grades",
    ): "In Moodle: edit the tool, Services, “Use this service for grade sync and column management”.",
    ("moodle", "members"): "In Moodle: edit the tool, Services, “Use this service to retrieve members' information”.",
    ("moodle", "names"): "In Moodle: edit the tool, Privacy, “Share launcher's name with tool”: Always.",
    (
        "moodle",
        "token",
    ): "In Moodle: Site administration, Security, HTTP security may keep Moodle from reaching the tool.",
    ("canvas", "grades"): "In Canvas: Developer Keys, edit the key, switch on the scopes for line items and scores.",
    ("canvas", "members"): "In Canvas: Developer Keys, edit the key, switch on “Can retrieve user data” of a context.",
    ("canvas", "names"): "In Canvas: Developer Keys, edit the key, Additional settings, Privacy level: Public.",
    ("brightspace", "grades"): "In Brightspace: LTI Advantage, the tool, tick Assignment and Grade Services.",
    ("brightspace", "members"): "In Brightspace: LTI Advantage, the tool, tick Names and Role Provisioning Services.",
    ("brightspace", "names"): "In Brightspace: the deployment's security settings, tick the name.",
    ("blackboard", "grades"): "In Blackboard: LTI Tool Providers, edit the tool, allow grade service access.",
    ("blackboard", "members"): "In Blackboard: LTI Tool Providers, edit the tool, allow membership service access.",
    ("blackboard", "names"): "In Blackboard: LTI Tool Providers, edit the tool, user fields to send: name.",
}


def check(settings: Settings, store: Store, outgoing: Outgoing, platform: Platform) -> dict[str, Finding]:
    """Look at one platform and keep what was found on its row."""
    found = _keys(outgoing, platform)
    found |= _services(settings, store, outgoing, platform)
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
        return {"Keys": _failed(f"{platform.jwks_url} cannot be read: {error} Nobody can launch.")}
    listed = document.get("keys") if isinstance(document, dict) else None
    count = sum(isinstance(one, dict) and one.get("kty") == "RSA" for one in listed) if isinstance(listed, list) else 0
    if not count:
        return {"Keys": _failed(f"{platform.jwks_url} shows no RSA key (status {answer.status}). Nobody can launch.")}
    return {"Keys": _ok(f"{count} found."), **_clock(answer)}


def _clock(answer: Answer) -> dict[str, Finding]:
    """The LMS's clock beside ours, by the Date of its answer; whole seconds, and the way costs some."""
    try:
        there = parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return {}
    seconds = round((there - now()).total_seconds())
    if abs(seconds) <= 5:
        return {"Clock": _ok("Both clocks agree.")}
    said = f"The LMS's clock is {abs(seconds)} seconds {'ahead' if seconds > 0 else 'behind'}."
    if abs(seconds) <= 60:
        return {"Clock": _warning(f"{said} That still works, and no more than 60 does.")}
    return {"Clock": _failed(f"{said} Launches and grades are refused: set both clocks by a time server.")}


def _services(settings: Settings, store: Store, outgoing: Outgoing, platform: Platform) -> dict[str, Finding]:
    """A fresh token, and what it is good for."""
    wanted = (*vocabulary.SCOPES_GRADES, vocabulary.SCOPE_NAMES_AND_ROLES)
    redis = Redis.from_url(settings.redis, retry=None, socket_connect_timeout=0.3, socket_timeout=1)
    tokens = Tokens(settings, store, outgoing, redis)
    try:
        kept = tokens.token(platform, wanted)
        tokens.drop(platform, wanted, kept)  # a token that was kept would prove nothing about today
        token = tokens.token(platform, wanted)
    except NoToken as error:
        return {"Access": _failed(f"{error.reason} Grades cannot be sent. {_where(platform, 'token')}".strip())}
    finally:
        redis.close()
    found = {"Access": _ok("The LMS gives access to its services.")}
    if vocabulary.SCOPE_SCORE in token.scopes and vocabulary.SCOPE_LINE_ITEM in token.scopes:
        found["Grades"] = _ok("The LMS lets the tool write grades and make columns.")
    elif vocabulary.SCOPE_SCORE in token.scopes:
        found["Grades"] = _warning(
            "The LMS lets the tool write grades into columns that it makes itself, and no others."
        )
    else:
        found["Grades"] = _failed(f"The LMS lets the tool write no grades. {_where(platform, 'grades')}".strip())
    if vocabulary.SCOPE_NAMES_AND_ROLES in token.scopes:
        found["Learners of a course"] = _ok("The LMS shows who is in a course.")
    else:
        found["Learners of a course"] = _warning(
            "The LMS does not show who is in a course: teachers do not see who has not begun. "
            f"{_where(platform, 'members')}".strip()
        )
    return found


def _history(store: Store, platform: Platform) -> dict[str, Finding]:
    """What launches have told so far."""
    with store.directory_reading() as session:
        tenant_ids: Sequence[int] = sorted({*platforms.tenants_of(session, platform.id), platform.tenant_id})
    launches, grades, parked, names, people = [], [], 0, 0, 0
    for tenant_id in tenant_ids:
        with store.reading(tenant_id) as session:
            launched, graded, waiting = overview.facts(session, platform.id)
            launches += [launched] if launched else []
            grades += [graded] if graded else []
            parked += waiting
            newest = session.scalars(
                sa.select(Person.name)
                .join(Identity, Identity.person_id == Person.id)
                .where(Identity.platform_id == platform.id)
                .order_by(Person.id.desc())
                .limit(NEWEST)
            ).all()
            people += len(newest)
            names += sum(bool(name) for name in newest)
    found = {
        "Last launch": _ok(f"{max(launches):%d %B %Y %H:%M} UTC.")
        if launches
        else _warning("Nobody has launched yet."),
        "Last grade": _ok(f"{max(grades):%d %B %Y %H:%M} UTC.") if grades else _warning("No grade has arrived yet."),
    }
    if parked:
        found["Grades that wait for a person"] = _failed(f"{parked}. The reason is beside each name in the course.")
    if people:
        found["Names"] = (
            _ok("The LMS shares names.")
            if names
            else _warning(
                "The LMS shares no names: teachers see “Name not shared by the LMS”, and a badge carries no name. "
                f"{_where(platform, 'names')}".strip()
            )
        )
    return found


def _where(platform: Platform, about: str) -> str:
    return _WHERE.get((platform.family, about), "")


def _ok(said: str) -> Finding:
    return {"result": "ok", "said": said}


def _warning(said: str) -> Finding:
    return {"result": "warning", "said": said}


def _failed(said: str) -> Finding:
    return {"result": "failed", "said": said}
