"""What no log may hold: people's names and addresses, tokens, visits' secrets."""

import re

from tests.demo_lms.people import SEED
from tests.journeys.stack import SECRET

SECRETS = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "a signed token": re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}"),
    "an access token": re.compile(r"[Bb]earer [\w.-]{8,}"),
    "a visit's secret": re.compile(r"(?<![\w-])\d{1,9}-[\w-]{32}(?![\w-])"),
    "a session key": re.compile(r"sesskey=(?!\[masked\])\w"),
    "the secret key": re.compile(re.escape(SECRET)),
}


def found_in(text: str) -> list[str]:
    """What a log tells of people and secrets, each with the line that tells it."""
    names = {name for people in SEED.values() for _, first, last, _ in people for name in (f"{first} {last}", last)}
    looked_for = SECRETS | {f"the name {one}": re.compile(rf"\b{re.escape(one)}\b") for one in names if len(one) > 3}
    return [
        f"{what}: {line[:200]}" for line in text.splitlines() for what, sign in looked_for.items() if sign.search(line)
    ]
