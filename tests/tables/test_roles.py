"""assign_roles and task: each rule on a column that meets it and one that just does not."""

import numpy as np
import pytest

from infimum.tables import Column, Table, TableError
from infimum.tables.roles import assign_roles, task


def number(name, *values):
    return Column(name, "number", np.array(values, dtype=float))


def category(name, *values):
    return Column(name, "category", np.array(values, dtype=object))


def the_role(column, target="y", drop=()):
    y = number("y", *np.arange(len(column.values)) % 3)
    return assign_roles(Table("t", (column, y)), target, drop)[0]


def texts(levels):
    return category("c", *(f"level {each}" for each in range(levels)), "level 0")


@pytest.mark.parametrize(
    ("column", "role", "missing", "levels"),
    [
        (number("x", 1, 2, 2), "number", 0, None),
        (number("x", 1, np.nan, 1), "number", 1, None),
        (number("x", 3, 3, 3), "constant", 0, None),
        (number("x", np.nan, np.nan), "constant", 2, None),
        (number("x", 7, 9, 8), "set aside", 0, None),
        (number("x", 1, 2, 4), "number", 0, None),
        (number("x", 0.5, 1.5, 2.5), "number", 0, None),
        (number("x", 1, 2, 3, np.nan), "number", 1, None),
        (category("x", "a", "a"), "constant", 0, 1),
        (category("x", "a", None), "category", 1, 1),
        (category("x", None, None), "constant", 2, 0),
        (texts(50), "category", 0, 50),
        (texts(51), "set aside", 0, 51),
    ],
)
def test_each_rule(column, role, missing, levels):
    found = the_role(column)
    assert (found.name, found.role, found.missing, found.levels) == (column.name, role, missing, levels)
    assert found.reason.endswith(".")


def test_target_and_dropped_go_by_name():
    table = Table("t", (texts(60), number("y", *range(61))))
    assert [each.role for each in assign_roles(table, "y", ["c"])] == ["dropped", "target"]
    assert "dates, identifiers and free text wait for a later version" in assign_roles(table, "y")[0].reason


def test_unknown_names_suggest_the_nearest():
    table = Table("bikes.csv", (number("Rentals", 1, 2), number("hour", 1, 1)))
    with pytest.raises(TableError, match="bikes.csv has no column 'rental': did you mean 'Rentals'"):
        assign_roles(table, "rental")
    with pytest.raises(TableError, match="no column 'zzz': it has 'Rentals' and 'hour'"):
        assign_roles(table, "hour", ["zzz"])
    with pytest.raises(TableError, match="no column 'huor': did you mean 'hour'"):
        task(table, "huor")
    with pytest.raises(TableError, match="is the target and can't be dropped"):
        assign_roles(table, "hour", ["hour"])


@pytest.mark.parametrize(
    ("column", "classes", "y"),
    [
        (category("y", "yes", "no", None, "yes"), ("no", "yes"), [1, 0, 1]),
        (category("y", "true", "false"), ("false", "true"), [1, 0]),
        (number("y", 10, 9, np.nan, 10), ("9", "10"), [1, 0, 1]),
        (number("y", -0.5, 1), ("-0.5", "1"), [0, 1]),
        (number("y", 1, 2.5, np.nan, 3), None, [1, 2.5, 3]),
    ],
)
def test_the_task(column, classes, y):
    found = task(Table("t", (column,)), "y")
    assert found.classes == classes and found.kind == ("regression" if classes is None else "classification")
    assert found.y.dtype == np.float64 and found.y.tolist() == y
    assert found.rows.tolist() == np.flatnonzero(~column.missing).tolist()


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (number("y", np.nan, np.nan), r"'y' holds no value in 2 row\(s\)"),
        (category("y", "a", None, "a"), "'y' is a in every row"),
        (number("y", 3, 3), "'y' is 3 in every row"),
        (category("y", "A", "C", "B"), r"y holds 3 classes \(A, B, C\); this version fits 2: .* two of them\.$"),
        (category("y", *"abcdefgh"), r"8 classes \(a, b, c, d, e, f, …\)"),
        (category("y", "1", "2", "3.5", "4 EUR"), r"correct 1 cell\(s\), first '4 EUR' in row 4"),
    ],
)
def test_targets_that_can_not_be_fitted(column, said):
    with pytest.raises(TableError, match=said):
        task(Table("t", (column,)), "y")


def test_a_table_has_one_length_and_different_names():
    with pytest.raises(TableError, match="'x' is repeated"):
        Table("t", (number("x", 1), number("x", 1)))
    with pytest.raises(TableError, match="of one length"):
        Table("t", (number("x", 1), number("z", 1, 2)))
    assert Table("t", (number("x", 1), number("z", 1))).without(["x"]).names == ("z",)
    assert Table("t", ()).rows == 0
