"""column ↦ role: what each column is used for, and why. And what the target asks for: a number, or one of two classes.

The rules look at one column at a time and at nothing but its values, so that anyone can re-derive them from the table.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from infimum.tables import Column, Table, TableError, no_such_column, number_text

MOST_LEVELS = 50

RoleName = Literal["number", "category", "set aside", "dropped", "target", "constant"]


@dataclass(frozen=True)
class Role:
    """column ↦ role, with the reason in one sentence, its missing cells, and its distinct texts (None for numbers)."""

    name: str
    role: RoleName
    reason: str
    missing: int
    levels: int | None


@dataclass(frozen=True, eq=False)
class Task:
    """y ∈ ℝᵐ (regression) or y ∈ {0, 1}ᵐ (1 means `classes[1]`), on the m `rows` where the target is present."""

    kind: Literal["regression", "classification"]
    classes: tuple[str, ...] | None
    y: np.ndarray
    rows: np.ndarray


def assign_roles(table: Table, target: str, drop: Collection[str] = ()) -> tuple[Role, ...]:
    """column ↦ role, for every column in the order of the table.

    Set aside: text with more than 50 levels, and whole numbers that count the rows. Raises TableError, with the nearest
    name, when the target or a dropped column is not there, and when the target is dropped.

    >>> hour = Column("hour", "number", np.array([7.0, 7.0, 9.0]))
    >>> [role.role for role in assign_roles(Table("t", (hour, Column("y", "number", np.array([1.0, 2.0, 5.0])))), "y")]
    ['number', 'target']
    """
    for name in (target, *drop):
        if name not in table.names:
            raise no_such_column(name, table)
    if target in drop:
        raise TableError(f"{target!r} is the target and can't be dropped too: leave it out of one of the two.")
    return tuple(role_of(column, target, drop) for column in table.columns)


def role_of(column: Column, target: str, drop: Collection[str]) -> Role:
    """The role of one column: target and dropped by name, then the rule for its kind of values."""
    missing = int(column.missing.sum())
    values = column.values[~column.missing]
    levels = None if column.role == "number" else len(set(values.tolist()))

    def role(name: RoleName, reason: str) -> Role:
        return Role(column.name, name, reason, missing, levels)

    if column.name == target:
        return role("target", "It is the column to predict.")
    if column.name in drop:
        return role("dropped", "It was dropped on request.")
    if not values.size:
        return role("constant", "No row holds a value.")
    if not missing and bool((values == values[0]).all()):
        return role("constant", f"Every row holds {text(values[0])}.")
    if levels is None:
        if counts_rows(column):
            return role("set aside", "Whole numbers, all different, in steps of 1: it looks like an identifier.")
        return role("number", f"Numbers{remark(missing, 'are filled with the mean and marked')}.")
    if levels > MOST_LEVELS:
        return role("set aside", f"Text, {levels} levels: dates, identifiers and free text wait for a later version.")
    return role("category", f"Text with {levels} level(s){remark(missing, 'are a level of their own')}.")


def remark(missing: int, treatment: str) -> str:
    """What happens to missing cells, if there are any."""
    return f"; {missing} missing cell(s) {treatment}" if missing else ""


def counts_rows(column: Column) -> bool:
    """x is a permutation of a, a + 1, …, a + n − 1 for a whole number a, n > 2, and none is missing."""
    x = np.sort(column.values)
    return x.size > 2 and x[0] == np.floor(x[0]) and bool((np.diff(x) == 1).all())


def task(table: Table, target: str) -> Task:
    """Text or exactly two distinct values → y ∈ {0, 1}, classes sorted; more than two numbers → y ∈ ℝ.

    Raises TableError when the target is absent, holds no value or one value, or more than two classes of text.

    >>> answer = task(Table("t", (Column("sold", "category", np.array(["no", None, "yes"], dtype=object)),)), "sold")
    >>> answer.kind, answer.classes, answer.y.tolist(), answer.rows.tolist()
    ('classification', ('no', 'yes'), [0.0, 1.0], [0, 2])
    """
    column = table.column(target)
    rows = np.flatnonzero(~column.missing)
    values = column.values[rows]
    distinct = sorted(set(values.tolist()))
    if not distinct:
        raise TableError(f"the target {target!r} holds no value in {table.rows} row(s): choose another column.")
    if len(distinct) == 1:
        raise TableError(f"the target {target!r} is {text(distinct[0])} in every row: choose a column that varies.")
    if len(distinct) == 2:
        classes = (text(distinct[0]), text(distinct[1]))
        return Task("classification", classes, (values == distinct[1]).astype(float), rows)
    if column.role == "number":
        return Task("regression", None, values.astype(float), rows)
    raise TableError(
        f"{target} holds {len(distinct)} classes ({', '.join(distinct[:6])}{', …' if len(distinct) > 6 else ''}); "
        f"this version fits 2: keep the rows of two of them{stray_text(column)}."
    )


def stray_text(column: Column) -> str:
    """The hint for a column of numbers made text by a few cells: the first that is no number."""
    present = [(row, value) for row, value in enumerate(column.values) if value is not None]
    stray = [(row, value) for row, value in present if not is_number(value)]
    if 2 * len(stray) >= len(present):
        return ""
    return f"; if it should be a number, correct {len(stray)} cell(s), first {stray[0][1]!r} in row {stray[0][0] + 1}"


def is_number(value: str) -> bool:
    """Does the text read as a finite number?"""
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False


def text(value: str | float) -> str:
    """A cell as text, as a class is named."""
    return value if isinstance(value, str) else number_text(value)
