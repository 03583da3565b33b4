"""Made-up states of the pages of a self-assessment, and of the framework on one page."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from framework import competency
from framework.assessment import Answer, accept
from framework.assessment.profile import Profile, compare, profile
from framework.catalogue import Activity
from lti_tool.presenters import notices, self_assessment, self_check, self_rating
from lti_tool.presenters import profile as report
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.framework_page import framework_page
from tests.framework.practice import explored_facts
from tests.lti_tool.rendering import LEARNER, STRANGER, Shown, catalogue

THEN, NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC), datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
FORM = Form("#save", "Save and continue")


def answers(activity: Activity, *, shift: int = 0, count: int = 100, **others: Any) -> Mapping[str, Answer]:
    """Answers to the first qualities of an activity; another shift gives other ratings."""
    asked = [catalogue().quality(activity.quality_key)] if activity.quality_key else catalogue().qualities
    made = {}
    for place, one in enumerate(asked[:count]):
        value = {
            "statements": {
                each.key: "unseen" if (place + number) % 11 == 10 else 1 + (place * 3 + number * 2 + shift) % 5
                for number, each in enumerate(one.features)
            },
            "importance": 1 + place % 4,
            "target": place % 5,
            **others,
        }
        stored = accept(catalogue(), activity, one.key, value)
        made[one.key] = Answer(one.key, stored, stored, 1)
    return made


def _address(key: str) -> str:
    return f"#{key}"


def _whole() -> Activity:
    return catalogue().activity("self-assessment")


def _one() -> Activity:
    return catalogue().activity("self-belief.self-assessment")


def samples() -> Iterator[tuple[str, Shown]]:
    """The pages by name."""
    yield from _before()
    yield from _quality()
    yield from _after()
    yield from _framework()


def _before() -> Iterator[tuple[str, Shown]]:
    limits = ("Due on 1 December 2026 at 12:00.", "2 attempts left of 2.")
    page_start = self_assessment.start(catalogue(), _whole(), "#begin", limits, Link("Back to the programme", "#up"))
    yield "self-start", Shown("self_assessment/start.html", page_start)
    half = {**answers(_whole(), count=5)}
    key = catalogue().qualities[4].key
    part = accept(catalogue(), _whole(), key, {"statements": {catalogue().quality(key).features[0].key: 3}})
    half[key] = Answer(key, part, part, 1)
    for name, given in (("some", half), ("all", answers(_whole()))):
        page = self_assessment.tasks(catalogue(), _whole(), given, _address, "#check")
        yield f"self-tasks-{name}", Shown("self_assessment/tasks.html", page)
    yield "self-saved", Shown("errors/error.html", notices.saved_for_later("#course"))
    yield "self-saved-app", Shown("errors/error.html", notices.saved_for_later(""))


def _quality() -> Iterator[tuple[str, Shown]]:
    def shown(given: Mapping[str, Answer], **others: Any) -> Shown:
        page = self_rating.quality_page(catalogue(), _whole(), quality, given, FORM, "#tasks", **others)
        return Shown("self_assessment/quality.html", page)

    quality = catalogue().qualities[0]
    yield "self-quality", shown({})
    yield "self-quality-answered", shown(answers(_whole(), count=1, example="In March I asked for the night rota."))
    first = quality.features[0].key
    part = accept(catalogue(), _whole(), quality.key, {"statements": {first: 4}})
    yield "self-quality-open", shown({quality.key: Answer(quality.key, part, part, 1)}, warns=True)
    sent = MultiDict({first: "2", "importance": "3", "target": "2", "example": "long"})
    rated = answers(_whole(), count=1, example="In March I asked for the night rota.")
    other = MultiDict({first: "2", "importance": "3", "example": "In May I led it."})
    yield "self-quality-conflict", shown(rated, sent=other, keep_url="#keep", autosaves=True)
    ended = dataclasses.replace(notices.visit_ended("#course"), typed=("In May I led the night rota.",))
    yield "visit-ended-typed", Shown("errors/error.html", ended, STRANGER)
    closing = dataclasses.replace(LEARNER, closes_in=200, stay="#")
    yield (
        "self-quality-closing",
        dataclasses.replace(shown({quality.key: Answer(quality.key, part, part, 1)}), frame=closing),
    )
    yield "self-quality-error", shown({}, sent=sent, error="Your example is 12 characters too long.")


def _profile(activity: Activity, at: datetime, **others: Any) -> Profile:
    return profile(catalogue(), activity, answers(activity, **others).values(), at)


def _report(activity: Activity, *, shift: int | None, made_up: bool = False, level: int = 2, **others: Any) -> Shown:
    found = _profile(activity, NOW, **others)
    comparison = compare(found, _profile(activity, THEN, shift=shift)) if shift is not None else None
    page = report.report(
        catalogue(),
        activity,
        found,
        comparison,
        {"self-belief": level},
        _address,
        again_action="" if made_up else "#again",
        links=(Link("The framework on one page", "#framework"),),
        made_up=made_up,
    )
    return Shown("self_assessment/report.html", page)


def _after() -> Iterator[tuple[str, Shown]]:
    given: dict[str, Any] = {"address": _address, "form_action": "#finish", "tasks_url": "#tasks"}
    done = answers(_whole(), example="In March I asked for the night rota.\nThey said yes.")
    for name, which, error in (
        ("self-check", done, ""),
        ("self-check-error", done, "Tick the box to say that these answers are your own view."),
        ("self-check-missing", answers(_whole(), count=12), ""),
    ):
        page = self_check.check(catalogue(), _whole(), which, error=error, **given)
        yield name, Shown("self_assessment/check.html", page)
    page_done = self_assessment.done("Sent to your course’s gradebook.", "#report", "#board", "#framework")
    yield "self-done", Shown("self_assessment/done.html", page_done)
    yield "self-report-first", _report(_whole(), shift=None)
    yield "self-report", _report(_whole(), shift=3)
    yield "self-report-one", _report(_one(), shift=2)
    yield "self-report-empty", _report(_one(), shift=None, statements={"self-belief.1": "unseen"})
    yield "self-report-preview", _report(_whole(), shift=None, made_up=True, level=0)


def _framework() -> Iterator[tuple[str, Shown]]:
    facts = [*explored_facts(catalogue(), "self-belief", date(2026, 5, 1))]
    standing = competency.fold(catalogue(), facts, on=date(2026, 11, 25))
    for name, search in (("framework", ""), ("framework-search", "how care is"), ("framework-nothing", "zebra")):
        page = framework_page(catalogue(), standing, search, "#framework")
        yield name, Shown("framework/framework.html", page)
