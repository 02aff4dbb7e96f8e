"""A file is a page, a function fits on a screen. The allow-list may only shrink: an entry states the size it allows."""

import ast
import re

from tests.conventions.source import FUNCTION, ROOT, Source, functions, names, report, sources

FILE_LINES, FUNCTION_LINES, PARAMETERS = 300, 40, 6
PLACES = ("src", "tests", "benchmarks", "examples", "lab", "applications")
# annotations with a typer option inside, by name: those of cli/options.py
DECLARED = (ROOT / "src" / "infimum" / "cli" / "options.py").read_text("utf-8")
OPTIONS = set(re.findall(r"^(\w+) = Annotated\[", DECLARED, re.MULTILINE))
# "where: what" → the size it has. Nothing is added here.
ALLOWED: dict[str, int] = {}


def code_lines(source: Source, function: ast.FunctionDef) -> int:
    """Lines of the function without its docstring, blank lines and comments."""
    lines = source.path.read_text("utf-8").splitlines()
    first = function.body[0]
    prose = range(0)
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        prose = range(first.lineno, first.end_lineno + 1)
    kept = [lines[i - 1].strip() for i in range(function.lineno, function.end_lineno + 1) if i not in prose]
    return sum(bool(line) and not line.startswith("#") for line in kept)


def parameters(owner: ast.ClassDef | None, function: ast.FunctionDef) -> int:
    """How many a caller can give: self and cls are not counted."""
    spec = function.args
    count = len(spec.posonlyargs) + len(spec.args) + len(spec.kwonlyargs)
    return count - (owner is not None and "staticmethod" not in names(function.decorator_list))


def keeps_scikit_learns_parameters(source: Source, owner: ast.ClassDef | None, function: ast.FunctionDef) -> bool:
    return source.folder in ("estimators", "shells") and owner is not None and function.name == "__init__"


def is_command(source: Source, function: ast.FunctionDef) -> bool:
    """Its parameters are the options of a command line, each declared to typer, there or as a named annotation."""
    spec = function.args
    told = [ast.unparse(a.annotation) if a.annotation else "" for a in (*spec.args, *spec.kwonlyargs)]
    return source.folder == "cli" and all("typer." in each or each in OPTIONS for each in told)


def measured() -> dict[str, tuple[int, int, str]]:
    """key → (size, limit, place) of every file and function."""
    sizes = {}
    for path in sorted(path for place in PLACES for path in (ROOT / place).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        sizes[f"{name}: lines"] = (len(path.read_text("utf-8").splitlines()), FILE_LINES, f"{name}:1")
    for source in sources():
        owners = {id(function): owner for owner, function in functions(source)}
        for node in ast.walk(source.tree):
            if isinstance(node, FUNCTION):
                owner = owners.get(id(node))
                called = f"{source.file}: {owner.name}.{node.name}" if owner else f"{source.file}: {node.name}"
                sizes[f"{called} lines"] = (code_lines(source, node), FUNCTION_LINES, source.at(node))
                if not keeps_scikit_learns_parameters(source, owner, node) and not is_command(source, node):
                    sizes[f"{called} parameters"] = (parameters(owner, node), PARAMETERS, source.at(node))
    return sizes


def test_nothing_is_too_long():
    found = [
        f"{place} {key} {size}, at most {ALLOWED.get(key, limit)}"
        for key, (size, limit, place) in measured().items()
        if size > ALLOWED.get(key, limit)
    ]
    assert not found, report(found)


def test_the_allow_list_only_shrinks():
    sizes = measured()
    gone = [f"{key}: no longer there, remove the entry" for key in ALLOWED if key not in sizes]
    within = [
        f"{key} {sizes[key][0]}: lower the entry, or remove it at {sizes[key][1]}"
        for key, allowed in ALLOWED.items()
        if key in sizes and sizes[key][0] < allowed
    ]
    assert not gone + within, report(gone + within)
