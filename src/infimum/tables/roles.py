"""column ↦ role: what each column is used for, and why. A wish comes before the rule, which looks at values alone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table, TableError, listing, no_such_column, text_column
from infimum.tables.codes import numbers
from infimum.tables.natural import USED, Role, arrow, natural_role, remark, scale_of
from infimum.tables.wishes import ASKED, TASKS, Wishes

__all__ = ["assign_roles", "natural_role", "prepared", "set_aside", "used"]


def assign_roles(table: Table, target: str, wishes: Wishes | None = None) -> tuple[Role, ...]:
    """column ↦ role, for every column in the order of the table; an empty target is none.

    Raises TableError, with the nearest name, when the target or a column of the wishes is not there, when the target is
    dropped, and when a role is not one of number, category, ordered, date, text and identifier.

    >>> hour = Column("hour", "number", np.array([7.0, 7.0, 9.0]))
    >>> [role.role for role in assign_roles(Table("t", (hour, Column("y", "number", np.array([1.0, 2.0, 5.0])))), "y")]
    ['number', 'target']
    """
    wishes = wishes or Wishes()
    check_wishes(table, target, wishes)
    roles = []
    for column in table.columns:
        role = natural_role(column)
        if column.name == target:
            role = replace(role, role="target", reason="It is the column to predict.")
        elif column.name in wishes.drop:
            role = replace(role, role="dropped", reason="It was dropped on request.")
        elif column.name in wishes.ordered:
            order = arrow(wishes.ordered[column.name])
            role = replace(role, role="ordered", reason=f"On request, {order}{remark(role.missing, 'are marked')}.")
        elif column.name == wishes.group and column.name not in wishes.roles:
            role = replace(role, role="identifier", reason="Its rows stay together, on request; it is not a feature.")
        elif column.name in wishes.roles:
            role = replace(role, role=wishes.roles[column.name], reason="On request.")
        roles.append(role)
    return rescued(tuple(roles))


def rescued(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    """The roles; a row number that is all there is to learn from is a number after all."""
    if any(role.role in USED for role in roles):
        return roles
    reason = "It seems to count the rows, but no other column is left to learn from."
    alone = [role for role in roles if role.role == "identifier" and "umbers" in role.reason]
    return tuple(replace(role, role="number", reason=reason) if role in alone else role for role in roles)


def check_wishes(table: Table, target: str, wishes: Wishes) -> None:
    """Raise TableError where a wish can't be met."""
    for name in (*((target,) if target else ()), *wishes.named):
        if name not in table.names:
            raise no_such_column(name, table)
    if target and target in (*wishes.drop, wishes.group, wishes.time):
        raise TableError(f"{target!r} is the target and can't be dropped or used to split: leave it out of the other.")
    if wishes.task not in TASKS:
        raise TableError(f"the target can't be taken for {wishes.task!r}: a task is one of {listing(TASKS, 'or')}.")
    if wishes.group and wishes.time not in ("", "none"):
        raise TableError("rows are kept together by group or split in time, not both: give one of --group and --time.")
    for name, role in wishes.roles.items():
        if role not in ASKED:
            raise TableError(f"{name!r} can't be taken as {role!r}: a role is one of {listing(ASKED, 'or')}.")
    for name, levels in wishes.ordered.items():
        there = table.column(name).codes()[1]
        strange = [level for level in there if level not in levels]
        if strange:
            raise TableError(f"{name!r} also holds {listing(strange)}: name every level, from lowest to highest.")
        if len(set(levels)) < max(len(levels), 2):
            raise TableError(f"the levels of {name!r} must be two or more, each once; got {listing(levels)}.")


def used(roles: Iterable[Role]) -> tuple[str, ...]:
    """The columns that a model reads, in the order of the table."""
    return tuple(role.name for role in roles if role.role in USED)


def measured(roles: Iterable[Role]) -> tuple[str, ...]:
    """The target and the columns that are read as numbers."""
    return tuple(role.name for role in roles if role.role in ("number", "target"))


def prepared(table: Table, roles: Sequence[Role], wishes: Wishes | None = None) -> Table:
    """The table with each used column stored as its role needs it: numbers, texts with or without order, or times."""
    wishes = wishes or Wishes()
    wanted = {role.name: role.role for role in roles}
    columns = tuple(stored_as(column, wanted[column.name], wishes) for column in table.columns)
    return Table(table.name, columns, table.reading)


def stored_as(column: Column, role: str, wishes: Wishes) -> Column:
    """One column as its role needs it; TableError where its cells can't be read so."""
    if role == "target" and column.kind == "number" and wishes.task == "classification":
        codes, levels = column.codes()
        return Column(column.name, "text", codes, levels, ordered=True)
    if role == "number" and column.kind != "number":
        return Column(column.name, "number", numbers(column))
    if role == "date" and column.kind != "time":
        raise TableError(f"column {column.name!r} can't be read as dates: write them as 2011-01-31, or drop the role.")
    if role == "category" and (column.kind != "text" or column.ordered):
        return text_column(column.name, column.cells())
    if role == "ordered" and not (column.ordered and column.name not in wishes.ordered):
        codes, levels = column.codes()
        order = wishes.ordered.get(column.name) or scale_of(levels) or levels
        place = np.array([*map(order.index, levels), -1], dtype=np.int32)
        return Column(column.name, "text", place[codes], tuple(order), ordered=True)
    return column


def set_aside(roles: Sequence[Role], findings: Iterable[Finding], role: str) -> tuple[Role, ...]:
    """The roles with the columns that findings speak against as leaks, or as duplicates of the first they name."""
    why = {}
    for finding in findings:
        for name in finding.columns if role == "leak" else finding.columns[1:]:
            why.setdefault(name, finding.statement)
    return tuple(replace(each, role=role, reason=why[each.name]) if each.name in why else each for each in roles)
