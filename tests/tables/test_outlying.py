"""Cells that are probably no measurements (INF132): named where they are, and nothing that data often have."""

import numpy as np
import pytest

from infimum.ladder.problem import problem_of
from infimum.tables import Column, Table
from infimum.tables.outlying import find_outlying


def found(values, rows=None):
    values = np.asarray(values, dtype=float)
    table = Table("t", (Column("x", "number", values),))
    return find_outlying(table, ["x"], np.arange(len(values)) if rows is None else rows)


def usual(n=200, seed=0):
    return np.random.default_rng(seed).normal(20, 5, n)


def test_one_cell_of_another_size_is_named_with_its_row():
    x = usual()
    x[41] = 1e15
    (each,) = found(x, rows=np.arange(200) + 100)
    assert each.code == "INF132" and each.severity == "warning" and each.columns == ("x",)
    assert each.statement.startswith("'x' holds 1e+15 in a cell (row 142), ")
    assert "--read missing+=1e+15" in each.remedy


def test_a_code_for_missing_that_is_repeated_is_found_nearer():
    x = usual()
    x[[3, 9, 50]] = -999.0
    assert found(x)[0].statement.startswith("'x' holds -999 in 3 cells (row 4, …), ")
    x[50] = -998.0
    assert found(x) == ()  # not one number, and not a hundred times as far
    x[[3, 9]] = -9e5, -8e5
    x[50] = 20.0
    assert "numbers such as -900000 in 2 cells" in found(x)[0].statement


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).lognormal(8, 2, 5000),
        np.random.default_rng(2).standard_t(2, 5000),
        np.random.default_rng(3).poisson(0.1, 5000),
        np.where(np.arange(500) == 7, 1000.0, np.arange(500) % 3),  # three levels, and a fourth
        np.where(np.arange(500) % 2, 0.0, 1e6 + np.arange(500)),  # half of them
        np.full(50, np.nan),
        np.zeros(50),
        [1.0, 1e9],
    ],
)
def test_long_tails_levels_and_halves_are_none(values):
    assert found(values) == ()


def test_features_and_the_target_are_looked_at_and_texts_are_not():
    x, y = usual(), usual(seed=1)
    x[5], y[6] = 1e12, 1e9
    table = Table("t", (Column("x", "number", x), Column("y", "number", y)))
    said = [each.columns for each in problem_of(table, "y").findings if each.code == "INF132"]
    assert said == [("x",), ("y",)]
