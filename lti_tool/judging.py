"""The judge's pages: one queue per course, one reflection, several signatures at once.

Who judges: the course's teachers and the assessors they name (``lti_tool.assessors``), never oneself. Nothing is signed
against another text than was on the page; whatever is refused comes back with what the judge typed.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import badges, judging
from framework.assessment import judging as course
from framework.assessment.judging import Step
from framework.assessment.reflection import witnesses_named
from framework.catalogue import Catalogue, Quality
from framework.errors import Conflict, Invalid, NotFound
from framework.judging import Judge, Read
from framework.store import audits, editions, judgements, standings
from framework.store.columns import parse_public_id, public_id
from framework.store.judgements import Reflection
from framework.store.sessions import now
from lti_tool import parts, placed, visit
from lti_tool.frame import show
from lti_tool.presenters import judging as pages
from lti_tool.presenters import marking, practice, rungs
from lti_tool.presenters.frame import Form, Problem
from lti_tool.visit import Visit

blueprint = visit.guard(Blueprint("judging", __name__, url_prefix=visit.PREFIX))

SAID = {
    "sign": "Signed. The learner sees it now, with what it does to the level.",
    "draft": "Marked, not signed. Only you see your marks until you sign.",
    "return": "Returned. The learner reads your comment.",
    "discuss": "Written up. The learner is asked to confirm it.",
    "withdraw": "Withdrawn. The level follows, and the learner reads the reason.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One reflection before its judge."""

    judge: Judge
    of: Reflection
    catalogue: Catalogue
    quality: Quality

    @property
    def me(self) -> str:
        """The judge's key in steps."""
        return str(self.judge.person_id)


@blueprint.get("/judging")
def queue() -> ResponseReturnValue:
    """What waits for this judge, the oldest first, and what became of the rest."""
    did = SAID.get(request.args.get("did", ""))
    return _queue([did] if did else [])


@blueprint.post("/judging/sign")
def sign_several() -> ResponseReturnValue:
    """Sign several reflections that this judge has marked. One that has moved meanwhile is left, and named."""
    said, signed = [], 0
    for box in dict.fromkeys(request.form.getlist("box")[:100]):
        token, _, rest = box.partition(":")
        seen, _, digest = rest.partition(":")
        learner = "One reflection"
        try:
            with placed.judging(writes=True) as (session, judge):
                case = opened(session, judge, token)
                learner = f"{case.of.learner}: {case.quality.title}"
                read = Read(_number(seen), digest)
                judging.sign_draft(session, judge, case.of.attempt_id, case.quality.key, read, now=now())
        except (Conflict, Invalid, NotFound) as error:
            said.append(f"{learner} was not signed. {error}")
            continue
        signed += 1
        parts.bell().recompute(g.visit.tenant_id, case.of.person_id)
    return _queue([f"{signed} signed." if signed else "Nothing was signed.", *said])


@blueprint.get("/judging/<reflection>")
def look_at(reflection: str) -> ResponseReturnValue:
    """One reflection with the levels beside each behaviour. Who read it is kept in the audit."""
    return _page(reflection)


@blueprint.post("/judging/<reflection>")
def judge(reflection: str) -> ResponseReturnValue:
    """Keep the marks, sign them, or return the reflection."""
    action = request.form.get("action", "")
    problems: Sequence[Problem] = ()
    try:
        with placed.judging(writes=True) as (session, who):
            case = opened(session, who, reflection)
            read, attempt, quality = read_before(), case.of.attempt_id, case.quality.key
            if action == "return":
                judging.send_back(session, who, attempt, quality, read, request.form.get("comment", ""), now=now())
            elif action in ("draft", "sign"):
                problems = _mark(session, case, read, signs=action == "sign")
            else:
                raise Invalid("Use one of the buttons of the page.")
    except (Invalid, Conflict) as error:
        return _refused(reflection, error)
    return _page(reflection, problems, 422) if problems else done(case, action)


