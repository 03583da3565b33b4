"""A course's people by quality: a heat map where there is room, a list where there is not; and the same as a file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from framework.catalogue import Catalogue
from framework.competency import Competency
from lti_tool.presenters.cohort import People
from lti_tool.presenters.frame import Form, Link
from lti_tool.presenters.wording import counted

_STUDIED = ("module", "scenarios")  # the kinds that show how far somebody is with a quality


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one learner stands in one quality. ``mark``: what the narrow cell shows; ``words`` say the same in full.

    ``state``: none, open, elsewhere, explored, or level-1 and up; it gives the pattern.
    """

    quality: str
    state: str
    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One learner. ``value``: what ticking them sends; ``done``: how many they have finished of the course's qualities.

    ``rest``: the cells that a narrow list leaves out, in words.
    """

    value: str
    name: str
    url: str
    done: str
    cells: tuple[Cell, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. ``sorted``: ascending, descending or ""; ``hint``: what its link does."""

    title: str
    url: str
    sorted: str
    hint: str


@dataclass(frozen=True, slots=True)
class Group:
    """The columns of one cluster; ``tone`` 0: those that the course does not hold."""

    title: str
    tone: int
    qualities: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Learner:
    """One learner as the store knows them: their competency in this course, and the activities begun in it."""

    value: str
    name: str
    url: str
    sections: tuple[str, ...]
    folded: Mapping[str, Competency]
    begun: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CoursePage:
    """One page of a course's people. ``views``: each with whether it is this one."""

    title: str
    overline: str
    views: tuple[tuple[Link, bool], ...]
    people: People
    name: Head
    done: Head
    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    legend: tuple[Cell, ...]
    nudge: Form
    file: Link


def views(everybody_url: str, stuck_url: str, stuck: int, *, is_stuck: bool) -> tuple[tuple[Link, bool], ...]:
    """The two views of a course. ``stuck``: how many people are."""
    return (
        (Link("Everybody", everybody_url), not is_stuck),
        (Link(f"Who is stuck ({stuck})", stuck_url), is_stuck),
    )


def course(
    catalogue: Catalogue,
    course_title: str,
    learners: Sequence[Learner],
    *,
    people: People,
    shown: tuple[tuple[Link, bool], ...],
    heads: Mapping[str, Head],
    nudge_url: str,
    file_url: str,
    held: Collection[str] = (),
) -> CoursePage:
    """The page. ``shown``: the course's views; ``heads``: "" of the names, "progress", and by quality key;
    ``held``: the keys of the qualities that the course holds, which come first; empty for all."""
    there = held or {one.key for one in catalogue.qualities}
    columns = [(cluster, one.key) for cluster in catalogue.clusters for one in cluster.qualities]
    rest = tuple(heads[key] for _, key in columns if key not in there)
    order = sorted(range(len(columns)), key=lambda at: columns[at][1] not in there)
    return CoursePage(
        title="The course by quality",
        overline=course_title,
        views=shown,
        people=people,
        name=heads[""],
        done=heads["progress"],
        groups=tuple(
            Group(cluster.title, place % 6 + 1, tuple(heads[one.key] for one in cluster.qualities if one.key in there))
            for place, cluster in enumerate(catalogue.clusters)
            if any(one.key in there for one in cluster.qualities)
        )
        + ((Group("Not in this course", 0, rest),) if rest else ()),
        rows=tuple(_row(catalogue, one, order, len(columns) - len(rest)) for one in learners),
        legend=_legend(catalogue),
        nudge=Form(nudge_url, "Write to those ticked"),
        file=Link("Download as a file (CSV)", file_url),
    )


def cells(catalogue: Catalogue, folded: Mapping[str, Competency], begun: Mapping[str, str]) -> tuple[Cell, ...]:
    """Where somebody stands in each quality, in the order of the framework."""
    return tuple(
        _cell(catalogue, quality.title, _state(catalogue, quality.key, folded[quality.key], begun))
        for quality in catalogue.qualities
    )


def done(found: Sequence[Cell]) -> int:
    """How many qualities somebody has finished."""
    return sum(one.state not in ("none", "open") for one in found)


def lines(catalogue: Catalogue, learners: Sequence[Learner], titles: Mapping[str, str]) -> list[list[str]]:
    """The same as lines of a file, the first with what is in the columns. ``titles``: of sections, by the LMS's id."""
    head = ["Learner", "Sections", *(one.title for one in catalogue.qualities)]
    return [
        head,
        *(
            [
                one.name,
                ", ".join(titles.get(section, section) for section in one.sections),
                *(cell.words for cell in cells(catalogue, one.folded, one.begun)),
            ]
            for one in learners
        ),
    ]


def _row(catalogue: Catalogue, one: Learner, order: Sequence[int], held: int) -> Row:
    """``order``: the columns by their place in the framework; the course holds the first ``held`` of them."""
    all_cells = cells(catalogue, one.folded, one.begun)
    found = tuple(all_cells[at] for at in order)
    left = sum(cell.state == "none" for cell in found[:held])
    return Row(
        value=one.value,
        name=one.name,
        url=one.url,
        done=f"{done(found[:held])} of {held}",
        cells=found,
        rest=f"{counted(left, 'quality', 'qualities')} not started" if left else "",
    )


def _state(catalogue: Catalogue, quality_key: str, held: Competency, begun: Mapping[str, str]) -> int | str:
    """A level, 0 for Explored, or none, open, elsewhere.

    A result taken over from another course is finished here and gives no evidence here.
    """
    if held.level or held.is_explored:
        return held.level
    kinds = {
        one.kind: begun[one.key]
        for one in catalogue.activities
        if one.quality_key == quality_key and one.kind in _STUDIED and one.key in begun
    }
    if kinds.get("module") == "completed":
        return "elsewhere"
    return "open" if kinds else "none"


def _cell(catalogue: Catalogue, quality: str, state: int | str) -> Cell:
    if isinstance(state, str):
        mark, words = {
            "none": ("", "Not started"),
            "open": ("…", "In progress"),
            "elsewhere": ("F", "Finished elsewhere"),
        }[state]
        return Cell(quality, state, mark, words)
    if not state:
        award = catalogue.rules.award(0)
        words = award.label if award else "Explored"
        return Cell(quality, "explored", words[:1], words)
    return Cell(quality, f"level-{state}", str(state), f"Level {state}, {catalogue.level_scheme.label(state)}")


def _legend(catalogue: Catalogue) -> tuple[Cell, ...]:
    states: list[int | str] = ["none", "open", "elsewhere", 0]
    named = tuple(_cell(catalogue, "", state) for state in states)
    levels = catalogue.level_scheme.levels  # by their label alone: the number stands in the field
    return named + tuple(Cell("", f"level-{one.value}", str(one.value), one.label) for one in levels)
