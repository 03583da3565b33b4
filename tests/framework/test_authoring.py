"""Authoring: every fault of a content folder is found, with its file and line, and nothing hostile gets in."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import authoring
from framework.authoring import Finding, check, document
from framework.errors import Invalid
from tests.framework.editions import TINY

MODULE = "modules/asking-first.yaml"
RATE = "modules/keeping-promises.yaml"
BEST = "modules/sharing-credit.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tiny content folder, free to be spoiled."""
    return Path(shutil.copytree(TINY, tmp_path / "content"))


Spoil = Callable[[str, str, str], int]


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """Replace a text in a file of the folder, once, and give the line on which the new text begins."""

    def replace(name: str, old: str, new: str) -> int:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        start = text.index(old)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text.count("\n", 0, start) + 1

    return replace


def rules_found(findings: tuple[Finding, ...]) -> list[str]:
    return [one.rule for one in findings]


@pytest.mark.parametrize("content", [authoring.CONTENT, TINY], ids=["shipped", "tiny"])
def test_the_content_has_no_errors(content: Path) -> None:
    assert [str(one) for one in check(content) if not one.is_warning] == []


def test_a_document_is_the_same_each_time_and_is_json() -> None:
    first, second = document(TINY), document(TINY)
    assert json.dumps(first) == json.dumps(second)
    assert json.loads(json.dumps(first)) == first
    assert [one["quality"] for one in first["modules"]] == ["asking-first", "keeping-promises", "sharing-credit"]


def test_a_finding_reads_like_a_compiler_message(tmp_path: Path) -> None:
    content = Path(shutil.copytree(authoring.CONTENT, tmp_path / "content"))
    path = content / "modules" / "self-belief.yaml"
    text = path.read_text(encoding="utf-8")
    line = text[: text.index("    answer: c")].count("\n") + 1
    path.write_text(text.replace("    answer: c", "    answer: e", 1), encoding="utf-8")
    errors = [str(one) for one in check(content) if not one.is_warning]
    assert errors == [f'{path.as_posix()}:{line}: check.answer: "e" is not one of the options a, b, c, d']


SPOILED = [
    # file, old, new, rule, part of the message
    (MODULE, "title: Asking first", "titel: Asking first", "schema.unknown", "titel: unknown field"),
    (MODULE, "quality: asking-first", "quality: other", "module.quality", "is not the file's name"),
    (MODULE, "framework: library-leads", "framework: other", "module.framework", "is not this framework"),
    (MODULE, "text: Do it once this week.", "text: 7", "schema.type", "must be text, not 7; put it in quotes"),
    (MODULE, 'text: "Guesses from the coat."', 'text: ""', "schema.minLength", "is empty"),
    (MODULE, "id: asking-first.1.look.a", "id: Look A", "schema.pattern", "is not small letters"),
    (MODULE, "id: asking-first.1.look.a", "id: sharing-credit.9", "id.prefix", "does not begin with “asking-first.”"),
    (MODULE, "id: asking-first.2.look.a", "id: asking-first.1.look.a", "id.unique", "stands twice"),
    (MODULE, "setting: branch, title: The timetable", "setting: moon, title: The timetable", "setting.known", "branch"),
    (MODULE, "answer: b", "answer: B", "check.answer", '"B" is not one of the options a, b, c, d'),
    (MODULE, 'feature: asking-first.1, text: "Fetch', 'feature: sharing-credit.1, text: "Fetch', "feature.known", ""),
    (MODULE, "features: [asking-first.1]", "features: [asking-first.7]", "feature.known", "asking-first.7"),
    (MODULE, "key_status: provisional", "key_status: certain", "schema.enum", "is not one of provisional, agreed"),
    (MODULE, "minutes: {module: 3", "minutes: {module: -3", "schema.minimum", "-3 is less than 0"),
    (MODULE, "value: 4, text: Step 4.", "value: 14, text: Step 4.", "schema.maximum", "14 is more than 9"),
    (RATE, "scale: scale.wise", "scale: scale.odd", "scenario.scale", "names a scale"),
    ("framework.yaml", "value: 3, key: stretching", "value: 5, key: stretching", "levels.values", "must run 1, 2, 3"),
    ("framework.yaml", "{starting: Asks when told., ", "{", "levels.words", "the scheme has starting"),
    ("framework.yaml", "id: sharing-credit.1,", "id: credit.1,", "id.prefix", "does not begin with"),
    ("framework.yaml", "kind: scenarios", "kind: module", "activity.kind", "a second entry"),
    (
        "framework.yaml",
        "title: Sharing credit",
        "title: Sharing credit\n    related: [{quality: kindness, text: So they say.}]",
        "related.quality",
        'no quality "kindness"',
    ),
    (
        "framework.yaml",
        "title: Sharing credit",
        "title: Sharing credit\n    related: [{quality: sharing-credit, text: So they say.}]",
        "related.quality",
        "is the quality itself",
    ),
    ("framework.yaml", "id: with-colleagues", "id: asking-first", "id.unique", "stands twice"),
    (
        "framework.yaml",
        "  kind: appropriateness",
        "  kind: appropriateness\n  opt_out: gone",
        "scale.opt_out",
        "not_seen",
    ),
    ("rules.yaml", "label: Starting", "label: Begun", "award.label", 'is called "Starting"'),
    ("rules.yaml", "kind: judges, count: 1", "kind: judges", "schema.required", "conditions[2].count: missing"),
    ("rules.yaml", "kind: judges, count: 1", "kind: judges, count: 1, months: 3", "schema.unknown", "months: unknown"),
    ("rules.yaml", "kind: explored,", "kind: level, level: 1,", "award.order", "level 1 cannot ask for level 1"),
    ("rules.yaml", "kind: explored,", "kind: studied,", "award.condition", "a level comes from judgement only"),
    ("rules.yaml", "kind: studied,", "kind: moderated,", "award.condition", "Explored comes from learning only"),
    ("rules.yaml", "level: 0", "level: 2", "award.label", "level 2 is called"),
    (
        "rules.yaml",
        "has read".title().replace("Read", "read") + " about {title}.",
        "Has {name}.",
        "wording.name",
        "{name}",
    ),
    ("rules.yaml", 'share: "1/2"', 'share: "0/2"', "schema.pattern", "a share such as 1/2"),
]


