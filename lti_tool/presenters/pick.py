"""The designer's picker (deep linking) and the instructor's chooser: what can be placed, and what it will add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from framework.catalogue import Activity, Catalogue, Quality
from framework.catalogue.connection import CONNECTION_TEST
from lti_tool.presenters import choice
from lti_tool.presenters.choice import LOOKED_AT, PROGRAMME, SELF_ASSESSMENT, SEPARATE, Chosen, Find
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.presets import Group, named, presets
from lti_tool.presenters.terms_words import BASES
from lti_tool.presenters.wording import counted, listed, minutes

LONGEST_IN_TITLE = 30  # characters of a course's title that keep the heading on one line of the dialog
LABELS = choice.KINDS
IN_LINK = (
    "This goes into the link that you have. Its grades go into one gradebook column.",
    "This goes into the link that you have. No grades are sent.",
)
_PROGRAMME_HINT = "Several qualities in one place, one gradebook column."
_BASIS_HINTS = {
    "completion": "The gradebook shows who has finished. Best for most courses.",
    "score": "For separate modules, of 100 points. Everything else is 1 point for finishing: programmes, situations, "
    "reflections and self-assessments have no score.",
    "none": "No gradebook column. You still see here who has finished, but your LMS can then tick the activity off "
    "only when it is first opened.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the choice goes, and the addresses that its pages post to.

    ``cancel`` is None where there is nothing to go back to; ``leave`` leads out of a link that holds something already;
    ``link``: what is said of the choice where there is a link already, with a column and without. ``preview`` goes to
    a window of its own, and its hidden fields stand for the visit there.
    """

    title: str
    lead: str
    note: str
    is_single: bool
    has_columns: bool
    add: Form
    again: str
    arrange: str
    preview: Form
    cancel: Form | None = None
    leave: Link | None = None
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One activity to tick. ``column``: graded, always or never has a gradebook column; ``basis``: what was said for
    it alone. ``name``: with its quality, as what is chosen is listed.

    ``is_found``: whether the search shows it; what is not shown stays in the form."""

    key: str
    title: str
    name: str
    label: str
    hint: str
    notice: str
    kind: str
    is_chosen: bool
    is_found: bool
    column: str
    basis: str
    has_preview: bool


@dataclass(frozen=True, slots=True)
class QualityOffer:
    """One quality: to tick for the programme (unless it ``is_offered`` no more), and its own activities."""

    key: str
    title: str
    summary: str
    minutes: str
    notice: str
    is_offered: bool
    is_chosen: bool
    is_found: bool
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class ClusterOffer:
    """The qualities of one cluster."""

    key: str
    title: str
    tone: int
    qualities: tuple[QualityOffer, ...]

    @property
    def is_found(self) -> bool:
        """Whether the search shows any of it."""
        return any(one.is_found for one in self.qualities)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of a few ways to go: what to add, or what the gradebook shows."""

    value: str
    text: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PickerPage:
    """The picker. ``did``: what a button on it did; ``chosen``: (key, name) of the separate activities that are ticked.

    ``bases`` is empty where no column can be made; ``hidden`` carries what the page does not show.
    """

    title: str
    place: Place
    hidden: tuple[tuple[str, str], ...]
    did: str
    chosen: tuple[tuple[str, str], ...]
    whats: tuple[Alternative, Alternative]
    presets: tuple[Group, ...]
    programme_title: str
    programme_basis: str
    self_assessments: tuple[Alternative, ...]
    find: Find
    find_clusters: tuple[Alternative, ...]
    find_kinds: tuple[Alternative, ...]
    found: str
    clusters: tuple[ClusterOffer, ...]
    others: tuple[Offer, ...]
    checks: tuple[Offer, ...]
    bases: tuple[Alternative, ...]
    sentence: str
    error: str


def limits(*, many: bool, columns: bool) -> str:
    """What the platform does not take from here, in words; '' where it takes everything."""
    said = (
        "" if many else "Your LMS takes one activity at a time here. Open this again for the next one.",
        "" if columns else "Your LMS takes no gradebook column from here, so no grade can be chosen.",
    )
    return " ".join(one for one in said if one)


def holds(catalogue: Catalogue, parts: Sequence[Activity], activity: Activity) -> str:
    """What a link holds, before something else takes its place. ``parts``: those of a programme, else the activity."""
    what = named(catalogue, activity.key)
    if activity.kind == PROGRAMME:
        many = len(parts) == len(catalogue.qualities)
        what = f"a programme of {f'all {len(parts)} qualities' if many else listed(one.title for one in parts)}"
    return f"This activity holds: {what}. What you choose replaces it, with its settings."


def title(course: str) -> str:
    """The heading of the deep linking picker."""
    return f"Add to {course}" if 0 < len(course) <= LONGEST_IN_TITLE else "Add activities"


