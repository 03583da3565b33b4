"""The interface's own words, collected for translators: ``make strings`` writes ``locale/messages.pot``.

Nothing is marked in templates or presenters. A template's words are what stands between its tags, in attributes that
are read out and in the components' texts; a module's or a script's are its literals that look like words.
docs/adr/0015 says why, and what this cannot do. A value in a sentence is a name in braces: "Answered {n} of {total}".
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, nodes

HERE = Path(__file__).parent
ROOT = HERE.parent
POT = HERE / "locale" / "messages.pot"

# Words for operators and other programs, which nobody meets on a page.
_NOT_PAGES = frozenset({"strings.py", "commands.py", "vendor_assets.py", "keys.py", "security.py", "emblem.py"})
_FOR_OPERATORS = frozenset({"authoring", "commands", "settings", "migrations", "schema", "tool_keys", "catalogue"})
# Calls whose texts are names, patterns, log lines or descriptions of metrics.
_NOT_WORDS = frozenset(
    {
        *("Blueprint", "compile", "fullmatch", "match", "search", "sub", "getattr", "strftime", "get_logger"),
        *("info", "warning", "exception", "Counter", "Histogram", "URLSafeSerializer", "URLSafeTimedSerializer"),
    }
)
_READ_OUT = re.compile(r"(?:aria-label|alt|title|placeholder|data-label)=\"([^\"{]+)\"")
_QUOTED = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|`([^`]*)`")
_FILLED_IN = re.compile(r"\$\{(?:[^{}]*\W)?(\w+)\W*\}")
_TAG = re.compile(r"<[^>]*>|<[^>]*\Z")
_LOOKS_LIKE_WORDS = re.compile(r"[A-Z“‘(]?[a-z’'{}]+[,.:;?!]?(?: .*)|[A-Z][a-z’'-]+[.:?!…]?", re.DOTALL)
_CODE = re.compile(r"[<>\\=;]|^[a-z-]+/|https?:|\b(?:SELECT|max-age|no-store)\b|^[A-Z][A-Za-z]*-[A-Z]|%s")

Found = tuple[str, str]  # where (a path in the project), what


def of_template(source: str, where: str) -> Iterator[Found]:
    """Every text of one template, in its order."""
    tree = Environment(autoescape=True).parse(source)
    for block in tree.find_all(nodes.Block):
        if block.name == "width":  # a class of the body
            block.body = []
    in_tag = False
    for node in tree.find_all((nodes.Output, nodes.Pair, nodes.CondExpr)):
        if isinstance(node, nodes.Output):
            texts, in_tag = _runs(node, in_tag)
            yield from ((where, text) for text in texts)
        elif isinstance(node, nodes.Pair):
            yield from ((where, text) for text in _constants(node.value))
        else:
            yield from ((where, text) for text in _constants(node))


def _runs(output: nodes.Output, in_tag: bool) -> tuple[list[str], bool]:
    """What stands between tags in one piece of a template, values as names; and whether it ends within a tag."""
    written = ""
    texts: list[str] = []
    for part in output.nodes:
        if isinstance(part, nodes.TemplateData):
            texts.extend(_READ_OUT.findall(part.data))
            written += part.data
        elif not _is_icon(part):
            written += f"{{{_name(part)}}}"
    if in_tag:
        _, closed, written = written.partition(">")
        in_tag = not closed
    texts.extend(" ".join(text.split()) for text in _TAG.split(written))
    return [text for text in texts if _has_words(text)], in_tag or written.rfind("<") > written.rfind(">")


def _is_icon(part: nodes.Node) -> bool:
    return isinstance(part, nodes.Call) and isinstance(part.node, nodes.Name) and part.node.name == "icon"


def _name(part: nodes.Node) -> str:
    """What a translator reads for a value: the last name in it; of a call, what it is called with."""
    if isinstance(part, nodes.Getattr):
        return part.attr
    if isinstance(part, nodes.Name):
        return part.name
    inner = [*part.args, part.node] if isinstance(part, nodes.Call) else [*part.iter_child_nodes()]
    return _name(inner[0]) if inner else "value"


def _constants(node: nodes.Node) -> Iterator[str]:
    constants = [node] if isinstance(node, nodes.Const) else node.iter_child_nodes()
    for one in constants:
        if isinstance(one, nodes.Const) and isinstance(one.value, str) and _looks_like_words(one.value):
            yield one.value.strip()


def _has_words(text: str) -> bool:
    return re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}|&[a-z]+;", "", text)) is not None


def _looks_like_words(text: str) -> bool:
    return _has_words(text) and _LOOKS_LIKE_WORDS.fullmatch(text.strip()) is not None and not _CODE.search(text)


def of_module(source: str, where: str, *, only_raised: bool = False) -> Iterator[Found]:
    """Every literal of a module that looks like words, in its order; ``only_raised``: those of its errors."""
    tree = ast.parse(source)
    parts = [one for one in ast.walk(tree) if isinstance(one, ast.Raise)] if only_raised else [tree]
    yield from ((where, text.strip()) for one in parts for text in _literals(one) if _looks_like_words(text))


def of_script(source: str, where: str) -> Iterator[Found]:
    """Every text of a script that looks like a sentence."""
    texts = (_FILLED_IN.sub(r"{\1}", plain or filled) for plain, filled in _QUOTED.findall(source))
    yield from ((where, text) for text in texts if " " in text and _looks_like_words(text))


def _literals(node: ast.AST) -> Iterator[str]:
    for child in _worth_reading(node):
        if isinstance(child, ast.JoinedStr):
            yield "".join(_part(one) for one in child.values)
            yield from (text for one in child.values for text in _literals(one) if isinstance(one, ast.FormattedValue))
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        else:
            yield from _literals(child)


def _worth_reading(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node; without docstrings, subscripts, comparisons and calls that take names."""
    if isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and _called(node) in _NOT_WORDS):
        return
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        is_key = isinstance(node, ast.Subscript) and child is node.slice
        if not is_docstring and not is_key:
            yield child


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _part(value: ast.AST) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    names = [one.attr if isinstance(one, ast.Attribute) else one.id for one in _named(value)]
    return f"{{{names[0] if names else 'value'}}}"


