"""The formula comes first: what a public name computes stands in the first line of its docstring."""

import ast
import re
from collections.abc import Iterator

from tests.conventions.source import FUNCTION, THEORY, Source, classes, names, report, sources

# A relation, operator, arrow, Greek letter, sub- or superscript, argmin, F(w), or an opening tuple, set or call.
SIGN = r"[=<>|±×·²³¹‖⟨⟩ℓℝ\u0370-\u03ff\u1d2c-\u1d6a\u2070-\u209f\u2190-\u22ff\u2c7c]"
FORMULA = re.compile(rf"{SIGN}|\b[A-Za-z]\(|\b(arg)?(min|max)\b|^\w*\(|^\{{")
NO_FORMULA = {"Enum", "IntEnum", "StrEnum", "Flag"}


def public(source: Source) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Functions and classes at the top of the file whose names do not start with an underscore."""
    kinds = (*FUNCTION, ast.ClassDef)
    return (node for node in source.tree.body if isinstance(node, kinds) and not node.name.startswith("_"))


def is_word(node: ast.AST) -> bool:
    """Enumerations and exceptions compute nothing."""
    if not isinstance(node, ast.ClassDef):
        return False
    bases = names(node.bases)
    return bool(bases & NO_FORMULA) or any(base.endswith(("Error", "Exception", "Warning")) for base in bases)


def test_public_names_have_a_docstring():
    found = [f"{s.at(node)} {node.name}" for s in sources() for node in public(s) if not ast.get_docstring(node)]
    assert not found, report(found)


def test_where_there_is_mathematics_the_first_line_is_a_formula():
    found = []
    for source in sources():
        for node in public(source) if source.folder in THEORY else ():
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if not is_word(node) and not FORMULA.search(first):
                found.append(f"{source.at(node)} {node.name}: {first!r}")
    assert not found, report(found)


def test_no_docstring_is_empty():
    found = []
    for source in sources():
        nodes = [source.tree, *classes(source), *(node for node in ast.walk(source.tree) if isinstance(node, FUNCTION))]
        found += [f"{source.file} {getattr(node, 'name', '')}" for node in nodes if ast.get_docstring(node) == ""]
    assert not found, report(found)
