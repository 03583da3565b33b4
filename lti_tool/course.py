"""The instructor's pages of a course: everybody by quality, who is stuck, and the same as a file.

A course knows what was done in it and nothing else: evidence from elsewhere is its learner's own.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import assessment
from framework import stuck as rules
from framework.catalogue import Catalogue
from framework.errors import NotFound
from framework.store import audits, cohort_learning, cohorts, editions, nudges, placements, terms
from framework.store.cohorts import PER_PAGE, Cohort, Member
from framework.store.columns import public_id
from framework.store.sessions import now
from framework.store.tables import ResourceLink
from framework.stuck import Reason
from lti_tool import cohort, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import course as words
from lti_tool.presenters import course_order, spreadsheet
from lti_tool.presenters import stuck as stuck_words
from lti_tool.presenters.cohort import Chosen, People
from lti_tool.presenters.frame import Link
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("course", __name__, url_prefix=visit.PREFIX))


_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class Stuck:
    """A learner who may be stuck, with the reasons by the title of the activity."""

    member: Member
    reasons: tuple[tuple[str, tuple[Reason, ...]], ...]


@blueprint.get("/course")
def page() -> ResponseReturnValue:
    """Everybody whom this instructor may see, by quality."""
    with teaching() as (session, placed):
        _, catalogue = editions.current(session, placed.framework_key)
        asked = _asked(catalogue)
        found, held = people(session, placed, asked), _held(session, placed)
        if asked.sort in course_order.BY_NAME:  # only those on the page are folded
            around, shown = _around(session, placed, asked, found[:: -1 if asked.sort else 1], ".page")
            learners: Sequence[words.Learner] = _learners(session, placed, catalogue, shown)
        else:
            learned = _learners(session, placed, catalogue, found)
            everybody = course_order.ordered(catalogue, learned, asked.sort, held)
            around, learners = _around(session, placed, asked, everybody, ".page")
        views = _views(asked, len(stuck_of(session, placed, found)), is_stuck=False)
    url = cohort.address(".page")
    course = words.course(
        catalogue,
        g.visit.course_title,
        learners,
        people=course_order.with_orders(catalogue, around, asked.sort),
        shown=views,
        heads=course_order.heads(
            catalogue, asked.sort, lambda sort: url(dataclasses.replace(asked, sort=sort, page=1))
        ),
        nudge_url=url_for("nudge.write"),
        file_url=url_for(".file", **_narrowing(asked)),
        held=held,
    )
    return show("teach/course.html", course)


@blueprint.get("/course/stuck")
def stuck() -> ResponseReturnValue:
    """Those who may need a word, and why."""
    with teaching() as (session, placed):
        asked = cohort.chosen()
        found = stuck_of(session, placed, people(session, placed, asked))
        around, shown = _around(session, placed, asked, found, ".stuck")
        nudged = nudges.last(session, placed.context_id)
    rows = [
        stuck_words.person(
            public_id("prs", one.member.person_id),
            one.member.name,
            learner_url(one.member),
            one.reasons,
            nudged.get(one.member.person_id),
        )
        for one in shown
    ]
    views = _views(asked, len(found), is_stuck=True)
    ticks_all = request.args.get("all") == "1"
    kept: dict[str, Any] = {**asked.query()} | ({} if ticks_all else {"all": "1"})
    listed = stuck_words.stuck(
        g.visit.course_title,
        rows,
        people=around,
        shown=views,
        nudge_url=url_for("nudge.write"),
        tick_url=url_for(".stuck", **kept, _anchor="stuck"),
        ticks_all=ticks_all,
    )
    return show("teach/stuck.html", listed)


@blueprint.get("/course.csv")
def file() -> ResponseReturnValue:
    """Everybody by quality as a file, with filters and order of the page and all its pages. Who took it is kept."""
    here: Visit = g.visit
    with teaching(writes=True) as (session, placed):
        _, catalogue = editions.current(session, placed.framework_key)
        asked = _asked(catalogue)
        everybody = _learners(session, placed, catalogue, people(session, placed, asked))
        learners = course_order.ordered(catalogue, everybody, asked.sort, _held(session, placed))
        titles = dict(cohorts.sections(session, placed.context_id, seen_by=here.membership_id))
        audits.add(
            session,
            actor=f"person {here.person_id}",
            action="course.file",
            subject=str(placed.context_id),
            people=len(learners),
            now=now(),
        )
    told = [dataclasses.replace(one, sections=tuple(s for s in one.sections if s in titles)) for one in learners]
    return Response(
        spreadsheet.csv_file(words.lines(catalogue, told, titles)),
        content_type=spreadsheet.MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="course.csv"'},
    )


def people(session: Session, placed: ResourceLink, asked: Chosen | None = None) -> list[Member]:
    """The learners of the course whom this visit's instructor may see; ``asked`` narrows them."""
    here: Visit = g.visit
    section, search = (asked.section or None, asked.search) if asked else (None, "")
    return cohorts.of_course(session, placed.context_id, (), seen_by=here.membership_id, section=section, search=search)


