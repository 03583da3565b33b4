"""What a placed programme holds: its instructor adds, removes and orders qualities, also after learners have begun."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from framework.catalogue import Catalogue
from framework.errors import Invalid, NotFound
from framework.store import cohorts, editions, placements, terms
from framework.store.placements import PROGRAMME
from framework.store.sessions import now
from framework.store.tables import ResourceLink
from lti_tool import parts, visit
from lti_tool.frame import show
from lti_tool.placed import teaching
from lti_tool.presenters import choice, programme_parts
from lti_tool.presenters.choice import SELF_ASSESSMENT, Chosen
from lti_tool.presenters.placement_terms import Parts
from lti_tool.presenters.wording import listed

blueprint = visit.guard(Blueprint("programme_parts", __name__, url_prefix=f"{visit.PREFIX}/settings/programme"))


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """What it holds now."""
    with teaching() as (session, placed):
        catalogue = _catalogue(session, placed)
        return _page(session, placed, catalogue, _held(placed, catalogue))


@blueprint.post("/order")
def arranged() -> ResponseReturnValue:
    """One quality moved, taken out or added; nothing is kept yet."""
    move, added = request.form.get("move", ""), request.form.get("add", "")
    with teaching() as (session, placed):
        catalogue = _catalogue(session, placed)
        chosen = choice.moved(choice.read(request.form), move)
        if "added" in request.form and added:
            chosen = choice.with_quality(chosen, added)
        return _page(session, placed, catalogue, choice.known(chosen, catalogue), moved=added or move.partition(":")[2])


@blueprint.post("/")
def save() -> ResponseReturnValue:
    """Keep it; the history says who and what, and a worker computes anew for whoever has begun."""
    chosen = choice.read(request.form)
    try:
        with teaching(writes=True) as (session, placed):
            catalogue = _catalogue(session, placed)
            new = set(choice.known(chosen, catalogue).quality_keys) - set(_held(placed, catalogue).quality_keys)
            for key in new:
                choice.require_offered(catalogue.activity(key), _today())
            keys, beside = chosen.quality_keys, chosen.self_assessment
            by = g.visit.person_id
            changed = terms.set_programme(session, placed, catalogue, keys, beside, by=by, now=now())
    except Invalid as error:
        with teaching() as (session, placed):
            catalogue = _catalogue(session, placed)
            return _page(session, placed, catalogue, choice.known(chosen, catalogue), error=str(error))
    return redirect(url_for("terms.settings", said="saved" if changed else "same"), 303)


def held(placed: ResourceLink, catalogue: Catalogue) -> Parts | None:
    """What the settings page says of it; None for a placement that is no programme."""
    if placed.activity_key != PROGRAMME:
        return None
    titles = tuple(one.title for one in placements.parts(placed, catalogue))
    asked = placed.settings.get("self_assessment", "none")
    return Parts(titles, "" if asked == "none" else SELF_ASSESSMENT[asked], url_for("programme_parts.page"))


def told(catalogue: Catalogue, change: Mapping[str, Any]) -> dict[str, Any]:
    """One side of a kept change, with the qualities by their titles."""
    said = {name: value for name, value in change.items() if name != "left_out"}
    titles = {one.key: one.title for one in catalogue.qualities}
    if said.get("qualities"):
        said["qualities"] = listed(titles.get(key, key) for key in said["qualities"])
    if "self_assessment" in said:
        said["self_assessment"] = SELF_ASSESSMENT.get(said["self_assessment"] or "none")
    return said


def _catalogue(session: Session, placed: ResourceLink) -> Catalogue:
    if placed.activity_key != PROGRAMME:
        raise NotFound("This activity is no programme.")
    return editions.current(session, placed.framework_key)[1]


def _held(placed: ResourceLink, catalogue: Catalogue) -> Chosen:
    keys = tuple(one.key for one in placements.parts(placed, catalogue))
    return Chosen(PROGRAMME, "", keys, (), "completion", placed.settings.get("self_assessment", "none"))


def _page(
    session: Session, placed: ResourceLink, catalogue: Catalogue, chosen: Chosen, *, moved: str = "", error: str = ""
) -> ResponseReturnValue:
    made = programme_parts.page(
        catalogue,
        placed.title,
        chosen,
        _held(placed, catalogue).quality_keys,
        has_begun=cohorts.has_begun(session, placed),
        today=_today(),
        urls=(url_for(".save"), url_for(".arranged"), url_for("terms.settings")),
        moved=moved,
        error=error,
    )
    return show("teach/programme.html", made, 422 if error else 200)


def _today() -> date:
    return now().astimezone(parts.settings().zone).date()
