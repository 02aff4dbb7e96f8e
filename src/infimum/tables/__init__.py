"""A table is n rows of named columns: numbers x ∈ (ℝ ∪ {missing})ⁿ, texts, or times.

A model sees only a matrix X ∈ ℝⁿˣᴾ. The way from one to the other is made of decisions, each a value that can be read,
stored and re-derived: the *reading* (`reading`: which bytes are cells, which cells are missing), the *role* of each
column (`roles`: is it used, and as what), and the *code* of each used column (`encode`: the affine map of a number, the
indicators of a category). The *fingerprint* of the cells (`fingerprint`) ties a fitted model to its data.
"""

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from infimum.tables.reading import Reading

Kind = Literal["number", "text", "time"]


class TableError(ValueError):
    """What was given, what was expected, what to do: one sentence for whoever owns the table."""


@dataclass(frozen=True, eq=False)
class Column:
    """name ↦ (x₁, …, xₙ), stored by kind.

    "number": float64, NaN for missing. "text": int32 positions in `levels`, −1 for missing; `levels` are distinct
    texts, sorted, or in their own order if `ordered`. "time": datetime64[us], NaT for missing.

    >>> Column("hour", "number", np.array([7.0, np.nan])).missing.tolist()
    [False, True]
    >>> text_column("sky", ["clear", None, "rain"]).cells()
    ['clear', None, 'rain']
    """

    name: str
    kind: Kind
    values: np.ndarray
    levels: tuple[str, ...] = ()
    ordered: bool = False

    @property
    def missing(self) -> np.ndarray:
        """mᵢ = 1 where xᵢ is missing: booleans, (n,)."""
        if self.kind == "number":
            return np.isnan(self.values)
        return np.isnat(self.values) if self.kind == "time" else self.values < 0

    def cells(self) -> list[str | None]:
        """Each cell as a text, None where it is missing: numbers in their shortest digits, times in ISO 8601."""
        if self.kind == "text":
            return [None if at < 0 else self.levels[at] for at in self.values.tolist()]
        if self.kind == "number":
            return [None if x != x else number_text(x) for x in self.values.tolist()]
        return [None if gap else time_text(t) for t, gap in zip(self.values, self.missing, strict=True)]

    def codes(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """(positions (n,), levels present in these rows): the column as a category, whatever its kind; −1 for missing.

        Texts and times by their text, numbers by their value: sorted, unless the column is ordered.
        """
        if self.kind == "text":
            present = np.zeros(len(self.levels) + 1, dtype=bool)
            present[self.values] = True
            place = np.append(np.cumsum(present[:-1], dtype=np.int32) - 1, np.int32(-1)).astype(np.int32)
            kept = tuple(level for level, there in zip(self.levels, present[:-1], strict=True) if there)
            return place[self.values], kept
        gap = self.missing
        distinct, at = np.unique(self.values[~gap], return_inverse=True)
        codes = np.full(len(gap), -1, dtype=np.int32)
        codes[~gap] = at
        return codes, tuple(str(text) for text in Column(self.name, self.kind, distinct).cells())

    def take(self, rows: np.ndarray) -> "Column":
        """(x_{r₁}, …, x_{rₖ}) for the row numbers r, counted from 0."""
        return Column(self.name, self.kind, self.values[rows], self.levels, self.ordered)


def text_column(name: str, cells: Iterable[str | None]) -> Column:
    """A column of texts, None for missing; its levels are the distinct ones, sorted by code point.

    >>> text_column("c", ["b", None, "a"]).values.tolist()
    [1, -1, 0]
    """
    listed = list(cells)
    levels = tuple(sorted({cell for cell in listed if cell is not None}))
    place: dict[str | None, int] = {level: at for at, level in enumerate(levels)}
    return Column(name, "text", np.array([place.get(cell, -1) for cell in listed], dtype=np.int32), levels)


def time_text(time: np.datetime64) -> str:
    """2011-01-01 for a midnight, 2011-01-01 07:30:00 for another time; microseconds where there are some.

    >>> time_text(np.datetime64("2011-01-01", "us")), time_text(np.datetime64("2011-01-01T07:30", "us"))
    ('2011-01-01', '2011-01-01 07:30:00')
    """
    text = str(time).replace("T", " ").removesuffix(".000000")
    return text.removesuffix(" 00:00:00")


@dataclass(frozen=True, eq=False)
class Table:
    """n rows × k named columns, all of one length, no name twice; `reading` says how the file was read.

    Raises TableError on columns of different lengths and on repeated names.

    >>> x = Column("x", "number", np.array([1.0, 2.0]))
    >>> table = Table("t", (x, text_column("c", ["a", None])))
    >>> table.rows, table.names, table.take(np.array([1])).column("x").values.tolist()
    (2, ('x', 'c'), [2.0])
    """

    name: str
    columns: tuple[Column, ...]
    reading: Reading = field(default_factory=Reading)

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
        return Table(self.name, tuple(column.take(rows) for column in self.columns), self.reading)

    def without(self, names: Collection[str]) -> "Table":
        """The columns whose name is not among `names`."""
        kept = tuple(column for column in self.columns if column.name not in names)
        return Table(self.name, kept, self.reading)


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
    """'a', 'b' and 'c': quoted names in words, cut at 80 characters, and the number of those beyond `limit`.

    >>> listing(["a", "b", "c"]), listing(["a", "b", "c"], limit=1)
    ("'a', 'b' and 'c'", "'a' and 2 more")
    """
    shown = [repr(name if len(name) <= 80 else f"{name[:79]}…") for name in names[:limit]]
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
