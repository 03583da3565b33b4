"""One activity placed in the demo LMS, as the tool knows it: rows here, a gradebook there."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
import sqlalchemy as sa

from framework.store import grade_pushes
from framework.store.sessions import Store, now
from framework.store.tables import Context, GradePush, Identity, LineItem, Platform, ResourceLink
from tests import builders

TEACHERS = {"moodle": "margaret", "canvas": "ruth"}
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


class Lms:
    """The demo LMS through its test doors."""

    def __init__(self, root: str) -> None:
        self.root = root

    def door(self, name: str, body: Any) -> Any:
        answer = requests.post(f"{self.root}/-/{name}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def state(self, family: str) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.root}/-/state", timeout=5).json()[family]
        return found

    def registration(self, family: str) -> dict[str, str]:
        known = requests.get(f"{self.root}/-/registration", timeout=5).json()["platforms"]
        found: dict[str, str] = next(one for one in known if one["family"] == family)
        return found

    def fault(self, **fault: Any) -> None:
        """Let the next calls of an endpoint go wrong (see ``tests.demo_lms.faults``)."""
        self.door("faults", fault)


@dataclass
class Course:
    """A placed activity of one platform, with as many learners as were asked for."""

    lms: Lms
    store: Store
    family: str
    platform: Platform
    context: Context
    link: ResourceLink
    line_item: LineItem
    placed: dict[str, Any]
    learners: dict[str, Identity] = field(default_factory=dict)
    finished: dict[str, datetime] = field(default_factory=dict)  # when the newest attempt of each was finished

    def enrol(self, *slugs: str) -> None:
        """Let the tool know learners of the LMS's course, as their launches would."""
        people = {one["slug"]: one for one in self.lms.state(self.family)["people"]}
        with self.store.transaction(1) as session:
            for slug in slugs:
                known = people.get(slug, {"lti_id": slug, "name": slug})
                person = builders.person(session, name=known["name"])
                identity = builders.identity(session, person, self.platform, sub=known["lti_id"])
                builders.membership(session, self.context, identity)
                self.learners[slug] = identity

    def want(
        self,
        slug: str,
        value: float,
        *,
        maximum: float = 1.0,
        comment: str | None = None,
        is_new_attempt: bool = False,
    ) -> bool:
        """What a submit writes; without ``is_new_attempt`` a later change of the same attempt."""
        at = now()
        if is_new_attempt or slug not in self.finished:
            self.finished[slug] = at - timedelta(seconds=0 if is_new_attempt else 2)
        with self.store.transaction(1) as session:
            return grade_pushes.want(
                session,
                line_item=self.line_item,
                identity_id=self.learners[slug].id,
                platform_id=self.platform.id,
                value=value,
                maximum=maximum,
                submitted_at=self.finished[slug],
                comment=comment,
                now=at,
            )

    def row(self, slug: str) -> GradePush:
        """The grade row of a learner."""
        with self.store.reading(1) as session:
            return session.scalars(
                sa.select(GradePush).where(
                    GradePush.identity_id == self.learners[slug].id, GradePush.line_item_id == self.line_item.id
                )
            ).one()

    def columns(self) -> list[dict[str, Any]]:
        """The gradebook columns in the LMS."""
        found: list[dict[str, Any]] = self.lms.state(self.family)["line_items"]
        return found

    def grade(self, slug: str) -> float | None:
        """The grade the LMS shows for a learner, as a part of the column's maximum."""
        with self.store.reading(1) as session:
            url = session.scalar(sa.select(LineItem.url).where(LineItem.id == self.line_item.id))
        column = next(one for one in self.columns() if one["url"] == url)
        final = column["grades"].get(slug, {}).get("final")
        return None if final is None else final / column["score_maximum"]

    def scores(self) -> list[dict[str, Any]]:
        """Every score the LMS has received, in order."""
        found: list[dict[str, Any]] = self.lms.state(self.family)["scores"]
        return found

    def teacher_gives(self, slug: str, points: str) -> None:
        """A teacher types a grade into the gradebook."""
        with self.store.reading(1) as session:
            url = session.scalar(sa.select(LineItem.url).where(LineItem.id == self.line_item.id))
        item = next(one["id"] for one in self.columns() if one["url"] == url)
        learner = next(one["id"] for one in self.lms.state(self.family)["people"] if one["slug"] == slug)
        browser = requests.Session()
        sign_in = {"platform": self.family, "person": TEACHERS[self.family]}
        key = browser.post(f"{self.lms.root}/-/session", json=sign_in, timeout=5).json()["form_key"]
        page = f"{self.lms.root}/{self.family}/grades/{item}/{learner}"
        assert browser.post(page, data={"sesskey": key, "points": points}, timeout=5).ok
        browser.close()


def place(lms: Lms, store: Store, family: str, *learners: str, is_coupled: bool = True, **placement: Any) -> Course:
    """Place an activity in the LMS and write the rows that its launches would leave.

    ``is_coupled``: the activity has a column of its own that launches name; else the tool must make one.
    """
    if is_coupled:
        placement.setdefault("line_item", True)
    placed = lms.door("place", {"platform": family, "title": "Self-belief", **placement})
    registration = lms.registration(family)
    course = lms.state(family)["course"]
    with store.directory() as session:
        platform = session.scalar(sa.select(Platform).where(Platform.client_id == registration["client_id"]))
        if platform is None:
            urls = {name: registration[name] for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url")}
            concurrency = 1 if family == "canvas" else 4
            audience = registration["token_url"]
            platform = builders.platform(session, family=family, audience=audience, concurrency=concurrency, **urls)
        deployment = builders.deployment(session, platform, lti_deployment_id=str(uuid.uuid4()))
    with store.transaction(1) as session:
        context = builders.context(
            session,
            deployment,
            lti_id=course["lti_id"],
            lineitems_url=course["line_items_url"],
            memberships_url=course["memberships_url"],
        )
        link = builders.link(session, context, lti_id=placed["lti_id"], title=placed["title"])
        url = placed["line_items"][0]["url"] if placed["line_items"] else None
        item = builders.line_item(session, link, url=url, origin="coupled" if url else None)
    made = Course(lms, store, family, platform, context, link, item, placed)
    made.enrol(*learners)
    return made
