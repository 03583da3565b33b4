"""Made-up states of the pages about a placement's terms and about how its questions work."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from framework.assessment.statistics import First
from framework.errors import Invalid
from framework.terms import Allowance, Terms
from lti_tool.presenters import placement_terms, programme_parts, questions
from lti_tool.presenters.choice import Chosen
from lti_tool.presenters.placement_terms import Parts
from lti_tool.presenters.terms_words import Change
from tests.lti_tool.rendering import TEACHER, Shown, catalogue

WHEN = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
HELD = Terms(WHEN, WHEN + timedelta(days=14), WHEN + timedelta(days=21), attempts=2, counts="latest", reuse_months=0)
PEOPLE = (("prs_a", "Amina Yusuf", Allowance(WHEN + timedelta(days=30), 1)), ("prs_b", "Ben Carter", None))


def samples() -> Iterator[tuple[str, Shown]]:
    """The pages by name."""
    yield from _settings()
    yield from _course()
    yield from _questions()
    yield from _parts()


def _settings() -> Iterator[tuple[str, Shown]]:
    changes = (
        Change(WHEN, "Margaret Osei", "", {"attempts": None, "grade": None}, {"attempts": 2, "grade": "score"}),
        Change(WHEN, "Margaret Osei", "Amina Yusuf", {"extra_attempts": 0}, {"extra_attempts": 1}),
    )
    given: dict[str, Any] = {"basis": "completion", "has_score": True, "run": 1, "urls": ("#save", "#allow", "#run")}
    module, reflection = catalogue().activity("self-belief"), catalogue().activity("self-belief.reflection")
    late = Invalid("The close must be after the opening.", field="closes_at")
    for name, activity, held, changed in (
        ("new", module, Terms(), {"has_begun": False, "people": (), "changes": ()}),
        ("some", module, HELD, {"has_begun": True, "people": PEOPLE, "changes": changes, "allow_said": "Saved."}),
        (
            "programme",
            catalogue().activity("programme"),
            Terms(),
            {
                "has_score": False,
                "has_begun": False,
                "people": (),
                "changes": (
                    Change(
                        WHEN,
                        "Margaret Osei",
                        "",
                        {"qualities": "Self-belief"},
                        {"qualities": "Self-belief and Broad scanning"},
                    ),
                ),
                "parts": Parts(("Self-belief", "Broad scanning"), "Begins with the self-assessment", "#parts"),
            },
        ),
        ("reflection", reflection, Terms(), {"has_begun": False, "people": PEOPLE, "changes": ()}),
        (
            "error",
            module,
            HELD,
            {
                "has_begun": False,
                "people": PEOPLE,
                "changes": (),
                "problem": late,
                "typed": {"closes_at": "2020-01-01T10:00", "attempts": "2", "counts": "best"},
            },
        ),
    ):
        page = placement_terms.settings(activity, "Self-belief", held, ZONE, **{**given, **changed})
        yield f"settings-{name}", Shown("teach/settings.html", page, TEACHER)


def _course() -> Iterator[tuple[str, Shown]]:
    rows = (("lnk_a", "Self-awareness", Terms(), ""), ("lnk_b", "Self-belief", HELD, "#settings"))
    page = placement_terms.course("Leading in practice", rows, ZONE, action="#save")
    yield "course-settings", Shown("teach/course_settings.html", page, TEACHER)
    wrong = Invalid("Tick at least one activity.", field="link")
    page = placement_terms.course("Leading in practice", rows, ZONE, action="#save", typed={}, problem=wrong)
    yield "course-settings-error", Shown("teach/course_settings.html", page, TEACHER)


def _questions() -> Iterator[tuple[str, Shown]]:
    activity = catalogue().activity("self-belief")
    sections = catalogue().module("self-belief").sections
    wrong = next(one.key for one in sections[0].check.options if one.key != sections[0].check.answer_key)
    many = [First(wrong, date(2026, 3, 2))] * 6 + [First(sections[0].check.answer_key, date(2026, 4, 2))] * 5
    few = [First(sections[1].check.answer_key, date(2026, 4, 2))] * 2
    for name, answers in (("none", {}), ("some", {sections[0].key: many, sections[1].key: few})):
        page = questions.questions(catalogue(), activity, "Self-belief", answers)
        yield f"questions-{name}", Shown("teach/questions.html", page, TEACHER)


def _parts() -> Iterator[tuple[str, Shown]]:
    urls = ("#save", "#order", "#settings")
    kept = ("self-belief", "self-awareness", "broad-scanning")
    changed = Chosen(
        "programme", "", ("broad-scanning", "self-belief", "political-astuteness"), (), "completion", "first"
    )
    given: dict[str, Any] = {"today": WHEN.date(), "urls": urls}
    for name, chosen, more in (
        ("new", replace(changed, quality_keys=kept), {"has_begun": False}),
        ("begun", changed, {"has_begun": True, "moved": "broad-scanning"}),
        ("error", replace(changed, quality_keys=()), {"has_begun": True, "error": "Choose at least one quality."}),
    ):
        page = programme_parts.page(catalogue(), "Starting to lead", chosen, kept, **given, **more)
        yield f"parts-{name}", Shown("teach/programme.html", page, TEACHER)
