"""docs/lti-conformance.md, made from the tests: which of them prove which requirement.

``python -m tests.certification.conformance`` writes it anew. A requirement is proved by every test with the marker
``lti("LTI-nn")``, in whichever folder it lives.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "lti-conformance.md"
LIST = Path(__file__).with_name("requirements.txt")
_HEAD = """# LTI Advantage: what is tested

Made from the tests by `python -m tests.certification.conformance`; do not edit. Each line names a requirement of
LTI 1.3, LTI Advantage or of platforms as they are, and the tests that prove it. Where the database matters they run on
SQLite and PostgreSQL.
Safari and Firefox are not driven here: a Chromium that keeps no cookie of the tool in the LMS's frame stands for them.
"""


def proofs() -> Mapping[str, list[str]]:
    """Tests by requirement: ``{"LTI-13": ["tests/lti_tool/test_launch.py::test_..."]}``."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for number in _numbers(function):
                    found[number].append(f"{path.relative_to(ROOT).as_posix()}::{function.name}")
    return found


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the list. ``group``: the heading above it; ``missing``: what is missing, in part or in whole."""

    group: str
    number: str
    text: str
    missing: str


def requirements() -> list[Requirement]:
    """The acceptance list."""
    found, group = [], ""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line.removeprefix("## ")
        elif line.startswith("LTI-"):
            number, text, missing = (part.strip() for part in line.split("|"))
            found.append(Requirement(group, number, text, missing))
    return found


def page() -> str:
    """The whole page."""
    proved, wanted = proofs(), requirements()
    done = sum(one.number in proved for one in wanted)
    lines = [_HEAD, f"{done} of {len(wanted)} are tested; the others, and those tested in part, say what is missing."]
    for group in dict.fromkeys(one.group for one in wanted):
        lines += ["", f"## {group}", "", "| | Requirement | Tests |", "|---|---|---|"]
        lines += [_row(one, proved.get(one.number, [])) for one in wanted if one.group == group]
    return "\n".join(lines) + "\n"


def _row(one: Requirement, tests: list[str]) -> str:
    cell = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in tests)
    if tests and one.missing:
        cell += f"<br>Not: {one.missing}."
    if not tests:
        cell = f"Not yet: {one.missing}." if one.missing else "No test names it yet"
    return f"| {one.number} | {one.text} | {cell} |"


def _numbers(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.lti":
            for argument in decorator.args:
                yield ast.literal_eval(argument)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
