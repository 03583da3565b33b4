"""Made-up states of the pages around activities: programme, board, instructor, picker, notices."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from lti_tool.presenters import board, notices, pick, programme, teach, waiting
from lti_tool.presenters.frame import Link
from tests.lti_tool.rendering import LEARNER, STRANGER, TEACHER, Shown, catalogue

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
    finished, open_ = programme.Done(True, 1.0), programme.Done(False, 0.37)
    for name, done in (
        ("new", {}),
        ("some", {keys[0]: finished, keys[1]: open_, keys[6]: finished}),
        ("all", dict.fromkeys(keys, finished)),
    ):
        page = programme.programme(catalogue(), "Leadership programme", modules, done, _address, "#board")
        yield f"programme-{name}", Shown("learn/programme.html", page)
    clusters = catalogue().clusters
    some = {keys[0]: 0, keys[1]: 1, keys[2]: 2, keys[3]: 3, keys[4]: 4, keys[5]: 0, clusters[0].key: 0}
    nearest = Link("Start: Self-belief", "#start")
    for name, levels in (("empty", {}), ("some", some)):
        shown = board.board(catalogue(), levels, _address, nearest, "About 24 minutes")
        yield f"board-{name}", Shown("board/board.html", shown)
    for key, level in (("self-belief", None), ("self-awareness", 0), ("self-management", 2), (clusters[1].key, 0)):
        award = catalogue().rules.award(0 if level is None else level + 1)
        conditions = [board.Condition(each.text, i == 0) for i, each in enumerate(award.conditions if award else ())]
        since = "Since 3 May 2026." if level else ""
        one = board.badge_page(catalogue(), key, level, conditions, since=since, does=nearest, back_url="#")
        yield f"badge-{key}", Shown("board/badge.html", one)


def _teach() -> Iterator[tuple[str, Shown]]:
    rows = [
        teach.LearnerRow("Aino Käräjämäki", "completed", 1.0, WHEN, "delivered"),
        teach.LearnerRow(
            "Bartholomew Featherstonehaugh-Cholmondeley", "completed", 1.0, WHEN, "parked", "column_missing"
        ),
        teach.LearnerRow("Chidi Okonkwo", "completed", 1.0, WHEN, "due"),
        teach.LearnerRow("Dilnoza Yusupova", "started", 0.5),
        teach.LearnerRow("", "completed", 1.0, WHEN, "overridden"),
        teach.LearnerRow("Fatima al-Rashid", "none"),
    ]
    placed = catalogue().activity("self-belief")
    given: dict[str, Any] = {"preview_url": "#preview", "change_url": "#change"}
    for name, shown, basis, at in (
        ("some", rows, "completion", WHEN),
        ("no-grades", rows[3:], "none", None),
        ("not-started", rows[5:], "completion", WHEN),
        ("empty", [], "completion", None),
    ):
        page = teach.activity(placed, placed.title, shown, basis=basis, roster_at=at, **given)
        yield f"teach-{name}", Shown("teach/activity.html", page, TEACHER)


def _pick() -> Iterator[tuple[str, Shown]]:
    separate = pick.Chosen(pick.SEPARATE, "", (), ("self-belief", "self-awareness.scenarios", "board"), "completion")
    given: dict[str, Any] = {"form_action": "#add", "cancel_action": "#cancel"}
    for name, changes in (
        ("programme", {}),
        ("separate", {"chosen": separate}),
        ("single", {"accepts_many": False, "chosen": dataclasses.replace(separate, activity_keys=("self-belief",))}),
        ("no-columns", {"accepts_columns": False}),
        (
            "error",
            {"chosen": dataclasses.replace(separate, activity_keys=()), "error": "Choose at least one activity."},
        ),
    ):
        page = pick.picker(catalogue(), "Leading in practice", **given, **changes)
        yield f"pick-{name}", Shown("pick/picker.html", page, dataclasses.replace(TEACHER, back=""))
    page = pick.chooser(catalogue(), form_action="#use", has_column=True)
    yield "pick-chooser", Shown("pick/chooser.html", page, TEACHER)
    unfit = notices.cannot_pick("Leading in practice", "#")
    yield "pick-unsupported", Shown("pick/unsupported.html", unfit, TEACHER)
    sent = notices.returning("Leading in practice", "#", (("JWT", "a.b.c"),))
    yield "pick-return", Shown("pick/return.html", sent, TEACHER)


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