@pytest.mark.parametrize(("name", "old", "new", "rule", "message"), SPOILED)
def test_a_fault_is_found_on_its_line(
    folder: Path, spoil: Spoil, name: str, old: str, new: str, rule: str, message: str
) -> None:
    line = spoil(name, old, new)
    findings = check(folder)
    found = [one for one in findings if one.rule == rule]
    assert found, rules_found(findings)
    assert message in found[0].message
    assert found[0].file == (folder / name).as_posix()
    assert abs(found[0].line - line) <= 2, f"line {found[0].line}, not {line}"


def test_a_missing_field_is_named_with_its_place(folder: Path, spoil: Spoil) -> None:
    line = spoil(MODULE, ', notice: "One question came first."', "")
    (finding,) = check(folder)
    assert (finding.rule, finding.line) == ("schema.required", line)
    assert finding.message == "sections[1].example.notice: missing"


def test_the_overused_form_must_be_there(folder: Path, spoil: Spoil) -> None:
    spoil(MODULE, "overused: true", "overused: false")
    (finding,) = check(folder)
    assert (finding.rule, finding.message) == ("section.overused", "no item shows the overused form")


def test_a_module_needs_different_settings(folder: Path, spoil: Spoil) -> None:
    spoil(BEST, "setting: mobile", "setting: branch")
    (finding,) = check(folder)
    assert (finding.rule, finding.message) == ("setting.variety", "only 1 different settings; needs 2")


def test_the_options_of_a_check_are_a_to_d(folder: Path, spoil: Spoil) -> None:
    spoil(BEST, "id: sharing-credit.1.check.d", "id: sharing-credit.1.check.e")
    assert rules_found(check(folder)) == ["check.options"]


def test_an_option_that_stands_out_by_length_is_found(folder: Path, spoil: Spoil) -> None:
    spoil(
        BEST,
        "Tom painted it, and he is over there.",
        "Tom painted it, and he is over there by the door with his mother.",
    )
    assert rules_found(check(folder)) == ["check.lengths"]


def test_sections_follow_the_features(folder: Path, spoil: Spoil) -> None:
    spoil("framework.yaml", "- {id: asking-first.2,", "- {id: asking-first.3,")
    found = [one for one in check(folder) if one.rule == "module.sections"]
    assert found[0].message == (
        "the sections are asking-first.1, asking-first.2; the features are asking-first.1, asking-first.3"
    )