def _mark(session: Session, case: Case, read: Read, *, signs: bool) -> Sequence[Problem]:
    """Keep or sign what the form says, unless something must still be said: answers what. Raises Conflict, Invalid."""
    form, quality = request.form.to_dict(), case.quality
    judging.check_unmoved(case.of, read)
    if problems := marking.unanswered(quality, practice.shown_examples(course.shared(case.of.steps)), form):
        return problems
    keys = [one.key for one in quality.features]
    marks = course.accept_marks(
        case.catalogue,
        quality.key,
        {key: form.get(key, "") for key in keys},
        {key: form.get(f"basis-{key}", "") for key in keys},
        (_month("from"), _month("to")),
        today=now().date(),
    )
    judging.mark(
        session,
        case.judge,
        case.of.attempt_id,
        quality.key,
        read,
        marks,
        looked_at=marking.counted_examples(form),
        comment=form.get("comment", ""),
        signs=signs,
        now=now(),
    )
    return ()


@blueprint.post("/judging/<reflection>/withdraw")
def withdraw(reflection: str) -> ResponseReturnValue:
    """Take back a signature, with the reason."""
    try:
        with placed.judging(writes=True) as (session, who):
            case = opened(session, who, reflection)
            step, reason = _number(request.form.get("step", "")), request.form.get("reason", "")
            judging.withdraw(session, who, case.of.attempt_id, case.quality.key, step, reason, now=now())
    except (Invalid, Conflict) as error:
        return _refused(reflection, error)
    return done(case, "withdraw")


def opened(session: Session, judge: Judge, token: str) -> Case:
    """The reflection of a page's address, for a judge who may see it. Raises NotFound or NotAllowed."""
    attempt_id = parse_public_id("rfl", token)
    if attempt_id is None:
        raise NotFound("There is no such reflection in this course.")
    of = judging.open_for(session, judge, attempt_id)
    if not placed.may_judge(session, g.visit, of.identity_id):
        raise NotFound("There is no such reflection in your sections.")
    catalogue = editions.catalogue(session, of.edition_id)
    return Case(judge, of, catalogue, catalogue.quality(catalogue.activity(of.activity_key).quality_key or ""))


def read_before() -> Read:
    """What the page was about that was sent."""
    return Read(_number(request.form.get("seen", "")), request.form.get("digest", ""))


def done(case: Case, action: str) -> ResponseReturnValue:
    """After a step: ring for the recompute, and on to the queue."""
    if action != "draft":
        parts.bell().recompute(g.visit.tenant_id, case.of.person_id)
    return redirect(url_for("judging.queue", did=action), 303)


def _queue(said: Sequence[str]) -> ResponseReturnValue:
    here: Visit = g.visit
    with placed.judging() as (session, who):
        own = judgements.of_course(session, who.context_id)
        seen = [one for one in own if one.person_id != who.person_id and not one.is_test and who.role in one.judges]
        seen = [one for one in seen if placed.may_judge(session, here, one.identity_id)]
        _, catalogue = editions.current(session, seen[0].framework_key) if seen else (None, None)
        signers = {step.by for one in seen for step in course.signatures(one.steps)}
        names = judgements.names_of(session, [uuid.UUID(one) for one in signers])
    rows = [(_row(one, catalogue, names, str(who.person_id)), one.state) for one in seen if catalogue]
    page = pages.queue(
        here.course_title,
        rows,
        sign_action=url_for(".sign_several"),
        assessors_url=url_for("assessors.named") if who.role == "instructor" else "",
        said=said,
    )
    return show("judging/queue.html", page)


def _row(of: Reflection, catalogue: Catalogue, names: Mapping[str, str], me: str) -> pages.Waiting:
    token = public_id("rfl", of.attempt_id)
    draft = course.draft_of(of.steps, me)
    title = next((one.title for one in catalogue.activities if one.key == of.activity_key), of.activity_key)
    return pages.Waiting(
        learner=of.learner,
        title=title,
        url=url_for(".look_at", reflection=token),
        since=pages.since(of.steps),
        note=pages.note(of.steps, names, me),
        box=f"{token}:{course.seen(of.steps)}:{course.shared_digest(of.steps)}" if draft else "",
    )


