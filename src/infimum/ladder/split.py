"""rows → folds: at random, by group, or in time, as the table and the wishes ask."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from infimum.evaluation.folds import Folds, assign_folds, assign_group_folds, assign_time_folds
from infimum.tables import Column, Table, TableError
from infimum.tables.natural import Role, short
from infimum.tables.task import Task
from infimum.tables.wishes import Wishes

FOLDS = 5
FEW, PARTITIONS = 200, 3  # below so many rows, folds are drawn so many times


@dataclass(frozen=True, eq=False)
class Split:
    """The folds, the column that decided them ("" for none), why, and the order of the rows if there is one."""

    folds: Folds
    column: str
    reason: str
    order: np.ndarray | None = None


def split_of(
    table: Table,
    task: Task,
    roles: tuple[Role, ...],
    wishes: Wishes,
    rng: np.random.Generator,
    repeats: int | None = None,
) -> Split:
    """By group where one is named, in time where a column says when, else at random; TableError where rows don't do.

    Folds are drawn `repeats` times, None: 3 times where rows are few. In time there is but one way to draw them.
    """
    remedy = "choose another target, or add rows"
    try:
        if wishes.group:
            remedy = f"name another column than {wishes.group!r}, or leave --group out"
            split = _by_group(table.column(wishes.group), rng, repeats)
            return replace(split, folds=learnable(task, split.folds, repeats))
        column = time_column(table, roles, wishes)
        if column is not None:
            remedy = f"draw random folds (--time none) instead of folds in the order of {column.name!r}"
            if repeats and repeats > 1:
                raise ValueError("rows in the order of time can't be drawn into folds more than once")
            split = _in_time(column, task, asked=bool(wishes.time))
            check_learnable(task, split.folds)
            return split
        check_classes(task)
        folds = drawn(lambda: assign_folds(task.y, FOLDS, rng, task.kind == "classification"), "random", repeats)
        folds = learnable(task, folds, repeats)
    except ValueError as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"{table.name}: {error}: {remedy}.") from error
    alike = "drawn at random, the classes evenly" if task.kind == "classification" else "drawn at random"
    return Split(folds, "", f"{FOLDS} folds, {alike}.")


def drawn(draw: Callable[[], np.ndarray], kind: Literal["random", "groups"], repeats: int | None) -> Folds:
    """The folds that draw() gives, (n,), so many times, one after the other."""
    fold = draw()
    repeats = repeats or (PARTITIONS if len(fold) < FEW else 1)
    again = np.array([draw() for _ in range(repeats - 1)]) if repeats > 1 else None
    return Folds(fold, FOLDS, kind, again)


def learnable(task: Task, folds: Folds, repeats: int | None) -> Folds:
    """The folds, checked; without the further partitions where those fail and nobody asked for them."""
    try:
        check_learnable(task, folds)
    except ValueError:
        if repeats or folds.again is None:
            raise
        folds = folds.repeated(1)
        check_learnable(task, folds)
    return folds


def check_classes(task: Task) -> None:
    """Raise ValueError where a class has fewer rows than there are folds."""
    for y, label in enumerate(task.classes or ()):
        rows = np.count_nonzero(task.y == y)
        if rows < FOLDS:
            said = f"the class {short(label, 40)!r} of the target has {rows} row(s)"
            raise ValueError(f"{said}, and {FOLDS} folds need one each")


def check_learnable(task: Task, folds: Folds) -> None:
    """Raise ValueError where one of many classes, or a count above 0, has no row to learn from in some fold."""
    for j in range(folds.models if task.kind == "counts" else 0):
        if not task.y[folds.train(j)].any():
            raise ValueError(f"every count that fold {folds.named(j)} learns from is 0, and counts above 0 are needed")
    if len(task.classes or ()) > 2:
        for j in range(folds.models):
            there = np.bincount(task.y[folds.train(j)].astype(int), minlength=len(task.classes or ()))
            if np.any(there == 0):
                label = (task.classes or ())[int(np.argmin(there))]
                raise ValueError(
                    f"no row of the class {short(label, 40)!r} is left to learn from in fold {folds.named(j)}"
                )


def time_column(table: Table, roles: tuple[Role, ...], wishes: Wishes) -> Column | None:
    """The column asked for, or of the dates without gaps the one with most different days; None where there is none."""
    if wishes.time:
        return None if wishes.time == "none" else table.column(wishes.time)
    dates = [table.column(role.name) for role in roles if role.role == "date"]
    whole = [column for column in dates if not column.missing.any() and len(np.unique(column.values)) > FOLDS]
    return max(whole, key=lambda column: len(np.unique(column.values)), default=None)


def _by_group(column: Column, rng: np.random.Generator, repeats: int | None) -> Split:
    codes, levels = column.codes()
    gap = np.flatnonzero(codes < 0)
    groups = codes.astype(np.int64)
    groups[gap] = len(levels) + np.arange(len(gap))  # a row without a group is one of its own
    folds = drawn(lambda: assign_group_folds(groups, FOLDS, rng), "groups", repeats)
    return Split(
        folds, column.name, f"{FOLDS} folds; rows of one {column.name!r} are in one fold ({len(levels)} groups)."
    )


def _in_time(column: Column, task: Task, asked: bool) -> Split:
    if column.kind == "text":
        raise TableError(f"{column.name!r} holds text, which has no order in time: name a column of dates or numbers.")
    if column.missing.any():
        raise TableError(
            f"{column.name!r} is missing in {int(column.missing.sum())} row(s), which have no place in time."
        )
    values = column.values.astype(np.int64) if column.kind == "time" else column.values
    order = np.unique(values, return_inverse=True)[1]
    folds = Folds(assign_time_folds(order, FOLDS), FOLDS, "time")
    if task.classes and any(len(np.unique(task.y[folds.train(j)])) < 2 for j in range(FOLDS)):
        raise TableError(
            f"in the order of {column.name!r} the first rows are all of one class of the target, so that nothing can "
            "be learned from them: use random folds (--time none)."
        )
    undo = "" if asked else " (--time none draws them at random instead)"
    reason = f"{FOLDS} spans of time by {column.name!r}, each predicted from the rows before it{undo}."
    return Split(folds, column.name, reason, order)
