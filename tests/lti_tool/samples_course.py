"""Made-up states of the pages around activities: programme, board, instructor, picker, notices."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from framework.errors import Invalid
from lti_tool.presenters import (
    arrange,
    board,
    choice,
    cohort,
    gradebook,
    notices,
    pick,
    presets,
    programme,
    teach,
    waiting,
)
from lti_tool.presenters.cohort import Chosen, CohortFacts, ListFacts, StrictFacts
from lti_tool.presenters.frame import Form, Frame, Link
from tests.lti_tool import samples_practice
from tests.lti_tool.rendering import LEARNER, STRANGER, TEACHER, Shown, catalogue
from workers.vocabulary import SCOPES_GRADES

WHEN = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


def samples() -> Iterator[tuple[str, Shown]]:
    """The pages by name."""
    yield from _whole()
    yield from _teach()
    yield from _pick()
    yield from _notices()


def _address(key: str) -> str:
    return f"#{key}"


def _whole() -> Iterator[tuple[str, Shown]]:
    modules = tuple(one for one in catalogue().activities if one.kind == "module")
    keys = [one.key for one in modules]
    finished, open_ = programme.Done(True, 1.0, 2), programme.Done(False, 0.37)
    closes = ("Closes on 17 December 2026 at 17:00.",)
    for name, done in (
        ("new", {}),
        ("some", {keys[0]: finished, keys[1]: open_, keys[6]: finished}),
        ("all", dict.fromkeys(keys, finished)),
    ):
        page = programme.programme(
            catalogue(), "Leadership programme", modules, done, _address, "#board", limits=closes
        )
        yield f"programme-{name}", Shown("learn/programme.html", page)
    once = next(one for one in catalogue().activities if one.key == "self-assessment")
    assessed = programme.Assessed(once, "#assess", finished=1, is_open=True, is_twice=True)
    mixed = (modules[7], modules[0], modules[8])
    page = programme.programme(
        catalogue(), "Leadership programme", mixed, {}, _address, "#board", assessed, modules[2:3]
    )
    yield "programme-assessed", Shown("learn/programme.html", page)
    clusters = catalogue().clusters
    some = {keys[0]: 0, keys[1]: 1, keys[2]: 2, keys[3]: 3, keys[4]: 4, keys[5]: 0, clusters[0].key: 0}
    nearest = Link("Start: Self-belief", "#start")
    for name, levels in (("empty", {}), ("some", some)):
        shown = board.board(catalogue(), levels, _address, nearest, "About 24 minutes")
        yield f"board-{name}", Shown("board/board.html", shown)
    for key, level in (("self-awareness", None), ("self-belief", 1), ("self-management", 0), (clusters[1].key, None)):
        since = "Since 3 May 2026." if level else ""
        ladder = samples_practice.ladder(key, level or 0, key if level is not None else "")
        one = board.badge_page(catalogue(), key, level, ladder, since=since, does=nearest, back_url="#")
        yield f"badge-{key}", Shown("board/badge.html", one)


def _grade(state: str, error_class: str = "") -> gradebook.GradeCell:
    facts = gradebook.GradeFacts(state, 1.0, 1.0, error_class, "", WHEN, WHEN + timedelta(hours=1))
    return gradebook.cell(facts, "moodle", "#again")


def _column(family: str, scopes: tuple[str, ...], **changes: Any) -> gradebook.Gradebook:
    given: dict[str, Any] = {"origin": "made", "is_known": True, "said": "", "said_at": WHEN, "is_working": False}
    panel = gradebook.column(scopes=scopes, family=family, match_url="#match", remove_url="#remove", **given | changes)
    return gradebook.Gradebook(column=panel, again=Form("#all", "Send all of them again"))


def _teach() -> Iterator[tuple[str, Shown]]:
    rows = [
        teach.LearnerRow("Aino Käräjämäki", "completed", 1.0, WHEN, _grade("delivered")),
        teach.LearnerRow(
            "Bartholomew Featherstonehaugh-Cholmondeley", "completed", 1.0, WHEN, _grade("parked", "activity_ungraded")
        ),
        teach.LearnerRow("Chidi Okonkwo", "completed", 1.0, WHEN, _grade("due")),
        teach.LearnerRow("Dilnoza Yusupova", "started", 0.5),
        teach.LearnerRow("", "completed", 1.0, WHEN, _grade("overridden", "overridden")),
        teach.LearnerRow("Fatima al-Rashid", "none"),
    ]
    placed = catalogue().activity("self-belief")
    given: dict[str, Any] = {"preview_url": "#preview", "basis": "completion"}
    counts = {"completed": 4, "in_progress": 1, "none": 1}
    fresh = ListFacts(has_service=True, at=WHEN)
    for name, book in (
        ("column", _column("moodle", SCOPES_GRADES, said="The column “Self-belief” is there, with 1 point.")),
        ("read-only", _column("moodle", SCOPES_GRADES[1:], origin=None, is_known=False)),
        ("no-service", _column("canvas", (), origin=None, is_known=False)),
        ("working", _column("other", SCOPES_GRADES, is_working=True)),
        (
            "paused",
            gradebook.Gradebook(
                said="The grades are being sent again. Reload this page in a moment to see what came of it.",
                paused=gradebook.paused("The LMS refused this tool's request for access (status 400).", WHEN, WHEN),
                again=Form("#all", "Send all of them again"),
            ),
        ),
    ):
        page = teach.activity(
            placed,
            placed.title,
            rows,
            people=people(counts, parked=1, roster=fresh),
            gradebook=book,
            change_url="",
            **given,
        )
        yield f"teach-{name}", Shown("teach/activity.html", page, TEACHER)
    yield "teach-remove-column", Shown("teach/remove_column.html", gradebook.remove("#remove", "#keep"), TEACHER)
    for name, shown, change, around in (
        ("some", rows, "", people(counts, parked=1, roster=fresh)),
        ("not-started", rows[5:], "#change", people({"none": 1}, roster=fresh)),
        ("empty", [], "#change", people(roster=ListFacts(has_service=True, is_due=True))),
        ("sections", rows, "", _big(Chosen(section="11", search="e", page=2))),
        ("filtered-empty", [], "", _big(Chosen(status="none", search="nobody"), matching=0)),
        ("strict-none", [], "", people(roster=fresh, strict=StrictFacts(is_strict=True))),
    ):
        page = teach.activity(placed, placed.title, shown, people=around, change_url=change, **given)
        yield f"teach-{name}", Shown("teach/activity.html", page, TEACHER)
    bare = people(counts, roster=ListFacts(has_service=False))
    page = teach.activity(
        placed, placed.title, rows[3:], people=bare, preview_url="#preview", change_url="", basis="none"
    )
    yield "teach-no-grades", Shown("teach/activity.html", page, TEACHER)


def people(
    counts: Mapping[str, int] | None = None,
    *,
    parked: int = 0,
    roster: ListFacts | None = None,
    strict: StrictFacts | None = None,
) -> cohort.People:
    """What stands around a short list without sections."""
    facts = CohortFacts(counts or {}, sum((counts or {}).values()), 1, 1, parked)
    known, whom = roster or ListFacts(has_service=True, at=WHEN), strict or StrictFacts()
    return cohort.people(facts, known, whom, (), Chosen(), url=_query, refresh_url="#list", strict_url="#strict")


def _big(chosen: Chosen, matching: int = 121) -> cohort.People:
    """A course of 140 in two sections, whose last list was doubted."""
    facts = CohortFacts({"completed": 80, "in_progress": 20, "none": 40}, matching, chosen.page, 3, 1)
    doubted = ListFacts(True, WHEN, missing=90, active=140, trouble="The LMS did not show the roster (status 503).")
    titles = (("11", "Ward teams of the north-eastern hospitals"), ("12", "Community teams"))
    return cohort.people(
        facts,
        doubted,
        StrictFacts(True, (titles[0][1], titles[1][1]), may_switch=True),
        titles,
        chosen,
        url=_query,
        refresh_url="#list",
        strict_url="#strict",
        said="asked",
    )


def _query(chosen: Chosen) -> str:
    return f"?{urlencode(chosen.query())}"


def _place(**changes: Any) -> pick.Place:
    usual: dict[str, Any] = {
        "title": pick.title("Leading in practice"),
        "lead": "",
        "note": "",
        "is_single": False,
        "has_columns": True,
        "add": Form("#add", "Add to course"),
        "again": "#again",
        "arrange": "#arrange",
        "preview": Form("#preview", "Preview", (("seen_from", "sealed"),)),
        "cancel": Form("#cancel", "Cancel"),
    }
    return pick.Place(**(usual | changes))


def _pick() -> Iterator[tuple[str, Shown]]:
    keys = ("self-belief", "self-awareness.scenarios", "board")
    separate = choice.Chosen(choice.SEPARATE, "", (), keys, "completion")
    preset, cluster = (
        presets.chosen_by(catalogue(), value, WHEN.date())
        for value in ("quality:self-belief", f"cluster:{catalogue().clusters[0].key}")
    )
    frame = dataclasses.replace(TEACHER, back="")
    one_alone = {"is_single": True, "note": pick.limits(many=False, columns=True)}
    no_columns = {"has_columns": False, "note": pick.limits(many=True, columns=False)}
    for name, where, changes in (
        ("programme", {}, {}),
        ("separate", {}, {"chosen": separate}),
        ("preset", {}, {"chosen": preset, "did": presets.said(catalogue(), preset)}),
        ("preset-cluster", {}, {"chosen": cluster, "did": presets.said(catalogue(), cluster)}),
        ("found", {}, {"chosen": dataclasses.replace(separate, find=choice.Find("account", "", "module"))}),
        ("single", one_alone, {"chosen": dataclasses.replace(separate, activity_keys=("self-belief",))}),
        ("no-columns", no_columns, {}),
        (
            "error",
            {},
            {"chosen": dataclasses.replace(separate, activity_keys=()), "error": "Choose at least one activity."},
        ),
        (
            "chooser",
            {
                "is_single": True,
                "cancel": None,
                "lead": pick.holds(catalogue(), catalogue().activities[:3], catalogue().activity("programme")),
                "leave": Link("Leave it as it is", "#leave"),
                "link": pick.IN_LINK,
            },
            {},
        ),
    ):
        page = pick.picker(catalogue(), _place(**where), WHEN.date(), **changes)
        yield f"pick-{name}", Shown("pick/picker.html", page, frame)
    yield from _arrange(separate, frame)
    unfit = notices.cannot_pick("Leading in practice", "#")
    yield "pick-unsupported", Shown("launch/onward.html", unfit, TEACHER)
    sent = notices.returning("Leading in practice", "#", (("JWT", "a.b.c"),))
    yield "pick-return", Shown("pick/return.html", sent, TEACHER)


def _arrange(separate: choice.Chosen, frame: Frame) -> Iterator[tuple[str, Shown]]:
    late = Invalid("Self-belief: The close must be after the opening.", field="closes_at:self-belief")
    typed = {"self-belief": {"opens_at": "2027-03-02T09:00", "closes_at": "2027-03-01T09:00", "attempts": "2"}}
    whole = choice.with_all(choice.first_choice(catalogue()), catalogue(), WHEN.date())
    for name, chosen, changes in (
        ("separate", separate, {"moved": "board"}),
        ("error", dataclasses.replace(separate, typed=typed), {"problem": late}),
        ("programme", dataclasses.replace(whole, self_assessment="both"), {}),
        ("nothing", dataclasses.replace(separate, activity_keys=()), {}),
    ):
        page = arrange.page(catalogue(), _place(), chosen, "Times are those of Europe/London.", **changes)
        yield f"arrange-{name}", Shown("pick/arrange.html", page, frame)


def _notices() -> Iterator[tuple[str, Shown]]:
    yield "unavailable", Shown("learn/unavailable.html", notices.unavailable("#course"))
    place = {"origin": "https://lms.example.org", "frame": "", "key": "k"}
    way = waiting.login(onward="#on", value="v", window_url="#window", **place)
    yield "login", Shown("launch/login.html", way, STRANGER)
    back = waiting.launch(action="#", fields=(("state", "s"), ("secret", "")), back_url="#course", **place)
    yield "confirm", Shown("launch/confirm.html", back, STRANGER)
    refused = notices.refused(
        "That took too long",
        "The sign-in was started more than 10 minutes ago.",
        "Go back to your course and open the activity again.",
        "state_expired-7Q4M",
    )
    yield "refused", Shown("launch/refused.html", refused, STRANGER)
    yield "not-you", Shown("errors/error.html", notices.not_you(LEARNER.person, "#course"))
    yield "visit-ended", Shown("errors/error.html", notices.visit_ended("#course"), STRANGER)
    for status in (403, 404, 500, 503):
        page = notices.error(status, back_url="#course" if status == 404 else "", code="9F2C" if status == 500 else "")
        yield f"error-{status}", Shown("errors/error.html", page, STRANGER)
