"""The learner's board: all badges, what each says and does not say, what the next level would need."""

from collections.abc import Mapping

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from framework import badges
from framework.catalogue import Catalogue
from framework.competency import Competency
from framework.store import attempts, editions, placements, standings
from framework.store.sessions import now
from lti_tool import start, visit
from lti_tool.frame import show
from lti_tool.placed import learning
from lti_tool.presenters import board, rungs
from lti_tool.presenters.frame import Link
from lti_tool.presenters.wording import day

_STUDIED = ("module", "scenarios")  # kinds whose end can explore a quality
blueprint = visit.guard(Blueprint("board", __name__, url_prefix=visit.PREFIX))


@blueprint.get("/board")
def shelf() -> ResponseReturnValue:
    """All badges."""
    catalogue, folded, action = _standing()
    levels = {one.badge_key: one.level for one in badges.standing(catalogue, folded)}
    hint = "" if action is None else "Studying a quality earns its first badge."
    page = board.board(catalogue, levels, lambda key: url_for(".one_badge", key=key), action, hint)
    return show("board/board.html", page)


@blueprint.get("/board/<key>")
def one_badge(key: str) -> ResponseReturnValue:
    """One badge: what it says, what it does not say, and the conditions of the next award."""
    catalogue, folded, action = _standing()
    catalogue.badge(key)
    found = next(one for one in badges.standing(catalogue, folded) if one.badge_key == key)
    current = found.current
    since = f"Runs until {day(current.until)}." if current and current.until else ""
    ladder = rungs.ladder(catalogue, found, folded)
    practice = _practice(catalogue, key, folded)
    page = board.badge_page(
        catalogue,
        key,
        found.level,
        ladder,
        since=since,
        does=(practice or action)
        if board.needs_practice(catalogue, key, found.level, ladder)
        else (action or practice),
        back_url=url_for(".shelf"),
    )
    return show("board/badge.html", page)


def _standing() -> tuple[Catalogue, Mapping[str, Competency], Link | None]:
    """The catalogue, the competency in each quality, and the one thing to do next in this placement."""
    with learning() as (session, worker):
        _, catalogue = editions.current(session, worker.link.framework_key)
        folded = standings.folded(session, g.visit.person_id, catalogue, on=now().date())
        here = placements.parts(worker.link, catalogue) if worker.link.activity_key not in (None, "board") else ()
        progress = attempts.progress_of(session, worker)
    studied = (one for one in here if one.quality_key and one.kind in _STUDIED)
    left = [one for one in studied if not folded[one.quality_key or ""].is_explored]
    action = None
    if left:
        begun = next((one for one in left if one.key in progress), None)
        chosen = begun or left[0]
        verb = "Continue" if begun else "Start"
        action = Link(f"{verb}: {chosen.title}", start.address(chosen))
    return catalogue, folded, action


def _practice(catalogue: Catalogue, key: str, folded: Mapping[str, Competency]) -> Link | None:
    """On to writing about practice in this quality, where this placement has a reflection on it."""
    if key not in folded or g.visit.is_preview:
        return None
    with learning() as (session, worker):
        if not placements.holds_something(session, worker.link):
            return None
        here = (*placements.parts(worker.link, catalogue), *placements.reflections(worker.link, catalogue))
    found = next((one for one in here if one.kind == "reflection" and one.quality_key == key), None)
    if found is None:
        return None
    return Link(f"Write an example for {catalogue.quality(key).title}", url_for("reflect.overview", key=found.key))
