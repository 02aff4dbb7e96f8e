"""target ↦ what is asked: y ∈ ℝᵐ (regression), or y ∈ {0, …, K − 1}ᵐ (K classes), where the target is present."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from infimum.tables import Column, Table, TableError
from infimum.tables.codes import number_or_nan
from infimum.tables.natural import short

MOST = 100  # classes of a target
FEWEST = 5  # rows of a class


@dataclass(frozen=True, eq=False)
class Task:
    """y ∈ ℝᵐ (regression) or y ∈ {0, …, K − 1}ᵐ (k means `classes[k]`), on the m `rows` where the target is present."""

    kind: Literal["regression", "classification"]
    classes: tuple[str, ...] | None
    y: np.ndarray
    rows: np.ndarray


def task(table: Table, target: str) -> Task:
    """Text or exactly two distinct values → y ∈ {0, …, K − 1}, classes sorted; more than two numbers → y ∈ ℝ.

    Raises TableError when the target is absent, holds dates, no value or one value, or text that is no set of classes:
    more than 100 of them, or most of them on fewer than 5 rows.

    >>> from infimum.tables import text_column
    >>> answer = task(Table("t", (text_column("sold", ["no", None, "yes"]),)), "sold")
    >>> answer.kind, answer.classes, answer.y.tolist(), answer.rows.tolist()
    ('classification', ('no', 'yes'), [0.0, 1.0], [0, 2])
    """
    column = table.column(target)
    if column.kind == "time":
        raise TableError(f"the target {target!r} holds dates: choose a column of numbers, or of classes.")
    rows = np.flatnonzero(~column.missing)
    codes, levels = column.take(rows).codes()
    if not levels:
        raise TableError(f"the target {target!r} holds no value in {table.rows} row(s): choose another column.")
    if len(levels) == 1:
        raise TableError(f"the target {target!r} is {levels[0]} in every row: choose a column that varies.")
    if len(levels) == 2:
        return Task("classification", levels, codes.astype(float), rows)
    if column.kind == "number":
        return Task("regression", None, column.values[rows].astype(float), rows)
    rare = np.count_nonzero(np.bincount(codes, minlength=len(levels)) < FEWEST)
    stray = stray_text(column)
    if len(levels) > MOST or 2 * rare > len(levels) or "correct" in stray:
        some = ", ".join(short(level, 40) for level in levels[:6])
        raise TableError(
            f"{target} holds {len(levels)} different texts ({some}{', …' if len(levels) > 6 else ''}), {rare} of "
            f"them on fewer than {FEWEST} rows; classes are at most {MOST}, with rows to learn from: join the rare "
            f"ones, or choose another column{stray}."
        )
    return Task("classification", levels, codes.astype(float), rows)


def stray_text(column: Column) -> str:
    """The hint for a column of numbers made text by a few cells: the first that is no number."""
    at = column.values[column.values >= 0]
    odd = np.isnan([number_or_nan(level) for level in column.levels])
    stray = np.flatnonzero(odd[at])
    if not len(stray):
        return f"; if they measure something, take them as numbers (--role {column.name}=number)"
    if 2 * len(stray) >= len(at):
        return ""
    row = int(np.flatnonzero(column.values >= 0)[stray[0]])
    cell = short(column.levels[column.values[row]], 40)
    return f"; if it should be a number, correct {len(stray)} cell(s), first {cell!r} in row {row + 1}"