def _named(value: ast.AST) -> list[ast.Attribute | ast.Name]:
    return [one for one in ast.walk(value) if isinstance(one, ast.Attribute | ast.Name)]


def found() -> Iterator[Found]:
    """Every text of the interface: templates, presenters, views and scripts, then framework's refusals."""
    for path in sorted((HERE / "templates").rglob("*.html")):
        yield from of_template(path.read_text(encoding="utf-8"), _where(path))
    for path in sorted(HERE.rglob("*.py")):
        if path.name not in _NOT_PAGES:
            yield from of_module(path.read_text(encoding="utf-8"), _where(path))
    for path in sorted((HERE / "static").glob("*.js")):
        yield from of_script(path.read_text(encoding="utf-8"), _where(path))
    for path in sorted((ROOT / "framework").rglob("*.py")):
        if not _FOR_OPERATORS.intersection(path.relative_to(ROOT).with_suffix("").parts):
            yield from of_module(path.read_text(encoding="utf-8"), _where(path), only_raised=True)


def _where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pot(texts: Iterable[Found]) -> str:
    """The template of a translation, as gettext's tools read it. It names files and no lines, and no date: it changes
    when words do."""
    places: dict[str, list[str]] = {}
    for where, text in texts:
        known = places.setdefault(text, [])
        if where not in known:
            known.append(where)
    head = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: \\n"\n"MIME-Version: 1.0\\n"\n'
    )
    return "\n".join(
        [f"# Words of the interface. Written by `make strings`.\n{head}", *map(_entry, places, places.values())]
    )


def _entry(text: str, places: list[str]) -> str:
    flag = "#, python-brace-format\n" if re.search(r"\{\w+\}", text) else ""
    said = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(f"#: {place}\n" for place in places) + f'{flag}msgid "{said}"\nmsgstr ""\n'


if __name__ == "__main__":
    POT.write_text(pot(found()), encoding="utf-8")
