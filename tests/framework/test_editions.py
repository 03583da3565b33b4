"""Bringing one's own content: compare, export, a subset with own words, and activities that retire."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from framework import authoring, catalogue
from framework.authoring.comparison import compare
from framework.catalogue.texts import texts, with_texts
from framework.errors import Conflict, Invalid
from framework.store import editions
from framework.store.sessions import Store, now
from tests.framework.editions import TINY, shipped, shipped_document, tiny_document

SUBSET = {
    "schema_version": 1,
    "kind": "subset",
    "framework": "library-leads",
    "edition": "ours-1",
    "qualities": ["asking-first", "sharing-credit"],
    "texts": {"asking-first/title": "Asking before telling"},
}


@pytest.fixture
def subset(tmp_path: Path) -> Callable[..., Path]:
    """A folder with one subset.yaml, ``SUBSET`` with other fields where they are given."""

    def made(**changed: object) -> Path:
        (tmp_path / "subset.yaml").write_text(yaml.safe_dump({**SUBSET, **changed}), encoding="utf-8")
        return tmp_path

    return made


def test_every_text_has_an_address_of_its_own_and_can_be_said_otherwise() -> None:
    document = shipped_document()
    found = texts(document)
    assert len(found) > 2500 and found["self-belief/title"] == "Self-belief"
    assert found["dces/levels/consistent/label"] == "Consistent"
    other = with_texts(document, {address: f"<{text}>" for address, text in found.items()})
    assert list(texts(other)) == list(found) and all(text.startswith("<") for text in texts(other).values())
    assert catalogue.read(other).quality("self-belief").features[0].key == "self-belief.1"
    assert found == texts(document), "the original stays as it is"


def test_a_subset_keeps_ids_and_leaves_out_what_is_not_kept(subset: Callable[..., Path]) -> None:
    folder = subset()
    assert [str(one) for one in authoring.check(folder, TINY)] == []
    made = catalogue.read(authoring.document(folder, TINY))
    assert [one.key for one in made.qualities] == ["asking-first", "sharing-credit"]
    assert (made.quality("asking-first").title, made.module("asking-first").title) == ("Asking before telling",) * 2
    assert made.activity("asking-first").title == "Asking before telling"
    assert {one.key for one in made.activities if one.quality_key} == {
        f"{quality}{kind}" for quality in ("asking-first", "sharing-credit") for kind in ("", ".scenarios")
    }
    assert (made.framework_key, made.edition) == ("library-leads", "ours-1")


def test_a_subset_of_the_shipped_framework_has_its_badges_and_relations(subset: Callable[..., Path]) -> None:
    folder = subset(framework="leadership-qualities", qualities=["self-belief", "self-awareness"], texts={})
    assert [str(one) for one in authoring.check(folder)] == []
    made = catalogue.read(authoring.document(folder))
    assert [one.kind for one in made.badges] == ["quality", "quality", "cluster", "framework"]
    assert [one.quality_key for one in made.goes_with("self-belief")] == ["self-awareness"]


@pytest.mark.parametrize(
    ("changed", "rule", "message"),
    [
        ({"framework": "other"}, "subset.framework", 'the base, which is "library-leads"'),
        ({"qualities": ["asking-first", "dancing"]}, "subset.quality", 'no quality "dancing"'),
        ({"texts": {"keeping-promises/title": "Gone"}}, "subset.text", "no text at"),
        ({"texts": {"steps/levels/starting/label": "Begun"}}, "award.label", 'is called "Begun"'),
        ({"texts": {"asking-first/title": "x" * 301}}, "schema.maxLength", "longer than 300"),
        ({"qualities": []}, "schema.minItems", "fewer than 1"),
        ({"texts": {"asking-first/title": ""}}, "schema.minLength", "is empty"),
    ],
)
def test_a_subset_that_does_not_fit_is_told_where(
    subset: Callable[..., Path], changed: dict[str, object], rule: str, message: str
) -> None:
    found = authoring.check(subset(**changed), TINY)
    assert [one.rule for one in found] == [rule] or rule in [one.rule for one in found]
    assert any(message in one.message and one.file.endswith("subset.yaml") for one in found)


def test_a_subset_that_does_not_fit_makes_no_document(subset: Callable[..., Path]) -> None:
    with pytest.raises(Invalid, match="no quality"):
        authoring.document(subset(qualities=["dancing"]), TINY)


@pytest.mark.parametrize("content", [authoring.CONTENT, TINY], ids=["shipped", "tiny"])
def test_an_exported_edition_is_the_same_document_when_it_is_read_again(content: Path, tmp_path: Path) -> None:
    document = authoring.document(content)
    authoring.write(document, tmp_path / "out")
    assert [str(one) for one in authoring.check(tmp_path / "out") if not one.is_warning] == []
    assert catalogue.digest(authoring.document(tmp_path / "out")) == catalogue.digest(document)
    listed = yaml.safe_load((tmp_path / "out" / "texts.yaml").read_text(encoding="utf-8"))
    assert listed == texts(document)
    with pytest.raises(Conflict, match="not empty"):
        authoring.write(document, tmp_path / "out")


def test_a_comparison_names_keys_before_words(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "content"))
    module = folder / "modules" / "asking-first.yaml"
    text = module.read_text(encoding="utf-8").replace("answer: b", "answer: c", 1).replace("Do it once", "Do it twice")
    module.write_text(text, encoding="utf-8")
    framework = folder / "framework.yaml"
    lines = [line for line in framework.read_text(encoding="utf-8").splitlines() if "id: mobile" not in line]
    framework.write_text("\n".join(lines), encoding="utf-8")
    found = compare(tiny_document(), authoring.document(folder))
    assert [one.kind for one in found] == ["key", "gone", "text"]
    assert str(found[0]).endswith("/answer: b -> c") and str(found[1]) == "gone mobile"
    assert "once" in found[2].before and "twice" in found[2].after
    assert compare(tiny_document(), tiny_document()) == ()


def test_a_changed_rule_is_told_from_a_changed_word() -> None:
    before, after = tiny_document(), with_texts(tiny_document(), {})
    after["rules"]["awards"][1]["valid_months"] = 7
    (found,) = compare(before, after)
    assert (found.kind, found.after) == ("rule", "7")


def test_a_retired_activity_is_offered_until_its_day() -> None:
    document = with_texts(shipped_document(), {})
    document["framework"]["retired"] = [
        {"activity": "self-belief.scenarios", "from": "2027-03-01", "notice": "Now part of the module."}
    ]
    edition = catalogue.read(document)
    retiring = edition.activity("self-belief.scenarios")
    assert retiring.retirement is not None and retiring.retirement.notice == "Now part of the module."
    assert retiring.is_offered(date(2027, 2, 28)) and not retiring.is_offered(date(2027, 3, 1))
    assert edition.activity("self-belief").is_offered(date.max)


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("{activity: asking-first.dance, from: '2027-03-01', notice: Gone.}", "retired.activity"),
        ("{activity: asking-first, from: '2027-02-30', notice: Gone.}", "retired.from"),
    ],
)
def test_a_retirement_that_cannot_be_is_found(tmp_path: Path, entry: str, rule: str) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "content"))
    framework = folder / "framework.yaml"
    text = framework.read_text(encoding="utf-8").replace("\nclusters:", f"\nretired:\n- {entry}\nclusters:", 1)
    framework.write_text(text, encoding="utf-8")
    assert [one.rule for one in authoring.check(folder)] == [rule]


def test_a_document_is_found_by_its_number(store: Store) -> None:
    first, second = tiny_document(), with_texts(tiny_document(), {"library-leads/title": "Leading a library"})
    with store.transaction(1) as session:
        editions.publish(session, first, now=now())
        editions.publish(session, second, now=now())
    with store.reading(1) as session:
        assert editions.document(session, "library-leads") == (2, second)
        assert editions.document(session, "library-leads", 1) == (1, first)
        with pytest.raises(Exception, match="no edition 3"):
            editions.document(session, "library-leads", 3)
    assert shipped().framework_key == "leadership-qualities"
