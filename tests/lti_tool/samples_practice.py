"""Made-up states of the pages of reflections and of judging."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from framework import badges, competency
from framework.assessment.judging import Marks, Step, shared, shared_digest
from framework.assessment.reflection import Example
from lti_tool.presenters import assessors, judging, marking, practice, reflection, rungs, sharing, writing
from lti_tool.presenters.conflict import conflict
from lti_tool.presenters.frame import Form, Link
from tests.framework.practice import example, explored_facts, judgement
from tests.lti_tool.rendering import TEACHER, Shown, catalogue

KEY = "self-belief"
TODAY = date(2026, 3, 20)
AT = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)
READERS = writing.who_reads(["Maren Lindqvist"], "Leading in practice")
JUDGE = dataclasses.replace(TEACHER, queue=Link(judging.TITLE, "#queue"), queue_count=3)
ONE = Example(
    "example.1",
    "On the night the lift failed, nobody wanted to ring the director.\nI rang, said what we knew and what we did not, "
    "and asked for a decision by six. The ward was moved before the morning shift.",
    date(2026, 2, 1),
    "beyond_team",
    "Oluwaseun Fitzgerald-Montgomery",
    "outside_line",
)
TWO = Example("example.2", "I put my name to the rota that two teams had refused.", date(2026, 3, 1))
DRAFT = Example("example.3", "The meeting about the car park.")
FEATURES = [one.key for one in catalogue().quality(KEY).features]
MARKS = Marks(
    {FEATURES[0]: 2, FEATURES[1]: 2, FEATURES[3]: 3},
    {FEATURES[0]: "saw", FEATURES[1]: "product", FEATURES[3]: "told"},
    date(2025, 9, 1),
    date(2026, 3, 20),
)
NAMES = {"me": "Oyelaran Adéṣọlá-Whitworth", "maren": "Maren Lindqvist", "ruth": "Ruth Abernathy"}


def _step(number: int, action: str, by: str = "me", **others: object) -> Step:
    role = "learner" if by == "me" else "instructor"
    return dataclasses.replace(Step(number, action, by, role, AT + timedelta(days=number)), **others)  # type: ignore[arg-type]  # by name


SHARE = _step(1, "share", examples=(ONE, TWO))
SIGN = _step(2, "sign", "maren", marks=MARKS, comment="Strong under pressure. Next: let somebody else make the call.")
ASKED = "What came of it? Say what the director did after your call."
WITHDRAW = _step(3, "withdraw", "maren", comment="I mixed up two people.", of_step=2)
TOLD = _step(3, "discuss", "maren", examples=(dataclasses.replace(TWO, key="discussion.3"),))


def ladder(key: str, level: int = 1, explored: str = KEY) -> rungs.Ladder:
    """The ladder of a badge of somebody who has explored one quality, and is at this level of self-belief."""
    facts = explored_facts(catalogue(), explored, date(2026, 1, 10)) if explored else []
    examples = (example(date(2026, 1, 20)), *((example(date(2026, 2, 25)),) if level > 1 else ()))
    judged = [judgement(date(2026, 3, 1), 2, 2, 2, examples=examples)] if level else []
    folded = competency.fold(catalogue(), facts, judged, on=TODAY)
    standing = next(one for one in badges.standing(catalogue(), folded) if one.badge_key == key)
    return rungs.ladder(catalogue(), standing, folded)


def samples() -> Iterator[tuple[str, Shown]]:
    """The pages by name."""
    yield from _learner()
    yield from _writing()
    yield from _judge()


def _learner() -> Iterator[tuple[str, Shown]]:
    everything = {name: f"#{name}" for name in ("write", "share", "discussion", "change", "reopen", "another", "board")}
    private = {name: everything[name] for name in ("write", "share", "discussion", "board")}
    signed = {name: everything[name] for name in ("change", "another", "board")}
    changing = {name: everything[name] for name in ("change", "board")}
    again = {name: everything[name] for name in ("reopen", "board")}
    drafts = [practice.shown_example(one, n, edit_url="#edit") for n, one in enumerate((ONE, DRAFT), 1)]
    told = reflection.WriteUp(practice.shown_example(TOLD.examples[0], 1), "Maren Lindqvist", "#answer", 3)
    states: tuple[Any, ...] = (
        ("new", reflection.panel("private"), [], private, (), 0, None),
        ("drafts", reflection.panel("private"), drafts, private, (), 0, None),
        ("returned", reflection.panel("returned", by="Maren Lindqvist", comment=ASKED), None, again, (SHARE,), 0, None),
        ("changing", reflection.panel("changing", by="Maren Lindqvist", comment=ASKED), drafts, private, (), 0, None),
        ("confirm", reflection.panel("to_confirm", by="Maren Lindqvist"), None, changing, (SHARE, TOLD), 0, told),
        (
            "signed",
            reflection.panel(
                "signed",
                by="Maren Lindqvist",
                comment=SIGN.comment,
                level="Consistent, level 2 of 4",
                marked="3 of 4 behaviours marked",
            ),
            None,
            signed,
            (SHARE, SIGN),
            2,
            None,
        ),
        (
            "withdrawn",
            reflection.panel("withdrawn", by="Maren Lindqvist", comment=WITHDRAW.comment),
            None,
            signed,
            (SHARE, SIGN, WITHDRAW),
            0,
            None,
        ),
    )
    past = practice.history(catalogue(), (SHARE, SIGN), NAMES, me="me", shows_all_marks=True)
    before = reflection.Earlier(reflection.earlier_title((SHARE, SIGN)), practice.shown_examples((ONE,)), past)
    for name, panel, examples, urls, steps, level, write_up in states:
        page = reflection.page(
            catalogue(),
            catalogue().activity(f"{KEY}.reflection"),
            status=panel,
            readers=READERS,
            examples=examples if examples is not None else practice.shown_examples(shared(steps)),
            ladder=ladder(KEY, level),
            history=practice.history(catalogue(), steps, NAMES, me="me", shows_all_marks=True),
            urls=urls,
            asks_discussion=name == "drafts",
            write_up=write_up,
            earlier=[before] if name == "withdrawn" else (),
            said=reflection.SAID["saved"] if name == "drafts" else "",
            beside=(reflection.beside("Reflect", "signed"),) if name == "new" else (),
        )
        yield f"reflection-{name}", Shown("reflect/reflection.html", page)


def _writing() -> Iterator[tuple[str, Shown]]:
    activity = catalogue().activity(f"{KEY}.reflection")
    wrong = {"text": ONE.text, "day": "31", "month": "2", "year": "2026", "witness": "Sam"}
    own = {"text": ONE.text, "event_on": "2026-03-14", "reach": "own_team", "witness": "", "witness_place": ""}
    both = conflict("Told on the phone.\nIn two parts.", writing.differing(TWO, own), "#keep", both="Keep both")
    for name, given, error, field, stale in (
        ("new", {}, "", "", None),
        ("returned", own, "", "", None),
        ("wrong", wrong, "That is no date. Give day, month and year, for example 14 3 2026.", "event_on", None),
        ("conflict", own, "", "", both),
    ):
        page = writing.example_page(
            catalogue(),
            activity,
            1,
            given,
            readers=READERS,
            action="#keep",
            back_url="#back",
            can_remove=name == "wrong",
            keeps=True,
            error=error,
            field=field,
            conflict=stale,
            comment=ASKED if name == "returned" else "",
            comment_by="Maren Lindqvist" if name == "returned" else "",
        )
        yield f"example-{name}", Shown("reflect/example.html", page)
    for name, drafts in (("ready", (ONE, TWO)), ("gap", (ONE, DRAFT))):
        shown = [practice.shown_example(one, n, edit_url="#edit") for n, one in enumerate(drafts, 1)]
        share = sharing.share_page(
            catalogue(),
            activity,
            shown,
            readers=READERS,
            asks_discussion=False,
            basis="completion",
            action="#share",
            back_url="#",
        )
        yield f"share-{name}", Shown("reflect/share.html", share)
    change = sharing.change_page(
        catalogue(), activity, signed_by=["Maren Lindqvist"], level="Consistent", action="#change", back_url="#"
    )
    yield "reflection-change", Shown("reflect/change.html", change)


def _judge() -> Iterator[tuple[str, Shown]]:
    quality = catalogue().quality(KEY)
    typed = marking.filled(MARKS, "Strong under pressure.", {"example.1": True, "example.2": False})
    withdrawals = [("Your signature", Form("#withdraw", "Withdraw", (("step", "2"),)))]
    asked = _step(1, "share", comment="asks for a professional discussion")
    changed = (SHARE, _step(2, "text_changed"))
    ahead = marking.problem("The month from which you know the work lies ahead.", "known_from")
    moved = marking.problem("The learner is changing the text, so it cannot be judged now.", "")
    nothing = marking.filled(Marks())
    open_ones = marking.unanswered(quality, practice.shown_examples(shared((SHARE,))), nothing)
    for name, steps, given, problems in (
        ("new", (SHARE,), nothing, ()),
        ("empty", (SHARE,), nothing, open_ones),
        ("wrong", (SHARE,), typed, (ahead,)),
        ("conflict", changed, typed, (moved,)),
        ("signed", (SHARE, SIGN), nothing, ()),
        ("discussion", (asked,), nothing, ()),
    ):
        page = marking.reflection_page(
            catalogue(),
            quality,
            steps,
            learner="Aino Käräjämäki",
            examples=practice.shown_examples(shared(steps)),
            given=given,
            signatures=withdrawals if name == "signed" else (),
            history=practice.history(catalogue(), steps, NAMES, me="maren", shows_all_marks=False),
            statement=ladder(KEY, 2).statements[0] if name == "signed" else "",
            standing="Consistent, level 2 of 4" if name == "signed" else "",
            urls=lambda where: f"#{where}",
            problems=problems,
            is_conflict=name == "conflict",
        )
        assert page.hidden[1][1] == shared_digest(steps)
        yield f"judge-{name}", Shown("judging/reflection.html", page, JUDGE)

    def row(learner: str, note: str = "", box: str = "", since: str = "Since 3 March 2026") -> judging.Waiting:
        return judging.Waiting(learner, "Self-belief: reflection", "#one", since, note, box)

    rows = [
        (row("Aino Käräjämäki"), "waiting"),
        (row("Bartholomew Featherstonehaugh-Cholmondeley", "Asks for a discussion"), "waiting"),
        (row("Chidi Okonkwo", box="a"), "waiting"),
        (row("Dilnoza Yusupova", box="b"), "waiting"),
        (row("Esra Yılmaz", "Returned, with the learner"), "returned"),
        (row("Farouk Haddad", "Signed by Ruth Abernathy; you have not judged it", since="3 March 2026"), "signed"),
    ]
    for name, shown, said in (
        ("empty", [], ()),
        ("full", rows, ("1 signed.", "Chidi Okonkwo: Self-belief was not signed. The text has changed.")),
    ):
        queue = judging.queue("Leading in practice", shown, sign_action="#sign", assessors_url="#named", said=said)
        yield f"queue-{name}", Shown("judging/queue.html", queue, JUDGE)
    form = writing.example_page(
        catalogue(),
        catalogue().activity(f"{KEY}.reflection"),
        1,
        {},
        readers="Aino Käräjämäki reads this and is asked to confirm it.",
        action="#write",
        back_url="#back",
        can_remove=False,
    )
    form = dataclasses.replace(form, title="Write up the discussion", overline="Aino Käräjämäki: Self-belief")
    yield (
        "judge-write-up",
        Shown("judging/discussion.html", writing.WriteUpPage("Write it up", form, (("seen", "1"),)), JUDGE),
    )
    members = [("a", "Aino Käräjämäki", "learner"), ("b", "Tomás Ferreira", "designer")]
    named = assessors.page([("c", "Ruth Abernathy", TODAY)], members, me="m", action="#", queue_url="#queue")
    yield "assessors", Shown("judging/assessors.html", named, JUDGE)
