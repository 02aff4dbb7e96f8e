"""|x − median x| of a few cells ≥ 100 times that of all others: cells that are probably no measurements (INF132).

A squared loss is decided by one such cell, and a column's standard deviation by it, in which every penalty is measured.
"""

from collections.abc import Collection

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table

FAR, FAR_ALIKE = 100.0, 10.0  # times as far as any other: of any cells, and of cells that all hold one number
FEW, FEW_ALIKE, REPEATED = 0.01, 0.2, 3  # shares of the cells; so many equal ones look like a code
FEWEST_VALUES = 10  # of the other cells: fewer are levels
SOURCE = "distances from the median"


def find_outlying(table: Table, names: Collection[str], rows: np.ndarray) -> tuple[Finding, ...]:
    """A warning for each column of numbers that holds cells far from all others; rows (n,): where they were, from 0.

    >>> x = Column("mass", "number", np.append(np.arange(30.0), [-999.0] * 3))
    >>> print(find_outlying(Table("t", (x,)), ["mass"], np.arange(33))[0].statement)
    'mass' holds -999 in 3 cells (row 31, …), 63.2 times as far from the median as any other cell.
    """
    columns = (column for column in table.columns if column.name in names and column.kind == "number")
    found = (outlying(column, rows) for column in columns)
    return tuple(finding for finding in found if finding is not None)


def outlying(column: Column, rows: np.ndarray) -> Finding | None:
    """The warning of one column, or None."""
    there = np.flatnonzero(np.isfinite(column.values))
    x = column.values[there]
    if len(x) <= FEWEST_VALUES:
        return None
    distance = np.abs(x - np.median(x))
    order = np.argsort(-distance, kind="stable")
    d, most = distance[order], int(FEW_ALIKE * len(x))
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(d[1 : most + 1] > 0, d[:most] / d[1 : most + 1], 0.0)
    for count in np.argsort(-times, kind="stable")[:1] + 1 if most else ():
        far, others, ratio = order[:count], x[order[count:]], float(times[count - 1])
        alike = count >= REPEATED and len(np.unique(x[far])) == 1
        few = count <= max(FEW * len(x), 1)
        if len(np.unique(others)) >= FEWEST_VALUES and (ratio >= FAR and few or ratio >= FAR_ALIKE and alike):
            return told(column.name, x[far], rows[there[np.sort(far)]], ratio)
    return None


def told(name: str, far: np.ndarray, rows: np.ndarray, times: float) -> Finding:
    """INF132: which cells, how far off, and what to do with them; the farthest first."""
    value, cells = f"{far[0]:.15g}", "a cell" if len(rows) == 1 else f"{len(rows)} cells"
    shown, more = value if np.all(far == far[0]) else f"numbers such as {value}", ", …" if len(rows) > 1 else ""
    said = f"{name!r} holds {shown} in {cells} (row {rows[0] + 1}{more}), {times:.3g} times as far from the median as "
    remedy = f"If no measurement, leave such cells empty, or read them as missing (--read missing+={value})."
    return Finding("INF132", "warning", (name,), f"{said}any other cell.", remedy, SOURCE)
