"""What modules must not share: long runs of the same words (an error) and names of people and places (a warning)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from framework.authoring.sources import Finding, Source, Where, walk

RUN = 9  # words in a row
MAX_RUNS = 12  # shared runs between two modules; fixed phrases make a few
MAX_MODULES = 4  # a word in more modules than this is a common word and no name

_NOT_PROSE = {"id", "sources", "format", "kind", "setting", "scale", "feature", "features", "answer", "key"}
_CALENDAR = {
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
}
_WORD = re.compile(r"[a-z0-9']+")
_NAME = re.compile(r"(?<![.!?:\"'] )(?<!^)\b[A-Z][a-z]{2,}\b")


def check_overlap(sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Findings between the modules, given by quality key; each stands in the later of the two files."""
    texts = {key: tuple(_prose(source)) for key, source in sources.items()}
    runs = {key: _runs(several) for key, several in texts.items()}
    for first, second in combinations(sources, 2):
        both = [run for run in runs[second] if run in runs[first]]
        if len(both) > MAX_RUNS:
            message = f"{len(both)} runs of {RUN} words are also in {first}, such as “{' '.join(both[0])}”"
            yield sources[second].finding(runs[second][both[0]], "text.shared", message)
    yield from _shared_names(sources, texts)


def _prose(source: Source) -> Iterator[tuple[Where, str]]:
    for where, value in walk(source.data):
        fields = [step for step in where if isinstance(step, str)]
        if isinstance(value, str) and not _NOT_PROSE & set(fields[-1:]):
            yield where, value


def _runs(texts: Sequence[tuple[Where, str]]) -> dict[tuple[str, ...], Where]:
    """Each run of words with the path of the text that has it first."""
    found: dict[tuple[str, ...], Where] = {}
    for where, text in texts:
        words = _WORD.findall(text.lower())
        for start in range(len(words) - RUN + 1):
            found.setdefault(tuple(words[start : start + RUN]), where)
    return found


def _shared_names(sources: Mapping[str, Source], texts: Mapping[str, Sequence[tuple[Where, str]]]) -> Iterator[Finding]:
    """Words written with a capital only, in a few modules: most of them are names of people and places."""
    common = {word for several in texts.values() for _, text in several for word in re.findall(r"\b[a-z]+", text)}
    owners: dict[str, dict[str, Where]] = defaultdict(dict)
    for key, several in texts.items():
        for where, text in several:
            for name in _NAME.findall(text):
                if name.lower() not in common and name.lower().removesuffix("s") not in _CALENDAR:
                    owners[name].setdefault(key, where)
    for name, places in sorted(owners.items()):
        if 2 <= len(places) <= MAX_MODULES:
            key, where = list(places.items())[-1]
            others = ", ".join(list(places)[:-1])
            message = f"“{name}” is also in {others}: if it is a person or a place, choose another"
            yield sources[key].finding(where, "names.shared", message, is_warning=True)