def says(items: int, columns: int, link: tuple[str, str] | None = None) -> str:
    """The sentence before the button: "This adds 4 items and 2 gradebook columns." ``link``: as ``Place`` has it."""
    if not items:
        return "Nothing is chosen yet."
    if link:
        return link[0 if columns else 1]
    return f"This adds {counted(items, 'item')} and {counted(columns, 'gradebook column') if columns else 'no column'}."


def picker(
    catalogue: Catalogue, place: Place, today: date, *, chosen: Chosen | None = None, did: str = "", error: str = ""
) -> PickerPage:
    """The first page: everything that can be placed ``today``, with what is chosen so far."""
    chosen = chosen or choice.first_choice(catalogue)
    by_quality: dict[str | None, list[Activity]] = {}
    for one in catalogue.activities:
        by_quality.setdefault(one.quality_key, []).append(one)
    make = _Offers(catalogue, chosen, today)
    clusters = tuple(
        ClusterOffer(
            cluster.key,
            cluster.title,
            number % 6 + 1,
            tuple(make.quality(one, by_quality.get(one.key, ()), cluster.key) for one in cluster.qualities),
        )
        for number, cluster in enumerate(catalogue.clusters)
    )
    whole = [one for one in by_quality.get(None, ()) if one.kind != PROGRAMME and one.is_offered(today)]
    others = tuple(make.offer(one, "") for one in whole)
    found = sum(one.is_found for cluster in clusters for one in cluster.qualities) + sum(one.is_found for one in others)
    return PickerPage(
        title=place.title,
        place=place,
        hidden=choice.carried(chosen, catalogue),
        did=did,
        chosen=tuple((key, named(catalogue, key)) for key in chosen.activity_keys),
        whats=_whats(chosen, place.is_single),
        presets=presets(catalogue, today, is_single=place.is_single),
        programme_title=chosen.title or catalogue.activity(PROGRAMME).title,
        programme_basis=chosen.option(PROGRAMME, "basis"),
        self_assessments=tuple(
            Alternative(value, text, "", value == chosen.self_assessment) for value, text in SELF_ASSESSMENT.items()
        )
        if any(one.kind == "self_assessment" for one in whole)
        else (),
        find=chosen.find,
        find_clusters=_choices([(one.key, one.title) for one in catalogue.clusters], chosen.find.cluster, "All"),
        find_kinds=_choices(list(LABELS.items()), chosen.find.kind, "All"),
        found="" if chosen.find == Find() else f"{found} found",
        clusters=clusters,
        others=others,
        checks=(make.offer(CONNECTION_TEST, ""),),
        bases=tuple(
            Alternative(value, BASES[value], hint, value == chosen.basis) for value, hint in _BASIS_HINTS.items()
        )
        if place.has_columns
        else (),
        sentence=says(*choice.adds(catalogue, chosen, columns=place.has_columns), place.link),
        error=error,
    )


def _choices(values: Sequence[tuple[str, str]], chosen: str, everything: str) -> tuple[Alternative, ...]:
    return tuple(Alternative(value, text, "", value == chosen) for value, text in (("", everything), *values))


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


def _hint(one: Activity) -> str:
    if one.quality_key:
        return f"{one.minutes} min"
    return f"{minutes(one.minutes)}. {one.summary}" if one.minutes and one.kind not in LOOKED_AT else one.summary


@dataclass(frozen=True, slots=True)
class _Offers:
    catalogue: Catalogue
    chosen: Chosen
    today: date

    def quality(self, quality: Quality, activities: Sequence[Activity], cluster: str) -> QualityOffer:
        module = next((one for one in activities if one.kind == "module"), None)
        text = f"{quality.title} {quality.summary}"
        offered = [one for one in activities if one.is_offered(self.today) or one.key in self.chosen.activity_keys]
        offers = tuple(self.offer(one, cluster, text) for one in offered)
        return QualityOffer(
            key=quality.key,
            title=quality.title,
            summary=quality.summary,
            minutes=minutes(module.minutes) if module else "",
            notice=choice.notice(module, self.today) if module else "",
            is_offered=module is not None and module.is_offered(self.today),
            is_chosen=quality.key in self.chosen.quality_keys,
            is_found=any(one.is_found for one in offers),
            offers=offers,
        )

    def offer(self, one: Activity, cluster: str, text: str = "") -> Offer:
        find = self.chosen.find
        words = find.words.lower().split()
        column = "always" if one == CONNECTION_TEST else "never" if one.kind in LOOKED_AT else "graded"
        return Offer(
            key=one.key,
            title=one.title,
            name=named(self.catalogue, one.key),
            label=LABELS.get(one.kind, one.title) if one.quality_key else named(self.catalogue, one.key),
            hint=_hint(one),
            notice=choice.notice(one, self.today),
            kind=one.kind,
            is_chosen=one.key in self.chosen.activity_keys,
            is_found=all(word in (text or f"{one.title} {one.summary}").lower() for word in words)
            and find.cluster in ("", cluster)
            and find.kind in ("", one.kind),
            column=column,
            basis=self.chosen.option(one.key, "basis"),
            has_preview=one != CONNECTION_TEST,
        )
