"""(X, y, groups, time) ↦ one table: the target, and what ties rows together, as columns beside those of X."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length
from sklearn.utils.validation import column_or_1d

from infimum.tables import Column, Table, no_such_column
from infimum.tables.reading.memory import table_of


@dataclass(frozen=True, eq=False)
class Joined:
    """The table with its target, the columns that order or group its rows ("" for none), and those that no model reads.

    y are the target's values as they were given.
    """

    table: Table
    target: str
    y: np.ndarray
    group: str
    time: str
    aside: tuple[str, ...]

    def labels(self, classes: list[str]) -> np.ndarray:
        """The values of y that the classes of a report mean, (K,)."""
        codes, levels = self.table.column(self.target).codes()
        first = {level: int(np.argmax(codes == k)) for k, level in enumerate(levels)}
        return self.y[[first[each] for each in classes]]


def joined(table: Table, y: Any, groups: Any, time: Any) -> Joined:
    """Columns of X, then the target, then groups and time where they are arrays.

    Raises ValueError on other lengths, on a target that is not one column, is infinite, or has the name of a column.
    """
    if y is None:
        raise ValueError("Ladder requires y to be passed, but the target y is None")
    name = getattr(y, "name", None)  # of a series
    name = " ".join(name.split()) if isinstance(name, str) else ""
    y = column_or_1d(y, warn=True)
    assert_all_finite(y, allow_nan=True, input_name="y")
    check_consistent_length(np.empty(table.rows), y)
    if name and name in table.names:
        raise ValueError(f"X holds a column {name!r}, and so is the target called: leave it out of X, or rename y")
    target = name or free_name("y", table)
    whole = beside(table, target, y)
    group, whole, grouped = tie(whole, "group", groups)
    when, whole, timed = tie(whole, "time", time)
    return Joined(whole, target, y, group, when, timed)


def tie(table: Table, word: str, told: Any) -> tuple[str, Table, tuple[str, ...]]:
    """(the column that is meant, the table that has it, (its name,) where it was added)."""
    if told is None:
        return "", table, ()
    if isinstance(told, str):
        if told not in table.names and told != "none":
            raise no_such_column(told, table)
        return told, table, ()
    check_consistent_length(np.empty(table.rows), told)
    name = free_name(word, table)
    return name, beside(table, name, column_or_1d(told)), (name,)


def free_name(word: str, table: Table) -> str:
    """The word, or with the first number that makes it no column's name.

    >>> free_name("y", table_of({"y": [1.0], "y1": [2.0]}))
    'y2'
    """
    names = [word, *(f"{word}{k}" for k in range(1, len(table.columns) + 1))]
    return next(name for name in names if name not in table.names)


def beside(table: Table, name: str, values: np.ndarray) -> Table:
    """The table with one more column."""
    more = table_of({name: values}, table.name)
    column: Column = more.columns[0]
    kinds = {**table.reading.kinds, column.name: column.kind}
    return Table(table.name, (*table.columns, column), replace(table.reading, kinds=kinds))
