"""Made-up states of the instructor's pages about a course's people, and of what a learner reads from them."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from framework import competency
from framework.competency import Fact
from framework.stuck import OVERDUE, QUIET, TRIES, UNFINISHED, Reason
from lti_tool.presenters import cohort, course, course_order, gradebook, learner, notices, nudge, stuck
from lti_tool.presenters.cohort import Chosen, CohortFacts, ListFacts, StrictFacts
from lti_tool.presenters.course import Cell
from lti_tool.presenters.frame import Link
from lti_tool.presenters.practice import Event
from tests.lti_tool.rendering import LEARNER, TEACHER, Shown, catalogue

WHEN = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
NAMES = ("Aino Käräjämäki", "Bartholomew Featherstonehaugh-Cholmondeley", "Chidi Okonkwo", "<b>Dilnoza</b> Yusupova")
TEXT = "Hello,\n\nA part of yours is waiting. <b>What</b> you have done so far is kept."


def samples() -> Iterator[tuple[str, Shown]]:
    """The pages by name."""
    yield from _course()
    yield from _stuck()
    yield from _nudge()
    yield from _learner()
    yield from _message()


def _around(count: int, chosen: Chosen | None = None, pages: int = 1) -> cohort.People:
    asked = chosen or Chosen()
    found = cohort.people(
        CohortFacts({"none": count}, count, asked.page, pages, 0),
        ListFacts(has_service=True, at=WHEN),
        StrictFacts(may_switch=True),
        (("11", "Ward teams"),),
        asked,
        url=lambda one: f"?page={one.page}",
        refresh_url="#list",
        strict_url="#strict",
    )
    if found.filters is None:
        return found
    return dataclasses.replace(found, filters=dataclasses.replace(found.filters, statuses=()))


def people() -> list[course.Learner]:
    """Four learners: nothing, something, a whole quality, and one that came from elsewhere."""
    features = [one.key for one in catalogue().quality("self-belief").features]
    facts = [Fact(key, kind, None, WHEN) for key in features for kind in ("studied", "scenario")]
    nothing = competency.fold(catalogue(), [], on=date(2026, 11, 25))
    some = competency.fold(catalogue(), facts, on=date(2026, 11, 25))
    states: tuple[tuple[Any, dict[str, str]], ...] = (
        (nothing, {}),
        (nothing, {"self-awareness": "in_progress", "self-management.scenarios": "completed"}),
        (some, {"self-belief": "completed"}),
        (nothing, {"self-awareness": "completed"}),
    )
    return [
        course.Learner(f"prs_{place}", name, f"#{place}", ("11",), folded, begun)
        for place, (name, (folded, begun)) in enumerate(zip(NAMES, states, strict=True))
    ]


def _course() -> Iterator[tuple[str, Shown]]:
    views = course.views("#all", "#stuck", 2, is_stuck=False)
    few = ("self-belief", "self-awareness", "broad-scanning")
    for name, learners, around, held in (
        ("some", people(), _around(121, Chosen(page=2), 3), ()),
        ("held", people(), _around(4), few),
        ("empty", [], _around(0), ()),
        ("filtered-empty", [], _around(0, Chosen(search="nobody")), ()),
    ):
        page = course.course(
            catalogue(),
            "Leading in practice",
            learners,
            people=course_order.with_orders(catalogue(), around, "self-awareness"),
            shown=views,
            heads=course_order.heads(catalogue(), "self-awareness", lambda sort: f"#{sort}"),
            nudge_url="#n",
            file_url="#f",
            held=held,
        )
        if name == "some":  # levels, which the fold above does not reach
            cells = [Cell("Self-belief", f"level-{n}", str(n), f"Level {n}, Consistent") for n in range(1, 5)]
            row = dataclasses.replace(page.rows[0], cells=(*cells, *page.rows[0].cells[4:]))
            page = dataclasses.replace(page, rows=(row, *page.rows[1:]))
        yield f"course-people-{name}", Shown("teach/course.html", page, TEACHER)


def _stuck() -> Iterator[tuple[str, Shown]]:
    views = course.views("#all", "#stuck", 2, is_stuck=True)
    late = (Reason(OVERDUE, WHEN), Reason(TRIES, count=4))
    rows = (
        stuck.person("prs_a", NAMES[1], "#a", (("Self-belief", (Reason(UNFINISHED, WHEN),)), ("Board", late)), WHEN),
        stuck.person("prs_b", NAMES[3], "#b", (("Self-belief", (Reason(QUIET, WHEN),)),), None),
    )
    for name, shown, around in (
        ("some", rows, _around(2)),
        ("empty", (), _around(0)),
        ("filtered-empty", (), _around(0, Chosen(search="nobody"))),
    ):
        page = stuck.stuck("Leading in practice", shown, people=around, shown=views, nudge_url="#n", tick_url="?all=1")
        yield f"stuck-{name}", Shown("teach/stuck.html", page, TEACHER)


def _nudge() -> Iterator[tuple[str, Shown]]:
    whom = tuple((f"prs_{place}", name) for place, name in enumerate(NAMES))
    given: dict[str, Any] = {"longest": 1000, "action": "#nudge", "key": "ndg_a", "back_url": "#back"}
    late = (("Eoin Ó Súilleabháin", WHEN - timedelta(days=2)),)
    filled = nudge.prefilled("Leading in practice")
    for name, text, chosen, left, changes in (
        ("write", filled, whom, late, {}),
        ("preview", TEXT, whom, late, {"is_preview": True}),
        ("error", "", whom, (), {"error": "Write a few words first."}),
        ("nobody", TEXT, (), late, {"error": "Everybody you chose has had a message within the last seven days."}),
    ):
        page = nudge.write("Leading in practice", text, chosen, left, **{**given, **changes})
        yield f"nudge-{name}", Shown("teach/nudge.html", page, TEACHER)
    many = [(f"{name} {n}", f"learner-{n}@a-rather-long-name.example.org") for n in range(30) for name in NAMES[:1]]
    for name, text, gets in (
        ("some", TEXT, [(NAMES[0], "aino@example.org"), (NAMES[1], "")]),
        ("many", "ä" * 900, many),
        ("nowhere", TEXT, [(NAMES[0], "")]),
    ):
        done = nudge.done("Leading in practice", text, gets, back_url="#back")
        yield f"nudged-{name}", Shown("teach/nudged.html", done, TEACHER)


def _learner() -> Iterator[tuple[str, Shown]]:
    given: dict[str, Any] = {"limits": (), "allowed": "", "reasons": (), "grade": None, "reviews": ()}
    facts = gradebook.GradeFacts("parked", 1.0, 1.0, "column_missing", "", WHEN)
    grade = dataclasses.replace(gradebook.cell(facts, "moodle", ""), again=None)
    placed = (
        learner.placed("Self-belief", "none", 0.0, None, 0, is_private=False, **given),
        learner.placed(
            "Self-awareness",
            "in_progress",
            0.4,
            None,
            2,
            is_private=False,
            **{
                **given,
                "limits": ("Closes on 1 December.",),
                "more_url": "#allow",
                "allowed": "1 further attempt",
                "reasons": (Reason(QUIET, WHEN),),
            },
        ),
        learner.placed(
            "Programme",
            "completed",
            1.0,
            WHEN,
            1,
            is_private=False,
            **{**given, "grade": grade, "reviews": (Link("Answers: Self-belief", "#a"), Link("Answers: Drive", "#b"))},
        ),
        learner.placed("Self-assessment", "completed", 1.0, WHEN, 1, is_private=True, **given),
    )
    told = (Event("25 November 2026 at 14:02", "You returned it", "Say <more>, please.", ()),)
    reflections = (
        learner.Judged("Self-belief", "Returned, with the learner", Link("Read and judge", "#r"), told),
        learner.Judged("Self-awareness", "Signed", None, ()),
    )
    person = people()[2]
    cells = course.cells(catalogue(), person.folded, person.begun)
    for name, shown, judged, nudged_at in (("some", placed, reflections, WHEN), ("empty", (), (), None)):
        page = learner.learner(
            catalogue(),
            NAMES[3],
            "Leading in practice",
            placements=shown,
            cells=cells,
            reflections=judged,
            nudged_at=nudged_at,
            back_url="#back",
        )
        yield f"learner-{name}", Shown("teach/learner.html", page, TEACHER)


def _message() -> Iterator[tuple[str, Shown]]:
    message = nudge.message(TEXT, "Margaret Osei", WHEN, "#away", "/v/vis_a/")
    frame = dataclasses.replace(LEARNER, message=message)
    yield "message", Shown("errors/error.html", notices.not_you("Aino", "#course"), frame)
