"""Authoring: a content folder, checked with file and line, and made into one edition document.

A folder holds ``framework.yaml``, ``rules.yaml`` and ``modules/<quality>.yaml`` for each quality of the framework; or
``subset.yaml``, which is laid over another folder, the base. Either may hold ``lang/<tag>.yaml``: translations of its
texts. ``document`` and ``check`` are what the command
line (``lqf content``) and a publish call; the JSON Schemas are in ``framework/content/schema/``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from framework.authoring.bones import check_framework, check_rules, check_unique_ids, frame
from framework.authoring.export import write
from framework.authoring.modules import Frame, check_module
from framework.authoring.overlap import check_overlap
from framework.authoring.schema import check_schema
from framework.authoring.sources import Finding, Source, Unreadable, read_source
from framework.authoring.subset import FILE, check_subset, laid_over
from framework.authoring.translations import FOLDER as LANGUAGES
from framework.authoring.translations import check_translation, read_translations
from framework.catalogue.texts import TRANSLATIONS
from framework.errors import Invalid

__all__ = ["CONTENT", "Finding", "check", "document", "write"]

CONTENT = Path(__file__).parents[1] / "content"
MAX_MODULES = 200


def document(folder: Path, base: Path = CONTENT) -> dict[str, Any]:
    """The whole folder as one edition document (see ``framework.catalogue``); the same files give the same document.

    Modules stand in the order of the framework's qualities. ``base`` is what a subset is laid over. Raises ``Invalid``
    with the first finding where a file cannot be used; run ``check`` for all of them.
    """
    made = _laid_over(folder, base) if (folder / FILE).is_file() else _whole(folder)
    for found in _translations(folder, made):
        if isinstance(found, Source):
            translations = made.setdefault(TRANSLATIONS, {})
            translations[found.data["lang"]] = translations.get(found.data["lang"], {}) | found.data["texts"]
        elif not found.is_warning:
            raise Invalid(str(found))
    return made


def _translations(folder: Path, made: dict[str, Any]) -> Iterator[Source | Finding]:
    """The folder's translations that fit this document, and what is wrong with the others."""
    for found in read_translations(folder):
        findings = tuple(check_translation(found, made)) if isinstance(found, Source) else (found,)
        yield from findings
        if isinstance(found, Source) and all(one.is_warning for one in findings):
            yield found


def _whole(folder: Path) -> dict[str, Any]:
    try:
        framework, rules = read_source(folder / "framework.yaml"), read_source(folder / "rules.yaml")
        _refuse(check_schema(framework, "framework"))
        _refuse(check_schema(rules, "rules"))
        modules = [read_source(_module_path(folder, key)) for key in frame(framework, rules).features]
        for module in modules:
            _refuse(check_schema(module, "module"))
    except Unreadable as error:
        raise Invalid(str(error.findings[0])) from error
    return {
        "schema_version": 1,
        "framework": framework.data,
        "rules": rules.data,
        "modules": [module.data for module in modules],
    }


def _laid_over(folder: Path, base: Path) -> dict[str, Any]:
    under = document(base)
    try:
        subset = read_source(folder / FILE)
        _refuse(check_schema(subset, "subset"))
        _refuse(tuple(check_subset(subset, under)))
    except Unreadable as error:
        raise Invalid(str(error.findings[0])) from error
    return laid_over(subset.data, under)


def check(folder: Path, base: Path = CONTENT) -> tuple[Finding, ...]:
    """Everything that is wrong in a folder, errors and warnings, in the order of files and lines.

    Shape first: a file that does not fit its schema is not looked at more closely.
    """
    if not folder.is_dir():
        return (Finding(folder.as_posix(), 1, "folder.missing", "there is no such folder"),)
    findings = _check_subset(folder, base) if (folder / FILE).is_file() else _check(folder)
    if (folder / LANGUAGES).is_dir() and all(one.is_warning for one in findings):
        made = _laid_over(folder, base) if (folder / FILE).is_file() else _whole(folder)
        findings.extend(one for one in _translations(folder, made) if isinstance(one, Finding))
    return tuple(sorted(findings, key=lambda one: (one.is_warning, one.file, one.line, one.rule)))


def _check_subset(folder: Path, base: Path) -> list[Finding]:
    """The base must hold; then the subset's own mistakes; then what its words do to the rules and the framework."""
    findings = [one for one in _check(base) if not one.is_warning]
    subset = None if findings else _read(folder / FILE, "subset", findings)
    if subset is None:
        return findings
    under = document(base)
    findings.extend(check_subset(subset, under))
    if not findings:
        made = laid_over(subset.data, under)
        framework, rules = (Source(subset.file, made[name], {}) for name in ("framework", "rules"))
        modules = (Source(subset.file, one, {}) for one in made["modules"])
        for source in (framework, rules, *modules):
            findings.extend(check_schema(source, source.data["kind"]))
        findings.extend(check_framework(framework))
        findings.extend(check_rules(rules, framework))
    return findings


def _refuse(findings: tuple[Finding, ...]) -> None:
    if findings:
        raise Unreadable(*findings)


def _module_path(folder: Path, quality_key: str) -> Path:
    return folder / "modules" / f"{quality_key}.yaml"


def _read(path: Path, kind: str, findings: list[Finding]) -> Source | None:
    try:
        source = read_source(path)
        _refuse(check_schema(source, kind))
    except Unreadable as error:
        findings.extend(error.findings)
        return None
    return source


def _check(folder: Path) -> list[Finding]:
    findings: list[Finding] = []
    framework = _read(folder / "framework.yaml", "framework", findings)
    rules = _read(folder / "rules.yaml", "rules", findings)
    if framework is None or rules is None:
        return findings
    findings.extend(check_framework(framework))
    findings.extend(check_rules(rules, framework))
    held_against = frame(framework, rules)
    findings.extend(_unknown_files(folder, held_against))
    modules = _modules(folder, held_against, findings)
    findings.extend(check_unique_ids([framework, rules, *modules.values()]))
    findings.extend(check_overlap(modules))
    return findings


def _modules(folder: Path, held_against: Frame, findings: list[Finding]) -> dict[str, Source]:
    modules: dict[str, Source] = {}
    for key in list(held_against.features)[:MAX_MODULES]:
        source = _read(_module_path(folder, key), "module", findings)
        if source is not None:
            modules[key] = source
            findings.extend(check_module(source, key, held_against))
    return modules


def _unknown_files(folder: Path, held_against: Frame) -> Iterator[Finding]:
    if len(held_against.features) > MAX_MODULES:
        yield Finding((folder / "framework.yaml").as_posix(), 1, "folder.size", f"more than {MAX_MODULES} qualities")
    for path in sorted((folder / "modules").glob("*")):
        if path.suffix != ".yaml" or path.stem not in held_against.features:
            message = "not the module of a quality of this framework"
            yield Finding(path.as_posix(), 1, "module.unknown", message)
