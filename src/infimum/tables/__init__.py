"""A table is n rows of named columns; a column is x ∈ (ℝ ∪ {missing})ⁿ or a text in (levels ∪ {missing})ⁿ.

A model sees only a matrix X ∈ ℝⁿˣᴾ. The way from one to the other is made of decisions, each a value that can be read,
stored and re-derived: the *role* of each column (`roles`: is it used, and as what), and the *code* of each used
column (`encode`: the affine map of a number, the indicators of a category). The *fingerprint* of the cells
(`fingerprint`) ties a fitted model to its data.
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np


class TableError(ValueError):
    """What was given, what was expected, what to do: one sentence for whoever owns the table."""


@dataclass(frozen=True, eq=False)
class Column:
    """name ↦ (x₁, …, xₙ): float64 with NaN for missing ("number"), or objects str | None ("category").

    >>> Column("hour", "number", np.array([7.0, np.nan])).missing.tolist()
    [False, True]
    """

    name: str
    role: Literal["number", "category"]
    values: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """mᵢ = 1 where xᵢ is missing: booleans, (n,)."""
        if self.role == "number":
            return np.isnan(self.values)
        return np.array([value is None for value in self.values.tolist()], dtype=bool)

    def take(self, rows: np.ndarray) -> "Column":
        """(x_{r₁}, …, x_{rₖ}) for the row numbers r, counted from 0."""
        return Column(self.name, self.role, self.values[rows])


@dataclass(frozen=True, eq=False)
class Table:
    """n rows × k named columns, all of one length, no name twice.

    Raises TableError on columns of different lengths and on repeated names.

    >>> x = Column("x", "number", np.array([1.0, 2.0]))
    >>> table = Table("t", (x, Column("c", "category", np.array(["a", None]))))
    >>> table.rows, table.names, table.take(np.array([1])).column("x").values.tolist()
    (2, ('x', 'c'), [2.0])
    """

    name: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        lengths = {column.name: len(column.values) for column in self.columns}
        if len(lengths) < len(self.columns):
            repeated = sorted({name for name in self.names if self.names.count(name) > 1})
            raise TableError(f"{self.name}: column names must differ, but {listing(repeated)} is repeated: rename it.")
        if len(set(lengths.values())) > 1:
            raise TableError(f"{self.name}: columns must be of one length, but have {lengths}: cut or fill them.")

    @property
    def rows(self) -> int:
        """n, the number of rows."""
        return len(self.columns[0].values) if self.columns else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; TableError with the nearest name if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise no_such_column(name, self)

    def take(self, rows: np.ndarray) -> "Table":
        """The rows r₁, …, rₖ (counted from 0, repeats allowed) of every column."""
        return Table(self.name, tuple(column.take(rows) for column in self.columns))

    def without(self, names: Collection[str]) -> "Table":
        """The columns whose name is not among `names`."""
        return Table(self.name, tuple(column for column in self.columns if column.name not in names))


def no_such_column(name: str, table: Table) -> TableError:
    """The error for an unknown name: it names the closest columns (Ratcliff & Metzener 1988), or all.

    >>> print(no_such_column("huor", Table("bikes.csv", (Column("hour", "number", np.zeros(1)),))))
    bikes.csv has no column 'huor': did you mean 'hour'?
    """
    folded = {other.casefold(): other for other in table.names}
    near = difflib.get_close_matches(name.casefold(), folded, n=3)
    meant = f"did you mean {listing([folded[key] for key in near], 'or')}?"
    return TableError(f"{table.name} has no column {name!r}: {meant if near else f'it has {listing(table.names)}.'}")


def listing(names: Sequence[str], last: str = "and", limit: int = 12) -> str:
    """'a', 'b' and 'c': quoted names in words, with the number of those left out beyond `limit`.

    >>> listing(["a", "b", "c"]), listing(["a", "b", "c"], limit=1)
    ("'a', 'b' and 'c'", "'a' and 2 more")
    """
    shown = [repr(name) for name in names[:limit]]
    if len(names) > limit:
        shown.append(f"{len(names) - limit} more")
    return f" {last} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def number_text(value: float) -> str:
    """The shortest text that reads back as the number; whole numbers without a decimal point.

    >>> number_text(3.0), number_text(0.1), number_text(-0.0)
    ('3', '0.1', '0')
    """
    whole = float(value).is_integer() and abs(value) < 1e16
    return str(int(value)) if whole else repr(float(value))
