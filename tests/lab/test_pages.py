"""Every page imports the library and defines no mathematics of its own."""

import ast
from pathlib import Path

import pytest

from infimum.cli.lab import PAGES
from infimum.lab import chosen

LINEAR_ALGEBRA = {"linalg.norm", "linalg.lstsq", "linalg.cond", "vander", "mean", "unique"}
ARRAYS = {"array", "zeros", "ones", "column_stack", "linspace"}
RANDOM = {"random.default_rng"}
THEIRS = {"marimo", "numpy", "polars", "warnings", "sklearn.metrics", "sklearn.preprocessing"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_imports_the_library_and_defines_no_mathematics(name):
    tree = ast.parse(Path(chosen.__file__).with_name(PAGES[name]).read_text("utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert names == {"_"} and not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.Lambda)]
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    imported |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert any(name.startswith("infimum.solvers") for name in imported)
    assert {name for name in imported if name.split(".")[0] != "infimum"} <= THEIRS
    called = {
        ast.unparse(n.func)[3:] for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func)[:3] == "np."
    }
    assert called <= LINEAR_ALGEBRA | ARRAYS | RANDOM
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
