"""Are the rows exchangeable? Random folds are honest only if any order of the rows would be as likely as this one.

Rows that repeat (INF113) stand in training and test fold at once; rows of one group (INF114) tell about each other; a
target that drifts (INF115) is easier to fill in than to foresee.
"""

from dataclasses import dataclass
from shlex import quote

import numpy as np

from infimum.diagnoses import Finding
from infimum.tables import Column, Table, listing

LEAST_SHARE, FACTOR = 0.01, 10
LEAST_LEVELS, LEAST_CORRELATION = 20, 0.05
LEVEL = 1e-3
BLOCKS, LEAST_SHIFT = 40, 0.1


@dataclass(frozen=True, eq=False)
class Response:
    """Y ∈ ℝᵐˣ¹ for numbers of more than two values; indicators Y ∈ {0, 1}ᵐˣᶜ of the classes otherwise."""

    name: str
    values: np.ndarray
    classes: tuple[str, ...] | None


def response(y: Column) -> Response:
    """The target without missing cells, as numbers or as indicators of its classes.

    >>> response(Column("y", "number", np.array([1.0, 0.0, 1.0]))).values.tolist()
    [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    """
    if y.kind == "number" and len(np.unique(y.values)) > 2:
        return Response(y.name, y.values[:, None], None)
    codes, levels = y.codes()
    few = np.minimum(codes, 999)  # a column of identifiers is no response: its indicators would fill the memory
    return Response(y.name, np.eye(min(len(levels), 1000))[few], levels)


def repeated_rows(columns: list[Column]) -> Finding | None:
    """INF113 where more than 1% of the rows equal an earlier one in all columns, and chance is no explanation.

    Columns of texts or whole numbers that are all different name the rows, and are left out of the comparison.
    Where a table has few values, rows coincide; but then about as many pairs are equal as if the columns were
    independent, or more pairs of rows differ in one column only.
    """
    named = [column.name for column in columns if names_rows(column)]
    columns = [column for column in columns if column.name not in named]
    if len(columns) < 2:
        return None
    marks = np.stack([fingerprints(column, at) for at, column in enumerate(columns)])
    rows = marks.sum(axis=0)
    n, distinct = len(rows), len(np.unique(rows))
    if n - distinct <= LEAST_SHARE * n:
        return None
    equal = equal_pairs(rows)
    near = max(equal_pairs(rows - mark) - equal for mark in marks)
    pairs = n * (n - 1) // 2
    independent = pairs * float(np.prod([equal_pairs(mark) / pairs for mark in marks]))
    if max(near, FACTOR * independent) >= equal:
        return None
    but = f" but {listing(named, limit=3)}" if named else ""
    said = (
        f"{n - distinct} of {n} rows repeat an earlier row in all {len(columns)} columns{but}, more than chance "
        f"explains ({equal} pairs are equal, at most {near} differ in one given column): random folds share them."
    )
    remedy = "Drop the repeats, or keep them in one fold: --group COLUMN, if a column tells which belong together."
    return Finding("INF113", "warning", (), said, remedy, "equal pairs against pairs equal in all columns but one")


def names_rows(column: Column) -> bool:
    """Texts or whole numbers, none missing, all different."""
    x = column.values
    whole = column.kind == "text" or (column.kind == "number" and bool((x == np.round(x)).all()))
    return whole and not column.missing.any() and len(np.unique(x)) == len(x) > 1


