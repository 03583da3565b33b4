"""Who teaches and who learns: made-up people, the same in every term but for their ids."""

import hashlib
from dataclasses import dataclass
from typing import Any

from tests.demo_lms import store
from tests.demo_lms.platforms import IDS_A_TERM, Platform, term

EDITORS = ("teacher", "designer")
STAFF = ("teacher", "designer", "assistant")
ROLE_NAMES = {
    "teacher": "Teacher",
    "designer": "Content designer",
    "assistant": "Non-editing teacher",
    "learner": "Learner",
}

SEED: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "moodle": (
        ("margaret", "Margaret", "Osei", "teacher"),
        ("tomas", "Tomás", "Ferreira", "designer"),
        ("hannah", "Hannah", "Whitlock", "assistant"),
        ("priya", "Priya", "Nair", "learner"),
        ("dafydd", "Dafydd", "Llewellyn-Jones", "learner"),
        ("chukwuemeka", "Chukwuemeka", "Adeyemi", "learner"),
        ("siobhan", "Siobhán", "O'Rourke", "learner"),
        ("wei", "Wei", "Li", "learner"),
    ),
    "canvas": (
        ("ruth", "Ruth", "Abernathy", "teacher"),
        ("imran", "Imran", "Qureshi", "designer"),
        ("priya", "Priya", "Nair", "learner"),
        ("zofia", "Zofia", "Wiśniewska", "learner"),
        ("kwame", "Kwame", "Boateng", "learner"),
        ("lan", "Lan", "Nguyễn Thị", "learner"),
        ("oliver", "Oliver", "Hart-Davies", "learner"),
    ),
}
GROUPED: dict[str, dict[str, tuple[str, ...]]] = {
    "moodle": {
        "11": ("margaret", "hannah", "priya", "dafydd", "chukwuemeka"),
        "12": ("margaret", "siobhan", "wei"),
    },
    "canvas": {
        "301": ("ruth", "imran", "priya", "zofia", "kwame"),
        "302": ("ruth", "lan", "oliver"),
    },
}
FIRST_ID = {"moodle": 3, "canvas": 4101}


@dataclass(frozen=True)
class Person:
    """Someone enrolled in a platform's course. ``lti_id`` is the ``sub`` the tool sees."""

    platform: str
    id: str
    lti_id: str
    slug: str
    given_name: str
    family_name: str
    email: str
    role: str
    status: str

    @property
    def name(self) -> str:
        """Full name as shown on pages."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def initials(self) -> str:
        """Two letters for a small picture."""
        return f"{self.given_name[:1]}{self.family_name[:1]}"

    @property
    def role_name(self) -> str:
        """The role in words."""
        return ROLE_NAMES[self.role]

    @property
    def is_editor(self) -> bool:
        """May add and delete activities."""
        return self.role in EDITORS

    @property
    def is_staff(self) -> bool:
        """May see everybody's grades."""
        return self.role in STAFF

    @property
    def is_learner(self) -> bool:
        """Is the one who gets grades."""
        return self.role == "learner"


def _person(row: Any) -> Person:
    return Person(**dict(row))


def seed() -> None:
    """Fill an empty person table with both courses' people."""
    if store.one("SELECT 1 FROM person LIMIT 1"):
        return
    for platform, rows in SEED.items():
        first = FIRST_ID[platform] + term() * IDS_A_TERM
        for number, (slug, given, family, role) in enumerate(rows):
            add(platform, str(first + number), slug, given, family, role)
        for group_id, slugs in GROUPED[platform].items():
            for slug in slugs:
                join(platform, slug, group_id)


def add(platform: str, person_id: str, slug: str, given: str, family: str, role: str) -> None:
    """Enrol somebody. Canvas knows people by an opaque id, Moodle by its own number."""
    opaque = hashlib.sha256(f"{platform}/{person_id}".encode()).hexdigest()
    lti_id = person_id
    if platform == "canvas":
        lti_id = "-".join((opaque[:8], opaque[8:12], "4" + opaque[13:16], "a" + opaque[17:20], opaque[20:32]))
    store.change(
        "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'active')",
        platform, person_id, lti_id, slug, given, family, f"{slug}@example.org", role,
    )  # fmt: skip


def join(platform: str, slug: str, group_id: str) -> None:
    """Put somebody into a group or section."""
    store.change("INSERT OR IGNORE INTO person_group VALUES (?, ?, ?)", platform, slug, group_id)


def leave_groups(platform: str, slug: str) -> None:
    """Take somebody out of all groups and sections."""
    store.change("DELETE FROM person_group WHERE platform = ? AND slug = ?", platform, slug)


def groups_of(platform: str, slug: str) -> list[str]:
    """The ids of a person's groups or sections, in order."""
    rows = store.every(
        "SELECT group_id FROM person_group WHERE platform = ? AND slug = ? ORDER BY CAST(group_id AS INTEGER)",
        platform,
        slug,
    )
    return [row["group_id"] for row in rows]


def in_course(platform: Platform, learners_only: bool = False) -> list[Person]:
    """Everybody whose enrolment is active, in order of their id."""
    rows = store.every(
        "SELECT * FROM person WHERE platform = ? AND status = 'active' ORDER BY CAST(id AS INTEGER)",
        platform.key,
    )
    people = [_person(row) for row in rows]
    return [person for person in people if person.is_learner] if learners_only else people


def find(platform: str, column: str, value: str) -> Person | None:
    """One person by ``id``, ``lti_id`` or ``slug``, whatever their status; None when unknown."""
    if column not in ("id", "lti_id", "slug"):
        raise ValueError(f"people are not found by {column}")
    row = store.one(f"SELECT * FROM person WHERE platform = ? AND {column} = ?", platform, value)  # noqa: S608  # one of three names
    return None if row is None else _person(row)


def add_many(platform: str, how_many: int) -> int:
    """Enrol made-up learners, for long rosters; returns how many."""
    row = store.one("SELECT MAX(CAST(id AS INTEGER)) AS last FROM person WHERE platform = ?", platform)
    last = int(row["last"]) if row else 0
    with store.transaction():
        for number in range(last + 1, last + how_many + 1):
            add(platform, str(number), f"learner-{number}", "Learner", str(number), "learner")
    return how_many
