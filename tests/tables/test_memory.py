"""table_of: data in memory by its types; the same data in any library gives the same table."""

import datetime

import numpy as np
import pandas
import polars
import pytest
import scipy.sparse

from infimum.tables import Table, TableError
from infimum.tables.reading.memory import table_of

DATA = {
    "n": [1.5, None, 3.0],
    "i": [1, 2, 3],
    "t": ["x", None, "NA"],
    "s": ["1", "2", "3"],
    "b": [True, None, False],
    "d": [datetime.datetime(2011, 1, 1), None, datetime.datetime(2011, 1, 2, 7, 30)],
}
CELLS = {
    "n": ("number", ["1.5", None, "3"]),
    "i": ("number", ["1", "2", "3"]),
    "t": ("text", ["x", None, None]),
    "s": ("number", ["1", "2", "3"]),
    "b": ("text", ["true", None, "false"]),
    "d": ("time", ["2011-01-01", None, "2011-01-02 07:30:00"]),
}


def arrow(data):
    return pytest.importorskip("pyarrow").table(data)


@pytest.mark.parametrize("make", [dict, pandas.DataFrame, polars.DataFrame, arrow])
def test_every_library_gives_the_same_table(make):
    table = table_of(make(DATA), "t")
    assert {column.name: (column.kind, column.cells()) for column in table.columns} == CELLS
    assert table.name == "t" and dict(table.reading.kinds) == {name: kind for name, (kind, _) in CELLS.items()}


def test_a_table_is_itself():
    table = table_of(DATA)
    assert isinstance(table, Table) and table_of(table) is table


def test_types_of_pandas():
    frame = pandas.DataFrame(
        {
            "ordered": pandas.Categorical(["low", "high", None], ["low", "mid", "high"], ordered=True),
            "sizes": pandas.Categorical([2, 10, 2], [2, 10], ordered=True),
            "codes": pandas.Categorical([1, 2, 1]),
            "zone": pandas.to_datetime(["2011-01-01 07:30+01:00", "2011-01-02 00:00+01:00", None], utc=True),
            "whole": pandas.array([1, None, 3], dtype="Int64"),
            "truth": pandas.array([True, None, False], dtype="boolean"),
            "mixed": pandas.Series(["x", 1, None], dtype=object),
            "span": pandas.to_timedelta(["1min", None, "1.5s"]),
            "dates": pandas.Series([datetime.date(2011, 1, 1)] * 3, dtype=object),
        }
    )
    table = table_of(frame)
    assert [(column.kind, column.cells()) for column in table.columns] == [
        ("text", ["low", "high", None]),
        ("text", ["2", "10", "2"]),
        ("text", ["1", "2", "1"]),
        ("time", ["2011-01-01 06:30:00", "2011-01-01 23:00:00", None]),
        ("number", ["1", None, "3"]),
        ("text", ["true", None, "false"]),
        ("text", ["x", "1", None]),
        ("number", ["60", None, "1.5"]),
        ("time", ["2011-01-01"] * 3),
    ]
    assert [column.levels for column in table.columns if column.ordered] == [("low", "mid", "high"), ("2", "10")]


def test_types_of_polars():
    frame = polars.DataFrame(
        {
            "ordered": polars.Series(["b", "a", None], dtype=polars.Enum(["b", "NA", "a"])),
            "category": polars.Series(["02", "1", None], dtype=polars.Categorical),
            "zone": polars.Series([0, 1, None]).cast(polars.Datetime("ns", "Europe/Berlin")),
            "clock": [datetime.time(7, 30)] * 3,
            "money": polars.Series(["1.50", "2.25", None]).cast(polars.Decimal(10, 2)),
            "nothing": [None] * 3,
        }
    )
    table = table_of(frame)
    assert [(column.kind, column.cells()) for column in table.columns] == [
        ("text", ["b", "a", None]),
        ("text", ["02", "1", None]),
        ("time", ["1970-01-01", "1970-01-01", None]),
        ("text", ["07:30:00"] * 3),
        ("number", ["1.5", "2.25", None]),
        ("number", [None] * 3),
    ]
    assert table.columns[0].ordered and table.columns[0].levels == ("b", "a")


def test_arrays():
    assert table_of(np.array([[1, 2.5]])).names == ("x0", "x1")
    assert table_of(np.array([[1, 2.5]]), columns=["p", "q"]).column("q").cells() == ["2.5"]
    assert table_of(np.array([1.0, 2.0])).column("x0").cells() == ["1", "2"]
    assert table_of(scipy.sparse.csr_matrix(np.eye(2))).column("x1").cells() == ["0", "1"]
    mixed = table_of(np.array([["a", 1], ["b", None]], dtype=object))
    assert [column.cells() for column in mixed.columns] == [["a", "b"], ["1", None]]
    named = np.array([(1, "x"), (2, "y")], dtype=[("a", int), ("b", "U3")])
    assert [column.cells() for column in table_of(named).columns] == [["1", "2"], ["x", "y"]]
    assert table_of(np.ma.array([[1.0, 2.0]], mask=[[0, 1]])).column("x1").cells() == [None]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (scipy.sparse.csr_matrix((10**6, 10**4)), "80.0 GB .* more than 2 GB: select"),
        (np.zeros((2, 2, 2)), r"got shape \(2, 2, 2\): reshape it"),
        (np.zeros((0, 2)), "holds no rows"),
        (np.array([[1.0, np.inf]]), "'x1' is infinite"),
        (np.array([1 + 2j]), "holds complex"),
        (3, "expected a frame .* got int"),
        ([1, 2], "got list"),
        ({"a": [[1], [2]]}, "holds list"),
        ({"a": [b"x"]}, "holds bytes"),
        ({"a": [1, 2], "b": [1]}, "must be of one length"),
        ({"a": "xyz"}, "must be a list"),
        ({"": [1]}, "column 1 has an empty name"),
        ({}, "holds no rows"),
        (polars.DataFrame({"a": [[1]]}), "holds List"),
        (polars.DataFrame({"a": [1]}).lazy(), "got LazyFrame"),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), "must differ"),
        (pandas.DataFrame({"a": []}), "holds no rows"),
    ],
)
def test_what_is_no_table(data, said):
    with pytest.raises(TableError, match=said):
        table_of(data)


def test_names_that_do_not_fit():
    with pytest.raises(TableError, match="3 names for 2 columns"):
        table_of(np.eye(2), columns=["a", "b", "c"])
    with pytest.raises(TableError, match="names of its own"):
        table_of(DATA, columns=["a"])
