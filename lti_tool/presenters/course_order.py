"""The order of a course's people by quality: by name, by how much is done, or by one quality's column.

Written as in an address: "" is by name from A; a word alone goes from the least, with "-" before it from the most.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from framework.catalogue import Catalogue
from lti_tool.presenters.cohort import People
from lti_tool.presenters.course import Cell, Head, Learner, cells, done
from lti_tool.presenters.frame import Choice

PROGRESS = "progress"
_BACK = "-"
BY_NAME = ("", f"{_BACK}name")
_STATES = ("none", "open", "elsewhere", "explored")  # from the least; levels come above


def known(catalogue: Catalogue, asked: str) -> str:
    """The order that an address asks for; by name where it asks for none that there is."""
    word = asked.removeprefix(_BACK)
    return asked if asked in BY_NAME or word == PROGRESS or word in {one.key for one in catalogue.qualities} else ""


def ordered(catalogue: Catalogue, learners: Sequence[Learner], order: str, held: Collection[str] = ()) -> list[Learner]:
    """The learners, who come by name, in another order. Equals stay by name. ``held``: as for the page."""
    if order in BY_NAME:
        return list(learners)[:: -1 if order else 1]
    word, is_back = order.removeprefix(_BACK), order.startswith(_BACK)
    at = None if word == PROGRESS else [one.key for one in catalogue.qualities].index(word)

    def least(one: Learner) -> tuple[int, int]:
        found = cells(catalogue, one.folded, one.begun)
        if at is not None:
            return _rank(found[at]), 0
        asked = [cell for cell, one in zip(found, catalogue.qualities, strict=True) if not held or one.key in held]
        return done(asked), sum(cell.state == "open" for cell in asked)

    return sorted(learners, key=least, reverse=is_back)


def heads(catalogue: Catalogue, order: str, url: Callable[[str], str]) -> dict[str, Head]:
    """The heads of the columns by word, "" for the names. ``url``: the page's address in an order."""
    words = {"": "Learner", PROGRESS: "Finished", **{one.key: one.title for one in catalogue.qualities}}
    return {word: _head(word, title, order, url) for word, title in words.items()}


def options(catalogue: Catalogue, order: str) -> tuple[Choice, ...]:
    """The same to choose from, where there is no room for columns."""
    words = {
        "": "Name, from A",
        "-name": "Name, from Z",
        PROGRESS: "Least finished first",
        f"{_BACK}{PROGRESS}": "Most finished first",
        **{one.key: f"{one.title}, least first" for one in catalogue.qualities},
        **{f"{_BACK}{one.key}": f"{one.title}, most first" for one in catalogue.qualities},
    }
    return tuple(Choice(word, text, word == order) for word, text in words.items())


def with_orders(catalogue: Catalogue, people: People, order: str) -> People:
    """What stands around the list, with the orders beside its filters."""
    if people.filters is None:
        return people
    return replace(people, filters=replace(people.filters, orders=options(catalogue, order)))


def _head(word: str, title: str, order: str, url: Callable[[str], str]) -> Head:
    back = f"{_BACK}{word or 'name'}"
    is_up, is_back = order == word, order == back
    first, last = ("from A", "from Z") if not word else ("least first", "most first")
    return Head(
        title=title,
        url=url(back if is_up else word),
        sorted="ascending" if is_up else "descending" if is_back else "",
        hint=f"sort {last if is_up else first}",
    )


def _rank(cell: Cell) -> int:
    return _STATES.index(cell.state) if cell.state in _STATES else len(_STATES) + int(cell.mark)
