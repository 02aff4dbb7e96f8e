"""table ↦ the columns of numbers that a page can choose from, and the arrays of those that were chosen."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from infimum.tables import Table, TableError, listing

EXAMPLE = Path(__file__).with_name("penguins.csv")
MOST_ROWS = 1000  # each move of a slider computes everything anew
FEWEST = 8


def number_columns(table: Table, target: str | None = None) -> tuple[str, ...]:
    """The names of columns of numbers that vary, those of most different values first, `target` before them if given.

    Raises TableError where there are fewer than three, rows are too few, or the target is not among them.
    """
    different = {c.name: len(np.unique(c.values[~c.missing])) for c in table.columns if c.kind == "number"}
    varies = sorted((name for name, count in different.items() if count > 1), key=lambda name: -different[name])
    if len(varies) < 3:
        found = f"but {table.name} has {len(varies)}{': ' + listing(varies) if varies else ''}"
        raise TableError(f"the page needs three columns of numbers that vary, a target and two more, {found}.")
    if target is not None:
        kind = table.column(target).kind
        if target not in varies:
            why = "does not vary" if kind == "number" else f"holds {'texts' if kind == 'text' else 'times'}"
            raise TableError(f"the target {target!r} {why}: choose a column of numbers, such as {listing(varies)}.")
        varies = [target, *(name for name in varies if name != target)]
    return tuple(varies)


def arrays_of(
    table: Table, columns: tuple[str, str], target: str
) -> tuple[Float[np.ndarray, "n 2"], Float[np.ndarray, "n"]]:
    """(X, y) of the rows in which all three are present; where there are more than 1,000, so many, evenly spaced.

    Raises TableError where fewer than eight rows are left, or one of the three no longer varies.

    >>> from infimum import read_table
    >>> X, y = arrays_of(read_table(EXAMPLE), ("bill_length_mm", "bill_depth_mm"), "body_mass_g")
    >>> X.shape, y.shape
    ((342, 2), (342,))
    """
    both = np.column_stack([table.column(name).values for name in (*columns, target)]).astype(float)
    both = both[np.isfinite(both).all(axis=1)]
    if len(both) < FEWEST or not np.all(np.ptp(both, axis=0) > 0):
        three = listing([*columns, target])
        raise TableError(f"{len(both)} rows hold values of all of {three}: at least {FEWEST} that differ are needed.")
    if len(both) > MOST_ROWS:
        both = both[np.linspace(0, len(both) - 1, MOST_ROWS).round().astype(int)]
    return np.ascontiguousarray(both[:, :2]), both[:, 2]
