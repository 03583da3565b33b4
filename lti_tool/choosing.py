"""The pages of choosing that the picker and the chooser share: the list, its narrowing, the order and the settings."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from framework.catalogue import Catalogue
from framework.errors import Invalid
from framework.store.sessions import now
from lti_tool import parts, sample
from lti_tool.frame import show
from lti_tool.picking import Limits
from lti_tool.presenters import arrange, choice, pick, presets, terms_words
from lti_tool.presenters.choice import Chosen
from lti_tool.presenters.frame import Form
from lti_tool.presenters.pick import Place
from lti_tool.presenters.wording import counted

FROM_ARRANGED = "arranged"  # the field that the second page sends, so that what is refused comes back on it


def limits(*, many: bool, columns: bool) -> Limits:
    """What the place takes, today."""
    zone = parts.settings().zone
    return Limits(many, columns, now().astimezone(zone).date(), zone)


def place(takes: Limits, **words: Any) -> Place:
    """The place that a choice goes to; ``words``: the other fields of ``Place``."""
    return Place(is_single=not takes.many, has_columns=takes.columns, preview=_preview(), **words)


def listed(catalogue: Catalogue, where: Place, takes: Limits, held: Chosen | None = None) -> ResponseReturnValue:
    """The first page as it opens. ``held``: what is there already."""
    return show("pick/picker.html", pick.picker(catalogue, where, takes.today, chosen=held))


def again(catalogue: Catalogue, where: Place, takes: Limits) -> ResponseReturnValue:
    """The first page after a search, a preset or one taken out, or back from the second. What is ticked stays so."""
    sent, did = _sent(catalogue), ""
    chosen, out = sent, request.form.get("move", "").removeprefix("remove:")
    if "use" in request.form:
        preset = presets.chosen_by(catalogue, request.form.get("preset", ""), takes.today)
        chosen, did = preset or sent, presets.said(catalogue, preset)
    elif request.form.get("tick") == "all":
        chosen = choice.with_all(sent, catalogue, takes.today)
        did = f"{counted(len(chosen.quality_keys), 'quality is', 'qualities are')} ticked."
    elif request.form.get("tick") == "none":
        chosen, did = choice.with_none(sent), "No quality is ticked."
    elif out in sent.activity_keys:
        chosen, did = choice.without(sent, out), f"Taken out: {presets.named(catalogue, out)}."
    return show("pick/picker.html", pick.picker(catalogue, where, takes.today, chosen=chosen, did=did))


def arranged(catalogue: Catalogue, where: Place) -> ResponseReturnValue:
    """The second page, after a move too."""
    chosen, move = _sent(catalogue), request.form.get("move", "")
    page = arrange.page(catalogue, where, choice.moved(chosen, move), _zone(), moved=move.partition(":")[2])
    return show("pick/arrange.html", page)


def refused(catalogue: Catalogue, where: Place, takes: Limits, error: Invalid) -> ResponseReturnValue:
    """The page that sent it, with what is wrong; nothing that was typed is lost."""
    chosen = _sent(catalogue)
    if FROM_ARRANGED in request.form or ":" in (error.field or ""):
        return show("pick/arrange.html", arrange.page(catalogue, where, chosen, _zone(), problem=error), 422)
    return show("pick/picker.html", pick.picker(catalogue, where, takes.today, chosen=chosen, error=str(error)), 422)


def _sent(catalogue: Catalogue) -> Chosen:
    return choice.known(choice.read(request.form), catalogue)


def _preview() -> Form:
    return Form(sample.PATH, "Preview", ((sample.FIELD, sample.token()),))


def _zone() -> str:
    return terms_words.zone_words(parts.settings().zone)