def equal_pairs(marks: np.ndarray) -> int:
    """Σ c(c − 1)/2 over the counts c of equal marks."""
    counts = np.unique(marks, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def fingerprints(column: Column, seed: int) -> np.ndarray:
    """One 64-bit number a row: equal for equal cells, else different but by chance (splitmix64, Steele 2014)."""
    cells = column.values + 0.0 if column.kind == "number" else column.values.astype(np.int64)
    cells = np.where(column.missing, np.nan, cells) if column.kind == "number" else cells
    z = cells.view(np.uint64) + np.uint64((0x9E3779B97F4A7C15 * (seed + 1)) % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def groups(column: Column, outcome: Response, columns: int) -> Finding | None:
    """INF114 for a text of at least 20 levels, of two rows and more on average, whose rows are alike in the target."""
    if column.kind != "text":
        return None
    codes, levels = column.codes()
    present = codes >= 0
    if len(levels) < LEAST_LEVELS or present.sum() < 2 * len(levels):
        return None
    Y = outcome.values[present]
    alike = [intraclass_correlation(codes[present], y) for y in Y.T]
    correlation, p = min(alike, key=lambda each: each[1])
    if not (p * columns * len(alike) < LEVEL and correlation >= LEAST_CORRELATION):
        return None
    said = (
        f"Rows with the same {column.name!r} ({len(levels)} levels) are alike in the target {outcome.name!r} "
        f"(intraclass correlation {correlation:.2f}): will new rows have new values? Random folds are then too kind."
    )
    remedy = f"If they will, keep the rows of a value in one fold: --group {quote(column.name)}."
    source = "one-way analysis of variance, F test (Fisher 1925)"
    return Finding("INF114", "warning", (column.name,), said, remedy, source)


def intraclass_correlation(codes: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """ρ = (B − W) / (B + (m₀ − 1) W) from the mean squares between and within levels, with the p-value of F = B/W.

    >>> rho, p = intraclass_correlation(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0]))
    >>> rho, p
    (1.0, 0.0)
    """
    from scipy.special import fdtrc

    sizes = np.bincount(codes).astype(float)
    n, k = sizes.sum(), len(sizes)
    y = y - y.mean()
    means = np.bincount(codes, weights=y) / sizes
    between = float(sizes @ means**2) / (k - 1)
    within = float(((y - means[codes]) ** 2).sum()) / (n - k)
    if between <= within or between == 0:
        return 0.0, 1.0
    m = (n - float(sizes @ sizes) / n) / (k - 1)
    p = float(fdtrc(k - 1, n - k, between / within)) if within > 0 else 0.0
    return float((between - within) / (between + (m - 1) * within)), p


@np.errstate(over="ignore", invalid="ignore")  # a change that overflows is NaN, and not reported
def find_drift(table: Table, target: str, order: np.ndarray) -> tuple[Finding, ...]:
    """mean of y over the last fifth of the rows in time − mean over the first (INF115): a warning.

    `order`, (n,), is the place of each row in time; rows of one place stay in the order of the table.
    The interval is that of the means of 40 blocks of consecutive rows, widened for their autocorrelation. Said where
    p < 0.001 and the difference is at least a tenth of a standard deviation. Raises TableError on an unknown target.

    >>> rng = np.random.default_rng(0)
    >>> table = Table("t", (Column("y", "number", np.arange(400.0) + rng.normal(size=400)),))
    >>> find_drift(table, "y", np.arange(400))[0].code
    'INF115'
    """
    y = table.column(target).take(np.argsort(order, kind="stable"))
    y = y.take(np.flatnonzero(~y.missing))
    outcome = response(y)
    if len(y.values) < 5 * BLOCKS:
        return ()
    shifts = [(*shift(values), at) for at, values in enumerate(outcome.values.T)]
    p, first, last, margin, at = min(shifts)
    spread = float(outcome.values[:, at].std())
    if not (p * len(shifts) < LEVEL and abs(last - first) >= LEAST_SHIFT * spread):
        return ()
    what = "the mean of" if outcome.classes is None else f"the share of {outcome.classes[at]!r} in"
    said = (
        f"In time {what} the target {target!r} goes from {first:.3g} (first fifth of the rows) to {last:.3g} (last "
        f"fifth): a change of {last - first:+.3g} ± {margin:.2g} (95%)."
    )
    remedy = "Test on later rows than those trained on: --time COLUMN, with the column that orders them."
    source = "means of consecutive blocks, t interval widened by (1 + ρ)/(1 − ρ) for their autocorrelation ρ"
    return (Finding("INF115", "warning", (target,), said, remedy, source),)


def shift(y: np.ndarray) -> tuple[float, float, float, float]:
    """(p, mean of the first fifth, mean of the last, half width of the 95% interval of their difference)."""
    from scipy.special import stdtr, stdtrit

    means = np.array([block.mean() for block in np.array_split(y, BLOCKS)]).reshape(5, -1)
    residual = means - means.mean(axis=1, keepdims=True)
    per_fifth = means.shape[1]
    power = float((residual**2).sum())
    if power == 0:
        return (0.0 if means[0, 0] != means[-1, 0] else 1.0), float(means[0, 0]), float(means[-1, 0]), 0.0
    rho = float((residual[:, 1:] * residual[:, :-1]).sum()) / power + 1 / per_fifth  # centring costs about 1/m
    rho = min(max(rho, 0.0), 0.9)
    inflation = (1 + rho) / (1 - rho)
    freedom = max((BLOCKS - 5) / inflation, 1.0)
    error = (2 * power / (BLOCKS - 5) * inflation / per_fifth) ** 0.5
    first, last = float(means[0].mean()), float(means[-1].mean())
    return float(2 * stdtr(freedom, -abs(last - first) / error)), first, last, float(stdtrit(freedom, 0.975)) * error
