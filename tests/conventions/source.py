"""The source tree as syntax: every file of src/infimum parsed once, for the tests beside this file."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "infimum"
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
# The folders that hold mathematics.
THEORY = {"losses", "penalties", "models", "objective", "certificates", "solvers", "kernels", "networks", "evaluation"}


@dataclass(frozen=True)
class Source:
    """A file of the package: where it is, what it is called, and its syntax tree."""

    path: Path
    tree: ast.Module

    @property
    def file(self) -> str:
        """The path below src/infimum, as in "losses/logistic.py"."""
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def name(self) -> str:
        """The dotted name, as in "infimum.losses.logistic"."""
        parts = ("infimum", *self.path.relative_to(PACKAGE).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def folder(self) -> str:
        """The first part below the package: "losses", "objective"; "" for the table of contents."""
        return folder(self.name)

    def at(self, node: ast.AST) -> str:
        """file:line, for a message."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


def folder(dotted: str) -> str:
    """"infimum.losses.logistic" → "losses"."""
    return dotted.split(".")[1] if dotted.count(".") else ""


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the package."""
    return tuple(Source(path, ast.parse(path.read_text("utf-8"), str(path))) for path in sorted(PACKAGE.rglob("*.py")))


def imports(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """(node, absolute dotted name) of each import anywhere in the file, relative and dynamic ones resolved."""
    package = source.name if source.path.name == "__init__.py" else source.name.rpartition(".")[0]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            start = [*above, *([node.module] if node.module else [])]
            yield from ((node, ".".join([*start, alias.name])) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from ((node, str(given.value)) for given in node.args[:1] if isinstance(given, ast.Constant))


def ours(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """The imports of the file that point into the package."""
    return ((node, name) for node, name in imports(source) if name.split(".")[0] == "infimum")


def functions(source: Source) -> Iterator[tuple[ast.ClassDef | None, ast.FunctionDef]]:
    """(its class or None, function) for each function and method that stands at the top of the file or of a class."""
    for node in source.tree.body:
        if isinstance(node, FUNCTION):
            yield None, node
        elif isinstance(node, ast.ClassDef):
            yield from ((node, item) for item in node.body if isinstance(item, FUNCTION))


def classes(source: Source) -> Iterator[ast.ClassDef]:
    """Every class of the file, nested ones too."""
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef))


def names(expressions: list[ast.expr]) -> set[str]:
    """The last part of each: Generic[T] → "Generic", abc.ABC → "ABC", dataclass(frozen=True) → "dataclass"."""
    return {ast.unparse(each).split("[")[0].split("(")[0].rpartition(".")[2] for each in expressions}


def report(violations: list[str]) -> str:
    """The violations, one a line."""
    return "\n  ".join([f"{len(violations)} in all:", *violations])
