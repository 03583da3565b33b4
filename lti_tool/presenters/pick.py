"""The designer's picker (deep linking) and the instructor's chooser: what can be placed, and what it will add."""

from collections.abc import Sequence
from dataclasses import dataclass

from framework.catalogue import Activity, Catalogue, Quality
from framework.catalogue.connection import CONNECTION_TEST, placeable
from lti_tool.presenters.frame import Form
from lti_tool.presenters.scenarios import FormData
from lti_tool.presenters.wording import counted, minutes

PROGRAMME, SEPARATE = "programme", "separate"
LONGEST_IN_TITLE = 30  # characters of a course's title that keep the heading on one line of the dialog
_LABELS = {
    "module": "Module",
    "scenarios": "Situations only",
    "reflection": "Reflection",
    "self_assessment": "Self-assessment",
}
LOOKED_AT = ("board", "framework")  # kinds that are only looked at: they have nothing to grade
_PROGRAMME_HINT = "Several qualities in one place, one gradebook column."
_BASES = {
    "completion": ("Finished: 1 of 1 point", "The gradebook shows who has finished. Best for most courses."),
    "score": (
        "Score",
        "For modules: the share of the questions answered right at the first try. Everything else is 1 point for "
        "finishing: situations, reflections and self-assessments have no score.",
    ),
    "none": (
        "No grade",
        "No gradebook column. You still see here who has finished, but Moodle can then tick the activity off only when "
        "it is first opened.",
    ),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a picker's form says, not yet validated against the catalogue. ``what``: programme or separate."""

    what: str
    title: str
    quality_keys: tuple[str, ...]
    activity_keys: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One activity to tick. ``makes_column``: whether it can have a gradebook column."""

    key: str
    label: str
    hint: str
    is_chosen: bool
    makes_column: bool


@dataclass(frozen=True, slots=True)
class QualityOffer:
    """One quality: to tick for the programme, with its own activities for separate placing."""

    key: str
    title: str
    summary: str
    minutes: str
    is_chosen: bool
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class ClusterOffer:
    """The qualities of one cluster."""

    title: str
    tone: int
    qualities: tuple[QualityOffer, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of a few ways to go: what to add, or what the gradebook shows."""

    value: str
    text: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PickerPage:
    """The picker. ``is_single``: only one thing can be added. ``bases`` is empty where no column can be made.

    ``cancel`` is None where there is nothing to go back to.
    """

    title: str
    lead: str
    form: Form
    cancel: Form | None
    is_single: bool
    whats: tuple[Alternative, Alternative]
    programme_title: str
    clusters: tuple[ClusterOffer, ...]
    others: tuple[Offer, ...]
    checks: tuple[Offer, ...]
    bases: tuple[Alternative, ...]
    sentence: str
    note: str
    error: str


def read(form: FormData) -> Chosen:
    """What a sent picker form says."""
    return Chosen(
        what=SEPARATE if form.get("what") == SEPARATE else PROGRAMME,
        title=(form.get("title") or "").strip()[:200],
        quality_keys=tuple(dict.fromkeys(form.getlist("quality"))),
        activity_keys=tuple(dict.fromkeys(form.getlist("activity"))),
        basis=form.get("basis") or "completion",
    )


def first_choice(catalogue: Catalogue) -> Chosen:
    """What is chosen when the picker opens: a programme of all qualities, graded on completion."""
    keys = tuple(quality.key for quality in catalogue.qualities)
    return Chosen(PROGRAMME, catalogue.activity(PROGRAMME).title, keys, (), "completion")


def picker(
    catalogue: Catalogue,
    course: str,
    *,
    form_action: str,
    cancel_action: str,
    accepts_many: bool = True,
    accepts_columns: bool = True,
    chosen: Chosen | None = None,
    error: str = "",
) -> PickerPage:
    """The deep linking picker. ``accepts_many``, ``accepts_columns``: what the platform said it takes."""
    limits = (
        "" if accepts_many else "Your LMS takes one activity at a time here. Open this again for the next one.",
        "" if accepts_columns else "Your LMS takes no gradebook column from here, so no grade can be chosen.",
    )
    return _page(
        catalogue,
        chosen or first_choice(catalogue),
        title=f"Add to {course}" if 0 < len(course) <= LONGEST_IN_TITLE else "Add activities",
        lead="",
        form=Form(form_action, "Add to course"),
        cancel=Form(cancel_action, "Cancel"),
        is_single=not accepts_many,
        has_columns=accepts_columns,
        note=" ".join(limit for limit in limits if limit),
        error=error,
    )


def chooser(
    catalogue: Catalogue, *, form_action: str, has_column: bool, chosen: Chosen | None = None, error: str = ""
) -> PickerPage:
    """The chooser of a link that does not say which activity it opens. The choice is kept for everybody."""
    return _page(
        catalogue,
        chosen or first_choice(catalogue),
        title="Choose what this activity holds",
        lead="This link is in your course already and does not say yet what it opens. Learners wait until you choose.",
        form=Form(form_action, "Use this activity"),
        cancel=None,
        is_single=True,
        has_columns=has_column,
        note="" if has_column else "Your LMS gave this link no gradebook column, so no grade can be chosen.",
        error=error,
    )


def adds(items: int, columns: int) -> str:
    """The sentence before the button: "This adds 4 items and 2 gradebook columns." """
    if not items:
        return "Nothing is chosen yet."
    return f"This adds {counted(items, 'item')} and {counted(columns, 'gradebook column') if columns else 'no column'}."


def _page(
    catalogue: Catalogue,
    chosen: Chosen,
    *,
    title: str,
    lead: str,
    form: Form,
    cancel: Form | None,
    is_single: bool,
    has_columns: bool,
    note: str,
    error: str,
) -> PickerPage:
    by_quality: dict[str | None, list[Activity]] = {}
    for one in catalogue.activities:
        by_quality.setdefault(one.quality_key, []).append(one)
    items = 1 if chosen.what == PROGRAMME else len(chosen.activity_keys)
    graded = (
        1 if chosen.what == PROGRAMME else sum(_makes_column(placeable(catalogue, k)) for k in chosen.activity_keys)
    )
    return PickerPage(
        title=title,
        lead=lead,
        form=form,
        cancel=cancel,
        is_single=is_single,
        whats=_whats(chosen, is_single),
        programme_title=chosen.title or catalogue.activity(PROGRAMME).title,
        clusters=tuple(
            ClusterOffer(
                cluster.title,
                place % 6 + 1,
                tuple(_quality(one, by_quality.get(one.key, ()), chosen) for one in cluster.qualities),
            )
            for place, cluster in enumerate(catalogue.clusters)
        ),
        others=tuple(_offer(one, chosen) for one in by_quality.get(None, ()) if one.kind != PROGRAMME),
        checks=(_offer(CONNECTION_TEST, chosen),),
        bases=tuple(Alternative(value, *words, value == chosen.basis) for value, words in _BASES.items())
        if has_columns
        else (),
        sentence=adds(items, graded if has_columns and chosen.basis != "none" else 0),
        note=note,
        error=error,
    )


def _whats(chosen: Chosen, is_single: bool) -> tuple[Alternative, Alternative]:
    name, hint = (
        ("One activity", "One module, or only its situations.")
        if is_single
        else ("Separate activities", "Each has its own place and gradebook column.")
    )
    return (
        Alternative(PROGRAMME, "A programme", _PROGRAMME_HINT, chosen.what == PROGRAMME),
        Alternative(SEPARATE, name, hint, chosen.what == SEPARATE),
    )


def _quality(quality: Quality, activities: Sequence[Activity], chosen: Chosen) -> QualityOffer:
    offers = tuple(_offer(one, chosen) for one in activities)
    module = next((one for one in activities if one.kind == "module"), None)
    return QualityOffer(
        key=quality.key,
        title=quality.title,
        summary=quality.summary,
        minutes=minutes(module.minutes) if module else "",
        is_chosen=quality.key in chosen.quality_keys,
        offers=offers,
    )


def _offer(one: Activity, chosen: Chosen) -> Offer:
    return Offer(
        key=one.key,
        label=_LABELS.get(one.kind, one.title),
        hint=f"{one.minutes} min" if one.quality_key else one.summary,
        is_chosen=one.key in chosen.activity_keys,
        makes_column=_makes_column(one),
    )


def _makes_column(one: Activity) -> bool:
    return one.kind not in LOOKED_AT