def _refused(token: str, error: Invalid | Conflict) -> ResponseReturnValue:
    problem = marking.problem(str(error), error.field or "")
    return _page(token, [problem], error.status, is_conflict=isinstance(error, Conflict))


def _page(
    token: str, problems: Sequence[Problem] = (), status: int = 200, *, is_conflict: bool = False
) -> ResponseReturnValue:
    with placed.judging(writes=True) as (session, who):
        case = opened(session, who, token)
        of, me = case.of, case.me
        people = [uuid.UUID(one) for one in {me, *(step.by for step in of.steps)}]
        names = judgements.names_of(session, people)
        folded = standings.folded_in_course(session, of.person_id, case.catalogue, of.context_id, on=now().date())
        actor, subject = f"person {who.person_id}", f"person {of.person_id}"
        audits.add(session, actor=actor, action="read reflection", subject=subject, people=1, now=now())
    has_signed = any(step.by == me for step in course.signatures(of.steps))
    competency = folded[case.quality.key]
    draft = course.draft_of(of.steps, me)
    page = marking.reflection_page(
        case.catalogue,
        case.quality,
        of.steps,
        learner=of.learner,
        examples=_examples(of, names.get(me, "")),
        given=request.form.to_dict() if problems else _kept(of.steps, me, draft),
        signatures=_signatures(case, names, token),
        history=practice.history(case.catalogue, of.steps, names, me=me, shows_all_marks=has_signed),
        statement=(badges.statement(case.catalogue, competency) or "") if has_signed else "",
        standing=rungs.level_of(case.catalogue, competency) if has_signed else "",
        urls=lambda name: _address(name, token),
        problems=problems,
        is_conflict=is_conflict,
    )
    return show("judging/reflection.html", page, status)


def _address(name: str, token: str) -> str:
    if name == "queue":
        return url_for("judging.queue")
    return url_for("discuss.form" if name == "discuss" else "judging.judge", reflection=token)


def _examples(of: Reflection, judge_name: str) -> list[practice.ShownExample]:
    shared = course.shared(of.steps)
    own = {one.key for one in witnesses_named(shared, judge_name)}
    note = "You are named as the witness. You cannot be judge and witness, so it counts as an example without one."
    return [
        practice.shown_example(one, number, note=note if one.key in own else "") for number, one in enumerate(shared, 1)
    ]


def _kept(steps: Sequence[Step], me: str, draft: Step | None) -> Mapping[str, str]:
    """What the form opens with: one's draft; else only since when one knew the work at the last signature."""
    if draft is not None:
        counted = {one.key for one in draft.examples}
        shows = {one.key: one.key in counted for one in course.shared(steps)}
        return marking.filled(draft.marks, draft.comment, shows)
    last = next((step for step in reversed(steps) if step.by == me and step.action == "sign"), None)
    return marking.filled(course.Marks(known_from=last.marks.known_from) if last else course.Marks())


def _signatures(case: Case, names: Mapping[str, str], token: str) -> list[tuple[str, Form]]:
    """The signatures that this judge may withdraw, each with its form."""
    action = url_for(".withdraw", reflection=token)
    return [
        (
            "Your signature" if step.by == case.me else f"The signature of {names.get(step.by) or 'another judge'}",
            Form(action, "Withdraw", (("step", str(step.number)),)),
        )
        for step in course.signatures(case.of.steps)
        if step.by == case.me or case.judge.role == "instructor"
    ]


def _month(name: str) -> str:
    month, year = (request.form.get(f"{name}_{part}", "").strip() for part in ("month", "year"))
    return f"{year:0>4}-{month:0>2}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
