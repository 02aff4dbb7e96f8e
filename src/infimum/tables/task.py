"""target ↦ what is asked: y ∈ ℝᵐ (regression), y ∈ {0, …, K − 1}ᵐ (K classes) or y ∈ ℕᵐ (counts), where present."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table, TableError
from infimum.tables.codes import number_or_nan
from infimum.tables.natural import short

MOST = 100  # classes of a target
FEWEST = 5  # rows of a class
LARGEST = 2.0**53  # beyond, float64 does not hold every whole number


@dataclass(frozen=True, eq=False)
class Task:
    """y ∈ ℝᵐ (regression), y ∈ {0, …, K − 1}ᵐ (k means `classes[k]`) or y ∈ ℕᵐ, on the m `rows` with a target."""

    kind: Literal["regression", "classification", "counts"]
    classes: tuple[str, ...] | None
    y: np.ndarray
    rows: np.ndarray


def task(table: Table, target: str, asked: str = "auto") -> Task:
    """Text or exactly two distinct values → y ∈ {0, …, K − 1}, classes sorted; more than two numbers → y ∈ ℝ.

    `asked`, other than "auto", settles it: "regression" takes two numbers for numbers, "classification" at most 100
    numbers for classes, each on 5 rows, and "counts" whole numbers ≥ 0 for counts.

    Raises TableError when the target is absent, holds dates, no value or one value, text that is no set of classes
    (more than 100 of them, or most of them on fewer than 5 rows), or something else than what is asked for.

    >>> from infimum.tables import text_column
    >>> answer = task(Table("t", (text_column("sold", ["no", None, "yes"]),)), "sold")
    >>> answer.kind, answer.classes, answer.y.tolist(), answer.rows.tolist()
    ('classification', ('no', 'yes'), [0.0, 1.0], [0, 2])
    """
    column = table.column(target)
    if column.kind == "time":
        raise TableError(f"the target {target!r} holds dates: choose a column of numbers, or of classes.")
    rows = np.flatnonzero(~column.missing)
    present = column.take(rows)
    codes, levels = present.codes()
    if not levels:
        raise TableError(f"the target {target!r} holds no value in {table.rows} row(s): choose another column.")
    if len(levels) == 1:
        raise TableError(f"the target {target!r} is {levels[0]} in every row: choose a column that varies.")
    if asked in ("regression", "counts") and column.kind != "number":
        raise TableError(f"{target} holds text such as {short(levels[0], 40)!r}, no numbers{stray_text(column)}.")
    if asked == "counts":
        check_counts(target, present.values, rows)
        return Task("counts", None, present.values.astype(float), rows)
    if asked == "regression" or (asked == "auto" and column.kind == "number" and len(levels) > 2):
        return Task("regression", None, present.values.astype(float), rows)
    if len(levels) > 2:
        check_classes(column, codes, levels)
    return Task("classification", levels, codes.astype(float), rows)


def check_counts(target: str, y: np.ndarray, rows: np.ndarray) -> None:
    """Raise TableError where some yᵢ is no count: negative, no whole number, or too large to be held exactly."""
    wrong = np.flatnonzero((y < 0) | (y != np.floor(y)) | (y > LARGEST))
    if len(wrong):
        first = f"{y[wrong[0]]:.15g} in row {rows[wrong[0]] + 1}"
        raise TableError(
            f"{target} holds {len(wrong)} value(s) that are no counts, first {first}: counts are whole numbers from 0 "
            "to 2⁵³; correct these cells, or use --task regression."
        )


def check_classes(column: Column, codes: np.ndarray, levels: tuple[str, ...]) -> None:
    """Raise TableError where the values are no set of classes: too many, or on too few rows each."""
    rare = np.count_nonzero(np.bincount(codes, minlength=len(levels)) < FEWEST)
    numbers = column.kind == "number"
    stray = "" if numbers else stray_text(column)
    if len(levels) > MOST or (rare if numbers else 2 * rare > len(levels)) or "correct" in stray:
        some = ", ".join(short(level, 40) for level in levels[:6])
        what = "different numbers" if numbers else "different texts"
        raise TableError(
            f"{column.name} holds {len(levels)} {what} ({some}{', …' if len(levels) > 6 else ''}), {rare} of "
            f"them on fewer than {FEWEST} rows; classes are at most {MOST}, with rows to learn from: join the rare "
            f"ones, or choose another column{stray}{'; or use --task regression' if numbers else ''}."
        )


def find_counts(target: str, kind: Task, asked: str) -> tuple[Finding, ...]:
    """INF131 where nobody said what the target is, and its numbers are distributed like counts: a note.

    That is: whole, ≥ 0, the least 0 or 1, the variance at least the mean (as for every mixture of Poisson
    distributions) and the mean at least the median.

    >>> y = np.array([0.0, 0.0, 1.0, 0.0, 2.0, 5.0])
    >>> find_counts("visits", Task("regression", None, y, np.arange(6)), "auto")[0].code
    'INF131'
    """
    y = kind.y
    if asked != "auto" or kind.kind != "regression" or y.min() not in (0.0, 1.0) or np.any(y != np.floor(y)):
        return ()
    mean, variance, zeros = float(y.mean()), float(y.var()), int(np.sum(y == 0))
    if y.max() > LARGEST or variance < mean or mean < np.median(y):
        return ()
    said = (
        f"The target {target!r} holds whole numbers from {y.min():g} to {y.max():g} ({zeros} of {len(y)} are 0), with "
        f"mean {mean:.3g} and variance {variance:.3g}: it may be a count. It is taken for a quantity, "
        "whose predictions may be negative."
    )
    source = "every mixture of Poisson distributions has a variance at least its mean"
    return (Finding("INF131", "note", (target,), said, "If it counts events, use --task counts.", source),)


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
