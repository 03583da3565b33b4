"""The catalogue: an edition document as frozen objects."""

import ast
import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import framework
from framework import catalogue
from framework.authoring.sources import walk
from framework.errors import Invalid, NotFound
from tests.framework.editions import shipped, shipped_document, tiny, tiny_document


def keys_of(part: Any) -> Iterator[str]:
    """Every ``key`` of the frozen objects below one."""
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        yield from [part.key] if hasattr(part, "key") else []
        for one in dataclasses.fields(part):
            yield from keys_of(getattr(part, one.name))
    elif isinstance(part, tuple):
        for one in part:
            yield from keys_of(one)


def test_the_shipped_edition_has_the_whole_framework() -> None:
    edition = shipped()
    assert edition.framework_key == "leadership-qualities"
    assert [len(one.qualities) for one in edition.clusters] == [5, 5, 5]
    assert len(edition.qualities) == len(edition.modules) == 15
    assert len(edition.features) == 57
    assert [one.kind for one in edition.badges] == ["quality"] * 15 + ["cluster"] * 3 + ["framework"]
    assert [level.label for level in edition.level_scheme.levels] == [
        "Developing",
        "Consistent",
        "Extending",
        "Shaping",
    ]


def test_every_id_of_a_module_is_the_key_of_its_text() -> None:
    for document, module in zip(shipped_document()["modules"], shipped().modules, strict=True):
        ids = {value for where, value in walk(document) if where[-1:] == ("id",) and "for_authors" not in where}
        assert ids <= set(keys_of(module))


def test_the_activities_of_the_shipped_edition() -> None:
    edition = shipped()
    kinds = [one.kind for one in edition.activities]
    of_each = ["module"] * 15 + ["scenarios"] * 15 + ["reflection"] * 15
    assert kinds == ["programme", *of_each, *["self_assessment"] * 16, "framework", "board"]
    module = edition.activity("self-belief")
    assert (module.title, module.minutes, module.quality_key) == ("Self-belief", 24, "self-belief")
    alone = edition.activity("self-belief.scenarios")
    assert (alone.kind, alone.title, alone.minutes) == ("scenarios", "Self-belief: situations", 9)
    assert edition.activity("board").quality_key is None


def test_a_framework_offers_only_the_kinds_it_words() -> None:
    assert {one.kind for one in tiny().activities} == {"module", "scenarios"}
    assert tiny().activity("asking-first.scenarios").title == "Asking first: what would you do?"
    assert [one.kind for one in tiny().badges] == ["quality"] * 3 + ["framework"]


@pytest.mark.parametrize("kind", ["cluster", "quality", "feature", "module", "activity", "scale", "badge"])
def test_a_look_up_of_something_that_is_not_there_says_so(kind: str) -> None:
    with pytest.raises(NotFound, match=f"There is no {kind} called “nonsense” in Leading in the library."):
        getattr(tiny(), kind)("nonsense")


def test_look_ups_find_what_the_document_says() -> None:
    edition = tiny()
    assert edition.cluster("with-readers").qualities[0] is edition.quality("asking-first")
    assert edition.feature("asking-first.2").quality_key == "asking-first"
    assert edition.module("asking-first").sections[1].check.answer_key == "asking-first.2.check.c"
    assert edition.badge("library-leads").quality_keys == ("asking-first", "keeping-promises", "sharing-credit")
    assert edition.has_feature("asking-first.1")
    assert not edition.has_feature("asking-first.3")


def test_the_digest_is_of_the_content_and_not_of_its_order() -> None:
    document = tiny_document()
    turned = dict(reversed(document.items()))
    assert catalogue.read(turned).digest == tiny().digest
    document["framework"]["title"] += "!"
    changed = catalogue.read(document)
    assert changed.digest != tiny().digest
    assert changed.rules_digest == tiny().rules_digest


@pytest.mark.parametrize("lacking", ["framework", "rules", "modules"])
def test_a_document_that_lacks_a_part_is_refused(lacking: str) -> None:
    document = tiny_document()
    del document[lacking]
    with pytest.raises(Invalid, match="The edition document cannot be read"):
        catalogue.read(document)


def test_every_field_of_a_document_may_be_wrong_without_a_crash() -> None:
    """Each value in turn becomes something else: reading either works or says ``Invalid``."""
    original = json.dumps(tiny_document())
    for where, _ in list(walk(tiny_document()))[1:]:
        document = json.loads(original)
        parent: Any = document
        for step in where[:-1]:
            parent = parent[step]
        parent[where[-1]] = None
        try:
            catalogue.read(document)
        except Invalid as error:
            assert "cannot be read" in str(error)


def test_a_catalogue_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny().quality("asking-first").title = "Other"  # type: ignore[misc]  # what must fail


def test_no_code_of_the_chain_knows_this_framework() -> None:
    """No literal outside docstrings names a quality, a cluster, the NHS, or how many there are."""
    folder = Path(framework.__file__).parent
    edition = shipped()
    names = {one.key for one in edition.qualities} | {one.key for one in edition.clusters}
    names |= {edition.framework_key, "NHS"}
    chain = ["catalogue", "assessment", "competency", "authoring"]
    files = [path for name in chain for path in sorted((folder / name).glob("*.py"))] + [folder / "badges.py"]
    for path in files:
        for line, value in literals(path):
            if isinstance(value, str):
                assert not names & set(re.split(r"[^\w-]", value)), f"{path}:{line}"
            else:
                assert value not in (len(edition.qualities), len(edition.features), len(edition.badges)), (
                    f"{path}:{line}"
                )


def literals(path: Path) -> Iterator[tuple[int, object]]:
    """Every literal of a module with its line, without the docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_a_quality_goes_with_those_it_names_and_those_that_name_it() -> None:
    edition = shipped()
    belief = edition.goes_with("self-belief")
    assert [one.quality_key for one in belief] == ["self-awareness", "personal-integrity"]
    integrity = {one.quality_key: one.text for one in edition.goes_with("personal-integrity")}
    assert list(integrity) == ["holding-to-account", "self-belief"]
    assert integrity["self-belief"] == belief[1].text
    assert all(edition.goes_with(one.key) for one in edition.qualities)
    assert tiny().goes_with("sharing-credit") == ()
