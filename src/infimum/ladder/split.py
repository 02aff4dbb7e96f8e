"""rows → folds: at random, by group, or in time, as the table and the wishes ask."""

from dataclasses import dataclass

import numpy as np

from infimum.evaluation.folds import Folds, assign_folds, assign_group_folds, assign_time_folds
from infimum.tables import Column, Table, TableError
from infimum.tables.natural import Role, short
from infimum.tables.task import Task
from infimum.tables.wishes import Wishes

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Split:
    """The folds, the column that decided them ("" for none), why, and the order of the rows if there is one."""

    folds: Folds
    column: str
    reason: str
    order: np.ndarray | None = None


def split_of(table: Table, task: Task, roles: tuple[Role, ...], wishes: Wishes, rng: np.random.Generator) -> Split:
    """By group where one is named, in time where a column says when, else at random; TableError where rows don't do."""
    remedy = "choose another target, or add rows"
    try:
        if wishes.group:
            remedy = f"name another column than {wishes.group!r}, or leave --group out"
            split = _by_group(table.column(wishes.group), rng)
            check_learnable(task, split.folds)
            return split
        column = time_column(table, roles, wishes)
        if column is not None:
            remedy = f"draw random folds (--time none) instead of folds in the order of {column.name!r}"
            split = _in_time(column, task, asked=bool(wishes.time))
            check_learnable(task, split.folds)
            return split
        check_classes(task)
        fold = assign_folds(task.y, FOLDS, rng, task.kind == "classification")
        check_learnable(task, Folds(fold, FOLDS))
    except ValueError as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"{table.name}: {error}: {remedy}.") from error
    alike = "drawn at random, the classes evenly" if task.kind == "classification" else "drawn at random"
    return Split(Folds(fold, FOLDS), "", f"{FOLDS} folds, {alike}.")


def check_classes(task: Task) -> None:
    """Raise ValueError where a class has fewer rows than there are folds."""
    for y, label in enumerate(task.classes or ()):
        rows = np.count_nonzero(task.y == y)
        if rows < FOLDS:
            said = f"the class {short(label, 40)!r} of the target has {rows} row(s)"
            raise ValueError(f"{said}, and {FOLDS} folds need one each")


def check_learnable(task: Task, folds: Folds) -> None:
    """Raise ValueError where one of many classes, or a count above 0, has no row to learn from in some fold."""
    for j in range(folds.k if task.kind == "counts" else 0):
        if not task.y[folds.train(j)].any():
            raise ValueError(f"every count that fold {j + 1} learns from is 0, and counts above 0 are needed")
    if len(task.classes or ()) > 2:
        for j in range(folds.k):
            there = np.bincount(task.y[folds.train(j)].astype(int), minlength=len(task.classes or ()))
            if np.any(there == 0):
                label = (task.classes or ())[int(np.argmin(there))]
                raise ValueError(f"no row of the class {short(label, 40)!r} is left to learn from in fold {j + 1}")


def time_column(table: Table, roles: tuple[Role, ...], wishes: Wishes) -> Column | None:
    """The column asked for, or of the dates without gaps the one with most different days; None where there is none."""
    if wishes.time:
        return None if wishes.time == "none" else table.column(wishes.time)
    dates = [table.column(role.name) for role in roles if role.role == "date"]
    whole = [column for column in dates if not column.missing.any() and len(np.unique(column.values)) > FOLDS]
    return max(whole, key=lambda column: len(np.unique(column.values)), default=None)


def _by_group(column: Column, rng: np.random.Generator) -> Split:
    codes, levels = column.codes()
    gap = np.flatnonzero(codes < 0)
    groups = codes.astype(np.int64)
    groups[gap] = len(levels) + np.arange(len(gap))  # a row without a group is one of its own
    folds = Folds(assign_group_folds(groups, FOLDS, rng), FOLDS, "groups")
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
