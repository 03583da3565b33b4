"""Reading content files: YAML as plain JSON values, with the line of every field, and nothing that could surprise.

A content folder may come from another organisation, so it is treated as hostile: files are bounded, and tags,
anchors, aliases, merge keys, duplicate keys and values that JSON lacks are refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 262_144
MAX_DEPTH = 20

# What YAML 1.1 reads as a number and people may not (0755, 1_000, 12:30, .inf) is refused.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend in a content file. ``rule`` is a stable name; ``is_warning`` does not stop a publish."""

    file: str
    line: int
    rule: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        """``file:line: rule: message``, as editors and compilers write it."""
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Source:
    """A content file that could be read: its value, and the line of each field by its path."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Where, int]

    def finding(self, where: Where, rule: str, message: str, *, is_warning: bool = False) -> Finding:
        """A finding at a path."""
        return Finding(self.file, self.line(where), rule, message, is_warning)

    def line(self, where: Where) -> int:
        """The line of a path, or of the nearest path around it that the file has."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


class Unreadable(Exception):
    """A content file cannot be used at all. Carries the findings."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = findings


def walk(node: Any, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Every value below and including ``node``, with its path, in the order of the file."""
    yield where, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from walk(child, (*where, name))


def read_source(path: Path, *, max_bytes: int = MAX_BYTES) -> Source:
    """Read one content file. Raises ``Unreadable`` with every reason found."""
    file = path.as_posix()
    text = _text(path, file, max_bytes)
    try:
        node = _Loader(text).get_single_node()
    except _Refused as error:
        raise Unreadable(Finding(file, _line(error.problem_mark), error.rule, str(error.problem))) from error
    except yaml.MarkedYAMLError as error:
        problem = error.problem or error.context or "this is not YAML"
        raise Unreadable(Finding(file, _line(error.problem_mark), "yaml.syntax", problem)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(Finding(file, line, "yaml.characters", f"{error.reason}")) from error
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(Finding(file, 1, "file.empty", "the file holds no fields"))
    builder = _Builder(file)
    data = builder.value(node, ())
    if builder.findings:
        raise Unreadable(*builder.findings)
    return Source(file, data, builder.lines)


def _text(path: Path, file: str, max_bytes: int) -> str:
    try:
        if not path.is_file():
            raise Unreadable(Finding(file, 1, "file.missing", "there is no such file"))
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise Unreadable(Finding(file, 1, "file.unreadable", error.strerror or "it cannot be read")) from error
    if len(data) > max_bytes:
        raise Unreadable(Finding(file, 1, "file.size", f"larger than {max_bytes // 1024} KB"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte {data[error.start]:#04x} is not UTF-8: save the file as UTF-8"
        raise Unreadable(Finding(file, line, "file.encoding", message)) from error


def _line(mark: Any) -> int:
    return 1 if mark is None else int(mark.line) + 1


class _Refused(yaml.MarkedYAMLError):
    """YAML that is valid and not allowed here."""

    def __init__(self, rule: str, problem: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.rule = rule


class _Loader(yaml.SafeLoader):
    """Composes nodes; looks at each event first, so that an alias bomb or a deep nest never becomes an object."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML types its parser in part
        if isinstance(event, yaml.AliasEvent):
            raise _Refused("yaml.alias", f"aliases are not allowed: *{str(event.anchor)[:40]}", event.start_mark)
        if event.anchor is not None:
            raise _Refused("yaml.anchor", f"anchors are not allowed: &{event.anchor[:40]}", event.start_mark)
        if event.tag is not None:
            raise _Refused("yaml.tag", f"tags are not allowed: {event.tag[:60]}", event.start_mark)
        if self._depth >= MAX_DEPTH:
            raise _Refused("yaml.depth", f"nested more than {MAX_DEPTH} deep", event.start_mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Builder:
    """Turns nodes into JSON values and keeps the line of each path. Collects what it refuses."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Where, int] = {}
        self.findings: list[Finding] = []

    def value(self, node: yaml.Node, where: Where) -> Any:
        self.lines.setdefault(where, _line(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*where, index)) for index, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag != "tag:yaml.org,2002:str":
                self._refuse(key_node, "yaml.key", "a field's name must be text; put it in quotes")
                continue
            if key in found:
                first = self.lines[(*where, key)]
                self._refuse(key_node, "yaml.duplicate", f"“{key[:40]}” stands twice; the first is on line {first}")
                continue
            self.lines[(*where, key)] = _line(key_node.start_mark)
            found[key] = self.value(value_node, (*where, key))
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        kind, text = node.tag.rpartition(":")[2], node.value
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in ("true", "yes", "on")
        if kind in ("int", "float") and _PLAIN_NUMBER.fullmatch(text):
            return int(text) if kind == "int" else float(text)
        self._refuse(node, "yaml.value", f"“{text[:40]}” would be read as a {kind}; put it in quotes")
        return None

    def _refuse(self, node: yaml.Node, rule: str, message: str) -> None:
        self.findings.append(Finding(self.file, _line(node.start_mark), rule, message))
