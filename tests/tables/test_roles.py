"""Roles and task: each rule on a column that meets it and one that just does not; wishes come first."""

import numpy as np
import pytest

from infimum.tables import Column, Table, TableError, text_column
from infimum.tables.natural import natural_role, scale_of
from infimum.tables.roles import assign_roles, prepared
from infimum.tables.task import task
from infimum.tables.wishes import Wishes


def number(name, *values):
    return Column(name, "number", np.array(values, dtype=float))


def category(name, *values):
    return text_column(name, values)


def times(name, *values):
    return Column(name, "time", np.array(values, dtype="datetime64[us]"))


def texts(levels, times=1):
    return category("c", *(f"level{each}" for each in range(levels) for _ in range(times)), "level0")


def words(*counts):
    return category("x", *(f"w{each}" for each, count in enumerate(counts) for _ in range(count)))


@pytest.mark.parametrize(
    ("column", "role", "missing", "levels"),
    [
        (number("x", 1, 2, 2), "number", 0, 2),
        (number("x", 1, np.nan, 1), "number", 1, 1),
        (number("x", 3, 3, 3), "constant", 0, 1),
        (number("x", np.nan, np.nan), "constant", 2, 0),
        (number("x", *range(20)), "number", 0, 20),  # a short scale may be a measurement
        (number("x", *range(40, 10, -1)), "identifier", 0, 30),
        (number("x", *np.arange(40) * 3.5), "number", 0, 40),
        (number("x", *np.arange(40) * 1000), "number", 0, 40),  # no two alike, but far apart
        (number("x", *np.random.default_rng(0).permutation(100)[:60]), "identifier", 0, 60),
        (number("x", *np.random.default_rng(0).integers(0, 150, 60)), "number", 0, 51),
        (number("x", *(526301100 + 35 * np.arange(60) ** 3)), "identifier", 0, 60),
        (number("x", *np.round(10 ** np.linspace(3, 9, 60))), "number", 0, 60),  # populations span orders of size
        (category("x", "a", "a"), "constant", 0, 1),
        (category("x", "a", None), "category", 1, 1),
        (category("x", None, None), "constant", 2, 0),
        (texts(50), "category", 0, 50),
        (texts(51), "identifier", 0, 51),
        (texts(25), "category", 0, 25),
        (words(*[1] * 26), "identifier", 0, 26),
        (words(*[1] * 25), "category", 0, 25),
        (words(*[6] * 150), "category", 0, 150),
        (words(*[4] * 150), "text", 0, 150),
        (words(*[6] * 201), "text", 0, 201),
        (category("x", *(f"it was the {each}th of them" for each in range(60))), "text", 0, 60),
        (category("x", "low", "high", "Med", "low"), "ordered", 0, 3),
        (category("x", "low", "high", "red"), "category", 0, 3),
        (category("x", "low", "high"), "category", 0, 2),
        (Column("x", "text", np.array([0, 1, 1]), ("b", "a"), ordered=True), "ordered", 0, 2),
        (times("x", "2011-01-01", "2011-03-01", "NaT"), "date", 1, 2),
        (times("x", "2011-01-01", "2011-01-01"), "constant", 0, 1),
    ],
)
def test_each_rule(column, role, missing, levels):
    found = natural_role(column)
    assert (found.name, found.role, found.missing, found.levels) == (column.name, role, missing, levels)
    assert found.reason.endswith(".")