def asking(session: Session, placed: ResourceLink) -> list[tuple[ResourceLink, str]]:
    """The placements of the course in which there is something to finish, with their titles."""
    found = []
    for link in terms.of_course(session, placed.context_id):
        try:
            _, catalogue = editions.current(session, link.framework_key)
            activity = catalogue.activity(link.activity_key or "")
        except NotFound:
            continue  # its content is gone; the learner's page says so
        if activity.kind == "programme" or assessment.items(catalogue, activity):
            found.append((link, link.title or activity.title))
    return found


def stuck_of(session: Session, placed: ResourceLink, members: Sequence[Member]) -> list[Stuck]:
    """Those of the people who may be stuck, the most pressing first."""
    links = asking(session, placed)
    doings = cohort_learning.doings(session, [link for link, _ in links], [one.person_id for one in members])
    found = []
    for member in members:
        told = tuple((title, rules.reasons(doings[member.person_id][link.id], now())) for link, title in links)
        reasons = tuple((title, held) for title, held in told if held)
        if reasons:
            found.append(Stuck(member, reasons))
    return sorted(found, key=lambda one: rules.rank([reason for _, held in one.reasons for reason in held]))


def _held(session: Session, placed: ResourceLink) -> set[str]:
    """The keys of the qualities that the course's activities are about."""
    found: set[str] = set()
    for link, _ in asking(session, placed):
        _, catalogue = editions.current(session, link.framework_key)
        if link.framework_key == placed.framework_key:
            found |= {one.quality_key for one in placements.parts(link, catalogue) if one.quality_key}
    return found


def learner_url(member: Member) -> str:
    """The page of one learner."""
    return url_for("learner.page", person=public_id("prs", member.person_id))


def _learners(
    session: Session, placed: ResourceLink, catalogue: Catalogue, members: Sequence[Member]
) -> list[words.Learner]:
    ids = [one.person_id for one in members]
    folded = cohort_learning.folded(session, catalogue, placed.context_id, ids, on=now().date())
    begun = cohort_learning.begun(session, placed.context_id, catalogue.framework_key, ids)
    return [
        words.Learner(
            value=public_id("prs", one.person_id),
            name=one.name,
            url=learner_url(one),
            sections=one.sections,
            folded=folded[one.person_id],
            begun=begun.get(one.person_id, {}),
        )
        for one in members
    ]


def _around(
    session: Session, placed: ResourceLink, asked: Chosen, found: Sequence[_One], endpoint: str
) -> tuple[People, Sequence[_One]]:
    """What stands around a list, and the page of it that is asked for."""
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(asked.page, 1), pages)
    counted = Cohort((), {"none": len(found)}, 0, len(found), number, pages)
    narrowed = dataclasses.replace(asked, status="")
    around = cohort.around(session, placed, counted, narrowed, cohort.address(endpoint))
    if around.filters is not None:
        around = dataclasses.replace(around, filters=dataclasses.replace(around.filters, statuses=()))
    return around, found[(number - 1) * PER_PAGE : number * PER_PAGE]


def _asked(catalogue: Catalogue) -> Chosen:
    asked = cohort.chosen()
    return dataclasses.replace(asked, sort=course_order.known(catalogue, asked.sort))


def _views(asked: Chosen, count: int, *, is_stuck: bool) -> tuple[tuple[Link, bool], ...]:
    kept = _narrowing(asked)
    return words.views(url_for(".page", **kept), url_for(".stuck", **kept), count, is_stuck=is_stuck)


def _narrowing(asked: Chosen) -> dict[str, Any]:
    """The filters alone, without the page."""
    return {**dataclasses.replace(asked, page=1, status="").query()}
