"""The learner's pages of a reflection: share it, read what the judge says, change it. Writing is ``lti_tool.write``.

A view opens one transaction, calls ``framework.judging`` or ``framework.journey`` and hands what it got to a presenter.
In a preview nothing is stored.
"""

import uuid
from collections.abc import Mapping

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework import badges, journey, judging
from framework.assessment import judging as course
from framework.assessment import reflection
from framework.assessment.reflection import SLOTS
from framework.catalogue import Catalogue
from framework.competency import Competency
from framework.errors import Conflict, Invalid
from framework.journey import Work
from framework.store import judgements, placements, standings
from framework.store.attempts import Worker
from framework.store.judgements import Reflection
from framework.store.sessions import now
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import practice, rungs, sharing
from lti_tool.presenters import reflection as pages
from lti_tool.presenters.frame import Link
from lti_tool.presenters.practice import shown_example
from lti_tool.reflected import is_private, loses_nothing, reads, returned_with, work_on

blueprint = visit.guard(Blueprint("reflect", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/reflect/<key>/")
def overview(key: str) -> ResponseReturnValue:
    """The reflection: what is written, where it stands, and what its level needs."""
    return _overview(key)


@blueprint.get("/reflect/<key>/share")
def share(key: str) -> ResponseReturnValue:
    """Everything once more, and who will read it."""
    with learning() as (session, worker):
        work = work_on(session, worker, key)
        readers = reads(session, worker)
        basis = placements.basis(worker.link) if worker.link.activity_key == key else "none"
    if not is_private(work):
        return redirect(url_for(".overview", key=key), 303)
    page = sharing.share_page(
        work.catalogue,
        work.activity,
        _drafts(work, key),
        readers=readers,
        asks_discussion=reflection.asks_discussion(work.answers),
        basis=basis,
        action=url_for(".shared", key=key),
        back_url=url_for(".overview", key=key),
    )
    return show("reflect/share.html", page)


@blueprint.post("/reflect/<key>/share")
def shared(key: str) -> ResponseReturnValue:
    """Share: one transaction, then the bell. Sending it twice shares it once."""
    if g.visit.is_preview:
        return redirect(url_for(".overview", key=key), 303)
    try:
        with learning(writes=True) as (session, worker):
            work_on(session, worker, key)
            judging.share(session, worker, key, now=now())
    except (Invalid, Conflict) as error:
        return _overview(key, str(error))
    parts.bell().push_grades(g.visit.platform_id)
    _ring()
    return redirect(url_for(".overview", key=key), 303)


@blueprint.get("/reflect/<key>/change")
def change(key: str) -> ResponseReturnValue:
    """What changing a shared text does: asked before it is done."""
    with learning() as (session, worker):
        work = work_on(session, worker, key)
        of = _reflection(session, work)
        if of is None or of.state in course.PRIVATE:
            return redirect(url_for(".overview", key=key), 303)
        signed = [step.by for step in course.signatures(of.steps)]
        names = judgements.names_of(session, _keys(of))
        folded = standings.folded(session, worker.person_id, work.catalogue, on=now().date())
    page = sharing.change_page(
        work.catalogue,
        work.activity,
        signed_by=list(dict.fromkeys(names.get(one) or "A judge" for one in signed)),
        level=rungs.level_of(work.catalogue, folded[work.activity.quality_key or ""]),
        action=url_for(".reopen", key=key),
        back_url=url_for(".overview", key=key),
    )
    return show("reflect/change.html", page)


@blueprint.post("/reflect/<key>/change")
def reopen(key: str) -> ResponseReturnValue:
    """Make a shared text private again; signatures on it stop counting."""
    if g.visit.is_preview:
        return redirect(url_for(".overview", key=key), 303)
    try:
        with learning(writes=True) as (session, worker):
            judging.reopen(session, worker, key, now=now())
            work = work_on(session, worker, key)
            own = reflection.examples(work.answers)
            only = own[0] if len(own) == 1 and returned_with(session, work) else None
    except Conflict as error:
        return _overview(key, str(error))
    _ring()
    if only:  # a judge has asked for it: straight to the text
        return redirect(url_for("write.example", key=key, number=SLOTS.index(only.key) + 1), 303)
    return redirect(url_for(".overview", key=key), 303)


@blueprint.post("/reflect/<key>/discussion/answer")
def answer_discussion(key: str) -> ResponseReturnValue:
    """Confirm what was written up of a discussion, or say what is wrong with it."""
    if g.visit.is_preview:
        return redirect(url_for(".overview", key=key), 303)
    is_right = request.form.get("action") == "confirm"
    step = request.form.get("step", "")
    try:
        with learning(writes=True) as (session, worker):
            number = int(step) if step.isascii() and step.isdigit() else 0
            comment = request.form.get("comment", "")
            judging.answer_discussion(session, worker, key, number, is_right=is_right, comment=comment, now=now())
    except (Invalid, Conflict) as error:
        return _overview(key, str(error))
    _ring()
    return redirect(url_for(".overview", key=key), 303)


@blueprint.post("/reflect/<key>/another")
def another(key: str) -> ResponseReturnValue:
    """A new reflection beside the one that was judged, which stays as it is."""
    if not g.visit.is_preview:
        try:
            with learning(writes=True) as (session, worker):
                if not is_private(work_on(session, worker, key)):
                    journey.begin(session, worker, key, now=now())
        except Conflict as error:  # no attempt is left, or the activity has closed
            return _overview(key, str(error))
    return redirect(url_for(".overview", key=key), 303)


def _overview(key: str, error: str = "") -> ResponseReturnValue:
    with learning() as (session, worker):
        work = work_on(session, worker, key)
        of = _reflection(session, work)
        names = judgements.names_of(session, _keys(of)) if of else {}
        folded = standings.folded(session, worker.person_id, work.catalogue, on=now().date())
        readers = reads(session, worker)
        earlier = _earlier(session, work, worker)
        beside = _beside(session, worker, work)
    page = pages.page(
        work.catalogue,
        work.activity,
        status=_panel(work, of, names, folded),
        readers=readers,
        examples=_drafts(work, key) if is_private(work) else practice.shown_examples(course.shared(_steps(of))),
        ladder=_ladder(work.catalogue, work, folded),
        history=practice.history(work.catalogue, _steps(of), names, me=str(worker.person_id), shows_all_marks=True),
        urls=_urls(work, of, key),
        asks_discussion=reflection.asks_discussion(work.answers),
        write_up=_write_up(of, names, key),
        earlier=earlier,
        up=_up(worker, work),
        said=_said(),
        beside=beside,
        error=error,
    )
    return show("reflect/reflection.html", page, 422 if error else 200)


def _said() -> str:
    """What was just done on the page before."""
    return pages.SAID.get(request.args.get("done", ""), "")


def _beside(session: Session, worker: Worker, work: Work) -> tuple[str, ...]:
    """What the learner has of it in other activities of the course, as long as there is nothing here."""
    if g.visit.is_preview or work.answers:
        return ()
    found = judgements.beside(session, worker.link, worker.person_id, work.activity.key)
    is_own = worker.link.activity_key == work.activity.key
    return tuple(pages.beside(title or work.activity.title, state) for title, state in found if state or not is_own)


def _up(worker: Worker, work: Work) -> Link | None:
    """Back to the module from which the learner has gone on to practice."""
    quality = work.activity.quality_key or ""
    if worker.link.activity_key == work.activity.key:
        return None
    return Link(f"Back to {work.catalogue.quality(quality).title}", url_for("learn.overview", key=quality))


def _reflection(session: Session, work: Work) -> Reflection | None:
    """The newest attempt with its steps; None before anything is written."""
    return None if work.attempt is None else judgements.reflection(session, work.attempt.id)


def _earlier(session: Session, work: Work, worker: Worker) -> list[pages.Earlier]:
    """The learner's reflections before the newest one, newest first: what was shared and what became of it."""
    if work.progress is None or work.attempt is None:
        return []
    found = [one for one in judgements.of_progress(session, work.progress.id) if one.attempt_id != work.attempt.id]
    me = str(worker.person_id)
    return [
        pages.Earlier(
            title=pages.earlier_title(one.steps),
            examples=practice.shown_examples(course.shared(one.steps)),
            history=practice.history(
                work.catalogue, one.steps, judgements.names_of(session, _keys(one)), me=me, shows_all_marks=True
            ),
        )
        for one in reversed(found)
        if one.steps
    ]


def _steps(of: Reflection | None) -> tuple[course.Step, ...]:
    return () if of is None else of.steps


def _keys(of: Reflection) -> list[uuid.UUID]:
    return [uuid.UUID(one) for one in {step.by for step in of.steps}]


def _panel(
    work: Work, of: Reflection | None, names: Mapping[str, str], folded: Mapping[str, Competency]
) -> pages.Panel:
    steps = [step for step in _steps(of) if step.action != "draft"]
    quality = work.activity.quality_key or ""
    last = steps[-1] if steps else None
    if of and of.state == "changing" and steps[-2].action == "return":
        last = steps[-2]  # what the judge asked for stays in sight while it is answered
    found = pages.panel(
        of.state if of else "private",
        by=(names.get(last.by) or "your judge") if last else "",
        comment=last.comment if last and last.role != "learner" else "",
        level=rungs.level_of(work.catalogue, folded[quality]),
        marked=practice.summary(work.catalogue, quality, steps),
    )
    return pages.with_signers(found, steps, names)


def _ladder(catalogue: Catalogue, work: Work, folded: Mapping[str, Competency]) -> rungs.Ladder:
    standing = next(
        one for one in badges.standing(catalogue, folded) if one.badge_key == (work.activity.quality_key or "")
    )
    return rungs.ladder(catalogue, standing, folded)


def _urls(work: Work, of: Reflection | None, key: str) -> dict[str, str]:
    """What the learner can do now."""
    urls = {"board": url_for("board.one_badge", key=work.activity.quality_key)}
    if is_private(work):
        slot = reflection.free_slot(work.answers)
        if slot is not None:
            urls["write"] = url_for("write.example", key=key, number=SLOTS.index(slot) + 1)
        urls["share"] = url_for(".share", key=key)
        urls["discussion"] = url_for("write.discussion", key=key)
        return urls
    state = of.state if of else ""
    if state in course.ALLOWED["text_changed"]:
        urls["reopen" if loses_nothing(_steps(of)) else "change"] = url_for(".change", key=key)
    if state in ("signed", "withdrawn"):
        urls["another"] = url_for(".another", key=key)
    return urls


def _write_up(of: Reflection | None, names: Mapping[str, str], key: str) -> pages.WriteUp | None:
    asked = course.waiting_discussion(_steps(of))
    if asked is None:
        return None
    by = names.get(asked.by) or "Your judge"
    return pages.WriteUp(shown_example(asked.examples[0], 1), by, url_for(".answer_discussion", key=key), asked.number)


def _drafts(work: Work, key: str) -> list[practice.ShownExample]:
    return [
        shown_example(
            one, SLOTS.index(one.key) + 1, edit_url=url_for("write.example", key=key, number=SLOTS.index(one.key) + 1)
        )
        for one in reflection.examples(work.answers)
    ]


def _ring() -> None:
    parts.bell().recompute(g.visit.tenant_id, g.visit.person_id)