def test_numbers_drawn_at_random_are_hardly_ever_identifiers():
    """The birthday rule's error: of 400 columns of n draws from so many values that repeats are unlikely, none."""
    rng = np.random.default_rng(0)
    for n in range(30, 130):
        for size in (n * n, n * n // 4, n * n // 10, 30 * n):
            assert natural_role(number("x", *rng.integers(0, size, n))).role == "number"


def test_words_of_a_scale_in_any_writing():
    assert scale_of(("Very high", "LOW", "medium")) == ("LOW", "medium", "Very high")
    assert scale_of(("big", "med", "small")) == ("small", "med", "big")
    assert scale_of(("med", "medium", "low")) == ()  # two words for one step


def test_wishes_come_before_the_rules():
    table = Table("t", (texts(60), number("zip", *range(61)), number("y", *range(61))))
    wishes = Wishes(drop=("c",), roles={"zip": "category"})
    assert [each.role for each in assign_roles(table, "y", wishes)] == ["dropped", "category", "target"]
    ready = prepared(table, assign_roles(table, "y", wishes), wishes)
    assert ready.column("zip").kind == "text" and ready.column("zip").cells()[7] == "7"


def test_an_order_is_kept_and_must_name_every_level():
    table = Table("t", (category("c", "S", "L", "M", None), number("y", 1, 2, 3, 3)))
    wishes = Wishes(ordered={"c": ("S", "M", "L", "XL")})
    column = prepared(table, assign_roles(table, "y", wishes), wishes).column("c")
    assert column.ordered and column.cells() == ["S", "L", "M", None] and column.levels == ("S", "M", "L", "XL")
    assert column.values.tolist() == [0, 2, 1, -1]
    with pytest.raises(TableError, match="'c' also holds 'L': name every level"):
        assign_roles(table, "y", Wishes(ordered={"c": ("S", "M")}))
    with pytest.raises(TableError, match="must be two or more, each once"):
        assign_roles(table, "y", Wishes(ordered={"c": ("S", "M", "L", "S")}))


def test_a_row_number_is_a_number_where_it_is_all_there_is():
    table = Table("t", (number("x", *range(50)), number("y", *np.arange(50) * 2 + 1)))
    role = assign_roles(table, "y")[0]
    assert role.role == "number" and "no other column" in role.reason


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(roles={"x": "nominal"}), "'x' can't be taken as 'nominal': a role is one of 'number'"),
        (Wishes(group="x", time="x"), "not both: give one of --group and --time"),
        (Wishes(time="y"), "'y' is the target"),
        (Wishes(group="g"), "no column 'g'"),
    ],
)
def test_wishes_that_can_not_be_met(wishes, said):
    with pytest.raises(TableError, match=said):
        assign_roles(Table("t", (number("x", 1, 2), number("y", 1, 3))), "y", wishes)


def test_a_role_that_the_cells_do_not_allow():
    table = Table("t", (category("c", "1", "two", "2"), number("y", 1, 2, 3)))
    for role, said in (("number", "row 2 holds 'two'"), ("date", "can't be read as dates")):
        wishes = Wishes(roles={"c": role})
        with pytest.raises(TableError, match=said):
            prepared(table, assign_roles(table, "y", wishes), wishes)


def test_unknown_names_suggest_the_nearest():
    table = Table("bikes.csv", (number("Rentals", 1, 2), number("hour", 1, 1)))
    with pytest.raises(TableError, match="bikes.csv has no column 'rental': did you mean 'Rentals'"):
        assign_roles(table, "rental")
    with pytest.raises(TableError, match="no column 'zzz': it has 'Rentals' and 'hour'"):
        assign_roles(table, "hour", Wishes(drop=("zzz",)))
    with pytest.raises(TableError, match="no column 'huor': did you mean 'hour'"):
        task(table, "huor")
    with pytest.raises(TableError, match="is the target and can't be dropped"):
        assign_roles(table, "hour", Wishes(drop=("hour",)))


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
        (
            category("y", "A", "C", "B"),
            r"y holds 3 different texts \(A, B, C\), 3 of them on fewer than 5 rows; classes are at most 100, .*\.$",
        ),
        (category("y", *"abcdefgh"), r"8 different texts \(a, b, c, d, e, f, …\)"),
        (category("y", *(5 * [str(i) for i in range(101)] + 5 * ["x"])), "102 different texts"),
        (category("y", *(9 * ["1", "2", "3"] + ["4 EUR"])), r"correct 1 cell\(s\), first '4 EUR' in row 28"),
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
