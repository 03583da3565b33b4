"""The report of a finished self-assessment: strengths, what to work on, ratings then and now, answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from framework.assessment.profile import (
    RATING_RULE,
    STATEMENT_RULES,
    STRENGTH_RULE,
    THEME_RULE,
    Change,
    Comparison,
    Profile,
    Rated,
)
from framework.assessment.self_assessment import qualities, rating_scale
from framework.catalogue import Activity, Catalogue
from lti_tool.dumbbell import level_steps, ratings
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.self_assessment import WHO_SEES
from lti_tool.presenters.self_check import answer_rows, importance_words, target_words
from lti_tool.presenters.steps import tone
from lti_tool.presenters.wording import counted, day, listed, typeset

SMALLEST = 0.5  # points of the scale from which on a change is told: half a point
_MADE_UP = "These answers are made up, so that you can see what a profile looks like."


@dataclass(frozen=True, slots=True)
class Theme:
    """A strength or a theme to work on, in a sentence, with the way to read about it."""

    title: str
    sentence: str
    read: Link | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the chart and of its table. ``levels`` is empty where no level can be aimed for."""

    title: str
    tone: int
    picture: Markup
    levels: Markup
    now: str
    then: str
    change: str
    importance: str
    held: str
    target: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers about one quality."""

    title: str
    rows: tuple[tuple[str, str, str], ...]
    example: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The report. ``ends``: the words at the two ends of the rating scale. ``compared`` is empty the first time."""

    title: str
    overline: str
    notice: str
    who_sees: str
    average: str
    rating_rule: str
    strengths: tuple[Theme, ...]
    strength_rule: str
    no_strengths: str
    themes: tuple[Theme, ...]
    theme_rule: str
    no_themes: str
    chart_title: str
    chart_sentence: str
    ends: tuple[str, str]
    rows: tuple[Row, ...]
    has_then: bool
    has_levels: bool
    first: tuple[str, ...]
    kept: tuple[str, ...]
    unweighed: str
    compared: str
    went: tuple[str, ...]
    answers: tuple[Answered, ...]
    links: tuple[Link, ...]
    again: Form | None


def report(
    catalogue: Catalogue,
    activity: Activity,
    found: Profile,
    comparison: Comparison | None,
    held: Mapping[str, int],
    read: Callable[[str], str],
    *,
    again_action: str,
    links: tuple[Link, ...],
    made_up: bool = False,
) -> ReportPage:
    """The report. ``held``: judged level by quality key, 0 or absent for none. ``read``: the address where a quality
    is told. ``again_action``: empty where it cannot be taken again now. ``made_up``: a preview's example."""
    is_whole = len(qualities(catalogue, activity)) > 1
    noun = "quality" if is_whole else "statement"
    changes = _changes(comparison, is_whole)
    scale = rating_scale(catalogue)
    rows = tuple(_row(catalogue, one, changes.get(one.key), held, is_whole=is_whole) for one in found.themes)
    weighed = [one for one in found.themes if one.matters and one.rating is not None]
    below = [one for one in weighed if (one.rating or 0) < (found.average or 0) - 1e-9]
    nothing = f"No {noun} stands out: your ratings are alike, or too few."
    return ReportPage(
        title=f"Your profile, {day(found.at)}",
        overline=activity.title,
        notice=_MADE_UP if made_up else "",
        who_sees=WHO_SEES,
        average=_average(catalogue, found, noun),
        rating_rule=RATING_RULE if is_whole else "",
        strengths=_themes_of(catalogue, found.strengths, read, is_whole=is_whole),
        strength_rule=STRENGTH_RULE if is_whole else STATEMENT_RULES[0],
        no_strengths="" if found.strengths else nothing,
        themes=_themes_of(catalogue, found.to_work_on, read, is_whole=is_whole),
        theme_rule=THEME_RULE if is_whole else STATEMENT_RULES[1],
        no_themes="" if found.to_work_on else nothing,
        chart_title="Every quality" if is_whole else "Every statement",
        chart_sentence=_chart_sentence(found, comparison, noun),
        ends=(scale.points[0].text, scale.points[-1].text),
        rows=rows,
        has_then=comparison is not None,
        has_levels=is_whole,
        first=tuple(one.title for one in sorted(below, key=lambda one: one.rating or 0)),
        kept=tuple(one.title for one in sorted(weighed, key=lambda one: -(one.rating or 0)) if one not in below),
        unweighed=_unweighed(found) if is_whole else "",
        compared=_compared(comparison, changes, noun),
        went=_went(found, changes),
        answers=_answers(catalogue, activity, found, comparison),
        links=links,
        again=Form(again_action, "Take it again") if again_action else None,
    )


def _changes(comparison: Comparison | None, is_whole: bool) -> Mapping[str, Change]:
    if comparison is None:
        return {}
    return comparison.qualities if is_whole else comparison.features


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _signed(value: float) -> str:
    return "no change" if abs(value) < 0.05 else f"{'+' if value > 0 else '−'}{abs(value):.1f}"  # a minus


def _average(catalogue: Catalogue, found: Profile, noun: str) -> str:
    if found.average is None:
        return "You have rated too little for an average."
    rated = sum(one.rating is not None for one in found.themes)
    highest = rating_scale(catalogue).points[-1].value
    many = counted(rated, noun, "qualities" if noun == "quality" else "statements")
    return f"Your own average over {many}: {found.average:.1f} of {highest}."