def test_levels_of_a_module_are_those_of_the_scheme(folder: Path, spoil: Spoil) -> None:
    spoil(BEST, "value: 4, text: Step 4.", "value: 3, text: Step 4.")
    (finding,) = check(folder)
    assert (finding.rule, finding.message) == ("levels.values", "the values are 1, 2, 3, 3; the levels are 1, 2, 3, 4")


KEYS = [
    (MODULE, "key: true", "key: false", "choose3 needs 8 responses, 3 of them keyed true and 5 false"),
    (MODULE, "key: false", "key: 0", "choose3 needs 8 responses, 3 of them keyed true and 5 false"),
    (RATE, "key: 4", "key: 5", "rate needs 4 to 8 responses with keys from 1 to 4"),
    (RATE, "key: 4", "key: true", "rate needs 4 to 8 responses with keys from 1 to 4"),
    (BEST, "key: worst", "key: mid", "best_worst needs 5 responses, one keyed best, one worst and 3 mid"),
    (BEST, "format: best_worst", "format: rank5", "rank5 needs 5 responses with the keys 1, 2, 3, 4 and 5"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), KEYS)
def test_keys_fit_their_format(folder: Path, spoil: Spoil, name: str, old: str, new: str, message: str) -> None:
    spoil(name, old, new)
    (finding,) = check(folder)
    assert finding.rule == "scenario.keys"
    assert message in finding.message


def test_a_scenario_that_can_be_won_without_reading_is_refused(folder: Path, spoil: Spoil) -> None:
    """Keys 2, 3, 3, 2: always answering 3 (or 2) earns 10 of 12 points."""
    for old, new in (("key: 4", "key: 2"), ("key: 1,", "key: 3,"), ("key: 1,", "key: 2,")):
        spoil(RATE, old, new)
    (finding,) = check(folder)
    assert finding.rule == "scenario.chance"
    assert finding.message == "the best constant rating earns 0.83 of the points; the limit is 0.75"


def test_the_chance_limit_holds_for_any_format(folder: Path, spoil: Spoil) -> None:
    spoil("rules.yaml", "chance_limit: 0.75", "chance_limit: 0.3")
    messages = [one.message for one in check(folder) if one.rule == "scenario.chance"]
    assert messages[0] == "chance earns 0.38 of the points; the limit is 0.3"


def test_a_module_has_the_scenarios_that_the_rules_ask_for(folder: Path, spoil: Spoil) -> None:
    spoil("rules.yaml", "scenarios: 1", "scenarios: 3")
    assert rules_found(check(folder)) == ["scenario.count"] * 3


def test_two_scenarios_of_one_format_are_found(folder: Path) -> None:
    path = folder / BEST
    text = path.read_text(encoding="utf-8")
    scenario = text[text.index("- id: sharing-credit.sjt.1") : text.index("\nteams:") + 1]
    path.write_text(text.replace("\nteams:", "\n" + scenario.replace("sjt.1", "sjt.2") + "teams:", 1), encoding="utf-8")
    assert set(rules_found(check(folder))) == {"scenario.formats", "scenario.count"}


def test_a_long_passage_in_two_modules_is_found(folder: Path, spoil: Spoil) -> None:
    passage = " ".join(f"word{number}" for number in range(22))
    spoil(MODULE, "A reader asked for trains and wanted a timetable.", passage)
    line = spoil(BEST, "The prize had one name on it and five people behind it.", passage)
    (finding,) = check(folder)
    assert (finding.rule, finding.line) == ("text.shared", line)
    assert finding.message.startswith("14 runs of 9 words are also in asking-first, such as “word0 word1")


def test_a_name_in_two_modules_is_a_warning(folder: Path, spoil: Spoil) -> None:
    spoil(BEST, "that Tom painted", "that Otto painted")
    spoil(MODULE, "Otto sees a frown", "Then Otto sees a frown")
    (finding,) = check(folder)
    assert (finding.rule, finding.is_warning) == ("names.shared", True)
    assert finding.message == "“Otto” is also in asking-first: if it is a person or a place, choose another"


