"""Content in another language: ``lang/<tag>.yaml`` is checked, published and read, text by text."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from framework import authoring, catalogue
from framework.authoring.comparison import compare
from framework.catalogue.texts import nearest, texts
from framework.errors import Invalid
from framework.store import editions
from framework.store.sessions import Store, now
from tests.framework.editions import TINY, tiny_document

WELSH = {
    "asking-first/title": "Gofyn yn gyntaf",
    "asking-first.module/title": "Gofyn yn gyntaf",
    "steps/levels/starting/label": "Dechrau",
    "rules.starting/label": "Dechrau",
    "rules.explored/wording": "Wedi darllen am {title}.",
    "library-leads/activities/scenarios/title": "{title}: beth fyddech chi'n ei wneud?",
}

Translate = Callable[..., Path]


@pytest.fixture
def translated(tmp_path: Path) -> Translate:
    """A copy of the tiny folder with ``lang/cy.yaml``: ``WELSH`` with other texts, or other fields of the file."""

    def made(changed: dict[str, str] | None = None, name: str = "cy.yaml", **fields: Any) -> Path:
        folder = tmp_path / "content"
        if not folder.exists():
            shutil.copytree(TINY, folder)
        (folder / "lang").mkdir(exist_ok=True)
        said = {"schema_version": 1, "kind": "translation", "lang": "cy", "texts": WELSH | (changed or {})}
        (folder / "lang" / name).write_text(yaml.safe_dump(said | fields, allow_unicode=True), encoding="utf-8")
        return folder

    return made


def test_a_catalogue_speaks_welsh_where_it_can_and_english_where_it_cannot(translated: Translate) -> None:
    """Red without ``with_texts(document, document[TRANSLATIONS][lang])`` in framework/catalogue/texts.py."""
    document = authoring.document(translated())
    english, welsh = catalogue.read(document), catalogue.read(document, "cy")
    assert (english.lang, welsh.lang, welsh.languages) == ("en-GB", "cy", ("en-GB", "cy"))
    assert welsh.quality("asking-first").title == welsh.module("asking-first").title == "Gofyn yn gyntaf"
    assert welsh.activity("asking-first.scenarios").title == "Gofyn yn gyntaf: beth fyddech chi'n ei wneud?"
    assert welsh.quality("sharing-credit").title == english.quality("sharing-credit").title == "Sharing credit"
    assert english.quality("asking-first").title == "Asking first"


def test_only_words_differ_between_languages(translated: Translate) -> None:
    """Red when ``digest(original["rules"])`` in framework/catalogue/__init__.py takes the translated rules."""
    document = authoring.document(translated())
    english, welsh = catalogue.read(document), catalogue.read(document, "cy")
    assert (english.digest, english.rules_digest) == (welsh.digest, welsh.rules_digest)
    assert english.digest != catalogue.read(tiny_document()).digest, "a translation makes a new edition"
    assert english.rules_digest == catalogue.read(tiny_document()).rules_digest, "and the same rules"
    for kind in ("qualities", "features", "activities", "badges", "scales"):
        assert [one.key for one in getattr(english, kind)] == [one.key for one in getattr(welsh, kind)]
    for key in (one.key for one in english.qualities):
        answers = [
            [(one.key, one.check.answer_key) for one in edition.module(key).sections] for edition in (english, welsh)
        ]
        assert answers[0] == answers[1]


def test_what_is_missing_is_counted_and_stops_nothing(translated: Translate) -> None:
    (found,) = authoring.check(translated())
    total = len(texts(tiny_document()))
    assert found.is_warning and found.rule == "translation.missing" and found.file.endswith("lang/cy.yaml")
    assert found.message.startswith(f"{total - len(WELSH)} of {total} texts are not translated yet")


@pytest.mark.parametrize(
    ("changed", "rule", "message"),
    [
        ({"asking-last/title": "Olaf"}, "translation.text", 'no text at "asking-last/title"'),
        ({"asking-first/id": "gofyn"}, "translation.text", 'no text at "asking-first/id"'),
        ({"rules.explored/wording": "Wedi darllen am {teitl}."}, "translation.name", "names in braces: {title}"),
        ({"rules.explored/wording": "Wedi darllen."}, "translation.name", "names in braces: {title}"),
        ({"asking-first/title": "Gofyn {title}"}, "translation.name", "names in braces: none"),
        ({"asking-first/title": "g" * 301}, "schema.maxLength", "longer than 300"),
        ({"asking-first/title": ""}, "schema.minLength", "is empty"),
        ({"rules.starting/label": "Cychwyn"}, "award.label", 'is called "Dechrau"'),
    ],
)
def test_a_text_that_does_not_fit_is_told_with_its_line(
    translated: Translate, changed: dict[str, str], rule: str, message: str
) -> None:
    """Red without ``yield from mistakes`` or ``yield from _translated(...)`` in authoring/translations.py."""
    folder = translated(changed)
    found = [one for one in authoring.check(folder) if not one.is_warning]
    assert [one.rule for one in found] == [rule] and message in found[0].message
    assert found[0].file.endswith("lang/cy.yaml")
    if rule.startswith("translation"):
        (address,) = changed
        lines = (folder / "lang" / "cy.yaml").read_text(encoding="utf-8").splitlines()
        assert address in lines[found[0].line - 1]
    with pytest.raises(Invalid, match=r"cy\.yaml:[0-9]+: " + rule):
        authoring.document(folder)


@pytest.mark.parametrize(
    ("name", "fields", "rule"),
    [
        ("cy.yaml", {"lang": "ga"}, "translation.lang"),
        ("en-GB.yaml", {"lang": "en-GB"}, "translation.lang"),
        ("welsh.yaml", {"lang": "welsh"}, "schema.pattern"),
        ("cy.txt", {}, "translation.file"),
        ("cy.yaml", {"quality": "asking-first"}, "schema.unknown"),
        ("cy.yaml", {"kind": "subset"}, "schema.const"),
    ],
)
def test_a_file_that_is_no_translation_is_found(
    translated: Translate, name: str, fields: dict[str, Any], rule: str
) -> None:
    found = [one for one in authoring.check(translated(name=name, **fields)) if not one.is_warning]
    assert [one.rule for one in found] == [rule]


def test_a_translation_may_be_as_long_as_a_whole_framework_and_no_longer(translated: Translate) -> None:
    folder = translated()
    path = folder / "lang" / "cy.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "#" * 400_000, encoding="utf-8")
    assert [one.rule for one in authoring.check(folder)] == ["translation.missing"]
    path.write_text(path.read_text(encoding="utf-8") + "#" * 700_000, encoding="utf-8")
    assert [one.rule for one in authoring.check(folder)] == ["file.size"]


def test_an_export_writes_translations_and_a_comparison_names_them(translated: Translate, tmp_path: Path) -> None:
    before = authoring.document(translated())
    authoring.write(before, tmp_path / "out")
    assert catalogue.digest(authoring.document(tmp_path / "out")) == catalogue.digest(before)
    after = authoring.document(translated({"asking-first/title": "Holi'n gyntaf"}))
    (changed,) = compare(before, after)
    assert str(changed) == "text cy: asking-first/title: Gofyn yn gyntaf -> Holi'n gyntaf"
    assert [str(one) for one in compare(tiny_document(), before)] == ["added lang/cy"]
    assert [str(one) for one in compare(before, tiny_document())] == ["gone lang/cy"]


def test_a_subset_keeps_translations_of_the_words_that_it_keeps(translated: Translate, tmp_path: Path) -> None:
    """Red without ``if after.get(address) == before[address]`` in framework/authoring/subset.py."""
    base = translated()
    folder = tmp_path / "subset"
    (folder / "lang").mkdir(parents=True)
    subset = {
        "schema_version": 1,
        "kind": "subset",
        "framework": "library-leads",
        "edition": "ours-1",
        "qualities": ["asking-first", "sharing-credit"],
        "texts": {"asking-first/title": "Asking before telling"},
    }
    (folder / "subset.yaml").write_text(yaml.safe_dump(subset), encoding="utf-8")
    welsh = catalogue.read(authoring.document(folder, base), "cy")
    assert welsh.quality("asking-first").title == "Asking before telling", "an own word has no Welsh of the base"
    assert welsh.level_scheme.levels[0].label == "Dechrau"
    # When the owner of the words translates them too
    own = {"schema_version": 1, "kind": "translation", "lang": "cy", "texts": {"asking-first/title": "Gofyn cyn dweud"}}
    (folder / "lang" / "cy.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    assert [one.rule for one in authoring.check(folder, base)] == ["translation.missing"]
    # Then both stand side by side
    welsh = catalogue.read(authoring.document(folder, base), "cy")
    assert welsh.quality("asking-first").title == "Gofyn cyn dweud"
    assert welsh.level_scheme.levels[0].label == "Dechrau"


@given(st.one_of(st.none(), st.text(max_size=30), st.sampled_from(["cy", "cy-GB", "CY", "en", "en-US", "fr", "", "-"])))
def test_whatever_an_lms_names_some_language_is_found(wanted: str | None) -> None:
    spoken = ("en-GB", "cy", "pt-BR", "pt-PT")
    assert nearest(spoken, wanted) in spoken


@pytest.mark.parametrize(
    ("wanted", "gets"),
    [
        ("cy", "cy"),
        ("cy-GB", "cy"),
        ("CY", "cy"),
        ("en-AU", "en-GB"),
        ("pt-pt", "pt-PT"),
        ("pt", "pt-BR"),
        ("fr", "en-GB"),
    ],
)
def test_the_nearest_language_is_taken(wanted: str, gets: str) -> None:
    assert nearest(("en-GB", "cy", "pt-BR", "pt-PT"), wanted) == gets


def test_an_edition_is_read_once_in_each_language_that_it_has(store: Store, translated: Translate) -> None:
    """Red without ``session.info.get("lang")`` in framework/store/editions.py."""
    with store.transaction(1) as session:
        editions.publish(session, authoring.document(translated()), now=now())
    with store.reading(1) as session:
        edition_id, english = editions.current(session)
        welsh = editions.catalogue(session, edition_id, "cy")
        assert (english.lang, welsh.lang) == ("en-GB", "cy")
        assert editions.catalogue(session, edition_id, "cy-GB") is welsh
        assert editions.catalogue(session, edition_id, "xx-made-up") is english
        editions.speak(session, "cy")
        assert editions.current(session) == (edition_id, welsh) and editions.spoken(session) == "cy"
    with store.reading(1) as session:
        assert editions.spoken(session) == ""
        assert editions.current(session)[1] is english, "the next session speaks for itself"