def _themes_of(
    catalogue: Catalogue, themes: tuple[Rated, ...], read: Callable[[str], str], *, is_whole: bool
) -> tuple[Theme, ...]:
    made = []
    for one in themes:
        nearest = min(rating_scale(catalogue).points, key=lambda point: abs(point.value - (one.rating or 0)))
        said = f"{_number(one.rating)} on average, near “{nearest.text}”." if is_whole else f"“{nearest.text}”."
        importance = importance_words(catalogue, one.importance)
        sentence = f"{said} Importance in your job: {importance.lower()}." if importance else said
        made.append(
            Theme(typeset(one.title), sentence, Link("Behaviours and levels", read(one.key)) if is_whole else None)
        )
    return tuple(made)


def _row(catalogue: Catalogue, one: Rated, change: Change | None, held: Mapping[str, int], *, is_whole: bool) -> Row:
    points = rating_scale(catalogue).points
    then = change.then if change else None
    held_level = held.get(one.key, 0)
    held_words = catalogue.level_scheme.label(held_level) or "None judged"
    target = target_words(catalogue, one.target) or "Not chosen"
    now = _number(one.rating) if one.rating is not None else "no rating"
    label = f"{now} now" if change is None else f"{now} now, {_number(then)} last time"
    levels = Markup("")
    if is_whole:
        aim = f"Level judged: {held_words.lower()}. Level aimed for: {target.lower()}."
        levels = level_steps(held_level, one.target, len(catalogue.level_scheme.levels), aim)
    shared = "" if change is None or change.shared == one.rated else f" (on {counted(change.shared, 'statement')})"
    return Row(
        title=typeset(one.title),
        tone=tone(catalogue, one.key if is_whole else catalogue.feature(one.key).quality_key),
        picture=ratings(then, one.rating, points[0].value, points[-1].value, f"{label}, of {points[-1].value}."),
        levels=levels,
        now=_number(one.rating),
        then=_number(then),
        change=f"{_signed(change.difference)}{shared}" if change else "–",
        importance=importance_words(catalogue, one.importance) or "–",
        held=held_words,
        target=target,
    )


def _chart_sentence(found: Profile, comparison: Comparison | None, noun: str) -> str:
    rated = sorted((one for one in found.themes if one.rating is not None), key=lambda one: one.rating or 0)
    if not rated:
        return f"No {noun} has a rating yet."
    low, high = rated[0], rated[-1]
    where = (f" ({_short(one.title)})" if noun == "quality" else "" for one in (low, high))
    lowest, highest = (f"{_number(one.rating)}{name}" for one, name in zip((low, high), where, strict=True))
    said = f"Your ratings run from {lowest} to {highest}."
    unrated = len(found.themes) - len(rated)
    if unrated:
        said += f" {unrated} without a rating."
    return said if comparison is None else f"{said} The ring is {day(comparison.then_at)}, the disc is now."


def _short(title: str) -> str:
    """A title as it is; of a statement its first words, in quotation marks."""
    words = typeset(title).split()
    return " ".join(words) if title[-1] != "." else f"“{' '.join(words[:8])}{' …' if len(words) > 8 else ''}”"


def _unweighed(found: Profile) -> str:
    count = sum(one.importance is None for one in found.themes)
    return f"For {counted(count, 'quality', 'qualities')} you have not said how important it is." if count else ""


def _compared(comparison: Comparison | None, changes: Mapping[str, Change], noun: str) -> str:
    if comparison is None:
        return ""
    up = sum(one.difference >= SMALLEST for one in changes.values())
    down = sum(one.difference <= -SMALLEST for one in changes.values())
    many = counted(len(changes), noun, "qualities" if noun == "quality" else "statements")
    told = listed(
        [
            *([f"{up} went up by half a point or more"] if up else []),
            *([f"{down} went down by half a point or more"] if down else []),
        ]
    )
    since = f"Since {day(comparison.then_at)}, over {many} that you rated both times"
    return f"{since}: {told or 'no change of half a point or more'}. Only statements rated both times are compared."


def _went(found: Profile, changes: Mapping[str, Change]) -> tuple[str, ...]:
    """The changes of half a point or more, largest first."""
    titles = {one.key: _short(one.title) for one in found.themes}
    large = [one for one in changes.values() if abs(one.difference) >= SMALLEST and one.key in titles]
    large.sort(key=lambda one: -abs(one.difference))
    return tuple(f"{titles[one.key]}: {_signed(one.difference)}, from {one.then:.1f} to {one.now:.1f}" for one in large)


def _answers(
    catalogue: Catalogue, activity: Activity, found: Profile, comparison: Comparison | None
) -> tuple[Answered, ...]:
    """Every answer in words; a statement that was rated before says what it was."""
    words = {point.value: point.text for point in rating_scale(catalogue).points}
    before = comparison.features if comparison else {}
    made = []
    for quality in qualities(catalogue, activity):
        rating = found.answers.get(quality.key)
        if rating is None:
            continue
        keys = [*(one.key for one in quality.features), "", ""]
        rows = (
            (question, answer, words.get(int(before[key].then), "") if key in before else "")
            for key, (question, answer) in zip(keys, answer_rows(catalogue, quality, rating), strict=True)
        )
        made.append(Answered(quality.title, tuple(rows), rating.example))
    return tuple(made)