HOSTILE = [
    (b"a: &x [1]\nb: *x\n", "yaml.anchor", 1),
    (b"a: 1\nb: *x\n", "yaml.alias", 2),
    (b"a: 1\nb: !!python/object/apply:os.system ['true']\n", "yaml.tag", 2),
    (b"a: 1\nb: ! text\n", "yaml.tag", 2),
    (b"a: 1\nb: 2\na: 3\n", "yaml.duplicate", 3),
    (b"a: 1\n<<: {b: 2}\n", "yaml.key", 2),
    (b"a: 1\n2: b\n", "yaml.key", 2),
    (b"a: 1\n[x]: b\n", "yaml.key", 2),
    (b"a: 2024-01-01\n", "yaml.value", 1),
    (b"a: .nan\n", "yaml.value", 1),
    (b"a: .inf\n", "yaml.value", 1),
    (b"a: 12:30\n", "yaml.value", 1),
    (b"a: 0755\n", "yaml.value", 1),
    (b"a: " + b"9" * 6000 + b"\n", "yaml.value", 1),
    (b"a: 1\nb: " + b"[" * 3000 + b"]" * 3000 + b"\n", "yaml.depth", 2),
    (b"a: 1\nb: '\xff'\n", "file.encoding", 2),
    (b"a: 1\nb: \x07\n", "yaml.characters", 2),
    (b"a: 1\nb: [1\nc: 2\n", "yaml.syntax", 3),
    (b"a: 1\n---\nb: 2\n", "yaml.syntax", 2),
    (b"", "file.empty", 1),
    (b"just a text\n", "file.empty", 1),
    (b"x" * 300_000, "file.size", 1),
]


@pytest.mark.parametrize(("data", "rule", "line"), HOSTILE)
def test_hostile_yaml_is_refused_on_its_line(folder: Path, data: bytes, rule: str, line: int) -> None:
    (folder / MODULE).write_bytes(data)
    finding = check(folder)[0]
    assert (finding.rule, finding.line, finding.file) == (rule, line, (folder / MODULE).as_posix())
    with pytest.raises(Invalid, match=rule):
        document(folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert rules_found(check(tmp_path / "none")) == ["folder.missing"]


def test_an_empty_folder(tmp_path: Path) -> None:
    assert rules_found(check(tmp_path)) == ["file.missing", "file.missing"]
    with pytest.raises(Invalid, match=r"framework\.yaml:1: file\.missing: there is no such file"):
        document(tmp_path)


def test_a_missing_module_is_found(folder: Path) -> None:
    (folder / MODULE).unlink()
    (finding,) = check(folder)
    assert (finding.rule, finding.file) == ("file.missing", (folder / MODULE).as_posix())


def test_a_folder_in_place_of_a_file_is_found(folder: Path) -> None:
    (folder / MODULE).unlink()
    (folder / MODULE).mkdir()
    assert rules_found(check(folder)) == ["file.missing"]


@pytest.mark.parametrize("name", ["stray.yaml", "asking-first.yml", "notes.txt"])
def test_a_file_that_belongs_to_no_quality_is_found(folder: Path, name: str) -> None:
    (folder / "modules" / name).write_text("a: 1\n", encoding="utf-8")
    assert rules_found(check(folder)) == ["module.unknown"]


def test_all_faults_come_in_one_go(folder: Path, spoil: Spoil) -> None:
    spoil(MODULE, "answer: b", "answer: e")
    spoil(RATE, "scale: scale.wise", "scale: scale.odd")
    spoil(BEST, "overused: true", "overused: false")
    assert rules_found(check(folder)) == ["check.answer", "scenario.scale", "section.overused"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["framework.yaml", "rules.yaml", BEST]),
    start=st.integers(0, 3000),
    length=st.integers(0, 60),
    junk=st.one_of(st.binary(max_size=20), st.text("{}[]:-&*!|>%@`'\"\n \t#", max_size=12).map(str.encode)),
)
def test_no_damage_to_a_file_makes_the_check_crash(
    folder: Path, name: str, start: int, length: int, junk: bytes
) -> None:
    """Cut a piece out of a file and put something else in: ``check`` answers, and ``document`` agrees with it."""
    whole = (TINY / name).read_bytes()
    (folder / name).write_bytes(whole[:start] + junk + whole[start + length :])
    try:
        findings = check(folder)
        assert all(one.line >= 1 and one.message for one in findings)
        if not findings:
            document(folder)
    finally:
        (folder / name).write_bytes(whole)
