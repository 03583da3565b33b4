"""Made-up states of the pages of one activity: overview, parts, finish, result."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from framework.assessment import Answer, accept
from framework.catalogue import Activity, Module
from framework.catalogue.learning import Scenario
from framework.errors import Invalid
from lti_tool.presenters import module, result, scenarios, steps
from lti_tool.presenters.conflict import MEANWHILE, Meanwhile
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.programme_finish import Within
from lti_tool.presenters.steps import Step, Where
from tests.lti_tool.rendering import TEACHER, Shown, catalogue

WHEN = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
SEED = "an attempt"


def _answer(key: str, value: Any, first: Any = None, tries: int = 1) -> Answer:
    return Answer(key, value, value if first is None else first, tries)


def keyed(one: Scenario) -> Any:
    """An answer to a scenario that agrees with the key."""
    if one.format == "choose3":
        return [each.key for each in one.responses if each.keyed is True]
    if one.format == "best_worst":
        return {str(each.keyed): each.key for each in one.responses if each.keyed in ("best", "worst")}
    return {each.key: each.keyed for each in one.responses}


def _all_answers(of: Module) -> dict[str, Answer]:
    answers = {of.why.key: _answer(of.why.key, True)}
    for number, one in enumerate(of.sections):
        answers[one.key] = _answer(one.key, one.check.answer_key, tries=1 + number % 3)
    for each in of.scenarios:
        answers[each.key] = _answer(each.key, keyed(each))
    return answers


def _address(key: str) -> str:
    return f"#{key}"


@dataclass(frozen=True)
class _Visit:
    """One activity with some answers, as a view would hold it."""

    activity: Activity
    answers: Mapping[str, Answer]

    @property
    def module(self) -> Module:
        return steps.module_of(catalogue(), self.activity)

    @property
    def steps(self) -> tuple[Step, ...]:
        return steps.steps(catalogue(), self.activity, self.answers, _address)

    def step(self, key: str) -> Step:
        return next(step for step in self.steps if step.key == key)

    def where(self, key: str) -> Where:
        return steps.where(self.steps, key, "#overview")

    def onward(self, key: str) -> str:
        return steps.onward(self.steps, key, "#finish")


def _visit(activity_key: str, done: int | None = None) -> _Visit:
    activity = catalogue().activity(activity_key)
    answers = _all_answers(steps.module_of(catalogue(), activity))
    return _Visit(activity, dict(list(answers.items())[:done]))


def samples() -> Iterator[tuple[str, Shown]]:
    """The pages of one activity by name."""
    yield from _learn()
    yield from _scenarios()
    yield from _after()


def _overview(visit: _Visit, **changes: Any) -> Shown:
    given: dict[str, Any] = {"level": None, "basis": "completion", "finish_url": "#finish", **changes}
    return Shown("learn/module.html", module.overview(catalogue(), visit.activity, visit.steps, **given))


def _section(visit: _Visit, key: str, **changes: Any) -> Shown:
    given: dict[str, Any] = {
        "answer": visit.answers.get(key),
        "onward_url": visit.onward(key),
        "seed": SEED,
        **changes,
    }
    page = module.section(catalogue(), visit.activity, visit.step(key), visit.where(key), "#answer", **given)
    return Shown("learn/section.html", page)


def _learn() -> Iterator[tuple[str, Shown]]:
    new, some, done = _visit("self-belief", 0), _visit("self-belief", 3), _visit("self-belief")
    yield "module-new", _overview(new)
    yield "module-some", _overview(some, basis="score", up=Link("Leadership programme", "#up"))
    yield "module-done", _overview(done)
    yield "module-finished", _overview(done, level=0, result_url="#result", finished_at=WHEN)
    yield "module-scenarios", _overview(_visit("holding-to-account.scenarios", 0))
    yield "module-long-title", _overview(_visit("effective-and-strategic-influencing", 1))
    form = Form("#read", "Continue", (("read", "yes"),))
    key = new.module.why.key
    yield "why", Shown("learn/why.html", module.why(catalogue(), new.activity, new.where(key), form))
    yield "why-read", Shown("learn/why.html", module.why(catalogue(), some.activity, some.where(key), form, "#next"))
    first, second, third = (one.key for one in new.module.sections[:3])
    check = new.module.sections[0].check
    wrong = next(one.key for one in check.options if one.key != check.answer_key)
    yield "section", _section(new, first)
    yield "section-error", _section(new, second, error="Choose an answer.")
    yield "section-not-yet", _section(new, first, answer=_answer(first, wrong))
    yield "section-right", _section(some, first)
    late = Meanwhile(MEANWHILE, module.told(new.module, first, wrong))
    yield "section-meanwhile", _section(new, first, answer=_answer(first, wrong), meanwhile=late)
    yield "section-sources", _section(some, third)
    preview = _section(new, first)
    yield "section-preview", dataclasses.replace(preview, frame=dataclasses.replace(TEACHER, preview_exit="#exit"))
    given: dict[str, Any] = {"basis": "completion", "form_action": "#finish", "overview_url": "#overview"}
    for name, visit in (("finish", done), ("finish-missing", some)):
        page = module.finish(catalogue(), visit.activity, visit.steps, **given)
        yield name, Shown("learn/finish.html", page)
    page = module.finish(catalogue(), done.activity, done.steps, **given, within=Within(1, 3, is_graded=True))
    yield "finish-programme", Shown("learn/finish.html", page)


def _scenario(visit: _Visit, one: Scenario, refused: Any = None, answer: Answer | None = None) -> Shown:
    error = ""
    if refused is not None:
        try:
            accept(catalogue(), visit.activity, one.key, refused)
        except Invalid as invalid:
            error = str(invalid)
    page = scenarios.page(
        catalogue(),
        visit.activity,
        visit.step(one.key),
        visit.where(one.key),
        "#answer",
        answer=answer,
        onward_url=visit.onward(one.key),
        seed=SEED,
        refused=refused,
        error=error,
    )
    return Shown("learn/scenario.html", page)


def _scenarios() -> Iterator[tuple[str, Shown]]:
    half: dict[str, Any] = {"rank5": {}, "rate": {}, "choose3": [], "best_worst": {"best": "", "worst": ""}}
    for name in half:
        of = next(m for m in catalogue().modules for s in m.scenarios if s.format == name)
        one = next(s for s in of.scenarios if s.format == name)
        visit = _visit(of.quality_key, 3)
        a, b, c = (each.key for each in one.responses[:3])
        half |= {"rank5": {a: "2", b: "2", c: "1"}, "rate": {a: "4", b: "1"}, "choose3": [a, b]}
        turned = {each.key: 5 - int(each.keyed) for each in one.responses} if name == "rate" else keyed(one)
        yield f"scenario-{name}", _scenario(visit, one)
        yield f"scenario-{name}-error", _scenario(visit, one, refused=half[name])
        yield f"scenario-{name}-review", _scenario(visit, one, answer=_answer(one.key, turned))


def _after() -> Iterator[tuple[str, Shown]]:
    done = _visit("self-belief")
    some, whole = Within(1, 3, is_graded=True), Within(3, 3, is_graded=True)
    for name, state, within in (
        *((state or "no-grade", state, None) for state in ("", "due", "delivered", "parked", "overridden")),
        ("programme-some", "", some),
        ("programme-whole", "", whole),
        ("programme-delivered", "delivered", whole),
    ):
        page = result.result(
            catalogue(),
            done.activity,
            level=None if state == "due" else 0,
            finished_at=WHEN,
            grade_state=state,
            score="3 of 4 questions were right at the first try." if state == "overridden" else "",
            primary=Link("Back to course", "#course"),
            review_url="#review",
            board_url="#board",
            again_action="#again",
            module_url=lambda key: "#module" if key == "self-awareness" else "",
            within=within,
        )
        yield f"result-{name}", Shown("learn/result.html", page)
    page_ = result.review(catalogue(), done.activity, done.answers, SEED, Link("Back to your result", "#result"))
    yield "review", Shown("learn/review.html", page_)
