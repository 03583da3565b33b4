"""Other languages of a content folder: ``lang/<tag>.yaml``, texts by their address.

What a translation lacks is shown in the framework's own language, so a folder may be translated bit by bit.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from framework.authoring.bones import check_framework, check_rules
from framework.authoring.schema import check_schema, quoted
from framework.authoring.sources import Finding, Source, Unreadable, read_source
from framework.catalogue.texts import TRANSLATIONS, spoken_in, texts

FOLDER = "lang"
MAX_BYTES = 1_048_576  # all texts of a framework in one file
MAX_LANGUAGES = 40

_NAME = re.compile(r"\{([^}]*)\}")


def translation_file(lang: str, said: Mapping[str, str]) -> dict[str, Any]:
    """What ``lang/<tag>.yaml`` holds."""
    return {"schema_version": 1, "kind": "translation", "lang": lang, "texts": dict(said)}


def read_translations(folder: Path) -> Iterator[Source | Finding]:
    """Each translation of a folder that fits its schema and its file's name, and what is wrong with the others."""
    paths = sorted((folder / FOLDER).glob("*"))
    if len(paths) > MAX_LANGUAGES:
        yield Finding((folder / FOLDER).as_posix(), 1, "folder.size", f"more than {MAX_LANGUAGES} languages")
    for path in paths[:MAX_LANGUAGES]:
        if path.suffix != ".yaml":
            yield Finding(path.as_posix(), 1, "translation.file", "not a translation: those are called <language>.yaml")
            continue
        try:
            source = read_source(path, max_bytes=MAX_BYTES)
        except Unreadable as error:
            yield from error.findings
            continue
        wrong = check_schema(source, "translation")
        yield from wrong
        if not wrong and source.data["lang"] != path.stem:
            message = f"{quoted(source.data['lang'])} is not the file's name"
            yield source.finding(("lang",), "translation.lang", message)
        elif not wrong:
            yield source


def check_translation(source: Source, document: Mapping[str, Any]) -> Iterator[Finding]:
    """Each address is one of the document, its text has the same names in braces and fits where it goes.

    Warns of how many texts are missing.
    """
    own, said, lang = texts(document), source.data["texts"], source.data["lang"]
    if lang == document["framework"]["lang"]:
        yield source.finding(("lang",), "translation.lang", f"{lang} is the language that the framework is written in")
        return
    mistakes = list(_texts(source, own))
    yield from mistakes
    if not mistakes:
        yield from _translated(source, document)
    missing = sum(address not in said for address in own)
    if missing:
        message = (
            f"{missing} of {len(own)} texts are not translated yet; they are shown in {document['framework']['lang']}"
        )
        yield source.finding(("texts",), "translation.missing", message, is_warning=True)


def _texts(source: Source, own: Mapping[str, str]) -> Iterator[Finding]:
    for address, text in source.data["texts"].items():
        if address not in own:
            message = f"there is no text at {quoted(address)}; `lqf content export` writes all that have one"
            yield source.finding(("texts", address), "translation.text", message)
        elif set(_NAME.findall(text)) != set(_NAME.findall(own[address])):
            names = ", ".join(sorted({f"{{{name}}}" for name in _NAME.findall(own[address])})) or "none"
            yield source.finding(("texts", address), "translation.name", f"must hold the same names in braces: {names}")


def _translated(source: Source, document: Mapping[str, Any]) -> Iterator[Finding]:
    """What the translated files would be told if they stood there themselves, such as a title that is too long."""
    lang = source.data["lang"]
    made = spoken_in({**document, TRANSLATIONS: {lang: source.data["texts"]}}, lang)
    framework, rules, *modules = (
        Source(source.file, one, {}) for one in (made["framework"], made["rules"], *made["modules"])
    )
    for one in (framework, rules, *modules):
        yield from check_schema(one, one.data["kind"])
    yield from check_framework(framework)
    yield from check_rules(rules, framework)
