"""A leak gives the target away: y = σ(x) for a bijection σ of few values, or y = ±x_a ± x_b …, on every row.

Both are certain: exact, and out of reach of chance. Not every exact relation is a leak: y = 2x + 1, or any other
function of one number, is a model, and so is a sum with other coefficients. What only looks suspicious is found by
`suspicions`.
"""

from collections.abc import Collection
from shlex import quote

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table
from infimum.tables.leakage.coincidence import agreement_log_chance, certain, equality_log_chance, one_to_one
from infimum.tables.leakage.sums import unit_sums

Coding = tuple[np.ndarray, tuple[str, ...]]  # Column.codes()

AGREEMENT = "one-to-one dependence on every row; chance Π_levels Σ_c p_c^rows < 1e-9 / columns"
SUM = "exact on every complete row to a few units in the last place; chance (max_c p_c)^rows < 1e-9 / sums as long"


def find_leaks(table: Table, target: str, names: Collection[str]) -> tuple[Finding, ...]:
    """{x : y = σ(x)} (INF101) and {x_a, x_b, … : y = ±x_a ± x_b …} (INF102): the columns to leave out, each certain.

    Raises TableError where a column is not there.

    >>> a, b = np.random.default_rng(0).integers(0, 99, (2, 60)).astype(float)
    >>> columns = (Column("a", "number", a), Column("b", "number", b), Column("y", "number", a + b))
    >>> [(leak.code, leak.columns) for leak in find_leaks(Table("t", columns), "y", ["a", "b"])]
    [('INF102', ('a', 'b'))]
    """
    y = table.column(target)
    columns = [table.column(name) for name in names if name != target]
    recoded = [recoding(column, y, len(columns)) for column in columns]
    left = [column for column, found in zip(columns, recoded, strict=True) if found is None]
    return tuple(found for found in recoded if found is not None) + totals(left, y)


def is_quantity(y: Column) -> bool:
    """A target of more than two different numbers: a function of it is a model, not a recoding."""
    return y.kind == "number" and len(np.unique(y.values[~y.missing])) > 2


def recoding(column: Column, y: Column, columns: int) -> Finding | None:
    """INF101 where y = σ(x) on the rows where both are present; for numbers x and a quantity y, where y = x."""
    both = ~(column.missing | y.missing)
    rows = int(both.sum())
    if column.kind == "number" and is_quantity(y):
        codes = np.unique(y.values[both], return_inverse=True)[1]
        same = bool((column.values[both] == y.values[both]).all())
        if not same or not certain(equality_log_chance(codes), columns):
            return None
        said = f"{column.name!r} equals the target {y.name!r} {on_rows(rows, len(both))}."
    else:
        x = column.take(both.nonzero()[0])
        target = y.take(both.nonzero()[0])
        if x.kind == "number" and len(np.unique(x.values[:1000])) > len(np.unique(target.values)):
            return None
        (a, levels), (b, classes) = x.codes(), target.codes()
        if len(levels) != len(classes) or not one_to_one(a, b) or not certain(agreement_log_chance(a, b), columns):
            return None
        said = (
            f"{column.name!r} says the same as the target {y.name!r}, one to one, {on_rows(rows, len(both))}: "
            f"{pairing((a, levels), (b, classes))}."
        )
    return Finding("INF101", "excluded", (column.name,), said, f"Leave it out: {drop([column.name])}.", AGREEMENT)


def pairing(coded: Coding, onto: Coding, limit: int = 6) -> str:
    """ "First = 1, Second = 2": each level of a column with its level of the other, in the order of the other."""
    (a, levels), (b, others) = coded, onto
    rows = np.unique(b, return_index=True)[1]
    said = [f"{levels[a[row]]} = {others[b[row]]}" for row in rows[:limit]]
    return ", ".join(said) + (f", and {len(rows) - limit} more" if len(rows) > limit else "")


def totals(columns: list[Column], y: Column) -> tuple[Finding, ...]:
    """INF102 for each shortest sum y = ±x_a ± x_b … of two or more number columns."""
    numbers = [column for column in columns if column.kind == "number"]
    if y.kind != "number" or len(numbers) < 2:
        return ()
    sums = unit_sums(np.stack([column.values for column in numbers], axis=1), y.values)
    found = []
    for places, signs, rows in sums:
        order = sorted(range(len(places)), key=lambda at: (-signs[at], places[at]))
        parts = [(signs[at], numbers[places[at]].name) for at in order]
        said = f"The target {y.name!r} = {signed(parts)}, exactly, {on_rows(rows, len(y.values))}."
        names = tuple(name for _, name in parts)
        found.append(Finding("INF102", "excluded", names, said, f"Leave them out: {drop(names)}.", SUM))
    return tuple(found)


def signed(parts: list[tuple[int, str]]) -> str:
    """ "'a' + 'b' − 'c'" for the names with their signs, the first without a plus."""
    text = " ".join(f"{'+' if sign > 0 else '−'} {name!r}" for sign, name in parts)
    return text.removeprefix("+ ")


def on_rows(rows: int, of: int) -> str:
    """Which rows were looked at: all, or those where no cell is missing."""
    return f"in all {of} rows" if rows == of else f"in all {rows} rows (of {of}) in which no cell is missing"


def drop(names: Collection[str]) -> str:
    """The options of the command line that leave the columns out."""
    return " ".join(f"--drop {quote(name)}" for name in names)
